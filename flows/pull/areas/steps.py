"""The outlines of a region as steps of its pull: each optional, stored once in the region's folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from shapely.ops import unary_union

from flows.pull.driver_cubes import wants_patches
from flows.pull.left_out import note
from flows.pull.sources import OpenSource
from flows.pull.steps import Step
from series.areas import AREAS, AreaSource, requested, write_areas
from series.areas.stored import FORMAT
from series.cost import Cost, Costs
from series.exclusive import exclusive

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from flows.request.assess import AssessRequest
    from regions.model import Region

#: How the keys of the steps begin.
AREA = "areas"
#: Outlines that only the attribution of patches uses.
FOR_PATCHES = ("mines", "countries")


def areas_wanted(region: Region, request: AssessRequest) -> tuple[AreaSource, ...]:
    """The outlines that a run uses for a region: those whose licence does not bind its results, or all.

    Mines and countries are for patches only, and countries only where the region may lie in more than one.
    """
    allowed = (each for each in AREAS if request.restricted or not each.restricted)
    unused = set() if wants_patches(request) else set(FOR_PATCHES)
    unused |= {"countries"} if len(region.countries) == 1 else set()
    return tuple(each for each in allowed if each.key not in unused)


def note_areas(region: Region, request: AssessRequest, source: OpenSource, left_out: MutableMapping[str, str]) -> None:
    """Note the outlines that Earth Engine or the landscape lacks. What a folder lacks is the choice of its owner."""
    for each in areas_wanted(region, request) if source.origin != "offline-files" else ():
        reason = source.absence(each.asset)
        if reason:
            note(left_out, region.id, each.name, reason)


def area_steps(region: Region, request: AssessRequest, store: Path, source: OpenSource) -> list[Step]:
    """A step for each table of outlines that the source has."""
    return [_area_step(region, each, store, source) for each in areas_wanted(region, request) if source.has(each.asset)]


def _area_step(region: Region, areas: AreaSource, store: Path, source: OpenSource) -> Step:
    identity = (FORMAT, source.origin, source.fingerprint, region.geometry.wkt, areas.identity)
    digest = hashlib.sha256(repr(identity).encode()).hexdigest()[:12]
    path = store / f"{AREA}-{areas.key}-{digest}.geojson"

    def make(_progress: Any) -> Path:
        if not path.exists():
            with exclusive(store, path.stem):
                if not path.exists():
                    found = source.neighbours.table(region, (AREA, areas.key), partial(_near, areas))
                    write_areas(path, areas, found["feature"], region.geometry)
        return path

    def costs() -> Costs:
        if not path.exists():
            yield (source.neighbours.first(region), AREA, areas.key), Cost(requests=1)

    return Step((AREA, areas.key), make, areas.name, costs)


def _near(areas: AreaSource, outlines: Mapping[str, BaseGeometry]) -> pd.DataFrame:
    """The features that meet some regions, in one request: a row for each region and feature, `write_areas` chooses."""
    features = list(requested(areas, unary_union(list(outlines.values()))))
    rows = [{"region": name, "feature": each} for name in outlines for each in features]
    return pd.DataFrame(rows, columns=["region", "feature"])
