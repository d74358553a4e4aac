"""`ee.Array`: operators and casts, element by element."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from offline.algorithms.value.arrays import cast
from offline.errors import EngineError
from offline.graph.registry import add, algorithms
from offline.graph.signatures import signatures
from offline.model.arrays import array_of
from offline.model.operators import ARITHMETIC, BITWISE, CASTS, LOGICAL, SPELLINGS, UNARY

Array = np.ndarray


def elementwise(left: Array, right: Array, function: Callable[..., Any], name: str) -> Array:
    """A binary operator element by element; a single number meets all. Raises EngineError if shapes differ."""
    a, b = array_of(left), array_of(right)
    if a.shape != b.shape and a.size != 1 and b.size != 1:
        raise EngineError(f"Array.{name}: shapes {list(a.shape)} and {list(b.shape)} do not match.")
    if name in BITWISE or name in SPELLINGS:
        a, b = _whole(a, name), _whole(b, name)
    with np.errstate(all="ignore"):
        result = np.asarray(function(a, b if b.size != 1 or a.size == 1 else b.reshape(())))
    return result.astype(np.int64) if result.dtype.kind == "b" else result


def _whole(array: Array, name: str) -> Array:
    whole = array.astype(np.int64)
    if (whole != array).any():
        raise EngineError(f"Array.{name}: Bitwise operands must be integers.")
    return whole


def single(array: Array, function: Callable[..., Any]) -> Array:
    """A unary operator element by element."""
    with np.errstate(all="ignore"):
        result = np.asarray(function(array_of(array)))
    return result.astype(np.int64) if result.dtype.kind == "b" else result


for _name, _function in {**ARITHMETIC, **LOGICAL, **BITWISE}.items():
    add(f"Array.{_name}", partial(elementwise, function=_function, name=_name))


for _name, _unary in UNARY.items():
    if f"Array.{_name}" in signatures():
        add(f"Array.{_name}", partial(single, function=_unary))


for _name, _target in CASTS.items():
    if f"Array.{_name}" in signatures():
        add(f"Array.{_name}", lambda array, target=_target: cast(array_of(array), target))


for _name, _now in SPELLINGS.items():
    add(f"Array.{_name}", algorithms()[f"Array.{_now}"])


add("Array.first", partial(elementwise, function=lambda a, b: a + 0 * b, name="first"))


for _name in ("firstNonZero", "first_nonzero"):
    add(f"Array.{_name}", partial(elementwise, function=lambda a, b: np.where(a != 0, a, b), name=_name))
