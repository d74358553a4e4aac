"""Slope, aspect and light of a terrain, from the four neighbours of each pixel."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from odc.geo.geobox import GeoBox

from offline.algorithms.image.pixelwise import cast
from offline.algorithms.image.projections import cell_sides
from offline.algorithms.neighbourhood.neighbourhoods import padded
from offline.errors import EngineError
from offline.graph.registry import add
from offline.model.image import Band, Image, Pixels, kept_properties
from offline.model.values import FLOAT

Array = np.ndarray


def gradient(band: Band, grid: GeoBox) -> tuple[Array, Array, Array]:
    """Rise of the first band per metre to the east and to the north, from the four neighbours; and the mask."""
    values, mask = band.pixels(padded(grid, 1, 1, 1, 1))
    values = values.astype(float)
    width, height = cell_sides(grid)
    east = (values[1:-1, 2:] - values[1:-1, :-2]) / (2 * width)
    north = (values[:-2, 1:-1] - values[2:, 1:-1]) / (2 * height)
    known = [mask[1:-1, 1:-1], mask[1:-1, 2:], mask[1:-1, :-2], mask[:-2, 1:-1], mask[2:, 1:-1]]
    return east, north, np.minimum.reduce(known)


def slope_degrees(east: Array, north: Array) -> Array:
    """Steepness, degrees."""
    return np.degrees(np.arctan(np.hypot(east, north)))


def aspect_degrees(east: Array, north: Array) -> Array:
    """Direction that a slope faces, degrees clockwise from north."""
    return np.degrees(np.arctan2(-east, -north)) % 360


def _terrain_band(name: str, source: Band, function: Callable[[Array, Array], Array]) -> Band:
    def pixels(grid: GeoBox) -> Pixels:
        east, north, mask = gradient(source, grid)
        return function(east, north), mask

    return Band(name, FLOAT, pixels, source.projection, source.shape)


def _shade(azimuth: float, elevation: float) -> Callable[[Array, Array], Array]:
    def shade(east: Array, north: Array) -> Array:
        zenith, turn = np.radians(90 - elevation), np.radians(azimuth)
        slope, aspect = np.arctan(np.hypot(east, north)), np.radians(aspect_degrees(east, north))
        light = np.cos(zenith) * np.cos(slope) + np.sin(zenith) * np.sin(slope) * np.cos(turn - aspect)
        return 255 * np.maximum(light, 0)

    return shade


def elevation_of(image: Image) -> Band:
    """The band `elevation`, or the only one. Raises EngineError if it is not clear which."""
    for band in image.bands:
        if band.name == "elevation" or len(image.bands) == 1:
            return band
    raise EngineError("Terrain: the image must have a single band, or one named 'elevation'.")


def slope(image: Image) -> Image:
    """Slope in degrees from the four neighbours."""
    return Image((_terrain_band("slope", elevation_of(image), slope_degrees),), kept_properties(image))


def aspect(image: Image) -> Image:
    """Aspect in degrees, 0 north, 90 east."""
    return Image((_terrain_band("aspect", elevation_of(image), aspect_degrees),), kept_properties(image))


def hillshade(image: Image, azimuth: float, elevation: float) -> Image:
    """Light from a sun at `azimuth` and `elevation` degrees, 0 to 255."""
    return Image((_terrain_band("hillshade", elevation_of(image), _shade(azimuth, elevation)),), kept_properties(image))


def products(image: Image) -> Image:
    """The bands of the image, then slope, aspect, and (in bytes) hillshade from the west at 45°."""
    more = [slope(image), aspect(image), cast(hillshade(image, 270.0, 45.0), "uint8")]
    return Image((*image.bands, *(band for each in more for band in each.bands)), image.properties)


for _name, _function in (("slope", slope), ("aspect", aspect), ("hillshade", hillshade), ("products", products)):
    add(f"Terrain.{_name}", _function)
add("Terrain", products)
