"""The areas of a region as charts and tables: classes, sub-indicators, and land-cover transitions."""

from __future__ import annotations

from dataclasses import dataclass

from practices.charts import CaptionedChart, class_bars, stacked_bars
from practices.charts.classes import ordered
from practices.numbers import number
from practices.report.shares import ASSESSMENT
from practices.report.wording import origin_mark
from practices.results.by_region import ClassArea, Report, land_km2
from practices.results.names import HEADLINE, INDICATORS, LAND, label


def areas(report: Report) -> CaptionedChart:
    """Land by class of the headline indicator, with intervals where they are known."""
    classes = report.classes(HEADLINE)
    chart = class_bars(
        {name: (a.area_km2, a.low_km2, a.high_km2) for name, a in classes.items()},
        title=f"{report.name}: land by class, {report.year_first}–{report.year_last}",
        mark=origin_mark(report.view.origin),
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
    return CaptionedChart(chart, said, (*head, "Share of the land, as mapped"), tuple(rows))


def interval(area: ClassArea) -> str:
    """The interval of an area, or that it is not known."""
    if area.low_km2 is None or area.high_km2 is None:
        return "not known"
    return f"{number(area.low_km2, 0)}–{number(area.high_km2, 0)}"


def _share(area: ClassArea) -> str:
    return "–" if area.share is None else f"{number(area.share * 100, 1)} %"


def parts(report: Report) -> CaptionedChart:
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
    chart = stacked_bars(
        shares, title=f"{report.name}: indicator and sub-indicators", mark=origin_mark(report.view.origin)
    )
    said = (
        f"Shares of the land, {ASSESSMENT}, as mapped; hatched is degraded, crossed is improved, dotted is undetermined"
    )
    return CaptionedChart(chart, said, ("Indicator", *(label(name).capitalize() for name in LAND)), tuple(rows))


@dataclass(frozen=True)
class Matrix:
    """Transitions: classes, and by row the cells (text, shade 0…3, whether nothing changed)."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, int, bool], ...]], ...]
    changed_km2: float


def transitions(report: Report) -> Matrix | None:
    """The land-cover transitions as a matrix, from class by row to class by column; None if there are none."""
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
