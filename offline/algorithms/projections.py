"""Projections, resampling, and images of coordinates and areas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from offline.errors import EngineError
from offline.grids import centres, crs_of, is_geographic, nominal_scale, through, with_scale
from offline.image import Band, Image, Pixels
from offline.registry import algorithm
from offline.values import DEFAULT_PROJECTION, DOUBLE, FLOAT, WGS84, Projection


def projection_of(crs: Any, transform: list[float] | None = None) -> Projection:
    """A projection from its name or itself, with another transform if one is given."""
    base = crs if isinstance(crs, Projection) else Projection(str(crs))
    return Projection(base.crs, tuple(float(value) for value in transform)) if transform else base


@algorithm("Projection")
def make_projection(crs: Any, transform: list[float] | None, _wkt: str | None) -> Projection:
    """A projection from a CRS code and a transform."""
    return projection_of(crs, transform)


@algorithm("Projection.nominalScale")
def projection_scale(projection: Projection) -> float:
    """Cell size in metres."""
    return nominal_scale(projection)


@algorithm("Projection.crs")
def projection_crs(projection: Projection) -> str:
    """The CRS code."""
    return projection.crs


@algorithm("Projection.atScale")
def at_scale(projection: Projection, metres: float) -> Projection:
    """The projection with square cells of that size."""
    return with_scale(projection, metres)


@algorithm("Image.projection")
def image_projection(image: Image) -> Projection:
    """The projection that all bands share. Raises EngineError where they differ."""
    projections = {band.projection for band in image.bands}
    if len(projections) != 1:
        raise EngineError(
            "Image.projection: The bands of the specified image contains different projections. "
            "Use Image.select to pick a single band."
        )
    return projections.pop()


@algorithm("Image.setDefaultProjection")
def set_default_projection(image: Image, crs: Any, transform: list[float] | None, scale: float | None) -> Image:
    """Say in which projection the bands are, without computing anything."""
    projection = projection_of(crs, transform)
    if scale is not None:
        projection = with_scale(projection, scale)
    return replace(image, bands=tuple(replace(band, projection=projection) for band in image.bands))


@algorithm("Image.reproject")
def reproject(image: Image, crs: Any, transform: list[float] | None, scale: float | None) -> Image:
    """Compute the image on the cells of a projection, whatever grid is asked for afterwards."""
    projection = projection_of(crs, transform)
    if scale is not None:
        projection = with_scale(projection, scale)
    return replace(image, bands=tuple(through(band, projection) for band in image.bands))


@algorithm("Image.resample")
def resample(image: Image, mode: str) -> Image:
    """Read bilinearly between the cells of the bands' own projection instead of by nearest neighbour.

    Raises EngineError for `bicubic`, which this engine does not have, and for composites and constants, which have
    no cells of their own.
    """
    if mode != "bilinear":
        raise EngineError(f"Image.resample: mode '{mode}' is not supported by the offline engine; use 'bilinear'.")
    return replace(image, bands=tuple(map(_resampled, image.bands)))


def _resampled(band: Band) -> Band:
    if band.resampled is not None:
        return replace(band.resampled("bilinear"), name=band.name)
    if band.projection == DEFAULT_PROJECTION:
        raise EngineError(
            f"Image.resample: band '{band.name}' is a composite or a constant without cells of its own; "
            f"resample the images that it is made of."
        )
    return through(band, band.projection, "bilinear")


@algorithm("Image.pixelLonLat")
def pixel_lon_lat() -> Image:
    """Longitude and latitude of every cell centre, degrees."""

    def axis(index: int) -> Any:
        def pixels(grid: GeoBox) -> Pixels:
            values = centres(grid, WGS84)[index]
            return values, np.ones(values.shape, bool)

        return pixels

    return Image((Band("longitude", DOUBLE, axis(0)), Band("latitude", DOUBLE, axis(1))))


@algorithm("Image.pixelArea")
def pixel_area() -> Image:
    """Area of every cell, square metres on the WGS84 ellipsoid."""

    def pixels(grid: GeoBox) -> Pixels:
        area = cell_area(grid)
        return area, np.ones(area.shape, bool)

    return Image((Band("area", FLOAT, pixels),))


def cell_area(grid: GeoBox) -> np.ndarray:
    """Area (y, x) of the cells, by the local scale of the projection at their centres."""
    a, b, _, d, e, _ = tuple(grid.affine)[:6]
    size = abs(a * e - b * d)
    _, latitude = centres(grid, WGS84)
    sine = np.sin(np.radians(latitude))
    squared = 0.0066943799901413165  # eccentricity of WGS84, squared
    meridian = 6378137 * (1 - squared) / (1 - squared * sine**2) ** 1.5
    parallel = 6378137 / np.sqrt(1 - squared * sine**2) * np.cos(np.radians(latitude))
    per_degree = meridian * parallel * np.radians(1) ** 2
    if is_geographic(str(grid.crs)):
        return size * per_degree
    x, y = centres(grid)
    return size * per_degree * _degrees_per_unit(str(grid.crs), x, y)


def _degrees_per_unit(crs: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Square degrees in a square unit of `crs`, by finite differences of one unit."""
    back = Transformer.from_crs(crs_of(crs), WGS84, always_xy=True).transform
    east = np.subtract(back(x + 0.5, y), back(x - 0.5, y))
    north = np.subtract(back(x, y + 0.5), back(x, y - 0.5))
    return np.abs(east[0] * north[1] - east[1] * north[0])
