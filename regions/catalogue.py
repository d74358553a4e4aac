"""The regions that come with the project, and those that a user has added."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from regions.errors import UnknownRegion
from regions.model import Region, read_region

DATA = Path(__file__).parent / "data"


def load(extra: Path | None = None) -> dict[str, Region]:
    """Every region by id, sorted by country and name.

    Parameters
    ----------
    extra
        Folder with the user's own regions (GeoJSON); they replace regions of the catalogue with the same id.

    Raises
    ------
    BadRegionFile
        A file is not a region.

    Examples
    --------
    >>> from regions.catalogue import find, load
    >>> find(load(), "otindag").name
    'Otindag sandy land'
    """
    files = sorted(DATA.glob("*.geojson")) + (sorted(extra.glob("*.geojson")) if extra else [])
    found = {region.id: region for region in map(read_region, files)}
    return dict(sorted(found.items(), key=lambda item: (item[1].countries, item[1].name)))


def find(known: Mapping[str, Region], region_id: str) -> Region:
    """The region with this id. Raises UnknownRegion naming the most similar ids."""
    if region_id in known:
        return known[region_id]
    near = difflib.get_close_matches(region_id, known, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}? " if near else ""
    raise UnknownRegion(f"there is no region {region_id!r}; {hint}drylands regions lists all {len(known)}")


@cache
def natural_regions() -> dict[int, Region]:
    """The regions of the catalogue by number, in the order of their ids."""
    found = load()
    return {number: found[name] for number, name in enumerate(sorted(found), start=1)}


def is_natural(region: Region) -> bool:
    """Whether a region is one of the catalogue, and so its own reference."""
    return any(region.id == each.id and region.geometry.equals(each.geometry) for each in natural_regions().values())
