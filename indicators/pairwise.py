"""All pairs of years of many pixels side by side: Theil–Sen slope and intercept, Mann–Kendall S and ties.

For one pixel, slope = median of (y_j − y_i)/(t_j − t_i) over i < j, S = Σ sign(y_j − y_i). Sorting the slopes of one
pixel after the other leaves the processor's vector units idle. Here `LANES` pixels stand side by side and every step
is the same for all of them:

1. form all pairs once, in float32 on values scaled to [−1, 1]; count the signs in the same pass, and keep each slope
   as an int16 key, a monotone count of steps from the least-squares slope (outliers are cut off, gaps are last);
2. find the key of the median, bit by bit, by counting how many keys are smaller (no sorting, no branches);
3. the key is right to within one step, so the median is among the pairs within two steps of it. Those are one or two
   pairs in nearly every pixel; their slopes are computed in float64 and ranked.

So the result is the one of the float64 definition to the last bit, whatever the data; only the time depends on them.
The same selection finds the median residual. Values that tie in float32 are compared again as they came.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

LANES = 128
#: Keys are whole numbers in [LOWEST, HIGHEST], found in BITS steps of counting.
BITS = 13
LOWEST, HIGHEST = -(1 << (BITS - 1)), (1 << (BITS - 1)) - 1
#: The pair number must fit the int16 of its key.
LONGEST = 256
#: Half the width of the keys' range, in standard errors of the least-squares slope.
REACH = 2.5
#: Steps per unit slope of scaled values, times the smallest lag: rounding in float32 then stays below half a step.
FINEST = 2.0**18
TOGETHER = 4
#: A range of values whose reciprocal is a float32 too; beyond it all pairs are ranked one by one.
SMALLEST, LARGEST = 1e-37, 1e37

# Compiled code is kept on disk by the file it stands in: what calls each other stands in one file, or an edited callee
# would go unnoticed.
compiled = njit(nogil=True, cache=True, error_model="numpy")


@compiled
def _take(y: Any, start: Any, used: Any, raw: Any, scaled: Any, count: Any, slow: Any) -> None:
    """Copy a block of pixels; scale each to [−1, 1] around its first value. Not finite is a gap."""
    n = y.shape[0]
    anchor, reach = np.full(LANES, np.nan, raw.dtype), np.zeros(LANES, raw.dtype)
    known = np.zeros(LANES, np.int32)
    raw[:, used:] = np.nan
    for i in range(n):
        for lane in range(used):
            raw[i, lane] = y[i, start + lane]
        for lane in range(LANES):
            value = raw[i, lane]
            # infinity less itself is no number
            value = value + (value - value)
            raw[i, lane] = value
            known[lane] += np.int32(value == value)
            anchor[lane] = anchor[lane] if anchor[lane] == anchor[lane] else value
    for i in range(n):
        for lane in range(LANES):
            size = abs(raw[i, lane] - anchor[lane])
            reach[lane] = size if size > reach[lane] else reach[lane]
    for lane in range(LANES):
        count[lane] = known[lane]
        slow[lane] = not (reach[lane] == 0 or SMALLEST < reach[lane] < LARGEST)
        reach[lane] = 1 if slow[lane] or reach[lane] == 0 else 1 / reach[lane]
    for i in range(n):
        for lane in range(LANES):
            scaled[i, lane] = (raw[i, lane] - anchor[lane]) * reach[lane]


@compiled
def _scale(scaled: Any, t: Any, lag: Any, fineness: Any, offset: Any) -> None:
    """Where the keys lie: `fineness` steps per unit slope around the least-squares slope."""
    n = len(t)
    zero = np.float32(0)
    sums = np.zeros((6, LANES), np.float32)
    middle = np.float32(t.mean())
    for i in range(n):
        x = np.float32(t[i]) - middle
        for lane in range(LANES):
            v = scaled[i, lane]
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
        fineness[lane] = min(HIGHEST / (REACH * error), FINEST * lag)
        offset[lane] = centre * fineness[lane]


@compiled
def _one_pair(a: Any, b: Any, weight: Any, fineness: Any, offset: Any, keys: Any, rises: Any, falls: Any) -> None:
    zero, low, high = np.float32(0), np.float32(LOWEST), np.float32(HIGHEST)
    for lane in range(LANES):
        d = b[lane] - a[lane]
        rises[lane] += np.int32(d > zero)
        falls[lane] += np.int32(d < zero)
        x = d * weight * fineness[lane] - offset[lane]
        x = x if x < high else high
        x = x if x > low else low
        keys[lane] = np.int16(x)


@compiled
def _pairs(scaled: Any, t: Any, fineness: Any, offset: Any, keys: Any, rises: Any, falls: Any) -> None:
    """Keys of all pairs; how many of them rise and fall as float32 tells them."""
    n = len(t)
    low, high = np.float32(LOWEST), np.float32(HIGHEST)
    zero = np.float32(0)
    rises[:] = 0
    falls[:] = 0
    row = 0
    for i in range(n - 1):
        j = i + 1
        if (n - j) % 2:
            _one_pair(scaled[i], scaled[j], np.float32(1.0 / (t[j] - t[i])), fineness, offset, keys[row], rises, falls)
            row += 1
            j += 1
        while j < n:
            first, second = np.float32(1.0 / (t[j] - t[i])), np.float32(1.0 / (t[j + 1] - t[i]))
            for lane in range(LANES):
                start, fine, shift = scaled[i, lane], fineness[lane], offset[lane]
                d, e = scaled[j, lane] - start, scaled[j + 1, lane] - start
                rises[lane] += np.int32(d > zero) + np.int32(e > zero)
                falls[lane] += np.int32(d < zero) + np.int32(e < zero)
                x, y = d * first * fine - shift, e * second * fine - shift
                x, y = x if x < high else high, y if y < high else high  # a gap is not smaller: the last key
                x, y = x if x > low else low, y if y > low else low
                keys[row, lane], keys[row + 1, lane] = np.int16(x), np.int16(y)
            row += 2
            j += 2
    while row % TOGETHER:
        keys[row, :] = HIGHEST
        row += 1


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
def _select(keys: Any, rows: Any, rank: Any, found: Any) -> None:
    """The key of each lane that has `rank` smaller ones: bit by bit, by counting."""
    trial, below = np.empty(LANES, np.int16), np.empty(LANES, np.int16)
    found[:] = LOWEST
    for bit in range(BITS - 1, -1, -1):
        step = 1 << bit
        for lane in range(LANES):
            trial[lane] = found[lane] + step
            below[lane] = 0
        for row in range(0, rows, TOGETHER):
            for lane in range(LANES):
                limit = trial[lane]
                below[lane] += (
                    np.int16(keys[row, lane] < limit)
                    + np.int16(keys[row + 1, lane] < limit)
                    + np.int16(keys[row + 2, lane] < limit)
                    + np.int16(keys[row + 3, lane] < limit)
                )
        for lane in range(LANES):
            found[lane] = trial[lane] if below[lane] <= rank[lane] else found[lane]


@compiled
def _candidates(keys: Any, rows: Any, upper: Any, found: Any, window: Any) -> None:
    """The rows within two steps of the keys of both middle ranks.

    Fills `window`: lowest and highest key, how many rows below and inside, first and last row inside.
    """
    low, high, below, inside, first, last = window[0], window[1], window[2], window[3], window[4], window[5]
    high[:] = HIGHEST
    for array in (below, inside, last):
        array[:] = 0
    first[:] = np.int16(32767)
    for row in range(0, rows, TOGETHER):
        for lane in range(LANES):
            limit, least = found[lane], high[lane]
            for k in range(TOGETHER):
                key = keys[row + k, lane]
                inside[lane] += np.int16(key <= limit)
                least = min(least, key if key > limit else np.int16(HIGHEST))
            high[lane] = least
    for lane in range(LANES):
        top = found[lane] if inside[lane] > upper[lane] else high[lane]
        low[lane] = max(found[lane] - 2, LOWEST)
        high[lane] = min(top + 2, HIGHEST)
        inside[lane] = 0
    for row in range(0, rows, TOGETHER):
        for lane in range(LANES):
            bottom, top, early, late = low[lane], high[lane], first[lane], last[lane]
            for k in range(TOGETHER):
                key = keys[row + k, lane]
                within = (key >= bottom) & (key <= top)
                below[lane] += np.int16(key < bottom)
                inside[lane] += np.int16(within)
                early = min(early, np.int16(row + k) if within else np.int16(32767))
                late = max(late, np.int16(row + k) if within else np.int16(0))
            first[lane], last[lane] = early, late


@compiled
def _slopes(raw: Any, t: Any, pair: Any, keys: Any, ranks: Any, window: Any, slow: Any, out: Any) -> None:
    """The median slope of each lane in float64, from the pairs in its window."""
    rank, upper = ranks[0], ranks[1]
    low, high, below, inside, first, last = window[0], window[1], window[2], window[3], window[4], window[5]
    room = np.empty(len(pair))
    for lane in range(LANES):
        lower, above = np.int64(rank[lane] - below[lane]), np.int64(upper[lane] - below[lane])
        if not slow[lane] and inside[lane] <= 2 and high[lane] < HIGHEST:
            i, j = pair[first[lane], 0], pair[first[lane], 1]
            one = (np.float64(raw[j, lane]) - np.float64(raw[i, lane])) / (t[j] - t[i])
            i, j = pair[last[lane], 0], pair[last[lane], 1]
            other = (np.float64(raw[j, lane]) - np.float64(raw[i, lane])) / (t[j] - t[i])
            less, more = min(one, other), max(one, other)
            out[0, lane] = (less + more) / 2 if lower != above else (less if lower == 0 else more)
            continue
        members = 0
        for row in range(len(pair)):
            if slow[lane] or low[lane] <= keys[row, lane] <= high[lane]:
                i, j = pair[row, 0], pair[row, 1]
                value = (np.float64(raw[j, lane]) - np.float64(raw[i, lane])) / (t[j] - t[i])
                if value == value:
                    room[members] = value
                    members += 1
        if slow[lane]:
            lower, above = np.int64(rank[lane]), np.int64(upper[lane])
        if members > above:
            ordered = np.sort(room[:members])
            out[0, lane] = ordered[lower] if lower == above else (ordered[lower] + ordered[above]) / 2


@compiled
def _block(raw: Any, scaled: Any, t: Any, lag: Any, pair: Any, keys: Any, count: Any, slow: Any, out: Any) -> None:
    """Slope, intercept, S, valid years, Σ(g−1)(2g+5)g over tie groups and tied pairs of a block of pixels."""
    rows = (len(pair) + TOGETHER - 1) // TOGETHER * TOGETHER
    fineness, offset = np.empty(LANES, np.float32), np.empty(LANES, np.float32)
    moves, ranks = np.empty((2, LANES), np.int32), np.empty((2, LANES), np.int16)
    found, window = np.empty(LANES, np.int16), np.empty((6, LANES), np.int16)
    _scale(scaled, t, lag, fineness, offset)
    _pairs(scaled, t, fineness, offset, keys, moves[0], moves[1])
    tied = False
    for lane in range(LANES):
        pairs = count[lane] * (count[lane] - 1) // 2
        ranks[0, lane], ranks[1, lane] = max(pairs - 1, 0) // 2, pairs // 2
        tied |= moves[0, lane] + moves[1, lane] != pairs
        out[2, lane], out[3, lane] = moves[0, lane] - moves[1, lane], count[lane]
    out[4:] = 0.0
    _select(keys, rows, ranks[0], found)
    _candidates(keys, rows, ranks[1], found, window)
    _slopes(raw, t, pair, keys, ranks, window, slow, out)
    if tied or slow.any():
        _count_ties(raw, moves, slow, out)
    _intercepts(raw, t, keys, count, out)
    for lane in range(LANES):
        if count[lane] < 2:
            out[0, lane] = out[1, lane] = np.nan


@compiled
def _count_ties(raw: Any, moves: Any, slow: Any, out: Any) -> None:
    """Tie groups and tied pairs, compared as the values came; S anew where float32 saw other ties."""
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
        if slow[lane] or pairs - out[5, lane] != moves[0, lane] + moves[1, lane]:
            out[2, lane] = _score(raw, lane)
        if out[5, lane] == pairs:
            out[0, lane] = 0.0


@compiled
def _score(raw: Any, lane: Any) -> Any:
    """S of one lane, compared as the values came."""
    score = np.int64(0)
    for i in range(raw.shape[0] - 1):
        for j in range(i + 1, raw.shape[0]):
            score += np.int64(raw[j, lane] > raw[i, lane]) - np.int64(raw[j, lane] < raw[i, lane])
    return score


@compiled
def _intercepts(raw: Any, t: Any, keys: Any, count: Any, out: Any) -> None:
    """Median of y − slope·(t − t₀), found like the median slope."""
    n = len(t)
    rest, room = np.empty((n, LANES)), np.empty(n)
    least, most = np.full(LANES, np.inf), np.full(LANES, -np.inf)
    rank, upper, found = np.empty(LANES, np.int16), np.empty(LANES, np.int16), np.empty(LANES, np.int16)
    window = np.empty((6, LANES), np.int16)
    for i in range(n):
        x = t[i] - t[0]
        for lane in range(LANES):
            value = np.float64(raw[i, lane]) - out[0, lane] * x
            rest[i, lane] = value
            least[lane] = value if value < least[lane] else least[lane]
            most[lane] = value if value > most[lane] else most[lane]
    for lane in range(LANES):
        spread = most[lane] - least[lane]
        usable = 1e-290 < spread < 1e290
        most[lane] = (HIGHEST - LOWEST - 4) / spread if usable else 0.0
        rank[lane] = max(count[lane] - 1, 0) // 2
        upper[lane] = count[lane] // 2
    for i in range(n):
        for lane in range(LANES):
            x = (rest[i, lane] - least[lane]) * most[lane] + LOWEST
            x = x if x < HIGHEST else HIGHEST
            keys[i, lane] = np.int16(x)
    rows = n
    while rows % TOGETHER:
        keys[rows, :] = HIGHEST
        rows += 1
    _select(keys, rows, rank, found)
    _candidates(keys, rows, upper, found, window)
    low, high, below, inside, first, last = window[0], window[1], window[2], window[3], window[4], window[5]
    for lane in range(LANES):
        if count[lane] < 2:
            continue
        lower, above = rank[lane] - below[lane], upper[lane] - below[lane]
        if inside[lane] == 1 and high[lane] < HIGHEST:
            out[1, lane] = rest[first[lane], lane]
        elif inside[lane] == 2 and high[lane] < HIGHEST and lower != above:
            out[1, lane] = (rest[first[lane], lane] + rest[last[lane], lane]) / 2
        else:
            members = 0
            for i in range(n):
                if low[lane] <= keys[i, lane] <= high[lane] and not np.isnan(rest[i, lane]):
                    room[members] = rest[i, lane]
                    members += 1
            ordered = np.sort(room[:members])
            out[1, lane] = ordered[lower] if lower == above else (ordered[lower] + ordered[above]) / 2


@compiled
def _straightforward(y: Any, t: Any, result: Any) -> None:
    """Pixel by pixel with a sort, for series that are too long for int16 pair numbers."""
    n, pixels = y.shape
    slopes, rest = np.empty(n * (n - 1) // 2), np.empty(n)
    column = np.empty((n, 1))
    same = np.empty(n, np.int64)
    for pixel in range(pixels):
        members, count = 0, 0
        for i in range(n):
            column[i, 0] = y[i, pixel] if np.isfinite(y[i, pixel]) else np.nan
            count += np.isfinite(y[i, pixel])
        same[:] = 0
        for i in range(n - 1):
            for j in range(i + 1, n):
                value = (column[j, 0] - column[i, 0]) / (t[j] - t[i])
                same[i] += column[j, 0] == column[i, 0]
                same[j] += column[j, 0] == column[i, 0]
                if not np.isnan(value):
                    slopes[members] = value
                    members += 1
        result[2, pixel], result[3, pixel] = _score(column, 0), count
        result[4, pixel] = (same * (2 * same + 7)).sum()
        result[5, pixel] = same.sum() / 2
        if count < 2:
            result[0, pixel] = result[1, pixel] = np.nan
            continue
        result[0, pixel] = np.median(slopes[:members])
        count = 0
        for i in range(n):
            if not np.isnan(column[i, 0]):
                rest[count] = column[i, 0] - result[0, pixel] * (t[i] - t[0])
                count += 1
        result[1, pixel] = np.median(rest[:count])


@compiled
def pairwise(y: Any, t: Any, result: Any) -> None:
    """Fill `result` (6, pixels) from `y` (years, pixels) and the years `t`, in any strides.

    Rows: slope; intercept at t[0]; S; valid years; Σ g(g−1)(2g+5) over tie groups; tied pairs.
    """
    n, pixels = y.shape
    if n > LONGEST:
        _straightforward(y, t, result)
        return
    pair = np.empty((n * (n - 1) // 2, 2), np.int16)
    row = 0
    lag = np.inf
    for i in range(n):
        lag = min(lag, t[i] - t[i - 1]) if i else lag
        for j in range(i + 1, n):
            pair[row, 0], pair[row, 1] = i, j
            row += 1
    keys = np.empty((max(len(pair), n) + TOGETHER, LANES), np.int16)
    raw, scaled = np.empty((n, LANES), y.dtype), np.empty((n, LANES), np.float32)
    count, slow = np.empty(LANES, np.int64), np.empty(LANES, np.bool_)
    out = np.empty((6, LANES))
    for start in range(0, pixels, LANES):
        used = min(LANES, pixels - start)
        _take(y, start, used, raw, scaled, count, slow)
        _block(raw, scaled, t, lag, pair, keys, count, slow, out)
        result[:, start : start + used] = out[:, :used]
