"""`ee.Array`: numbers in any number of dimensions, as numpy has them. The same functions serve pixels of arrays."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from offline.algorithms.reducer.reducers import SIMPLE
from offline.algorithms.value.lists import position_of
from offline.algorithms.value.numbers import tidy
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.arrays import LARGEST, array_of, room, sized
from offline.model.geometry import Feature
from offline.model.pixel_types import type_of
from offline.model.values import INTEGER_RANGES, Reducer, clamped, first_weights

Array = np.ndarray


#: Axes of an array, at most: numpy has no more.
MOST_AXES = 64


def widened(array: Array, axis: float, name: str) -> Array:
    """The array with further axes of length one, so that it has `axis`. Raises EngineError for one far beyond it."""
    if int(axis) >= MOST_AXES:
        raise EngineError(f"{name}: axis {int(axis)} is beyond the {MOST_AXES} axes that an array may have.")
    return array.reshape(*array.shape, *[1] * (int(axis) + 1 - array.ndim))


def axis_of(array: Array, axis: float, name: str) -> int:
    """An axis that the array has. Raises EngineError for another."""
    if not 0 <= int(axis) < max(array.ndim, 1):
        raise EngineError(f"{name}: axis {int(axis)} is not one of the {array.ndim} axes of the array.")
    return int(axis)


@algorithm("Array")
def make(values: Any, kind: Any) -> Array:
    """An array of numbers, of a type where one is given."""
    array = array_of(values)
    if kind is None:
        return array
    target = type_of(kind)
    return cast(array, target.dtype.name if target.precision == "int" else target.precision)


def cast(array: Array, target: str) -> Array:
    """Numbers in another type: whole ones rounded, halves up, and clamped to the range, as Earth Engine shows it."""
    if target not in INTEGER_RANGES:
        return array.astype(np.float32 if target == "float" else np.float64)
    rounded = np.floor(array + 0.5) if array.dtype.kind == "f" else array
    return clamped(rounded, *INTEGER_RANGES[target])


@algorithm("Array.identity")
def identity(size: int) -> Array:
    """A square of ones on the diagonal."""
    if not 1 <= size <= 4096:
        raise EngineError(f"Array.identity: size {int(size)} is not between 1 and 4096.")
    return np.eye(int(size), dtype=np.int64)


@algorithm("Array.get")
def get(array: Array, position: list[float]) -> float:
    """The number at a position, one index an axis."""
    indices = tuple(int(index) for index in position)
    if len(indices) != array.ndim or any(not 0 <= i < n for i, n in zip(indices, array.shape, strict=False)):
        raise EngineError(f"Array.get: position {list(indices)} is not in an array of shape {list(array.shape)}.")
    return tidy(array[indices])


@algorithm("Array.length")
def length(array: Array) -> Array:
    """The length of each axis."""
    return np.array(array.shape, np.int64)


@algorithm("Array.toList")
def to_list(array: Array) -> Any:
    """Nested lists."""
    return array.tolist()


@algorithm("Array.cat")
def cat(arrays: list[Any], axis: int) -> Array:
    """Arrays one after the other along an axis, a new one too."""
    parts = [array_of(each) for each in arrays]
    along = int(axis)
    parts = [widened(part, axis, "Array.cat") for part in parts]
    try:
        return sized(np.concatenate(parts, axis=along))
    except ValueError as error:
        raise EngineError(f"Array.cat: arrays must have the same lengths on all axes but {along}.") from error


@algorithm("Array.slice")
def cut_out(array: Array, axis: int, start: int | None, end: int | None, step: int) -> Array:
    """Positions from `start` to before `end`; negative ones count from the end."""
    along = axis_of(array, axis, "Array.slice")
    if int(step) < 1:
        raise EngineError("Array.slice: 'step' must be at least 1.")
    chosen = slice(int(start or 0), None if end is None else int(end), int(step))
    return array[(slice(None),) * along + (chosen,)]


@algorithm("Array.cut")
def cut(array: Array, position: list[float]) -> Array:
    """One position on each axis; -1 keeps an axis whole."""
    for axis, index in enumerate(position):
        if int(index) >= 0:
            array = cut_out(array, axis, int(index), int(index) + 1, 1)
    return array


@algorithm("Array.project")
def project(array: Array, axes: list[float]) -> Array:
    """Only the axes named, in that order; those dropped must be one long at most."""
    kept = [axis_of(array, axis, "Array.project") for axis in axes]
    dropped = [axis for axis in range(array.ndim) if axis not in kept]
    if any(array.shape[axis] > 1 for axis in dropped):
        raise EngineError(f"Array.project: dropped axes must be at most one long; the shape is {list(array.shape)}.")
    ordered = np.transpose(array, [*kept, *dropped])
    return ordered.reshape(ordered.shape[: len(kept)])


@algorithm("Array.transpose", "Array.matrixTranspose")
def transpose(array: Array, axis1: int, axis2: int) -> Array:
    """Two axes exchanged; an array of fewer axes gets more of length one."""
    wide = widened(array, max(axis1, axis2), "Array.transpose")
    return np.swapaxes(wide, axis_of(wide, axis1, "Array.transpose"), axis_of(wide, axis2, "Array.transpose"))


@algorithm("Array.reshape")
def reshape(array: Array, shape: Array) -> Array:
    """The same numbers in another shape; one length may be -1."""
    wanted = [int(each) for each in np.ravel(shape)]
    try:
        return array.reshape(wanted)
    except ValueError as error:
        raise EngineError(f"Array.reshape: {array.size} numbers do not fit the shape {wanted}.") from error


@algorithm("Array.repeat")
def repeat(array: Array, axis: int, copies: int) -> Array:
    """The array repeated along an axis, which may be new."""
    if not 0 <= copies * array.size <= LARGEST:
        raise EngineError(f"Array.repeat: {int(copies)} copies are too many, or fewer than none.")
    wide = widened(array, axis, "Array.repeat")
    if copies < 1:
        return cut_out(wide, int(axis), 0, 0, 1)
    return np.concatenate([wide] * int(copies), axis=int(axis))


@algorithm("Array.pad")
def pad(array: Array, lengths: list[float], value: float) -> Array:
    """Extended to at least the given length on each axis, with `value` at the end."""
    wanted = [int(each) for each in lengths]
    if len(wanted) != array.ndim:
        raise EngineError(f"Array.pad: {len(wanted)} lengths for {array.ndim} axes.")
    more = [(0, max(0, target - own)) for target, own in zip(wanted, array.shape, strict=True)]
    room(prod(own + gap for own, (_, gap) in zip(array.shape, more, strict=True)))
    return np.pad(array, more, constant_values=value)


@algorithm("Array.mask")
def mask(array: Array, chosen: Array) -> Array:
    """Positions where the mask is not zero; the mask is one long on all axes but one."""
    wide = chosen.reshape(*chosen.shape, *[1] * (array.ndim - chosen.ndim))
    long = [axis for axis, size in enumerate(wide.shape) if size != 1]
    if len(long) > 1 or any(wide.shape[axis] != array.shape[axis] for axis in long):
        raise EngineError(f"Array.mask: a mask of shape {list(chosen.shape)} does not fit {list(array.shape)}.")
    axis = long[0] if long else 0
    return np.compress(np.broadcast_to(wide.ravel() != 0, array.shape[axis]), array, axis=axis)


@algorithm("Array.argmax")
def argmax(array: Array) -> list[int] | None:
    """The position of the first of the largest numbers."""
    return [int(i) for i in np.unravel_index(int(array.argmax()), array.shape)] if array.size else None


@algorithm("Array.sort")
def sort(array: Array, keys: Array | None) -> Array:
    """In rising order along the axis that is longer than one, or in the order of the keys, ties as they are."""
    by = array if keys is None else keys
    long = [axis for axis, size in enumerate(by.shape) if size > 1]
    if len(long) > 1:
        raise EngineError("Array.sort: the keys must be longer than one on one axis only.")
    axis = long[0] if long else 0
    if by.shape[axis : axis + 1] != array.shape[axis : axis + 1]:
        raise EngineError(f"Array.sort: keys of shape {list(by.shape)} do not fit {list(array.shape)}.")
    return np.take(array, np.argsort(by.ravel(), kind="stable"), axis=axis)


@algorithm("Array.dotProduct")
def dot_product(one: Array, other: Array) -> float:
    """Sum of products of two vectors."""
    if one.ndim != 1 or one.shape != other.shape:
        raise EngineError("Array.dotProduct: needs two vectors of the same length.")
    return tidy(one @ other)


@algorithm("Array.reduce")
def reduce(array: Array, reducer: Reducer, axes: list[float], field: int | None) -> Array:
    """The axes reduced to length one; inputs and outputs of a reducer of several lie along the field axis."""
    along = [axis_of(array, axis, "Array.reduce") for axis in axes]
    if field is None and (reducer.inputs > 1 or len(reducer.outputs) > 1):
        raise EngineError(f"Array.reduce: '{reducer.name}' has several inputs or outputs and needs 'fieldAxis'.")
    field_axis = None if field is None else int(field)
    if field_axis is not None and (
        field_axis in along or not 0 <= field_axis < array.ndim or array.shape[field_axis] != reducer.inputs
    ):
        raise EngineError(
            f"Array.reduce: fieldAxis {field_axis} must hold the {reducer.inputs} inputs and not be reduced."
        )
    inputs = (
        [array]
        if field_axis is None
        else [np.take(array, [i], axis=field_axis) for i in range(array.shape[field_axis])]
    )
    flat = [np.moveaxis(each, along, range(len(along))).reshape(-1, *_rest(each, along)) for each in inputs]
    results = reducer.reduce(flat, first_weights(reducer, np.ones(flat[0].shape)))
    outputs = [np.where(defined, value, 0) for value, defined in results if not isinstance(value, (list, dict))]
    if len(outputs) != len(results):
        raise EngineError(f"Array.reduce: '{reducer.name}' does not give numbers.")
    whole = [np.expand_dims(each.reshape(_rest(inputs[0], along)), sorted(along)) for each in outputs]
    return whole[0] if field_axis is None else np.concatenate(whole, axis=field_axis)


def _rest(array: Array, axes: list[int]) -> tuple[int, ...]:
    return tuple(size for axis, size in enumerate(array.shape) if axis not in axes)


@algorithm("Array.accum")
def accumulate(array: Array, axis: int, reducer: Reducer | None) -> Array:
    """At each position the reduction (the sum) of all up to it."""
    along = axis_of(array, axis, "Array.accum")
    work = reducer or SIMPLE["sum"]()
    steps = [reduce(cut_out(array, along, 0, end, 1), work, [along], None) for end in range(1, array.shape[along] + 1)]
    return np.concatenate(steps, axis=along) if steps else array


@algorithm("Array.bitsToArray")
def bits(number: float) -> Array:
    """The bits of a whole number, the lowest first."""
    value = int(number)
    if value < 0:
        raise EngineError("Array.bitsToArray: the number must not be negative.")
    return np.array([int(digit) for digit in reversed(f"{value:b}")], np.int64)


@algorithm("Dictionary.toArray")
def dictionary_to_array(values: dict[str, Any], keys: list[str] | None, axis: int) -> Array:
    """The numbers of a dictionary, in the order of the keys."""
    chosen = keys or sorted(values)
    lost = [key for key in chosen if key not in values]
    if lost:
        raise EngineError(f"Dictionary.toArray: there is no key '{lost[0]}'.")
    return cat([np.atleast_1d(array_of(values[key])) for key in chosen], int(axis))


@algorithm("Feature.toArray")
def feature_to_array(feature: Feature, names: list[str]) -> Array:
    """Properties as a vector."""
    return array_of([feature.properties.get(name) for name in names])


@algorithm("List.getArray", "Dictionary.getArray", "Element.getArray")
def get_array(container: Any, key: Any) -> Array:
    """An element of a list, a value of a dictionary or a property, as an array."""
    if isinstance(container, list):
        element = container[position_of(len(container), key, "List.getArray")]
        if not isinstance(element, (list, np.ndarray)):
            raise EngineError(f"List.getArray: position {int(key)} is not an array: {str(element)[:80]!r}.")
        return array_of(element)
    values = container if isinstance(container, dict) else container.properties
    if values.get(key) is None:
        raise EngineError(f"getArray: there is no '{key}'.")
    return array_of(values[key])
