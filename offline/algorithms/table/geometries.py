"""Geometries: constructors, measures, and the relations between two."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from affine import Affine
from shapely import get_num_coordinates, unary_union
from shapely import transform as transform_points
from shapely.geometry import (
    GeometryCollection,
    LinearRing,
    LineString,
    MultiLineString,
    MultiPoint,
    MultiPolygon,
    Point,
    Polygon,
    box,
    mapping,
)
from shapely.geometry.base import BaseGeometry

from offline.errors import EngineError
from offline.graph.registry import add, algorithm
from offline.graph.signatures import signatures
from offline.model import geometry as measures
from offline.model.collection import Collection
from offline.model.geometry import Feature, listed, shape_of, to_crs
from offline.model.grids import METRES_PER_DEGREE, at, crs_of, projection_of
from offline.model.values import WGS84, Projection


def lonlat(shape: BaseGeometry, crs: Any) -> BaseGeometry:
    """A shape given in the coordinates of a projection, its transform included, in longitude and latitude."""
    if crs is None:
        return shape
    projection = projection_of(crs)
    affine = Affine(*projection.transform)
    placed = transform_points(shape, lambda xy: np.column_stack(at(affine, xy[:, 0], xy[:, 1])))
    return to_crs(placed, WGS84, source=crs_of(projection.crs))


def points(coordinates: Any) -> list[Any]:
    """Coordinate pairs, of a line, of pairs, of points, or of a flat list of numbers."""
    if isinstance(coordinates, LineString):
        return list(coordinates.coords)
    flat = [value.coords[0] if isinstance(value, BaseGeometry) else value for value in coordinates]
    if flat and isinstance(flat[0], (int, float)):
        return list(zip(flat[::2], flat[1::2], strict=True))
    return flat


@algorithm("GeometryConstructors.Point")
def point(coordinates: Any, crs: Any) -> BaseGeometry:
    """A point."""
    return lonlat(Point(coordinates), crs)


@algorithm("GeometryConstructors.MultiPoint")
def multi_point(coordinates: Any, crs: Any) -> BaseGeometry:
    """Several points."""
    return lonlat(MultiPoint(points(coordinates)), crs)


@algorithm("GeometryConstructors.LineString")
def line(coordinates: Any, crs: Any, *_options: Any) -> BaseGeometry:
    """A line."""
    return lonlat(LineString(points(coordinates)), crs)


@algorithm("GeometryConstructors.LinearRing")
def ring(coordinates: Any, crs: Any, *_options: Any) -> BaseGeometry:
    """A closed line."""
    return lonlat(LinearRing(points(coordinates)), crs)


@algorithm("GeometryConstructors.MultiLineString")
def multi_line(coordinates: Any, crs: Any, *_options: Any) -> BaseGeometry:
    """Several lines."""
    return lonlat(MultiLineString([points(each) for each in coordinates]), crs)


def one_polygon(rings: Any) -> Polygon:
    """A polygon of an outer ring and holes, or one that is there already."""
    if isinstance(rings, Polygon):
        return rings
    outer, *holes = [points(each) for each in rings]
    return Polygon(outer, holes)


@algorithm("GeometryConstructors.Polygon")
def polygon(coordinates: Any, crs: Any, *_options: Any) -> BaseGeometry:
    """A polygon."""
    single = coordinates and isinstance(coordinates[0], (int, float))
    return lonlat(one_polygon([coordinates] if single else coordinates), crs)


@algorithm("GeometryConstructors.MultiPolygon")
def multi_polygon(coordinates: Any, crs: Any, *_options: Any) -> BaseGeometry:
    """Several polygons."""
    return lonlat(MultiPolygon([one_polygon(each) for each in coordinates]), crs)


@algorithm("GeometryConstructors.Rectangle")
def rectangle(coordinates: Any, crs: Any, *_options: Any) -> BaseGeometry:
    """The rectangle of two corners."""
    (west, south), (east, north) = points(coordinates)
    return lonlat(envelope(box(west, south, east, north)), crs)


@algorithm("GeometryConstructors.BBox")
def bounding_box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """The rectangle between meridians and parallels; it may reach over 180°, and no further than around the world."""
    if east - west >= 360:
        west, east = -180, 180
    elif east < west:
        east += 360
    return envelope(box(west, south, east, north))


@algorithm("GeometryConstructors.MultiGeometry")
def multi_geometry(geometries: list[Any], crs: Any, *_options: Any) -> BaseGeometry:
    """Several geometries of any kind. Raises EngineError for a projection of all of them: each has its own."""
    if crs is not None and projection_of(crs).crs != WGS84:
        raise EngineError("GeometryConstructors.MultiGeometry: give 'crs' to each of the geometries instead.")
    parts = [shape_of(each) for each in geometries]
    edges = sum(map(get_num_coordinates, parts))
    if edges > measures.MOST_EDGES:
        raise EngineError(f"Geometry has too many edges ({edges} > {measures.MOST_EDGES}).")
    return GeometryCollection(parts)


def _both(name: str, function: Any, *, shape: bool) -> None:
    """Register a function of one outline for geometries and for features."""
    for family in ("Geometry", "Feature"):
        if f"{family}.{name}" not in signatures():
            continue

        def apply(value: Any, *options: Any, family: str = family) -> Any:
            result = function(shape_of(value), *options)
            if shape and family == "Feature" and isinstance(value, Feature):
                return Feature(result, value.properties, value.id)
            return result

        add(f"{family}.{name}", apply)


def envelope(outline: BaseGeometry) -> Polygon:
    """The bounding rectangle, from its south-west corner anticlockwise as Earth Engine gives it; nothing of nothing."""
    if outline.is_empty:
        return Polygon()
    west, south, east, north = outline.bounds
    return Polygon([(west, south), (east, south), (east, north), (west, north)])


def in_plane(function: Any, projection: Any, *outlines: BaseGeometry) -> Any:
    """What a function makes of outlines in the plane of a projection, given back in longitude and latitude."""
    crs = WGS84 if projection is None else crs_of(projection_of(projection).crs)
    result = function(*(to_crs(each, crs) for each in outlines))
    return to_crs(result, WGS84, source=crs) if isinstance(result, BaseGeometry) else result


def _simplified(outline: BaseGeometry, tolerance: float | None, *_options: Any) -> BaseGeometry:
    return outline.simplify((tolerance or 0) / METRES_PER_DEGREE)


def _buffered(outline: BaseGeometry, distance: float, _error: Any = None, projection: Any = None) -> BaseGeometry:
    if projection is None:
        return measures.buffer(outline, distance)
    if not np.isfinite(distance):
        raise EngineError("Geometry.buffer: buffer distance must be finite")
    return in_plane(lambda shape: shape.buffer(distance, quad_segs=32), projection, outline)


def _planar(function: Any) -> Any:
    return lambda outline, _error=None, projection=None: in_plane(function, projection, outline)


_both("area", lambda outline, *_o: measures.area(outline), shape=False)
_both("length", lambda outline, *_o: measures.length(outline), shape=False)
_both("perimeter", lambda outline, *_o: measures.perimeter(outline), shape=False)
_both("bounds", _planar(envelope), shape=True)
_both("centroid", _planar(lambda outline: outline.centroid), shape=True)
_both("convexHull", _planar(lambda outline: outline.convex_hull), shape=True)
_both("dissolve", _planar(unary_union), shape=True)
_both("simplify", _simplified, shape=True)
_both("buffer", _buffered, shape=True)
add("Collection.bounds", lambda source, _error, projection: in_plane(envelope, projection, shape_of(source)))


def _relation(name: str, method: str) -> None:
    def apply(left: Any, right: Any, _error: Any, projection: Any) -> Any:
        return in_plane(lambda one, other: getattr(one, method)(other), projection, shape_of(left), shape_of(right))

    for family in ("Geometry", "Feature"):
        add(f"{family}.{name}", apply if family == "Geometry" else partial(_related, method=method))


def _related(left: Any, right: Any, _error: Any, projection: Any, *, method: str) -> Any:
    outlines = shape_of(left), shape_of(right)
    result = in_plane(lambda one, other: getattr(one, method)(other), projection, *outlines)
    if isinstance(result, BaseGeometry) and isinstance(left, Feature):
        return Feature(result, left.properties, left.id)
    return result


for _name, _method in {
    "intersects": "intersects",
    "disjoint": "disjoint",
    "contains": "contains",
    "containedIn": "within",
    "intersection": "intersection",
    "union": "union",
    "difference": "difference",
    "symmetricDifference": "symmetric_difference",
}.items():
    _relation(_name, _method)


@algorithm("Geometry.coordinates")
def coordinates(outline: Any) -> Any:
    """Coordinates as GeoJSON has them."""
    return listed(mapping(shape_of(outline))["coordinates"])


@algorithm("Geometry.type")
def kind(outline: Any) -> str:
    """The GeoJSON type."""
    return str(shape_of(outline).geom_type)


@algorithm("Geometry.transform", "Feature.transform")
def transform(outline: Any, crs: Any, *_options: Any) -> Any:
    """Only longitude and latitude are kept. Raises EngineError for any other projection."""
    if projection_of(crs or WGS84).crs != WGS84:
        raise EngineError("Geometry.transform: the offline engine keeps geometries in EPSG:4326 only.")
    return outline


@algorithm("Collection.union")
def union(source: Collection, _error: Any) -> Collection:
    """One feature of all outlines together."""
    merged = Feature(shape_of(source), {}, "union_result")
    return source.derive(lambda: [merged])


@algorithm("Geometry.geometries")
def geometries(outline: Any) -> list[BaseGeometry]:
    """The parts of a geometry."""
    shape = shape_of(outline)
    return list(getattr(shape, "geoms", [shape]))


@algorithm("Geometry.projection")
def geometry_projection(_outline: Any) -> Projection:
    """All geometries are in longitude and latitude."""
    return Projection(WGS84)
