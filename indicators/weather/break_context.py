"""Was it drought? The state of rain and soil moisture around each break of a region, and whether rain explains it.

The window is the twelve months that end with the first growing season to end after the break. The values of that season
are the first that show the new level, whether the break is dated within it or in the winter before, when nothing grows;
what comes after it says nothing of the break. So for a yearly series it ends with the season of `year`, the first year
after the break, and for a monthly one with the season that `date`, the first month after the break, lies in or comes
before. The worst index in the window counts, of twelve months, as PRAIS 4 has it: nothing is read that lies more than
two years before the window's end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.breaks import breakpoints, first_after
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

    `rain` and `pet` are monthly sums, `soil_moisture` monthly means. All years of a series are the reference. An index
    is left out where its series is not given, is empty, or has fewer than ten years.
    """
    known = {name: _complete(each) for name, each in (("rain", rain), ("soil", soil_moisture), ("pet", pet))}
    found: dict[str, pd.Series] = {}
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
            found[name] = make().to_series().dropna()
        except IndicatorError:  # too short for a reference
            continue
    return found


def _complete(monthly: pd.Series | None) -> pd.Series:
    """Every month from the first to the last, those without a value as NaN."""
    if monthly is None or monthly.empty:
        return pd.Series(dtype=float)
    return monthly.sort_index().asfreq("MS").rename_axis("time")


def beside_breaks(breaks: pd.DataFrame, indices: Mapping[str, pd.Series], *, last_month: int = 12) -> pd.DataFrame:
    """The breaks with the lowest `spi`, `spei` and `soil_moisture_z` of the window, and the class of drought in words.

    `breaks` are dated by `year` or by `date`, the first after the break; `last_month` is that of the growing season
    (12: of the year). NaN, and no class, where an index does not cover the whole window.
    `drought`: what `drought.named` calls the SPI, the SPEI where there is no SPI.
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


def breaks_beside_rain(observed: xr.DataArray, rest: xr.DataArray | None, *, h: float = 0.2) -> pd.DataFrame:
    """Breaks of a yearly series with rain taken out (`rest`), and those of the series itself that rain explains.

    Table: `series` (`rest`, or `observed`), `date` (first year after the break) with its interval `low` … `high`,
    `magnitude`, `explained_by_rain`. What breaks
    `rest` is not explained by rain. A break of `observed` whose interval meets none of those is explained where the
    Chow test between its neighbours holds for the series (p ≤ 0.05) and no longer for what rain leaves of it; such as
    hold for both are left out: they are one more place for a break that is listed, or noise. Without `rest` the breaks
    are those observed, and nobody knows: None. Raises IndicatorError where the series is too short for breaks.
    """
    columns = ["series", "date", "low", "high", "magnitude", "explained_by_rain"]
    raw = yearly_breaks(observed, h=h).assign(series="observed", explained_by_rain=None)
    if rest is None:
        return raw[columns]
    own = yearly_breaks(rest, h=h).assign(series="rest", explained_by_rain=False)
    met = [bool(((own["low"] <= each["high"]) & (own["high"] >= each["low"])).any()) for each in raw.to_dict("records")]
    explained = [not meets and _explained(observed, rest, raw, number) for number, meets in enumerate(met)]
    explained_rows = raw[np.array(explained, bool)].assign(explained_by_rain=True)
    return pd.concat([each for each in (own, explained_rows) if len(each)] or [own], ignore_index=True)[columns]


def yearly_breaks(series: xr.DataArray, *, h: float) -> pd.DataFrame:
    """Bai–Perron breaks of a yearly series, dated by the first year after each."""
    found = breakpoints(series, h=h)
    return first_after(found.breaks, found.observed.dropna().index)


def _explained(observed: xr.DataArray, rest: xr.DataArray, raw: pd.DataFrame, number: int, level: float = 0.05) -> bool:
    """Whether a break of the observed series, between its neighbours, is none of what rain leaves."""
    years = observed["year"].values
    dates = [int(each) for each in raw["date"]]
    first = dates[number - 1] if number else int(years[0])
    end = dates[number + 1] if number + 1 < len(dates) else int(years[-1]) + 1
    p = []
    for series in (observed, rest):
        part = series.sel(year=(series["year"] >= first) & (series["year"] < end)).dropna("year")
        y = part.values
        p.append(chow(y, np.ones((len(y), 1)), int((part["year"].values < dates[number]).sum())))
    return bool(p[0] <= level < p[1])
