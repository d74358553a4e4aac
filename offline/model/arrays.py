"""`ee.Array` as numpy has it, not larger than the service allows."""

from __future__ import annotations

from typing import Any

import numpy as np

from offline.errors import EngineError

Array = np.ndarray

#: Numbers in an array, at most, as the service has it.
LARGEST = 2**24


def array_of(values: Any) -> Array:
    """An array from an array, a number, or nested lists of them. Raises EngineError for anything else."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise EngineError("Array: lists must have the same length along every axis.") from error
    if array.dtype.kind not in "iufb":
        raise EngineError(f"Array: cannot be made of {type(values).__name__}; it holds numbers only.")
    return sized(array.astype(np.int64) if array.dtype.kind == "b" else array)


def sized(array: Array) -> Array:
    """The array itself. Raises EngineError if it is too large."""
    room(array.size)
    return array


def room(numbers: int) -> None:
    """Check the size of an array before it is made. Raises EngineError if it would be too large."""
    if numbers > LARGEST:
        raise EngineError(f"Array: {numbers} numbers; at most {LARGEST} are allowed.")
