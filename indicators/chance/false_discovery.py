"""The false discovery rate over more pixels than fit in memory: p-values are counted, not kept.

p-values of Mann–Kendall tests over n years take few different values: a count of each of them, added up over blocks, is
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
    """Different p-values in rising order, and how often each occurs."""

    values: NDArray[np.float64]
    counts: NDArray[np.int64]


def counted(p: Any, within: Any = True) -> Counted:
    """The p-values of a block, NaN and what is not marked in `within` left out."""
    values = np.asarray(p, float)
    return Counted(*np.unique(values[np.isfinite(values) & np.broadcast_to(within, values.shape)], return_counts=True))


def together(parts: Iterable[Counted]) -> Counted:
    """Several counts as one."""
    listed = list(parts)
    values = np.concatenate([np.empty(0), *(each.values for each in listed)])
    different, place = np.unique(values, return_inverse=True)
    weights = np.concatenate([np.empty(0, np.int64), *(each.counts for each in listed)])
    return Counted(different, np.bincount(place, weights, len(different)).astype(np.int64))


def largest_discovery(found: Counted, q: float) -> float:
    """The largest p-value that is a discovery at the false discovery rate `q`; −1 where there is none."""
    ranks = np.cumsum(found.counts)
    passed = found.values <= q * ranks / max(int(ranks[-1]) if len(ranks) else 0, 1)
    return float(found.values[passed].max()) if passed.any() else -1.0
