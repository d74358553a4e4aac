"""The grids of regions: all cut from one lattice, so that neighbours share the edges of their cells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely import area, box, contains_xy, intersection, intersects, prepare
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from regions.errors import BadGrid
from regions.model import Region

if TYPE_CHECKING:
    import xarray as xr

#: North-west corner of the lattice, degrees, and its reference system.
ORIGIN = (-180.0, 90.0)
CRS = "EPSG:4326"


def outline(region: Region | BaseGeometry) -> BaseGeometry:
    """The outline of a region in one piece of longitude: parts west of 180° moved past it where it crosses."""
    geometry = region.geometry if isinstance(region, Region) else region
    west, _, east, _ = geometry.bounds
    if east - west <= 180:
        return geometry
    parts = getattr(geometry, "geoms", [geometry])
    return unary_union([translate(part, xoff=360) if part.bounds[2] < 0 else part for part in parts])


def geobox(region: Region | BaseGeometry, resolution: float) -> GeoBox:
    """The smallest box of lattice cells of `resolution` degrees that covers a region, north up.

    Raises BadGrid where the cell size does not divide a degree or is no multiple of one.
    """
    if not 0 < resolution <= 10:
        raise BadGrid(f"a cell of {resolution} degrees is not between 0 and 10")
    west, south, east, north = outline(region).bounds
    # A hair of slack: an outline that ends on a cell edge must not pull in the next cell.
    slack = 1e-9
    left = math.floor((west - ORIGIN[0]) / resolution + slack)
    right = max(math.ceil((east - ORIGIN[0]) / resolution - slack), left + 1)
    top = math.floor((ORIGIN[1] - north) / resolution + slack)
    bottom = max(math.ceil((ORIGIN[1] - south) / resolution - slack), top + 1)
    corner = Affine(resolution, 0, ORIGIN[0] + left * resolution, 0, -resolution, ORIGIN[1] - top * resolution)
    return GeoBox((bottom - top, right - left), corner, CRS)


def coordinates(grid: GeoBox) -> dict[str, np.ndarray]:
    """Cell centres of a grid: `y` (north to south) and `x`, degrees."""
    height, width = grid.shape
    a, _, c, _, e, f = tuple(grid.affine)[:6]
    return {"y": f + (np.arange(height) + 0.5) * e, "x": c + (np.arange(width) + 0.5) * a}


def coverage(region: Region | BaseGeometry, grid: GeoBox) -> xr.DataArray:
    """Share (y, x) of every cell that lies inside the region, 0 to 1, exact in the plane of degrees."""
    import xarray as xr

    shape = outline(region)
    centres = coordinates(grid)
    x, y = np.meshgrid(centres["x"], centres["y"])
    half = abs(grid.affine.a) / 2
    share = np.asarray(contains_xy(shape, x, y), np.float32)
    cells = box(x - half, y - half, x + half, y + half)
    prepare(shape)
    boundary = shape.boundary
    prepare(boundary)
    edge = intersects(boundary, cells)
    share[edge] = area(intersection(cells[edge], shape)) / (2 * half) ** 2
    attrs = {"long_name": "share of the cell inside the region", "units": "1"}
    return xr.DataArray(share, coords=centres, dims=("y", "x"), attrs=attrs)
