"""Reducers of two inputs: least squares, Sen's slope, and correlations with their p-values."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import erfc, stdtr

from offline.algorithms.reducer.reducers import Output, mean, quantile
from offline.graph.registry import algorithm
from offline.model.values import Reducer

Array = np.ndarray


@algorithm("Reducer.linearFit")
def make_linear_fit() -> Reducer:
    """Least squares of the second input on the first: `scale` (slope) and `offset`."""

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        x, y = (each.astype(float) for each in inputs)
        (mean_x, defined), (mean_y, _) = mean(x, weights), mean(y, weights)
        spread = (weights * (x - mean_x) ** 2).sum(axis=0)
        shared = (weights * (x - mean_x) * (y - mean_y)).sum(axis=0)
        slope = np.divide(shared, spread, out=np.zeros_like(shared), where=spread > 0)
        return [(slope, defined), (mean_y - slope * mean_x, defined)]

    return Reducer("linearFit", 2, ("scale", "offset"), reduce)


def _each_pair(x: Array, y: Array, weights: Array) -> Any:
    """Differences of all pairs of values, and which pairs count."""
    first, second = np.triu_indices(len(x), 1)
    both = (weights[first] > 0) & (weights[second] > 0)
    return x[second] - x[first], y[second] - y[first], both


@algorithm("Reducer.sensSlope")
def make_sens_slope() -> Reducer:
    """Median of the slopes of all pairs (Sen 1968), and the median of the offsets."""

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        x, y = (each.astype(float) for each in inputs)
        dx, dy, both = _each_pair(x, y, weights)
        slopes = np.divide(dy, dx, out=np.zeros_like(dy), where=dx != 0)
        slope, defined = quantile(slopes, both & (dx != 0), percent=50.0)
        offset, _ = quantile(y - slope * x, weights, percent=50.0)
        return [(slope, defined), (offset, defined)]

    return Reducer("sensSlope", 2, ("slope", "offset"), reduce, weighted=False)


@algorithm("Reducer.kendallsCorrelation")
def make_kendall(inputs: int | None) -> Reducer:
    """Kendall's tau-b, and its two-sided p-value by the normal approximation (variance without ties)."""
    number = int(inputs or 1)

    def reduce(stacked: list[Array], weights: Array) -> list[Output]:
        y = stacked[-1].astype(float)
        order = np.arange(len(y), dtype=float).reshape(-1, *[1] * (y.ndim - 1))
        x = stacked[0].astype(float) if number == 2 else np.broadcast_to(order, y.shape)
        dx, dy, both = _each_pair(x, y, weights)
        score = (np.sign(dx) * np.sign(dy) * both).sum(axis=0)
        untied_x, untied_y = ((dx != 0) & both).sum(axis=0), ((dy != 0) & both).sum(axis=0)
        size = np.sqrt(untied_x.astype(float) * untied_y)
        n = (weights > 0).sum(axis=0).astype(float)
        tau = np.divide(score, size, out=np.zeros_like(size), where=size > 0)
        return [(tau, size > 0), (_kendall_p(score, n), size > 0)]

    return Reducer("kendallsCorrelation", number, ("tau", "p-value"), reduce, weighted=False)


def _kendall_p(score: Array, n: Array) -> Array:
    spread = n * (n - 1) * (2 * n + 5) / 18
    z = np.divide(np.abs(score), np.sqrt(spread), out=np.zeros_like(spread), where=spread > 0)
    return erfc(z / np.sqrt(2))


@algorithm("Reducer.pearsonsCorrelation")
def make_pearson() -> Reducer:
    """Pearson's correlation of two inputs and its two-sided p-value from Student's t."""

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        use = (weights > 0) * 1.0
        x, y = (each.astype(float) for each in inputs)
        n = use.sum(axis=0)
        dx, dy = x - mean(x, use)[0], y - mean(y, use)[0]
        size = np.sqrt((use * dx**2).sum(axis=0) * (use * dy**2).sum(axis=0))
        shared = (use * dx * dy).sum(axis=0)
        r = np.clip(np.divide(shared, size, out=np.zeros_like(size), where=size > 0), -1, 1)
        freedom = np.maximum(n - 2, 1)
        rest = 1 - r**2
        t = np.divide(np.abs(r) * np.sqrt(freedom), np.sqrt(rest), out=np.full_like(r, np.inf), where=rest > 0)
        defined = (size > 0) & (n > 2)
        return [(r, size > 0), (2 * stdtr(freedom, -t), defined)]

    return Reducer("pearsonsCorrelation", 2, ("correlation", "p-value"), reduce, weighted=False)


@algorithm("Reducer.spearmansCorrelation")
def spearman() -> Reducer:
    """Correlation of ranks, ties given their mean rank, and its two-sided p-value from Student's t."""
    pearson = make_pearson()

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        return pearson.reduce([ranks(each, weights) for each in inputs], weights)

    return Reducer("spearmansCorrelation", 2, ("correlation", "p-value"), reduce, weighted=False)


def ranks(values: Array, weights: Array) -> Array:
    """Mean rank of every value among those that count."""
    if not len(values):
        return np.zeros(weights.shape)
    counted = weights > 0
    given = values.astype(float)
    smaller = np.stack([(counted & (given < value)).sum(axis=0) for value in given])
    equal = np.stack([(counted & (given == value)).sum(axis=0) for value in given])
    return smaller + (equal + 1) / 2
