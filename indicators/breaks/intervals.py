"""Confidence interval of a break date (Bai 1997): the argmax of a two-sided Brownian motion with drift."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq
from scipy.special import log_ndtr, ndtr


def interval(
    x: np.ndarray,
    bounds: tuple[int, int, int],
    delta: np.ndarray,
    variances: tuple[float, float],
    *,
    level: float = 0.95,
) -> tuple[int, int]:
    """Places from 0 of the first and last row that may be the last before the break; inside the series.

    The break lies between the rows `bounds` = (first of the segment before, first after, end of the segment after);
    `delta` is the change of the coefficients, `variances` those of the errors before and after; the regressors
    `x` differ by segment. Where the limit distribution puts more than the level on one side, that end is the
    estimate itself.
    """
    first, after, end = bounds
    place = after - 1
    before_rows, after_rows = x[first:after], x[after:end]
    size1 = float(((before_rows @ delta) ** 2).mean())
    size2 = float(((after_rows @ delta) ** 2).mean())
    if min(*variances, size1, size2) <= 0:
        return place, place
    xi = size2 / size1
    phi = xi * variances[1] / variances[0]
    scale = variances[0] / size1
    tail = (1 - level) / 2
    lower, upper = (_quantile(p, xi, phi) * scale for p in (tail, 1 - tail))
    return max(0, place - int(np.ceil(upper))), min(len(x) - 1, place - int(np.floor(lower)))


def _distribution(v: float, xi: float, phi: float) -> float:
    """Distribution function of the date's limit."""
    a = max(abs(v), 1e-12)
    if v < 0:
        ratio = xi / phi
        return float(
            -np.sqrt(a / (2 * np.pi)) * np.exp(-a / 8)
            - (phi + 2 * xi) / (phi + xi) / ratio * _tail(ratio * (1 + ratio) * a / 2, (0.5 + ratio) * np.sqrt(a))
            + (a / 2 - 2 + (phi + 2 * xi) ** 2 / ((phi + xi) * xi)) * ndtr(-np.sqrt(a) / 2)
        )
    ratio = xi**2 / phi
    return float(
        1
        + np.sqrt(ratio * a / (2 * np.pi)) * np.exp(-ratio * a / 8)
        + xi / phi * (2 * phi + xi) / (phi + xi) * _tail((phi + xi) * a / 2, (phi + xi / 2) * np.sqrt(a / phi))
        - ((2 * phi + xi) ** 2 / ((phi + xi) * phi) - 2 + ratio * a / 2) * ndtr(-np.sqrt(ratio * a) / 2)
    )


def _tail(exponent: float, argument: float) -> float:
    """exp(exponent)·Φ(−argument), without overflow where one is huge and the other tiny."""
    return float(np.exp(exponent + log_ndtr(-argument)))


def _quantile(level: float, xi: float, phi: float) -> float:
    """The value at which the distribution reaches `level`; zero where the jump at zero passes it."""
    at_zero = _distribution(-1e-9, xi, phi)
    if (level < 0.5 and at_zero <= level) or (level > 0.5 and _distribution(1e-9, xi, phi) >= level):
        return 0.0
    edge = -1.0 if level < 0.5 else 1.0
    while (_distribution(edge, xi, phi) > level) == (edge < 0):
        edge *= 2
    return float(brentq(lambda v: _distribution(v, xi, phi) - level, min(edge, 0.0), max(edge, 0.0)))
