"""Numbers as people read them: on pages, charts, briefs and the terminal."""

from __future__ import annotations

import math


def number(value: float | None, digits: int | None = None) -> str:
    """A number for people: thousands apart, a real minus, as many digits as its size needs; a dash for none.

    What rounds to 0 has no sign.
    """
    if value is None or not math.isfinite(value):
        return "–"
    if digits is None:
        size = abs(value)
        digits = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2 if size >= 0.1 else 3
    return f"{round(value, digits) + 0.0:,.{digits}f}".replace("-", "−")


def percent(value: float | None, digits: int = 1) -> str:
    """A share in percent for people; a dash for none."""
    return "–" if value is None or not math.isfinite(value) else f"{number(value, digits)} %"


def p_value(value: float | None) -> str:
    """A p-value for people: never 0; a dash for none."""
    if value is None or not math.isfinite(value):
        return "–"
    return "< 0.001" if value < 0.001 else number(value, 3 if value < 0.1 else 2)
