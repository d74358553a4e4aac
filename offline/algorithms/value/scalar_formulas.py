"""Formulas of single values: `Number.expression` and `Filter.expression`, by the grammar of `Image.expression`."""

from __future__ import annotations

import math
from typing import Any

from offline.algorithms.collection.filters import COMPARISONS, every, matching, negated, some
from offline.errors import EngineError
from offline.graph.formula import Node, parse
from offline.graph.registry import algorithm, algorithms
from offline.graph.signatures import signatures
from offline.model.values import Filter

MATH = {"PI": math.pi, "E": math.e}


@algorithm("Number.expression")
def number_expression(text: str, given: dict[str, Any] | None) -> Any:
    """The number that a formula means; `vals.x` is an entry of a dictionary, `add(x, y)` an algorithm of numbers.

    Raises EngineError if the formula cannot be read, or for a name that is not given.
    """
    return _number(parse(text, "Number.expression"), {"Math": MATH, **(given or {})}, text)


def _number(node: Node, given: dict[str, Any], text: str) -> Any:
    kind = node[0]
    if kind == "number":
        return node[1]
    if kind == "name":
        return _entry(given, node[1], text)
    if kind == "bands" and len(node[2]) == 1:
        return _entry(_number(node[1], given, text), node[2][0], text)
    if kind == "choice":
        return _number(node[2] if _number(node[1], given, text) else node[3], given, text)
    if kind == "unary":
        value = _number(node[2], given, text)
        return {"plus": value, "negate": -value}[node[1]] if node[1] in ("plus", "negate") else _call(node[1], [value])
    if kind == "binary":
        return _call(node[1], [_number(each, given, text) for each in node[2:]])
    if kind == "call" and f"Number.{node[1]}" in signatures():
        return _call(node[1], [_number(each, given, text) for each in node[2]])
    raise EngineError(f"Number.expression: '{text}' holds what is no formula of numbers ({node[1]}).")


def _entry(table: Any, name: Any, text: str) -> Any:
    if not isinstance(table, dict) or name not in table:
        raise EngineError(f"Number.expression: '{name}' in '{text}' is not given.")
    return table[name]


def _call(name: str, values: list[Any]) -> Any:
    return algorithms()[f"Number.{name}"](*values)


@algorithm("Filter.expression")
def filter_expression(text: str) -> Filter:
    """The filter that a text such as `year > 2000 && name == "Gobi"` means; names are properties.

    Raises EngineError for anything but comparisons of a property with a value or another property, `!`, `&&`, `||`
    and parentheses.
    """
    return _filter(parse(text, "Filter.expression"), text)


def _filter(node: Node, text: str) -> Filter:
    if node[0] == "binary" and node[1] in ("and", "or"):
        return {"and": every, "or": some}[node[1]]([_filter(each, text) for each in node[2:]])
    if node[0] == "unary" and node[1] == "not":
        return negated(_filter(node[2], text))
    if node[0] != "binary" or node[1] not in ("eq", "neq", "lt", "lte", "gt", "gte"):
        raise EngineError(f"Filter.expression: '{text}' is not made of comparisons, such as 'year > 2000'.")
    (field, value), (other_field, other) = (_operand(each, text) for each in node[2:])
    matches = matching(COMPARISONS[node[1]], field, other, other_field, value)
    return Filter(lambda element: matches(element, element), matches)


def _operand(node: Node, text: str) -> tuple[str | None, Any]:
    """The name of a property, or a value."""
    if node[0] == "name":
        return {"true": (None, True), "false": (None, False)}.get(node[1], (node[1], None))
    if node[0] in ("number", "text"):
        return None, node[1]
    if node[0] == "unary" and node[1] == "negate" and node[2][0] == "number":
        return None, -node[2][1]
    if node[0] == "bands" and len(node[2]) == 1:
        return f"{_operand(node[1], text)[0]}.{node[2][0]}", None
    raise EngineError(f"Filter.expression: '{text}' compares something that is neither a property nor a value.")
