"""The grids of regions: all cut from one lattice, so that neighbours share the edges of their cells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely import contains_xy
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from regions.covered import covered
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
    """The smallest box of lattice cells that covers a region, north up.

    Parameters
    ----------
    region
        Region or geometry, longitude and latitude (WGS84).
    resolution
        Cell size, degrees, above 0 and at most 10.

    Returns
    -------
    GeoBox
        Grid in EPSG:4326. Its edges are on the lattice that starts at `ORIGIN`, so cells of neighbours match.

    Raises
    ------
    BadGrid
        The cell size is out of range.

    Examples
    --------
    >>> from shapely import box
    >>> from regions.grid import geobox
    >>> grid = geobox(box(112.02, 43.0, 112.2, 43.1), 0.05)
    >>> grid.shape.yx, [round(edge, 2) for edge in grid.boundingbox]
    ((2, 4), [112.0, 43.0, 112.2, 43.1])
    """
    if not 0 < resolution <= 10:
        raise BadGrid(f"a cell of {resolution} degrees is not between 0 and 10; give a size in this range")
    west, south, east, north = outline(region).bounds
    # Tolerance: an outline that ends on a cell edge must not add the next cell.
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


def coverage(region: Region | BaseGeometry, grid: GeoBox, *, cropped: bool = False) -> xr.DataArray:
    """Share of every cell inside the region, exact in the plane of degrees.

    Parameters
    ----------
    region
        Region or geometry, longitude and latitude (WGS84).
    grid
        Grid with square cells, north up; see `geobox`.
    cropped
        Return only the rows and columns that the box of the region touches: for many zones of a large grid.

    Returns
    -------
    xr.DataArray
        Share (y, x), 0 to 1, of the area of the cell in square degrees; no cell is no data.

    Examples
    --------
    >>> from shapely import box
    >>> from regions.grid import coverage, geobox
    >>> outline = box(112.0, 43.0, 112.075, 43.05)
    >>> coverage(outline, geobox(outline, 0.05)).values.round(2).tolist()
    [[1.0, 0.5]]
    """
    shape = outline(region)
    cell, left, top = grid.affine.a, grid.affine.c, grid.affine.f
    centres = coordinates(grid)
    first_row, first_column, (rows, columns) = 0, 0, grid.shape
    if cropped:
        west, south, east, north = shape.bounds
        first_row, rows = _reached((top - north) / cell, (top - south) / cell, rows)
        first_column, columns = _reached((west - left) / cell, (east - left) / cell, columns)
    corner = (left + first_column * cell, top - first_row * cell)
    share = covered(shape, corner, (cell, cell), (rows, columns))
    attrs = {"long_name": "share of the cell inside the region", "units": "1"}
    coords = {
        "y": centres["y"][first_row : first_row + rows],
        "x": centres["x"][first_column : first_column + columns],
    }
    return xr.DataArray(share, coords=coords, dims=("y", "x"), attrs=attrs)


def _reached(low: float, high: float, length: int) -> tuple[int, int]:
    """First cell and number of cells, of `length`, between two positions counted in cells."""
    first, last = (min(max(edge, 0), length) for edge in (math.floor(low), math.ceil(high)))
    return first, max(last - first, 0)


def centres_inside(geometry: BaseGeometry, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The cells (y, x) whose centre is inside a geometry; `x` rises, `y` rises or falls."""
    west, south, east, north = geometry.bounds
    if x[-1] < west or x[0] > east or max(y[0], y[-1]) < south or min(y[0], y[-1]) > north:
        return np.zeros((len(y), len(x)), bool)
    return np.asarray(contains_xy(geometry, *np.meshgrid(x, y)))
