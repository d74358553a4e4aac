"""Reducers of the shape of a distribution, of angles, bits and runs."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from offline.algorithms.reducer.reducers import Output, has_value, mean, quantile, simple
from offline.graph.registry import add, algorithm
from offline.model.values import Reducer

Array = np.ndarray


def moment(values: Array, weights: Array, *, order: int) -> Output:
    """Skewness (order 3) or excess kurtosis (order 4) of the population."""
    use = (weights > 0).astype(float)
    centre, defined = mean(values, use)
    spread = mean((values - centre) ** 2, use)[0]
    high = mean((values - centre) ** order, use)[0]
    ratio = np.divide(high, spread ** (order / 2), out=np.zeros_like(high), where=spread > 0)
    return ratio - (3 if order == 4 else 0), defined & (spread > 0)


def circular(values: Array, weights: Array, *, output: str) -> Output:
    """Mean direction, variance or standard deviation of angles in radians."""
    (sine, defined), (cosine, _) = mean(np.sin(values), weights), mean(np.cos(values), weights)
    length = np.hypot(sine, cosine)
    if output == "mean":
        return np.arctan2(sine, cosine), defined
    if output == "variance":
        return 1 - length, defined
    return np.sqrt(-2 * np.log(np.clip(length, 1e-300, 1))), defined


def bits(values: Array, weights: Array, *, conjunction: bool) -> Output:
    """Bitwise and (or) of the values."""
    whole = values.astype(np.int64)
    if conjunction:
        return np.bitwise_and.reduce(np.where(weights > 0, whole, -1), axis=0), has_value(weights)
    return np.bitwise_or.reduce(np.where(weights > 0, whole, 0), axis=0), has_value(weights)


def runs(values: Array, weights: Array) -> Output:
    """Number of runs of equal values, in order, values that are left out ignored."""
    count = np.zeros(values.shape[1:], int)
    last, started = np.zeros(values.shape[1:], values.dtype), np.zeros(values.shape[1:], bool)
    for value, weight in zip(values, weights, strict=True):
        here = weight > 0
        count += here & (~started | (value != last))
        last, started = np.where(here, value, last), started | here
    return count, np.ones(count.shape, bool)


def total_count(values: Array, weights: Array) -> Output:
    """Number of inputs, those without a value included."""
    return np.full(values.shape[1:], len(values)), np.ones(values.shape[1:], bool)


SIMPLE: dict[str, Any] = {
    "skew": lambda: simple("skew", partial(moment, order=3), weighted=False),
    "kurtosis": lambda: simple("kurtosis", partial(moment, order=4), weighted=False),
    "circularMean": lambda: simple("circularMean", partial(circular, output="mean"), output="mean"),
    "circularVariance": lambda: simple("circularVariance", partial(circular, output="variance"), output="variance"),
    "circularStddev": lambda: simple("circularStddev", partial(circular, output="stdDev"), output="stdDev"),
    "bitwiseAnd": lambda: simple("bitwiseAnd", partial(bits, conjunction=True), weighted=False),
    "bitwiseOr": lambda: simple("bitwiseOr", partial(bits, conjunction=False), weighted=False),
    "countRuns": lambda: simple("countRuns", runs, output="count", weighted=False),
    "countEvery": lambda: simple("countEvery", total_count, output="count", weighted=False),
}


for _name, _make in SIMPLE.items():
    add(f"Reducer.{_name}", lambda *_options, make=_make: make())


@algorithm("Reducer.intervalMean")
def interval_mean(low: float, high: float, *_buckets: Any) -> Reducer:
    """Mean of the values between two percentiles, both included."""

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        values = inputs[0]
        below, defined = quantile(values, weights, percent=float(low))
        above, _ = quantile(values, weights, percent=float(high))
        kept = (weights > 0) & (values >= below) & (values <= above)
        return [(mean(values, kept.astype(float))[0], defined)]

    return Reducer("intervalMean", 1, ("mean",), reduce, weighted=False)
