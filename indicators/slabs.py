"""A cube cut into parts that fit a processor's cache, worked on by threads.

Compiled kernels take (time, pixels), contiguous. A cube is never copied as a whole: each thread copies its own part,
in whatever order the cube's dimensions lie.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
import xarray as xr

#: Values of a part: some thousand pixels of a few decades.
PART = 1 << 18
Kernel = Callable[[np.ndarray, np.ndarray], None]


def lossless(kind: np.dtype) -> np.dtype:
    """float32 where it holds every value of `kind`, else float64."""
    return np.dtype(np.float32 if kind == np.float32 or kind.itemsize <= 2 else np.float64)


def in_slabs(values: np.ndarray, layers: int, kernel: Kernel, threads: int = 1) -> np.ndarray:
    """`kernel(part (time, pixels), result (layers, pixels))` over all parts of `values` (time, …): (layers, …)."""
    n, shape = len(values), values.shape[1:]
    pixels = int(np.prod(shape))
    result = np.empty((layers, pixels))
    if values.flags.c_contiguous or not shape:
        values = values.reshape(n, pixels)
    row = pixels // max(values.shape[1], 1)
    step = max(PART // max(n * row, 1), 1)
    kind = lossless(values.dtype)

    def work(start: int) -> None:
        part = np.ascontiguousarray(values[:, start : start + step].reshape(n, -1), kind)
        made = np.empty((layers, part.shape[1]))
        kernel(part, made)
        result[:, start * row : start * row + part.shape[1]] = made

    starts = range(0, values.shape[1], step)
    if threads > 1 and len(starts) > 1:
        with ThreadPoolExecutor(min(threads, len(starts))) as pool:
            list(pool.map(work, starts))
    else:
        for start in starts:
            work(start)
    return result.reshape(layers, *shape)


def apply(data: xr.DataArray, dim: str, layers: int, kernel: Kernel) -> xr.DataArray:
    """`in_slabs` along `dim` of a DataArray: (layer, …) without `dim`.

    Data in memory are shared among `NUMBA_NUM_THREADS` threads; a dask array stays lazy, and its chunks, whole along
    `dim`, are computed on dask's own threads.
    """
    lazy = data.chunks is not None
    threads = 1 if lazy else numba.config.NUMBA_NUM_THREADS
    found: Any = xr.apply_ufunc(
        lambda values: np.moveaxis(in_slabs(np.moveaxis(values, -1, 0), layers, kernel, threads), 0, -1),
        data.chunk({dim: -1}) if lazy else data,
        input_core_dims=[[dim]],
        output_core_dims=[["layer"]],
        dask="parallelized",
        dask_gufunc_kwargs={"output_sizes": {"layer": layers}},
        output_dtypes=[float],
    )
    return found.transpose("layer", ...)
