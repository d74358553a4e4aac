"""The answers about a region in sentences: what, since when, and why. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from indicators.weather.drought_words import CLASSES, ONSET, named
from practices.numbers import number
from practices.report.shares import km2
from practices.report.wording import capitalised
from practices.results.by_region import ClassArea, Report, Series, land_km2, percent_degraded
from practices.results.names import HEADLINE, INDICATORS

#: Years at the end of a record that are compared with the whole record: a drought there resembles degradation.
RECENT = 3
#: Less than this, in km² or percent, is shown as 0.0.
LEAST = 0.05
ALPHA = 0.05


def what(report: Report) -> dict[str, Any]:
    """The figures next to the headline: improved and undetermined land, and the interval of the mapped area.

    The interval shows what area the method would map in other, similar years. If reference sites corrected the area,
    the interval is in the headline.
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
    """How much land is mapped as improved, as a sentence; empty if that was not judged."""
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
        significant = p is not None and p < ALPHA
        sure = "this is more than chance can explain" if significant else "this cannot be distinguished from chance"
        said = f"{capitalised(report.quantity[1])} {'fell' if trend < 0 else 'rose'} by {size}; {sure}."
    beside = "" if last is None else drought_beside(last)
    short = report.searched is not None and not report.searched["series"]
    none = "Not searched" if short else "No break"
    return {"last": last, "count": len(own), "said": said, "beside": beside, "series": series, "none": none}


def searched(report: Report, breaks: Sequence[Any]) -> str:
    """Which series the breaks are of, found by which method, as a sentence."""
    recorded = report.searched
    if recorded and not recorded["series"]:
        return f"{capitalised(recorded['note'])}."
    known = recorded or {}
    series = next((each.series for each in breaks if each.series), known.get("series"))
    method = next((each.break_method for each in breaks if each.break_method), known.get("method"))
    words = series or f"the region’s mean {report.quantity[1]} by year"
    found = f"; {method}" if method else ""
    lead = "Breaks found in" if breaks else "Searched for breaks"
    return f"{lead}: {words}{found}; profile {report.view.method}."


def drought_beside(found: Any) -> str:
    """Rain and soil moisture around a break, as a sentence; empty if nothing is recorded."""
    indices = (("SPI", found.spi), ("SPEI", found.spei), ("soil moisture", found.soil_moisture_z))
    known = [f"{name} {number(z, 2)}" for name, z in indices if z is not None]
    if not known:
        return ""
    words = drought_of(found) or "soil moisture alone is recorded"
    begins = f"; drought begins at {number(ONSET)}" if words == CLASSES[0] else ""
    said = f"{words.capitalize()} around the break (lowest value in twelve months: {', '.join(known)}{begins})"
    if found.explained_by_rain is None:
        return f"{said}."
    return f"{said}; rain {'explains' if found.explained_by_rain else 'does not explain'} the break."


def drought_of(found: Any) -> str | None:
    """The drought around a break in words, from its indices: earlier runs called an SPI of −0.0 a mild drought."""
    return named(found.spi) or named(found.spei)


def explained(report: Report) -> str:
    """The breaks of productivity that disappear when the effect of rain is removed; empty without such breaks."""
    own = [each for each in report.breaks if each.explained_by_rain]
    if not own:
        return ""
    years = ", ".join(f"{each.date.year}{f' ({drought_of(each)})' if drought_of(each) else ''}" for each in own)
    which = "that break" if len(own) == 1 else "those breaks"
    with_rain = f"With the effect of rain left in, {report.quantity[1]} also breaks"
    return f"{with_rain} (first year after: {years}); rain explains {which}."


def why(report: Report) -> list[str]:
    """The third answer: the sub-indicators that degrade the land, and the course of rain and soil moisture."""
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
    """A series over the years of the period, without later years. None where there is none."""
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
        side = "equal to" if number(abs(departure), 0) == "0" else side
        first, last = series.dates[0].year, series.dates[-1].year
        recent = f"{series.dates[-RECENT].year}–{last}"
        parts.append(f"{noun} in {recent}: {side} the mean of {first}–{last}.")
    r, years = association(green, series) if green is not None else (None, 0)
    if r is not None:
        parts.append(f"{capitalised(vegetation)} is associated with it: r = {number(r, 2)} over {years} years.")
    return " ".join(parts)


def recent_departure(values: Sequence[float], years: int = RECENT) -> float | None:
    """Difference of the mean of the last years from the mean of all, percent; None for a short record."""
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
