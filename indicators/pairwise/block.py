"""The pixels of a block side by side: what is known of them, and how they come in."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from indicators.kernel.compiling import compiled

#: Pixels of a block.
LANES = 128
#: Pairs whose keys are compared in one step of a loop.
TOGETHER = 12
#: Pairs around the median that are ranked side by side; `median.ranked` is written for four.
SLOTS = 4
#: A range of values whose reciprocal is a float32 too; beyond it all pairs are ranked one by one.
SMALLEST, LARGEST = 1e-37, 1e37


class LaneBlock(NamedTuple):
    """What is known of the pixels of a block; one entry a lane. Rows of the flat arrays follow each other: as their
    length is a constant, the compiler sees that they do not overlap and keeps the loops over lanes as vectors.
    """

    raw: Any  # (years, LANES) as they came, NaN where not finite
    anchor: Any  # first value
    reach: Any  # 1 / greatest distance from it
    scaled: Any  # flat (years, LANES) float32; in the end their residuals
    keys: Any  # flat (pairs, LANES) int8
    count: Any  # int32: known years
    rises: Any
    falls: Any
    rare: Any  # uint8: keys tell nothing
    part: Any  # uint8
    fineness: Any  # float32: steps per unit slope
    offset: Any  # float32: steps to the least-squares slope
    least: Any
    rank: Any  # int16: both middle ranks
    upper: Any
    below: Any  # keys smaller than the window
    upto: Any
    inside: Any  # keys in the window
    found: Any  # int8: key of the lower rank, then first of the window
    top: Any  # the same of the upper rank, last of the window
    trial: Any
    slots: Any  # flat (SLOTS, LANES) int16: numbers of rows in the window
    exact: Any  # flat (SLOTS, LANES) float64: their values
    middle: Any
    out: Any  # (6, LANES): as the result


@compiled
def empty_block(n: int, pairs: int, kind: Any) -> Any:
    """Buffers for the pixels of a block, by number of years and pairs and type of number."""
    f4 = np.empty((3, LANES), np.float32)
    i4 = np.empty((3, LANES), np.int32)
    i2 = np.empty((5, LANES), np.int16)
    i1 = np.empty((3, LANES), np.int8)
    u1 = np.empty((2, LANES), np.uint8)
    return LaneBlock(
        np.empty((n, LANES), kind),
        np.empty(LANES, kind),
        np.empty(LANES, kind),
        np.empty(n * LANES, np.float32),
        np.empty((max(pairs, n) + TOGETHER) * LANES, np.int8),
        i4[0],
        i4[1],
        i4[2],
        u1[0],
        u1[1],
        f4[0],
        f4[1],
        f4[2],
        i2[0],
        i2[1],
        i2[2],
        i2[3],
        i2[4],
        i1[0],
        i1[1],
        i1[2],
        np.zeros(SLOTS * LANES, np.int16),
        np.empty(SLOTS * LANES),
        np.empty(LANES),
        np.empty((6, LANES)),
    )


@compiled
def take(y: Any, start: Any, used: Any, b: Any) -> None:
    """Copy a block of pixels; scale each to [−1, 1] around its first value. Not finite is a gap."""
    raw, reach, anchor, count = b.raw, b.reach, b.anchor, b.count
    n = y.shape[0]
    anchor[:] = np.nan
    reach[:] = 0
    count[:] = 0
    raw[:, used:] = np.nan
    for i in range(n):
        for lane in range(used):
            raw[i, lane] = y[i, start + lane]
        for lane in range(LANES):
            value = raw[i, lane]
            # infinity minus itself is not a number
            value = value + (value - value)
            raw[i, lane] = value
            count[lane] += np.int32(value == value)
            anchor[lane] = anchor[lane] if anchor[lane] == anchor[lane] else value
    for i in range(n):
        for lane in range(LANES):
            size = abs(raw[i, lane] - anchor[lane])
            reach[lane] = size if size > reach[lane] else reach[lane]
    for lane in range(LANES):
        fit = SMALLEST < reach[lane] < LARGEST
        b.rare[lane] = not (reach[lane] == 0 or fit)
        reach[lane] = 1 / reach[lane] if fit else 1
    for i in range(n):
        line = b.scaled[i * LANES : (i + 1) * LANES]
        for lane in range(LANES):
            line[lane] = (raw[i, lane] - anchor[lane]) * reach[lane]
