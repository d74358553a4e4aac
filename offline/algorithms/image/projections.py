"""Projections, resampling, and images of coordinates and areas."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import CRS, Transformer

from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.grids import (
    at,
    centres,
    crs_of,
    is_geographic,
    nominal_scale,
    projection_of,
    read_at,
    through,
    with_scale,
)
from offline.model.image import Band, Image, Pixels
from offline.model.values import DEFAULT_PROJECTION, DOUBLE, FLOAT, WGS84, Projection

#: Of WGS84: equatorial radius in metres, and eccentricity squared.
RADIUS, ECCENTRICITY = 6378137.0, 0.0066943799901413165


@algorithm("Projection")
def make_projection(crs: Any, transform: list[float] | None, wkt: str | None) -> Projection:
    """A projection from a CRS code and a transform. Raises EngineError for a transform as WKT."""
    if wkt is not None:
        raise EngineError("Projection: transformWkt is not supported by the offline engine; give 'transform'.")
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
    """The projection that all bands share. Raises EngineError if they differ."""
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
    """Read between the cells of the bands' own projection, by four or sixteen of them, not by nearest neighbour.

    Raises EngineError for a mode that is neither `bilinear` nor `bicubic`, and for composites and constants, which
    have no cells of their own.
    """
    if mode not in ("bilinear", "bicubic"):
        raise EngineError(f"Image.resample: mode '{mode}' is none; use 'bilinear' or 'bicubic'.")
    return replace(image, bands=tuple(_resampled(band, mode) for band in image.bands))


def _resampled(band: Band, mode: str) -> Band:
    if band.resampled is not None:
        return replace(band.resampled(mode), name=band.name)
    if band.projection == DEFAULT_PROJECTION:
        raise EngineError(
            f"Image.resample: band '{band.name}' is a composite or a constant without cells of its own; "
            f"resample the images that it is made of."
        )
    return through(band, band.projection, mode)


@algorithm("Image.pixelLonLat")
def pixel_lon_lat() -> Image:
    """Longitude and latitude of every cell centre, degrees."""

    def axis(index: int) -> Any:
        def pixels(grid: GeoBox) -> Pixels:
            values = centres(grid, WGS84)[index]
            return values, np.ones(values.shape, bool)

        return pixels

    return Image((Band("longitude", DOUBLE, axis(0)), Band("latitude", DOUBLE, axis(1))))


@algorithm("Image.pixelCoordinates")
def pixel_coordinates(projection: Projection) -> Image:
    """`x` and `y` of every cell centre in a projection, counted in its cells."""

    def axis(index: int) -> Any:
        def pixels(grid: GeoBox) -> Pixels:
            values = at(~Affine(*projection.transform), *centres(grid, projection.crs))[index]
            return values, np.ones(values.shape, bool)

        return pixels

    return Image((Band("x", DOUBLE, axis(0), projection), Band("y", DOUBLE, axis(1), projection)))


@algorithm("Image.changeProj")
def change_projection(image: Image, source: Projection, target: Projection) -> Image:
    """Every pixel moved from its coordinates in one projection to the same coordinates in another."""

    def moved_to(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            column, row = at(~Affine(*target.transform), *centres(grid, target.crs))
            return read_at(band, source, column, row)

        return replace(band, function=pixels, projection=target, shape=None, resampled=None)

    return replace(image, bands=tuple(map(moved_to, image.bands)))


@algorithm("Image.translate")
def translate(image: Image, x: float, y: float, units: str, projection: Projection | None) -> Image:
    """The image moved by a number of metres or of pixels of a projection."""
    if units not in ("meters", "pixels"):
        raise EngineError(f"Image.translate: units '{units}' must be 'meters' or 'pixels'.")

    def moved_by(band: Band) -> Band:
        plane = projection or band.projection
        step = nominal_scale(plane) if units == "meters" else 1.0
        # Rows count downwards where the transform turns y around; metres count upwards.
        down = -1.0 if units == "meters" and plane.transform[4] < 0 else 1.0

        def pixels(grid: GeoBox) -> Pixels:
            column, row = at(~Affine(*plane.transform), *centres(grid, plane.crs))
            return read_at(band, plane, column - x / step, row - down * y / step)

        return replace(band, function=pixels, resampled=None)

    return replace(image, bands=tuple(map(moved_by, image.bands)))


@algorithm("Projection.scale")
def scaled_projection(projection: Projection, x: float, y: float) -> Projection:
    """Cells x and y times as large."""
    a, b, c, d, e, f = projection.transform
    return Projection(projection.crs, (a * x, b * y, c, d * x, e * y, f))


@algorithm("Projection.translate")
def moved_projection(projection: Projection, x: float, y: float) -> Projection:
    """The origin moved by a number of cells."""
    a, b, _, d, e, _ = projection.transform
    return Projection(projection.crs, (a, b, *at(Affine(*projection.transform), x, y)[:1], d, e,
                                       at(Affine(*projection.transform), x, y)[1]))  # fmt: skip


@algorithm("Projection.transform")
def projection_transform(projection: Projection) -> str:
    """The transform as WKT of a parameterised affine transform."""
    a, b, c, d, e, f = projection.transform
    named = [("num_row", 3), ("num_col", 3), ("elt_0_0", a), ("elt_0_1", b), ("elt_0_2", c), ("elt_1_0", d),
             ("elt_1_1", e), ("elt_1_2", f)]  # fmt: skip
    return f'PARAM_MT["Affine", {", ".join(f"PARAMETER[{chr(34)}{n}{chr(34)}, {v}]" for n, v in named)}]'


@algorithm("Projection.wkt")
def projection_wkt(projection: Projection) -> str:
    """The coordinate reference system as WKT."""
    return str(CRS.from_user_input(crs_of(projection.crs)).to_wkt("WKT1_GDAL"))


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
    meridian = RADIUS * (1 - ECCENTRICITY) / (1 - ECCENTRICITY * sine**2) ** 1.5
    parallel = RADIUS / np.sqrt(1 - ECCENTRICITY * sine**2) * np.cos(np.radians(latitude))
    per_degree = meridian * parallel * np.radians(1) ** 2
    if is_geographic(str(grid.crs)):
        return size * per_degree
    x, y = centres(grid)
    return size * per_degree * _degrees_per_unit(str(grid.crs), x, y)


def cell_sides(grid: GeoBox) -> tuple[np.ndarray, np.ndarray]:
    """Width and height (y, x) of the cells in metres on the WGS84 ellipsoid, along their own axes."""
    rows, columns = np.indices(tuple(grid.shape)) + 0.5
    back = Transformer.from_crs(str(grid.crs), WGS84, always_xy=True).transform

    def length(dx: float, dy: float) -> np.ndarray:
        lon0, lat0 = back(*at(grid.affine, columns - dx, rows - dy))
        lon1, lat1 = back(*at(grid.affine, columns + dx, rows + dy))
        sine = np.sin(np.radians((lat0 + lat1) / 2))
        curve = 1 - ECCENTRICITY * sine**2
        north = np.radians(lat1 - lat0) * RADIUS * (1 - ECCENTRICITY) / curve**1.5
        east = np.radians((lon1 - lon0 + 180) % 360 - 180) * RADIUS / np.sqrt(curve) * np.sqrt(1 - sine**2)
        return np.hypot(north, east)

    return length(0.5, 0.0), length(0.0, 0.5)


def _degrees_per_unit(crs: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Square degrees in a square unit of `crs`, by finite differences of one unit."""
    back = Transformer.from_crs(crs_of(crs), WGS84, always_xy=True).transform
    east = np.subtract(back(x + 0.5, y), back(x - 0.5, y))
    north = np.subtract(back(x, y + 0.5), back(x, y - 0.5))
    return np.abs(east[0] * north[1] - east[1] * north[0])
