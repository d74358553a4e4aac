"""Block after block: slope, intercept, S and ties of all pixels."""

from __future__ import annotations

from typing import Any

import numpy as np

from indicators.kernel.compiling import compiled
from indicators.pairwise.block import LANES, TOGETHER, empty_block, take
from indicators.pairwise.exact import intercepts, slopes
from indicators.pairwise.keys import pair_keys, scale
from indicators.pairwise.median import gather, select
from indicators.pairwise.one_by_one import one_by_one
from indicators.pairwise.ties import count_ties

#: The pair number must fit the int16 of its slot.
LONGEST = 256


def pairwise(y: Any, t: Any, result: Any) -> None:
    """Fill `result` (6, pixels) from `y` (years, pixels) and the years `t`, in any strides.

    Rows: slope; intercept at t[0]; S; valid years; Σ g(g−1)(2g+5) over tie groups; tied pairs.
    """
    if len(y) > LONGEST:
        one_by_one(y, t, result)
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
    b = empty_block(n, pairs, y.dtype)
    for start in range(0, pixels, LANES):
        used = min(LANES, pixels - start)
        take(y, start, used, b)
        _work(t, lag, weights, first, second, gap, b)
        result[:, start : start + used] = b.out[:, :used]


@compiled
def _work(t: Any, lag: Any, weights: Any, first: Any, second: Any, gap: Any, b: Any) -> None:
    """Slope, intercept, S, valid years, Σ(g−1)(2g+5)g over tie groups and tied pairs of a block of pixels."""
    rows = len(gap)
    scale(t, lag, b)
    pair_keys(len(t), weights, b)
    tied = np.int64(0)
    out = b.out
    for lane in range(LANES):
        known = b.count[lane]
        pairs = known * (known - 1) // 2
        b.rank[lane], b.upper[lane] = max(pairs - 1, 0) // 2, pairs // 2
        tied += np.int64(b.rare[lane]) + pairs - b.rises[lane] - b.falls[lane]
        out[2, lane], out[3, lane] = b.rises[lane] - b.falls[lane], known
        out[4, lane] = out[5, lane] = 0
    select(rows, b)
    gather(rows, b)
    slopes(first, second, gap, b)
    if tied:
        count_ties(b)
    intercepts(t, b)
    for lane in range(LANES):
        if b.count[lane] < 2:
            out[0, lane] = out[1, lane] = np.nan
