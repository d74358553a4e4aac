"""Structural breaks by least squares (Bai & Perron 1998, 2003).

Choose m dates that minimise the total sum of squares of the segments; take the m with the smallest
BIC = n(ln RSS + 1 − ln n + ln 2π) + ln n·(k + 1)(m + 1), k regressors a segment. LWZ (Liu, Wu & Zidek 1997) uses
0.299 (ln n)^2.1 instead of ln n. Intervals of the dates: Bai (1997).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from indicators.breaks.axis import check_order, check_size
from indicators.breaks.drawing import lines, marks
from indicators.breaks.intervals import interval
from indicators.breaks.kernels.rotations import rounding, squares_of_segments
from indicators.errors import IndicatorError

Criterion = Literal["bic", "lwz"]


@dataclass(frozen=True)
class Breakpoints:
    """Breaks of one series.

    `breaks`: a row each: `date`, the first observation after the break, with its 95 % interval (`low`, `high`);
    `index`, `low_index`, `high_index`: how many observations are before those dates (what strucchange numbers; gaps do
    not count); `magnitude`, the step between the two fits at `date`. `rss` and the criterion (`bic`; the name of the
    series is `bic` or `lwz`) are by number of breaks from 0. `segments`: first and last date, coefficients b0, b1 … in
    the order of the regressors, `rss`. `observed` and `fitted` have the index of the series, NaN in gaps.
    """

    breaks: pd.DataFrame
    rss: pd.Series
    bic: pd.Series
    segments: pd.DataFrame
    observed: pd.Series
    fitted: pd.Series

    def plot(self, ax: Any = None, *, unit: str = "") -> Any:
        """Draw observed and fitted values, and the first date after each break with its interval; returns the axes."""
        table = pd.DataFrame({"observed": self.observed, "fitted": self.fitted})
        return marks(lines(table, ax, unit=unit), self.breaks)


@dataclass(frozen=True)
class Partition:
    """The chosen partition of the rows of one design, without dates.

    `places`: rows (from 0), the last before each break; `rss`, `score` by number of breaks; `beta` (segment, k).
    """

    places: list[int]
    rss: np.ndarray
    score: np.ndarray
    beta: np.ndarray
    fitted: np.ndarray


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
        last, lasts = n - 1, []
        for step in range(breaks - 1, -1, -1):
            last = int(origin[step][last])
            lasts.append(last)
        partitions.append(lasts[::-1])
    return np.array([row[n - 1] for row in best]), partitions


def shortest_segment(n: int, k: int, h: float) -> int:
    """Rows of the shortest segment: ⌊h·n⌋, or h itself where it is 1 or more.

    Raises IndicatorError if a segment would have no more rows than regressors, or not two fit into the series.
    """
    if not 0 < h < np.inf:
        raise IndicatorError(
            f"breakpoints: h={h} is not a length of a segment; give a share such as 0.15, or a number of values"
        )
    shortest = int(np.floor(h * n)) if h < 1 else int(h)
    if shortest <= k or 2 * shortest > n:
        raise IndicatorError(
            f"breakpoints: {n} values with h={h} give segments of {shortest}; more than {k} and at most {n // 2} are "
            f"needed; use a longer series or another h"
        )
    return shortest


def check_most(max_breaks: int | None, least: int) -> None:
    """Raises IndicatorError if the largest number of breaks is not an integer, or below `least`."""
    if max_breaks is not None and not (max_breaks == int(max_breaks) and max_breaks >= least):
        raise IndicatorError(f"breakpoints: max_breaks={max_breaks}; give an integer of at least {least}, or None")


def penalty(n: int, criterion: Criterion) -> float:
    """Weight of one parameter in the criterion."""
    if criterion not in ("bic", "lwz"):
        raise IndicatorError(f"criterion {criterion!r} is unknown; use 'bic' or 'lwz'")
    return float(np.log(n)) if criterion == "bic" else float(0.299 * np.log(n) ** 2.1)


def partition(
    y: np.ndarray, x: np.ndarray, h: float, max_breaks: int | None = None, *, criterion: Criterion = "bic"
) -> Partition:
    """The best partition of rows without gaps. `max_breaks` None: as many as R's strucchange would try."""
    n, k = x.shape
    shortest = shortest_segment(n, k, h)  # checked first: raises for a series without values
    weight = penalty(n, criterion)
    check_most(max_breaks, 0)
    most = n // shortest - 1
    most = min(most, max(1, -(-n // shortest) - 2)) if max_breaks is None else min(most, max_breaks)
    costs = squares_of_segments(np.ascontiguousarray(x, float), np.ascontiguousarray(y, float), shortest)
    rss, partitions = best_partitions(costs, most)
    counts = np.arange(most + 1)
    # A perfect fit has no logarithm; the smallest positive number is used instead.
    fitted = np.log(np.maximum(rss, np.finfo(float).tiny))
    score = n * (fitted + 1 - np.log(n) + np.log(2 * np.pi)) + weight * (k + 1) * (counts + 1)
    places = partitions[int(score.argmin())]
    beta, values = segment_fits(y, x, places)
    return Partition(places, rss, score, beta, values)


def segment_fits(y: np.ndarray, x: np.ndarray, places: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of each segment (segment, k), and the fitted values of all rows."""
    beta, fitted = [], np.empty(len(y))
    for first, end in segment_bounds(places, len(y)):
        beta.append(np.linalg.lstsq(x[first:end], y[first:end], rcond=None)[0])
        fitted[first:end] = x[first:end] @ beta[-1]
    return np.array(beta), fitted


def segment_bounds(places: list[int], n: int) -> list[tuple[int, int]]:
    """First row and end (first row of the next) of each segment."""
    edges = [0, *(place + 1 for place in places), n]
    return list(pairwise(edges))


def date_intervals(
    y: np.ndarray, x: np.ndarray, chosen: Partition, *, level: float = 0.95, same_variance: bool = False
) -> list[tuple[int, int]]:
    """Rows (from 0) of the interval of each break; `same_variance` takes one variance of errors for all segments."""
    bounds = segment_bounds(chosen.places, len(y))
    residuals = y - chosen.fitted
    residuals[np.abs(residuals) <= rounding(float(np.abs(y).max()), *x.shape)] = 0.0
    variances = [float((residuals[first:end] ** 2).mean()) for first, end in bounds]
    if same_variance:
        variances = [float((residuals**2).mean())] * len(bounds)
    return [
        interval(
            x,
            (bounds[i][0], bounds[i + 1][0], bounds[i + 1][1]),
            chosen.beta[i + 1] - chosen.beta[i],
            (variances[i], variances[i + 1]),
            level=level,
        )
        for i in range(len(chosen.places))
    ]


def breakpoints_of_series(y: Any, X: Any, h: float, max_breaks: int | None, criterion: Criterion) -> Breakpoints:
    """`breaks.breakpoints` of one series."""
    values, x, index, kept = rows(y, X)
    chosen = partition(values, x, h, max_breaks, criterion=criterion)
    dates = index[kept]
    whole = np.full(len(index), np.nan)
    whole[kept] = chosen.fitted
    counts = pd.Index(np.arange(len(chosen.rss)), name="breaks")
    return Breakpoints(
        breaks=_break_table(values, x, dates, chosen),
        rss=pd.Series(chosen.rss, index=counts, name="rss"),
        bic=pd.Series(chosen.score, index=counts, name=criterion),
        segments=_segment_table(values, dates, chosen),
        observed=_observed(values, kept, index),
        fitted=pd.Series(whole, index=index, name="fitted"),
    )


def _observed(values: np.ndarray, kept: np.ndarray, index: pd.Index) -> pd.Series:
    whole = np.full(len(index), np.nan)
    whole[kept] = values
    return pd.Series(whole, index=index, name="observed")


def rows(y: Any, X: Any = None) -> tuple[np.ndarray, np.ndarray, pd.Index, np.ndarray]:
    """Values and regressors without gaps, the whole index, and which of its entries were kept."""
    whole = y.to_series() if isinstance(y, xr.DataArray) else pd.Series(y, dtype=float)
    if X is None:
        x = np.ones((len(whole), 1))
    else:
        x = np.asarray(X, float)
        x = x.reshape(len(x), -1)
    if len(x) != len(whole):
        raise IndicatorError(f"the regressors have {len(x)} rows and the series {len(whole)} values; give one row each")
    values = whole.to_numpy(float)
    kept = np.isfinite(values) & np.isfinite(x).all(axis=1)
    check_size(values[kept])
    check_order(whole.index)
    check_independent(x)
    return values[kept], x[kept], whole.index, kept


def check_independent(x: np.ndarray) -> None:
    """Raises IndicatorError for regressors (n, k) that depend on each other; fewer rows than columns always do."""
    if len(x) <= x.shape[1] or not np.isfinite(x).all():
        return
    size = np.abs(x).max(axis=0)
    r = np.linalg.qr(x / np.where(size > 0, size, 1.0), mode="r")
    if np.abs(np.diag(r)).min() <= 1e-10 * np.sqrt(len(x)):
        raise IndicatorError("the regressors depend on each other; leave out those that depend on others")


def _segment_table(y: np.ndarray, dates: pd.Index, chosen: Partition) -> pd.DataFrame:
    table = []
    for (first, end), beta in zip(segment_bounds(chosen.places, len(y)), chosen.beta, strict=True):
        rss = float(((y[first:end] - chosen.fitted[first:end]) ** 2).sum())
        coefficients = {f"b{i}": b for i, b in enumerate(beta)}
        table.append({"first": dates[first], "last": dates[end - 1], **coefficients, "rss": rss})
    return pd.DataFrame(table)


def dated(dates: pd.Index, place: int, bounds: tuple[int, int]) -> dict[str, Any]:
    """Table row of a break, from the row before it (from 0) and the ends of that row's interval.

    `index`, `low_index` and `high_index` count the observations before the break, as strucchange does; `date`, `low`
    and `high` are the first observations after it, at most the last one.
    """
    before = {"index": place + 1, "low_index": bounds[0] + 1, "high_index": bounds[1] + 1}
    date, low, high = (dates[min(count, len(dates) - 1)] for count in before.values())
    return {"index": place + 1, "date": date, "low": low, "high": high, **before}


def _break_table(y: np.ndarray, x: np.ndarray, dates: pd.Index, chosen: Partition) -> pd.DataFrame:
    table = []
    for i, (place, bounds) in enumerate(zip(chosen.places, date_intervals(y, x, chosen), strict=True)):
        magnitude = float(x[place + 1] @ (chosen.beta[i + 1] - chosen.beta[i]))
        table.append({**dated(dates, place, bounds), "magnitude": magnitude})
    columns = ["index", "date", "low", "high", "low_index", "high_index", "magnitude"]
    return pd.DataFrame(table, columns=columns)
