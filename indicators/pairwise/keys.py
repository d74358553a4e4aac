"""Slopes and residuals as keys of one byte, a monotone count of steps; made in float32, never a result."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from indicators.pairwise.block import LANES, TOGETHER
from indicators.pairwise.median import HIGHEST, LOWEST

#: Pairs of one year formed in one step of a loop.
ABREAST = 4
#: Half the width of the keys' range, in standard errors of the least-squares slope.
REACH = 1.5
#: Steps per unit slope of scaled values, times the smallest lag: rounding in float32 then stays below half a step.
FINEST = 2.0**18
#: The least spread of scaled residuals for the same reason.
NARROWEST = 2.0**-11
#: a·b − c rounded once: only where keys are made, never where results are.
fused = njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})


@fused
def scale(t: Any, lag: Any, b: Any) -> None:
    """Where the keys lie: `fineness` steps per unit slope around the least-squares slope."""
    n = len(t)
    zero = np.float32(0)
    sums = np.zeros((6, LANES), np.float32)
    middle = np.float32(t.mean())
    for i in range(n):
        x = np.float32(t[i]) - middle
        line = b.scaled[i * LANES : (i + 1) * LANES]
        for lane in range(LANES):
            v = line[lane]
            known = v == v
            w = np.float32(known)
            value = v if known else zero
            sums[0, lane] += w
            sums[1, lane] += w * x
            sums[2, lane] += value
            sums[3, lane] += w * x * x
            sums[4, lane] += x * value
            sums[5, lane] += value * value
    for lane in range(LANES):
        m = max(np.float64(sums[0, lane]), 3.0)
        sxx = max(sums[3, lane] - sums[1, lane] ** 2 / m, 1e-30)
        sxy = sums[4, lane] - sums[1, lane] * sums[2, lane] / m
        syy = sums[5, lane] - sums[2, lane] ** 2 / m
        centre = sxy / sxx
        error = np.sqrt(max(syy - centre * sxy, 1e-12) / (m - 2 + 1e-6) / sxx)
        b.fineness[lane] = min(HIGHEST / (REACH * error), FINEST * lag)
        b.offset[lane] = centre * b.fineness[lane]


@fused
def _some_pairs(i: int, j: int, weights: Any, row: int, b: Any) -> None:
    """Keys of `ABREAST` pairs: year i with j and the years after it."""
    zero, low, high = np.float32(0), np.float32(LOWEST), np.float32(HIGHEST)
    scaled, keys, rises, falls, fineness, offset = b.scaled, b.keys, b.rises, b.falls, b.fineness, b.offset
    group = keys[row * LANES : (row + ABREAST) * LANES]
    first, second = scaled[i * LANES : (i + 1) * LANES], scaled[j * LANES : (j + ABREAST) * LANES]
    weights = weights[row : row + ABREAST]
    for lane in range(LANES):
        start, fine, shift = first[lane], fineness[lane], offset[lane]
        up, down = rises[lane], falls[lane]
        for k in range(ABREAST):
            d = second[k * LANES + lane] - start
            up += np.int32(d > zero)
            down += np.int32(d < zero)
            x = d * weights[k] * fine - shift
            x = x if x < high else high  # a gap is not smaller: the last key
            x = x if x > low else low
            group[k * LANES + lane] = np.int8(x)
        rises[lane], falls[lane] = up, down


@fused
def _one_pair(i: int, j: int, weight: Any, row: int, b: Any) -> None:
    """The same for one pair."""
    zero, low, high = np.float32(0), np.float32(LOWEST), np.float32(HIGHEST)
    scaled, keys, rises, falls, fineness, offset = b.scaled, b.keys, b.rises, b.falls, b.fineness, b.offset
    first, second = scaled[i * LANES : (i + 1) * LANES], scaled[j * LANES : (j + 1) * LANES]
    to = keys[row * LANES : (row + 1) * LANES]
    for lane in range(LANES):
        d = second[lane] - first[lane]
        rises[lane] += np.int32(d > zero)
        falls[lane] += np.int32(d < zero)
        x = d * weight * fineness[lane] - offset[lane]
        x = x if x < high else high
        x = x if x > low else low
        to[lane] = np.int8(x)


@fused
def pair_keys(n: int, weights: Any, b: Any) -> None:
    """Keys of all pairs; how many of them rise and fall as float32 tells them."""
    b.rises[:] = 0
    b.falls[:] = 0
    row = 0
    for i in range(n - 1):
        j = i + 1
        while j + ABREAST <= n:
            _some_pairs(i, j, weights, row, b)
            row += ABREAST
            j += ABREAST
        while j < n:
            _one_pair(i, j, weights[row], row, b)
            row += 1
            j += 1
    while row % TOGETHER:
        b.keys[row * LANES : (row + 1) * LANES] = HIGHEST
        row += 1


@fused
def residual_keys(t: Any, b: Any) -> None:
    """Keys of the residuals of each lane, between its least and its greatest; its middle ranks."""
    n = len(t)
    scaled, keys, least, most = b.scaled, b.keys, b.least, b.offset
    least[:] = np.inf
    most[:] = -np.inf
    for lane in range(LANES):
        b.fineness[lane] = b.out[0, lane] * b.reach[lane]
    for i in range(n):
        x = np.float32(t[i] - t[0])
        line = scaled[i * LANES : (i + 1) * LANES]
        for lane in range(LANES):
            value = line[lane] - b.fineness[lane] * x
            line[lane] = value
            low, high = least[lane], most[lane]
            least[lane] = value if value < low else low
            most[lane] = value if value > high else high
    for lane in range(LANES):
        spread = most[lane] - least[lane]
        b.rare[lane] |= not (spread > NARROWEST)
        most[lane] = np.float32(HIGHEST - LOWEST - 6) / spread if spread > NARROWEST else np.float32(0)
        known = b.count[lane]
        b.rank[lane], b.upper[lane] = max(known - 1, 0) // 2, known // 2
    for i in range(n):
        line, to = scaled[i * LANES : (i + 1) * LANES], keys[i * LANES : (i + 1) * LANES]
        for lane in range(LANES):
            x = (line[lane] - least[lane]) * most[lane] + np.float32(LOWEST + 3)
            x = x if x < np.float32(HIGHEST) else np.float32(HIGHEST)
            to[lane] = np.int8(x)
    while n % TOGETHER:
        keys[n * LANES : (n + 1) * LANES] = HIGHEST
        n += 1
