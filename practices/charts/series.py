"""A series over the years: line, columns or departures from zero, with its breaks, their intervals and the trend."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Literal, TypeAlias

from markupsafe import Markup

from practices.charts.frame import (
    WIDTH,
    Scale,
    bounds,
    element,
    figure,
    line,
    longest_label,
    path,
    text,
    x_years,
    y_axis,
)
from practices.numbers import number

#: Width of a letter of the charts, and the least distance between two names.
LETTER, APART = 7.0, 13.0
Look: TypeAlias = Literal["line", "columns", "departures"]


@dataclass(frozen=True)
class Line:
    """Values by decimal year; `look` is line, columns (from zero) or departures (columns up and down)."""

    name: str
    years: Sequence[float]
    values: Sequence[float]
    look: Look = "line"
    class_: str = "s0"


@dataclass(frozen=True)
class BreakMark:
    """A break by decimal year with its interval."""

    year: float
    low: float
    high: float


def series_chart(
    lines: Sequence[Line],
    *,
    title: str,
    units: str,
    breaks: Sequence[BreakMark] = (),
    slope: float | None = None,
    mark: str = "",
) -> Markup:
    """The chart of one or more series in the same units; several have their names at their ends.

    `slope` (units a year) draws the trend through the median of the first series. A gap of more than 1.5 steps in a
    line is left open.
    """
    top, bottom, height = 36, 190, 216
    years = [year for each in lines for year in each.years]
    if not years:
        return figure([text(WIDTH / 2, 60, "no values", "label", "middle")], title=title, description="", height=90)
    zero = any(each.look != "line" for each in lines)
    y = Scale(*bounds([value for each in lines for value in each.values], zero=zero), bottom, top)
    left = max(52.0, 12 + LETTER * longest_label(y))
    right = WIDTH - 10 - (LETTER * max(len(each.name) for each in lines) if len(lines) > 1 else 0)
    x = Scale(min(years) - 0.6, max(years) + 0.6, left, right)
    parts = [text(6, 16, units, "tick"), *y_axis(y, left, right), *x_years(x, bottom)]
    for found in breaks:
        parts += _break(found, x, top, bottom)
    for each in lines:
        parts += _line(each, x, y) if each.look == "line" else _columns(each, x, y)
    if len(lines) > 1:
        parts += _names(lines, y, right)
    if slope is not None:
        parts.append(_trend(lines[0], slope, x, y))
    return figure(parts, title=title, description=_said(lines, units, breaks), height=height, mark=mark)


def _names(lines: Sequence[Line], y: Scale, right: float) -> list[Markup]:
    """The names of the lines beside their last values, the highest first, with room between them."""
    drawn, above = [], -math.inf
    for place, each in sorted(((y(each.values[-1]) + 4, each) for each in lines if each.values), key=itemgetter(0)):
        above = max(place, above + APART)
        drawn.append(text(right + 4, above, each.name, f"label {each.class_}"))
    return drawn


def _break(found: BreakMark, x: Scale, top: float, bottom: float) -> list[Markup]:
    low, high = max(found.low, x.low), min(found.high, x.high)
    band = element("rect", x=x(low), y=top, width=max(x(high) - x(low), 2.0), height=bottom - top, class_="band")
    label = text(x(found.year), top - 6, f"break {int(found.year)}", "label strong", _anchor(found.year, x))
    return [band, line(x(found.year), top, x(found.year), bottom, "break"), label]


def _anchor(year: float, x: Scale) -> str:
    place = (year - x.low) / (x.high - x.low)
    return "start" if place < 0.12 else "end" if place > 0.88 else "middle"


def _line(each: Line, x: Scale, y: Scale) -> list[Markup]:
    steps = sorted(b - a for a, b in pairwise(each.years))
    longest = steps[(len(steps) - 1) // 2] * 1.5 if steps else 0
    pieces: list[list[tuple[float, float]]] = []
    for number_, (year, value) in enumerate(zip(each.years, each.values, strict=True)):
        if number_ == 0 or year - each.years[number_ - 1] > longest:
            pieces.append([])
        pieces[-1].append((x(year), y(value)))
    drawn = [path(piece, f"line {each.class_}") for piece in pieces if len(piece) > 1]
    if len(each.years) <= 60:
        drawn += [
            element("circle", cx=px, cy=py, r=2.6, class_=f"point {each.class_}")
            for piece in pieces
            for px, py in piece
        ]
    return drawn


def _columns(each: Line, x: Scale, y: Scale) -> list[Markup]:
    steps = [b - a for a, b in pairwise(each.years)]
    wide = max((x(x.low + min(steps, default=1.0)) - x.start) * 0.7, 1.0)
    drawn = []
    for year, value in zip(each.years, each.values, strict=True):
        low, high = sorted((y(0.0), y(value)))
        side = each.class_ if each.look == "columns" else ("wet" if value >= 0 else "dry")
        drawn.append(
            element(
                "rect", x=x(year) - wide / 2, y=low, width=wide, height=max(high - low, 0.5), class_=f"column {side}"
            )
        )
    return drawn


def _trend(each: Line, slope: float, x: Scale, y: Scale) -> Markup:
    offsets = sorted(value - slope * year for year, value in zip(each.years, each.values, strict=True))
    middle = len(offsets) // 2
    intercept = offsets[middle] if len(offsets) % 2 else (offsets[middle - 1] + offsets[middle]) / 2
    first, last = each.years[0], each.years[-1]
    return line(x(first), y(intercept + slope * first), x(last), y(intercept + slope * last), "trend")


def _said(lines: Sequence[Line], units: str, breaks: Sequence[BreakMark]) -> str:
    parts = [
        f"{each.name}: {len(each.values)} values, {int(min(each.years))} to {int(max(each.years))}, "
        f"from {number(min(each.values))} to {number(max(each.values))} {units}"
        for each in lines
        if each.values
    ]
    parts += [f"break {int(b.year)} ({int(b.low)} to {int(b.high)})" for b in breaks]
    return "; ".join(parts)
