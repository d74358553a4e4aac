"""A user's own polygons as regions: GeoJSON, GeoPackage, shapefile."""

from __future__ import annotations

import re
import unicodedata
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from regions.errors import BadRegionFile
from regions.model import Region, write_region


def slug(text: str) -> str:
    """Text as an id: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60]


def read(
    path: Path,
    *,
    id_field: str | None = None,
    name_field: str | None = None,
    growing_season: tuple[int, int] = (5, 9),
) -> list[Region]:
    """The polygons of a file as regions, one a feature.

    Names come from `name_field`, else from the first attribute whose name has `name` in it; ids from `id_field`,
    else from the names. Raises BadRegionFile naming the file, the feature and the mend.
    """
    import geopandas

    if not path.exists():
        raise BadRegionFile(f"{path}: no such file")
    try:
        table = geopandas.read_file(path)
    except Exception as error:
        raise BadRegionFile(f"{path}: cannot be read as GeoJSON, GeoPackage or shapefile ({error})") from error
    if table.empty:
        raise BadRegionFile(f"{path}: holds no features; add at least one polygon")
    if table.crs is None:
        raise BadRegionFile(f"{path}: has no coordinate reference system; add a .prj file or save it as GeoJSON")
    for field in (id_field, name_field):
        if field is not None and field not in table.columns:
            raise BadRegionFile(f"{path}: has no attribute {field!r}; it has {', '.join(table.columns)}")
    rows = table.to_crs("EPSG:4326").to_dict("records")
    names = name_field or next((c for c in table.columns if re.search(r"name|_en$", c, re.I)), None)
    regions: list[Region] = []
    for number, row in enumerate(rows, start=1):
        regions.append(_region(path, number, row, id_field, names, growing_season, {r.id for r in regions}))
    return regions


def _region(
    path: Path,
    number: int,
    row: dict[str, Any],
    id_field: str | None,
    name_field: str | None,
    season: tuple[int, int],
    taken: set[str],
) -> Region:
    name = _text(row, name_field) or f"{path.stem} {number}"
    wanted = slug(_text(row, id_field) or name) or f"region-{number}"
    if wanted in taken:
        if id_field:
            raise BadRegionFile(f"{path}: feature {number}: id {wanted!r} is there twice; choose another --id-field")
        wanted = next(each for each in (f"{wanted[:50]}-{n}" for n in count(2)) if each not in taken)
    if row["geometry"] is None:
        raise BadRegionFile(f"{path}: feature {number} ({name}) has no geometry; remove it or draw one")
    try:
        return Region(id=wanted, name=name, growing_season=season, geometry=row["geometry"], source=path.name)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise BadRegionFile(f"{path}: feature {number} ({name}): {reason}") from error


def _text(row: dict[str, Any], field: str | None) -> str:
    """An attribute as text; empty where it is missing."""
    import pandas as pd

    value = None if field is None else row[field]
    return "" if pd.isna(value) else str(value).strip()


def add(path: Path, store: Path, **options: Any) -> list[Region]:
    """Read the polygons of `path` (options as for `read`) and keep each as a file in the folder `store`.

    Raises BadRegionFile before anything is written.
    """
    regions = read(path, **options)
    for region in regions:
        write_region(region, store / f"{region.id}.geojson")
    return regions
