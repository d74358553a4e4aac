"""Reducing a collection of images to one image, and turning collections into images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from odc.geo.geobox import GeoBox

from offline.algorithms.reducer.reducers import SIMPLE, extreme_reducer, make_median
from offline.errors import EngineError
from offline.graph.registry import add, algorithm
from offline.graph.signatures import signatures
from offline.model.array_pixels import cells
from offline.model.collection import Collection
from offline.model.homogeneous import require_homogeneous
from offline.model.image import Band, Image, PixelFunction, Pixels, kept_properties, pick, remembered
from offline.model.pixel_types import joined_type, result_type
from offline.model.values import DEFAULT_PROJECTION, DOUBLE, PixelType, Projection, Reducer, first_weights

#: Reducers whose output for a pixel would be a list or a table.
LISTING = {"toList", "list", "histogram", "groups", "frequencyHistogram"}
#: Values that a reducer over pairs may hold in memory.
PAIRS_AT_ONCE = 2 * 10**7


def stacked(bands: list[Band], grid: GeoBox) -> tuple[np.ndarray, np.ndarray]:
    """Values and masks (n, y, x) of several bands."""
    pixels = [band.pixels(grid) for band in bands]
    return np.stack([values for values, _ in pixels]), np.stack([mask for _, mask in pixels])


def running_mean(bands: list[Band], grid: GeoBox, *, divide: bool) -> Pixels:
    """Weighted sum or mean without holding more than one band."""
    total = np.zeros(tuple(grid.shape), np.float64)
    weight = np.zeros(tuple(grid.shape), np.float64)
    for band in bands:
        values, mask = band.pixels(grid)
        total += values * mask
        weight += mask
    defined = weight > 0
    return (np.divide(total, weight, out=total, where=defined) if divide else total), defined


def running_count(bands: list[Band], grid: GeoBox) -> Pixels:
    """Number of valid values."""
    number = np.zeros(tuple(grid.shape), np.int64)
    for band in bands:
        number += band.pixels(grid)[1] > 0
    return number, np.ones(number.shape, bool)


def running_extreme(bands: list[Band], grid: GeoBox, *, largest: bool) -> Pixels:
    """Largest or smallest valid value."""
    pick = np.maximum if largest else np.minimum
    best = np.full(tuple(grid.shape), -np.inf if largest else np.inf)
    defined = np.zeros(tuple(grid.shape), bool)
    for band in bands:
        values, mask = band.pixels(grid)
        best = np.where(mask > 0, pick(best, values), best)
        defined |= mask > 0
    return np.where(defined, best, 0), defined


#: Reductions that need only one image at a time.
RUNNING: dict[str, Callable[[list[Band], GeoBox], Pixels]] = {
    "sum": partial(running_mean, divide=False),
    "mean": partial(running_mean, divide=True),
    "count": running_count,
    "min": partial(running_extreme, largest=False),
    "max": partial(running_extreme, largest=True),
}


def reduce_images(collection: Collection, reducer: Reducer, *, suffix: bool = True) -> Image:
    """One image from many: band by band, the reducer over the images that have the band.

    The result's projection is the default of composites. An empty collection gives an image
    without bands. Raises EngineError if a reducer of several inputs meets another number of bands.
    """
    images: list[Image] = collection.elements()
    if not images:
        return Image(())
    require_homogeneous(images)
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
    labels = [f"{name}_{output}" if suffix else name for output in reducer.outputs]
    weighed = reducer.name in ("count", "min", "max") or reducer.weighted
    if reducer.name in RUNNING and len(reducer.outputs) == 1 and weighed:
        run = RUNNING[reducer.name]

        def streamed(grid: GeoBox) -> Pixels:
            values, mask = run(bands, grid)
            return values.astype(kind.computing, copy=False), mask

        return [Band(labels[0], kind, streamed, DEFAULT_PROJECTION)]

    def inputs(grid: GeoBox) -> Pixels:
        values, masks = stacked(bands, grid)
        return values[None], masks

    return outputs_of(reducer, inputs, labels, kind, DEFAULT_PROJECTION)


def _joint_bands(images: list[Image], reducer: Reducer) -> list[Band]:
    def inputs(grid: GeoBox) -> Pixels:
        columns = [stacked([image.bands[i] for image in images], grid) for i in range(reducer.inputs)]
        return (
            np.stack([values.astype(np.float64) for values, _ in columns]),
            np.minimum.reduce([masks.astype(np.float64) for _, masks in columns]),
        )

    return outputs_of(reducer, inputs, list(reducer.outputs), DOUBLE, DEFAULT_PROJECTION)


def outputs_of(
    reducer: Reducer,
    inputs: PixelFunction,
    names: list[str],
    kind: PixelType,
    projection: Projection,
) -> list[Band]:
    """A band for each output of a reducer over `inputs` (input, n, y, x) and their weights (n, y, x).

    The outputs are computed together, rows at a time: reducers over pairs need n² / 2 values for each pixel.
    """

    given: dict[str, int] = reducer.options.get("dimensions", {})
    axes = {index: given[output] for index, output in enumerate(reducer.outputs) if output in given}

    def every(grid: GeoBox) -> Pixels:
        values, masks = inputs(grid)
        weights = first_weights(reducer, masks.astype(np.float64))
        rows = max(1, PAIRS_AT_ONCE // max(1, values.shape[1] ** 2 * values.shape[-1]))
        parts = [
            reducer.reduce(list(values[:, :, top : top + rows]), weights[:, top : top + rows])
            for top in range(0, values.shape[-2], rows)
        ]
        results, defined = [], []
        for index in range(len(names)):
            known = np.concatenate([np.asarray(part[index][1]) for part in parts])
            value = np.concatenate([np.asarray(part[index][0]) for part in parts])
            defined.append(known)
            results.append(cells(value) if index in axes else np.where(known, value, 0))
        return np.array([*results, None], object)[:-1] if axes else np.stack(results), np.stack(defined)

    def output(index: int, grid: GeoBox) -> Pixels:
        results, defined = remembered(every, grid)
        return results[index] if index in axes else results[index].astype(kind.computing), defined[index]

    if any(name in LISTING for name in (reducer.name, *reducer.outputs)):
        raise EngineError(
            f"Reducer '{reducer.name}' gives a list or a table for each pixel; the offline engine has no such images."
        )
    return [
        Band(name, replace(kind, dimensions=axes.get(i, 0)), partial(output, i), projection)
        for i, name in enumerate(names)
    ]


add("ImageCollection.reduce", lambda collection, reducer, _scale: reduce_images(collection, reducer))


def _named(make: Callable[[], Reducer]) -> Callable[[Collection], Image]:
    """The reduction that a collection has as a method: bands keep their names."""
    return lambda collection: reduce_images(collection, make(), suffix=False)


#: Methods of collections whose reducer goes by another name.
METHODS: dict[str, Callable[[], Reducer]] = {
    **SIMPLE,
    "min": partial(extreme_reducer, "min", 1),
    "max": partial(extreme_reducer, "max", 1),
    "median": partial(make_median, None, None, None),
    "and": SIMPLE["allNonZero"],
    "or": SIMPLE["anyNonZero"],
}
for _name, _make in METHODS.items():
    if f"reduce.{_name}" in signatures():
        add(f"reduce.{_name}", _named(_make))


@algorithm("ImageCollection.toBands")
def to_bands(collection: Collection) -> Image:
    """All bands of all images in one, each name led by the image's index."""
    bands = []
    require_homogeneous(collection.elements(), names=False)
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
    require_homogeneous(images)

    def laid(name: str) -> Band:
        bands = [band for image in images for band in image.bands if band.name == name]

        def pixels(grid: GeoBox) -> Pixels:
            values, mask = bands[-1].pixels(grid)
            for band in reversed(bands[:-1]):
                below, below_mask = band.pixels(grid)
                values, mask = (
                    np.where(mask > 0, values, below),
                    np.where(mask > 0, mask, below_mask),
                )
            return values, mask

        return replace(bands[-1], function=pixels, projection=DEFAULT_PROJECTION, shape=None, resampled=None)

    return Image(tuple(map(laid, images[0].names)))


@algorithm("Image.reduce")
def reduce_bands(image: Image, reducer: Reducer) -> Image:
    """The reducer over the bands of one image."""

    def inputs(grid: GeoBox) -> Pixels:
        values, masks = stacked(list(image.bands), grid)
        step = reducer.inputs
        columns = np.stack([values[i::step] for i in range(step)])
        return columns, np.minimum.reduce([masks[i::step] for i in range(step)])

    if not image.bands or len(image.bands) % reducer.inputs:
        raise EngineError(
            f"Image.reduce: reducer '{reducer.name}' needs {reducer.inputs} inputs; "
            f"the image has {len(image.bands)} bands."
        )
    source = image.bands[0].type
    for band in image.bands[1:]:
        source = joined_type(source, band.type)
    kind = result_type(reducer, source)
    bands = outputs_of(reducer, inputs, list(reducer.outputs), kind, image.bands[0].projection)
    return Image(tuple(bands), kept_properties(image), footprint=image.footprint)


@algorithm("ImageCollection.qualityMosaic")
def quality_mosaic(collection: Collection, quality: str) -> Image:
    """At every pixel all bands of the image whose quality band is largest there."""
    images: list[Image] = collection.elements()
    if not images:
        return Image(())
    require_homogeneous(images)
    ranks = [pick(image, quality) for image in images]

    def best(grid: GeoBox) -> Pixels:
        values, masks = stacked(ranks, grid)
        scores = np.where(masks > 0, values.astype(np.float64), -np.inf)
        return scores.argmax(axis=0)[None], np.asarray((masks > 0).any(axis=0))[None]

    def chosen(name: str) -> Band:
        bands = [pick(image, name) for image in images]

        def pixels(grid: GeoBox) -> Pixels:
            index, defined = remembered(best, grid)
            values, masks = stacked(bands, grid)
            mask = np.take_along_axis(masks, index, axis=0)[0]
            return np.take_along_axis(values, index, axis=0)[0], np.where(defined[0], mask, 0)

        return Band(name, bands[0].type, pixels, DEFAULT_PROJECTION)

    return Image(tuple(map(chosen, images[0].names)))
