"""The exact distribution of Kendall's S without ties, and its p-values."""

from __future__ import annotations

from functools import cache

import numpy as np


@cache
def exact_distribution(n: int) -> np.ndarray:
    """P(S = s) of n values without ties, for s from −n(n−1)/2 in steps of 2 (number of inversions)."""
    counts = np.ones(1)
    for k in range(2, n + 1):
        counts = np.convolve(counts, np.ones(k)) / k
    return counts


@cache
def exact_p(n: int) -> np.ndarray:
    """Two-sided p of |S| = 0 … n(n−1)/2 for n values without ties."""
    most = n * (n - 1) // 2
    scores = np.abs(np.arange(-most, most + 1, 2))
    tail = np.bincount(scores, weights=exact_distribution(n), minlength=most + 1)
    return np.minimum(tail[::-1].cumsum()[::-1], 1.0)


@cache
def exact_table(longest: int) -> np.ndarray:
    """Two-sided p by number of values and |S|, up to `longest` values without ties."""
    table = np.ones((longest + 1, longest * (longest - 1) // 2 + 1))
    for n in range(2, longest + 1):
        table[n, : n * (n - 1) // 2 + 1] = exact_p(n)
    return table
