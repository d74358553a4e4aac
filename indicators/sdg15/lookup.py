"""Truth tables on class rasters: one read of each byte, one write, no intermediate arrays.

A table has an axis for each input: a row of consecutive codes, and a last entry for any other code (gaps, water,
no-data). The position of a pixel along an axis is the smaller of its distance from the first code and the length of the
row, both unsigned. Positions are computed for many pixels together, one byte each, so that a vector register holds 32
or 64 of them; then the entries of one or several tables are read. A raster of floats is read as codes too, NaN as
no-data.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numba
import numpy as np
import xarray as xr

from indicators.codes import NODATA
from indicators.errors import IndicatorError
from indicators.kernel.blocks import CODES, shared
from indicators.kernel.compiling import compiled

#: Class raster: array or DataArray; the result is of the same kind.
Layer = TypeVar("Layer", np.ndarray, xr.DataArray)
#: Most places of a table: each is a byte.
LARGEST = 256
#: Places that are found before their entries are read; they stay in the first cache.
BATCH = 1 << 12


def table(values: Any, axes: Sequence[Sequence[int]], other: int = NODATA) -> np.ndarray:
    """`values` (one place for each code of each axis) with a last place `other` added along every axis; int8."""
    core = np.asarray(values, np.int8)
    if core.shape != tuple(len(axis) for axis in axes):
        raise IndicatorError(
            f"the table has shape {core.shape}, but its axes have {[len(axis) for axis in axes]} codes; give one entry "
            f"for each combination of codes"
        )
    return np.pad(core, [(0, 1)] * core.ndim, constant_values=other)


def lookup(values: np.ndarray, axes: Sequence[Sequence[int]], *layers: Any) -> Any:
    """The int8 entry of a table for every pixel of as many class rasters as the table has axes.

    `values` has one place more along each axis than `axes` lists consecutive codes, and up to 256 in all. DataArrays
    (dask or not) come back as such, without attrs; arrays as arrays. Raises IndicatorError if the table does not
    fit.
    """
    return lookups((values,), axes, *layers)[0]


def lookups(tables: Sequence[np.ndarray], axes: Sequence[Sequence[int]], *layers: Any) -> tuple[Any, ...]:
    """As `lookup` for several tables with the same axes: the places are found once."""
    sizes = tuple(len(axis) + 1 for axis in axes)
    fits = all(each.shape == sizes for each in tables) and len(layers) == len(axes) and tables[0].size <= LARGEST
    if not fits:
        raise IndicatorError(
            f"a table of shape {tables[0].shape} does not fit {len(layers)} rasters and axes that need shape {sizes}; "
            f"give one axis and one raster for each dimension, {LARGEST} entries at most"
        )
    if any(list(axis) != list(range(axis[0], axis[0] + len(axis))) for axis in axes):
        raise IndicatorError(f"the codes of a table must be consecutive; got {axes}")
    entries = np.stack([np.asarray(each, np.int8).ravel() for each in tables])
    low, last = (np.array(each).astype(np.uint8) for each in ([axis[0] for axis in axes], [n - 1 for n in sizes]))

    def read(*arrays: np.ndarray, threads: int) -> Any:
        shape = np.broadcast_shapes(*(each.shape for each in arrays))
        flat = [each.ravel() for each in np.broadcast_arrays(*arrays)]
        made = tuple(np.empty(len(flat[0]), np.int8) for _ in entries)

        def work(part: slice) -> None:
            bytes_of = tuple(codes(each[part]).view(np.uint8) for each in flat)
            _look(bytes_of, low, last, entries, tuple(each[part] for each in made))

        shared(work, len(made[0]), threads, CODES)
        results = tuple(each.reshape(shape) for each in made)
        return results if len(results) > 1 else results[0]

    lazy = any(isinstance(each, xr.DataArray) and each.chunks is not None for each in layers)
    results = xr.apply_ufunc(
        read,
        *layers,
        kwargs={"threads": 1 if lazy else numba.config.NUMBA_NUM_THREADS},
        output_core_dims=[[]] * len(tables),
        dask="parallelized",
        output_dtypes=[np.int8] * len(tables),
    )
    return results if len(tables) > 1 else (results,)


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
def _look(layers: Any, low: Any, last: Any, entries: Any, results: Any) -> None:
    """Fill a row of `results` for each row of `entries`, from the codes of each layer as unsigned bytes."""
    place = np.empty(BATCH, np.uint8)
    pixels = len(results[0])
    for start in range(0, pixels, BATCH):
        length = min(BATCH, pixels - start)
        place[:] = 0
        for k in range(len(layers)):
            layer, first, most = layers[k][start : start + length], low[k], last[k]
            entries_along = np.uint8(most + 1)
            for i in range(length):
                # every step is cut to a byte: a wider one would leave most of a vector register unused
                along = np.uint8(layer[i] - first)
                along = along if along < most else most
                place[i] = np.uint8(np.uint8(place[i] * entries_along) + along)
        for k in range(len(entries)):
            row, made = entries[k], results[k][start : start + length]
            for i in range(length):
                made[i] = row[place[i]]
