"""Which cells points and lines are in: one rule for all reductions, samples, clips and drawings."""

from __future__ import annotations

import numpy as np
from odc.geo.geobox import GeoBox
from rasterio.features import geometry_mask
from shapely.affinity import translate
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from offline.model.geometry import parts, to_crs
from offline.model.grids import EDGE, is_geographic


def by_dimension(shape: BaseGeometry) -> tuple[list[BaseGeometry], list[BaseGeometry]]:
    """The parts of a geometry that have an area, and the others as points and lines."""
    surfaces = [part for part in parts(shape) if part.area > 0]
    thin = [_thin(part) for part in parts(shape) if part.area == 0 and not part.is_empty]
    return surfaces, thin


def _thin(part: BaseGeometry) -> BaseGeometry:
    """A part without area as a point or a line: polygons may be folded to one."""
    if part.geom_type == "Point":
        return part
    corners = list(part.exterior.coords if isinstance(part, Polygon) else part.coords)
    return LineString(corners) if part.length > 0 else Point(corners[0])


def touched(thin: list[BaseGeometry], grid: GeoBox) -> np.ndarray:
    """Cells (y, x) that points and lines in the grid's plane are in; on an edge, those of the next column and row."""
    a, b, _, d, e, _ = tuple(grid.affine)[:6]
    moved = [translate(part, (a + b) * EDGE, (d + e) * EDGE) for part in thin]
    return np.asarray(geometry_mask(moved, tuple(grid.shape), grid.affine, invert=True, all_touched=True))


def inside(geometry: BaseGeometry, grid: GeoBox) -> np.ndarray:
    """Cells (y, x) whose centre lies in a geometry given in longitude and latitude.

    A grid in degrees may extend past the 180th meridian: geometries are also searched 360 degrees further east.
    """
    shape = to_crs(geometry, str(grid.crs))
    found = inside_plane(shape, grid)
    if is_geographic(str(grid.crs)) and grid.boundingbox.right > 180:
        found |= inside_plane(translate(shape, xoff=360), grid)
    return found


def inside_plane(shape: BaseGeometry, grid: GeoBox) -> np.ndarray:
    """Cells (y, x) whose centre lies in the polygons of a geometry in the grid's plane, or that its other parts touch.

    A point is in exactly one cell, also where it lies on an edge (see `grids.EDGE`).
    """
    surfaces, thin = by_dimension(shape)
    found = np.zeros(tuple(grid.shape), bool)
    if surfaces:
        found |= geometry_mask(surfaces, tuple(grid.shape), grid.affine, invert=True)
    if thin:
        found |= touched(thin, grid)
    return found
