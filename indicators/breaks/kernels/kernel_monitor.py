"""Monitoring of many pixels; the formulas are in `monitoring`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from indicators.breaks.kernels.gap_classes import gather, rows_of
from indicators.breaks.kernels.rotations import LANES, rotate_design, rotate_values, rounding, roundings, solve

#: Rows of the result.
ALARM, HISTORY, DELAY, SINCE, PAST = range(5)


@njit(cache=True, nogil=True)
def monitor(y: Any, x: Any, groups: Any, past_rows: int, settings: Any, stable: Any, results: Any) -> None:
    """Monitor every pixel; rows before `past_rows` are history.

    y (rows, pixels) with NaN in gaps, x (rows, k) well scaled, `groups` as from `classes`. `settings`: h,
    critical value, line of the reverse CUSUM (0: no test), lags over which errors hang together. `stable`: row from
    which the history is stable, by pixel. `results`: out (5, pixels): row of the alarm (−1 without), first row of
    the history (−1 where there are too few values), values from the start to the alarm, values since the start,
    values of the history; and sizes (2, pixels): magnitude, and the largest |process| since the start over its
    boundary there.
    """
    order, starts = groups
    out, sizes = results
    k = x.shape[1]
    for group in range(len(starts) - 1):
        members = order[starts[group] : starts[group + 1]]
        rows = rows_of(y, members[0])
        m = len(rows)
        past = 0
        while past < m and rows[past] < past_rows:
            past += 1
        for pixel in members:
            out[:, pixel] = -1
            out[DELAY, pixel] = 0
            out[SINCE, pixel] = m - past
            sizes[:, pixel] = np.nan
        if past <= k + 1 or past == m:
            continue
        design = x[rows]
        reverse = design[:past][::-1].copy()
        triangle = np.zeros((k, k))
        cosines = np.empty((past, k))
        sines = np.empty((past, k))
        rotate_design(reverse, triangle, cosines, sines)
        block = np.empty((m, LANES))
        left = np.empty((past, LANES))
        nothing = np.empty(LANES)
        z = np.empty((k, LANES))
        for first in range(0, len(members), LANES):
            pixels = members[first : first + LANES]
            gather(y, rows, pixels, block)
            z[:] = 0.0
            roundings(block[:past], k, nothing)
            for i in range(past):
                left[i] = block[past - 1 - i]
                rotate_values(left[i], z, cosines[i], sines[i])
                for lane in range(LANES):
                    left[i, lane] = left[i, lane] if abs(left[i, lane]) > nothing[lane] else 0.0
            for lane in range(len(pixels)):
                begin = 0
                while begin < past and rows[begin] < stable[pixels[lane]]:
                    begin += 1
                if settings[2] > 0.0:
                    begin = max(begin, _reverse_crossing(left, k, lane, settings[2]))
                whole = (triangle, z)
                _one(block, design, (past, begin), lane, whole, settings, (rows, pixels[lane], out, sizes))


@njit(cache=True, nogil=True)
def _reverse_crossing(left: Any, k: int, lane: int, line: float) -> int:
    """First row of the history that the reverse CUSUM leaves."""
    past = left.shape[0]
    m = past - k
    mean = 0.0
    for i in range(k, past):
        mean += left[i, lane]
    mean /= m
    squares = 0.0
    for i in range(k, past):
        squares += (left[i, lane] - mean) ** 2
    scale = np.sqrt(squares / (m - 1) * m)
    if scale == 0.0:
        return 0
    total = 0.0
    for i in range(m):
        total += left[k + i, lane]
        if abs(total) > scale * line * (1.0 + 2.0 * (i + 1) / m):
            return m - i
    return 0


@njit(cache=True, nogil=True)
def _coefficients(block: Any, design: Any, past: int, begin: int, lane: int, whole: Any) -> Any:
    """Coefficients of the rows begin … past − 1 of one lane."""
    k = design.shape[1]
    b = np.empty(k)
    if begin == 0:
        solve(whole[0], whole[1], lane, b)
        return b
    part = design[begin:past]
    size = past - begin
    triangle = np.zeros((k, k))
    cosines = np.empty((size, k))
    sines = np.empty((size, k))
    rotate_design(part, triangle, cosines, sines)
    z = np.zeros((k, 1))
    value = np.empty(1)
    for i in range(size):
        value[0] = block[begin + i, lane]
        rotate_values(value, z, cosines[i], sines[i])
    solve(triangle, z, 0, b)
    return b


@njit(cache=True, nogil=True)
def _long_run(errors: Any, squares: float, lags: int) -> float:
    """Sum of squares of errors that are autocorrelated over `lags` values (Bartlett weights)."""
    n = len(errors)
    weighted = squares
    for lag in range(1, min(lags, n - 1) + 1):
        total = 0.0
        for i in range(lag, n):
            total += errors[i] * errors[i - lag]
        weighted += 2.0 * (1.0 - lag / (lags + 1.0)) * total
    return max(weighted, squares)


@njit(cache=True, nogil=True)
def _one(block: Any, design: Any, span: Any, lane: int, whole: Any, settings: Any, target: Any) -> None:
    """Monitor one lane whose history goes from row span[1] to span[0] − 1; results into the pixel of `target`."""
    past, begin = span
    rows, pixel, out, sizes = target
    m, k = design.shape
    size = past - begin
    window = int(np.floor(settings[0] * size))
    if window <= 1 or size <= k:
        return
    b = _coefficients(block, design, past, begin, lane, whole)
    errors = np.empty(m - begin)
    squares = 0.0
    largest = 0.0
    for i in range(begin, m):
        largest = max(largest, abs(block[i, lane]))
    nothing = rounding(largest, size, k)
    for i in range(m - begin):
        e = block[begin + i, lane]
        for j in range(k):
            e -= design[begin + i, j] * b[j]
        e = e if abs(e) > nothing else 0.0
        errors[i] = e
        if i < size:
            squares += e * e
    scale2 = _long_run(errors[:size], squares, int(settings[3])) / (size - k) * size
    critical2 = 2.0 * settings[1] * settings[1]
    moving = 0.0
    for i in range(size - window, size):
        moving += errors[i]
    out[HISTORY, pixel] = rows[begin]
    out[PAST, pixel] = size
    strongest = 0.0
    for i in range(size, m - begin):
        moving += errors[i] - errors[i - window]
        ratio = (i + 1) / size
        boundary2 = critical2 * (1.0 if ratio <= np.e else np.log(ratio)) * scale2
        square = moving * moving
        if square > boundary2 and out[ALARM, pixel] < 0:
            out[ALARM, pixel] = rows[begin + i]
            out[DELAY, pixel] = i - size + 1
        if boundary2 > 0.0:
            strongest = max(strongest, square / boundary2)
        elif square > 0.0:
            strongest = np.inf
    sizes[0, pixel] = np.median(errors[size:])
    sizes[1, pixel] = np.sqrt(strongest)
