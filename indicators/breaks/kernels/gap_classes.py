"""Pixels with the same gaps are one class: they share a design, and so its rotations.

How gaps are handled: a gap is left out, never filled. The rows of the design of a class are those of its values,
and everything is worked out on them, as if the series of each pixel had been given without its gaps; so the result
of a pixel is that of its own series alone, and never depends on its neighbours. A class of one pixel pays for its
own rotations.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit


def classes(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Order of the pixels of y (rows, pixels) by gaps, and where in it each class starts (and the last ends)."""
    pixels = y.shape[1]
    valid = np.isfinite(y)
    if valid.all():
        return np.arange(pixels), np.array([0, pixels])
    key = _keys(valid)
    order = np.argsort(key, kind="stable")
    return order, _starts(valid, key, order)


@njit(cache=True, nogil=True)
def _keys(valid: Any) -> Any:
    """A number of each pattern of gaps; equal patterns have equal numbers."""
    n, pixels = valid.shape
    keys = np.zeros(pixels, np.uint64)
    for t in range(n):
        for p in range(pixels):
            bit = np.uint64(1) if valid[t, p] else np.uint64(0)
            mixed = (keys[p] ^ bit) * np.uint64(0x9E3779B97F4A7C15)
            keys[p] = mixed ^ (mixed >> np.uint64(29))
    return keys


@njit(cache=True, nogil=True)
def _starts(valid: Any, keys: Any, order: Any) -> Any:
    """A class starts where the pattern differs from the one before: numbers that clash never join two patterns."""
    n = valid.shape[0]
    pixels = len(order)
    starts = np.empty(pixels + 1, np.int64)
    count = 0
    for i in range(pixels):
        fresh = i == 0 or keys[order[i]] != keys[order[i - 1]]
        if not fresh:
            for t in range(n):
                if valid[t, order[i]] != valid[t, order[i - 1]]:
                    fresh = True
                    break
        if fresh:
            starts[count] = i
            count += 1
    starts[count] = pixels
    return starts[: count + 1]


@njit(cache=True, nogil=True)
def rows_of(y: Any, pixel: int) -> Any:
    """The rows in which a pixel has a value."""
    n = y.shape[0]
    rows = np.empty(n, np.int64)
    count = 0
    for t in range(n):
        if np.isfinite(y[t, pixel]):
            rows[count] = t
            count += 1
    return rows[:count]


@njit(cache=True, nogil=True)
def gather(y: Any, rows: Any, pixels: Any, block: Any) -> None:
    """Copy the rows of up to LANES pixels side by side; lanes without a pixel hold zeros."""
    lanes = block.shape[1]
    for i in range(len(rows)):
        for lane in range(lanes):
            block[i, lane] = y[rows[i], pixels[lane]] if lane < len(pixels) else 0.0
