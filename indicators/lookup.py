"""Truth tables on class rasters: one read of each byte, one write, no intermediate arrays.

A table has an axis for each input: a row of consecutive codes, and a last place that stands for any other (gaps, water,
no-data). The place of a pixel is found for many pixels at once, as the smaller of its distance from the first code and
the length of the row, both unsigned; then the entry is read. A raster of floats is read as codes too, NaN as no-data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
import xarray as xr

from indicators.codes import NODATA
from indicators.errors import IndicatorError
from indicators.pairwise import compiled
from indicators.slabs import shared

#: Most codes of an axis, by the number of axes: the places of all fit one byte.
WIDEST = {1: 255, 2: 7, 3: 3}
#: Places that are found before their entries are read; they stay in the first cache.
BATCH = 1 << 12


def table(values: Any, axes: Sequence[Sequence[int]], other: int = NODATA) -> np.ndarray:
    """`values` (one place for each code of each axis) with a last place `other` added along every axis; int8."""
    core = np.asarray(values, np.int8)
    if core.shape != tuple(len(axis) for axis in axes):
        raise IndicatorError(f"a table of {core.shape} does not fit axes of {[len(axis) for axis in axes]} codes")
    return np.pad(core, [(0, 1)] * core.ndim, constant_values=other)


def lookup(values: np.ndarray, axes: Sequence[Sequence[int]], *layers: Any) -> Any:
    """The int8 entry of a table for every pixel of one (up to 255 codes), two (7 each) or three class rasters (3 each).

    `values` has one place more along each axis than `axes` lists consecutive codes. DataArrays (dask or not) come back
    as such, without attrs; arrays as arrays. Raises IndicatorError where the table does not fit.
    """
    sizes = [len(axis) for axis in axes]
    fits = values.shape == tuple(size + 1 for size in sizes) and len(layers) == len(axes)
    if not fits or len(axes) > 3 or max(sizes) > WIDEST[len(axes)]:
        raise IndicatorError(f"a table of {values.shape} does not fit {len(layers)} rasters")
    if any(list(axis) != list(range(axis[0], axis[0] + len(axis))) for axis in axes):
        raise IndicatorError(f"the codes of a table are consecutive; got {axes}")
    room = WIDEST[len(axes)] + 1
    entries = np.zeros((room,) * len(axes), np.int8)
    entries[tuple(slice(size + 1) for size in sizes)] = values
    low, size = (np.array(each).astype(np.int64).astype(np.uint8) for each in ([axis[0] for axis in axes], sizes))
    kernel = (_look_one, _look_two, _look_three)[len(axes) - 1]

    def found(*arrays: np.ndarray, threads: int) -> np.ndarray:
        flat = [each.ravel() for each in np.broadcast_arrays(*arrays)]
        result = np.empty(flat[0].shape, np.int8)

        def work(part: slice) -> None:
            kernel(*(codes(each[part]).view(np.uint8) for each in flat), low, size, entries.ravel(), result[part])

        shared(work, len(result), threads)
        return result.reshape(np.broadcast_shapes(*(each.shape for each in arrays)))

    lazy = any(isinstance(each, xr.DataArray) and each.chunks is not None for each in layers)
    return xr.apply_ufunc(
        found,
        *layers,
        kwargs={"threads": 1 if lazy else numba.config.NUMBA_NUM_THREADS},
        dask="parallelized",
        output_dtypes=[np.int8],
    )


def codes(values: np.ndarray) -> np.ndarray:
    """Codes as int8; what no int8 code is, NaN too, is no-data."""
    values = np.ascontiguousarray(values)
    if values.dtype == np.int8:
        return values
    result = np.empty(values.shape, np.int8)
    _as_codes(values.ravel(), result.ravel())
    return result


@compiled
def _as_codes(values: Any, result: Any) -> None:
    for i in range(len(values)):
        value = values[i]
        inside = (value >= -128) & (value <= 127)
        code = np.int8(value if inside else NODATA)
        result[i] = code if code == value else NODATA


@compiled
def _look_one(a: Any, low: Any, size: Any, entries: Any, result: Any) -> None:
    for i in range(len(result)):
        result[i] = entries[min(np.uint8(a[i] - low[0]), size[0])]


@compiled
def _look_two(a: Any, b: Any, low: Any, size: Any, entries: Any, result: Any) -> None:
    place = np.empty(BATCH, np.uint8)
    a_low, b_low, a_size, b_size = low[0], low[1], size[0], size[1]
    for start in range(0, len(result), BATCH):
        length = min(BATCH, len(result) - start)
        for i in range(length):
            first = min(np.uint8(a[start + i] - a_low), a_size)
            second = min(np.uint8(b[start + i] - b_low), b_size)
            place[i] = np.uint8((first << 3) | second)
        for i in range(length):
            result[start + i] = entries[place[i]]


@compiled
def _look_three(a: Any, b: Any, c: Any, low: Any, size: Any, entries: Any, result: Any) -> None:
    place = np.empty(BATCH, np.uint8)
    a_low, b_low, c_low = low[0], low[1], low[2]
    a_size, b_size, c_size = size[0], size[1], size[2]
    for start in range(0, len(result), BATCH):
        length = min(BATCH, len(result) - start)
        for i in range(length):
            first = min(np.uint8(a[start + i] - a_low), a_size)
            second = min(np.uint8(b[start + i] - b_low), b_size)
            third = min(np.uint8(c[start + i] - c_low), c_size)
            place[i] = np.uint8((first << 4) | (second << 2) | third)
        for i in range(length):
            result[start + i] = entries[place[i]]
