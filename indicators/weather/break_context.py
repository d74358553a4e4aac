"""Was it drought? The state of rain and soil moisture around each break of a region, and whether rain explains it.

The window is the twelve months that end with the first growing season that ends after the break. The values of that
season are the first at the new level, whether the break is dated within it or in the winter before; later months have
no relation to the break. For an annual series the window ends with the season of `year`, the first year after the
break. For a monthly series it ends with the season that contains or follows `date`, the first month after the break.
The lowest index in the window is reported. It sums twelve months, as in PRAIS 4, so no month is used that is more than
two years before the end of the window.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.breaks import breakpoints
from indicators.breaks.fluctuation import chow
from indicators.errors import IndicatorError
from indicators.weather.drought import spei, spi, ssmi
from indicators.weather.drought_words import named

#: Months that an index sums, and months in which its lowest value is searched.
SCALE, WINDOW = 12, 12
#: Columns that are added to a break.
INDICES = ("spi", "spei", "soil_moisture_z")


def drought_indices(
    rain: pd.Series | None = None,
    soil_moisture: pd.Series | None = None,
    pet: pd.Series | None = None,
) -> dict[str, pd.Series]:
    """SPI, SPEI and standardised soil moisture of twelve months, by the first of the month.

    `rain` and `pet` are monthly sums (mm), `soil_moisture` monthly means. All years of a series are the reference. An
    index is left out where its series is not given, is empty, or has fewer than ten years.
    """
    known = {name: _complete(each) for name, each in (("rain", rain), ("soil", soil_moisture), ("pet", pet))}
    indices: dict[str, pd.Series] = {}
    makers = {
        "spi": lambda: spi(known["rain"], SCALE, None),
        "spei": lambda: spei(known["rain"] - known["pet"].reindex(known["rain"].index), scale=SCALE, reference=None),
        "soil_moisture_z": lambda: ssmi(known["soil"], SCALE, None),
    }
    needs = {"spi": ("rain",), "spei": ("rain", "pet"), "soil_moisture_z": ("soil",)}
    for name, make in makers.items():
        if any(known[each].empty for each in needs[name]):
            continue
        try:
            indices[name] = make().to_series().dropna()
        except IndicatorError:  # too short for a reference
            continue
    return indices


def _complete(monthly: pd.Series | None) -> pd.Series:
    """Every month from the first to the last, those without a value as NaN."""
    if monthly is None or monthly.empty:
        return pd.Series(dtype=float)
    return monthly.sort_index().asfreq("MS").rename_axis("time")


def breaks_with_drought(
    breaks: pd.DataFrame, indices: Mapping[str, pd.Series], *, last_month: int = 12
) -> pd.DataFrame:
    """The breaks with the lowest `spi`, `spei` and `soil_moisture_z` of the window, and the name of the drought.

    Parameters
    ----------
    breaks
        Breaks with `year`, or with `date` (first month after the break).
    indices
        Monthly series of `drought_indices`.
    last_month
        Last month of the growing season; 12 for the calendar year.

    Returns
    -------
    pandas.DataFrame
        `breaks` with the three indices, NaN where an index does not cover the whole window, and `drought`: the name of
        the drought by the SPI, or by the SPEI where there is no SPI; None without both.

    Raises
    ------
    IndicatorError
        `last_month` is not a month.
    """
    if not 1 <= last_month <= 12:
        raise IndicatorError(f"last_month {last_month} is not a month; give 1 to 12")
    ends = [_window_end(row, last_month) for row in breaks.to_dict("records")]
    lowest = {
        name: np.array([_lowest(indices.get(name), end) for end in ends], float).reshape(len(ends)) for name in INDICES
    }
    z = np.where(np.isnan(lowest["spi"]), lowest["spei"], lowest["spi"])
    return breaks.assign(**lowest, drought=pd.Series([named(each) for each in z], breaks.index, dtype=object))


def _window_end(row: Mapping[Any, Any], last_month: int) -> pd.Period:
    """The last month of the first growing season that ends after a break."""
    if "year" in row:
        return pd.Period(year=int(row["year"]), month=last_month, freq="M")
    first = pd.Period(pd.Timestamp(row["date"]), "M")
    return pd.Period(year=first.year + (first.month > last_month), month=last_month, freq="M")


def _lowest(index: pd.Series | None, end: pd.Period) -> float:
    if index is None or index.empty:
        return float("nan")
    months = pd.period_range(end=end, periods=WINDOW, freq="M").to_timestamp()
    own = index.reindex(months)
    return float(own.min()) if own.notna().all() else float("nan")


def breaks_with_rain(observed: xr.DataArray, rain_removed: xr.DataArray | None, *, h: float = 0.2) -> pd.DataFrame:
    """Breaks of an annual series with the effect of rain removed, and breaks of the series itself that rain explains.

    Parameters
    ----------
    observed
        Annual vegetation (year).
    rain_removed
        The same with the effect of rain removed (year), or None.
    h
        Shortest segment, a share of the years.

    Returns
    -------
    pandas.DataFrame
        `series` (`rain_removed` or `observed`), `date` (first year after the break) with its 95 % interval `low`,
        `high`, `magnitude`, `explained_by_rain`. A break of `rain_removed` is not explained by rain. A break of
        `observed` is explained by rain under two conditions. Its interval overlaps no break of `rain_removed`. The
        Chow test between its neighbours is significant (p ≤ 0.05) in `observed` but not in `rain_removed`. All other
        breaks of `observed` are left out. Without `rain_removed`, the breaks are those of `observed`, and
        `explained_by_rain` is None.

    Raises
    ------
    IndicatorError
        The series is too short for breaks.
    """
    columns = ["series", "date", "low", "high", "magnitude", "explained_by_rain"]
    raw = yearly_breaks(observed, h=h).assign(series="observed", explained_by_rain=None)
    if rain_removed is None:
        return raw[columns]
    own = yearly_breaks(rain_removed, h=h).assign(series="rain_removed", explained_by_rain=False)
    overlaps = [
        bool(((own["low"] <= each["high"]) & (own["high"] >= each["low"])).any()) for each in raw.to_dict("records")
    ]
    explained = [
        not overlap and _explained(observed, rain_removed, raw, number) for number, overlap in enumerate(overlaps)
    ]
    explained_rows = raw[np.array(explained, bool)].assign(explained_by_rain=True)
    return pd.concat([each for each in (own, explained_rows) if len(each)] or [own], ignore_index=True)[columns]


def yearly_breaks(series: xr.DataArray, *, h: float) -> pd.DataFrame:
    """Bai–Perron breaks of an annual series, dated by the first year after each."""
    table: pd.DataFrame = breakpoints(series, h=h).breaks
    return table


def _explained(
    observed: xr.DataArray, rain_removed: xr.DataArray, raw: pd.DataFrame, number: int, level: float = 0.05
) -> bool:
    """Whether a break, between its neighbours, is significant in `observed` but not in `rain_removed`."""
    years = observed["year"].values
    dates = [int(each) for each in raw["date"]]
    first = dates[number - 1] if number else int(years[0])
    end = dates[number + 1] if number + 1 < len(dates) else int(years[-1]) + 1
    p = []
    for series in (observed, rain_removed):
        part = series.sel(year=(series["year"] >= first) & (series["year"] < end)).dropna("year")
        y = part.values
        p.append(chow(y, np.ones((len(y), 1)), int((part["year"].values < dates[number]).sum())))
    return bool(p[0] <= level < p[1])
