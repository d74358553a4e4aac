"""BFAST: breaks in the trend and in the season of one series (Verbesselt et al. 2010a, 2010b), and its light form.

Start with the season of STL. Then, until no break changes: subtract the season; test the rest against a line
(OLS-MOSUM); if the test is significant, fit breaks of the line by Bai & Perron (BIC); subtract the trend; the same with
the season (harmonics of order 3, or dummies). BFAST Lite (Masiliūnas et al. 2021) fits breaks of trend and harmonics
together, by LWZ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from indicators.breaks.axis import RegularAxis, dummies, regular, season_trend
from indicators.breaks.drawing import lines, marks
from indicators.breaks.fluctuation import mosum_of_rows
from indicators.breaks.kernels.rotations import rounding
from indicators.breaks.partitions import (
    Breakpoints,
    Criterion,
    Partition,
    breakpoints_of_series,
    date_intervals,
    dated,
    partition,
    segment_bounds,
)
from indicators.breaks.season_start import periodic_season
from indicators.errors import IndicatorError

Season = Literal["harmonic", "dummy"]
BREAK_COLUMNS = ["index", "date", "low", "high", "low_index", "high_index", "before", "after", "magnitude"]


@dataclass(frozen=True)
class Decomposition:
    """BFAST of one series.

    `trend_breaks`: a row each: `date`, the first observation after the break, with its 95 % interval (`low`, `high`);
    `index`, `low_index`, `high_index`, the observations before those dates (gaps do not count); trend `before` and
    `after` the break and their difference `magnitude`. `season_breaks`: the same without values; `amplitude_before`,
    `amplitude_after` are half the range of the season. `trend_segments`: `first`, `last`, `slope` a year, `intercept`
    at year 0. `components`: `observed`, `trend`, `season`, `remainder` by date, NaN in gaps. `iterations` were run;
    `trend_p`, `season_p` are those of the last MOSUM tests.
    """

    trend_breaks: pd.DataFrame
    season_breaks: pd.DataFrame
    trend_segments: pd.DataFrame
    components: pd.DataFrame
    iterations: int
    trend_p: float
    season_p: float

    @property
    def largest(self) -> pd.Series | None:
        """The trend break with the largest magnitude, None without breaks."""
        if self.trend_breaks.empty:
            return None
        return self.trend_breaks.iloc[int(self.trend_breaks["magnitude"].abs().to_numpy().argmax())]

    def plot(self, ax: Any = None, *, unit: str = "") -> Any:
        """Draw observed values, trend, and the first date after each break with its interval; returns the axes."""
        return marks(lines(self.components[["observed", "trend"]], ax, unit=unit), self.trend_breaks)


@dataclass(frozen=True)
class _Component:
    """One component after its test: p, breaks if any, and the values of the rows without gaps."""

    p: float
    found: Partition | None
    values: np.ndarray


def bfast(
    series: Any,
    season: Season | None = "harmonic",
    h: float = 0.15,
    level: float | tuple[float, float] = 0.05,
    max_iter: int = 10,
    *,
    max_breaks: int | None = None,
    frequency: int | None = None,
) -> Decomposition:
    """BFAST: breaks in the trend and in the season of one series.

    Parameters
    ----------
    series
        Pandas series or one-dimensional DataArray with a time index, any units; NaN is a gap.
    season
        `harmonic` (order 3), `dummy`, or None for a trend alone.
    h
        Shortest segment, a share of the values.
    level
        Level of the MOSUM tests: one for both components, or (trend, season).
    max_iter
        Most iterations.
    max_breaks
        Most breaks of each component; None for as many as fit.
    frequency
        Values in a year; None finds it from the dates.

    Returns
    -------
    Decomposition
        Breaks of trend and season with 95 % intervals, segments of the trend, and components, in units of `series`.

    Raises
    ------
    IndicatorError
        The series has no time index, no season or too few values, or an argument is not allowed.

    References
    ----------
    Verbesselt et al. (2010), doi:10.1016/j.rse.2009.08.014 and doi:10.1016/j.rse.2010.08.003.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = pd.period_range("2008-01", "2019-12", freq="M").to_timestamp()
    >>> season = 0.1 * np.sin(2 * np.pi * np.arange(len(months)) / 12)
    >>> noise = np.random.default_rng(0).normal(0, 0.01, len(months))
    >>> ndvi = pd.Series(0.3 + season + noise - 0.1 * (months >= "2014-01-01"), months)
    >>> [date.strftime("%Y-%m") for date in bfast(ndvi).trend_breaks["date"]]
    ['2014-01']
    """
    if season not in ("harmonic", "dummy", None):
        raise IndicatorError(f"season {season!r} is unknown; use 'harmonic', 'dummy' or None")
    if max_iter < 1:
        raise IndicatorError(f"bfast needs at least one iteration, not max_iter={max_iter}")
    levels = (level, level) if isinstance(level, (int, float)) else level
    values, axis = regular(series, frequency)
    known = np.isfinite(values)
    y = values[known]
    line = np.column_stack([np.ones(len(y)), axis.time[known]])
    waves = None if season is None else _season_design(axis, season)[known]
    estimate = np.zeros(len(y)) if season is None else periodic_season(values, axis.frequency)[known]
    places: tuple[list[int] | None, list[int] | None] = (None, None)
    for iteration in range(1, max_iter + 1):
        trend = _component(without(y, estimate), line, h, levels[0], max_breaks)
        cycle = _Component(float("nan"), None, estimate)
        if waves is not None:
            cycle = _season_component(
                without(y, trend.values), waves, h, levels[1], max_breaks, harmonic=season == "harmonic"
            )
        before, places = places, (_places(trend), _places(cycle))
        deseasoned, estimate = y - estimate, cycle.values
        if places == before or (iteration == 1 and places == ([], [])):
            break
    return Decomposition(
        _trend_breaks(deseasoned, line, axis.labels[known], trend),
        _season_breaks(y - trend.values, waves, axis.labels[known], cycle),
        _trend_segments(deseasoned, line, axis.labels[known], trend),
        _components(values, axis.labels, trend.values, cycle.values),
        iteration,
        trend.p,
        cycle.p,
    )


def without(y: np.ndarray, component: np.ndarray) -> np.ndarray:
    """y less one component; 0 where only a rounding error is left."""
    rest = y - component
    rest[np.abs(rest) <= rounding(float(np.abs(y).max()), len(y), 2)] = 0.0
    return rest


def _places(component: _Component) -> list[int]:
    return [] if component.found is None else component.found.places


def _season_design(axis: RegularAxis, season: Season) -> np.ndarray:
    """Regressors of the season: constant and three harmonics of the place in the series, or dummies."""
    if season == "dummy":
        return dummies(axis)
    place = np.arange(1, len(axis.time) + 1)
    angles = 2 * np.pi * place[:, None] / axis.frequency * np.arange(1, 4)
    columns = [np.ones(len(place))]
    for wave in range(3):
        columns += [np.cos(angles[:, wave]), np.sin(angles[:, wave])]
    return np.column_stack(columns)


def _component(y: np.ndarray, x: np.ndarray, h: float, level: float, max_breaks: int | None) -> _Component:
    """Test a component, and fit breaks where the test is significant."""
    p = mosum_of_rows(y, x, h, pd.RangeIndex(len(y))).p
    broken = partition(y, x, h, max_breaks) if p <= level else None
    if broken is not None and broken.places:
        return _Component(p, broken, broken.fitted)
    return _Component(p, None, x @ np.linalg.lstsq(x, y, rcond=None)[0])


def _season_component(
    y: np.ndarray, x: np.ndarray, h: float, level: float, max_breaks: int | None, *, harmonic: bool
) -> _Component:
    """As `_component`; harmonics keep one constant over all segments, so that the season contains no trend."""
    fitted = _component(y, x, h, level, max_breaks)
    if fitted.found is None or not harmonic:
        return fitted
    bounds = segment_bounds(fitted.found.places, len(y))
    design = np.zeros((len(y), 1 + (x.shape[1] - 1) * len(bounds)))
    design[:, 0] = 1.0
    for i, (first, end) in enumerate(bounds):
        start = 1 + i * (x.shape[1] - 1)
        design[first:end, start : start + x.shape[1] - 1] = x[first:end, 1:]
    return _Component(fitted.p, fitted.found, design @ np.linalg.lstsq(design, y, rcond=None)[0])


def _interval_columns(y: np.ndarray, x: np.ndarray, dates: pd.Index, chosen: Partition) -> list[dict[str, Any]]:
    """Index, date and interval of each break; one variance of errors, as BFAST has it."""
    bounds = date_intervals(y, x, chosen, same_variance=True)
    return [dated(dates, place, own) for place, own in zip(chosen.places, bounds, strict=True)]


def _trend_breaks(y: np.ndarray, x: np.ndarray, dates: pd.Index, trend: _Component) -> pd.DataFrame:
    if trend.found is None:
        return pd.DataFrame(columns=BREAK_COLUMNS)
    table = _interval_columns(y, x, dates, trend.found)
    for row in table:
        row["before"], row["after"] = trend.values[row["index"] - 1], trend.values[row["index"]]
        row["magnitude"] = row["after"] - row["before"]
    return pd.DataFrame(table, columns=BREAK_COLUMNS)


def _season_breaks(y: np.ndarray, x: np.ndarray | None, dates: pd.Index, season: _Component) -> pd.DataFrame:
    columns = [*BREAK_COLUMNS[:6], "amplitude_before", "amplitude_after"]
    if season.found is None or x is None:
        return pd.DataFrame(columns=columns)
    table = _interval_columns(y, x, dates, season.found)
    ranges = [float(np.ptp(season.values[a:b])) / 2 for a, b in segment_bounds(season.found.places, len(y))]
    for i, row in enumerate(table):
        row["amplitude_before"], row["amplitude_after"] = ranges[i], ranges[i + 1]
    return pd.DataFrame(table, columns=columns)


def _trend_segments(y: np.ndarray, x: np.ndarray, dates: pd.Index, trend: _Component) -> pd.DataFrame:
    table = []
    for first, end in segment_bounds(_places(trend), len(y)):
        intercept, slope = np.linalg.lstsq(x[first:end], y[first:end], rcond=None)[0]
        table.append({"first": dates[first], "last": dates[end - 1], "slope": slope, "intercept": intercept})
    return pd.DataFrame(table)


def _components(values: np.ndarray, labels: pd.Index, trend: np.ndarray, season: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame({"observed": values, "trend": np.nan, "season": np.nan}, index=labels)
    known = np.isfinite(values)
    table.loc[known, "trend"] = trend
    table.loc[known, "season"] = season
    return table.assign(remainder=table["observed"] - table["trend"] - table["season"])


def bfastlite(
    series: Any,
    order: int = 3,
    h: float = 0.15,
    max_breaks: int | None = None,
    *,
    criterion: Criterion = "lwz",
    frequency: int | None = None,
) -> Breakpoints:
    """BFAST Lite: breaks of trend and season together, by Bai & Perron with trend and harmonics of `order`.

    Input as in `bfast`; gaps are left out. Coefficients of the segments: b0 constant, b1 trend for each value, then
    cosines and sines (Masiliūnas et al. 2021, doi:10.3390/rs13163308).
    """
    values, axis = regular(series, frequency)
    observed = pd.Series(values, index=axis.labels)
    return breakpoints_of_series(observed, season_trend(axis, order), h, max_breaks, criterion)
