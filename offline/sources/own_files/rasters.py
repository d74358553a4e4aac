"""Windows of raster files on any grid, with no-data, in the stored type.

Rules (those of Earth Engine): nearest neighbour by default; bilinear or bicubic on request; a request coarser than the
native grid reads a level of the pyramid (see `offline.model.pyramids`), whose mask is the share of valid native pixels.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from offline.model import pyramids
from offline.model.assets import Policy
from offline.model.pyramids import CODES
from offline.sources.own_files import resampling
from offline.sources.own_files.resampling import Mask, NativeGrid, Window

Values = NDArray[Any]
Loader = Callable[[int, int, int, int], Values]
"""(first row, first column, rows, columns) -> stored values of that window inside the file."""

LARGEST_WINDOW, AT_ONCE = 60_000_000, 4_000_000
"""Native pixels read for one request, and of them those that coarser ones are made of together."""


class TooCoarse(ValueError):
    """A request would read more native pixels than this machine should hold."""


@dataclass(frozen=True)
class Raster:
    """One band of a file, or one step of a time axis."""

    path: Path
    grid: NativeGrid
    dtype: str
    """output type"""
    nodata: tuple[float, ...]
    valid_range: tuple[float, float] | None
    pyramiding: Policy
    """how coarser pixels are made; bands of codes are never interpolated"""
    load: Loader
    unmasked: Callable[[int, int, int, int], NDArray[np.bool_]] | None = None
    """the same for where a mask band of the file shows data; None where it has none"""


def read(raster: Raster, grid: GeoBox, method: str) -> tuple[Values, Mask]:
    """Values (height, width) on the grid, 0 where masked, and mask 0..1.

    `method` is "nearest", "bilinear" or "bicubic"; classes are never interpolated. Raises TooCoarse.
    """
    if grid.crs is None:
        raise ValueError(f"{raster.path}: the requested grid has no CRS; give the GeoBox one")
    level = pyramids.level_of(pyramids.coarseness(raster.grid.crs, raster.grid.transform, grid))
    picked = method == "nearest" or raster.pyramiding in CODES
    values, mask = _nearest(raster, level, grid) if picked else _blended(raster, level, grid, method)
    return _typed(raster, values), mask


def validity(stored: Values, raster: Raster) -> NDArray[np.bool_]:
    """Where values are data by themselves: finite, inside the valid range, none of the no-data values."""
    valid = np.isfinite(stored) if stored.dtype.kind == "f" else np.ones(stored.shape, bool)
    for value in raster.nodata:
        if stored.dtype.kind == "f" or _holds(stored.dtype, value):
            valid &= stored != np.array(value).astype(stored.dtype)
    if raster.valid_range is not None:
        low, high = raster.valid_range
        valid &= (stored >= low) & (stored <= high)
    return valid


def _holds(dtype: np.dtype[Any], value: float) -> bool:
    limits = np.iinfo(dtype)
    return bool(np.isfinite(value) and value == int(value) and limits.min <= value <= limits.max)


def _nearest(raster: Raster, level: int, grid: GeoBox) -> tuple[Values, Mask]:
    """The pixel of a level in which each centre lies."""
    index = resampling.locate(raster.grid.at(level), grid)
    if index is None:
        return _nothing(raster, grid)
    stored, good = loaded(raster, level, index.window)
    if not index.straight:
        good, stored = good[index.row, index.column] * index.inside, stored[index.row, index.column]
    # A product takes a fifth of the time of a choice, but 0 times NaN is not 0.
    exact = good.dtype == bool and stored.dtype.kind in "iu"
    return stored * good if exact else np.where(good > 0, stored, 0), good


def _blended(raster: Raster, level: int, grid: GeoBox, method: str) -> tuple[Values, Mask]:
    """Between the pixels of a level around each centre."""
    native = raster.grid.at(level)
    window = resampling.touched(native, grid)
    if window is None:
        return _nothing(raster, grid)
    stored, valid = loaded(raster, level, window)
    row, column, _, _ = window
    there = NativeGrid(native.crs, native.transform * Affine.translation(column, row), stored.shape)
    values, mask = resampling.between(np.where(valid > 0, stored, 0), valid, there, grid, method)
    if np.dtype(raster.dtype).kind in "iu":
        # Sixteen pixels can give more, or less, than any of them, and so more than the type can hold.
        limits = np.iinfo(raster.dtype)
        values = np.clip(values, limits.min, limits.max)
    # a sample between pixels is masked by the pixel it lies in
    mask = np.where(mask > 0, _nearest(raster, level, grid)[1], 0).astype(np.float32)
    return np.where(mask > 0, values, 0), mask


def loaded(raster: Raster, level: int, window: Window) -> tuple[Values, Mask]:
    """Values of a window of a level, and their mask: where they are data, or the share of native pixels that are.

    Raises TooCoarse.
    """
    if level == 0:
        return load(raster, window)
    top, left, rows, columns = window
    _room(raster, rows * 2**level, columns * 2**level)
    step = max(1, AT_ONCE // (columns * 4**level))
    parts = [
        _raised(raster, level, (row, left, min(step, top + rows - row), columns))
        for row in range(top, top + rows, step)
    ]
    values, shares = (np.concatenate(each) for each in zip(*parts, strict=True))
    return values, shares.astype(np.float32)


def _raised(raster: Raster, level: int, window: Window) -> tuple[Values, NDArray[np.float64]]:
    """A window of a level, made at once."""
    top, left, rows, columns = (part * 2**level for part in window)
    height, width = raster.grid.shape
    inside = (top, left, min(rows, height - top), min(columns, width - left))
    stored, valid = load(raster, inside)
    # blocks over the edge of the file have pixels that are not there
    spare = ((0, rows - inside[2]), (0, columns - inside[3]))
    return pyramids.raised(np.pad(stored, spare), np.pad(valid, spare), level, raster.pyramiding)


def load(raster: Raster, window: Window) -> tuple[Values, NDArray[np.bool_]]:
    """Stored values of a window and where they are data. Raises TooCoarse."""
    _room(raster, *window[2:])
    stored = raster.load(*window)
    valid = validity(stored, raster)
    return stored, valid if raster.unmasked is None else valid & raster.unmasked(*window)


def _room(raster: Raster, rows: int, columns: int) -> None:
    """Raises TooCoarse for more native pixels than a request may read."""
    if rows * columns > LARGEST_WINDOW:
        raise TooCoarse(
            f"{raster.path}: the request covers {rows} x {columns} native pixels, more than "
            f"{LARGEST_WINDOW}; ask for a smaller area, or give a coarser copy of the file"
        )


def _nothing(raster: Raster, grid: GeoBox) -> tuple[Values, Mask]:
    return np.zeros(grid.shape, raster.dtype), np.zeros(grid.shape, bool)


def _typed(raster: Raster, values: Values) -> Values:
    """Values in the output type. Raises ValueError if that type cannot hold one of them."""
    wanted = np.dtype(raster.dtype)
    if values.dtype == wanted:
        return values
    if wanted.kind in "iu":
        if values.dtype.kind == "f":
            values = np.rint(values)
        limits = np.iinfo(wanted)
        if values.size and (values.min() < limits.min or values.max() > limits.max):
            raise ValueError(
                f"{raster.path}: values {values.min()} to {values.max()} do not fit {wanted} "
                f"({limits.min} to {limits.max}); change the band's dtype, nodata or valid_range"
            )
    return values.astype(wanted)
