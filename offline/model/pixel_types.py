"""Pixel types: from a name, of two joined bands, and of what a reducer gives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from offline.errors import EngineError
from offline.model.values import DOUBLE, FLOAT, INTEGER_RANGES, PixelType, Reducer

#: Whole numbers up to this size fit into 32-bit fractions.
EXACT = 2**24


def joined_type(a: PixelType, b: PixelType) -> PixelType:
    """The union of two types: the narrowest that holds the values of both, with a range where both have one."""
    limits = limits_of(a, b)
    sure = a.sure and b.sure
    if a.precision == b.precision == "int":
        return PixelType("int", *limits, sure=sure, precise=True)
    wider = "double" if "double" in (a.precision, b.precision) else "float"
    precise = a.precise and b.precise and (wider == "double" or all(exact(each) for each in (a, b)))
    return PixelType(wider, *limits, sure=sure and precise, precise=precise)


def limits_of(a: PixelType, b: PixelType) -> tuple[float | None, float | None]:
    """The range of both; none where one of them has none."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return None, None
    return min(a.low, b.low), max(a.high, b.high)


def exact(kind: PixelType) -> bool:
    """Whether 32-bit fractions hold all values of the type, so that its union with them is one of them."""
    if kind.precision != "int":
        return True
    return kind.low is not None and kind.high is not None and max(-kind.low, kind.high) <= EXACT


def unsure(kind: PixelType) -> PixelType:
    """The type, of which only the precision is known to be the service's."""
    return replace(kind, sure=False)


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
