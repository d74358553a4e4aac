"""One break or none, and what kind of change it is (de Jong et al. 2013; drylands: Bernardino et al. 2020).

A season-trend model of the whole record is compared with one of two parts, at the date where F is largest; tests
decide. The type follows from the slopes of the two parts and the step between them; a part counts by the p of its slope
in the series without season, and by its yearly percentage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy.special import stdtr

from indicators.breaks import p_values
from indicators.breaks.axis import RegularAxis, regular, season_trend
from indicators.breaks.drawing import lines, marks
from indicators.breaks.fluctuation import f_statistics, first_place, mosum_of_rows, scaled_residuals, trimming
from indicators.breaks.kernels.rotations import rounding
from indicators.breaks.partitions import (
    Partition,
    date_intervals,
    dated,
    penalty,
    segment_bounds,
    segment_fits,
)
from indicators.errors import IndicatorError

Test = Literal["mosum", "cusum", "sup_f", "ave_f", "exp_f", "bic"]


@dataclass(frozen=True)
class OneBreak:
    """The model with one break or none.

    `breaks` is 0 or 1, `tests` the decision of each test. `candidate` is the best date whatever the tests say:
    `date` (first observation after), `index` (number of observations before), and the 95 % interval of both.
    `segments`: of the chosen model, `first`, `last`, `slope` (a place of the axis), `p` of the slope, `percent`
    (change a year), `start` and `end` of the trend. `magnitude` is the step of the trend, 0 without a break.
    `components`: `observed`, `fitted`, `trend`, `season`, `remainder` by date, NaN in gaps.
    """

    breaks: int
    tests: dict[str, bool]
    candidate: pd.Series
    segments: pd.DataFrame
    magnitude: float
    components: pd.DataFrame

    def plot(self, ax: Any = None, *, unit: str = "") -> Any:
        """Draw observed values, trend, and the first date after the break if there is one; returns the axes."""
        ax = lines(self.components[["observed", "trend"]], ax, unit=unit)
        if not self.breaks:
            return ax
        return marks(ax, self.candidate.to_frame().T)


def bfast01(
    series: Any,
    order: int = 3,
    test: Test | Sequence[Test] = "mosum",
    level: float = 0.05,
    *,
    aggregate: Callable[[Iterable[bool]], bool] = all,
    bandwidth: float = 0.15,
    frequency: int | None = None,
) -> OneBreak:
    """BFAST01: one break or none in a series.

    Parameters
    ----------
    series
        Pandas series or one-dimensional DataArray with a time index, any units; NaN is a gap.
    order
        Order of the harmonics of the season.
    test
        One or several of `mosum`, `cusum`, `sup_f`, `ave_f`, `exp_f`, `bic`.
    level
        Level of the tests.
    aggregate
        Combines the decisions of several tests: `all` or `any`.
    bandwidth
        Window of MOSUM, a share of the series.
    frequency
        Values in a year; None finds it from the dates.

    Returns
    -------
    OneBreak
        Number of breaks, tests, candidate date with its interval, segments, magnitude (units of `series`), components.

    Raises
    ------
    IndicatorError
        A test is unknown, or the series is too short: each part needs five values for each regressor (constant, trend
        and harmonics).

    References
    ----------
    de Jong et al. (2013), doi:10.3390/rs5031117.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = pd.period_range("2008-01", "2019-12", freq="M").to_timestamp()
    >>> season = 0.1 * np.sin(2 * np.pi * np.arange(len(months)) / 12)
    >>> noise = np.random.default_rng(0).normal(0, 0.01, len(months))
    >>> ndvi = pd.Series(0.3 + season + noise - 0.1 * (months >= "2014-01-01"), months)
    >>> result = bfast01(ndvi)
    >>> result.breaks, result.candidate["date"].strftime("%Y-%m")
    (1, '2014-01')
    """
    values, axis = regular(series, frequency)
    x = season_trend(axis, order)
    known = np.isfinite(values)
    y, design, n = values[known], x[known], int(known.sum())
    k = design.shape[1]
    first = 5 * k
    if 2 * first > n:
        raise IndicatorError(
            f"bfast01: {n} values for {k} regressors; each part needs {first}; use a lower order or a longer series"
        )
    f = f_statistics(y, design, first)
    place = int(f.argmax()) + first - 1
    names = (test,) if isinstance(test, str) else tuple(test)
    decisions: dict[str, bool] = {str(name): _decides(name, y, design, f, level, bandwidth) for name in names}
    breaks = int(aggregate(list(decisions.values())))
    beta, fitted = segment_fits(y, design, [place])
    both = Partition([place], np.array([]), np.array([]), beta, fitted)
    bounds = date_intervals(y, design, both, level=1 - level)[0]
    candidate = pd.Series(dated(axis.labels[known], place, bounds))
    places = [place] if breaks else []
    components = _components(values, x, axis, places)
    segments = _segments(components[known], axis, known, places, segment_fits(y, design, places)[0])
    trend = components["trend"].to_numpy()[known]
    step = float(trend[place + 1] - trend[place]) if breaks else 0.0
    return OneBreak(breaks, decisions, candidate, segments, step, components)


def _decides(name: str, y: np.ndarray, x: np.ndarray, f: np.ndarray, level: float, bandwidth: float) -> bool:
    n, k = x.shape
    first = first_place(n, k, 5 * k)
    if name == "mosum":
        return mosum_of_rows(y, x, bandwidth, pd.RangeIndex(n)).p < level
    if name == "cusum":
        statistic = np.abs(scaled_residuals(y, x).cumsum()).max()
        return bool(p_values.cusum_p(statistic) < level)
    if name == "bic":
        gain = n * np.log1p(f.max() / (n - 2 * k))
        return bool(gain > penalty(n, "bic") * (k + 1))
    statistics = {
        "sup_f": float(f.max()),
        "ave_f": float(f.mean()),
        "exp_f": float(np.logaddexp.reduce(f / 2) - np.log(len(f))),
    }
    if name not in statistics:
        raise IndicatorError(f"test {name!r} is unknown; use mosum, cusum, sup_f, ave_f, exp_f or bic")
    functional: Any = name.removesuffix("_f")
    return bool(p_values.f_p(statistics[name], functional, k, trimming(n, first)) < level)


def _components(values: np.ndarray, x: np.ndarray, axis: RegularAxis, places: list[int]) -> pd.DataFrame:
    known = np.isfinite(values)
    beta, fitted = segment_fits(values[known], x[known], places)
    bounds = segment_bounds(places, int(known.sum()))
    trend = np.concatenate([x[known][a:b, :2] @ each[:2] for (a, b), each in zip(bounds, beta, strict=True)])
    table = pd.DataFrame({"observed": values, "fitted": np.nan, "trend": np.nan}, index=axis.labels)
    table.loc[known, "fitted"] = fitted
    table.loc[known, "trend"] = trend
    return table.assign(season=table["fitted"] - table["trend"], remainder=table["observed"] - table["fitted"])


def _segments(
    components: pd.DataFrame, axis: RegularAxis, known: np.ndarray, places: list[int], beta: np.ndarray
) -> pd.DataFrame:
    time, dates = axis.time[known], axis.labels[known]
    rest = (components["observed"] - components["season"]).to_numpy()
    trend = components["trend"].to_numpy()
    table = []
    for (first, end), each in zip(segment_bounds(places, len(rest)), beta, strict=True):
        start, last = trend[first], trend[end - 1]
        table.append(
            {
                "first": dates[first],
                "last": dates[end - 1],
                "slope": each[1],
                "p": slope_p(rest[first:end], time[first:end], beta.shape[-1]),
                "percent": _percent(start, last, time[end - 1] - time[first]),
                "start": start,
                "end": last,
            }
        )
    return pd.DataFrame(table)


def slope_p(y: np.ndarray, t: np.ndarray, regressors: int = 2) -> float:
    """Two-sided p of the least-squares slope of y on t; 1 where y does not vary, 0 where the line fits exactly.

    `regressors`: number of regressors of the fit that y comes from, which determines the rounding error of y.
    """
    n = len(y)
    centred = t - t.mean()
    slope = (centred @ y) / (centred @ centred)
    rest = y - y.mean() - slope * centred
    nothing = rounding(float(np.abs(y).max()), n, regressors)
    if np.ptp(y) <= nothing:
        return 1.0
    if np.abs(rest).max() <= nothing:
        return 0.0
    error = np.sqrt((rest @ rest) / (n - 2) / (centred @ centred))
    return float(2 * stdtr(n - 2, -abs(slope / error)))


def _percent(start: float, end: float, years: float) -> float:
    """Yearly percentage from start to end; where the sign changes, both are first shifted above zero.

    Infinite for a start of zero, 0 where nothing changes.
    """
    if start == end:
        return 0.0
    if start == 0:
        return float(np.copysign(np.inf, end))
    if end / start <= 0:
        lift = 2 * abs(start if start < end else end)
        start, end = start + lift, end + lift
    return float(((end / start) ** (1 / years) - 1) * 100)
