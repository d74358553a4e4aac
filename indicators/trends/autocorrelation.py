"""Mann–Kendall where the years depend on each other: Hamed & Rao's variance and trend-free pre-whitening.

Hamed & Rao (1998): var S is multiplied by n/n* = 1 + 2/[n(n−1)(n−2)] · Σ (n−k)(n−k−1)(n−k−2) ρ_k over the significant
autocorrelations ρ_k of the ranks of the detrended series. Yue et al. (2002): where the lag-one autocorrelation r of the
detrended series e is significant, the test is made on e_t − r·e_(t−1) plus the trend. Significant is |ρ| > 1.96/√n.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import Any

import numpy as np

from indicators.kernel.compiling import compiled

QUANTILE = NormalDist().inv_cdf(0.975)


@compiled
def _detrended(y: Any, t: Any, slope: float, pixel: int, rest: Any) -> int:
    """Fill `rest` with the valid years of a pixel less their trend, in order; returns their number."""
    count = 0
    for i in range(len(t)):
        if np.isfinite(y[i, pixel]):
            # counted from 1, as pymannkendall does: two values on the median slope differ by rounding alone
            rest[count] = y[i, pixel] - slope * (t[i] - t[0] + 1)
            count += 1
    return count


@compiled
def _ranks(values: Any, ranks: Any) -> None:
    """Ranks from 1; equal values share their mean rank."""
    order = np.argsort(values, kind="mergesort")
    start = 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and values[order[stop]] == values[order[start]]:
            stop += 1
        for i in range(start, stop):
            ranks[order[i]] = (start + stop + 1) / 2
        start = stop


@compiled
def variance_factor(y: Any, t: Any, slope: Any, factor: Any) -> None:
    """Fill `factor` (pixels) with n/n* of Hamed & Rao from `y` (years, pixels); 1 below four valid years.

    Strong negative autocorrelations of a short series can make the factor negative; it is NaN then.
    """
    rest, ranks = np.empty(len(t)), np.empty(len(t))
    for pixel in range(y.shape[1]):
        n = _detrended(y, t, slope[pixel], pixel, rest)
        factor[pixel] = 1.0
        if n < 4:
            continue
        _ranks(rest[:n], ranks)
        centred = ranks[:n] - ranks[:n].mean()
        power = (centred * centred).sum()
        total = 0.0
        for lag in range(1, n):
            rho = (centred[lag:] * centred[: n - lag]).sum() / power if power > 0 else 0.0
            if abs(rho) > QUANTILE / np.sqrt(n):
                total += (n - lag) * (n - lag - 1.0) * (n - lag - 2.0) * rho
        factor[pixel] = 1 + 2 / (n * (n - 1.0) * (n - 2.0)) * total
        if factor[pixel] <= 0:
            factor[pixel] = np.nan


@compiled
def whiten(y: Any, t: Any, slope: Any, white: Any) -> None:
    """Fill `white` (years, pixels) with the pre-whitened `y`, or with `y` where r is not significant.

    A year without its predecessor (the first, and any after a gap) drops out of a pre-whitened series.
    """
    rest = np.empty(len(t))
    for pixel in range(y.shape[1]):
        n = _detrended(y, t, slope[pixel], pixel, rest)
        mean = rest[:n].mean() if n else 0.0
        power = ((rest[:n] - mean) ** 2).sum()
        product = 0.0
        for i in range(1, len(t)):
            before = y[i - 1, pixel] - slope[pixel] * (t[i - 1] - t[0] + 1) - mean
            after = y[i, pixel] - slope[pixel] * (t[i] - t[0] + 1) - mean
            if np.isfinite(before) and np.isfinite(after):
                product += before * after
        r = product / power if power > 0 else 0.0
        for i in range(len(t)):
            white[i, pixel] = y[i, pixel]
        if n < 4 or abs(r) <= QUANTILE / np.sqrt(n):
            continue
        white[0, pixel] = np.nan
        for i in range(1, len(t)):
            trend = slope[pixel] * (t[i] - t[0] + 1)
            before = y[i - 1, pixel] - slope[pixel] * (t[i - 1] - t[0] + 1)
            white[i, pixel] = y[i, pixel] - trend - r * before + trend
