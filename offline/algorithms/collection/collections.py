"""Collections: loading, mapping, choosing, sorting, joining elements, and aggregating their properties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from offline.algorithms.collection.elements import with_properties
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection, images_of, property_of
from offline.model.geometry import Feature, shape_of
from offline.model.image import Image
from offline.model.plain import plain
from offline.model.values import Filter, Reducer


@algorithm("ImageCollection.fromImages")
def from_images(images: list[Image]) -> Collection:
    """A collection of the images."""
    return images_of([with_index(image, str(i)) for i, image in enumerate(images)])


@algorithm("Collection")
def collection(features: list[Any]) -> Collection:
    """A collection of the features."""
    return Collection("FeatureCollection", lambda: [with_index(f, str(i)) for i, f in enumerate(features)])


def with_index(element: Any, index: str) -> Any:
    """The element with a `system:index`, its own where it has one."""
    if isinstance(element, Image):
        return element.with_properties({"system:index": index, **element.properties})
    if isinstance(element, Feature) and element.id is None:
        return replace(element, id=index)
    return element


@algorithm("Collection.map")
def map_collection(source: Collection, function: Callable[..., Any], drop_nulls: bool) -> Collection:
    """The function of every element. Raises EngineError if it gives none and nulls are kept."""

    def mapped() -> list[Any]:
        results = []
        for element in source.elements():
            result = function(element)
            if result is None:
                if drop_nulls:
                    continue
                raise EngineError("Collection.map: A mapped algorithm must return a Feature or Image.")
            index = element.properties.get("system:index") if isinstance(element, Image) else element.id
            if isinstance(result, Image):
                result = result.with_properties({**result.properties, "system:index": index})
            elif isinstance(result, Feature):
                result = replace(result, id=index)
            results.append(result)
        return results

    made = source.derive(mapped)
    return made if source.kind == "FeatureCollection" else replace(made, kind=source.kind)


@algorithm("Collection.iterate")
def iterate(source: Collection, function: Callable[..., Any], first: Any) -> Any:
    """Fold the elements: the function of each and of the result so far."""
    for element in source.elements():
        first = function(element, first)
    return first


@algorithm("Collection.filter")
def filter_collection(source: Collection, test: Filter) -> Collection:
    """The elements that pass the filter."""

    def passing() -> list[Any]:
        if test.span is not None and source.starts is not None:
            return source.within(test.span)
        return [element for element in source.elements() if test.accepts(element)]

    return source.part(passing)


@algorithm("Collection.limit")
def limit(source: Collection, number: int | None, key: str | None, ascending: bool) -> Collection:
    """The elements sorted by a property, and no more than `number` of them."""

    def limited() -> list[Any]:
        elements = list(source.elements())
        if key is not None:
            present = [element for element in elements if property_of(element, key) is not None]
            absent = [element for element in elements if property_of(element, key) is None]
            present.sort(key=lambda element: property_of(element, key), reverse=not ascending)
            elements = present + absent
        return elements if number is None else elements[: int(number)]

    return source.part(limited)


@algorithm("Collection.first")
def first(source: Collection) -> Any:
    """The first element, or nothing."""
    elements = source.elements()
    return elements[0] if elements else None


@algorithm("Collection.size")
def size(source: Collection) -> int:
    """The number of elements."""
    return len(source.elements())


@algorithm("Collection.toList")
def to_list(source: Collection, number: int, offset: int) -> list[Any]:
    """Elements as a list, from `offset` on."""
    return list(source.elements()[int(offset) : int(offset) + int(number)])


@algorithm("Collection.merge", "ImageCollection.merge")
def merge(one: Collection, other: Collection) -> Collection:
    """The elements of both; indices are led by 1_ and 2_, as Earth Engine does."""

    def merged() -> list[Any]:
        return [
            _reindexed(element, f"{number}_")
            for number, source in ((1, one), (2, other))
            for element in source.elements()
        ]

    return one.derive(merged)


def _reindexed(element: Any, prefix: str) -> Any:
    if isinstance(element, Image):
        index = f"{prefix}{element.properties.get('system:index', '')}"
        return element.with_properties({**element.properties, "system:index": index})
    return replace(element, id=f"{prefix}{element.id or ''}")


@algorithm("Collection.distinct")
def distinct(source: Collection, properties: list[str]) -> Collection:
    """The first element of every combination of property values."""

    def kept() -> list[Any]:
        seen: dict[str, Any] = {}
        names = [properties] if isinstance(properties, str) else properties
        for element in source.elements():
            seen.setdefault(repr([_told_apart(element, name) for name in names]), element)
        return list(seen.values())

    return source.part(kept)


def _told_apart(element: Any, name: str) -> Any:
    """A property, or the outline for `.geo`."""
    if name != ".geo":
        return property_of(element, name)
    outline = element.geometry if isinstance(element, Feature) else shape_of(element)
    return None if outline is None else outline.wkb


@algorithm("Collection.flatten")
def flatten(source: Collection) -> Collection:
    """The elements of a collection of collections."""
    return source.derive(lambda: [e for inner in source.elements() for e in inner.elements()])


@algorithm("Collection.reduceColumns")
def reduce_columns(
    source: Collection, reducer: Reducer, selectors: list[str], weights: list[str] | None
) -> dict[str, Any]:
    """Reduce properties of the elements; an element that lacks one is left out."""
    rows = [[property_or_id(element, name) for name in [*selectors, *(weights or [])]] for element in source.elements()]
    rows = [row for row in rows if all(value is not None for value in row)]
    inputs = [column(list(values)) for values in zip(*rows, strict=True)] or [np.array([])] * len(selectors)
    weight = np.asarray(inputs[len(selectors)], float) if weights else np.ones(len(rows))
    results = reducer.reduce(inputs[: len(selectors)], weight)
    return dict(zip(reducer.outputs, map(plain, results), strict=True))


def column(values: list[Any]) -> Any:
    """Numbers as an array, anything else as the list it is."""
    numeric = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    return np.asarray(values) if numeric else values


def property_or_id(element: Any, name: str) -> Any:
    """A property; `system:id` of an image is its id, or its index if it has none."""
    if name == "system:id" and isinstance(element, Image):
        return element.id or element.properties.get("system:index")
    return property_of(element, name)


@algorithm("Collection.geometry")
def geometry(source: Collection, _error: Any, _max: Any = None) -> Any:
    """The union of the elements' outlines."""
    return shape_of(source)


@algorithm("Feature")
def feature(outline: Any, properties: dict[str, Any] | None, _key: Any) -> Feature:
    """A feature of a geometry and properties."""
    return Feature(None if outline is None else shape_of(outline), dict(properties or {}))


@algorithm("Collection.remap")
def remap(source: Collection, old: list[Any], new: list[Any], name: str) -> Collection:
    """A property replaced by a table; elements whose value is not listed are left out."""
    if len(old) != len(new):
        raise EngineError(f"Collection.remap: lookupIn has {len(old)} values, lookupOut {len(new)}.")
    table = dict(zip(old, new, strict=True))

    def remapped() -> list[Any]:
        return [
            with_properties(element, {**element.properties, name: table[property_of(element, name)]})
            for element in source.elements()
            if property_of(element, name) in table
        ]

    return source.derive(remapped)
