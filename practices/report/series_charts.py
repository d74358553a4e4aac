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
from practices.results.names import own_tables


@dataclass(frozen=True)
class Variable:
    """How a variable is shown: its name, how it is drawn and in which colour, and what to know of it."""

    name: str
    look: Look = "line"
    class_: str = "s0"
    note: str = ""


VARIABLES = {
    "productivity": Variable("Productivity"),
    "productivity_long": Variable("Productivity since 1982", note="AVHRR joined backwards to the present sensor"),
    "precipitation": Variable("Rain and snow", "columns", "s1"),
    "precipitation_era5_land": Variable("Rain and snow, ERA5-Land", "columns", "s1", "for comparison"),
    "precipitation_chirps3": Variable("Rain and snow, CHIRPS 3", "columns", "s1", "for comparison"),
    "precipitation_imerg": Variable("Rain and snow, IMERG", "columns", "s1", "for comparison"),
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
    "cropland": Variable("Cropland", class_="s3"),
    "built_up": Variable("Built-up land", class_="s3"),
    "open_water": Variable("Open water, MODIS", class_="s2"),
    "burned": Variable("Burned area", "columns", "s3"),
    "night_lights": Variable("Night lights", class_="s3"),
    "herd_sheep_units": Variable(
        "Herds in sheep units", class_="s3", note="a horse 7, cattle 6, a sheep 1, a goat 0.9"
    ),
    "herd_cattle": Variable("Cattle", class_="s3"),
    "herd_buffalo": Variable("Buffalo", class_="s3"),
    "herd_horses": Variable("Horses", class_="s3"),
    "herd_goats": Variable("Goats", class_="s3"),
    "herd_sheep": Variable("Sheep", class_="s3"),
    "dust": Variable("Dust in the air", class_="s3"),
    "dust_days": Variable("Dust days", "columns", "s3"),
    "wind_erosion": Variable("Soil loss by wind", "columns", "s3", "estimated by the Revised Wind Erosion Equation"),
    "albedo": Variable("Albedo in summer", class_="s3"),
    "snow_days": Variable("Days with snow in winter", "columns", "s1", "the winter that ends in the year"),
    "winter_temperature": Variable(
        "Air temperature in winter", class_="s3", note="November to March, the winter that ends in the year"
    ),
    "water_permanent": Variable("Permanent water", class_="s2"),
    "water_seasonal": Variable("Seasonal water", class_="s2"),
    "stored_water": Variable(
        "Stored water", class_="s2", note="snow, soil and ground water together, against the mean of 2004 to 2009"
    ),
    "irrigated_cells_high": Variable("Land in cells with much irrigation", class_="s2"),
    "irrigated_cells_low": Variable("Land in cells with some irrigation", class_="s2"),
    "modified_agriculture": Variable("Human modification by agriculture", class_="s3"),
    "modified_built_up": Variable("Human modification by buildings", class_="s3"),
    "modified_energy_mining": Variable("Human modification by energy and mining", class_="s3"),
    "modified_transport": Variable("Human modification by transport", class_="s3"),
}
ORDER = tuple(VARIABLES)
#: Series that share a chart.
SPECIES = ("herd_cattle", "herd_buffalo", "herd_horses", "herd_goats", "herd_sheep")
#: What is recorded of the source of a driver.
NOTES = ("source", "period", "licence", "uncertainty", "trap")


@dataclass(frozen=True)
class DriverSource:
    """Where series of drivers come from: their names, and what to know of the source."""

    series: str
    source: str
    period: str
    licence: str
    uncertainty: str
    trap: str


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
    """The annual series of vegetation, rain and soil, vegetation first, with their breaks and the trend."""
    shown = [each for each in report.series if each.variable.endswith("_annual") and not notes_of(each, report)]
    return [_drawn(each, report) for each in sorted(shown, key=_place)]


def driver_series(report: Report) -> list[Series]:
    """The annual series of what drives the land besides, in their order on the page; none that is always 0."""
    return sorted((each for each in report.series if notes_of(each, report) and any(each.values)), key=_place)


def drivers(report: Report) -> list[CaptionedChart]:
    """The charts of these series, each with its trap.

    Species of herds are lines of one chart.
    """
    shown = driver_series(report)
    species = [each for each in shown if each.variable.removesuffix("_annual") in SPECIES]
    charts = []
    for each in shown:
        if len(species) > 1 and each in species:
            drawn = [_species(species, report)] if each is species[0] else []
        else:
            drawn = [_drawn(each, report)]
        charts += [
            replace(chart, caption=f"{chart.caption}. Note: {notes_of(each, report)['trap']}") for chart in drawn
        ]
    return charts


def _species(herds: list[Series], report: Report) -> CaptionedChart:
    """The species of herds in one chart."""
    lines = []
    for number_, each in enumerate(herds):
        years = [decimal_year(day, annual=True) for day in each.dates]
        lines.append(Line(variable(each.variable)[0].name, years, each.values, class_=f"s{number_ % 4}"))
    chart = series_chart(
        lines, title=f"{report.name}: herds by species", units=herds[0].units, mark=origin_mark(report.view.origin)
    )
    by_year = [{day.year: value for day, value in zip(each.dates, each.values, strict=True)} for each in herds]
    known = sorted({year for own in by_year for year in own})
    rows = tuple((str(year), *(number(own.get(year)) for own in by_year)) for year in known)
    own = own_tables(report.datasets)
    sources = [
        f"{line.name}: {own[each.variable]}" for line, each in zip(lines, herds, strict=True) if each.variable in own
    ]
    said = "Herds by species, by year" + (f"; source of {'; '.join(sources)}" if sources else "")
    return CaptionedChart(chart, said, ("Year", *(each.name for each in lines)), rows)


def driver_sources(report: Report) -> list[DriverSource]:
    """The sources of these series, each once, with the names of its series."""
    found: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for each in driver_series(report):
        notes = notes_of(each, report)
        found.setdefault(notes["source"], []).append((variable(each.variable)[0].name, notes))
    return [
        DriverSource(", ".join(name for name, _ in named), *(named[0][1].get(key, "") for key in NOTES))
        for named in found.values()
    ]


def notes_of(series: Series, report: Report) -> dict[str, str]:
    """What is recorded of the source of a driver's annual series; {} for other series."""
    recorded: dict[str, str] = report.datasets.get(series.variable.removesuffix("_annual"), {})
    return recorded if series.variable.endswith("_annual") and recorded.get("trap") else {}


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
    span = ", by month" if not yearly else ", by year" if notes_of(series, report) else ", whole years or seasons"
    said = name + span + (f"; {shown.note}" if shown.note else "")
    own = own_tables(report.datasets).get(series.variable)
    if own is not None:
        said += f"; source: {own}"
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
