"""Bai–Perron partitions of many pixels, by dynamic programming without a table of costs.

The cost of rows first … t grows row by row. Every cost is offered, as soon as it is known, to the best partitions
that end at t: V_b(t) = min over first of V_{b−1}(first − 1) + cost(first, t). Going through `first` upwards,
V_{b−1}(first − 1) is final when it is needed, so that no cost has to be kept.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from indicators.breaks.kernels.gap_classes import gather, rows_of
from indicators.breaks.kernels.rotations import LANES, rotate_design, rotate_values, roundings, solve


@njit(cache=True, nogil=True)
def partitions(y: Any, x: Any, groups: Any, h: float, most: int, lwz: bool, results: Any) -> None:
    """`results`: rows of the last values before the breaks (most, pixels), −1 where none, and RSS by their number.

    Arguments as in `kernel_tests`, `groups` both parts of `classes`; RSS (most + 1, pixels), NaN where that many
    breaks do not fit; all NaN where the series is too short for one. Of 0 … `most` breaks BIC or LWZ chooses.
    """
    order, starts = groups
    places, rss = results
    k = x.shape[1]
    for group in range(len(starts) - 1):
        members = order[starts[group] : starts[group + 1]]
        rows = rows_of(y, members[0])
        m = len(rows)
        shortest = int(np.floor(h * m)) if h < 1.0 else int(h)
        for pixel in members:
            places[:, pixel] = -1
            rss[:, pixel] = np.nan
        if shortest <= k or 2 * shortest > m:
            continue
        fitting = min(most, m // shortest - 1)
        cosines, sines = _all_rotations(x[rows], shortest)
        block = np.empty((m, LANES))
        for first in range(0, len(members), LANES):
            pixels = members[first : first + LANES]
            gather(y, rows, pixels, block)
            found = _best(block, cosines, sines, shortest, fitting)
            for lane in range(len(pixels)):
                _choose(found, lane, k, lwz, rows, places[:, pixels[lane]], rss[:, pixels[lane]])


@njit(cache=True, nogil=True)
def _all_rotations(design: Any, shortest: int) -> Any:
    """Rotations (first, row − first, k) of every segment that reaches to the end."""
    m, k = design.shape
    firsts = m - shortest + 1
    cosines = np.empty((firsts, m, k))
    sines = np.empty((firsts, m, k))
    for first in range(firsts):
        rotate_design(design[first:], np.zeros((k, k)), cosines[first], sines[first])
    return cosines, sines


@njit(cache=True, nogil=True)
def _best(block: Any, cosines: Any, sines: Any, shortest: int, most: int) -> Any:
    """Least squares (breaks, last row, lane) of the best partitions, and where their last break lies."""
    m = block.shape[0]
    k = cosines.shape[2]
    best = np.full((most + 1, m, LANES), np.inf)
    origin = np.full((most + 1, m, LANES), -1, np.int32)
    z = np.empty((k, LANES))
    row = np.empty(LANES)
    total = np.empty(LANES)
    nothing = np.empty(LANES)
    roundings(block, k, nothing)
    for first in range(m - shortest + 1):
        z[:] = 0.0
        total[:] = 0.0
        for t in range(first, m):
            row[:] = block[t]
            rotate_values(row, z, cosines[first, t - first], sines[first, t - first])
            for lane in range(LANES):
                total[lane] += row[lane] * row[lane] if abs(row[lane]) > nothing[lane] else 0.0
            if t - first + 1 < shortest:
                continue
            if first == 0:
                best[0, t] = total
                continue
            # one break before `first` needs one whole segment there, two need two
            for breaks in range(1, min(most, first // shortest) + 1):
                earlier = best[breaks - 1, first - 1]
                now = best[breaks, t]
                where = origin[breaks, t]
                for lane in range(LANES):
                    offered = earlier[lane] + total[lane]
                    better = offered < now[lane]
                    now[lane] = offered if better else now[lane]
                    where[lane] = first - 1 if better else where[lane]
    return best, origin


@njit(cache=True, nogil=True)
def _choose(found: Any, lane: int, k: int, lwz: bool, rows: Any, places: Any, rss: Any) -> None:
    """The number of breaks with the least criterion, and where they are."""
    best, origin = found
    most, m = best.shape[0] - 1, best.shape[1]
    weight = 0.299 * np.log(m) ** 2.1 if lwz else np.log(m)
    chosen = 0
    least = np.inf
    for breaks in range(most + 1):
        rss[breaks] = best[breaks, m - 1, lane]
        if not np.isfinite(rss[breaks]):
            rss[breaks] = np.nan
            continue
        score = m * np.log(max(rss[breaks], 2.2250738585072014e-308)) + weight * (k + 1) * breaks
        if score < least:
            least = score
            chosen = breaks
    t = m - 1
    for breaks in range(chosen, 0, -1):
        t = origin[breaks, t, lane]
        places[breaks - 1] = rows[t]


@njit(cache=True, nogil=True)
def break_sizes(y: Any, x: Any, order: Any, starts: Any, places: Any, out: Any) -> None:
    """What each break is like, into out (5, most, pixels); NaN without a break.

    Step of the fit at the first value after it; mean of (x'δ)² before and after, δ the change of the coefficients;
    variance of the errors before and after. `places` as from `partitions`.
    """
    k = x.shape[1]
    most = places.shape[0]
    out[:] = np.nan
    for group in range(len(starts) - 1):
        members = order[starts[group] : starts[group + 1]]
        rows = rows_of(y, members[0])
        design = x[rows]
        values = np.empty((len(rows), 1))
        nothing = np.empty(1)
        for member in range(len(members)):
            pixel = members[member]
            if most == 0 or places[0, pixel] < 0:
                continue
            for i in range(len(rows)):
                values[i, 0] = y[rows[i], pixel]
            roundings(values, k, nothing)
            first = 0
            b, variance, end = _segment(values, design, rows, first, places[0, pixel], nothing[0])
            for each in range(most):
                if places[each, pixel] < 0:
                    break
                last = rows[-1]
                if each + 1 < most and places[each + 1, pixel] >= 0:
                    last = places[each + 1, pixel]
                later, later_variance, later_end = _segment(values, design, rows, end, last, nothing[0])
                step = 0.0
                size1 = 0.0
                size2 = 0.0
                for i in range(first, later_end):
                    change = 0.0
                    for j in range(k):
                        change += design[i, j] * (later[j] - b[j])
                    if i < end:
                        size1 += change * change
                    else:
                        size2 += change * change
                    if i == end:
                        step = change
                out[0, each, pixel] = step
                out[1, each, pixel] = size1 / (end - first)
                out[2, each, pixel] = size2 / (later_end - end)
                out[3, each, pixel] = variance
                out[4, each, pixel] = later_variance
                first, end, b, variance = end, later_end, later, later_variance


@njit(cache=True, nogil=True)
def _segment(values: Any, design: Any, rows: Any, first: int, last: int, nothing: float) -> Any:
    """Coefficients and error variance of the values from place `first` to the row `last`, and the place after it."""
    k = design.shape[1]
    end = first
    while end < len(rows) and rows[end] <= last:
        end += 1
    triangle = np.zeros((k, k))
    cosines = np.empty((end - first, k))
    sines = np.empty((end - first, k))
    rotate_design(design[first:end], triangle, cosines, sines)
    z = np.zeros((k, 1))
    row = np.empty(1)
    total = 0.0
    for i in range(end - first):
        row[0] = values[first + i, 0]
        rotate_values(row, z, cosines[i], sines[i])
        total += row[0] * row[0] if abs(row[0]) > nothing else 0.0
    b = np.empty(k)
    solve(triangle, z, 0, b)
    return b, total / (end - first), end
