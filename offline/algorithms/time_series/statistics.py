"""Reducers beyond the common ones: shapes of distributions, circles, runs, correlations, histograms, regressions.

As in `reducers`: values are (n, …), weights (n, …), and a weight of zero leaves a value out.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from offline.algorithms.reducer.reducers import MOST_BUCKETS, Output, make_pearson, mean, quantile, simple
from offline.errors import EngineError
from offline.graph.registry import add, algorithm
from offline.model.values import Reducer

Array = np.ndarray


def _found(weights: Array) -> Array:
    return np.asarray((weights > 0).any(axis=0))


def moment(values: Array, weights: Array, *, order: int) -> Output:
    """Skewness (order 3) or excess kurtosis (order 4) of the population."""
    use = (weights > 0).astype(float)
    centre, found = mean(values, use)
    spread = mean((values - centre) ** 2, use)[0]
    high = mean((values - centre) ** order, use)[0]
    ratio = np.divide(high, spread ** (order / 2), out=np.zeros_like(high), where=spread > 0)
    return ratio - (3 if order == 4 else 0), found & (spread > 0)


def circular(values: Array, weights: Array, *, output: str) -> Output:
    """Mean direction, variance or standard deviation of angles in radians."""
    (sine, found), (cosine, _) = mean(np.sin(values), weights), mean(np.cos(values), weights)
    length = np.hypot(sine, cosine)
    if output == "mean":
        return np.arctan2(sine, cosine), found
    if output == "variance":
        return 1 - length, found
    return np.sqrt(-2 * np.log(np.clip(length, 1e-300, 1))), found


def bits(values: Array, weights: Array, *, conjunction: bool) -> Output:
    """Bitwise and (or) of the values."""
    whole = values.astype(np.int64)
    if conjunction:
        return np.bitwise_and.reduce(np.where(weights > 0, whole, -1), axis=0), _found(weights)
    return np.bitwise_or.reduce(np.where(weights > 0, whole, 0), axis=0), _found(weights)


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
        below, found = quantile(values, weights, percent=float(low))
        above, _ = quantile(values, weights, percent=float(high))
        kept = (weights > 0) & (values >= below) & (values <= above)
        return [(mean(values, kept.astype(float))[0], found)]

    return Reducer("intervalMean", 1, ("mean",), reduce, weighted=False)


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
    place = np.clip(((flat - start) / width).astype(int), 0, number - 1)
    sums = np.bincount(place, weight * flat, minlength=number)
    return start, width, np.bincount(place, weight, minlength=number), sums


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
        place = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, int(steps) - 1)
        sums = np.bincount(place[inside], np.ravel(weights)[inside], minlength=int(steps))
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


def several(reducer: Reducer, names: list[str]) -> Reducer:
    """The reducer once for each name, outputs named `name_output`, or the name alone for a single output."""
    times = len(names)
    outputs = tuple(
        name if len(reducer.outputs) == 1 else f"{name}_{output}" for name in names for output in reducer.outputs
    )

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        groups = [inputs[i * reducer.inputs : (i + 1) * reducer.inputs] for i in range(times)]
        return [result for group in groups for result in reducer.reduce(group, weights)]

    return Reducer(reducer.name, reducer.inputs * times, outputs, reduce, reducer.weighted)


@algorithm("Reducer.forEach")
def for_each(reducer: Reducer, names: list[str]) -> Reducer:
    """The reducer once for each output name."""
    return several(reducer, names)


@algorithm("Reducer.forEachBand")
def for_each_band(reducer: Reducer, image: Any) -> Reducer:
    """The reducer once for each band of an image."""
    return several(reducer, image.names)


@algorithm("Reducer.splitWeights")
def split_weights(reducer: Reducer) -> Reducer:
    """Every input is preceded by its weight, which multiplies the weight of the pixel."""

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        values, own = inputs[0::2], inputs[1::2]
        return reducer.reduce(values, np.minimum.reduce(own) * (weights > 0))

    return replace(reducer, name=f"{reducer.name}_splitWeights", inputs=2 * reducer.inputs, reduce=reduce)


def design(inputs: list[Array], weights: Array, x_count: int) -> tuple[Array, Array, Array]:
    """X (…, n, p), Y (…, n, q) and weights (…, n) with the pixels in front."""

    def front(stacked: list[Array]) -> Array:
        return np.moveaxis(np.stack([each.astype(float) for each in stacked]), (0, 1), (-1, -2))

    return front(inputs[:x_count]), front(inputs[x_count:]), np.moveaxis(np.asarray(weights, float), 0, -1)


def solved(x: Array, y: Array, w: Array, ridge: float = 0.0) -> Array:
    """Weighted least squares (…, p, q)."""
    weighted = x * w[..., None]
    normal = np.swapaxes(weighted, -1, -2) @ x + ridge * np.eye(x.shape[-1])
    return np.linalg.pinv(normal, hermitian=True) @ (np.swapaxes(weighted, -1, -2) @ y)


def spread(x: Array, y: Array, w: Array, beta: Array) -> Array:
    """Root mean square of the residuals (…, q), as Earth Engine gives them: over n less the number of regressors."""
    freedom = np.maximum((w > 0).sum(axis=-1) - x.shape[-1], 1)
    squares = (w[..., None] * (y - x @ beta) ** 2).sum(axis=-2)
    return np.asarray(np.sqrt(squares / freedom[..., None]))


def regression(name: str, x_count: int, y_count: int, fit: Any, lead: int = 0) -> Reducer:
    """A reducer of `x_count` regressors and `y_count` responses: arrays `coefficients` and `residuals`."""
    if x_count < 1 or y_count < 1:
        raise EngineError(f"Reducer.{name}: needs at least one independent and one dependent variable.")

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        x, y, w = design(inputs, weights, x_count)
        if lead:
            x = np.concatenate([np.ones((*x.shape[:-1], 1)), x], axis=-1)
        beta, rest = fit(x, y, w)
        enough = (w > 0).sum(axis=-1) >= x.shape[-1]
        if beta.ndim == 2:  # one regression, over the pixels of a region or the elements of a collection
            return [(beta.tolist(), True), (rest.tolist(), True)] if enough else [(None, False), (None, False)]
        return [(beta, enough), (rest, enough)]

    return Reducer(
        name,
        x_count + y_count,
        ("coefficients", "residuals"),
        reduce,
        options={"dimensions": {"coefficients": 2, "residuals": 1}},
    )


@algorithm("Reducer.linearRegression")
def linear_regression(x_count: int, y_count: int) -> Reducer:
    """Least squares of some inputs on others; a constant is an input like any other."""

    def fit(x: Array, y: Array, w: Array) -> tuple[Array, Array]:
        beta = solved(x, y, w)
        return beta, spread(x, y, w, beta)

    return regression("linearRegression", int(x_count), int(y_count), fit)


@algorithm("Reducer.ridgeRegression")
def ridge_regression(x_count: int, y_count: int, penalty: float) -> Reducer:
    """Least squares with a penalty on the squares of the coefficients; the constant comes by itself, unpenalised."""

    def fit(x: Array, y: Array, w: Array) -> tuple[Array, Array]:
        total = np.maximum(w.sum(axis=-1), 1e-300)[..., None]
        centre_x = (x * w[..., None]).sum(axis=-2) / total
        centre_y = (y * w[..., None]).sum(axis=-2) / total
        inner_x = (x - centre_x[..., None, :])[..., 1:]
        slopes = solved(inner_x, y - centre_y[..., None, :], w, float(penalty))
        constant = centre_y[..., None, :] - centre_x[..., None, 1:] @ slopes
        beta = np.concatenate([constant, slopes], axis=-2)
        return beta, spread(x, y, w, beta)

    return regression("ridgeRegression", int(x_count), int(y_count), fit, lead=1)


@algorithm("Reducer.robustLinearRegression")
def robust_regression(x_count: int, y_count: int, tuning: float | None) -> Reducer:
    """Iterated least squares with Talwar's weights: residuals beyond `tuning` robust deviations count nothing."""
    limit = 2.795 if tuning is None else float(tuning)

    def fit(x: Array, y: Array, w: Array) -> tuple[Array, Array]:
        columns, rests = [], []
        for index in range(y.shape[-1]):
            own, kept = y[..., index : index + 1], w
            beta = solved(x, own, kept)
            for _ in range(50):
                residual = np.abs(own - x @ beta)[..., 0]
                middle, _ = quantile(np.moveaxis(residual, -1, 0), np.moveaxis(w, -1, 0), percent=50.0)
                scale = np.asarray(middle)[..., None] / 0.6745
                inside = w * ((residual <= limit * scale) | (scale == 0))
                if np.array_equal(inside, kept):
                    break
                kept, beta = inside, solved(x, own, inside)
            columns.append(beta)
            rests.append(spread(x, own, kept, beta))
        return np.concatenate(columns, axis=-1), np.concatenate(rests, axis=-1)

    return regression("robustLinearRegression", int(x_count), int(y_count), fit)
