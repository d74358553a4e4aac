"""Joins: which elements of one collection have partners in another, and what is kept of the partners."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from offline.algorithms.collection.elements import with_properties
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection, property_of
from offline.model.geometry import Feature
from offline.model.image import in_time
from offline.model.values import Filter

#: An element of the secondary collection, and its measure where the condition has one.
Match = tuple[Any, float | None]


@dataclass(frozen=True)
class Join:
    """A join: what it makes of an element and its matches. `outer` keeps elements without any.

    `pairs`: the result holds new features in place of the primary elements.
    """

    name: str
    combine: Callable[[Any, list[Match]], list[Any]]
    outer: bool = False
    pairs: bool = False

    def json(self) -> dict[str, Any]:
        """As `getInfo` shows it."""
        return {"type": f"Join.{self.name}"}


@algorithm("Join.apply")
def apply(join: Join, primary: Collection, secondary: Collection, condition: Filter) -> Collection:
    """The elements that the join makes of `primary`, in its order."""

    def joined() -> list[Any]:
        found: list[Any] = []
        others = secondary.elements()
        for element in primary.elements():
            in_time()
            matches = [
                (other, condition.measure(element, other) if condition.measure else None)
                for other in others
                if condition.pairs(element, other)
            ]
            if matches or join.outer:
                found += join.combine(element, matches)
        return found

    if join.pairs:
        return Collection("FeatureCollection", joined)
    return primary.derive(joined)


@algorithm("Join.simple")
def simple() -> Join:
    """The elements that have a match."""
    return Join("simple", lambda element, _matches: [element])


@algorithm("Join.inverted")
def inverted() -> Join:
    """The elements that have none."""
    return Join("inverted", lambda element, matches: [] if matches else [element], outer=True)


@algorithm("Join.inner")
def inner(primary: str, secondary: str, measure_key: str | None) -> Join:
    """A feature for every pair."""

    def combine(element: Any, matches: list[Match]) -> list[Any]:
        return [
            Feature(
                None,
                {primary: element, secondary: other} | ({measure_key: measure} if measure_key else {}),
                f"{index_of(element)}_{index_of(other)}",
            )
            for other, measure in matches
        ]

    return Join("inner", combine, pairs=True)


@algorithm("Join.saveAll")
def save_all(key: str, ordering: str | None, ascending: bool, measure_key: str | None, outer: bool) -> Join:
    """The element with the list of its matches as a property."""

    def combine(element: Any, matches: list[Match]) -> list[Any]:
        kept = [marked(*match, measure_key) for match in ordered(matches, ordering, ascending=ascending)]
        return [with_properties(element, {**element.properties, key: kept})]

    return Join("saveAll", combine, outer)


@algorithm("Join.saveFirst")
def save_first(key: str, ordering: str | None, ascending: bool, measure_key: str | None, outer: bool) -> Join:
    """The element with the first of its matches as a property."""

    def combine(element: Any, matches: list[Match]) -> list[Any]:
        if not matches:
            return [element]
        best = ordered(matches, ordering, ascending=ascending)[0]
        return [with_properties(element, {**element.properties, key: marked(*best, measure_key)})]

    return Join("saveFirst", combine, outer)


@algorithm("Join.saveBest")
def save_best(key: str, measure_key: str, outer: bool) -> Join:
    """The element with the nearest of its matches as a property. Raises EngineError without a measure."""

    def combine(element: Any, matches: list[Match]) -> list[Any]:
        if not matches:
            return [element]
        if matches[0][1] is None:
            raise EngineError("Join.saveBest: the condition has no measure; use maxDifference or withinDistance.")
        best = min(matches, key=lambda match: match[1] or 0.0)
        return [with_properties(element, {**element.properties, key: marked(*best, measure_key)})]

    return Join("saveBest", combine, outer)


def index_of(element: Any) -> str:
    """The index of an image or the id of a feature."""
    return str(element.id if isinstance(element, Feature) else element.properties.get("system:index"))


def ordered(matches: list[Match], key: str | None, *, ascending: bool) -> list[Match]:
    """Matches sorted by a property of theirs."""
    if key is None:
        return matches
    return sorted(matches, key=lambda match: property_of(match[0], key), reverse=not ascending)


def marked(element: Any, measure: float | None, key: str | None) -> Any:
    """The match with its measure as a property, where that is asked for."""
    return with_properties(element, {**element.properties, key: measure}) if key and measure is not None else element
