"""Properties of images and features."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from shapely.geometry.base import BaseGeometry

from offline.errors import EngineError
from offline.graph.regex import fits
from offline.graph.registry import algorithm
from offline.model.collection import Collection, property_names, property_of
from offline.model.geometry import Feature, shape_of
from offline.model.image import Image, constant_band
from offline.model.values import Date, PixelType


def with_properties(element: Any, properties: dict[str, Any]) -> Any:
    """The element with other properties; a feature's id stays."""
    if isinstance(element, Image):
        return element.with_properties(properties)
    return replace(element, properties=properties)


def stored(value: Any) -> Any:
    """A property as it is kept: a date as milliseconds."""
    return value.millis if isinstance(value, Date) else value


@algorithm("Element.get", "Element.getNumber", "Element.getString")
def get(element: Any, name: str) -> Any:
    """A property, or null."""
    return property_of(element, name)


@algorithm("Element.set")
def put(element: Any, name: str, value: Any) -> Any:
    """The element with one property set."""
    return with_properties(element, {**element.properties, name: stored(value)})


@algorithm("Element.setMulti")
def put_many(element: Any, properties: dict[str, Any]) -> Any:
    """The element with several properties set."""
    return with_properties(element, {**element.properties, **{k: stored(v) for k, v in properties.items()}})


@algorithm("Element.propertyNames")
def names(element: Any) -> list[str]:
    """The names of the properties."""
    return property_names(element)


@algorithm("Element.toDictionary")
def to_dictionary(element: Any, wanted: list[str] | None) -> dict[str, Any]:
    """The properties, system properties left out, or those asked for. Raises EngineError for one that is missing."""
    if wanted:
        known = property_names(element)
        missing = [name for name in wanted if name not in known]
        if missing:
            raise EngineError(f"Element.toDictionary: no property '{missing[0]}'; there are {', '.join(known)}.")
        return {name: property_of(element, name) for name in wanted}
    return {name: value for name, value in element.properties.items() if not name.startswith("system:")}


@algorithm("Element.copyProperties", "Image.copyProperties")
def copy_properties(target: Any, source: Any, wanted: list[str] | None, excluded: list[str] | None) -> Any:
    """The target with properties of the source: those asked for, else all but system properties and those excluded.

    Raises EngineError if both are said.
    """
    if wanted and excluded:
        raise EngineError("Element.copyProperties: 'exclude' must not be given with 'properties'.")
    copied = {
        name: value
        for name, value in (source.properties if source is not None else {}).items()
        if (name in wanted if wanted else not name.startswith("system:")) and name not in (excluded or [])
    }
    return with_properties(target, {**target.properties, **copied})


@algorithm("Image.id", "Feature.id")
def identity(element: Any) -> str | None:
    """The `system:index` of an image, the id of a feature."""
    return element.properties.get("system:index") if isinstance(element, Image) else element.id


@algorithm("Feature.geometry", "Element.geometry")
def geometry(element: Any, *_options: Any) -> Any:
    """The outline of an element."""
    return element.geometry if isinstance(element, Feature) else shape_of(element)


@algorithm("Feature.setGeometry")
def set_geometry(feature: Feature, outline: Any) -> Feature:
    """The feature with another geometry."""
    return replace(feature, geometry=None if outline is None else shape_of(outline))


@algorithm("Feature.select")
def select(feature: Any, wanted: list[str], renamed: list[str] | None, keep_geometry: bool) -> Any:
    """The feature with some of its properties, named or matched by regular expressions, renamed if asked.

    Raises EngineError if the new names are not as many as the old ones.
    """
    if renamed is not None and len(renamed) != len(wanted):
        raise EngineError(f"Feature.select: {len(wanted)} properties and {len(renamed)} new names.")
    kept = {}
    for index, pattern in enumerate(wanted):
        if pattern in feature.properties:
            kept[renamed[index] if renamed else pattern] = feature.properties[pattern]
        elif renamed is None:
            kept |= {name: value for name, value in feature.properties.items() if fits(pattern, name)}
    return replace(feature, properties=kept, geometry=feature.geometry if keep_geometry else None)


@algorithm("Image.date")
def image_date(image: Image) -> Date:
    """When the image begins. Raises EngineError if it has no `system:time_start`."""
    start = image.properties.get("system:time_start")
    if start is None:
        raise EngineError("Image.date: the image has no 'system:time_start'.")
    return Date.parse(start)


@algorithm("Image.metadata")
def metadata(image: Image, name: str, band_name: str | None) -> Image:
    """A band of one number: a numeric property of the image.

    Raises EngineError if the property is missing or is no number.
    """
    value = image.properties.get(name)
    if not isinstance(value, (int, float)):
        raise EngineError(f"Image.metadata: property '{name}' is not a number: {value!r}.")
    band = constant_band(band_name or name, float(value))
    # documented: a constant image of type double
    return Image((replace(band, type=PixelType.named("double")),), footprint=image.footprint)


@algorithm("IsEqual")
def is_equal(left: Any, right: Any) -> bool:
    """Whether two objects are the same."""
    return bool(left == right)


@algorithm("ObjectType")
def object_type(value: Any) -> str:
    """The name that Earth Engine has for the type of an object."""
    if isinstance(value, Collection):
        return value.kind
    if isinstance(value, BaseGeometry):
        return "Geometry"
    return TYPES.get(type(value), type(value).__name__)


#: Python type → Earth Engine's name; other types of the engine have the same name in both.
TYPES: dict[type, str] = {
    bool: "Boolean",
    int: "Integer",
    float: "Float",
    str: "String",
    list: "List",
    dict: "Dictionary",
    type(None): "null",
}


@algorithm("Element.replaceProperties")
def replace_properties(target: Any, source: Any) -> Any:
    """The element with the properties of another in place of its own."""
    return with_properties(target, dict(source.properties))


@algorithm("Describe")
def describe(value: Any) -> Any:
    """The value itself: it is shown as JSON in any case."""
    return value
