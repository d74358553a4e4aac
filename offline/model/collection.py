"""Collections: lazy sequences of images or features, with properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from offline.errors import EngineError
from offline.model.geometry import Feature
from offline.model.image import Image
from offline.model.lazy import lazy

#: Elements of one collection.
MOST_ELEMENTS = 5 * 10**5


@dataclass(frozen=True)
class Collection:
    """Elements made when first asked for; `kind` is `ImageCollection` or `FeatureCollection`."""

    kind: str
    make: Callable[[], list[Any]]
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None

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

    def part(self, make: Callable[[], list[Any]]) -> Collection:
        """The collection with some of its elements, or in another order: it keeps its id."""
        return replace(self, make=make)

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
    if isinstance(element, Image) and name == "system:band_names":
        return element.names
    if isinstance(element, Image) and name == "system:bands":
        return {band.name: band.json() for band in element.bands}
    if isinstance(element, Feature) and name == "system:index":
        return element.id
    if isinstance(element, Collection) and name == "system:id":
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
