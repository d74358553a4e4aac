"""Numbers as people read them: on pages, charts, briefs and the terminal."""

from __future__ import annotations

import math


def number(value: float | None, digits: int | None = None) -> str:
    """A number for people: thousands apart, a real minus, as many digits as its size needs.

    Parameters
    ----------
    value : float or None
        The number; None, NaN and infinite numbers are shown as a dash.
    digits : int, optional
        Decimals; by default 0 to 3, fewer for larger numbers.

    Returns
    -------
    str
        The number as text; what rounds to 0 has no sign.

    Examples
    --------
    >>> number(-1234.56), number(0.1234), number(None)
    ('−1,235', '0.12', '–')
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
    """A p-value for people: never 0; a dash for none.

    Examples
    --------
    >>> p_value(0.00004), p_value(0.0123), p_value(0.4567)
    ('< 0.001', '0.012', '0.46')
    """
    if value is None or not math.isfinite(value):
        return "–"
    return "< 0.001" if value < 0.001 else number(value, 3 if value < 0.1 else 2)
