"""Reducers that count values: by value, or in buckets of one or two inputs."""

from __future__ import annotations

import numpy as np

from offline.algorithms.reducer.reducers import Output
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.values import Reducer

Array = np.ndarray
#: Buckets of a histogram, at most.
MOST_BUCKETS = 10**6


@algorithm("Reducer.frequencyHistogram")
def make_frequency_histogram() -> Reducer:
    """The total weight of every value."""

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        values, weight = np.ravel(inputs[0]), np.ravel(weights)
        table = {
            (str(int(v)) if float(v).is_integer() else str(float(v))): float(weight[values == v].sum())
            for v in np.unique(values[weight > 0])
        }
        return [(table, True)]

    return Reducer("frequencyHistogram", 1, ("histogram",), reduce)


def widths(values: Array, buckets: int, least: float | None) -> tuple[float, float, int]:
    """Start, width and number of buckets: a whole power of two wide, so that about `buckets` cover the values."""
    low, high = float(values.min()), float(values.max())
    width = 2.0 ** np.ceil(np.log2((high - low) / max(buckets, 1))) if high > low else 1.0
    width = max(width, least or 0.0)
    start = np.floor(low / width) * width
    return float(start), float(width), int(np.floor((high - start) / width)) + 1


def counted(values: Array, weights: Array, buckets: int, least: float | None) -> tuple[float, float, Array, Array]:
    """Start and width of the buckets, the weight in each, and the weighted sum of the values in each."""
    kept = np.ravel(weights) > 0
    flat, weight = np.ravel(values).astype(float)[kept], np.ravel(weights)[kept]
    start, width, number = widths(flat, buckets, least)
    bucket = np.clip(((flat - start) / width).astype(int), 0, number - 1)
    sums = np.bincount(bucket, weight * flat, minlength=number)
    return start, width, np.bincount(bucket, weight, minlength=number), sums


@algorithm("Reducer.histogram")
def histogram(buckets: int | None, least: float | None, _raw: int | None) -> Reducer:
    """A table of bucketMeans, bucketMin, bucketWidth and histogram."""

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        if not (np.ravel(weights) > 0).any():
            return [(None, False)]
        start, width, counts, totals = counted(inputs[0], weights, int(buckets or 256), least)
        middles = start + width * (np.arange(len(counts)) + 0.5)
        means = np.divide(totals, counts, out=middles.copy(), where=counts > 0)
        table = {"bucketMeans": means.tolist(), "bucketMin": start, "bucketWidth": width, "histogram": counts.tolist()}
        return [(table, True)]

    return Reducer("histogram", 1, ("histogram",), reduce)


@algorithm("Reducer.autoHistogram")
def auto_histogram(buckets: int | None, least: float | None, _raw: int | None, cumulative: bool) -> Reducer:
    """Rows of a bucket's lower edge and the weight in it."""

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        if not (np.ravel(weights) > 0).any():
            return [(None, False)]
        start, width, counts, _ = counted(inputs[0], weights, int(buckets or 256), least)
        shown = np.cumsum(counts) if cumulative else counts
        return [([[start + width * i, float(count)] for i, count in enumerate(shown)], True)]

    return Reducer("autoHistogram", 1, ("histogram",), reduce)


@algorithm("Reducer.fixedHistogram")
def make_fixed_histogram(low: float, high: float, steps: int, cumulative: bool) -> Reducer:
    """Rows of a bucket's lower edge and the weight in it; what lies outside is left out."""
    if not 1 <= steps <= MOST_BUCKETS:
        raise EngineError(
            f"Reducer.fixedHistogram: {steps:g} steps; the offline engine takes from 1 to {MOST_BUCKETS}."
        )
    edges = np.linspace(low, high, int(steps) + 1)

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        values = np.ravel(inputs[0])
        inside = (values >= low) & (values < high)
        bucket = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, int(steps) - 1)
        sums = np.bincount(bucket[inside], np.ravel(weights)[inside], minlength=int(steps))
        counts = np.cumsum(sums) if cumulative else sums
        return [([[float(e), float(c)] for e, c in zip(edges[:-1], counts, strict=True)], True)]

    return Reducer("fixedHistogram", 1, ("histogram",), reduce)


@algorithm("Reducer.fixed2DHistogram")
def fixed_2d_histogram(x_low: float, x_high: float, x_steps: int, y_low: float, y_high: float, y_steps: int) -> Reducer:
    """Weights (x, y) between the edges; what lies outside is left out."""
    if min(x_steps, y_steps) < 1 or x_steps * y_steps > MOST_BUCKETS:
        raise EngineError(f"Reducer.fixed2DHistogram: {x_steps:g} x {y_steps:g} steps; at most {MOST_BUCKETS} in all.")

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        x, y, weight = (np.ravel(each).astype(float) for each in (*inputs, weights))
        ranges = [(x_low, x_high), (y_low, y_high)]
        table, _, _ = np.histogram2d(x, y, [int(x_steps), int(y_steps)], ranges, weights=weight)
        return [(table.tolist(), True)]

    return Reducer("fixed2DHistogram", 2, ("histogram",), reduce)
