"""Pixels that are arrays: made of bands, collections and neighbourhoods, and made into bands again.

`offline.model.array_pixels` says how such pixels are stored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.algorithms.neighbourhood.kernels import Kernel
from offline.algorithms.neighbourhood.neighbourhoods import Window
from offline.algorithms.value import arrays
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.array_pixels import per_pixel, with_axes
from offline.model.collection import Collection
from offline.model.homogeneous import require_homogeneous
from offline.model.image import Band, Image, Pixels, in_time, kept_properties
from offline.model.pixel_types import joined_type
from offline.model.values import DEFAULT_PROJECTION, DOUBLE, PixelType

Array = np.ndarray


def union_type(bands: Sequence[Band]) -> PixelType:
    """The narrowest type that holds the values of all bands, as scalars."""
    kind = bands[0].type
    for band in bands[1:]:
        kind = joined_type(kind, band.type)
    return with_axes(kind, 0)


@algorithm("Image.toArray")
def to_array(image: Image, axis: int) -> Image:
    """The bands one after the other along an axis; one band named `array`."""
    if not image.bands:
        raise EngineError("Image.toArray: the image has no bands.")
    along = int(axis)
    axes = max(along + 1, *(band.type.dimensions for band in image.bands))

    def joined(*values: Any) -> Array:
        parts = [np.asarray(value) for value in values]
        return arrays.cat([arrays.widened(part, axes - 1, "Image.toArray") for part in parts], along)

    work = per_pixel(image.bands, joined, axes)
    band = Band(
        "array", with_axes(union_type(image.bands), axes), work, image.bands[0].projection, image.bands[0].shape
    )
    return Image((band,), kept_properties(image), footprint=image.footprint)


def series(groups: list[list[Band]], grid: GeoBox, *, whole: bool) -> tuple[Array, Array]:
    """Values (image, band, y, x) and whether they count; with `whole` an image counts only with all its bands."""
    values, masks = [], []
    for group in groups:
        in_time()
        pixels = [band.pixels(grid) for band in group]
        values.append(np.stack([value for value, _ in pixels]))
        masks.append(np.stack([np.broadcast_to(mask, value.shape) > 0 for value, mask in pixels]))
    valid = np.stack(masks)
    if whole:
        valid = np.broadcast_to(valid.all(axis=1, keepdims=True), valid.shape)
    return np.stack(values), valid


@algorithm("ImageCollection.toArray")
def collection_to_array(collection: Collection) -> Image:
    """Per pixel the images with a value in all bands as rows, and the bands as columns; one band named `array`."""
    images: list[Image] = collection.elements()
    if not images:
        return Image(())
    require_homogeneous(images)
    groups = [list(image.bands) for image in images]
    if len({len(group) for group in groups}) != 1:
        raise EngineError("ImageCollection.toArray: all images must have the same number of bands.")

    def pixels(grid: GeoBox) -> Pixels:
        values, valid = series(groups, grid, whole=True)
        cells = np.empty(values.shape[2:], object)
        for position in np.ndindex(cells.shape):
            cells[position] = values[(slice(None), slice(None), *position)][valid[(slice(None), 0, *position)]]
        return cells, np.ones(cells.shape, bool)

    kind = with_axes(union_type([band for group in groups for band in group]), 2)
    return Image((Band("array", kind, pixels, DEFAULT_PROJECTION),))


@algorithm("ImageCollection.toArrayPerBand")
def collection_to_array_per_band(collection: Collection, axis: int, drop_masked: bool) -> Image:
    """Every band of all images along an axis; masked where any is, unless what is masked is left out."""
    images: list[Image] = collection.elements()
    if not images:
        return Image(())
    require_homogeneous(images)

    def made(index: int) -> Band:
        group = [image.bands[index] for image in images]
        axes = max(int(axis) + 1, group[0].type.dimensions)

        def pixels(grid: GeoBox) -> Pixels:
            values, valid = series([[band] for band in group], grid, whole=True)
            mask = np.asarray(np.ones(values.shape[2:], bool) if drop_masked else valid[:, 0].all(axis=0))
            cells = np.empty(mask.shape, object)
            for position in np.argwhere(mask):
                own = values[(slice(None), 0, *position)][valid[(slice(None), 0, *position)]]
                cells[tuple(position)] = (
                    arrays.cat([np.asarray(v).reshape([1] * axes) for v in own], int(axis))
                    if len(own)
                    else np.zeros([0] * axes)
                )
            return cells, mask

        return Band(images[0].names[index], with_axes(union_type(group), axes), pixels, DEFAULT_PROJECTION)

    return Image(tuple(made(index) for index in range(len(images[0].bands))))


@algorithm("Image.neighborhoodToArray")
def neighbourhood_to_array(image: Image, kernel: Kernel, default: float) -> Image:
    """The pixels around each as a matrix, `default` where they are masked."""

    def made(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            window = Window([band], kernel, grid)
            values, mask = window.pixels[0]
            filled = np.where(mask > 0, values, default)
            rows, columns = window.weights.shape
            views = np.lib.stride_tricks.sliding_window_view(filled, (rows, columns))
            cells = np.empty(tuple(grid.shape), object)
            for position in np.ndindex(cells.shape):
                cells[position] = views[position]
            return cells, np.asarray(window.centre(mask))

        return replace(band, type=with_axes(band.type, 2), function=pixels, resampled=None)

    return Image(tuple(map(made, image.bands)), image.properties, footprint=image.footprint)


@algorithm("Image.arrayFlatten")
def array_flatten(image: Image, labels: list[list[str]], separator: str) -> Image:
    """A band for every element, named by the labels of its place on each axis."""
    (source,) = image.bands if len(image.bands) == 1 else (None,)
    if source is None:
        raise EngineError("Image.arrayFlatten: the image must have one band.")
    shape = tuple(len(axis) for axis in labels)
    if source.type.dimensions != len(shape):
        raise EngineError(f"Image.arrayFlatten: {len(shape)} lists of labels for {source.type.dimensions} axes.")

    def element(position: tuple[int, ...]) -> Callable[[Any], float]:
        def pick(value: Any) -> float:
            if value.shape != shape:
                raise EngineError(
                    f"Image.arrayFlatten: a pixel has the shape {list(value.shape)}, the labels {list(shape)}."
                )
            return float(value[position])

        return pick

    bands = []
    for position, names in zip(np.ndindex(shape), product(*labels), strict=True):
        work = per_pixel([source], element(position), 0)
        kind = with_axes(source.type, 0) if source.type.precision != "int" else DOUBLE
        bands.append(Band(separator.join(map(str, names)), kind, work, source.projection, source.shape))
    return Image(tuple(bands), kept_properties(image), footprint=image.footprint)
