"""Does a series have a break? Tests of the whole series: moving and cumulated sums of residuals, and F statistics.

OLS-CUSUM: Σ_{i≤t} e_i / (σ√n). OLS-MOSUM: the same over windows of ⌊h·n⌋ residuals (Ploberger & Krämer 1992; Chu,
Hornik & Kuan 1995). F_t: reduction of the residual sum of squares by a break after t, over the error variance of
both parts; its supremum, mean, and log mean exp(F/2) (Andrews 1993; Andrews & Ploberger 1994). σ² = RSS/(n − k).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import fdtrc

from indicators.breaks import p_values
from indicators.breaks.drawing import COLOURS, lines
from indicators.breaks.kernels.rotations import rotate_design, rotate_values, rounding
from indicators.breaks.partitions import rows
from indicators.errors import IndicatorError


@dataclass(frozen=True)
class Fluctuation:
    """A test of no break: `statistic` and `p` (also as a pair: `statistic, p = mosum(y)`).

    `process` is the fluctuation over time, by date (for MOSUM that of the middle of the window, for F of the first
    observation after the break, for a CUSUM of the last value in the sum); `limit` is exceeded by |process| with
    probability 0.05 without a break; `date` is where the process is farthest from zero.
    """

    name: str
    statistic: float
    p: float
    process: pd.Series
    limit: float

    @property
    def date(self) -> Any:
        """Where the process is farthest from zero: for F the first observation after the most likely break."""
        return self.process.index[int(np.argmax(np.abs(self.process.to_numpy())))]

    def plot(self, ax: Any = None) -> Any:
        """Draw the process and its 5 % limit; returns the axes."""
        ax = lines(self.process.to_frame(), ax, title=f"{self.name}, p = {self.p:.2g}")
        for limit in (self.limit,) if self.name.endswith("F") else (-self.limit, self.limit):
            ax.axhline(limit, color=COLOURS[2], linestyle="--", linewidth=1.2)
        return ax

    def __iter__(self) -> Iterator[float]:
        """The pair (statistic, p)."""
        return iter((self.statistic, self.p))


def scaled_residuals(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """OLS residuals over σ√n; zeros where the fit is perfect. Raises IndicatorError for n ≤ k."""
    n, k = x.shape
    if n <= k:
        raise IndicatorError(f"{n} values for {k} regressors; a test needs more values than regressors")
    q = np.linalg.qr(x)[0]
    residuals = y - q @ (q.T @ y)
    sigma = np.sqrt((residuals**2).sum() / (n - k))
    smallest = rounding(float(np.abs(y).max()), n, k)
    return residuals / (sigma * np.sqrt(n)) if sigma > smallest else np.zeros(n)


def mosum_of_series(y: Any, X: Any, h: float) -> Fluctuation:
    """`breaks.mosum` of one series."""
    values, x, index, kept = rows(y, X)
    return mosum_of_rows(values, x, h, index[kept])


def mosum_of_rows(values: np.ndarray, x: np.ndarray, h: float, dates: pd.Index) -> Fluctuation:
    """`mosum` of rows without gaps; regressors may depend on each other, as in a season that is never fully seen."""
    n = len(values)
    if not 0 < h < np.inf:
        raise IndicatorError(f"mosum: h={h} is not a share of the series; give one such as 0.15")
    window = int(np.floor(h * n))
    if not 1 <= window < n:
        raise IndicatorError(
            f"mosum: h={h} of {n} values is a window of {window} values; choose h so that it has 1 to {n - 1}"
        )
    sums = np.r_[0.0, scaled_residuals(values, x).cumsum()]
    process = sums[window:] - sums[:-window]
    statistic = float(np.abs(process).max())
    middle = np.arange(len(process)) + (window - 1) // 2
    series = pd.Series(process, index=dates[middle], name="mosum")
    limit = float(p_values.mosum_critical(h)[1])
    return Fluctuation("OLS-MOSUM", statistic, float(p_values.mosum_p(statistic, h)), series, limit)


def cusum_of_series(y: Any, X: Any, *, recursive: bool) -> Fluctuation:
    """`breaks.cusum` of one series."""
    values, x, index, kept = rows(y, X)
    dates = index[kept]
    if recursive:
        return _recursive(values, x, dates)
    process = scaled_residuals(values, x).cumsum()
    statistic = float(np.abs(process).max())
    series = pd.Series(process, index=dates, name="cusum")
    return Fluctuation("OLS-CUSUM", statistic, float(p_values.cusum_p(statistic)), series, 1.3581015)


def recursive_residuals(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """One-step prediction errors over their standard deviation in units of σ, rows k … n − 1 (Brown et al. 1975).

    Values within the rounding error are zero.
    """
    n, k = x.shape
    if n <= k:
        raise IndicatorError(f"{n} values for {k} regressors; recursive residuals need more values than regressors")
    cosines, sines = np.empty((n, k)), np.empty((n, k))
    rotate_design(np.ascontiguousarray(x), np.zeros((k, k)), cosines, sines)
    z = np.zeros((k, 1))
    left = np.asarray(y, float).reshape(n, 1).copy()
    for t in range(n):
        rotate_values(left[t], z, cosines[t], sines[t])
    smallest = rounding(float(np.abs(y).max()), n, k)
    return np.where(np.abs(left[k:, 0]) > smallest, left[k:, 0], 0.0)


def _recursive(values: np.ndarray, x: np.ndarray, dates: pd.Index) -> Fluctuation:
    w = recursive_residuals(values, x)
    m = len(w)
    sigma = float(w.std(ddof=1)) if m > 1 else 0.0
    process = w.cumsum() / (sigma * np.sqrt(m)) if sigma > 0 else np.zeros(m)
    line = 1 + 2 * np.arange(1, m + 1) / m
    statistic = float(np.abs(process / line).max())
    series = pd.Series(process, index=dates[-m:], name="cusum")
    limit = p_values.recursive_cusum_critical(0.05)
    return Fluctuation("recursive CUSUM", statistic, float(p_values.recursive_cusum_p(statistic)), series, limit)


def f_statistics(y: np.ndarray, x: np.ndarray, first: int) -> np.ndarray:
    """F (times k) of a break after the first `first` … n − `first` values.

    Infinite where the parts fit exactly and the whole does not; zero where the whole does.
    """
    n, k = x.shape
    before = _running_squares(y, x)
    after = _running_squares(y[::-1], x[::-1])[::-1]
    places = np.arange(first, n - first + 1)
    parts = before[places - 1] + after[places]
    with np.errstate(divide="ignore", invalid="ignore"):
        f = (before[-1] - parts) / (parts / (n - 2 * k))
    return np.where(parts > 0, f, np.inf if before[-1] > 0 else 0.0)


def _running_squares(y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Residual sum of squares of the first 1 … n rows."""
    k = x.shape[1]
    return np.r_[np.zeros(k), (recursive_residuals(y, x) ** 2).cumsum()]


def first_place(n: int, k: int, h: float) -> int:
    """Least number of values on either side of a break in an F test. Raises IndicatorError if none is left."""
    if not 0 < h < np.inf:
        raise IndicatorError(
            f"F test: h={h} is not allowed; give a share of the values (between 0 and 1) or a number of values (1 or "
            f"more)"
        )
    first = int(np.floor(h * n)) if h < 1 else int(h)
    first = max(first, k + 1)
    if 2 * first > n:
        raise IndicatorError(
            f"an F test with h={h} leaves no row for a break in {n} values with {k} regressors; use a smaller h"
        )
    return first


def trimming(n: int, first: int) -> float:
    """Share of the series that an F test leaves out at either end, as Hansen's tables count it."""
    ratio = ((n - first) / first) ** 2
    return float(1 / (1 + np.sqrt(ratio)))


def f_test_of_series(y: Any, X: Any, h: float, functional: p_values.Functional) -> Fluctuation:
    """Supremum (`sup`), mean (`ave`) or log mean exp(F/2) (`exp`) of the F statistics of one series."""
    values, x, index, kept = rows(y, X)
    n, k = x.shape
    first = first_place(n, k, h)
    f = f_statistics(values, x, first)
    statistic = {
        "sup": float(f.max()),
        "ave": float(f.mean()),
        "exp": float(np.logaddexp.reduce(f / 2) - np.log(len(f))),
    }[functional]
    trim = trimming(n, first)
    p = float(p_values.f_p(statistic, functional, k, trim))
    series = pd.Series(f, index=index[kept][first : n - first + 1], name="F")
    return Fluctuation(f"{functional} F", statistic, p, series, _sup_limit(k, trim))


def _sup_limit(k: int, trim: float) -> float:
    return float(brentq(lambda f: float(p_values.f_p(f, "sup", k, trim)) - 0.05, 0.1, 500.0))


def chow(y: np.ndarray, x: np.ndarray, place: int) -> float:
    """p of a break after `place` values, known beforehand (Chow 1960): F with k and n − 2k degrees of freedom.

    NaN where a part has no more rows than regressors, and where one fit is exact for all values.
    """
    n, k = x.shape
    if not k < place < n - k:
        return float("nan")
    whole, before, after = (
        float(((v - a @ np.linalg.lstsq(a, v, rcond=None)[0]) ** 2).sum())
        for v, a in ((y, x), (y[:place], x[:place]), (y[place:], x[place:]))
    )
    parts = before + after
    smallest = len(y) * rounding(float(np.abs(y).max()), n, k) ** 2
    if whole <= smallest:
        return float("nan")
    if parts <= smallest:
        return 0.0
    return float(fdtrc(k, n - 2 * k, (whole - parts) / k / (parts / (n - 2 * k))))
