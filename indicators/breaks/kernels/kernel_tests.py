"""OLS-CUSUM, OLS-MOSUM and F statistics of many pixels; the formulas are in `fluctuation`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from indicators.breaks.kernels.gap_classes import gather, rows_of
from indicators.breaks.kernels.rotations import LANES, rotate_design, rotate_values, roundings


@njit(cache=True, nogil=True)
def residual_sums(y: Any, x: Any, order: Any, starts: Any, h: float, out: Any) -> None:
    """Largest |CUSUM| and |MOSUM| of each pixel into out (2, pixels); NaN where there are too few values.

    y (rows, pixels) with NaN in gaps, x (rows, k) well scaled; `order` and `starts` as from `classes`.
    """
    k = x.shape[1]
    for group in range(len(starts) - 1):
        members = order[starts[group] : starts[group + 1]]
        rows = rows_of(y, members[0])
        m = len(rows)
        window = int(np.floor(h * m))
        if m <= k:
            for pixel in members:
                out[:, pixel] = np.nan
            continue
        design = x[rows]
        triangle = np.zeros((k, k))
        cosines = np.empty((m, k))
        sines = np.empty((m, k))
        rotate_design(design, triangle, cosines, sines)
        block = np.empty((m, LANES))
        nothing = np.empty(LANES)
        for first in range(0, len(members), LANES):
            pixels = members[first : first + LANES]
            gather(y, rows, pixels, block)
            roundings(block, k, nothing)
            _residuals(block, design, triangle, cosines, sines)
            _sums(block, window, k, pixels, nothing, out)


@njit(cache=True, nogil=True)
def _residuals(block: Any, design: Any, triangle: Any, cosines: Any, sines: Any) -> None:
    """Turn values into OLS residuals in place."""
    m, k = design.shape
    z = np.zeros((k, LANES))
    row = np.empty(LANES)
    for t in range(m):
        row[:] = block[t]
        rotate_values(row, z, cosines[t], sines[t])
    b = np.empty((k, LANES))
    for i in range(k - 1, -1, -1):
        for lane in range(LANES):
            total = z[i, lane]
            for j in range(i + 1, k):
                total -= triangle[i, j] * b[j, lane]
            b[i, lane] = total / triangle[i, i] if triangle[i, i] != 0.0 else 0.0
    for t in range(m):
        for i in range(k):
            xi = design[t, i]
            for lane in range(LANES):
                block[t, lane] -= xi * b[i, lane]


@njit(cache=True, nogil=True)
def _sums(block: Any, window: int, k: int, pixels: Any, nothing: Any, out: Any) -> None:
    m = block.shape[0]
    squares = np.zeros(LANES)
    total = np.zeros(LANES)
    moving = np.zeros(LANES)
    cusum = np.zeros(LANES)
    mosum = np.zeros(LANES)
    for t in range(m):
        for lane in range(LANES):
            e = block[t, lane]
            squares[lane] += e * e
            total[lane] += e
            moving[lane] += e
            cusum[lane] = max(cusum[lane], abs(total[lane]))
        if t >= window:
            for lane in range(LANES):
                moving[lane] -= block[t - window, lane]
        if t >= window - 1:
            for lane in range(LANES):
                mosum[lane] = max(mosum[lane], abs(moving[lane]))
    for lane in range(len(pixels)):
        sigma = np.sqrt(squares[lane] / (m - k))
        scale = sigma * np.sqrt(m)
        out[0, pixels[lane]] = cusum[lane] / scale if sigma > nothing[lane] else 0.0
        out[1, pixels[lane]] = mosum[lane] / scale if sigma > nothing[lane] else 0.0
        if not 1 <= window < m:
            out[1, pixels[lane]] = np.nan


@njit(cache=True, nogil=True)
def sup_f(y: Any, x: Any, order: Any, starts: Any, h: float, out: Any, place: Any) -> None:
    """Largest and mean F (times k) of each pixel into out (2, pixels), and the row of the last value before it.

    Arguments as in `residual_sums`; `h` below 1 is a share of the values, else their number. Where there is no place
    for a break, NaN and −1.
    """
    k = x.shape[1]
    for group in range(len(starts) - 1):
        members = order[starts[group] : starts[group + 1]]
        rows = rows_of(y, members[0])
        m = len(rows)
        least = max(int(np.floor(h * m)) if h < 1.0 else int(h), k + 1)
        if 2 * least > m:
            for pixel in members:
                out[:, pixel] = np.nan
                place[pixel] = -1
            continue
        design = x[rows]
        forward = (np.empty((m, k)), np.empty((m, k)))
        backward = (np.empty((m, k)), np.empty((m, k)))
        rotate_design(design, np.zeros((k, k)), forward[0], forward[1])
        rotate_design(design[::-1].copy(), np.zeros((k, k)), backward[0], backward[1])
        block = np.empty((m, LANES))
        before = np.empty((m, LANES))
        after = np.empty((m, LANES))
        for first in range(0, len(members), LANES):
            pixels = members[first : first + LANES]
            gather(y, rows, pixels, block)
            _running(block, forward[0], forward[1], before, 1)
            _running(block, backward[0], backward[1], after, -1)
            _largest_f((before, after), least, k, rows, pixels, out, place)


@njit(cache=True, nogil=True)
def _running(block: Any, cosines: Any, sines: Any, squares: Any, step: int) -> None:
    """Residual sums of squares of the rows up to t (step 1), or from t on (step −1)."""
    m, k = cosines.shape
    z = np.zeros((k, LANES))
    row = np.empty(LANES)
    total = np.zeros(LANES)
    nothing = np.empty(LANES)
    roundings(block, k, nothing)
    for i in range(m):
        t = i if step > 0 else m - 1 - i
        row[:] = block[t]
        rotate_values(row, z, cosines[i], sines[i])
        for lane in range(LANES):
            total[lane] += row[lane] * row[lane] if abs(row[lane]) > nothing[lane] else 0.0
        squares[t] = total


@njit(cache=True, nogil=True)
def _largest_f(squares: Any, least: int, k: int, rows: Any, pixels: Any, out: Any, place: Any) -> None:
    before, after = squares
    m = before.shape[0]
    largest = np.full(LANES, -1.0)
    mean = np.zeros(LANES)
    where = np.zeros(LANES, np.int64)
    for t in range(least - 1, m - least):
        for lane in range(LANES):
            parts = before[t, lane] + after[t + 1, lane]
            gain = before[m - 1, lane] - parts
            f = gain / parts * (m - 2 * k) if parts > 0.0 else (np.inf if gain > 0.0 else 0.0)
            mean[lane] += f
            if f > largest[lane]:
                largest[lane] = f
                where[lane] = t
    for lane in range(len(pixels)):
        out[0, pixels[lane]] = largest[lane]
        out[1, pixels[lane]] = mean[lane] / (m - 2 * least + 1)
        place[pixels[lane]] = rows[where[lane]]
