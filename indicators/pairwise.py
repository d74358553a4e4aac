"""All pairs of years of many pixels side by side: Theil–Sen slope and intercept, Mann–Kendall S and ties.

For one pixel, slope = median of (y_j − y_i)/(t_j − t_i) over i < j, S = Σ sign(y_j − y_i). Sorting the slopes of one
pixel after the other leaves the processor's vector units idle. Here `LANES` pixels stand side by side and every step
is the same for all of them:

1. form all pairs once, in float32 on values scaled to [−1, 1]; count the signs in the same pass, and keep each slope
   as a key of one byte, a monotone count of steps from the least-squares slope (outliers are cut off, gaps are last);
2. find the key of the median, bit by bit, by counting how many keys are smaller (no sorting, no branches); a vector
   compares as many keys as it has bytes, and the counts are bytes too;
3. the key is right to within one step, so the median is among the pairs within one step of it. Those are two pairs or
   so; the numbers of up to `SLOTS` are collected, their slopes computed in float64 and put in order. A pixel
   that has more sorts them.

So the result is the one of the float64 definition to the last bit, whatever the data; only the time depends on them.
The same selection finds the median residual. Values that tie in float32 are compared again as they came.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from indicators.compiling import compiled
from indicators.pairwise_sorted import pairwise_sorted

LANES = 128
#: Keys are whole numbers in [LOWEST, HIGHEST], found in BITS steps of counting.
BITS = 8
LOWEST, HIGHEST = -(1 << (BITS - 1)), (1 << (BITS - 1)) - 1
#: Pairs whose keys are compared in one step of a loop; a whole number of such steps is counted in a byte.
TOGETHER = 12
IN_A_BYTE = 252
#: Pairs of one year formed in one step of a loop.
ABREAST = 4
#: Pairs around the median that are ranked side by side; `_ranked` is written for four.
SLOTS = 4
#: The pair number must fit the int16 of its slot.
LONGEST = 256
#: Half the width of the keys' range, in standard errors of the least-squares slope.
REACH = 1.5
#: Steps per unit slope of scaled values, times the smallest lag: rounding in float32 then stays below half a step.
FINEST = 2.0**18
#: The least spread of scaled residuals for the same reason.
NARROWEST = 2.0**-11
#: A range of values whose reciprocal is a float32 too; beyond it all pairs are ranked one by one.
SMALLEST, LARGEST = 1e-37, 1e37

# Compiled code is kept on disk by the file it stands in: what calls each other stands in this one, or an edited callee
# would go unnoticed.
# a·b − c rounded once: only where keys are made, never where results are
fused = njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})


class Block(NamedTuple):
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
def _take(y: Any, start: Any, used: Any, b: Any) -> None:
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
            # infinity less itself is no number
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


@fused
def _scale(t: Any, lag: Any, b: Any) -> None:
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
def _pairs(n: int, weights: Any, b: Any) -> None:
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
def _select(rows: int, b: Any) -> None:
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
def _gather(rows: int, b: Any) -> None:
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
def _ranked(b: Any) -> None:
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


@compiled
def _slopes(first: Any, second: Any, gap: Any, b: Any) -> None:
    """The median slope of each lane in float64, from the pairs in its window."""
    exact, slots, raw = b.exact, b.slots, b.raw
    for k in range(SLOTS):
        slot, to = slots[k * LANES : (k + 1) * LANES], exact[k * LANES : (k + 1) * LANES]
        for lane in range(LANES):
            row = np.uint64(slot[lane])
            start, end = np.float64(raw[first[row], lane]), np.float64(raw[second[row], lane])
            slope = (end - start) / gap[row]
            to[lane] = slope if k < b.inside[lane] else np.inf
    _ranked(b)
    for lane in range(LANES):
        b.out[0, lane] = b.middle[lane]
        if b.rare[lane] or b.inside[lane] > SLOTS or b.found[lane] == LOWEST or b.top[lane] == HIGHEST:
            # without any rise or fall all slopes are 0
            b.out[0, lane] = 0.0
            if b.rare[lane] or b.rises[lane] + b.falls[lane] > 0:
                _crowded_slope(lane, first, second, gap, b)


@compiled
def _crowded_slope(lane: int, first: Any, second: Any, gap: Any, b: Any) -> None:
    """The median slope of one lane by sorting what its window holds, or all pairs."""
    room = np.empty(len(gap))
    lower, above = np.int64(b.rank[lane]), np.int64(b.upper[lane])
    if not b.rare[lane]:
        lower -= b.below[lane]
        above -= b.below[lane]
    members = 0
    for row in range(len(gap)):
        if b.rare[lane] or b.found[lane] <= b.keys[row * LANES + lane] <= b.top[lane]:
            i, j = first[row], second[row]
            value = (np.float64(b.raw[j, lane]) - np.float64(b.raw[i, lane])) / gap[row]
            if value == value:
                room[members] = value
                members += 1
    if members > above:
        ordered = np.sort(room[:members])
        b.out[0, lane] = ordered[lower] if lower == above else (ordered[lower] + ordered[above]) / 2


@fused
def _rest_keys(t: Any, b: Any) -> None:
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


@compiled
def _intercepts(t: Any, b: Any) -> None:
    """Median of y − slope·(t − t₀), found like the median slope."""
    _rest_keys(t, b)
    n = (len(t) + TOGETHER - 1) // TOGETHER * TOGETHER
    _select(n, b)
    _gather(n, b)
    exact, slots, raw = b.exact, b.slots, b.raw
    for k in range(SLOTS):
        slot, to = slots[k * LANES : (k + 1) * LANES], exact[k * LANES : (k + 1) * LANES]
        for lane in range(LANES):
            i = np.uint64(min(slot[lane], len(t) - 1))
            value = np.float64(raw[i, lane]) - b.out[0, lane] * (t[i] - t[0])
            to[lane] = value if k < b.inside[lane] else np.inf
    _ranked(b)
    for lane in range(LANES):
        b.out[1, lane] = b.middle[lane]
        if b.rare[lane] or b.inside[lane] > SLOTS:
            _crowded_intercept(lane, t, b)


@compiled
def _crowded_intercept(lane: int, t: Any, b: Any) -> None:
    """The median residual of one lane by sorting."""
    room = np.empty(len(t))
    members = 0
    for i in range(len(t)):
        value = np.float64(b.raw[i, lane]) - b.out[0, lane] * (t[i] - t[0])
        if value == value:
            room[members] = value
            members += 1
    lower, above = (members - 1) // 2, members // 2
    if members > 0:
        ordered = np.sort(room[:members])
        b.out[1, lane] = ordered[lower] if lower == above else (ordered[lower] + ordered[above]) / 2


@compiled
def _work(t: Any, lag: Any, weights: Any, first: Any, second: Any, gap: Any, b: Any) -> None:
    """Slope, intercept, S, valid years, Σ(g−1)(2g+5)g over tie groups and tied pairs of a block of pixels."""
    rows = len(gap)
    _scale(t, lag, b)
    _pairs(len(t), weights, b)
    tied = np.int64(0)
    out = b.out
    for lane in range(LANES):
        known = b.count[lane]
        pairs = known * (known - 1) // 2
        b.rank[lane], b.upper[lane] = max(pairs - 1, 0) // 2, pairs // 2
        tied += np.int64(b.rare[lane]) + pairs - b.rises[lane] - b.falls[lane]
        out[2, lane], out[3, lane] = b.rises[lane] - b.falls[lane], known
        out[4, lane] = out[5, lane] = 0
    _select(rows, b)
    _gather(rows, b)
    _slopes(first, second, gap, b)
    if tied:
        _count_ties(b)
    _intercepts(t, b)
    for lane in range(LANES):
        if b.count[lane] < 2:
            out[0, lane] = out[1, lane] = np.nan


@compiled
def _tie_groups(raw: Any, same: Any) -> None:
    """How many other years of a pixel have exactly the value of each year."""
    n = raw.shape[0]
    same[:] = 0
    for i in range(n - 1):
        for j in range(i + 1, n):
            for lane in range(LANES):
                equal = np.int16(raw[i, lane] == raw[j, lane])
                same[i, lane] += equal
                same[j, lane] += equal


@compiled
def _score(raw: Any, lane: Any) -> Any:
    """S of one lane, compared as the values came."""
    score = np.int64(0)
    for i in range(raw.shape[0] - 1):
        for j in range(i + 1, raw.shape[0]):
            score += np.int64(raw[j, lane] > raw[i, lane]) - np.int64(raw[j, lane] < raw[i, lane])
    return score


@compiled
def _count_ties(b: Any) -> None:
    """Tie groups and tied pairs, compared as the values came; S anew where float32 saw other ties."""
    raw, out = b.raw, b.out
    n = raw.shape[0]
    same = np.empty((n, LANES), np.int16)
    _tie_groups(raw, same)
    for i in range(n):
        for lane in range(LANES):
            others = np.float64(same[i, lane])
            out[4, lane] += others * (2 * others + 7)
            out[5, lane] += others / 2
    for lane in range(LANES):
        pairs = out[3, lane] * (out[3, lane] - 1) / 2
        if b.rare[lane] or pairs - out[5, lane] != b.rises[lane] + b.falls[lane]:
            out[2, lane] = _score(raw, lane)
        if out[5, lane] == pairs:
            out[0, lane] = 0.0


def pairwise(y: Any, t: Any, result: Any) -> None:
    """Fill `result` (6, pixels) from `y` (years, pixels) and the years `t`, in any strides.

    Rows: slope; intercept at t[0]; S; valid years; Σ g(g−1)(2g+5) over tie groups; tied pairs.
    """
    if len(y) > LONGEST:
        pairwise_sorted(y, t, result)
    else:
        _side_by_side(y, t, result)


@compiled
def _side_by_side(y: Any, t: Any, result: Any) -> None:
    """`pairwise` for series that are not too long."""
    n, pixels = y.shape
    pairs = (n * (n - 1) // 2 + TOGETHER - 1) // TOGETHER * TOGETHER
    first, second, gap = np.zeros(pairs, np.int64), np.zeros(pairs, np.int64), np.full(pairs, np.nan)
    weights = np.empty(pairs, np.float32)
    row = 0
    lag = np.inf
    for i in range(n):
        lag = min(lag, t[i] - t[i - 1]) if i else lag
        for j in range(i + 1, n):
            first[row], second[row], gap[row], weights[row] = i, j, t[j] - t[i], 1 / (t[j] - t[i])
            row += 1
    f4 = np.empty((3, LANES), np.float32)
    i4 = np.empty((3, LANES), np.int32)
    i2 = np.empty((5, LANES), np.int16)
    i1 = np.empty((3, LANES), np.int8)
    u1 = np.empty((2, LANES), np.uint8)
    b = Block(
        np.empty((n, LANES), y.dtype),
        np.empty(LANES, y.dtype),
        np.empty(LANES, y.dtype),
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
    for start in range(0, pixels, LANES):
        used = min(LANES, pixels - start)
        _take(y, start, used, b)
        _work(t, lag, weights, first, second, gap, b)
        result[:, start : start + used] = b.out[:, :used]
