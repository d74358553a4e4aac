"""Reducers, each a function over the first axis of stacked values and their weights.

Values are (n, …) and weights (n, …); a weight of zero leaves a value out. Unweighted reducers count every value
with a weight above zero once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from offline.errors import EngineError
from offline.graph.registry import add, algorithm
from offline.model.values import Reducer

Array = np.ndarray


#: Inputs or outputs of a reducer, at most.
MOST_INPUTS = 10**4


#: Values of one output, and where they are defined.
Output = tuple[Any, Any]


def simple(
    name: str,
    function: Callable[[Array, Array], Output],
    *,
    output: str | None = None,
    weighted: bool = True,
) -> Reducer:
    """A reducer of one input and one output."""
    return Reducer(name, 1, (output or name,), lambda inputs, weights: [function(inputs[0], weights)], weighted)


def has_value(weights: Array) -> Array:
    """Where at least one value counts."""
    return np.asarray((weights > 0).any(axis=0))


def total(values: Array, weights: Array) -> Output:
    """Weighted sum; nothing where there is no value."""
    return (values * weights).sum(axis=0), has_value(weights)


def mean(values: Array, weights: Array) -> Output:
    """Weighted mean."""
    weight = weights.sum(axis=0)
    return (values * weights).sum(axis=0) / np.where(weight > 0, weight, 1), weight > 0


def count(values: Array, weights: Array) -> Output:
    """Number of values, each once; zero where there are none."""
    number = (weights > 0).sum(axis=0)
    return number, np.ones(number.shape, bool)


def variance(values: Array, weights: Array, *, sample: bool = False) -> Output:
    """Weighted population variance, or the unweighted sample variance."""
    use = (weights > 0).astype(float) if sample else weights
    centre, defined = mean(values, use)
    squares = (use * (values - centre) ** 2).sum(axis=0)
    weight = use.sum(axis=0) - (1 if sample else 0)
    return squares / np.where(weight > 0, weight, 1), defined & (weight > 0)


def deviation(values: Array, weights: Array, *, sample: bool = False) -> Output:
    """Square root of the variance."""
    spread, defined = variance(values, weights, sample=sample)
    return np.sqrt(spread), defined


def extreme(values: Array, weights: Array, *, largest: bool) -> Output:
    """Largest or smallest value."""
    lost = -np.inf if largest else np.inf
    kept = np.where(weights > 0, values, lost)
    defined = has_value(weights)
    best = kept.max(axis=0, initial=-np.inf) if largest else kept.min(axis=0, initial=np.inf)
    return np.where(defined, best, 0), defined


def nothing(weights: Array) -> Output:
    """The output of no values: zeros that are not defined."""
    return np.zeros(weights.shape[1:]), np.zeros(weights.shape[1:], bool)


def at(values: Array, weights: Array, *, last: bool) -> Output:
    """First or last value that is not masked."""
    if not len(values):
        return nothing(weights)
    valid = weights > 0
    if isinstance(values, list):  # what is not all numbers
        values = np.fromiter(values, object, len(values))
    index = valid.shape[0] - 1 - valid[::-1].argmax(axis=0) if last else valid.argmax(axis=0)
    return np.take_along_axis(values, index[None], axis=0)[0], has_value(weights)


def quantile(values: Array, weights: Array, *, percent: float) -> Output:
    """Percentile by linear interpolation between the order statistics; weights are not used.

    By sorting: numpy's nanpercentile calls Python for every pixel.
    """
    if not len(values):
        return nothing(weights)
    valid = weights > 0
    ordered = np.sort(np.where(valid, values.astype(float), np.inf), axis=0)
    number = valid.sum(axis=0)
    rank = np.maximum(number - 1, 0) * (percent / 100)
    below = np.floor(rank).astype(int)
    above = np.minimum(below + 1, np.maximum(number - 1, 0))
    low = np.take_along_axis(ordered, below[None], axis=0)[0]
    high = np.take_along_axis(ordered, above[None], axis=0)[0]
    defined = number > 0
    with np.errstate(invalid="ignore"):
        return np.where(defined, low + (high - low) * (rank - below), 0.0), defined


def mode(values: Array, weights: Array) -> Output:
    """The value with the largest total weight; the smallest of those that tie."""
    if not len(values):
        return nothing(weights)
    flat, weight = values.reshape(len(values), -1), weights.reshape(len(values), -1)
    if flat.shape[1] < len(flat):
        best = np.array([_most(*column) for column in zip(flat.T, weight.T, strict=True)], flat.dtype)
        return best.reshape(values.shape[1:]), has_value(weights)
    order = np.argsort(flat, axis=0, kind="stable")
    flat, weight = np.take_along_axis(flat, order, axis=0), np.take_along_axis(weight, order, axis=0)
    best, run, most = flat[0].copy(), weight[0].astype(float), weight[0].astype(float)
    for value, before, more in zip(flat[1:], flat[:-1], weight[1:], strict=True):
        run = np.where(value == before, run + more, more)
        better = run > most
        best[better], most[better] = value[better], run[better]
    return best.reshape(values.shape[1:]), has_value(weights)


def _most(values: Array, weights: Array) -> Any:
    """The value of one row with the largest total weight."""
    distinct_values, where = np.unique(values, return_inverse=True)
    return distinct_values[np.argmax(np.bincount(where, weights))]


def product(values: Array, weights: Array) -> Output:
    """Product of the values."""
    return np.where(weights > 0, values, 1).prod(axis=0), has_value(weights)


def every(values: Array, weights: Array) -> Output:
    """1 where all values are not zero."""
    return ((values != 0) | (weights == 0)).all(axis=0).astype(int), has_value(weights)


def some(values: Array, weights: Array) -> Output:
    """1 where any value is not zero."""
    return ((values != 0) & (weights > 0)).any(axis=0).astype(int), has_value(weights)


def distinct(values: Array, weights: Array) -> Output:
    """Number of different values."""
    ordered = np.sort(np.where(weights > 0, values.astype(float), np.inf), axis=0)
    new = np.ones(ordered.shape, bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return (new & np.isfinite(ordered)).sum(axis=0), np.ones(ordered.shape[1:], bool)


SIMPLE: dict[str, Callable[[], Reducer]] = {
    "sum": lambda: simple("sum", total),
    "mean": lambda: simple("mean", mean),
    "count": lambda: simple("count", count, weighted=False),
    "variance": lambda: simple("variance", variance),
    "stdDev": lambda: simple("stdDev", deviation),
    "sampleVariance": lambda: simple("variance", partial(variance, sample=True), weighted=False),
    "sampleStdDev": lambda: simple("stdDev", partial(deviation, sample=True), weighted=False),
    "first": lambda: simple("first", partial(at, last=False), weighted=False),
    "firstNonNull": lambda: simple("first", partial(at, last=False), weighted=False),
    "last": lambda: simple("last", partial(at, last=True), weighted=False),
    "lastNonNull": lambda: simple("last", partial(at, last=True), weighted=False),
    "product": lambda: simple("product", product, weighted=False),
    "allNonZero": lambda: simple("all", every, weighted=False),
    "anyNonZero": lambda: simple("any", some, weighted=False),
    "and": lambda: simple("all", every, weighted=False),
    "or": lambda: simple("any", some, weighted=False),
    "mode": lambda: simple("mode", mode),
    "countDistinct": lambda: simple("countDistinct", distinct, output="count", weighted=False),
    "countDistinctNonNull": lambda: simple("countDistinct", distinct, output="count", weighted=False),
}


for _name, _make in SIMPLE.items():
    # Reducer.mode takes options about histograms; exact counting needs none of them.
    add(f"Reducer.{_name}", lambda *_options, make=_make: make())


@algorithm("Reducer.median")
def make_median(_buckets: Any, _width: Any, _raw: Any) -> Reducer:
    """The exact median."""
    return simple("median", partial(quantile, percent=50.0), weighted=False)


@algorithm("Reducer.percentile")
def make_percentile(percents: list[float], names: list[str] | None, *_buckets: Any) -> Reducer:
    """Exact percentiles, named `p10`, `p90`, … unless names are given."""
    outputs = tuple(names) if names else tuple(f"p{float(p):g}".replace(".", "_") for p in percents)

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        return [quantile(inputs[0], weights, percent=float(p)) for p in percents]

    return Reducer("percentile", 1, outputs, reduce, weighted=False)


def bounded_inputs(number: float) -> int:
    """A number of inputs. Raises EngineError if it is not between 1 and MOST_INPUTS."""
    if not 1 <= number <= MOST_INPUTS:
        raise EngineError(f"Reducer: {number:g} inputs or outputs; the offline engine takes from 1 to {MOST_INPUTS}.")
    return int(number)


def extreme_reducer(name: str, inputs: int | None) -> Reducer:
    """`min` or `max`; of several inputs the first decides, and the others are returned with it."""
    number = bounded_inputs(inputs or 1)
    largest = name == "max"

    def reduce(stacked: list[Array], weights: Array) -> list[Output]:
        if number == 1:
            return [extreme(stacked[0], weights, largest=largest)]
        if not len(weights):
            return [nothing(weights)] * number
        kept = np.where(weights > 0, stacked[0], -np.inf if largest else np.inf)
        index = (kept.argmax(axis=0) if largest else kept.argmin(axis=0))[None]
        defined = has_value(weights)
        return [(np.take_along_axis(values, index, axis=0)[0], defined) for values in stacked]

    outputs = (name, *tuple(f"{name}{i}" for i in range(1, number)))
    return Reducer(name, number, outputs, reduce, weighted=False)


add("Reducer.max", partial(extreme_reducer, "max"))


add("Reducer.min", partial(extreme_reducer, "min"))


@algorithm("Reducer.minMax")
def make_min_max() -> Reducer:
    """Smallest and largest value."""

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        return [extreme(inputs[0], weights, largest=largest) for largest in (False, True)]

    return Reducer("minMax", 1, ("min", "max"), reduce, weighted=False)


@algorithm("Reducer.toList")
def make_to_list(size: int | None, optional: int) -> Reducer:
    """All values in order; tuples of `size` inputs where that is given, of which none may be missing."""
    if optional:
        raise EngineError("Reducer.toList: numOptional is not supported by the offline engine; unmask the inputs.")
    number = int(size or 1)

    def reduce(inputs: list[Any], weights: Any) -> list[Output]:
        rows = list(zip(*inputs, strict=True)) if size else list(inputs[0])
        kept = [list(row) if size else row for row, weight in zip(rows, weights, strict=True) if weight > 0]
        return [(kept, True)]

    return Reducer("toList", number, ("list",), reduce, weighted=False)
