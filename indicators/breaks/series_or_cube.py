"""The methods that take one series or a cube: a series gives one result, a cube gives a Dataset with one per pixel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias, TypeGuard, overload

import numpy as np
import pandas as pd
import xarray as xr

from indicators.breaks.monitoring import History, Monitoring, monitor_series
from indicators.breaks.partitions import Breakpoints, Criterion, breakpoints_of_series
from indicators.breaks.pixels import breakpoints_pixels, monitor_pixels
from indicators.breaks.residuals.annual_peaks import Turn
from indicators.breaks.residuals.annual_tree import tss_restrend_annual
from indicators.breaks.residuals.residual_trends import ResidualTrend, tss_restrend_of_series

Series: TypeAlias = pd.Series | np.ndarray | list[float]


def is_cube(y: Any) -> TypeGuard[xr.DataArray]:
    """Whether `y` is a DataArray with more dimensions than time."""
    return isinstance(y, xr.DataArray) and y.ndim > 1


@overload
def breakpoints(
    y: Series, X: Any = None, h: float = 0.15, max_breaks: int | None = 5, criterion: Criterion = "bic"
) -> Breakpoints: ...
@overload
def breakpoints(
    y: xr.DataArray, X: Any = None, h: float = 0.15, max_breaks: int | None = 5, criterion: Criterion = "bic"
) -> Breakpoints | xr.Dataset: ...
def breakpoints(
    y: Series | xr.DataArray,
    X: Any = None,
    h: float = 0.15,
    max_breaks: int | None = 5,
    criterion: Criterion = "bic",
) -> Breakpoints | xr.Dataset:
    """Dates of breaks in the regression of a series, or of every pixel of a cube (Bai & Perron 2003).

    Parameters
    ----------
    y
        Series or one-dimensional DataArray (time), or cube (time, ...), in any units. Gaps (NaN) are left out.
    X
        Regressors (time, k), the constant included; None is the mean alone.
    h
        Shortest segment: a share of the series, or a number of values where it is 1 or more.
    max_breaks
        Most breaks that are tried; None tries ⌈n/h⌉ − 2, as strucchange does.
    criterion
        `bic` or `lwz`: chooses how many breaks there are.

    Returns
    -------
    Breakpoints or xarray.Dataset
        `Breakpoints` of a series. For a cube a Dataset by pixel: `breaks` (number; −1 where the series is too short),
        and along `break`: `date` (first observation after the break), `low` and `high` (its 95 % interval),
        `magnitude` (step of the fit, in the units of `y`).

    Raises
    ------
    IndicatorError
        The series is too short for two segments, or the regressors do not fit to it.

    References
    ----------
    Bai & Perron (2003), doi:10.1002/jae.659; Zeileis et al. (2003), doi:10.1016/S0167-9473(03)00030-6.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> noise = np.random.default_rng(1).normal(0, 0.01, 24)
    >>> ndvi = pd.Series(np.repeat([0.30, 0.20], 12) + noise, index=pd.Index(range(2001, 2025), name="year"))
    >>> [int(year) for year in breakpoints(ndvi).breaks["date"]]
    [2013]
    """
    if is_cube(y):
        return breakpoints_pixels(y, X, h, max_breaks, criterion)
    return breakpoints_of_series(y, X, h, max_breaks, criterion)


@overload
def monitor(
    y: Series,
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
) -> Monitoring: ...
@overload
def monitor(
    y: xr.DataArray,
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
) -> Monitoring | xr.Dataset: ...
def monitor(
    y: Series | xr.DataArray,
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
) -> Monitoring | xr.Dataset:
    """Monitor a series, or every pixel of a cube, from `start` on, as bfastmonitor does (Verbesselt et al. 2012).

    Parameters
    ----------
    y
        Series or one-dimensional DataArray with dates, or cube (time, ...). Gaps (NaN) are left out.
    start
        First time that is monitored: a date, years with decimals, or (year, period).
    order
        Order of the harmonics of the season.
    h
        Window as a share of the history: 0.25, 0.5 or 1.
    history
        Stable history: `roc` (reverse CUSUM), `bp` (after the last break), or `all`.
    level
        Level of the alarm, or (alarm, reverse CUSUM), 0.001 to 0.05.
    X
        Further regressors, a row for each time of `y`, such as rain or soil moisture of the region, so that drought
        raises no alarm. All pixels share them.
    correlated
        Take the long-run variance of the errors (Bartlett weights over one year), because a good or a bad year makes
        them correlated. bfastmonitor assumes independent errors.
    period
        How many times the history may be monitored at that level: 2, 4, 6, 8 or 10.
    frequency
        Observations in a year; None finds it from the dates.

    Returns
    -------
    Monitoring or xarray.Dataset
        `Monitoring` of a series. For a cube `break_time`, `magnitude`, `strength`, `delay`, `observations`,
        `history_start` and `history_observations` by pixel (see `pixels.monitor_pixels`).

    Raises
    ------
    IndicatorError
        A choice is not offered; for one series also where the history is too short (a pixel then has no result).

    References
    ----------
    Verbesselt, Zeileis & Herold (2012), doi:10.1016/j.rse.2012.02.022.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = pd.period_range("2010-01", "2020-12", freq="M").to_timestamp()
    >>> season = 0.1 * np.sin(2 * np.pi * np.arange(len(months)) / 12)
    >>> noise = np.random.default_rng(0).normal(0, 0.01, len(months))
    >>> ndvi = pd.Series(0.3 + season + noise - 0.1 * (months >= "2020-03-01"), months)
    >>> monitor(ndvi, "2020-01").break_time.strftime("%Y-%m")
    '2020-04'
    """
    watch: Any = monitor_pixels if is_cube(y) else monitor_series
    return watch(y, start, order, h, history, level, X=X, correlated=correlated, period=period, frequency=frequency)


@overload
def tss_restrend(
    vi: pd.Series,
    rain: Any,
    temperature: Any = None,
    *,
    longest: int = 12,
    offsets: int = 4,
    h: float | None = None,
    level: float = 0.05,
    exclude: Iterable[Any] = (),
    turn: Turn = "package",
) -> ResidualTrend: ...
@overload
def tss_restrend(
    vi: xr.DataArray,
    rain: Any,
    temperature: Any = None,
    *,
    longest: int = 12,
    offsets: int = 4,
    h: float | None = None,
    level: float = 0.05,
    exclude: Iterable[Any] = (),
    turn: Turn = "package",
) -> ResidualTrend | xr.Dataset: ...
def tss_restrend(
    vi: pd.Series | xr.DataArray,
    rain: Any,
    temperature: Any = None,
    *,
    longest: int = 12,
    offsets: int = 4,
    h: float | None = None,
    level: float = 0.05,
    exclude: Iterable[Any] = (),
    turn: Turn = "package",
) -> ResidualTrend | xr.Dataset:
    """Time series segmented residual trends: change of vegetation that rain does not explain (Burrell et al. 2017).

    Parameters
    ----------
    vi
        Monthly vegetation (time) without gaps, at least five years. A cube of yearly values (year, y, x) goes to
        `tss_restrend_annual`, which takes `h` and `level` only.
    rain
        Monthly rain, mm; reaches back `longest` + `offsets` months more than `vi`.
    temperature
        Monthly temperature, °C, or None.
    longest, offsets
        Windows of rain have 1 … `longest` months and end 0 … `offsets` − 1 months before the peak.
    h
        Shortest segment of BFAST: 0.15 (0.2 for yearly cubes).
    level
        Level of the tests.
    exclude
        Months ('YYYY-MM'), the first after a break, that do not count as breaks, such as changes of a sensor.
    turn
        See `residuals.annual_peaks.annual_peaks`; matters only where vegetation peaks around New Year.

    Returns
    -------
    ResidualTrend or xarray.Dataset
        `ResidualTrend` of a series, a Dataset by pixel for a cube.

    Raises
    ------
    IndicatorError
        Gaps, rain that does not reach back far enough, or a series that is too short.

    References
    ----------
    Burrell, Evans & Liu (2017), doi:10.1016/j.rse.2017.05.018.
    """
    if is_cube(vi):
        return tss_restrend_annual(vi, rain, h=0.2 if h is None else h, level=level)
    return tss_restrend_of_series(
        vi, rain, temperature, longest=longest, offsets=offsets, h=0.15 if h is None else h, level=level,
        exclude=exclude, turn=turn,
    )  # fmt: skip
