"""Rain that vegetation answers to: sums over 1 … 12 months, 0 … 3 months back, and which of them fits best."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtrc, stdtr

from indicators.breaks.kernels.rotations import rounding
from indicators.errors import IndicatorError


@dataclass(frozen=True)
class RainFit:
    """Least squares of y on a constant and the columns given: `beta` (constant first), p of each, p of F, R²."""

    beta: np.ndarray
    p_beta: np.ndarray
    p: float
    r2: float
    fitted: np.ndarray
    residuals: np.ndarray


@dataclass(frozen=True)
class RainWindow:
    """A window of accumulation: months back to its end (`offset`), its length (`months`), and the sums in it."""

    offset: int
    months: int
    values: np.ndarray


def fit(y: np.ndarray, *columns: np.ndarray) -> RainFit:
    """Regression with a constant; p is 1 and R² 0 where y does not vary.

    Raises IndicatorError if there are not more values than coefficients.
    """
    x = np.column_stack([np.ones(len(y)), *columns])
    n, k = x.shape
    if n <= k:
        raise IndicatorError(f"{n} values for {k} coefficients; a regression needs more values")
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    fitted = x @ beta
    residuals = y - fitted
    rss, tss = float(residuals @ residuals), float(((y - y.mean()) ** 2).sum())
    if tss <= n * rounding(float(np.abs(y).max()), n, k) ** 2:
        level = np.full(n, y.mean())
        return RainFit(np.r_[level[0], np.zeros(k - 1)], np.ones(k), 1.0, 0.0, level, np.zeros(n))
    if rss <= 1e-28 * max(tss, 1e-300):
        return RainFit(beta, np.zeros(k), 0.0, 1.0, fitted, residuals)
    error = np.sqrt(rss / (n - k) * np.diag(np.linalg.pinv(x.T @ x)))
    with np.errstate(divide="ignore"):
        p_beta = 2 * stdtr(n - k, -np.abs(beta / error))
    explained = max(tss - rss, 0.0)
    p = float(fdtrc(k - 1, n - k, explained / (k - 1) / (rss / (n - k))))
    return RainFit(beta, p_beta, p, explained / tss, fitted, residuals)


def accumulate(climate: pd.Series, months: pd.PeriodIndex, longest: int = 12, offsets: int = 4) -> list[RainWindow]:
    """Sums of monthly `climate` in every window of 1 … `longest` months that ends 0 … `offsets` − 1 months back.

    Each window has one value for each of `months`. Raises IndicatorError if the climate does not reach back
    `longest` + `offsets` months before the first of them, or has a gap.
    """
    need = pd.period_range(months[0] - (longest + offsets), months[-1], freq="M")
    values = climate.reindex(need).to_numpy(float)
    if not np.isfinite(values).all():
        missing = need[~np.isfinite(values)]
        raise IndicatorError(
            f"climate has no value for {len(missing)} months between {need[0]} and {need[-1]} (first: {missing[0]}). "
            f"Give climate without gaps from {longest + offsets} months before the first vegetation month"
        )
    sums = np.r_[0.0, values.cumsum()]
    last = np.arange(longest + offsets, len(values)) + 1
    return [
        RainWindow(offset, length, sums[last - offset] - sums[last - offset - length])
        for offset in range(offsets)
        for length in range(1, longest + 1)
    ]


def window_sums(climate: pd.Series, at: pd.PeriodIndex, offset: int, months: int) -> np.ndarray:
    """Sums of `months` months that end `offset` before each month of `at`; NaN where the climate does not reach."""
    rolled = climate.rolling(months).sum()
    return rolled.reindex(at - offset).to_numpy(float)


def best_window(y: np.ndarray, windows: list[RainWindow], *, allow_negative: bool = False) -> RainWindow:
    """The window whose sums explain y best, with a positive slope where more than two windows have one."""
    r2, slope = np.array([_simple(y, window.values) for window in windows]).T
    positive = slope > 0
    if not allow_negative and positive.sum() > 2:
        r2 = np.where(positive, r2, -1.0)
    return windows[int(r2.argmax())]


def best_pair(
    y: np.ndarray, windows: list[RainWindow], warmth: list[RainWindow], level: float = 0.05
) -> tuple[RainWindow, RainWindow] | None:
    """The windows of rain and temperature that explain y best together; None if temperature has p ≥ `level`."""
    best: tuple[float, RainWindow, RainWindow] | None = None
    for rain in windows:
        for heat in warmth:
            r2 = fit(y, rain.values, heat.values).r2
            if best is None or r2 > best[0]:
                best = (r2, rain, heat)
    if best is None or fit(y, best[1].values, best[2].values).p_beta[2] >= level:
        return None
    return best[1], best[2]


def _simple(y: np.ndarray, x: np.ndarray) -> tuple[float, float]:
    """R² and slope; sums that do not vary explain nothing."""
    xc, yc = x - x.mean(), y - y.mean()
    spread, size = xc @ xc, yc @ yc
    if spread <= 0 or size <= 0:
        return 0.0, -1.0
    return float((xc @ yc) ** 2 / (spread * size)), float(xc @ yc / spread)
