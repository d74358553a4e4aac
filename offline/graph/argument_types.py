"""The declared types of arguments: whether a value fits one, and how the service names the type of a value."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from shapely.geometry.base import BaseGeometry

from offline.model.collection import Collection
from offline.model.values import DateRange, Filter, PixelType, Reducer

#: What values of a declared type are; other types are left to the algorithm.
CLASSES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("Float", "Number", "Integer", "Long", "Double"), (int, float)),
    "String": (str, int, float),
    "Boolean": (bool, int, float),
    "List": (list, np.ndarray),
    "Dictionary": (dict,),
    "DateRange": (DateRange,),
    "Filter": (Filter,),
    "Reducer": (Reducer,),
    "PixelType": (PixelType, str),
}


def fits(value: Any, kind: str) -> bool:
    """Whether a value may stand for an argument of a declared type."""
    expected = _expected(kind)
    if expected is not None:
        return isinstance(value, expected)
    return type(value).__name__ == kind if kind in ("Kernel", "Join") else True


@cache
def _expected(kind: str) -> tuple[type, ...] | None:
    return CLASSES.get(kind.split("<")[0])


def type_name(value: Any) -> str:
    """The type of a value as Earth Engine words it."""
    named = {bool: "Boolean", int: "Integer", float: "Float", str: "String", list: "List", dict: "Dictionary"}
    if isinstance(value, Collection):
        return value.kind
    if isinstance(value, np.ndarray):
        return "Array"
    return named.get(type(value), "Geometry" if isinstance(value, BaseGeometry) else type(value).__name__)
