"""How right something is: measures with intervals side by side, and probabilities against what was observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from practices.charts.frame import WIDTH, Scale, element, figure, line, path, text
from practices.numbers import number

#: Places of the grid on an axis from 0 to 1.
FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
#: Side of a reliability diagram, and its margins left and below, drawing units.
SIDE, LEFT, BELOW = 190, 34, 40
#: Radius of the disc of the largest bin, and of the smallest one that can be seen.
LARGEST, SMALLEST = 11.0, 1.6


@dataclass(frozen=True)
class ScoredSeries:
    """A measure between 0 and 1 for each of some rows: its value and interval, None where there is none."""

    name: str
    values: Sequence[tuple[float | None, float | None, float | None]]


def score_chart(rows: Sequence[str], series: Sequence[ScoredSeries], *, title: str) -> Markup:
    """A block a row, in it a dot with its interval for each series, from 0 to 1; each series has a line of its own."""
    left, right, top, step = 116, WIDTH - 16, 16 + 18 * len(series), 15
    block = step * len(series) + 12
    bottom = top + block * len(rows)
    x = Scale(0.0, 1.0, left, right)
    parts = [line(x(value), top, x(value), bottom, "grid") for value in FIFTHS]
    parts += [text(x(value), bottom + 17, number(value, 1), "tick", "middle") for value in FIFTHS]
    for place, each in enumerate(series):
        parts += [
            element("circle", cx=left + 6, cy=10 + 18 * place, r=4.5, class_=f"series{place}"),
            text(left + 18, 14 + 18 * place, each.name, "label"),
        ]
    for place, name in enumerate(rows):
        begin = top + place * block + 6
        parts.append(text(6, begin + block / 2 - 2, name, "label"))
        parts.append(line(6, begin - 6, right, begin - 6, "grid"))
        for order, each in enumerate(series):
            parts += _dot(each.values[place], x, begin + step * (order + 0.5), order)
    said = "; ".join(
        f"{each.name}: " + ", ".join(f"{n} {number(v[0], 2)}" for n, v in zip(rows, each.values, strict=True))
        for each in series
    )
    return figure(parts, title=title, description=said, height=bottom + 26)


def _dot(value: tuple[float | None, float | None, float | None], x: Scale, y: float, order: int) -> list[Markup]:
    middle, low, high = value
    if middle is None:
        return []
    parts = [] if low is None or high is None else [line(x(low), y, x(high), y, f"whisker series{order}")]
    return [*parts, element("circle", cx=x(middle), cy=y, r=4.5, class_=f"series{order}")]


def reliability_chart(bins: Sequence[tuple[float, float, float]], *, title: str) -> Markup:
    """Probability said (to the right) against share observed (upwards), by bin: said, observed, area.

    The area of a disc is in proportion to the square root of that of its bin, as most land is in the first one.
    """
    top = 24
    x, y = Scale(0.0, 1.0, LEFT, LEFT + SIDE), Scale(0.0, 1.0, top + SIDE, top)
    parts = [text(LEFT, 14, title, "label strong")]
    for value in FIFTHS:
        parts += [line(x(value), y(0), x(value), y(1), "grid"), line(x(0), y(value), x(1), y(value), "grid")]
    for value in (0.0, 0.5, 1.0):
        parts += [
            text(x(value), y(0) + 19, number(value, 1), "tick", "middle"),
            text(LEFT - 5, y(value) + 4, number(value, 1), "tick", "end"),
        ]
    parts.append(line(x(0), y(0), x(1), y(1), "zero"))
    parts.append(text(x(0.5), y(0) + 34, "probability", "tick", "middle"))
    places = [(x(said), y(observed)) for said, observed, _ in bins]
    if len(places) > 1:
        parts += [path(pair, "series0 line") for pair in pairwise(places)]
    most = max((area for _, _, area in bins), default=1.0)
    for (across, up), (_, _, area) in zip(places, bins, strict=True):
        radius = max(LARGEST * (area / most) ** 0.25, SMALLEST)
        parts.append(element("circle", cx=across, cy=up, r=radius, class_="series0"))
    said = "; ".join(f"{number(p, 2)} said, {number(o, 2)} observed" for p, o, _ in bins) or "no probabilities"
    return figure(parts, title=title, description=said, width=LEFT + SIDE + 12, height=top + SIDE + BELOW)
