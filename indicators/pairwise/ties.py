"""Values that tie in float32 are compared again as they came."""

from __future__ import annotations

from typing import Any

import numpy as np

from indicators.kernel.compiling import compiled
from indicators.pairwise.block import LANES


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
def count_ties(b: Any) -> None:
    """Tie groups and tied pairs, compared in the type of the data; S is recomputed where float32 has other ties."""
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
