"""From values to colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from PIL import ImageColor

from offline.algorithms.image.bands import select
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.image import Band, Image, Pixels, kept_properties
from offline.model.values import FLOAT, PixelType

BYTE = PixelType("int", 0, 255)
#: Names of the bands of a picture.
COLOURED, GREY = ("vis-red", "vis-green", "vis-blue"), ("vis-gray",)


def numbers(value: Any, count: int, default: float) -> list[float]:
    """One number a band, from a number, a list, or text with commas."""
    if value is None:
        return [default] * count
    parts = [float(part) for part in (str(value).split(",") if not isinstance(value, list) else value)]
    return parts * count if len(parts) == 1 else parts


def colours(palette: Any) -> np.ndarray:
    """The colours (n, 3) of a palette given as a list or as text with commas.

    Raises EngineError for a colour that is none.
    """
    names = palette.split(",") if isinstance(palette, str) else palette

    def read(name: str) -> tuple[int, ...]:
        text = name.strip()
        hexadecimal = len(text) in (3, 6) and all(c in "0123456789abcdefABCDEF" for c in text)
        try:
            return ImageColor.getrgb(f"#{text}" if hexadecimal else text)[:3]
        except ValueError as error:
            raise EngineError(f"Image.visualize: Invalid color in palette: {name!r}.") from error

    return np.array([read(name) for name in names], float)


@algorithm("Image.visualize")
def visualize(
    image: Image,
    bands: Any,
    gain: Any,
    bias: Any,
    low: Any,
    high: Any,
    gamma: Any,
    opacity: float | None,
    palette: Any,
    force_rgb: bool,
) -> Image:
    """Three bands of 0 to 255, of three bands or of one with a palette; one band of grey without, unless `force_rgb`.

    `min` and `max` stretch linearly, otherwise `gain` and `bias`; `gamma` bends; `opacity` scales the mask.
    """
    wanted = bands.split(",") if isinstance(bands, str) else bands
    chosen = list((select(image, wanted, None) if wanted else image).bands)
    chosen = chosen[:1] if len(chosen) < 3 else chosen[:3]
    count = len(chosen)
    lows, highs = numbers(low, count, 0.0), numbers(high, count, _default_high(chosen))
    gains, biases = numbers(gain, count, 1.0), numbers(bias, count, 0.0)
    gammas = numbers(gamma, count, 1.0)
    table = colours(palette) if palette else None

    def stretched(index: int, grid: GeoBox) -> Pixels:
        values, mask = chosen[index].pixels(grid)
        if gain is not None or bias is not None:
            unit = (values * gains[index] + biases[index]) / 255
        else:
            span = highs[index] - lows[index]
            unit = (values - lows[index]) / (span or 1)
        unit = np.clip(np.nan_to_num(unit), 0, 1) ** (1 / gammas[index])
        return unit, mask * (1.0 if opacity is None else opacity)

    def channel(index: int) -> Any:
        def pixels(grid: GeoBox) -> Pixels:
            unit, mask = stretched(min(index, count - 1), grid)
            if table is None:
                return np.rint(unit * 255).astype(int), mask
            colour_position = unit * (len(table) - 1)
            return np.rint(np.interp(colour_position, range(len(table)), table[:, index])).astype(int), mask

        return pixels

    names = COLOURED if force_rgb or table is not None or count > 1 else GREY
    return Image(
        tuple(Band(name, BYTE, channel(i), chosen[0].projection, chosen[0].shape) for i, name in enumerate(names)),
        image.properties,
        footprint=image.footprint,
    )


def _default_high(bands: list[Band]) -> float:
    """The top of the stretch where none is given: the range of a byte, one for fractions."""
    kind = bands[0].type
    return float(kind.high) if kind.precision == "int" and kind.high is not None else 1.0


def converted(image: Image, names: tuple[str, str, str], function: Callable[[np.ndarray], np.ndarray]) -> Image:
    """Three bands from three, of values from 0 to 1; masked where any is."""
    if len(image.bands) != 3:
        raise EngineError(f"Image: a colour space needs 3 bands; the image has {len(image.bands)}.")

    def channel(index: int) -> Callable[[GeoBox], Pixels]:
        def pixels(grid: GeoBox) -> Pixels:
            given = [band.pixels(grid) for band in image.bands]
            stacked = np.clip(np.stack([values for values, _ in given], axis=-1).astype(float), 0, 1)
            return function(stacked)[..., index], np.minimum.reduce([mask for _, mask in given])

        return pixels

    first = image.bands[0]
    bands = (Band(name, FLOAT, channel(index), first.projection, first.shape) for index, name in enumerate(names))
    return Image(tuple(bands), kept_properties(image), footprint=image.footprint)


@algorithm("Image.rgbToHsv")
def rgb_to_hsv(image: Image) -> Image:
    """Hue, saturation and value."""
    from matplotlib.colors import rgb_to_hsv as convert

    return converted(image, ("hue", "saturation", "value"), convert)


@algorithm("Image.hsvToRgb")
def hsv_to_rgb(image: Image) -> Image:
    """Red, green and blue."""
    from matplotlib.colors import hsv_to_rgb as convert

    return converted(image, ("red", "green", "blue"), convert)
