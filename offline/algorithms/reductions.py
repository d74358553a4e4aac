"""Reducing a collection of images to one image, and turning collections into images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.algorithms.masks import joined_type
from offline.algorithms.reducers import SIMPLE, first_weights, make_median
from offline.collection import Collection
from offline.errors import EngineError
from offline.image import Band, Image, Pixels
from offline.registry import add, algorithm
from offline.values import DEFAULT_PROJECTION, DOUBLE, FLOAT, PixelType, Reducer

#: Reducers whose result is one of the values, and so keeps their type.
CHOOSING = {"min", "max", "first", "last", "mode"}
COUNTING = PixelType("int", 0, 2**32 - 1)


def stacked(bands: list[Band], grid: GeoBox) -> tuple[np.ndarray, np.ndarray]:
    """Values and masks (n, y, x) of several bands."""
    pixels = [band.pixels(grid) for band in bands]
    return np.stack([values for values, _ in pixels]), np.stack([mask for _, mask in pixels])


def result_type(reducer: Reducer, source: PixelType) -> PixelType:
    """The pixel type of a reducer's outputs."""
    if reducer.name == "count":
        return COUNTING
    if reducer.name in CHOOSING:
        return source
    return FLOAT if source.precision == "float" else DOUBLE


#: Reductions that need one image at a time: (start, step, finish) over (sum of weights, running value).
def running_mean(bands: list[Band], grid: GeoBox, *, divide: bool) -> Pixels:
    """Weighted sum or mean without holding more than one band."""
    total = np.zeros(tuple(grid.shape), np.float64)
    weight = np.zeros(tuple(grid.shape), np.float64)
    for band in bands:
        values, mask = band.pixels(grid)
        total += values * mask
        weight += mask
    found = weight > 0
    return (total / np.where(found, weight, 1) if divide else total), found.astype(np.float32)


def running_count(bands: list[Band], grid: GeoBox) -> Pixels:
    """Number of valid values."""
    found = np.zeros(tuple(grid.shape), np.int64)
    for band in bands:
        found += band.pixels(grid)[1] > 0
    return found, np.ones(found.shape, bool)


def running_extreme(bands: list[Band], grid: GeoBox, *, largest: bool) -> Pixels:
    """Largest or smallest valid value."""
    pick = np.maximum if largest else np.minimum
    best = np.full(tuple(grid.shape), -np.inf if largest else np.inf)
    found = np.zeros(tuple(grid.shape), bool)
    for band in bands:
        values, mask = band.pixels(grid)
        best = np.where(mask > 0, pick(best, values), best)
        found |= mask > 0
    return np.where(found, best, 0), found


RUNNING: dict[str, Callable[[list[Band], GeoBox], Pixels]] = {
    "sum": partial(running_mean, divide=False),
    "mean": partial(running_mean, divide=True),
    "count": running_count,
    "min": partial(running_extreme, largest=False),
    "max": partial(running_extreme, largest=True),
}


def reduce_images(collection: Collection, reducer: Reducer, *, suffix: bool = True) -> Image:
    """One image from many: band by band, the reducer over the images that have the band.

    The result's projection is the default of composites. Raises EngineError for an empty collection of bands.
    """
    images: list[Image] = collection.elements()
    if not images:
        return Image(())
    names = images[0].names
    if reducer.inputs > 1:
        if len(names) != reducer.inputs:
            raise EngineError(
                f"ImageCollection.reduce: reducer '{reducer.name}' needs {reducer.inputs} inputs; "
                f"the images have {len(names)} bands."
            )
        return Image(tuple(_joint_bands(images, reducer)))
    bands: list[Band] = []
    for name in names:
        same = [band for image in images for band in image.bands if band.name == name]
        bands += _single_bands(same, name, reducer, suffix)
    return Image(tuple(bands))


def _single_bands(bands: list[Band], name: str, reducer: Reducer, suffix: bool) -> list[Band]:
    source = bands[0].type
    for band in bands[1:]:
        source = joined_type(source, band.type)
    kind = result_type(reducer, source)
    if reducer.name in RUNNING and len(reducer.outputs) == 1:
        run = RUNNING[reducer.name]

        def streamed(grid: GeoBox) -> Pixels:
            values, mask = run(bands, grid)
            return values.astype(kind.computing), mask

        functions = [streamed]
    else:
        functions = [partial(_output, bands, reducer, index, kind) for index in range(len(reducer.outputs))]
    return [
        Band(f"{name}_{output}" if suffix else name, kind, function, DEFAULT_PROJECTION, cache=bands[0].cache)
        for output, function in zip(reducer.outputs, functions, strict=True)
    ]


def _output(bands: list[Band], reducer: Reducer, index: int, kind: PixelType, grid: GeoBox) -> Pixels:
    values, masks = stacked(bands, grid)
    result, found = reducer.reduce([values], first_weights(reducer, masks.astype(float)))[index]
    return np.where(found, result, 0).astype(kind.computing), np.asarray(found)


def _joint_bands(images: list[Image], reducer: Reducer) -> list[Band]:
    def output(index: int, grid: GeoBox) -> Pixels:
        inputs, masks = zip(
            *(stacked([image.bands[i] for image in images], grid) for i in range(reducer.inputs)), strict=True
        )
        weights = np.minimum.reduce([mask.astype(float) for mask in masks])
        result, found = reducer.reduce(list(inputs), first_weights(reducer, weights))[index]
        return np.where(found, result, 0).astype(np.float64), np.asarray(found)

    cache = images[0].bands[0].cache
    return [
        Band(name, DOUBLE, partial(output, index), DEFAULT_PROJECTION, cache=cache)
        for index, name in enumerate(reducer.outputs)
    ]


add("ImageCollection.reduce", lambda collection, reducer, _scale: reduce_images(collection, reducer))
for _name in ("sum", "mean", "count", "mode", "product", "stdDev", "variance", "sampleStdDev", "first", "last"):
    from offline.signatures import signatures as _signatures

    if f"reduce.{_name}" in _signatures():
        add(
            f"reduce.{_name}",
            lambda collection, make=SIMPLE[_name]: reduce_images(collection, make(), suffix=False),
        )


def _named_extreme(name: str) -> Callable[[Collection], Image]:
    from offline.algorithms.reducers import _extreme_reducer

    return lambda collection: reduce_images(collection, _extreme_reducer(name, 1), suffix=False)


add("reduce.min", _named_extreme("min"))
add("reduce.max", _named_extreme("max"))
add("reduce.median", lambda collection: reduce_images(collection, make_median(None, None, None), suffix=False))


@algorithm("ImageCollection.toBands")
def to_bands(collection: Collection) -> Image:
    """All bands of all images in one, each name led by the image's index."""
    bands = []
    for position, image in enumerate(collection.elements()):
        index = image.properties.get("system:index", str(position))
        bands += [replace(band, name=f"{index}_{band.name}") for band in image.bands]
    return Image(tuple(bands))


@algorithm("ImageCollection.mosaic")
def mosaic(collection: Collection) -> Image:
    """Later images on top, masked pixels letting through what lies below."""
    images = collection.elements()
    if not images:
        return Image(())

    def laid(name: str) -> Band:
        bands = [band for image in images for band in image.bands if band.name == name]

        def pixels(grid: GeoBox) -> Pixels:
            values, mask = bands[-1].pixels(grid)
            for band in reversed(bands[:-1]):
                below, below_mask = band.pixels(grid)
                values, mask = np.where(mask > 0, values, below), np.where(mask > 0, mask, below_mask)
            return values, mask

        return replace(bands[-1], function=pixels, projection=DEFAULT_PROJECTION, shape=None, resampled=None)

    return Image(tuple(map(laid, images[0].names)))


@algorithm("Image.reduce")
def reduce_bands(image: Image, reducer: Reducer) -> Image:
    """The reducer over the bands of one image."""

    def output(index: int, grid: GeoBox) -> Pixels:
        values, masks = stacked(list(image.bands), grid)
        weights = first_weights(reducer, masks.astype(float))
        inputs: list[Any] = [values] if reducer.inputs == 1 else [values[i::reducer.inputs] for i in range(reducer.inputs)]
        if reducer.inputs > 1:
            weights = np.minimum.reduce([weights[i::reducer.inputs] for i in range(reducer.inputs)])
        result, found = reducer.reduce(inputs, weights)[index]
        return np.where(found, result, 0), np.asarray(found)

    kind = result_type(reducer, image.bands[0].type)
    return Image(
        tuple(
            Band(name, kind, partial(output, index), image.bands[0].projection, cache=image.bands[0].cache)
            for index, name in enumerate(reducer.outputs)
        ),
        footprint=image.footprint,
    )
