"""The false discovery rate of more pixels than fit in memory: p-values are counted, not kept.

Mann–Kendall tests of n years give few different p-values. The number of each, added over blocks, is
all that Benjamini & Hochberg (1995) need: the largest p with p ≤ q·k/m, where k of the m p-values are no larger.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Counted:
    """Different p-values in ascending order, and the number of each."""

    values: NDArray[np.float64]
    counts: NDArray[np.int64]


def counted(p: Any, within: Any = True) -> Counted:
    """The p-values of a block, counted; NaN and pixels outside `within` are left out."""
    values = np.asarray(p, float)
    return Counted(*np.unique(values[np.isfinite(values) & np.broadcast_to(within, values.shape)], return_counts=True))


def together(parts: Iterable[Counted]) -> Counted:
    """The sum of several counts."""
    listed = list(parts)
    values = np.concatenate([np.empty(0), *(each.values for each in listed)])
    different, index = np.unique(values, return_inverse=True)
    weights = np.concatenate([np.empty(0, np.int64), *(each.counts for each in listed)])
    return Counted(different, np.bincount(index, weights, len(different)).astype(np.int64))


def largest_discovery(p: Counted, q: float) -> float:
    """The largest p-value that is a discovery at the false discovery rate `q`; −1 without any."""
    ranks = np.cumsum(p.counts)
    passed = p.values <= q * ranks / max(int(ranks[-1]) if len(ranks) else 0, 1)
    return float(p.values[passed].max()) if passed.any() else -1.0
