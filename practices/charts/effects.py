"""Effects of practices: each with its interval and the zero line, and the event study year by year."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from practices.charts.classes import whisker
from practices.charts.frame import WIDTH, Scale, bounds, element, figure, line, text, ticks, y_axis
from practices.numbers import number

#: Name, effect, lower and upper end.
Effect = tuple[str, float, float, float]


def effect_chart(effects: Sequence[Effect], *, title: str, units: str, mark: str = "") -> Markup:
    """One line an effect: the estimate as a point, the 95 % interval as a bar; left of zero is worse than controls."""
    left, right, row, top = 16, WIDTH - 16, 50, 26
    low, high = bounds([v for each in effects for v in each[1:]], zero=True, margin=0.1)
    x = Scale(low if low < 0 else -high * 0.1, high if high > 0 else -low * 0.1, left, right)
    bottom = top + row * len(effects)
    parts = [line(x(value), top, x(value), bottom, "zero" if value == 0 else "grid") for value in ticks(x.low, x.high)]
    parts += [text(x(value), bottom + 17, number(value), "tick", "middle") for value in ticks(x.low, x.high)]
    for place, (name, effect, lower, upper) in enumerate(effects):
        y = top + place * row + 34
        parts += [
            text(left, y - 16, name, "label"),
            *whisker(x(lower), x(upper), y),
            element("circle", cx=x(effect), cy=y, r=5, class_=_side(lower, upper)),
        ]
    parts.append(text((left + right) / 2, bottom + 36, f"effect, {units}", "tick", "middle"))
    said = "; ".join(f"{n}: {number(e)} ({number(lo)} to {number(hi)}) {units}" for n, e, lo, hi in effects)
    return figure(parts, title=title, description=said, height=bottom + 44, mark=mark)


def event_study(points: Sequence[tuple[int, float, float, float]], *, title: str, units: str, mark: str = "") -> Markup:
    """Difference from the controls by year before (negative) and after the start, with intervals; 0 is the start."""
    top, bottom, left, right = 36, 190, 52, WIDTH - 10
    if not points:
        return figure([text(WIDTH / 2, 60, "no values", "label", "middle")], title=title, description="", height=90)
    years = [year for year, *_ in points]
    x = Scale(min(years) - 0.6, max(years) + 0.6, left, right)
    y = Scale(*bounds([v for each in points for v in each[1:]], zero=True), bottom, top)
    parts = [
        text(6, 16, units, "tick"),
        element("rect", x=left, y=top, width=max(x(-0.5) - left, 0.0), height=bottom - top, class_="band"),
        *y_axis(y, left, right),
        line(x(-0.5), top, x(-0.5), bottom, "break"),
        text(x(-0.5) - 6, top - 6, "before", "label", "end"),
        text(x(-0.5) + 6, top - 6, "after the start", "label"),
    ]
    parts += [
        text(x(tick), bottom + 17, number(tick, 0), "tick", "middle")
        for tick in ticks(min(years), max(years))
        if tick == int(tick)
    ]
    for year, effect, low, high in points:
        parts += [
            line(x(year), y(low), x(year), y(high), "whisker"),
            element("circle", cx=x(year), cy=y(effect), r=3.5, class_=_side(low, high) if year >= 0 else "point s0"),
        ]
    parts.append(text((left + right) / 2, bottom + 36, "years since the start", "tick", "middle"))
    said = "; ".join(f"year {n:+d}: {number(e)} ({number(lo)} to {number(hi)})" for n, e, lo, hi in points)
    return figure(parts, title=title, description=said, height=bottom + 44, mark=mark)


def _side(low: float, high: float) -> str:
    return "better" if low > 0 else "worse" if high < 0 else "unclear"
