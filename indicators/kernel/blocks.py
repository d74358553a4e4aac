"""A cube cut into parts that fit the cache of a processor, computed in threads.

Compiled kernels take (time, pixels), contiguous. A cube is never copied as a whole: each thread copies its own part,
whatever the order of the dimensions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numba
import numpy as np
import xarray as xr

#: Values of a part: several thousand pixels of a few decades.
PART = 1 << 18
#: Class codes of a part: each byte is read and written once.
CODES = 1 << 20
Kernel = Callable[..., None]


def lossless(kind: np.dtype) -> np.dtype:
    """float32 where it represents every value of `kind` exactly, else float64."""
    return np.dtype(np.float32 if kind == np.float32 or kind.itemsize <= 2 else np.float64)


def shared(work: Callable[[slice], None], length: int, threads: int, step: int = PART) -> None:
    """Do `work` on slices of `step` values that cover `length`, shared among threads."""
    parts = [slice(start, min(start + step, length)) for start in range(0, length, step)]
    if threads > 1 and len(parts) > 1:
        with ThreadPoolExecutor(min(threads, len(parts))) as pool:
            list(pool.map(work, parts))
    else:
        for part in parts:
            work(part)


def in_slabs(arrays: Sequence[np.ndarray], layers: int, kernel: Kernel, threads: int = 1) -> np.ndarray:
    """`kernel(*parts (time, pixels), result (layers, pixels))` over all parts of `arrays` (time, …): (layers, …).

    The arrays have one shape.
    """
    n, *rest = arrays[0].shape
    pixels = int(np.prod(rest))
    result = np.empty((layers, pixels))
    if not rest or all(each.flags.c_contiguous for each in arrays):
        arrays = [each.reshape(n, pixels) for each in arrays]
    length = arrays[0].shape[1]
    row = pixels // max(length, 1)
    step = max(PART // max(n * row, 1), 1)

    def work(columns: slice) -> None:
        parts = [np.ascontiguousarray(each[:, columns].reshape(n, -1), lossless(each.dtype)) for each in arrays]
        made = np.empty((layers, parts[0].shape[1]))
        kernel(*parts, made)
        result[:, columns.start * row : columns.start * row + made.shape[1]] = made

    shared(work, length, threads, step)
    return result.reshape(layers, *rest)


def apply(dim: str, layers: int, kernel: Kernel, *data: xr.DataArray) -> xr.DataArray:
    """`in_slabs` along `dim` of one or more DataArrays: (layer, …) without `dim`.

    The dimensions are those of the first; others are broadcast to it. Data in memory are shared among
    `NUMBA_NUM_THREADS` threads; dask arrays stay lazy, and their chunks, whole along `dim`, are computed on dask's own.
    """
    lazy = any(each.chunks is not None for each in data)
    threads = 1 if lazy else numba.config.NUMBA_NUM_THREADS

    def over(*values: np.ndarray) -> np.ndarray:
        time_first = [np.moveaxis(each, -1, 0) for each in np.broadcast_arrays(*values)]
        return np.moveaxis(in_slabs(time_first, layers, kernel, threads), 0, -1)

    result: Any = xr.apply_ufunc(
        over,
        *(each.chunk({dim: -1}) if each.chunks is not None else each for each in data),
        input_core_dims=[[dim]] * len(data),
        output_core_dims=[["layer"]],
        dask="parallelized",
        dask_gufunc_kwargs={"output_sizes": {"layer": layers}},
        output_dtypes=[float],
    )
    return result.transpose("layer", *(name for name in data[0].dims if name != dim), ...)
