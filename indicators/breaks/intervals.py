"""Confidence interval of a break date (Bai 1997): the argmax of a two-sided Brownian motion with drift."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import erfcx, ndtr


def interval(
    x: np.ndarray,
    bounds: tuple[int, int, int],
    delta: np.ndarray,
    variances: tuple[float, float],
    *,
    level: float = 0.95,
) -> tuple[int, int]:
    """First and last row (from 0) that may be the last before the break, inside the series.

    The break lies between the rows `bounds` = (first of the segment before, first after, end of the segment after);
    `delta` is the change of the coefficients, `variances` those of the errors before and after; the regressors
    `x` differ by segment. Where the limit distribution puts more than the level on one side, that end is the
    estimate itself.
    """
    first, after, end = bounds
    sizes = [float(((part @ delta) ** 2).mean()) for part in (x[first:after], x[after:end])]
    early, late = reach(np.array([sizes[0]]), np.array([sizes[1]]), *(np.array([v]) for v in variances), level=level)
    place = after - 1
    return max(0, place - int(early[0])), min(len(x) - 1, place + int(late[0]))


def reach(
    size1: np.ndarray, size2: np.ndarray, variance1: np.ndarray, variance2: np.ndarray, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Number of rows that the interval of a break reaches before and after it, for many breaks.

    `size`: mean of (x'δ)² in the segments before and after, δ the change of the coefficients; `variance` of the
    errors there. Zero where a size or a variance is zero.
    """
    known = np.minimum.reduce([size1, size2, variance1, variance2]) > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        xi = np.where(known, size2 / size1, 1.0)
        phi = np.where(known, xi * variance2 / variance1, 1.0)
        scale = np.where(known, variance1 / size1, 0.0)
    tail = (1 - level) / 2
    upper = _quantile(1 - tail, xi, phi) * scale
    lower = _quantile(tail, xi, phi) * scale
    return np.ceil(upper), -np.floor(lower)


def _below(v: Any, xi: Any, phi: Any) -> Any:
    """Distribution function of the date's limit at −v, v > 0."""
    ratio = xi / phi
    return (
        -np.sqrt(v / (2 * np.pi)) * np.exp(-v / 8)
        - (phi + 2 * xi) / (phi + xi) / ratio * _tail(v, (0.5 + ratio) * np.sqrt(v))
        + (v / 2 - 2 + (phi + 2 * xi) ** 2 / ((phi + xi) * xi)) * ndtr(-np.sqrt(v) / 2)
    )


def _above(v: Any, xi: Any, phi: Any) -> Any:
    """1 − distribution function of the date's limit at v > 0."""
    ratio = xi**2 / phi
    return (
        -np.sqrt(ratio * v / (2 * np.pi)) * np.exp(-ratio * v / 8)
        - xi / phi * (2 * phi + xi) / (phi + xi) * _tail(ratio * v, (phi + xi / 2) * np.sqrt(v / phi))
        + ((2 * phi + xi) ** 2 / ((phi + xi) * phi) - 2 + ratio * v / 2) * ndtr(-np.sqrt(ratio * v) / 2)
    )


def _tail(rest: Any, argument: Any) -> Any:
    """exp(argument²/2 − rest/8)·Φ(−argument), computed without overflow."""
    return erfcx(argument / np.sqrt(2)) / 2 * np.exp(-rest / 8)


def _quantile(level: float, xi: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """The values at which the distribution reaches `level`; zero where it is already above `level` at zero."""
    side, wanted = (_below, level) if level < 0.5 else (_above, 1 - level)
    low = np.zeros_like(xi)
    high = np.ones_like(xi)
    outside = side(np.full_like(xi, 1e-9), xi, phi) > wanted
    for _ in range(60):
        growing = side(high, xi, phi) > wanted
        if not growing.any():
            break
        high = np.where(growing, 2 * high, high)
    for _ in range(60):
        middle = (low + high) / 2
        beyond = side(middle, xi, phi) > wanted
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    quantile = np.where(outside, high, 0.0)
    return -quantile if level < 0.5 else quantile
