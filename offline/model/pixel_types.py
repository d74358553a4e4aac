"""Pixel types: from a name, of two joined bands, and of what a reducer gives."""

from __future__ import annotations

from typing import Any

from offline.errors import EngineError
from offline.model.values import DOUBLE, FLOAT, INTEGER_RANGES, PixelType, Reducer


def joined_type(a: PixelType, b: PixelType) -> PixelType:
    """The narrowest type that holds the values of both."""
    if a == b and a.sure and b.sure:
        return a
    if a.precision == b.precision == "int":
        lows = [value for value in (a.low, b.low) if value is not None]
        highs = [value for value in (a.high, b.high) if value is not None]
        whole = len(lows) == len(highs) == 2
        return PixelType("int", min(lows), max(highs)) if whole else PixelType("int")
    if "double" in (a.precision, b.precision):
        return DOUBLE
    return FLOAT


def type_of(wanted: Any) -> PixelType:
    """A pixel type from itself or its name. Raises EngineError for a name that there is not."""
    if isinstance(wanted, PixelType):
        return wanted
    short = {"byte": "uint8", "short": "int16", "int": "int32", "long": "int64"}.get(str(wanted), str(wanted))
    if short not in (*INTEGER_RANGES, "float", "double"):
        raise EngineError(f"Image.cast: unknown type '{wanted}'.")
    return PixelType.named(short)


#: Reducers whose result is one of the values, and so keeps their type.
CHOOSING = {"min", "max", "first", "last", "mode"}


COUNTING = PixelType("int", 0, 2**32 - 1)


def result_type(reducer: Reducer, source: PixelType) -> PixelType:
    """The pixel type of a reducer's outputs."""
    if reducer.name.startswith("count"):
        return COUNTING
    if reducer.name in CHOOSING:
        return source
    return FLOAT if source.precision == "float" else DOUBLE
