"""Arithmetic on plain numbers: the same operators as on pixels, one value at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from offline.errors import EngineError
from offline.graph.registry import add, algorithm, algorithms
from offline.graph.signatures import signatures
from offline.model.operators import ARITHMETIC, BITWISE, CASTS, LOGICAL, SPELLINGS, UNARY
from offline.model.values import INTEGER_RANGES


def tidy(value: Any) -> int | float:
    """A numpy number as a plain one; booleans as 0 and 1."""
    number = np.asarray(value).item()
    return int(number) if isinstance(number, bool) else number


def _two(left: float, right: float, function: Callable[..., Any], name: str) -> int | float:
    if name in BITWISE:
        left, right = _bits(left, name), _bits(right, name)
    with np.errstate(all="ignore"):
        result = tidy(function(np.asarray(left), np.asarray(right)))
    return float(result) if name == "divide" else result


def _bits(value: float, name: str) -> int:
    if value != int(value):
        raise EngineError(f"Number.{name}: Bitwise operands must be integers, not {value}.")
    return int(value)


def _one(value: float, function: Callable[..., Any]) -> int | float:
    with np.errstate(all="ignore"):
        return tidy(function(np.asarray(value)))


def _cast(value: float, target: str) -> int | float:
    if target not in INTEGER_RANGES:
        return float(np.float32(value)) if target == "float" else float(value)
    low, high = INTEGER_RANGES[target]
    return int(min(max(value, low), high))


for _name, _function in {**ARITHMETIC, **LOGICAL, **BITWISE}.items():
    add(f"Number.{_name}", partial(_two, function=_function, name=_name))
for _name, _unary in UNARY.items():
    if f"Number.{_name}" in signatures():
        add(f"Number.{_name}", partial(_one, function=_unary))
for _name, _target in CASTS.items():
    if f"Number.{_name}" in signatures():
        add(f"Number.{_name}", partial(_cast, target=_target))
for _name, _now in SPELLINGS.items():
    add(f"Number.{_name}", algorithms()[f"Number.{_now}"])
for _name in ("first", "firstNonZero", "first_nonzero"):
    add(f"Number.{_name}", lambda left, right, zeros=_name == "first": left if left or zeros else right)


@algorithm("Number.clamp")
def clamp(number: float, low: float, high: float) -> float:
    """The number, no smaller than `low` and no larger than `high`."""
    return min(max(number, low), high)


@algorithm("If")
def choose(condition: Any, yes: Any, no: Any) -> Any:
    """One of two values; zero, an empty string, false and null are false."""
    return yes if condition else no


@algorithm("ErrorMargin")
def error_margin(value: float | None, _unit: str) -> float | None:
    """A tolerance; geometries here are exact, so it has no effect."""
    return value


@algorithm("Number.format")
def format_number(number: float, pattern: str) -> str:
    """A number by a printf pattern. Raises EngineError for a pattern that does not fit."""
    if pattern == "%s":
        return str(number)
    if re.search(r"\d{4}", pattern):
        raise EngineError(f"Number.format: a width in the pattern '{pattern[:80]}' is more than 999.")
    whole = pattern.rstrip().endswith(("d", "x", "X", "o")) or re.search(r"%[-+ 0,]*\d*[dxXo]", pattern)
    try:
        return pattern % (int(number) if whole and float(number).is_integer() else number)
    except (TypeError, ValueError) as error:
        raise EngineError(f"Number.format: pattern '{pattern}' does not fit {number}.") from error


@algorithm("Number.parse")
def parse(text: str, radix: int) -> int | float:
    """The number that a string shows. Raises EngineError if it shows none."""
    try:
        return int(text, int(radix))
    except ValueError:
        try:
            return float(text)
        except ValueError as error:
            raise EngineError(f"Number.parse: cannot convert '{text}' to a number.") from error


@algorithm("Number.unitScale")
def unit_scale(number: float, low: float, high: float) -> float:
    """Scale so that `low` becomes 0 and `high` 1, without clamping; 0 where they are the same."""
    return (number - low) / (high - low) if high != low else 0.0
