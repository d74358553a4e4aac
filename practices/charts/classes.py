"""Areas by class: bars with their intervals, and indicators as stacked bars above each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from practices.charts.frame import WIDTH, Scale, element, figure, fill_of, line, text
from practices.numbers import number
from practices.results.names import CLASSES, LAND, label


def ordered(names: Sequence[str]) -> list[str]:
    """Class names in the order in which they are shown."""
    return sorted(names, key=lambda name: (CLASSES.index(name) if name in CLASSES else len(CLASSES), name))


def class_bars(areas: Mapping[str, tuple[float, float | None, float | None]], *, title: str, mark: str = "") -> Markup:
    """One bar a class: area in km², percent of the land, and the ends of its interval (None: not known)."""
    shown = [name for name in ordered(list(areas)) if areas[name][0] > 0 or name in ("degraded", "improved")]
    left, right, row, top = 112, WIDTH - 158, 30, 20
    largest = max((max(a, high or 0) for a, _, high in areas.values()), default=0) or 1
    scale = Scale(0, largest, left, right)
    land = sum(area for name, (area, _, _) in areas.items() if name in LAND) or 1
    parts: list[Markup] = []
    for place, name in enumerate(shown):
        area, low, high = areas[name]
        y = top + place * row
        parts += [
            text(left - 8, y + 15, label(name), "label", "end"),
            element(
                "rect", x=left, y=y, width=max(scale(area) - left, 1.0), height=20,
                class_=look(name), fill=fill_of(name),
            ),
            text(scale(max(area, high or 0)) + 6, y + 15, _said(area, land if name in LAND else None)),
        ]  # fmt: skip
        if low is not None and high is not None:
            parts += whisker(scale(low), scale(high), y + 10)
    said = "; ".join(f"{label(n)} {number(areas[n][0], 0)} km²" for n in shown)
    return figure(parts, title=title, description=said, height=top + len(shown) * row + 2, mark=mark)


def _said(area: float, land: float | None) -> str:
    share = "" if land is None else f" · {number(area / land * 100, 1)} %"
    return f"{number(area, 0)} km²{share}"


def whisker(x1: float, x2: float, y: float, *, size: float = 5) -> list[Markup]:
    """A horizontal interval with its ends."""
    return [
        line(x1, y, x2, y, "whisker"),
        line(x1, y - size, x1, y + size, "whisker"),
        line(x2, y - size, x2, y + size, "whisker"),
    ]


def stacked_bars(indicators: Mapping[str, Mapping[str, float]], *, title: str, mark: str = "") -> Markup:
    """One bar an indicator: shares (0…1) of its classes side by side, those of 7 % and more with their number."""
    left, right, row, top = 8, WIDTH - 8, 46, 18
    parts: list[Markup] = []
    said = []
    for place, (name, shares) in enumerate(indicators.items()):
        y = top + place * row
        parts.append(text(left, y + 12, name, "label strong"))
        x = float(left)
        for each in ordered(list(shares)):
            width = shares[each] * (right - left)
            if width <= 0:
                continue
            parts.append(
                element(
                    "rect", element("title", f"{label(each)} {number(shares[each] * 100, 1)} %"),
                    x=x, y=y + 17, width=width, height=20, class_=look(each), fill=fill_of(each),
                )
            )  # fmt: skip
            if shares[each] >= 0.07:
                parts.append(element("rect", x=x + width / 2 - 17, y=y + 20, width=34, height=14, rx=3, class_="halo"))
                parts.append(text(x + width / 2, y + 31, f"{number(shares[each] * 100, 0)} %", "inbar", "middle"))
            x += width
        said.append(
            f"{name}: " + ", ".join(f"{label(n)} {number(shares[n] * 100, 1)} %" for n in ordered(list(shares)))
        )
    return figure(parts, title=title, description="; ".join(said), height=top + len(indicators) * row, mark=mark)


def look(name: str) -> str:
    """The classes of an area: its plain colour, unless a pattern fills it."""
    plain = "" if fill_of(name) else f"fill-{name.replace(' ', '-').replace('_', '-')} "
    return f"{plain}outlined"
