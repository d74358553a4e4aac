"""Bounds and sizes: the grid that an image is asked for when a request gives none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.geometry import shape_of, to_crs
from offline.model.grids import centres, covering, crs_of, with_scale
from offline.model.image import Band, Image, Pixels
from offline.model.values import Projection


@algorithm("Image.clipToBoundsAndScale")
def clip_to_bounds_and_scale(
    image: Image,
    geometry: Any,
    width: int | None,
    height: int | None,
    largest: int | None,
    scale: float | None,
) -> Image:
    """The image inside the bounding box of a geometry, with a grid of the wanted size or cell as its own.

    Raises EngineError for an unbounded image without a geometry, and for sizes that exclude each other.
    """
    if (width is None) != (height is None) or sum(each is not None for each in (width, largest, scale)) > 1:
        raise EngineError("Image.clipToBoundsAndScale: give width and height, or maxDimension, or scale.")
    projection = image.bands[0].projection
    if geometry is None and image.footprint is None:
        if width is None or height is None:
            raise EngineError(
                "Image.clipToBoundsAndScale: the image is unbounded; provide a region or width and height."
            )
        return _sized(image, projection, (int(width), int(height)))
    outline = to_crs(shape_of(image if geometry is None else geometry), crs_of(projection.crs))
    west, south, east, north = outline.bounds
    if largest is not None:
        longer = max(east - west, north - south)
        width = max(1, round(largest * (east - west) / longer))
        height = max(1, round(largest * (north - south) / longer))
    if width is not None and height is not None:
        cell = ((east - west) / width, (north - south) / height)
        grid = Projection(projection.crs, (cell[0], 0.0, west, 0.0, -cell[1], north))
        return _inside(_sized(image, grid, (int(width), int(height))), outline.bounds)
    lattice = projection if scale is None else with_scale(projection, scale)
    cells = covering(outline, lattice, source=crs_of(projection.crs))
    if cells is None:
        raise EngineError("Image.clipToBoundsAndScale: the geometry is empty.")
    grid = Projection(projection.crs, tuple(cells.affine)[:6])
    rows, columns = cells.shape
    return _inside(_sized(image, grid, (columns, rows)), outline.bounds)


def _sized(image: Image, projection: Projection, shape: tuple[int, int]) -> Image:
    bands = (replace(b, projection=projection, shape=shape, resampled=None) for b in image.bands)
    return replace(image, bands=tuple(bands))


def _inside(image: Image, bounds: tuple[float, float, float, float]) -> Image:
    """The image masked where cell centres lie outside of bounds in its own projection."""
    west, south, east, north = bounds

    def clipped(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            values, mask = band.pixels(grid)
            x, y = centres(grid, crs_of(band.projection.crs))
            here = (x >= west) & (x <= east) & (y >= south) & (y <= north)
            return values, np.where(here, mask, 0)

        return replace(band, function=pixels)

    return replace(image, bands=tuple(map(clipped, image.bands)))
