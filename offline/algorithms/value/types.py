"""Pixel types as values."""

from __future__ import annotations

from functools import partial
from typing import Any

from offline.errors import EngineError
from offline.graph.registry import add, algorithm
from offline.model.pixel_types import type_of
from offline.model.values import INTEGER_RANGES, PixelType

for _name in (*INTEGER_RANGES, "float", "double"):
    add(f"PixelType.{_name}", partial(type_of, _name))


@algorithm("PixelType")
def make_type(precision: Any, low: float | None, high: float | None, dimensions: int) -> PixelType:
    """A type of a precision (`int`, `float`, `double`, or the name of a type) with limits."""
    if any(isinstance(limit, str) for limit in (low, high)):
        raise EngineError("PixelType: 'minValue' and 'maxValue' must be numbers.")
    name = str(precision)
    if name in ("int", "float", "double"):
        if name == "int" and (low is None) != (high is None):
            raise EngineError("PixelType: give both 'minValue' and 'maxValue', or neither.")
        if low is None or high is None:
            # documented: fractions with one limit have none
            low = high = None
        return PixelType(name, low, high, int(dimensions), sure=True)
    known = type_of(precision)
    return PixelType(known.precision, known.low, known.high, int(dimensions), sure=True)


@algorithm("PixelType.dimensions")
def dimensions_of(kind: PixelType) -> int:
    """The number of array axes."""
    return kind.dimensions


@algorithm("PixelType.minValue")
def low_of(kind: PixelType) -> float | None:
    """The smallest value."""
    return kind.low


@algorithm("PixelType.maxValue")
def high_of(kind: PixelType) -> float | None:
    """The largest value."""
    return kind.high


@algorithm("PixelType.precision")
def precision_of(kind: PixelType) -> str:
    """`int`, `float` or `double`."""
    return kind.precision
