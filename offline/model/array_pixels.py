"""Pixels that hold an array each.

The values of an array band are a numpy array of objects, (y, x), one array a pixel: pixels may differ in length, as
they do where a collection has gaps. Only pixels that are not masked hold one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.errors import EngineError
from offline.model.image import Band, Image, PixelFunction, Pixels, in_time
from offline.model.values import DOUBLE, PixelType

Array = np.ndarray


def with_axes(kind: PixelType, dimensions: int) -> PixelType:
    """The type with this number of array axes."""
    return replace(kind, dimensions=dimensions)


def per_pixel(bands: Sequence[Band], function: Callable[..., Any], dimensions: int) -> PixelFunction:
    """Pixels of `function` of the values of some bands, where none is masked; scalars if it has no dimensions."""

    def pixels(grid: GeoBox) -> Pixels:
        in_time()
        given = [band.pixels(grid) for band in bands]
        mask = np.minimum.reduce([np.broadcast_to(m, v.shape[:2]).astype(np.float32) for v, m in given])
        here = mask > 0
        try:
            results = np.frompyfunc(function, len(given), 1)(*(values[here] for values, _ in given))
            if dimensions == 0:
                numbers = np.zeros(mask.shape)
                numbers[here] = results.astype(float)
                return numbers, mask
        except (TypeError, ValueError, IndexError, AttributeError) as error:
            raise EngineError(f"Arrays of pixels do not fit: {error}.") from error
        cells = np.empty(mask.shape, object)
        cells[here] = results
        return cells, mask

    return pixels


def cells(values: np.ndarray) -> np.ndarray:
    """An array (y, x, …) as an array (y, x) of arrays, one a pixel."""
    boxed = np.empty(values.shape[:2], object)
    for position in np.ndindex(boxed.shape):
        boxed[position] = values[position]
    return boxed


def constant_array(value: Array) -> Image:
    """The same array everywhere."""

    def pixels(grid: GeoBox) -> Pixels:
        cells = np.empty(tuple(grid.shape), object)
        cells.fill(value)
        return cells, np.ones(tuple(grid.shape), bool)

    return Image((Band("constant", with_axes(DOUBLE, value.ndim), pixels),))
