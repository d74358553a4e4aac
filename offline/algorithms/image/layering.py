"""Laying images over each other, and giving bands other types."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.algorithms.image.bands import add_bands
from offline.algorithms.image.pixelwise import cast, pairs
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection
from offline.model.image import Band, Image, Pixels, constant_band
from offline.model.pixel_types import joined_type, type_of


@algorithm("Image.blend")
def blend(bottom: Image, top: Image) -> Image:
    """`top` over `bottom`, the mask of `top` as its opacity."""

    def blended(a: Band, b: Band) -> Band:
        kind = joined_type(a.type, b.type)

        def pixels(grid: GeoBox) -> Pixels:
            below, below_mask = a.pixels(grid)
            above, above_mask = b.pixels(grid)
            opacity = above_mask + below_mask * (1 - above_mask)
            mixed = above * above_mask + below * below_mask * (1 - above_mask)
            values = np.divide(mixed, opacity, out=np.zeros(mixed.shape), where=opacity > 0)
            if kind.precision == "int":
                values = np.rint(values)
            return values.astype(kind.computing), opacity

        return replace(a, type=kind, function=pixels, resampled=None)

    longer = top if len(top.bands) > len(bottom.bands) else bottom
    matched = zip(pairs(bottom, top, "blend"), longer.names, strict=True)
    return replace(bottom, bands=tuple(replace(blended(a, b), name=name) for (a, b), name in matched))


@algorithm("Image.cast")
def cast_bands(image: Image, types: dict[str, Any], order: list[str] | None) -> Image:
    """The named bands in other types, those that are not there added transparent, all in the order that is given.

    Raises EngineError for an order that does not name every band once.
    """
    names = [*image.names, *sorted(name for name in types if name not in image.names)]
    if order and sorted(order) != sorted(names):
        raise EngineError(f"Image.cast: 'bandOrder' must name every band once: {', '.join(names)}.")
    own = {band.name: band for band in image.bands}
    made = {name: _typed(own.get(name), name, types[name]) if name in types else own[name] for name in order or names}
    return replace(image, bands=tuple(made.values()))


def _typed(band: Band | None, name: str, wanted: Any) -> Band:
    """A band in another type; without one, a transparent band of that type."""
    target = type_of(wanted)
    kind = target.dtype.name if target.precision == "int" else target.precision
    plain = Image((band or constant_band(name, 0),))
    (made,) = cast(plain, kind).bands
    if band is not None:
        return made

    def nothing(grid: GeoBox) -> Pixels:
        values, mask = made.pixels(grid)
        return values, np.zeros_like(mask)

    return replace(made, function=nothing)


@algorithm("ImageCollection.cast")
def cast_collection(collection: Collection, types: dict[str, Any], order: list[str]) -> Collection:
    """`Image.cast` of every image. Raises EngineError for types that do not name all bands of all images."""
    if sorted(order) != sorted(types):
        raise EngineError(
            f"ImageCollection.cast: 'bandOrder' ({', '.join(order)}) must name the same bands as 'bandTypes' "
            f"({', '.join(types)})."
        )

    def converted() -> list[Any]:
        images = collection.elements()
        lost = sorted({name for image in images for name in image.names} - {*types})
        if lost:
            raise EngineError(f"ImageCollection.cast: 'bandTypes' does not name band '{lost[0]}' of an image.")
        return [cast_bands(image, types, order) for image in images]

    return collection.derive(converted)


@algorithm("ImageCollection.combine")
def combine(primary: Collection, secondary: Collection, overwrite: bool) -> Collection:
    """The images whose index is in both, with the bands of both."""

    def combined() -> list[Any]:
        others = {image.properties.get("system:index"): image for image in secondary.elements()}
        return [
            add_bands(image, others[image.properties.get("system:index")], None, overwrite)
            for image in primary.elements()
            if image.properties.get("system:index") in others
        ]

    return primary.derive(combined)
