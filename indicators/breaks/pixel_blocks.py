"""A function of series over the pixels of a cube: the time dimension, blocks for threads, and rows back to dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pandas as pd
import xarray as xr

from indicators.breaks.axis import LARGEST, check_order
from indicators.breaks.intervals import reach
from indicators.errors import IndicatorError
from indicators.kernel import blocks

#: Fewest values for a thread; pixels with the same gaps share a factorisation.
FEWEST_VALUES = 1 << 16


def core_dim(y: xr.DataArray, dim: str | None) -> str:
    """The time dimension: `dim`, or `year` or `time`, whichever the data have. Raises IndicatorError for none."""
    for name in ("year", "time") if dim is None else (dim,):
        if name in y.dims:
            if name in y.coords and not (isinstance(y[name].dtype, np.dtype) and y[name].dtype.kind in "iufM"):
                raise IndicatorError(f"the values of {name!r} are {y[name].dtype}; give dates without zone, or years")
            if y.sizes[name] == 0:
                raise IndicatorError(f"the data have no values along {name!r}; check the selected dates")
            check_order(pd.Index(y[name].to_numpy()))
            if y.chunks is not None and len(y.chunksizes[name]) > 1:
                raise IndicatorError(
                    f"{name!r} is cut into {len(y.chunksizes[name])} chunks, but breaks need whole series; rechunk "
                    f"with .chunk({{{name!r}: -1}})"
                )
            return name
    raise IndicatorError(f"the data have dimensions {y.dims}, none of which is time; name it with `dim`")


def well_scaled(X: Any, n: int) -> np.ndarray:
    """The regressors as orthogonal columns of length √n: the same fits, without numerical problems of scale.

    None is the mean alone. Raises IndicatorError if they do not have n rows or depend on each other.
    """
    x = np.ones((n, 1)) if X is None else np.asarray(X, float).reshape(len(X), -1)
    if len(x) != n:
        raise IndicatorError(f"the regressors have {len(x)} rows and the series {n} values; give one row each")
    if not np.isfinite(x).all():
        raise IndicatorError("regressors of pixels must not have gaps; leave out those times")
    size = np.abs(x).max(axis=0)
    q, r = np.linalg.qr(x / np.where(size > 0, size, 1.0))
    if np.abs(np.diag(r)).min() <= 1e-10 * np.sqrt(n):
        raise IndicatorError("the regressors depend on each other; leave out those that depend on others")
    return np.ascontiguousarray(q * np.sqrt(n))


def over_pixels(
    work: Callable[[np.ndarray], tuple[np.ndarray, ...]], y: xr.DataArray, dim: str, dtypes: list[Any]
) -> tuple[xr.DataArray, ...]:
    """Apply `work` (rows, pixels) → arrays (pixels) to every block; values above LARGEST are gaps.

    Data in memory are shared among `NUMBA_NUM_THREADS` threads, dask's blocks are computed on dask's own.
    """
    threads = 1 if y.chunks is not None else numba.config.NUMBA_NUM_THREADS

    def block(values: np.ndarray) -> Any:
        shape = values.shape[:-1]
        flat = values.reshape(-1, values.shape[-1])
        step = max(-(-len(flat) // threads), FEWEST_VALUES // max(values.shape[-1], 1), 1)
        starts = range(0, max(len(flat), 1), step)
        parts: list[tuple[np.ndarray, ...]] = [()] * len(starts)

        def part(place: slice) -> None:
            own = np.ascontiguousarray(flat[place].T, dtype=float)
            # the squares of such values are infinite
            parts[place.start // step] = work(np.where(np.abs(own) > LARGEST, np.nan, own))

        blocks.shared(part, len(flat), threads, step)
        if not len(flat):  # compiled code wants a pixel to stand on
            parts[0] = tuple(each[:0] for each in work(np.full((values.shape[-1], 1), np.nan)))
        results = tuple(np.concatenate(each).reshape(shape) for each in zip(*parts, strict=True))
        return results if len(results) > 1 else results[0]

    results = xr.apply_ufunc(
        block,
        y,
        input_core_dims=[[dim]],
        output_core_dims=[[] for _ in dtypes],
        dask="parallelized",
        output_dtypes=dtypes,
    )
    return results if isinstance(results, tuple) else (results,)


def at_rows(rows: xr.DataArray, coordinate: xr.DataArray) -> xr.DataArray:
    """The values of a coordinate at row numbers; NaN or NaT where the number is negative."""
    values = coordinate.to_numpy()
    kind = values.dtype if np.issubdtype(values.dtype, np.datetime64) else np.dtype(float)
    missing = np.array("NaT", kind) if kind.kind == "M" else np.array(np.nan)

    def look(numbers: np.ndarray) -> np.ndarray:
        return np.where(numbers >= 0, values.astype(kind)[numbers], missing)

    return xr.apply_ufunc(look, rows, dask="parallelized", output_dtypes=[kind])


def rows_after(valid: np.ndarray, row: np.ndarray) -> np.ndarray:
    """First row with data after each of `row` (pixels), at most the last row with data; −1 where `row` is −1."""
    rows = np.arange(len(valid))[:, None]
    last = len(valid) - 1 - valid[::-1].argmax(0)
    return np.where(row >= 0, np.where(valid & (rows > row), rows, last).min(0), -1)


def interval_rows(
    values: np.ndarray, places: np.ndarray, sizes: np.ndarray, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """First and last row that may be the last before each break (most, pixels); −1 without a break."""
    found = places >= 0
    low, high = np.full(places.shape, -1), np.full(places.shape, -1)
    if not found.any():
        return low, high
    early, late = reach(*(sizes[i][found] for i in range(1, 5)), level=level)
    valid = np.isfinite(values)
    pixel = np.nonzero(found)[1]
    place = valid.cumsum(0)[places[found], pixel] - 1
    counts = valid.sum(0)[pixel]
    # rows of the values of each pixel, in order: known values come first
    ordered = np.argsort(~valid, axis=0, kind="stable")
    low[found] = ordered[np.maximum(place - early, 0).astype(int), pixel]
    high[found] = ordered[np.minimum(place + late, counts - 1).astype(int), pixel]
    return low, high
