"""The series of a region as charts with their breaks and trend, each with its table."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from practices.charts import BreakMark, CaptionedChart, Line, series_chart
from practices.charts.series import Look
from practices.charts.units import units_for_people
from practices.numbers import number
from practices.report.wording import capitalised, origin_mark
from practices.results.by_region import Report, Series


@dataclass(frozen=True)
class Variable:
    """How a variable is shown: its name, how it is drawn and in which colour, and what to know of it."""

    name: str
    look: Look = "line"
    class_: str = "s0"
    note: str = ""


VARIABLES = {
    "productivity": Variable("Productivity"),
    "precipitation": Variable("Rain and snow", "columns", "s1"),
    "soil_moisture": Variable("Soil moisture", class_="s2"),
    "soil_organic_carbon": Variable(
        "Soil organic carbon", class_="s3", note="follows land cover by the guidance's factors"
    ),
    "temperature": Variable("Air temperature", class_="s3"),
    "potential_evapotranspiration": Variable(
        "Potential evapotranspiration", class_="s3", note="water that short grass would lose if it lacked none (FAO-56)"
    ),
    "spi": Variable("Rain against its normal (SPI)", "departures"),
    "spei": Variable("Water balance against its normal (SPEI)", "departures"),
    "ssmi": Variable("Soil moisture against its normal (SSMI)", "departures"),
}
ORDER = tuple(VARIABLES)


def variable(name: str, vegetation: str = "productivity") -> tuple[Variable, str]:
    """How a variable is shown, and the rest of its name: `spi_12` is SPI over 12 months.

    `vegetation`: what productivity measures.
    """
    plain = name.removesuffix("_annual")
    if plain == "productivity":
        return replace(VARIABLES[plain], name=capitalised(vegetation)), ""
    if plain in VARIABLES:
        return VARIABLES[plain], ""
    head, _, tail = plain.rpartition("_")
    if head in VARIABLES and tail.isdigit():
        return VARIABLES[head], f" over {int(tail)} months"
    return Variable(plain.replace("_", " ").capitalize()), ""


def decimal_year(day: dt.date, *, annual: bool) -> float:
    """A date as a decimal year: the middle of a month; the year itself for an annual series."""
    return float(day.year) if annual else day.year + (day.month - 0.5) / 12


def annual(report: Report) -> list[CaptionedChart]:
    """The annual series, vegetation first, with their breaks and the trend."""
    shown = [each for each in report.series if each.variable.endswith("_annual")]
    return [_drawn(each, report) for each in sorted(shown, key=_place)]


def monthly(report: Report) -> list[CaptionedChart]:
    """The other series; their tables are in the downloads."""
    shown = [each for each in report.series if not each.variable.endswith("_annual")]
    return [_drawn(each, report) for each in sorted(shown, key=_place)]


def _place(series: Series) -> tuple[int, str]:
    plain = series.variable.removesuffix("_annual")
    head = plain if plain in VARIABLES else plain.rpartition("_")[0]
    return (ORDER.index(head) if head in VARIABLES else len(ORDER), series.variable)


def _drawn(series: Series, report: Report) -> CaptionedChart:
    shown, rest = variable(series.variable, report.quantity[1])
    yearly = series.variable.endswith("_annual")
    name = f"{shown.name}{rest}"
    line = Line(
        name,
        [decimal_year(d, annual=yearly) for d in series.dates],
        series.values,
        look=shown.look,
        class_=shown.class_,
    )
    found = breaks_of(series.variable, report)
    slope = None
    if series.variable == "productivity_annual" and report.trend_percent_decade is not None and series.values:
        slope = report.trend_percent_decade / 1000 * sum(series.values) / len(series.values)
    units = "" if series.units == "1" else units_for_people(series.units)
    said = name + (", whole years or seasons" if yearly else ", by month") + (f"; {shown.note}" if shown.note else "")
    if slope is not None:
        said += "; dashed: trend"
    if found:
        said += "; upright line: first date after a break, band: its 95 % interval"
    chart = series_chart(
        [line],
        title=f"{report.name}: {name}",
        units=units or "index",
        breaks=found,
        slope=slope,
        mark=origin_mark(report.view.origin),
    )
    rows = [(str(d.year), number(v)) for d, v in zip(series.dates, series.values, strict=True)] if yearly else []
    return CaptionedChart(chart, said, ("Year", units or "Value"), tuple(rows))


def breaks_of(name: str, report: Report) -> list[BreakMark]:
    """Breaks of a series: yearly ones on the annual series, monthly ones on the monthly."""
    yearly = name.endswith("_annual")
    plain = name.removesuffix("_annual")
    own = [b for b in report.breaks if b.variable in (name, plain) and (b.cadence == "yearly") == yearly]
    return [BreakMark(*(decimal_year(d, annual=yearly) for d in (b.date, b.low, b.high))) for b in own]
