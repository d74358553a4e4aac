"""Filters on the properties of elements; none of them reads a pixel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from offline.errors import EngineError
from offline.graph.registry import add, algorithm
from offline.model.collection import START, property_of
from offline.model.geometry import apart, area, shape_of
from offline.model.image import Image, in_time
from offline.model.values import Date, DateRange, Filter, within

Comparison = Callable[[Any, Any], bool]


def value_of(element: Any, name: str) -> Any:
    """A property of an element; `.geo` is its outline; a plain value is its own `item`."""
    if name in (".geo", ".all"):
        return element
    if getattr(element, "properties", None) is None:
        return element if name == "item" else None
    return property_of(element, name)


def _compared(compare: Comparison) -> Callable[..., Filter]:
    def make(left_field: str | None, right: Any, right_field: str | None, left: Any, *_margin: Any) -> Filter:
        matches = matching(compare, left_field, right, right_field, left)
        return Filter(lambda element: matches(element, element), matches)

    return make


def in_range(left_field: str | None, right: Any, right_field: str | None, left: Any) -> Filter:
    """Passes moments in a range of dates."""
    begins = isinstance(left, DateRange) and left_field is None and right_field == START
    return replace(_compared(_in_range)(left_field, right, right_field, left), span=left if begins else None)


def matching(
    compare: Comparison, left_field: str | None, right: Any, right_field: str | None, left: Any
) -> Callable[[Any, Any], bool]:
    """A comparison of a field (or value) of one element with a field (or value) of another; false for nothing."""

    def matches(first: Any, second: Any) -> bool:
        one = value_of(first, left_field) if left_field is not None else left
        two = value_of(second, right_field) if right_field is not None else right
        return one is not None and two is not None and compare(one, two)

    return matches


def _number(value: Any) -> Any:
    return value.millis if isinstance(value, Date) else value


def _in_range(left: Any, right: Any) -> bool:
    span = left if isinstance(left, DateRange) else right
    moment = right if span is left else left
    if not isinstance(span, DateRange):
        raise EngineError("Filter.dateRangeContains: needs a DateRange and a date.")
    return within(span, Date.parse(moment))


def _unbounded(element: Any) -> bool:
    return isinstance(element, Image) and element.footprint is None


def _intersects(left: Any, right: Any) -> bool:
    return _unbounded(left) or _unbounded(right) or shape_of(left).intersects(shape_of(right))


COMPARISONS: dict[str, Comparison] = {
    "eq": lambda a, b: _number(a) == _number(b),
    "neq": lambda a, b: _number(a) != _number(b),
    "lt": lambda a, b: _number(a) < _number(b),
    "lte": lambda a, b: _number(a) <= _number(b),
    "gt": lambda a, b: _number(a) > _number(b),
    "gte": lambda a, b: _number(a) >= _number(b),
    "inList": lambda a, b: b in a if isinstance(a, list) and not isinstance(b, list) else a in b,
    "listContains": lambda a, b: b in a,
    "stringContains": lambda a, b: b in a,
    "stringStartsWith": lambda a, b: str(a).startswith(b),
    "stringEndsWith": lambda a, b: str(a).endswith(b),
    "intersects": _intersects,
    "disjoint": lambda a, b: not _intersects(a, b),
    "contains": lambda a, b: _unbounded(a) or shape_of(a).contains(shape_of(b)),
    "isContained": lambda a, b: not _unbounded(a) and shape_of(b).contains(shape_of(a)),
}
ALIASES = {
    "eq": "equals",
    "neq": "notEquals",
    "lt": "lessThan",
    "lte": "lessThanOrEquals",
    "gt": "greaterThan",
    "gte": "greaterThanOrEquals",
}
for _name, _compare in COMPARISONS.items():
    add(f"Filter.{_name}", _compared(_compare))
    if _name in ALIASES:
        add(f"Filter.{ALIASES[_name]}", _compared(_compare))


add("Filter.dateRangeContains", in_range)


def _only_filters(filters: list[Any], name: str) -> None:
    for each in filters:
        if not isinstance(each, Filter):
            raise EngineError(f"Filter.{name}: 'filters' must hold filters only, not {type(each).__name__}.")


def timed(filters: list[Filter]) -> Iterator[Filter]:
    """One after the other, as long as the request has time: filters that hold one filter twice soon need ages."""
    for each in filters:
        in_time()
        yield each


@algorithm("Filter.and")
def every(filters: list[Filter]) -> Filter:
    """Passes what all filters pass."""
    _only_filters(filters, "and")
    return Filter(
        lambda element: all(each.accepts(element) for each in timed(filters)),
        lambda left, right: all(each.pairs(left, right) for each in timed(filters)),
        next((each.measure for each in filters if each.measure is not None), None),
    )


@algorithm("Filter.or")
def some(filters: list[Filter]) -> Filter:
    """Passes what any filter passes."""
    _only_filters(filters, "or")
    return Filter(
        lambda element: any(each.accepts(element) for each in timed(filters)),
        lambda left, right: any(each.pairs(left, right) for each in timed(filters)),
        next((each.measure for each in filters if each.measure is not None), None),
    )


@algorithm("Filter.not")
def negated(test: Filter) -> Filter:
    """Passes what the filter does not."""
    return Filter(lambda element: not test.accepts(element), lambda left, right: not test.pairs(left, right))


@algorithm("Filter.always")
def always() -> Filter:
    """Passes everything."""
    return Filter(lambda _element: True)


@algorithm("Filter.never")
def never() -> Filter:
    """Passes nothing."""
    return Filter(lambda _element: False)


@algorithm("Filter.notNull")
def not_null(properties: list[str]) -> Filter:
    """Passes elements that have all the properties."""
    return Filter(lambda element: all(value_of(element, name) is not None for name in properties))


@algorithm("Filter.maxDifference")
def max_difference(difference: float, left_field: str | None, right: Any, right_field: str | None, left: Any) -> Filter:
    """Passes numbers (or dates) that differ by at most `difference`, which is the measure of a join."""
    return measured(lambda a, b: abs(_number(a) - _number(b)), difference, left_field, right, right_field, left)


@algorithm("Filter.withinDistance")
def within_distance(
    metres: float, left_field: str | None, right: Any, right_field: str | None, left: Any, _error: Any
) -> Filter:
    """Passes geometries at most this many metres apart; the distance is the measure of a join."""
    return measured(lambda a, b: apart(shape_of(a), shape_of(b)), metres, left_field, right, right_field, left)


def measured(
    measure: Callable[[Any, Any], float],
    most: float,
    left_field: str | None,
    right: Any,
    right_field: str | None,
    left: Any,
) -> Filter:
    """A filter on a measure of two values, which a join can keep."""
    matches = matching(lambda a, b: measure(a, b) <= most, left_field, right, right_field, left)

    def distance_between(first: Any, second: Any) -> float:
        one = value_of(first, left_field) if left_field is not None else left
        return measure(one, value_of(second, right_field) if right_field is not None else right)

    return Filter(lambda element: matches(element, element), matches, distance_between)


@algorithm("Filter.rangeContains")
def range_contains(field: str, low: Any, high: Any) -> Filter:
    """Passes values from `low` to `high`, both included."""

    def accepts(element: Any) -> bool:
        value = value_of(element, field)
        return value is not None and _number(low) <= _number(value) <= _number(high)

    return Filter(accepts)


@algorithm("Filter.calendarRange")
def calendar_range(start: int, end: int | None, field: str) -> Filter:
    """Passes dates whose field (year, month, day_of_year, …) is in a range; it may wrap, ends included."""
    last = int(start if end is None else end)
    first = int(start)

    def accepts(element: Any) -> bool:
        moment = value_of(element, START)
        if moment is None:
            return False
        value = _field(Date.parse(moment), field)
        return first <= value <= last if first <= last else value >= first or value <= last

    return Filter(accepts)


def _field(moment: Date, name: str) -> int:
    when = moment.moment
    fields = {
        "year": when.year,
        "month": when.month,
        "day_of_month": when.day,
        "day_of_year": when.timetuple().tm_yday,
        "hour": when.hour,
        "minute": when.minute,
    }
    if name not in fields:
        raise EngineError(f"Filter.calendarRange: field '{name}' is not one of {', '.join(fields)}.")
    return fields[name]


@algorithm("Filter.dayOfYear")
def day_of_year(start: int, end: int) -> Filter:
    """Passes days of the year from `start` to `end`, both included; it may wrap."""
    return calendar_range(int(start), int(end), "day_of_year")


@algorithm("Filter.hasGeometry")
def has_geometry() -> Filter:
    """Passes features that have a geometry, and images that have a footprint."""
    return Filter(lambda element: getattr(element, "geometry", getattr(element, "footprint", None)) is not None)


@algorithm("Filter.area")
def area_between(low: float, high: float, _error: Any, selector: str | None) -> Filter:
    """Passes geometries with an area in square metres from `low` to `high`, both included."""
    return Filter(lambda element: low <= area(shape_of(value_of(element, selector or ".geo"))) <= high)
