"""Reducers made from other reducers: repeated, combined, grouped, renamed, unweighted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from offline.algorithms.reducer.reducers import Output, bounded_inputs
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.values import Reducer, first_weights

Array = np.ndarray


@algorithm("Reducer.repeat")
def repeat(reducer: Reducer, number: int) -> Reducer:
    """The same reducer for `number` groups of inputs; each output is a list, null where no group has a value."""
    times = bounded_inputs(number)
    bounded_inputs(reducer.inputs * times)

    def reduce(inputs: list[Any], weights: Any) -> list[Output]:
        groups = [inputs[i * reducer.inputs : (i + 1) * reducer.inputs] for i in range(times)]
        results = [reducer.reduce(group, weights) for group in groups]
        return [_together([result[k] for result in results]) for k in range(len(reducer.outputs))]

    return replace(reducer, inputs=reducer.inputs * times, reduce=reduce, options={"repeated": times})


def _together(outputs: list[Output]) -> Output:
    """One output of several groups as a list."""
    values = [_or_none(output) for output in outputs]
    return (values, True) if any(value is not None for value in values) else (None, False)


def _or_none(output: Output) -> Any:
    """The value of an output; None where it is not defined."""
    value, defined = output
    return value if np.all(defined) else None


@algorithm("Reducer.combine")
def combine_reducers(first: Reducer, second: Reducer, prefix: str, shared: bool) -> Reducer:
    """Both reducers together, over the same inputs or over consecutive ones."""
    if shared and first.inputs != second.inputs:
        raise EngineError("Reducer.combine: Reducers with shared inputs must have the same number of inputs.")
    bounded_inputs(len(first.outputs) + len(second.outputs))
    taken, outputs = list(first.outputs), []
    for name in (f"{prefix or ''}{output}" for output in second.outputs):
        outputs.append(name if name not in taken else f"{name}_1")
        taken.append(outputs[-1])

    def reduce(inputs: list[Any], weights: Any) -> list[Output]:
        rest = inputs if shared else inputs[first.inputs :]
        return [
            *first.reduce(inputs[: first.inputs], first_weights(first, weights)),
            *second.reduce(rest[: second.inputs], first_weights(second, weights)),
        ]

    return Reducer(
        "combine",
        first.inputs if shared else first.inputs + second.inputs,
        (*first.outputs, *outputs),
        reduce,
        first.weighted or second.weighted,
    )


@algorithm("Reducer.unweighted")
def unweighted(reducer: Reducer) -> Reducer:
    """The reducer with a weight of one for every value whose weight is not zero."""

    def reduce(inputs: list[Any], weights: Any) -> list[Output]:
        return reducer.reduce(inputs, (weights > 0) * 1.0)

    return replace(reducer, reduce=reduce, weighted=False)


@algorithm("Reducer.setOutputs")
def set_outputs(reducer: Reducer, outputs: list[str]) -> Reducer:
    """The reducer with other output names; an output whose name is null or empty is dropped.

    Raises EngineError if there are not as many names as outputs.
    """
    if len(outputs) != len(reducer.outputs):
        raise EngineError(f"Reducer.setOutputs: {len(outputs)} names for {len(reducer.outputs)} outputs.")
    kept = [index for index, name in enumerate(outputs) if name]

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        results = reducer.reduce(inputs, weights)
        return [results[index] for index in kept]

    return replace(reducer, outputs=tuple(outputs[index] for index in kept), reduce=reduce)


@algorithm("Reducer.getOutputs")
def get_outputs(reducer: Reducer) -> list[str]:
    """The output names."""
    return list(reducer.outputs)


@algorithm("Reducer.group")
def group(reducer: Reducer, field: int, name: str) -> Reducer:
    """Reduce separately for every value of input number `field`; the output is a list of dictionaries."""
    field_index = int(field)

    def reduce(inputs: list[Array], weights: Array) -> list[Output]:
        keys = np.asarray(inputs[field_index])
        rest = [np.asarray(each) for i, each in enumerate(inputs) if i != field_index]
        rows = []
        for key in np.unique(keys[np.asarray(weights) > 0]):
            member = keys == key
            results = reducer.reduce([each[member] for each in rest], np.asarray(weights)[member])
            plain = int(key) if float(key).is_integer() else float(key)
            rows.append({name: plain} | {k: _or_none(v) for k, v in zip(reducer.outputs, results, strict=True)})
        return [(rows, True)]

    return Reducer("group", reducer.inputs + 1, ("groups",), reduce, reducer.weighted)


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
