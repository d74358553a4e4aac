"""What the charts share: numbers to places, ticks, SVG elements, and the frame with title and axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from practices.numbers import number

#: Units of a chart's drawing; on a phone one unit is about 0.75 pixels, on a projector about 1.3.
WIDTH = 480


@dataclass(frozen=True)
class Scale:
    """A linear scale from the numbers `low`…`high` to the places `start`…`end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


@dataclass(frozen=True)
class CaptionedChart:
    """A chart with its caption, and its table: head and rows."""

    chart: Markup
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers within `low`…`high`, about `count` of them, in steps of 1, 2 or 5 times a power of ten."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    rough = span / max(count, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    digits = max(0, 2 - math.floor(math.log10(step)))
    return [round(number * step, digits) for number in range(first, last + 1)]


def bounds(values: Iterable[float], *, zero: bool = False, margin: float = 0.06) -> tuple[float, float]:
    """The range of the finite values with a margin, never empty; `zero` brings 0 into it."""
    finite = [value for value in values if value is not None and math.isfinite(value)]
    if zero:
        finite.append(0.0)
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    if low == high == 0:
        return 0.0, 1.0
    size = max(abs(low), abs(high))
    if high - low <= max(size * 1e-9, 1e-12):  # practically one value: a range around it
        room = size * 0.1 or 1.0
        return (low if zero and low == 0 else low - room), high + room
    room = (high - low) * margin
    return (low if zero and low == 0 else low - room), (high if zero and high == 0 else high + room)


def element(name: str, content: Markup | str = "", **attributes: object) -> Markup:
    """An SVG element; names of attributes are written with `_` for `-` and `class_` for `class`; values are escaped.

    Numbers are rounded to the visible precision. Attributes that are None are left out.
    """
    parts = [
        f' {key.rstrip("_").replace("_", "-")}="{_plain(value)}"'
        for key, value in attributes.items()
        if value is not None
    ]
    # Names are ours; values and content are escaped here. Markup.format would do the same ten times slower.
    return Markup(f"<{name}{''.join(parts)}>{escape(content)}</{name}>")


def text(x: float, y: float, content: object, class_: str = "label", anchor: str | None = None) -> Markup:
    """A text at a place."""
    return element("text", escape(content), x=x, y=y, class_=class_, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Markup:
    """A straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def path(points: Sequence[tuple[float, float]], class_: str) -> Markup:
    """A line through points."""
    return element("path", d="M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points), class_=class_)


def figure(
    parts: Iterable[Markup], *, title: str, description: str, height: float, width: float = WIDTH, mark: str = ""
) -> Markup:
    """The SVG of a chart. `mark` is written into the picture itself, so that a copy of it still says it."""
    inner = [element("title", escape(title)), element("desc", escape(description)), *parts]
    if mark:
        inner.append(text(width - 6, 14, mark, "mark", "end"))
    return element(
        "svg",
        Markup("").join(inner),
        class_="chart",
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=f"{title}. {description}",
        preserveAspectRatio="xMidYMid meet",
    )


def longest_label(scale: Scale, *, count: int = 4) -> int:
    """Letters of the longest number of a y axis."""
    values, digits = _numbers(scale, count, None)
    return max((len(number(value, digits)) for value in values), default=0)


def _numbers(scale: Scale, count: int, digits: int | None) -> tuple[list[float], int | None]:
    """The numbers of a y axis and how many digits they have."""
    values = ticks(scale.low, scale.high, count)
    if digits is None and len(values) > 1:
        step = values[1] - values[0]
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return values, digits


def y_axis(scale: Scale, left: float, right: float, *, count: int = 4, digits: int | None = None) -> list[Markup]:
    """Grid lines and their numbers."""
    values, digits = _numbers(scale, count, digits)
    drawn = [line(left, scale(value), right, scale(value), "zero" if value == 0 else "grid") for value in values]
    drawn += [text(left - 6, scale(value) + 4.5, number(value, digits), "tick", "end") for value in values]
    return drawn


def x_years(scale: Scale, bottom: float, *, every: int = 5) -> list[Markup]:
    """Years below a chart."""
    first, last = math.ceil(scale.low), math.floor(scale.high)
    step = every if last - first > every else 1
    years = [year for year in range(first, last + 1) if year % step == 0]
    return [text(scale(year), bottom + 17, year, "tick", "middle") for year in years] + [
        line(scale(year), bottom, scale(year), bottom + 4, "axis") for year in years
    ]


def patterns() -> Markup:
    """The patterns that classes are filled with, to be included in a page once."""
    hatch = element("path", d="M-1,1l2,-2M0,6l6,-6M5,7l2,-2", class_="hatch")
    dots = element("circle", cx=2, cy=2, r=1, class_="dot")
    cross = element("path", d="M3,0V6M0,3H6", class_="cross")
    made = [
        _pattern("degraded", 6, hatch),
        _pattern("improved", 6, cross),
        _pattern("undetermined", 5, dots),
    ]
    return element(
        "svg", element("defs", Markup("").join(made)), width=0, height=0, class_="patterns", aria_hidden="true"
    )


def _pattern(name: str, size: int, drawn: Markup) -> Markup:
    ground = element("rect", width=size, height=size, class_=f"fill-{name}")
    return element(
        "pattern", ground + drawn, id=f"pattern-{name}", width=size, height=size, patternUnits="userSpaceOnUse"
    )


def fill_of(class_name: str) -> str | None:
    """The pattern of a class, or None where its plain colour does."""
    known = {"degraded": "degraded", "improved": "improved", "undetermined": "undetermined"}
    return f"url(#pattern-{known[class_name]})" if class_name in known else None


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value) if isinstance(value, int) else str(escape(value))
