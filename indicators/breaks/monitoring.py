"""Monitoring at the end of a series: do new values still follow the history? (Verbesselt, Zeileis & Herold 2012)

A season-trend model of a stable history; moving sums of ⌊h·n⌋ prediction errors over σ√n against the boundary
c·√(2 log⁺(t/n)), n the values of the history, log⁺(x) = 1 up to x = e, else log x. The stable history reaches back
until a reverse CUSUM of recursive residuals crosses its line (`roc`), to the last Bai–Perron break (`bp`), or over
all. Magnitude: median of observed − predicted since the start of monitoring.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from indicators.breaks import p_values
from indicators.breaks.axis import RegularAxis, axis_of, regular, season_trend
from indicators.breaks.drawing import lines, marks
from indicators.breaks.fluctuation import recursive_residuals
from indicators.breaks.kernels.rotations import rounding
from indicators.breaks.partitions import partition
from indicators.errors import IndicatorError

History = Literal["roc", "bp", "all"]


@dataclass(frozen=True)
class Monitoring:
    """Result of monitoring one series.

    `break_time`: date of the first alarm, and its decimal `time` (None, NaN without), `magnitude` (median of observed −
    predicted since the start), `history`: first and last date of the stable history, `observations`: values since
    the start, `delay`: number of them up to the alarm. `strength`: largest |process| since the start over its
    boundary there (above 1: an alarm). `sigma`: error of the history. `table`: by date from
    the history's start: `observed`, `predicted`, `process` and `boundary` (both since the start), NaN in gaps.
    """

    break_time: Any
    time: float
    magnitude: float
    history: tuple[Any, Any]
    observations: int
    delay: int
    strength: float
    sigma: float
    table: pd.DataFrame

    def plot(self, ax: Any = None, *, unit: str = "") -> Any:
        """Draw observed and predicted values and the first alarm; returns the axes."""
        ax = lines(self.table[["observed", "predicted"]], ax, unit=unit)
        if self.break_time is None:
            return ax
        return marks(ax, pd.DataFrame({name: [self.break_time] for name in ("low", "date", "high")}))


def check(history: str, h: float, level: float | tuple[float, float], period: float) -> tuple[float, float, float]:
    """Critical values of monitoring and of the reverse CUSUM, and h. Raises IndicatorError for a bad choice."""
    if history not in ("roc", "bp", "all"):
        raise IndicatorError(f"history {history!r} is unknown; use 'roc', 'bp' or 'all'")
    alarm, stable = (level, level) if isinstance(level, (int, float)) else level
    return p_values.monitoring_critical(h, period, alarm), p_values.recursive_cusum_critical(stable), h


def monitor_series(
    y: Any,
    start: Any,
    order: int = 3,
    h: float = 0.25,
    history: History = "roc",
    level: float | tuple[float, float] = 0.05,
    *,
    X: Any = None,
    correlated: bool = False,
    period: float = 10,
    frequency: int | None = None,
) -> Monitoring:
    """Monitor one pandas series or one-dimensional DataArray from `start`; arguments as in `breaks.monitor`."""
    critical, line, h = check(history, h, level, period)
    values, axis = regular(y, frequency)
    design = season_trend(axis, order)
    if X is not None:
        design = np.column_stack([design, _on_axis(y, X, axis)])
    known = np.isfinite(values) & np.isfinite(design).all(axis=1)
    x, obs, time = design[known], values[known], axis.time[known]
    past = int((time < decimal(start, axis) - 1e-9).sum())
    n, k = len(obs), x.shape[1]
    if past <= k + 1 or past == n:
        raise IndicatorError(
            f"monitor: {past} values before {start} and {n - past} since, for {k} regressors; more than {k + 1} before "
            f"and one since are needed: choose another start or a lower order"
        )
    first = _stable_from(obs[:past], x[:past], history, line)
    size = past - first
    window = _window(size, k, h)
    beta = np.linalg.lstsq(x[first:past], obs[first:past], rcond=None)[0]
    predicted = x[first:] @ beta
    errors = obs[first:] - predicted
    errors[np.abs(errors) <= rounding(float(np.abs(obs[first:]).max()), size, k)] = 0.0
    lags = axis.frequency if correlated else 0
    sigma = float(np.sqrt(long_run(errors[:size], lags) * size / (size - k)))
    process, boundary = _moving_sums(errors, size, window, sigma, critical)
    crossed = np.flatnonzero(np.abs(process) > boundary)
    dates = axis.labels[known]
    delay = int(crossed[0]) + 1 if len(crossed) else 0
    alarm = past + delay - 1
    table = pd.DataFrame({"observed": obs[first:], "predicted": predicted}, index=dates[first:])
    table["process"] = np.r_[np.full(size, np.nan), process]
    table["boundary"] = np.r_[np.full(size, np.nan), boundary]
    whole = table.reindex(axis.labels[int(np.flatnonzero(known)[first]) :])
    return Monitoring(
        break_time=dates[alarm] if delay else None,
        time=float(time[alarm]) if delay else float("nan"),
        magnitude=float(np.median(errors[size:])),
        history=(dates[first], dates[past - 1]),
        observations=n - past,
        delay=delay,
        strength=float((np.abs(process) / boundary).max()),
        sigma=sigma,
        table=whole,
    )


def _window(size: int, k: int, h: float) -> int:
    """Values in a moving sum. Raises IndicatorError if the stable history is too short for it or the regressors."""
    window = int(np.floor(h * size))
    if window <= 1 or size <= k:
        raise IndicatorError(
            f"monitor: the stable history has {size} values, too few for {k} regressors and windows of {window}; "
            f"use history='all', a lower order or a later start"
        )
    return window


def _moving_sums(
    errors: np.ndarray, size: int, window: int, sigma: float, critical: float
) -> tuple[np.ndarray, np.ndarray]:
    """Moving sums of errors over σ√n, and their boundary, for each value after the first `size`, the history."""
    sums = np.r_[0.0, errors.cumsum()]
    ends = np.arange(size + 1, len(errors) + 1)
    scale = sigma * np.sqrt(size)
    moved = sums[ends] - sums[ends - window]
    # if the model fits the history exactly, every deviation is infinite
    process = moved / scale if scale > 0 else np.where(moved == 0, 0.0, np.copysign(np.inf, moved))
    return process, critical * np.sqrt(2 * log_plus(ends / size))


def long_run(errors: np.ndarray, lags: int) -> float:
    """Variance of errors that are autocorrelated over `lags` values: sum of autocovariances with Bartlett weights.

    Without lags it is their mean square, which is also its lower limit.
    """
    n = len(errors)
    total = float(errors @ errors) / n
    weighted = total
    for lag in range(1, min(lags, n - 1) + 1):
        weighted += 2 * (1 - lag / (lags + 1)) * float(errors[lag:] @ errors[:-lag]) / n
    return max(weighted, total)


def _on_axis(y: Any, X: Any, axis: RegularAxis) -> np.ndarray:
    """Regressors on the regular axis, NaN where the series has no time."""
    index = y.to_series().index if isinstance(y, xr.DataArray) else y.index
    further = np.asarray(X, float).reshape(len(X), -1)
    if len(further) != len(index):
        raise IndicatorError(f"X has {len(further)} rows and the series {len(index)} values; give one row for each")
    placed = np.full((len(axis.time), further.shape[1]), np.nan)
    placed[axis_of(index, axis.frequency)[0]] = further
    return placed


def log_plus(x: np.ndarray) -> np.ndarray:
    """log x above e, else 1."""
    return np.where(x <= np.e, 1.0, np.log(np.maximum(x, 1.0)))


def decimal(start: Any, axis: RegularAxis) -> float:
    """A start as decimal time of the axis: a number of years, (year, period), or a date. IndicatorError for others."""
    if isinstance(start, tuple):
        if len(start) != 2 or not 1 <= start[1] <= axis.frequency:
            raise IndicatorError(
                f"monitor: start {start} is not a (year, period) with a period of 1 to {axis.frequency}"
            )
        return float(start[0] + (start[1] - 1) / axis.frequency)
    if isinstance(start, (int, float, np.integer, np.floating)):
        return float(start)
    try:
        when = start.to_timestamp() if isinstance(start, pd.Period) else pd.Timestamp(start)
    except (TypeError, ValueError) as error:
        raise IndicatorError(f"monitor: start {start!r} is not a date; give one such as '2012-01-01'") from error
    if pd.isna(when):
        raise IndicatorError(f"monitor: start {start!r} is not a date; give one such as '2012-01-01'")
    _, one = axis_of(pd.DatetimeIndex([when]), axis.frequency)
    return float(one.time[0])


def _stable_from(y: np.ndarray, x: np.ndarray, history: History, line: float) -> int:
    """First row of the stable history."""
    if history == "all":
        return 0
    k = x.shape[1]
    if history == "bp":
        places = partition(y, x, 6 * k).places
        return places[-1] + 1 if places else 0
    w = recursive_residuals(y[::-1], x[::-1])
    m = len(w)
    deviation = float(w.std(ddof=1))
    if deviation == 0:
        return 0
    process = np.abs(w.cumsum()) / (deviation * np.sqrt(m))
    crossed = np.flatnonzero(process > line * (1 + 2 * np.arange(1, m + 1) / m))
    # the crossing counts in the reversed series, k rows ahead of the residuals
    return int(m - crossed[0]) if len(crossed) else 0
