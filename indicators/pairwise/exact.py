"""Median slopes and intercepts in float64, from the few pairs and years whose keys lie around the median."""

from __future__ import annotations

from typing import Any

import numpy as np

from indicators.kernel.compiling import compiled
from indicators.pairwise.block import LANES, SLOTS, TOGETHER
from indicators.pairwise.keys import residual_keys
from indicators.pairwise.median import HIGHEST, LOWEST, gather, ranked, select


@compiled
def slopes(first: Any, second: Any, gap: Any, b: Any) -> None:
    """The median slope of each lane in float64, from the pairs in its window."""
    exact, slots, raw = b.exact, b.slots, b.raw
    for k in range(SLOTS):
        slot, to = slots[k * LANES : (k + 1) * LANES], exact[k * LANES : (k + 1) * LANES]
        for lane in range(LANES):
            row = np.uint64(slot[lane])
            start, end = np.float64(raw[first[row], lane]), np.float64(raw[second[row], lane])
            slope = (end - start) / gap[row]
            to[lane] = slope if k < b.inside[lane] else np.inf
    ranked(b)
    for lane in range(LANES):
        b.out[0, lane] = b.middle[lane]
        if b.rare[lane] or b.inside[lane] > SLOTS or b.found[lane] == LOWEST or b.top[lane] == HIGHEST:
            # without any rise or fall all slopes are 0
            b.out[0, lane] = 0.0
            if b.rare[lane] or b.rises[lane] + b.falls[lane] > 0:
                _crowded_slope(lane, first, second, gap, b)


@compiled
def _crowded_slope(lane: int, first: Any, second: Any, gap: Any, b: Any) -> None:
    """The median slope of one lane by sorting the pairs of its window, or all pairs."""
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


@compiled
def intercepts(t: Any, b: Any) -> None:
    """Median of y − slope·(t − t₀), found like the median slope."""
    residual_keys(t, b)
    n = (len(t) + TOGETHER - 1) // TOGETHER * TOGETHER
    select(n, b)
    gather(n, b)
    exact, slots, raw = b.exact, b.slots, b.raw
    for k in range(SLOTS):
        slot, to = slots[k * LANES : (k + 1) * LANES], exact[k * LANES : (k + 1) * LANES]
        for lane in range(LANES):
            i = np.uint64(min(slot[lane], len(t) - 1))
            value = np.float64(raw[i, lane]) - b.out[0, lane] * (t[i] - t[0])
            to[lane] = value if k < b.inside[lane] else np.inf
    ranked(b)
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
