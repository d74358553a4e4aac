"""What a region is, and the one file format that regions are kept in: a GeoJSON Feature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, ValidationError, field_validator
from shapely import make_valid
from shapely.geometry import MultiPolygon, Polygon, mapping, shape
from shapely.geometry.base import BaseGeometry

from regions.errors import BadRegionFile

Outline = Annotated[BaseGeometry, PlainSerializer(lambda value: mapping(value), return_type=dict)]
Month = Annotated[int, Field(ge=1, le=12)]


class Region(BaseModel):
    """A dryland region.

    `geometry` is a polygon or multipolygon in longitude and latitude (WGS84). `growing_season` holds the first
    and last month, both included; a season that runs over New Year (first > last) belongs to the year in which
    it ends. `roughness_km` is how far the outline may be off.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)
    name: str = Field(min_length=1)
    countries: tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...] = ()
    kind: str = "own polygon"
    growing_season: tuple[Month, Month] = (5, 9)
    geometry: Outline
    source: str
    roughness_km: float = Field(default=0.0, ge=0)
    note: str = ""

    @field_validator("geometry", mode="before")
    @classmethod
    def _polygonal(cls, value: Any) -> BaseGeometry:
        return polygonal(shape(value) if isinstance(value, dict) else value)


def polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """A valid polygon or multipolygon within ±180° and ±90°.

    Crossing outlines are repaired; a polygon across 180° is split there. Raises ValueError for anything else.
    """
    if geometry.is_empty:
        raise ValueError("the outline is empty")
    if geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise ValueError(f"the outline is a {geometry.geom_type}; give a Polygon or MultiPolygon")
    west, south, east, north = geometry.bounds
    if south < -90 or north > 90 or west < -360 or east > 360:
        raise ValueError(
            f"coordinates reach from {west:g}, {south:g} to {east:g}, {north:g}, which are no degrees of longitude "
            f"and latitude; reproject the file to EPSG:4326"
        )
    whole = make_valid(_unrolled(geometry))
    parts = [part for part in getattr(whole, "geoms", [whole]) for part in getattr(part, "geoms", [part])]
    polygons = [part for part in parts if part.geom_type == "Polygon" and part.area > 0]
    if not polygons:
        raise ValueError("the outline encloses no area")
    inside = [piece for polygon in polygons for piece in _wrapped(polygon)]
    return inside[0] if len(inside) == 1 else MultiPolygon(inside)


def _unrolled(geometry: BaseGeometry) -> BaseGeometry:
    """Rings that jump from 179° to -179° continued past 180° instead."""
    from shapely import transform

    west, _, east, _ = geometry.bounds
    jumps = any(
        abs(a[0] - b[0]) > 180
        for polygon in getattr(geometry, "geoms", [geometry])
        for a, b in zip(polygon.exterior.coords, polygon.exterior.coords[1:], strict=False)
    )
    if not jumps or east - west <= 180:
        return geometry

    def past(coordinates: Any) -> Any:
        moved = coordinates.copy()
        moved[:, 0] = moved[:, 0] % 360
        return moved

    return transform(geometry, past)


def _wrapped(polygon: Polygon) -> list[Polygon]:
    """The parts of a polygon on either side of 180°, each within ±180°."""
    from shapely import box
    from shapely.affinity import translate

    pieces = []
    for shift in (-360, 0, 360):
        part = polygon.intersection(box(shift - 180, -90, shift + 180, 90))
        pieces += [
            translate(each, xoff=-shift)
            for each in getattr(part, "geoms", [part])
            if each.geom_type == "Polygon" and each.area > 0
        ]
    return pieces


def read_region(path: Path) -> Region:
    """The region that a file holds. Raises BadRegionFile naming the file, the field and the mend."""
    try:
        feature = json.loads(path.read_text(encoding="utf-8"))
        return Region(**feature["properties"], geometry=feature["geometry"])
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise BadRegionFile(f"{path}: {field}: {first['msg']}; correct that field") from error
    except (KeyError, TypeError, ValueError) as error:
        raise BadRegionFile(f"{path}: not a GeoJSON Feature of one region ({error}); see regions/data") from error


def write_region(region: Region, path: Path) -> None:
    """Write a region as a GeoJSON Feature, in one step so that no half file is ever seen."""
    properties = region.model_dump(mode="json", exclude={"geometry"})
    feature = {"type": "Feature", "properties": properties, "geometry": mapping(region.geometry)}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(feature, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)
