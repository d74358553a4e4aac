"""The median of many keys by counting, bit by bit, and of the few exact values around it by rank."""

from __future__ import annotations

from typing import Any

import numpy as np

from indicators.kernel.compiling import compiled
from indicators.pairwise.block import LANES, TOGETHER

#: Keys are whole numbers in [LOWEST, HIGHEST], found in BITS steps of counting.
BITS = 8
LOWEST, HIGHEST = -(1 << (BITS - 1)), (1 << (BITS - 1)) - 1
#: Keys that are counted in one byte, a whole number of `TOGETHER`.
IN_A_BYTE = 252


@compiled
def _smaller(keys: Any, rows: int, limit: Any, below: Any, part: Any) -> None:
    """`below` = how many keys of each lane are smaller than its limit."""
    below[:] = 0
    for start in range(0, rows, IN_A_BYTE):
        part[:] = 0
        for row in range(start, min(start + IN_A_BYTE, rows), TOGETHER):
            group = keys[row * LANES : (row + TOGETHER) * LANES]
            for lane in range(LANES):
                bound, smaller = limit[lane], part[lane]
                for k in range(TOGETHER):
                    smaller += np.uint8(group[k * LANES + lane] < bound)
                part[lane] = smaller
        for lane in range(LANES):
            below[lane] += np.int16(part[lane])


@compiled
def select(rows: int, b: Any) -> None:
    """The keys of both middle ranks: bit by bit, by counting; then the next key that occurs."""
    found, trial, below, upto, top, keys = b.found, b.trial, b.below, b.upto, b.top, b.keys
    found[:] = LOWEST
    upto[:] = np.int16(32767)
    for bit in range(BITS - 1, -1, -1):
        step = 1 << bit
        for lane in range(LANES):
            trial[lane] = found[lane] + step
        _smaller(keys, rows, trial, below, b.part)
        for lane in range(LANES):
            reached = below[lane] <= b.rank[lane]
            found[lane] = trial[lane] if reached else found[lane]
            upto[lane] = upto[lane] if reached else below[lane]
    top[:] = HIGHEST
    for row in range(0, rows, TOGETHER):
        group = keys[row * LANES : (row + TOGETHER) * LANES]
        for lane in range(LANES):
            least, bound = top[lane], found[lane]
            for k in range(TOGETHER):
                key = group[k * LANES + lane]
                key = key if key > bound else np.int8(HIGHEST)
                least = key if key < least else least
            top[lane] = least
    for lane in range(LANES):
        top[lane] = found[lane] if upto[lane] > b.upper[lane] else top[lane]


@compiled
def gather(rows: int, b: Any) -> None:
    """Open the window one step each way; how many keys lie below and inside, and which rows (the last `SLOTS`)."""
    keys, slots, inside, low, high = b.keys, b.slots, b.inside, b.found, b.top
    for lane in range(LANES):
        low[lane] = low[lane] - 1 if low[lane] > LOWEST else LOWEST
        high[lane] = high[lane] + 1 if high[lane] < HIGHEST else HIGHEST
    _smaller(keys, rows, low, b.below, b.part)
    slots[:] = 0
    inside[:] = 0
    for row in range(0, rows, TOGETHER):
        group = keys[row * LANES : (row + TOGETHER) * LANES]
        for lane in range(LANES):
            bottom, top, many = low[lane], high[lane], inside[lane]
            s0, s1, s2, s3 = slots[lane], slots[LANES + lane], slots[2 * LANES + lane], slots[3 * LANES + lane]
            for k in range(TOGETHER):
                key = group[k * LANES + lane]
                within = (key >= bottom) & (key <= top)
                many += np.int16(within)
                s3 = s2 if within else s3
                s2 = s1 if within else s2
                s1 = s0 if within else s1
                s0 = np.int16(row + k) if within else s0
            inside[lane] = many
            slots[lane], slots[LANES + lane], slots[2 * LANES + lane], slots[3 * LANES + lane] = s0, s1, s2, s3


@compiled
def ranked(b: Any) -> None:
    """Median of the exact values in the slots."""
    exact, middle = b.exact, b.middle
    for lane in range(LANES):
        x, y, z, w = exact[lane], exact[LANES + lane], exact[2 * LANES + lane], exact[3 * LANES + lane]
        x, y = x if x < y else y, y if x < y else x
        z, w = z if z < w else w, w if z < w else z
        x, z = x if x < z else z, z if x < z else x
        y, w = y if y < w else w, w if y < w else y
        y, z = y if y < z else z, z if y < z else y
        lower, above = b.rank[lane] - b.below[lane], b.upper[lane] - b.below[lane]
        one = x if lower == 0 else (y if lower == 1 else (z if lower == 2 else w))
        two = x if above == 0 else (y if above == 1 else (z if above == 2 else w))
        middle[lane] = one if lower == above else (one + two) / 2
