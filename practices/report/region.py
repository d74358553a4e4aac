"""A region's report as a page shows it: sentences, charts and the tables beside them. Pure functions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from indicators.weather.drought_words import CLASSES, ONSET, named
from practices.charts import BreakMark, Line, class_bars, series_chart, stacked_bars
from practices.charts.classes import label, ordered
from practices.charts.series import Look
from practices.charts.units import units_for_people
from practices.numbers import number
from practices.report.shares import ASSESSMENT, km2
from practices.results.by_region import ClassArea, Report, Series, land_km2, percent_degraded
from practices.results.names import HEADLINE, INDICATORS, LAND

#: Years at the end of a record that are set beside the whole, where drought is easily taken for damage.
RECENT = 3
#: Less than this, in km² or percent, is shown as 0.0.
LEAST = 0.05
ALPHA = 0.05


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
    "spi": Variable("Rain against its normal (SPI)", "departures"),
    "spei": Variable("Water balance against its normal (SPEI)", "departures"),
    "ssmi": Variable("Soil moisture against its normal (SSMI)", "departures"),
}
ORDER = tuple(VARIABLES)


@dataclass(frozen=True)
class Drawn:
    """A chart with its caption and the table beside it."""

    chart: Markup
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def variable(name: str, vegetation: str = "productivity") -> tuple[Variable, str]:
    """How a variable is shown, and the rest of its name: `spi_12` is SPI over 12 months.

    `vegetation`: what productivity measures.
    """
    plain = name.removesuffix("_annual")
    if plain == "productivity":
        return replace(VARIABLES[plain], name=sentence(vegetation)), ""
    if plain in VARIABLES:
        return VARIABLES[plain], ""
    head, _, tail = plain.rpartition("_")
    if head in VARIABLES and tail.isdigit():
        return VARIABLES[head], f" over {int(tail)} months"
    return Variable(plain.replace("_", " ").capitalize()), ""


def sentence(words: str) -> str:
    """Words with a capital at the beginning, the others as they are."""
    return words[:1].upper() + words[1:]


def decimal_year(day: dt.date, *, annual: bool) -> float:
    """A date as a year; a month stands at its middle, a year of an annual series at itself."""
    return float(day.year) if annual else day.year + (day.month - 0.5) / 12


def annual(report: Report) -> list[Drawn]:
    """The annual series, vegetation first, with their breaks and the trend."""
    shown = [each for each in report.series if each.variable.endswith("_annual")]
    return [_drawn(each, report) for each in sorted(shown, key=_place)]


def monthly(report: Report) -> list[Drawn]:
    """The other series; their tables are in the downloads."""
    shown = [each for each in report.series if not each.variable.endswith("_annual")]
    return [_drawn(each, report) for each in sorted(shown, key=_place)]


def _place(series: Series) -> tuple[int, str]:
    plain = series.variable.removesuffix("_annual")
    head = plain if plain in VARIABLES else plain.rpartition("_")[0]
    return (ORDER.index(head) if head in VARIABLES else len(ORDER), series.variable)


def _drawn(series: Series, report: Report) -> Drawn:
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
        [line], title=f"{report.name}: {name}", units=units or "index", breaks=found, slope=slope, mark=mark(report)
    )
    rows = [(str(d.year), number(v)) for d, v in zip(series.dates, series.values, strict=True)] if yearly else []
    return Drawn(chart, said, ("Year", units or "Value"), tuple(rows))


def breaks_of(name: str, report: Report) -> list[BreakMark]:
    """Breaks of a series: yearly ones on the annual series, monthly ones on the monthly."""
    yearly = name.endswith("_annual")
    plain = name.removesuffix("_annual")
    own = [b for b in report.breaks if b.variable in (name, plain) and (b.cadence == "yearly") == yearly]
    return [BreakMark(*(decimal_year(d, annual=yearly) for d in (b.date, b.low, b.high))) for b in own]


def mark(report: Report) -> str:
    """What is written into a picture of simulated data."""
    return "SIMULATED" if report.view.simulated else ""


def areas(report: Report) -> Drawn:
    """Land by class of the headline indicator, with intervals where they are known."""
    classes = report.classes(HEADLINE)
    chart = class_bars(
        {name: (a.area_km2, a.low_km2, a.high_km2) for name, a in classes.items()},
        title=f"{report.name}: land by class, {report.year_first}–{report.year_last}",
        mark=mark(report),
    )
    corrected = any(each.corrected_km2 is not None for each in classes.values())
    rows = [
        (
            label(n), number(classes[n].area_km2, 1),
            *((number(classes[n].corrected_km2, 1),) if corrected else ()),
            interval(classes[n]), _share(classes[n]),
        )
        for n in ordered(list(classes))
    ]  # fmt: skip
    bounded = any(each.low_km2 is not None for each in classes.values())
    of = "of the areas corrected by reference sites" if corrected else "of what the method maps, not of the true area"
    said = f"SDG 15.3.1, {ASSESSMENT}: area by class as mapped, percent of the land"
    said += f"; thin bars: 95 % interval {of}" if bounded else ""
    own = ("Corrected, km²",) if corrected else ()
    head = ("Class", "Mapped, km²", *own, f"95 % interval{' of the corrected area' if corrected else ''}, km²")
    return Drawn(chart, said, (*head, "Share of the land, as mapped"), tuple(rows))


def interval(area: ClassArea) -> str:
    """The interval of an area, or that it is not known."""
    if area.low_km2 is None or area.high_km2 is None:
        return "not known"
    return f"{number(area.low_km2, 0)}–{number(area.high_km2, 0)}"


def _share(area: ClassArea) -> str:
    return "–" if area.share is None else f"{number(area.share * 100, 1)} %"


def parts(report: Report) -> Drawn:
    """The indicator and its sub-indicators as shares of the land."""
    shares = {}
    rows = []
    for indicator, name in INDICATORS.items():
        classes = report.classes(indicator)
        land = land_km2(classes.values())
        if not land:
            continue
        shares[name] = {n: classes[n].area_km2 / land for n in LAND if n in classes}
        rows.append((name, *(f"{number(shares[name].get(n, 0) * 100, 1)} %" for n in LAND)))
    chart = stacked_bars(shares, title=f"{report.name}: indicator and sub-indicators", mark=mark(report))
    said = (
        f"Shares of the land, {ASSESSMENT}, as mapped; hatched is degraded, crossed is improved, dotted is undetermined"
    )
    return Drawn(chart, said, ("Indicator", *(label(name).capitalize() for name in LAND)), tuple(rows))


@dataclass(frozen=True)
class Matrix:
    """Transitions: classes, and by row the cells (text, shade 0…3, whether nothing changed)."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, int, bool], ...]], ...]
    changed_km2: float


def transitions(report: Report) -> Matrix | None:
    """The land-cover transitions as a matrix, from class by row to class by column; None where there are none."""
    area = {(t.from_class, t.to_class): t.area_km2 for t in report.transitions}
    if not area:
        return None
    names = tuple(sorted({name for pair in area for name in pair}))
    moved = sum(value for (a, b), value in area.items() if a != b)
    rows = []
    for a in names:
        cells = []
        for b in names:
            value = area.get((a, b), 0.0)
            share = value / moved if moved and a != b else 0.0
            shade = 0 if a == b or value == 0 else 1 if share < 0.1 else 2 if share < 0.4 else 3
            cells.append((number(value, 0) if value >= 0.5 else ("–" if value == 0 else "< 1"), shade, a == b))
        rows.append((a, tuple(cells)))
    return Matrix(names, tuple(rows), moved)


def what(report: Report) -> dict[str, Any]:
    """What stands beside the headline: how much land is improved, undetermined, and the interval of the mapped area.

    That interval is of what the method would map in other years; where reference sites corrected the area it is in the
    headline itself.
    """
    classes = report.classes(HEADLINE)
    degraded, land = classes.get("degraded"), land_km2(classes.values())
    low, high = (degraded.low_km2, degraded.high_km2) if degraded and degraded.corrected_km2 is None else (None, None)
    open_percent = classes["undetermined"].area_km2 / land * 100 if land and "undetermined" in classes else 0.0
    return {
        "low": low / land * 100 if low is not None and land else None,
        "high": high / land * 100 if high is not None and land else None,
        "improved": _improved(classes.get("improved")),
        "undetermined": open_percent if open_percent >= LEAST else None,
    }


def _improved(area: ClassArea | None) -> str:
    """How much land is mapped as improved, as a sentence; empty where that was not judged."""
    if area is None:
        return ""
    if area.area_km2 < LEAST:
        return "No land is mapped as improved in the period alone."
    return f"Improved in the period alone, as mapped: {km2(area.area_km2)}."


def since_when(report: Report) -> dict[str, Any]:
    """The second answer: the last break of the vegetation, of which series it is, and the trend."""
    own = [each for each in report.breaks if each.variable.removesuffix("_annual") == "productivity"]
    series = searched(report, own)
    last = max(own, key=lambda each: each.date) if own else None
    trend, p = report.trend_percent_decade, report.trend_p
    said = "No trend was computed for this period."
    if trend is not None:
        size = f"{number(abs(trend), 1)} % a decade"
        sure = "more than chance gives" if p is not None and p < ALPHA else "this cannot be distinguished from chance"
        said = f"{sentence(report.quantity[1])} {'fell' if trend < 0 else 'rose'} by {size}; {sure}."
    beside = "" if last is None else drought_beside(last)
    short = report.searched is not None and not report.searched["series"]
    none = "Not searched" if short else "No break"
    return {"last": last, "count": len(own), "said": said, "beside": beside, "series": series, "none": none}


def searched(report: Report, breaks: Sequence[Any]) -> str:
    """Which series the breaks are of, found by which method, as a sentence."""
    recorded = report.searched
    if recorded and not recorded["series"]:
        return f"{sentence(recorded['note'])}."
    known = recorded or {}
    series = next((each.series for each in breaks if each.series), known.get("series"))
    method = next((each.break_method for each in breaks if each.break_method), known.get("method"))
    words = series or f"the region’s mean {report.quantity[1]} by year"
    found = f"; {method}" if method else ""
    return f"{'Breaks of' if breaks else 'Searched'}: {words}{found}; method {report.view.method}."


def drought_beside(found: Any) -> str:
    """What rain and soil moisture were like around a break, as a sentence; empty where nothing is recorded of them."""
    indices = (("SPI", found.spi), ("SPEI", found.spei), ("soil moisture", found.soil_moisture_z))
    known = [f"{name} {number(z, 2)}" for name, z in indices if z is not None]
    if not known:
        return ""
    words = drought_of(found) or "soil moisture alone is recorded"
    begins = f"; drought begins at {number(ONSET)}" if words == CLASSES[0] else ""
    said = f"{words.capitalize()} around it (lowest of twelve months: {', '.join(known)}{begins})"
    if found.explained_by_rain is None:
        return f"{said}."
    return f"{said}; rain {'explains' if found.explained_by_rain else 'does not explain'} the break."


def drought_of(found: Any) -> str | None:
    """The drought beside a break in words, from its indices: earlier runs called an SPI of −0.0 a mild drought."""
    return named(found.spi) or named(found.spei)


def explained(report: Report) -> str:
    """The breaks of productivity with rain left in that are none once it is removed; empty where there are none."""
    own = [each for each in report.breaks if each.explained_by_rain]
    if not own:
        return ""
    years = ", ".join(f"{each.date.year}{f' ({drought_of(each)})' if drought_of(each) else ''}" for each in own)
    which = "that break" if len(own) == 1 else "those breaks"
    with_rain = f"With the effect of rain left in, {report.quantity[1]} also breaks"
    return f"{with_rain} (first year after: {years}); rain explains {which}."


def why(report: Report) -> list[str]:
    """The third answer: what the degraded land is degraded by, and rain and soil moisture beside it."""
    shares = {name: percent_degraded(report.classes(key)) for key, name in INDICATORS.items() if key != HEADLINE}
    by = [f"{name.lower()} {number(share, 1)} %" for name, share in shares.items() if share is not None]
    said = [f"Share of the land mapped as degraded by each part in the period alone: {', '.join(by)}."] if by else []
    said += [explained(report)] if explained(report) else []
    green = in_period(report, "productivity_annual")
    for name, noun in (("precipitation_annual", "Rain"), ("soil_moisture_annual", "Soil moisture")):
        series = in_period(report, name)
        if series is not None and (beside := _beside(series, green, noun, report.quantity[1])):
            said.append(beside)
    return said


def in_period(report: Report, name: str) -> Series | None:
    """A series over the years of the period: what came after it says nothing of it. None where there is none."""
    series = report.of(name)
    if series is None:
        return None
    pairs = zip(series.dates, series.values, strict=True)
    own = [(day, value) for day, value in pairs if report.year_first <= day.year <= report.year_last]
    return Series(series.variable, series.units, tuple(day for day, _ in own), tuple(value for _, value in own))


def _beside(series: Series, green: Series | None, noun: str, vegetation: str) -> str:
    parts = []
    departure = recent_departure(series.values)
    if departure is not None:
        side = f"{number(abs(departure), 0)} % {'below' if departure < 0 else 'above'}"
        side = "as" if number(abs(departure), 0) == "0" else side
        first, last = series.dates[0].year, series.dates[-1].year
        recent = f"{series.dates[-RECENT].year}–{last}"
        parts.append(f"{noun} of {recent}: {side} the mean of {first}–{last}.")
    r, years = association(green, series) if green is not None else (None, 0)
    if r is not None:
        parts.append(f"{sentence(vegetation)} is associated with it: r = {number(r, 2)} over {years} years.")
    return " ".join(parts)


def recent_departure(values: Sequence[float], years: int = RECENT) -> float | None:
    """By how many percent the mean of the last years departs from that of all; None for a short record."""
    if len(values) < 3 * years or sum(values) == 0:
        return None
    mean = sum(values) / len(values)
    return (sum(values[-years:]) / years / mean - 1) * 100


def association(first: Series, second: Series) -> tuple[float | None, int]:
    """Pearson's correlation of two series over their common dates, and how many these are; None under ten."""
    other = dict(zip(second.dates, second.values, strict=True))
    pairs = [(value, other[day]) for day, value in zip(first.dates, first.values, strict=True) if day in other]
    if len(pairs) < 10:
        return None, len(pairs)
    xs, ys = zip(*pairs, strict=True)
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    sxy = sum((x - mx) * (y - my) for x, y in pairs)
    sxx, syy = sum((x - mx) ** 2 for x in xs), sum((y - my) ** 2 for y in ys)
    return (sxy / (sxx * syy) ** 0.5 if sxx > 0 and syy > 0 else None), len(pairs)
