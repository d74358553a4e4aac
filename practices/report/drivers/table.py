"""Which drivers changed, and do they go with the vegetation? A row for each, for the page of a region."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from indicators.causes import Association, goes_with
from indicators.chance import holm
from indicators.errors import IndicatorError
from practices.charts.units import units_for_people
from practices.numbers import number
from practices.report.nature.links_table import PublishedNumber
from practices.report.series_charts import driver_series, variable
from practices.results.by_region import Report, Series

#: Years at either end of a series that are compared.
ENDS = 5
#: p-value, of all drivers together, from which a driver is not said to go with the vegetation.
LEVEL = 0.05
#: How the statistics of jumps at borders begin.
BORDER = "border_jump_"


@dataclass(frozen=True)
class DriverRow:
    """A driver: its years, means of its first and last years, and how vegetation goes with it.

    `r` is the rank correlation of departures from straight lines with its 95 % interval, `p` that of all drivers
    together; None where they cannot be compared. `said` is what follows from it.
    """

    name: str
    units: str
    years: str
    first: float
    last: float
    r: float | None
    low: float | None
    high: float | None
    p: float | None
    said: str


def border_notes(statistics: Iterable[PublishedNumber]) -> list[str]:
    """What was found at borders of countries: products that follow national totals jump there."""
    return [each.note for each in statistics if each.name.startswith(BORDER)]


def driver_rows(report: Report) -> list[DriverRow]:
    """The drivers of a region in the order of their charts; none that is always 0."""
    shown = driver_series(report)
    green = report.of("productivity_annual")
    found = [None if green is None else _together(green, each) for each in shown]
    tested = [each.p for each in found if each is not None]
    adjusted = iter(holm(tested).tolist())
    return [
        _row(each, own, None if own is None else next(adjusted), report) for each, own in zip(shown, found, strict=True)
    ]


def _together(green: Series, driver: Series) -> Association | None:
    """How vegetation goes with a driver; None where too few years are common, or one of them does not vary."""
    try:
        return goes_with(_by_year(green), _by_year(driver))
    except IndicatorError:
        return None


def _by_year(series: Series) -> pd.Series:
    return pd.Series(series.values, [day.year for day in series.dates], dtype=float)


def _row(driver: Series, found: Association | None, p: float | None, report: Report) -> DriverRow:
    years = sorted(day.year for day in driver.dates)
    values = _by_year(driver).sort_index()
    units = "" if driver.units == "1" else units_for_people(driver.units)
    ends = (float(values.iloc[:ENDS].mean()), float(values.iloc[-ENDS:].mean()))
    name = variable(driver.variable)[0].name
    of = None if found is None else (found.r, found.low, found.high)
    r, low, high = of or (None, None, None)
    return DriverRow(name, units, f"{years[0]}–{years[-1]}", *ends, r, low, high, p, _said(found, p, report))


def _said(found: Association | None, p: float | None, report: Report) -> str:
    """What follows: that they go together, or how strong a relation is likely missed. Never that one is the cause."""
    vegetation = report.quantity[1]
    if found is None or p is None:
        return "not compared: too few common years, or one of the two is a straight line"
    if p < LEVEL:
        return f"{'more' if found.r > 0 else 'less'} {vegetation} in years with more of it"
    if math.isfinite(found.least) and found.least < 1:
        return f"nothing can be said; an r weaker than ±{number(found.least, 2)} is likely missed"
    return "nothing can be said"
