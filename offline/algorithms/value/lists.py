"""Lists."""

from __future__ import annotations

from collections.abc import Callable
from types import NoneType
from typing import Any

import numpy as np

from offline.algorithms.value.strings import string
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.image import in_time
from offline.model.plain import numeric, plain, textual
from offline.model.values import Filter, Reducer

#: Elements of a list that an algorithm may make out of nothing.
LONGEST = 10**5


def bounded(number: float, name: str) -> int:
    """A length. Raises EngineError if it is negative or more than the engine makes."""
    if not 0 <= number <= LONGEST:
        raise EngineError(f"{name}: {number:g} elements; the offline engine makes from 0 to {LONGEST}.")
    return int(number)


@algorithm("List.sequence")
def sequence(start: float, end: float | None, step: float | None, count: int | None) -> list[Any]:
    """Numbers from `start`: to `end` inclusive by `step`, or `count` of them."""
    if count is not None:
        number = bounded(count, "List.sequence")
        # With an end the step follows from it; the signature's default step of 1 means nothing then.
        size = (end - start) / max(number - 1, 1) if end is not None else (1 if step is None else step)
        values = [start + i * size for i in range(number)]
    else:
        size = 1 if step is None else step
        if end is None or size == 0:
            raise EngineError("List.sequence: Need 'end' and a step that is not zero, or 'count'.")
        number = bounded(max(0, np.floor((end - start) / size + 1e-9) + 1), "List.sequence")
        values = [start + i * size for i in range(number)]
    return [
        int(v) if float(v).is_integer() and all(float(x).is_integer() for x in (start, size)) else v for v in values
    ]


@algorithm("List.map")
def map_list(items: list[Any], function: Callable[..., Any], drop_nulls: bool) -> list[Any]:
    """The function of every element."""
    results = [function(item) for item in items]
    return [result for result in results if result is not None] if drop_nulls else results


@algorithm("List.iterate")
def iterate(items: list[Any], function: Callable[..., Any], first: Any) -> Any:
    """Fold the list."""
    for item in items:
        first = function(item, first)
    return first


@algorithm("List.reduce")
def reduce(items: list[Any], reducer: Reducer) -> Any:
    """Reduce numbers; the value itself for one output, a dictionary for several."""
    several = reducer.inputs > 1
    columns = [np.asarray(c) for c in zip(*items, strict=True)] if several else [np.asarray(items)]
    results = [plain(r) for r in reducer.reduce(columns, np.ones(len(items)))]
    return results[0] if len(results) == 1 else dict(zip(reducer.outputs, results, strict=True))


def position_of(length: int, index: float, name: str) -> int:
    """A position from 0 on; negative ones count from the end. Raises EngineError if it is none of the list."""
    position = int(index)
    if not -length <= position < length:
        raise EngineError(
            f"{name}: List index must be between 0 and {length - 1}, or -1 and -{length}. Found {position}."
        )
    return position % length


@algorithm("List.get")
def get(items: list[Any], index: int) -> Any:
    """The element at a position; negative positions count from the end."""
    return items[position_of(len(items), index, "List.get")]


@algorithm("List.getNumber")
def get_number(items: list[Any], index: int) -> Any:
    """The number at a position. Raises EngineError if something else is there."""
    return numeric(items[position_of(len(items), index, "List.getNumber")], f"List.getNumber: position {int(index)}")


@algorithm("List.getString")
def get_string(items: list[Any], index: int) -> Any:
    """The string at a position. Raises EngineError if something else is there."""
    return textual(items[position_of(len(items), index, "List.getString")], f"List.getString: position {int(index)}")


@algorithm("List.add")
def add(items: list[Any], item: Any) -> list[Any]:
    """The list with one more element."""
    return [*items, item]


@algorithm("List.cat")
def cat(items: list[Any], other: list[Any]) -> list[Any]:
    """Two lists, one after the other."""
    bounded(len(items) + len(other), "List.cat")
    return [*items, *other]


@algorithm("List.set")
def put(items: list[Any], index: int, item: Any) -> list[Any]:
    """The list with one element replaced."""
    position = position_of(len(items), index, "List.set")
    return [*items[:position], item, *items[position + 1 :]]


@algorithm("List.insert")
def insert(items: list[Any], index: int, item: Any) -> list[Any]:
    """The list with an element put in before a position; the one after the last is the end."""
    if not -len(items) <= int(index) <= len(items):
        raise EngineError(f"List.insert: List index must be between 0 and {len(items)}. Found {int(index)}.")
    position = int(index) if index >= 0 else len(items) + int(index)
    return [*items[:position], item, *items[position:]]


@algorithm("List.size", "List.length")
def size(items: list[Any]) -> int:
    """Number of elements."""
    return len(items)


@algorithm("List.slice")
def cut(items: list[Any], start: int, end: int | None, step: int | None) -> list[Any]:
    """Part of a list."""
    return items[int(start) : None if end is None else int(end) : int(step or 1)]


@algorithm("List.zip")
def pair(items: list[Any], other: list[Any]) -> list[Any]:
    """Pairs of elements, as many as the shorter list has."""
    return [[a, b] for a, b in zip(items, other, strict=False)]


@algorithm("List.unzip")
def unpair(items: list[Any]) -> list[Any]:
    """Lists of the first elements, the second, and so on, as many as the shortest list has."""
    return [list(column) for column in zip(*items, strict=False)]


@algorithm("List.flatten")
def flatten(items: list[Any]) -> list[Any]:
    """All elements of all lists inside, at any depth."""
    return [leaf for item in items for leaf in (flatten(item) if isinstance(item, list) else [item])]


@algorithm("List.contains")
def contains(items: list[Any], item: Any) -> bool:
    """Whether an element is there."""
    return item in items


@algorithm("List.indexOf")
def index_of(items: list[Any], item: Any) -> int:
    """Position of the first such element, or -1."""
    return items.index(item) if item in items else -1


@algorithm("List.distinct")
def distinct(items: list[Any]) -> list[Any]:
    """Each element once."""
    distinct_items: list[Any] = []
    plain: set[Any] = set()
    for item in items:
        in_time()
        if isinstance(item, (int, float, str, NoneType)):
            if item in plain:
                continue
            plain.add(item)
        elif item in distinct_items:
            continue
        distinct_items.append(item)
    return distinct_items


@algorithm("List.remove")
def remove(items: list[Any], item: Any) -> list[Any]:
    """The list without the first such element."""
    position = index_of(items, item)
    return items if position < 0 else [*items[:position], *items[position + 1 :]]


@algorithm("List.removeAll")
def remove_all(items: list[Any], others: list[Any]) -> list[Any]:
    """The list without any of the others."""
    return [item for item in items if item not in others]


@algorithm("List.repeat")
def repeat(value: Any, count: int) -> list[Any]:
    """The same element many times."""
    return [value] * bounded(count, "List.repeat")


@algorithm("List.reverse")
def reverse(items: list[Any]) -> list[Any]:
    """Last to first."""
    return items[::-1]


@algorithm("List.sort")
def sort(items: list[Any], keys: list[Any] | None) -> list[Any]:
    """Sorted, by other values if given."""
    order = sorted(range(len(items)), key=lambda i: (keys or items)[i])
    return [items[i] for i in order]


@algorithm("List.join")
def join(items: list[Any], separator: str) -> str:
    """The elements as one string."""
    return separator.join(map(string, items))


@algorithm("List.filter")
def filter_list(items: list[Any], test: Filter) -> list[Any]:
    """The elements that pass; plain values are seen as the property `item`."""
    return [item for item in items if test.accepts(item)]


@algorithm("List.equals")
def equals(items: list[Any], other: list[Any]) -> bool:
    """Whether two lists are the same."""
    return items == other


@algorithm("List.replace")
def replace_first(items: list[Any], old: Any, new: Any) -> list[Any]:
    """The list with the first such element replaced."""
    position = index_of(items, old)
    return items if position < 0 else put(items, position, new)


@algorithm("List.replaceAll")
def replace_all(items: list[Any], old: Any, new: Any) -> list[Any]:
    """The list with every such element replaced."""
    return [new if item == old else item for item in items]


@algorithm("List.frequency")
def frequency(items: list[Any], item: Any) -> int:
    """How often an element occurs."""
    return items.count(item)


@algorithm("List.containsAll")
def contains_all(items: list[Any], others: list[Any]) -> bool:
    """Whether every one of the others is there."""
    return all(item in items for item in others)


@algorithm("List.swap")
def swap(items: list[Any], one: int, other: int) -> list[Any]:
    """The list with two elements exchanged."""
    return put(put(items, one, items[int(other)]), other, items[int(one)])


@algorithm("List.splice")
def splice(items: list[Any], start: int, count: int, other: list[Any] | None) -> list[Any]:
    """The list with `count` elements from `start` on replaced by those of another list."""
    first = int(start) % len(items) if int(start) < 0 else int(start)
    bounded(len(items) + len(other or []), "List.splice")
    return [*items[:first], *(other or []), *items[first + int(count) :]]


def _positions(items: list[Any], target: list[Any]) -> list[int]:
    return [i for i in range(len(items) - len(target) + 1) if items[i : i + len(target)] == target]


@algorithm("List.indexOfSublist")
def index_of_sublist(items: list[Any], target: list[Any]) -> int:
    """Where a run of elements first begins, or -1."""
    return next(iter(_positions(items, target)), -1)


@algorithm("List.lastIndexOfSubList")
def last_index_of_sublist(items: list[Any], target: list[Any]) -> int:
    """Where a run of elements last begins, or -1."""
    return (_positions(items, target) or [-1])[-1]


@algorithm("List.rotate")
def rotate(items: list[Any], distance: int) -> list[Any]:
    """Elements moved towards the end, those that fall off put in front."""
    step = int(distance) % len(items) if items else 0
    return items[len(items) - step :] + items[: len(items) - step]


@algorithm("List.shuffle")
def shuffle(items: list[Any], seed: Any) -> list[Any]:
    """The elements in an order that follows from the seed; in a new one each time where it is false."""
    generator = np.random.default_rng(None if seed is False else abs(int(seed or 0)))
    return [items[index] for index in generator.permutation(len(items))]
