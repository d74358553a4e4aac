"""Features painted onto images: values for maps of classes, colours for pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from PIL import ImageColor
from shapely.geometry.base import BaseGeometry

from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.collection import Collection
from offline.model.geometry import Feature, shape_of, to_crs
from offline.model.image import Band, Image, Pixels
from offline.model.inside import inside_plane
from offline.model.pixel_types import joined_type
from offline.model.values import DOUBLE, PixelType

BYTE = PixelType("int", 0, 255)


def burned(shapes_and_values: list[tuple[BaseGeometry, float]], grid: GeoBox, width: float | None) -> Pixels:
    """Geometries in the plane of `grid` as values where they are, later ones over earlier ones; and where they are.

    Areas are filled by cell centres, or, with a `width` in pixels, their outlines drawn; lines and points always.
    """
    values, covered = np.zeros(tuple(grid.shape)), np.zeros(tuple(grid.shape), bool)
    side = float(np.sqrt(abs(grid.affine.determinant)))
    for geometry, value in shapes_and_values:
        drawn = geometry if width is None else geometry.boundary if geometry.area > 0 else geometry
        if drawn.is_empty:
            continue
        if drawn.area == 0 and (width or 1) > 1:
            drawn = drawn.buffer((width or 1) * side / 2)
        here = inside_plane(drawn, grid)
        values[here] = value
        covered |= here
    return values, covered


def property_or(value: Any, feature: Feature, default: float) -> float:
    """A number, or the feature's property of that name."""
    if isinstance(value, str):
        own = feature.properties.get(value)
        return default if own is None else float(own)
    return default if value is None else float(value)


@algorithm("Image.paint")
def paint(image: Image, features: Collection, colour: Any, width: Any) -> Image:
    """The image with the value `colour` where a feature is, or where its outline is if a width is given."""

    def painted(band: Band) -> Band:
        numbers = [property_or(colour, each, 0.0) for each in features.elements()]
        whole = all(number.is_integer() for number in numbers)
        paint_type = PixelType("int", min(numbers, default=0), max(numbers, default=0)) if whole else DOUBLE
        kind = joined_type(band.type, paint_type)

        def pixels(grid: GeoBox) -> Pixels:
            values, mask = band.pixels(grid)
            values, mask = values.astype(kind.computing), np.array(np.broadcast_to(mask, values.shape), np.float32)
            for each, number in zip(features.elements(), numbers, strict=True):
                stroke = None if width is None else property_or(width, each, 1.0)
                _, here = burned([(to_crs(shape_of(each), str(grid.crs)), number)], grid, stroke)
                values[here], mask[here] = number, 1
            return values, mask

        return Band(band.name, kind, pixels, band.projection, band.shape)

    return Image(tuple(map(painted, image.bands)), image.properties, footprint=image.footprint)


def rgba(colour: str) -> tuple[float, float, float, float]:
    """Red, green, blue, 0 to 255, and opacity, 0 to 1, of a CSS colour or of hexadecimal digits.

    Raises EngineError for a colour that is none.
    """
    text = colour.strip()
    digits = len(text) in (3, 6, 8) and all(c in "0123456789abcdefABCDEF" for c in text)
    try:
        red, green, blue, *alpha = ImageColor.getcolor(f"#{text}" if digits else text, "RGBA")  # type: ignore[misc]
    except ValueError as error:
        raise EngineError(f"Invalid color: {colour!r}.") from error
    return red, green, blue, alpha[0] / 255


def layers(features: Collection, style: dict[str, Any], style_property: str | None, grid: GeoBox) -> list[np.ndarray]:
    """Red, green, blue, opacity (y, x) of the features drawn over each other, fill below outline."""
    canvas = [np.zeros(tuple(grid.shape)) for _ in range(4)]
    side = float(np.sqrt(abs(grid.affine.determinant)))
    for each in features.elements():
        own = {**style, **(each.properties.get(style_property) or {})} if style_property else style
        stroke = rgba(own["color"])
        fill = rgba(own["fillColor"]) if own.get("fillColor") else (*stroke[:3], stroke[3] * 0.66)
        geometry = to_crs(shape_of(each), str(grid.crs))
        if geometry.area == 0 and geometry.length == 0:
            geometry = geometry.buffer(float(own["pointSize"]) * side / 2)
        for colour, width in ((fill, None), (stroke, float(own["width"]))):
            if (width is None and geometry.area == 0) or width == 0:
                continue
            _, here = burned([(geometry, 1.0)], grid, width)
            for channel, value in zip(canvas, colour, strict=True):
                channel[here] = value
    return canvas


def drawn(features: Collection, style: dict[str, Any], style_property: str | None) -> Image:
    """Three bands of 0 to 255 with the opacity as mask."""

    def channel(index: int) -> Any:
        def pixels(grid: GeoBox) -> Pixels:
            canvas = layers(features, style, style_property, grid)
            return canvas[index].astype(int), canvas[3]

        return pixels

    names = ("vis-red", "vis-green", "vis-blue")
    return Image(tuple(Band(name, BYTE, channel(index)) for index, name in enumerate(names)))


@algorithm("Collection.draw")
def draw(features: Collection, colour: str, point_radius: int, stroke_width: int) -> Image:
    """The features in one colour."""
    return drawn(features, {"color": colour, "pointSize": 2 * int(point_radius), "width": int(stroke_width)}, None)


@algorithm("Collection.style")
def style(
    features: Collection,
    colour: str,
    point_size: int,
    _point_shape: str,
    width: float,
    fill: str | None,
    style_property: str | None,
    _neighbourhood: int,
    _line_type: str,
) -> Image:
    """The features in a style, or each in that of a property of its own. Points are discs and lines are solid here."""
    return drawn(
        features, {"color": colour, "pointSize": point_size, "width": width, "fillColor": fill}, style_property
    )
