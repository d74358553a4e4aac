"""Geometries: shapely in longitude and latitude; lengths and areas on the WGS84 ellipsoid, in metres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyproj import Geod, Transformer
from shapely import get_num_coordinates, orient_polygons, segmentize, shortest_line, transform, union_all
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from offline.errors import EngineError
from offline.model.values import WGS84

GEOD = Geod(ellps="WGS84")
MOST_EDGES = 10**6
#: Longest straight edge, in degrees, when an outline is carried to another projection.
STEP_DEGREES = 0.25


@dataclass(frozen=True)
class Feature:
    """A geometry (or None) with properties; a `system:index` given among them is the id, and no property."""

    geometry: BaseGeometry | None
    properties: dict[str, Any]
    id: str | None = None

    def __post_init__(self) -> None:
        if "system:index" in self.properties:
            others = dict(self.properties)
            index = others.pop("system:index")
            object.__setattr__(self, "properties", others)
            object.__setattr__(self, "id", self.id if index is None else str(index))

    def json(self) -> dict[str, Any]:
        """As GeoJSON."""
        body: dict[str, Any] = {
            "type": "Feature",
            "geometry": None if self.geometry is None else geojson(self.geometry),
            "properties": dict(self.properties),
        }
        return body if self.id is None else {**body, "id": self.id}


def geojson(geometry: BaseGeometry) -> dict[str, Any]:
    """A geometry as GeoJSON, with lists in place of tuples. Raises EngineError for more than `MOST_EDGES` edges."""
    if get_num_coordinates(geometry) > MOST_EDGES:
        raise EngineError(f"Geometry has too many edges ({get_num_coordinates(geometry)} > {MOST_EDGES}).")
    return dict(listed(mapping(geometry)))


def listed(value: Any) -> Any:
    """Tuples as lists, all the way down."""
    if isinstance(value, dict):
        return {key: listed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [listed(item) for item in value]
    return value


def shape_of(value: Any) -> BaseGeometry:
    """The geometry of anything that has one: a geometry, feature, collection, image or GeoJSON.

    Raises EngineError if there is none.
    """
    if isinstance(value, BaseGeometry):
        return value
    if isinstance(value, Feature) and value.geometry is not None:
        return value.geometry
    if isinstance(value, dict) and "type" in value:
        return shape(value["geometry"] if value["type"] == "Feature" else value)
    if hasattr(value, "footprint"):
        return value.footprint if value.footprint is not None else shape(WORLD)
    if hasattr(value, "elements"):
        return union_all([shape_of(element) for element in value.elements()])
    raise EngineError(f"Geometry: cannot be made of {type(value).__name__}.")


WORLD = {
    "type": "Polygon",
    "coordinates": [[[-180, -90], [180, -90], [180, 90], [-180, 90], [-180, -90]]],
}


def to_crs(geometry: BaseGeometry, crs: str, source: str = WGS84) -> BaseGeometry:
    """A geometry carried from one coordinate reference system to another, long edges cut up first."""
    if crs == source:
        return geometry
    move = _between(source, crs).transform
    if geometry.is_empty:
        return geometry
    west, south, east, north = geometry.bounds
    # Straight edges of one projection are curves in the other: cut them up first.
    step = STEP_DEGREES if source == WGS84 else max(east - west, north - south) / 64
    fine = segmentize(geometry, step) if step > 0 else geometry
    return transform(fine, move, interleaved=False)


@lru_cache(maxsize=64)
def _between(source: str, crs: str) -> Transformer:
    """Made once for many geometries; threads may share it, since it holds what it works with by thread."""
    return Transformer.from_crs(source, crs, always_xy=True)


def parts(geometry: BaseGeometry) -> list[BaseGeometry]:
    """The points, lines and polygons that a geometry is made of."""
    inner = getattr(geometry, "geoms", None)
    return [geometry] if inner is None else [part for each in inner for part in parts(each)]


def area(geometry: BaseGeometry) -> float:
    """Area of polygons in square metres, without their holes; where parts overlap, of each."""
    # a hole is subtracted only if it turns the other way than the outer ring
    whole = (orient_polygons(part) for part in parts(geometry) if part.geom_type == "Polygon")
    return sum(abs(float(GEOD.geometry_area_perimeter(part)[0])) for part in whole)


def length(geometry: BaseGeometry) -> float:
    """Length of lines in metres; polygons count nothing."""
    return sum(float(GEOD.geometry_length(p)) for p in parts(geometry) if p.geom_type != "Polygon")


def perimeter(geometry: BaseGeometry) -> float:
    """Perimeter of polygons in metres, holes included; lines count nothing."""
    return sum(float(GEOD.geometry_length(p)) for p in parts(geometry) if p.geom_type == "Polygon")


def apart(one: BaseGeometry, other: BaseGeometry) -> float:
    """Metres between the nearest points of two geometries; 0 where they meet."""
    (a, b), (c, d) = shortest_line(one, other).coords
    return abs(float(GEOD.inv(a, b, c, d)[2]))


def buffer(geometry: BaseGeometry, distance: float) -> BaseGeometry:
    """Everything within `distance` metres, measured around the centre of the geometry; nothing around nothing."""
    if geometry.is_empty:
        return geometry
    centre = geometry.centroid
    local = f"+proj=aeqd +lat_0={centre.y} +lon_0={centre.x} +datum=WGS84 +units=m"
    return to_crs(to_crs(geometry, local).buffer(distance, quad_segs=32), WGS84, source=local)
