"""Collections: lazy sequences of images or features, with properties."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import NoneType
from typing import Any, Protocol

from offline.errors import EngineError
from offline.model.geometry import Feature
from offline.model.image import Image
from offline.model.lazy import lazy
from offline.model.values import DateRange

#: The property of when an element begins.
START = "system:time_start"
#: Elements of one collection.
MOST_ELEMENTS = 5 * 10**5


class Stored(Protocol):
    """The images of a stored collection, in its order."""

    def starts(self) -> tuple[list[int], list[int]] | None:
        """As `Collection.starts`."""
        ...

    def images(self, places: Sequence[int]) -> list[Any]:
        """Those at some places."""
        ...

    def values(self, name: str) -> list[Any]:
        """A property of each."""
        ...


@dataclass(frozen=True)
class Collection:
    """Elements made when first asked for; `kind` is `ImageCollection` or `FeatureCollection`.

    `stored`: those of an asset, of which images can be had by time without describing all of them.
    """

    kind: str
    make: Callable[[], list[Any]]
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    stored: Stored | None = None

    @lazy
    def _made(self) -> list[Any]:
        made = self.make()
        if len(made) > MOST_ELEMENTS:
            raise EngineError(
                f"A collection of {len(made)} elements is too large; at most {MOST_ELEMENTS} are allowed."
            )
        return made

    def elements(self) -> list[Any]:
        """The elements, made once."""
        return self._made

    @lazy
    def starts(self) -> tuple[list[int], list[int]] | None:
        """When the elements begin, in order, and the place of each; None where that is not always a number."""
        if self.stored is not None:
            return self.stored.starts()
        begun = []
        for place, element in enumerate(self._made):
            if not isinstance(element, (Feature, Image)):
                return None
            moment = property_of(element, START)
            if not isinstance(moment, (int, float, NoneType)):
                return None
            if moment is not None:
                begun.append((int(moment), place))
        begun.sort()
        return [moment for moment, _ in begun], [place for _, place in begun]

    def within(self, span: DateRange) -> list[Any]:
        """The elements that begin in a range of time, for collections of which `starts` are known."""
        assert self.starts is not None
        moments, places = self.starts
        first = 0 if span.start is None else bisect_left(moments, span.start.millis)
        end = len(moments) if span.end is None else bisect_left(moments, span.end.millis)
        wanted = sorted(places[first:end])
        if self.stored is not None:
            return self.stored.images(wanted)
        return [self._made[place] for place in wanted]

    def part(self, make: Callable[[], list[Any]]) -> Collection:
        """The collection with some of its elements, or in another order: it keeps its id."""
        return replace(self, make=make, stored=None)

    def derive(self, make: Callable[[], list[Any]]) -> Collection:
        """A collection of the same kind and properties with other elements."""
        return Collection(self.kind, make, self.properties)

    def json(self) -> dict[str, Any]:
        """As `getInfo` shows it."""
        body: dict[str, Any] = {"type": self.kind}
        if self.id:
            body |= {"id": self.id, "version": 1}
        if self.properties:
            body["properties"] = dict(self.properties)
        if self.kind == "FeatureCollection":
            body["columns"] = columns(self.elements())
        else:
            body["bands"] = []
        elements = self.elements()
        # An image collection without images has no list of them.
        return {**body, "features": elements} if elements or self.kind == "FeatureCollection" else body


def property_of(element: Any, name: str) -> Any:
    """A property of an image, feature or collection, null where it is missing; some follow from the element itself."""
    if name == "system:band_names" and isinstance(element, Image):
        return element.names
    if name == "system:bands" and isinstance(element, Image):
        return {band.name: band.json() for band in element.bands}
    if name == "system:index" and isinstance(element, Feature):
        return element.id
    if name == "system:id" and isinstance(element, Collection):
        return element.id
    return element.properties.get(name)


def property_names(element: Any) -> list[str]:
    """The names of the properties, those of an image that follow from its bands included."""
    return [*element.properties, *(("system:bands", "system:band_names") if isinstance(element, Image) else ())]


def columns(features: list[Any]) -> dict[str, str]:
    """The type of each property of the first feature, its index among them, as Earth Engine lists them."""
    if not features:
        return {}
    if not isinstance(features[0], (Feature, Image)):
        raise EngineError(f"A collection holds features or images, not {type(features[0]).__name__}.")
    kinds = {bool: "Boolean", int: "Integer", float: "Float", str: "String", list: "List<Object>"}
    index = {"system:index": "String"} if features[0].id is not None else {}
    return {**{key: kinds.get(type(value), "Object") for key, value in features[0].properties.items()}, **index}


def images_of(images: list[Image], properties: Mapping[str, Any] | None = None) -> Collection:
    """An image collection, also where it is empty."""
    return Collection("ImageCollection", lambda: images, properties or {})
