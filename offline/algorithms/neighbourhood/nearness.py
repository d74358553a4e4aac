"""How far geometries are from each other, where they are nearest, and the cells and pieces they fall into."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from affine import Affine
from shapely import box
from shapely.geometry import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import nearest_points, substring

from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection
from offline.model.geometry import Feature, apart, length, shape_of, to_crs
from offline.model.grids import at, covering, projection_of, with_scale
from offline.model.values import WGS84

#: Cells of a covering grid, at most.
MAX_CELLS = 10**6


@algorithm("Geometry.distance", "Feature.distance")
def distance(left: Any, right: Any, _error: Any, _projection: Any, _spherical: bool) -> float:
    """Metres between the nearest points of two geometries."""
    return apart(shape_of(left), shape_of(right))


@algorithm("Geometry.withinDistance", "Feature.withinDistance")
def within_distance(left: Any, right: Any, metres: float, _error: Any, _projection: Any) -> bool:
    """Whether two geometries are at most this many metres apart."""
    return apart(shape_of(left), shape_of(right)) <= metres


@algorithm("Geometry.closestPoint", "Feature.closestPoint")
def closest_point(left: Any, right: Any, _error: Any, _projection: Any) -> BaseGeometry | None:
    """The point of the right geometry that is nearest to the left one."""
    one, other = shape_of(left), shape_of(right)
    return None if one.is_empty or other.is_empty else nearest_points(one, other)[1]


@algorithm("Geometry.closestPoints", "Feature.closestPoints")
def closest_points(left: Any, right: Any, _error: Any, _projection: Any) -> dict[str, BaseGeometry]:
    """The nearest points of both, `left` and `right`."""
    one, other = shape_of(left), shape_of(right)
    if one.is_empty or other.is_empty:
        return {}
    near = nearest_points(one, other)
    return {"left": near[0], "right": near[1]}


@algorithm("Geometry.cutLines")
def cut_lines(geometry: Any, distances: list[float], _error: Any, _projection: Any) -> BaseGeometry:
    """Lines cut at distances from their start, metres; anything else becomes nothing."""
    shape = shape_of(geometry)
    parts = [each for each in getattr(shape, "geoms", [shape]) if each.geom_type in ("LineString", "LinearRing")]
    pieces: list[LineString] = []
    for part in parts:
        total = length(part)
        cuts = [0.0, *sorted({d for d in map(float, distances) if 0 < d < total}), total]
        shares = [cut / total for cut in cuts] if total > 0 else []
        pieces += [LineString(substring(part, a, b, normalized=True).coords) for a, b in pairwise(shares)]
    return MultiLineString(pieces)


@algorithm("Feature.cutLines")
def cut_feature(feature: Feature, distances: list[float], error: Any, projection: Any) -> Feature:
    """The feature with its lines cut."""
    return Feature(cut_lines(feature, distances, error, projection), feature.properties, feature.id)


@algorithm("Geometry.coveringGrid")
def covering_grid(geometry: Any, projection: Any, scale: float | None) -> Collection:
    """The cells of a projection that meet the geometry, as rectangles in longitude and latitude."""
    target = projection_of(projection)
    target = with_scale(target, scale) if scale is not None else target
    shape = shape_of(geometry)
    grid = covering(shape, target)
    if grid is None:
        return Collection("FeatureCollection", list)
    if grid.shape[0] * grid.shape[1] > MAX_CELLS:
        raise EngineError(f"Geometry.coveringGrid: more than {MAX_CELLS} cells; use a larger 'scale'.")
    plane = to_crs(shape, str(grid.crs))
    a, _, west, _, e, north = tuple(grid.affine)[:6]
    origin = ~Affine(*target.transform)

    def features() -> list[Feature]:
        cells = []
        for row in range(grid.shape[0]):
            for column in range(grid.shape[1]):
                cell = box(*sorted_box(west + column * a, north + row * e, a, e))
                if not cell.intersects(plane) or cell.touches(plane):
                    continue
                x, y = (round(v) for v in at(origin, west + column * a, north + row * e))
                cells.append(Feature(to_crs(cell, WGS84, source=str(grid.crs)), {}, f"{x},{y}"))
        return cells

    return Collection("FeatureCollection", features)


def sorted_box(x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
    """West, south, east, north of a cell from its corner and sides."""
    return min(x, x + width), min(y, y + height), max(x, x + width), max(y, y + height)


@algorithm("Geometry.edgesAreGeodesics", "Geometry.geodesic")
def edges_are_geodesics(_geometry: Any) -> bool:
    """False: edges are straight in longitude and latitude here."""
    return False


@algorithm("Geometry.isUnbounded")
def is_unbounded(_geometry: Any) -> bool:
    """False: no geometry is without bounds here."""
    return False


@algorithm("Image.geometry")
def image_geometry(image: Any, _error: Any, _projection: Any, _geodesics: Any) -> BaseGeometry:
    """The footprint; the whole world where there is none."""
    return shape_of(image)
