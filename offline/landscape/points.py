"""The places at which the landscape is evaluated: cell centres of a grid, or any list of points."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer

DECIMALS = 9
"""Degrees are rounded to 1e-9 (0.1 mm), so that two windows over one pixel see the same number."""


@dataclass(frozen=True)
class Points:
    """Longitude and latitude, degrees, WGS84 (longitude 0..360, so that 180 degrees is no edge).

    On a grid in longitude and latitude they are kept as a row (1, width) and a column (height, 1);
    otherwise both have the full shape.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]

    @property
    def rectilinear(self) -> bool:
        return self.lon.ndim == 2 and self.lon.shape[0] == 1 and self.lat.shape[1] == 1

    @property
    def shape(self) -> tuple[int, ...]:
        return np.broadcast_shapes(self.lon.shape, self.lat.shape)

    @property
    def full(self) -> "Points":
        """The same points with both coordinates in the full shape."""
        lon, lat = np.broadcast_arrays(self.lon, self.lat)
        return Points(np.ascontiguousarray(lon), np.ascontiguousarray(lat))


def at(lon: NDArray[np.floating[Any]], lat: NDArray[np.floating[Any]]) -> Points:
    """Points from arrays of longitude and latitude in degrees, which broadcast together."""
    turned: NDArray[np.float64] = np.mod(np.asarray(lon, np.float64), 360.0)
    return Points(turned.round(DECIMALS), np.asarray(lat, np.float64).round(DECIMALS))


def of_grid(grid: GeoBox) -> Points:
    """Cell centres of a GeoBox of any CRS; infinite where the projection has no such place."""
    affine = grid.affine
    column = np.arange(grid.shape[1]) + 0.5
    row = np.arange(grid.shape[0]) + 0.5
    straight = affine.b == 0 and affine.d == 0
    if straight and grid.crs is not None and grid.crs.geographic:
        return at((affine.c + affine.a * column)[None, :], (affine.f + affine.e * row)[:, None])
    x = affine.c + affine.a * column[None, :] + affine.b * row[:, None]
    y = affine.f + affine.d * column[None, :] + affine.e * row[:, None]
    if grid.crs is None:
        raise ValueError("a grid without a CRS has no place on the ground; give the GeoBox a crs")
    return projected(grid.crs.proj, x, y)


def snapped(points: Points, transform: tuple[float, ...]) -> Points:
    """Points moved to the centres of the cells of a native grid in longitude and latitude.

    `transform` is (a, 0, c, 0, e, f), degrees. Two points in one native cell become one place, as a
    reader of a stored raster sees it.
    """
    a, _, c, _, e, f = transform
    west = np.where(points.lon > 180.0, points.lon - 360.0, points.lon)
    lon = c + (np.floor((west - c) / a + 1e-7) + 0.5) * a
    lat = f + (np.floor((points.lat - f) / e + 1e-7) + 0.5) * e
    return at(lon, lat)


def projected(crs: Any, x: NDArray[np.float64], y: NDArray[np.float64]) -> Points:
    """Points from coordinates in a CRS, which broadcast together; places that there are not lie outside of all land."""
    transformer = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    x, y = np.broadcast_arrays(x, y)
    lon, lat = transformer.transform(x, y)
    lost = ~(np.isfinite(lon) & np.isfinite(lat))
    return at(np.where(lost, 0.0, lon), np.where(lost, -90.0, lat))
