"""Read the file of ranges of species: polygons with the attribute `species`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from shapely import make_valid, unary_union

from flows.errors import FlowError
from flows.request.polygon_file import read_polygons
from regions.naming import clean, slug

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

SPECIES = "species"
#: Mistakes that a message lists.
MOST_LISTED = 10


@dataclass(frozen=True)
class Habitat:
    """The range of a species (WGS84); `key` names it in statistics."""

    species: str
    key: str
    geometry: BaseGeometry

    @property
    def digest(self) -> str:
        """Digest of name and outline."""
        return hashlib.sha256(self.species.encode() + self.geometry.wkb).hexdigest()


def read_habitats(file: Path) -> tuple[Habitat, ...]:
    """The ranges in a GeoJSON or GeoPackage file; rows of one species are one range.

    Raises FlowError that lists each row which cannot be used, with the fix.
    """
    table = read_polygons(file, "habitats", "it has no row; draw at least one range, or leave --habitats out")
    if SPECIES not in table.columns:
        named = ", ".join(str(each) for each in table.columns if each != "geometry") or "none"
        raise FlowError(f"habitats {file}: there is no attribute {SPECIES!r}, but {named}; name the species in it")
    parts: dict[str, list[Any]] = {}
    wrong = []
    for number, row in enumerate(table.to_dict("records"), start=1):
        species = "" if pd.isna(row[SPECIES]) else clean(str(row[SPECIES]))
        problem = _problem(species, row["geometry"])
        if problem:
            wrong.append(f"row {number}: {problem}")
        else:
            parts.setdefault(species, []).append(make_valid(row["geometry"]))
    keys = {species: slug(species).replace("-", "_") for species in parts}
    for species, key in keys.items():
        other = next(name for name, its in keys.items() if its == key)
        if other != species:
            wrong.append(f"the species {species!r} and {other!r} have the same name in results; rename one")
    if wrong:
        more = f"; and {len(wrong) - MOST_LISTED} more" if len(wrong) > MOST_LISTED else ""
        raise FlowError(f"habitats {file}: {'; '.join(wrong[:MOST_LISTED])}{more}")
    return tuple(Habitat(name, keys[name], unary_union(shapes)) for name, shapes in parts.items())


def _problem(species: str, shape: Any) -> str:
    """Why a row cannot be used, and what to do; empty if it can."""
    if not species:
        return f"{SPECIES} is empty; write the name of the species"
    if not slug(species):
        return f"{SPECIES} {species!r} has no letter or digit; write the name of the species"
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        return f"{species} has no polygon; draw its range"
    west, south, east, north = shape.bounds
    if west < -180 or east > 360 or south < -90 or north > 90:
        return (
            f"{species} reaches {west:g} to {east:g}, {south:g} to {north:g}, which are not degrees; save in EPSG:4326"
        )
    return ""
