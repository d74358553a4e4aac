"""Truth tables on class rasters: one read of each byte, one write, no intermediate arrays.

A table has an axis for each input; the last place of every axis stands for any code that the axis does not list (gaps,
water, no-data). A raster of floats is read as codes too, NaN as no-data.
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


def table(values: Any, axes: Sequence[Sequence[int]], other: int = NODATA) -> np.ndarray:
    """`values` (one place for each code of each axis) with a last place `other` added along every axis; int8."""
    core = np.asarray(values, np.int8)
    if core.shape != tuple(len(axis) for axis in axes):
        raise IndicatorError(f"a table of {core.shape} does not fit axes of {[len(axis) for axis in axes]} codes")
    return np.pad(core, [(0, 1)] * core.ndim, constant_values=other)


def lookup(values: np.ndarray, axes: Sequence[Sequence[int]], *layers: Any) -> Any:
    """The int8 entry of a table for every pixel of one to three class rasters of one shape.

    `values` has one place more along each axis than `axes` lists codes. DataArrays (dask or not) come back as such,
    without attrs; arrays as arrays. Raises IndicatorError where the table does not fit.
    """
    if values.shape != tuple(len(axis) + 1 for axis in axes) or len(layers) != len(axes) or len(axes) > 3:
        raise IndicatorError(f"a table of {values.shape} does not fit {len(layers)} rasters")
    places = np.zeros((3, 256), np.int32)
    strides = np.cumprod([1, *values.shape[:0:-1]])[::-1]
    for number, (axis, stride) in enumerate(zip(axes, strides, strict=True)):
        places[number] = len(axis) * stride
        places[number, np.asarray(axis, np.int8).view(np.uint8)] = np.arange(len(axis)) * stride
    entries = np.ascontiguousarray(values, np.int8).ravel()

    def found(*arrays: np.ndarray, threads: int) -> np.ndarray:
        flat = [each.ravel() for each in np.broadcast_arrays(*arrays)]
        result = np.empty(flat[0].shape, np.int8)

        def work(part: slice) -> None:
            read = [codes(each[part]).view(np.uint8) for each in flat]
            read += [read[0]] * (3 - len(read))
            _look(*read, places[0], places[1], places[2], entries, result[part])

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
def _look(a: Any, b: Any, c: Any, first: Any, second: Any, third: Any, entries: Any, result: Any) -> None:
    for i in range(len(result)):
        result[i] = entries[first[a[i]] + second[b[i]] + third[c[i]]]
