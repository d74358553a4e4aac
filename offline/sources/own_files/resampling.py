"""From a native grid to the requested grid: pick or blend."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from offline.landscape.recent import Recent
from offline.model import grids, pyramids
from offline.model.pyramids import parsed

Values = NDArray[Any]
Mask = NDArray[np.float32] | NDArray[np.bool_]
Window = tuple[int, int, int, int]
"""First row, first column, rows, columns."""


@dataclass(frozen=True)
class NativeGrid:
    """Where the pixels of a file lie: CRS (anything PROJ reads), affine, (height, width)."""

    crs: str
    transform: Affine
    shape: tuple[int, int]

    def at(self, level: int) -> "NativeGrid":
        """A level of the pyramid over it."""
        if level == 0:
            return self
        return NativeGrid(self.crs, pyramids.coarser(self.transform, level), pyramids.shape_at(self.shape, level))


@dataclass(frozen=True)
class NativePixels:
    """The native pixel of each centre: rows and columns inside `window`, and whether it is in the file.

    `straight`: the window is the grid, pixel for pixel, so that nothing has to be picked.
    """

    window: Window
    row: NDArray[np.int32]
    column: NDArray[np.int32]
    inside: NDArray[np.bool_]
    straight: bool


_indices: Recent[object, NativePixels | None] = Recent(budget=8_000_000)


def locate(native: NativeGrid, grid: GeoBox) -> NativePixels | None:
    """Native pixels of the cell centres; None where no centre lies in the file. Kept for the next call."""
    height, width = grid.shape
    return _indices.get((native, grid), lambda: _locate(native, grid), weight=height * width)


def _locate(native: NativeGrid, grid: GeoBox) -> NativePixels | None:
    columns, rows = np.meshgrid(np.arange(grid.shape[1]) + 0.5, np.arange(grid.shape[0]) + 0.5)
    u, v = _native(native, grid, columns, rows)
    seen = np.isfinite(u) & np.isfinite(v)
    i = np.floor(np.where(seen, u, -1.0) + grids.EDGE)
    j = np.floor(np.where(seen, v, -1.0) + grids.EDGE)
    height, width = native.shape
    inside = seen & (i >= 0) & (j >= 0) & (i < width) & (j < height)
    if not inside.any():
        return None
    left, top = int(i[inside].min()), int(j[inside].min())
    window = (top, left, int(j[inside].max()) - top + 1, int(i[inside].max()) - left + 1)
    row = np.where(inside, j - top, 0).astype(np.int32)
    column = np.where(inside, i - left, 0).astype(np.int32)
    straight = window[2:] == tuple(grid.shape) and bool(
        inside.all() and (np.arange(window[2]) == row.T).all() and (column == np.arange(window[3])).all()
    )
    return NativePixels(window, row, column, inside, straight)


def touched(native: NativeGrid, grid: GeoBox) -> Window | None:
    """Window of the file that holds all cells of the grid, with a margin; None if they do not meet."""
    rows, columns = grid.shape
    steps_x, steps_y = min(columns, 40), min(rows, 40)
    u, v = np.meshgrid(np.linspace(0, columns, steps_x + 1), np.linspace(0, rows, steps_y + 1))
    i, j = _native(native, grid, u, v)
    seen = np.isfinite(i) & np.isfinite(j)
    if not seen.any():
        return None
    # an edge may bulge between the points tried
    spare = 2 + 0.01 * max(np.ptp(i[seen]), np.ptp(j[seen]))
    left, top = (max(int(np.floor(c[seen].min() - spare)), 0) for c in (i, j))
    right = min(int(np.ceil(i[seen].max() + spare)), native.shape[1])
    bottom = min(int(np.ceil(j[seen].max() + spare)), native.shape[0])
    if right <= left or bottom <= top:
        return None
    return top, left, bottom - top, right - left


def between(
    stored: Values, valid: Mask, native: NativeGrid, grid: GeoBox, method: str
) -> tuple[NDArray[np.float64], Mask]:
    """Between the cells around each centre, "bilinear" or "bicubic", and their mask."""
    columns, rows = np.meshgrid(np.arange(grid.shape[1]) + 0.5, np.arange(grid.shape[0]) + 0.5)
    u, v = _native(native, grid, columns, rows)
    seen = np.isfinite(u) & np.isfinite(v)
    u, v = np.where(seen, u, 0) - 0.5, np.where(seen, v, 0) - 0.5
    values, mask = grids.between(stored, valid, v, u, method)
    return values, np.where(seen, mask, 0).astype(np.float32)


def _native(
    native: NativeGrid, grid: GeoBox, column: NDArray[np.float64], row: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fractional (column, row) of the native grid for those of the requested grid; inf where undefined."""
    assert grid.crs is not None
    x, y = grid.affine * (column, row)
    there = parsed(native.crs)
    if grid.crs.proj != there:
        x, y = Transformer.from_crs(grid.crs.proj, there, always_xy=True).transform(x, y)
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if there.is_geographic:
        # one turn of the globe: files count longitude from -180 or from 0
        west = native.transform.c
        turned = np.mod(x - west, 360.0) + west
        x = np.where(np.isfinite(x), turned, x)
    u, v = ~native.transform * (x, y)
    return np.asarray(u, np.float64), np.asarray(v, np.float64)
