"""Outlines as people draw them, made valid: heights dropped, crossings repaired, parts united, split at 180°."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely import box, is_valid_reason, make_valid, transform, unary_union
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

#: Shapes that have no area; a file may hold them among its polygons.
WITHOUT_AREA = ("Point", "MultiPoint", "LineString", "LinearRing", "MultiLineString")
#: Areas that differ by less than this share are equal; the rest is rounding.
ROUNDING = 1e-9


def polygonal(geometry: BaseGeometry) -> BaseGeometry:
    """A valid polygon or multipolygon within ±180° and ±90°, without heights.

    It covers what any part of the geometry covers: crossings are repaired without a hole, overlapping parts are united.
    A polygon across 180° is split there. Raises ValueError for anything else.
    """
    parts = _parts(geometry)
    west, south, east, north = shapely.total_bounds(np.array(parts, dtype=object))
    if not np.isfinite([west, south, east, north]).all():
        raise ValueError("a coordinate of the outline is missing or infinite; draw it again")
    if south < -90 or north > 90 or west < -360 or east > 360:
        raise ValueError(
            f"coordinates reach from {west:g}, {south:g} to {east:g}, {north:g}, which are not degrees of longitude "
            f"and latitude; reproject the file to EPSG:4326"
        )
    whole = _united(_unrolled(MultiPolygon(parts) if len(parts) > 1 else parts[0]))
    polygons = [part for part in shapely.get_parts(whole) if part.geom_type == "Polygon" and part.area > 0]
    if not polygons:
        raise ValueError("the outline encloses no area")
    inside = [piece for polygon in polygons for piece in _wrapped(polygon)]
    if len(inside) == 1:
        return inside[0]
    many = MultiPolygon(inside)
    return many if many.is_valid else unary_union(inside)


def repairs(geometry: BaseGeometry) -> list[str]:
    """What `polygonal` changes in the area of a geometry, in words; nothing for heights and a split at 180°."""
    try:
        parts = _parts(geometry)
    except ValueError:
        return []
    said = []
    if geometry.geom_type == "GeometryCollection":
        others = len(shapely.get_parts(geometry)) - len(parts)
        said += [f"{others} of its shapes are not polygons; left out"] if others > 0 else []
    whole = _unrolled(MultiPolygon(parts) if len(parts) > 1 else parts[0])
    pieces = [piece for piece in shapely.get_parts(whole) if np.isfinite(piece.bounds).all()]
    crossed = [is_valid_reason(piece) for piece in pieces if not piece.is_valid]
    if crossed:
        said.append(f"its outline is not valid ({crossed[0]}); repaired")
    separate = sum(_valid(piece).area for piece in pieces)
    united = _united(whole).area
    if separate > united * (1 + ROUNDING):
        said.append(f"its parts overlap; united, {united:.4g} in place of {separate:.4g} square degrees")
    return said


def _parts(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons of a geometry, flat. Raises ValueError if there is none."""
    if geometry.is_empty:
        raise ValueError("the outline is empty")
    flat = shapely.force_2d(geometry)
    parts = shapely.get_parts(shapely.get_parts(flat))
    polygons = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    if geometry.geom_type not in ("Polygon", "MultiPolygon", "GeometryCollection") or not polygons:
        raise ValueError(f"the outline is a {geometry.geom_type}; give a Polygon or MultiPolygon")
    return polygons


def _valid(part: BaseGeometry) -> BaseGeometry:
    return part if part.is_valid else make_valid(part, method="structure", keep_collapsed=False)


def _united(whole: BaseGeometry) -> BaseGeometry:
    """What any part covers; a valid geometry is left as it is."""
    return whole if whole.is_valid else unary_union([_valid(part) for part in shapely.get_parts(whole)])


def _unrolled(geometry: BaseGeometry) -> BaseGeometry:
    """Rings that jump from 179° to -179° continued past 180° instead."""
    west, _, east, _ = geometry.bounds
    jumps = any(
        abs(a[0] - b[0]) > 180
        for polygon in shapely.get_parts(geometry)
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
    west, _, east, _ = polygon.bounds
    if west >= -180 and east <= 180:
        return [polygon]
    pieces = []
    for shift in (-360, 0, 360):
        part = polygon.intersection(box(shift - 180, -90, shift + 180, 90))
        pieces += [
            translate(each, xoff=-shift)
            for each in shapely.get_parts(part)
            if each.geom_type == "Polygon" and each.area > 0
        ]
    return pieces
