"""Structural breaks by least squares (Bai & Perron 1998, 2003).

Choose m dates so that the segments' sums of squares add up to the least possible; take the m with the smallest
BIC = n(ln RSS + 1 − ln n + ln 2π) + ln n·(k + 1)(m + 1), k regressors a segment.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from scipy.optimize import brentq
from scipy.stats import norm

from indicators.errors import IndicatorError


@dataclass(frozen=True)
class Breakpoints:
    """`breaks`: index (1-based, last observation before the break), date, low, high (95 % interval), as dates.

    `rss` and `bic` are by number of breaks from 0; `segments` holds the bounds and coefficients of each segment.
    """

    breaks: pd.DataFrame
    rss: pd.Series
    bic: pd.Series
    segments: pd.DataFrame


def segment_costs(y: np.ndarray, x: np.ndarray, shortest: int) -> np.ndarray:
    """Sum of squares (first, last) of the regression on each segment of at least `shortest`, by recursive residuals."""
    n, k = x.shape
    costs = np.full((n, n), np.inf)
    for first in range(n - shortest + 1):
        begin = first + max(k, 1)
        start = slice(first, begin)
        inverse = np.linalg.pinv(x[start].T @ x[start])
        beta = inverse @ x[start].T @ y[start]
        total = float(((y[start] - x[start] @ beta) ** 2).sum())
        if begin - first >= shortest:
            costs[first, begin - 1] = total
        for last in range(begin, n):
            row = x[last]
            leverage = inverse @ row
            scale = 1 + row @ leverage
            error = y[last] - row @ beta
            total += error**2 / scale
            beta = beta + leverage * error / scale
            inverse = inverse - np.outer(leverage, leverage) / scale
            if last - first + 1 >= shortest:
                costs[first, last] = total
    return costs


def best_partitions(costs: np.ndarray, most: int) -> tuple[np.ndarray, list[list[int]]]:
    """Least total cost for 0 … `most` breaks, and the last positions of the segments but the last."""
    n = len(costs)
    best = [costs[0]]
    origin: list[np.ndarray] = []
    for _ in range(most):
        total = best[-1][:-1, None] + costs[1:, :]
        choice = total.argmin(axis=0)
        origin.append(choice)
        best.append(total[choice, np.arange(n)])
    partitions = []
    for breaks in range(most + 1):
        place, found = n - 1, []
        for step in range(breaks - 1, -1, -1):
            place = int(origin[step][place])
            found.append(place)
        partitions.append(found[::-1])
    return np.array([row[n - 1] for row in best]), partitions


def breakpoints(
    y: Any,
    X: Any = None,
    h: float = 0.15,
    max_breaks: int = 5,
    criterion: Literal["bic", "lwz"] = "bic",
) -> Breakpoints:
    """Break dates of a series, gaps left out.

    `y` is a pandas series or a one-dimensional DataArray; `X` holds regressors (n, k) that include the constant, the
    mean alone by default; `h` is the shortest segment as a share of the series, or its length where above 1. Raises
    IndicatorError where the series is too short for two segments.
    """
    if criterion not in ("bic", "lwz"):
        raise IndicatorError(f"criterion {criterion!r} is unknown; use 'bic' or 'lwz'")
    whole = y.to_series() if isinstance(y, xr.DataArray) else pd.Series(y, dtype=float)
    design = np.ones((len(whole), 1)) if X is None else np.asarray(X, float).reshape(len(whole), -1)
    kept = whole.notna().to_numpy() & np.asarray(np.isfinite(design).all(axis=1))
    values, x, dates = whole.to_numpy(float)[kept], design[kept], whole.index[kept]
    n, k = x.shape
    shortest = int(np.floor(h * n)) if h < 1 else int(h)
    if shortest <= k or 2 * shortest > n:
        raise IndicatorError(
            f"breakpoints: {n} values with h={h} give segments of {shortest}; need more than {k} and at most {n // 2}; "
            f"use a longer series or another h"
        )
    most = min(max_breaks, n // shortest - 1)
    rss, partitions = best_partitions(segment_costs(values, x, shortest), most)
    counts = np.arange(most + 1)
    penalty = np.log(n) if criterion == "bic" else 0.299 * np.log(n) ** 2.1
    # A perfect fit has no logarithm; the smallest number stands for it.
    fitted = np.log(np.maximum(rss, np.finfo(float).tiny))
    score = n * (fitted + 1 - np.log(n) + np.log(2 * np.pi)) + penalty * (k + 1) * (counts + 1)
    places = partitions[int(score.argmin())]
    return Breakpoints(
        breaks=_break_table(values, x, dates, places),
        rss=pd.Series(rss, index=pd.Index(counts, name="breaks"), name="rss"),
        bic=pd.Series(score, index=pd.Index(counts, name="breaks"), name=criterion),
        segments=_segment_table(values, x, dates, places),
    )


def _segments(places: list[int], n: int) -> list[slice]:
    edges = [0, *(place + 1 for place in places), n]
    return [slice(a, b) for a, b in pairwise(edges)]


def _segment_table(y: np.ndarray, x: np.ndarray, dates: pd.Index, places: list[int]) -> pd.DataFrame:
    rows = []
    for part in _segments(places, len(y)):
        beta = np.linalg.lstsq(x[part], y[part], rcond=None)[0]
        rows.append(
            {
                "first": dates[part][0],
                "last": dates[part][-1],
                **{f"b{i}": b for i, b in enumerate(beta)},
            }
        )
    return pd.DataFrame(rows)


def _break_table(y: np.ndarray, x: np.ndarray, dates: pd.Index, places: list[int]) -> pd.DataFrame:
    rows = []
    parts = _segments(places, len(y))
    fits = [np.linalg.lstsq(x[part], y[part], rcond=None)[0] for part in parts]
    variances = [float(((y[part] - x[part] @ beta) ** 2).mean()) for part, beta in zip(parts, fits, strict=True)]
    for i, place in enumerate(places):
        delta = fits[i + 1] - fits[i]
        low, high = _interval(x, (parts[i], parts[i + 1]), delta, (variances[i], variances[i + 1]), place)
        step = float(np.median(x[place + 1] @ delta))
        rows.append(
            {
                "index": place + 1,
                "date": dates[place],
                "low": dates[low],
                "high": dates[high],
                "magnitude": step,
            }
        )
    return pd.DataFrame(rows, columns=["index", "date", "low", "high", "magnitude"])


def _interval(
    x: np.ndarray,
    parts: tuple[slice, slice],
    delta: np.ndarray,
    variances: tuple[float, float],
    place: int,
) -> tuple[int, int]:
    """Positions of the 95 % interval of a break (Bai 1997), regressors and errors differing by segment."""
    size1, size2 = (float(delta @ (x[part].T @ x[part] / len(x[part])) @ delta) for part in parts)
    if min(*variances, size1, size2) <= 0:
        return place, place
    xi = size2 / size1
    phi = xi * variances[1] / variances[0]
    scale = variances[0] / size1
    lower, upper = (_quantile(level, xi, phi) * scale for level in (0.025, 0.975))
    return max(0, place - int(np.ceil(upper))), min(len(x) - 1, place - int(np.floor(lower)))


def _distribution(v: float, xi: float, phi: float) -> float:
    """Distribution function of the date's limit: the argmax of a two-sided Brownian motion with drift."""
    a = abs(v)
    if a == 0:
        a = 1e-12
    if v < 0:
        ratio = xi / phi
        return float(
            -np.sqrt(a / (2 * np.pi)) * np.exp(-a / 8)
            - (phi + 2 * xi) / (phi + xi) / ratio * _tail(ratio * (1 + ratio) * a / 2, (0.5 + ratio) * np.sqrt(a))
            + (a / 2 - 2 + (phi + 2 * xi) ** 2 / ((phi + xi) * xi)) * norm.cdf(-np.sqrt(a) / 2)
        )
    ratio = xi**2 / phi
    return float(
        1
        + np.sqrt(ratio * a / (2 * np.pi)) * np.exp(-ratio * a / 8)
        + xi / phi * (2 * phi + xi) / (phi + xi) * _tail((phi + xi) * a / 2, (phi + xi / 2) * np.sqrt(a / phi))
        - ((2 * phi + xi) ** 2 / ((phi + xi) * phi) - 2 + ratio * a / 2) * norm.cdf(-np.sqrt(ratio * a) / 2)
    )


def _tail(exponent: float, argument: float) -> float:
    """exp(exponent)·Φ(−argument), without overflow where one is huge and the other tiny."""
    return float(np.exp(exponent + norm.logcdf(-argument)))


def _quantile(level: float, xi: float, phi: float) -> float:
    """The value at which the distribution reaches `level`; zero where the jump at zero passes it."""
    at_zero = _distribution(-1e-9, xi, phi)
    if (level < 0.5 and at_zero <= level) or (level > 0.5 and _distribution(1e-9, xi, phi) >= level):
        return 0.0
    edge = -1.0 if level < 0.5 else 1.0
    while (_distribution(edge, xi, phi) > level) == (edge < 0):
        edge *= 2
    return float(brentq(lambda v: _distribution(v, xi, phi) - level, min(edge, 0.0), max(edge, 0.0)))
