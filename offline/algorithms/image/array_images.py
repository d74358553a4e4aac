"""Pixels that are arrays: made of bands or of collections, worked on by the functions of `arrays` and `matrices`.

How such pixels are held is told in `offline.model.array_pixels`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.algorithms.image.pixelwise import pairs
from offline.algorithms.neighbourhood.kernels import Kernel
from offline.algorithms.neighbourhood.neighbourhoods import Window
from offline.algorithms.value import arrays, matrices
from offline.errors import EngineError
from offline.graph.registry import add, algorithm
from offline.model.array_pixels import constant_array, per_pixel, with_axes
from offline.model.collection import Collection
from offline.model.homogeneous import require_homogeneous
from offline.model.image import Band, Image, Pixels, in_time, kept_properties
from offline.model.pixel_types import joined_type
from offline.model.values import DEFAULT_PROJECTION, DOUBLE, PixelType, Reducer

Array = np.ndarray


def mapped(image: Image, function: Callable[[Array], Any], dimensions: Callable[[int], int]) -> Image:
    """Every band through a function of its arrays; `dimensions` tells how many axes come of how many."""

    def made(band: Band) -> Band:
        axes = dimensions(band.type.dimensions)
        kind = with_axes(DOUBLE if axes == 0 else band.type, axes)
        work = per_pixel([band], lambda value: function(np.asarray(value)), axes)
        return replace(band, type=kind, function=work, resampled=None)

    return Image(tuple(map(made, image.bands)), kept_properties(image), footprint=image.footprint)


def paired(
    left: Image, right: Image, name: str, function: Callable[[Array, Array], Any], dimensions: Callable[[int, int], int]
) -> Image:
    """Matched bands of two images through a function of two arrays."""

    def made(a: Band, b: Band) -> Band:
        axes = dimensions(a.type.dimensions, b.type.dimensions)
        kind = with_axes(DOUBLE if axes == 0 else joined_type(a.type, b.type), axes)
        work = per_pixel([a, b], lambda one, two: function(np.asarray(one), np.asarray(two)), axes)
        return replace(a, type=kind, function=work, resampled=None)

    bands = tuple(made(a, b) for a, b in pairs(left, right, name))
    return Image(bands, kept_properties(left), footprint=left.footprint)


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
        for place in np.ndindex(cells.shape):
            cells[place] = values[(slice(None), slice(None), *place)][valid[(slice(None), 0, *place)]]
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
            for place in np.argwhere(mask):
                own = values[(slice(None), 0, *place)][valid[(slice(None), 0, *place)]]
                cells[tuple(place)] = (
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
            for place in np.ndindex(cells.shape):
                cells[place] = views[place]
            return cells, np.asarray(window.centre(mask))

        return replace(band, type=with_axes(band.type, 2), function=pixels, resampled=None)

    return Image(tuple(map(made, image.bands)), image.properties, footprint=image.footprint)


@algorithm("Image.arrayGet")
def array_get(image: Image, position: Image) -> Image:
    """The number at a position that the bands of another image give, one an axis."""

    def made(band: Band) -> Band:
        def picked(value: Any, *place: Any) -> float:
            return arrays.get(np.asarray(value), list(place))

        return replace(band, type=DOUBLE, function=per_pixel([band, *position.bands], picked, 0), resampled=None)

    return Image(tuple(map(made, image.bands)), kept_properties(image), footprint=image.footprint)


@algorithm("Image.arrayFlatten")
def array_flatten(image: Image, labels: list[list[str]], separator: str) -> Image:
    """A band for every element, named by the labels of its place on each axis."""
    (source,) = image.bands if len(image.bands) == 1 else (None,)
    if source is None:
        raise EngineError("Image.arrayFlatten: the image must have one band.")
    shape = tuple(len(axis) for axis in labels)
    if source.type.dimensions != len(shape):
        raise EngineError(f"Image.arrayFlatten: {len(shape)} lists of labels for {source.type.dimensions} axes.")

    def element(place: tuple[int, ...]) -> Callable[[Any], float]:
        def pick(value: Any) -> float:
            if value.shape != shape:
                raise EngineError(
                    f"Image.arrayFlatten: a pixel has the shape {list(value.shape)}, the labels {list(shape)}."
                )
            return float(value[place])

        return pick

    bands = []
    for place, names in zip(np.ndindex(shape), product(*labels), strict=True):
        work = per_pixel([source], element(place), 0)
        kind = with_axes(source.type, 0) if source.type.precision != "int" else DOUBLE
        bands.append(Band(separator.join(map(str, names)), kind, work, source.projection, source.shape))
    return Image(tuple(bands), kept_properties(image), footprint=image.footprint)


def same(axes: int, *_others: int) -> int:
    """As many axes as the (first) input."""
    return axes


def _axes(count: int) -> Callable[..., int]:
    return lambda *_inputs: count


@algorithm("Image.arrayProject")
def array_project(image: Image, axes: list[float]) -> Image:
    """Only some axes."""
    return mapped(image, partial(arrays.project, axes=axes), _axes(len(axes)))


@algorithm("Image.arrayReduce")
def array_reduce(image: Image, reducer: Reducer, axes: list[float], field: int | None) -> Image:
    """Some axes reduced to length one."""
    return mapped(image, lambda value: arrays.reduce(value, reducer, axes, field), same)


@algorithm("Image.arrayAccum")
def array_accum(image: Image, axis: int, reducer: Reducer | None) -> Image:
    """Running reductions along an axis."""
    return mapped(image, lambda value: arrays.accumulate(value, axis, reducer), same)


@algorithm("Image.arrayPad")
def array_pad(image: Image, lengths: list[float], value: float) -> Image:
    """Made at least so long on each axis."""
    return mapped(image, lambda array: arrays.pad(array, lengths, value), same)


@algorithm("Image.arrayTranspose", "Image.matrixTranspose")
def array_transpose(image: Image, axis1: int, axis2: int) -> Image:
    """Two axes exchanged."""
    return mapped(image, lambda array: arrays.transpose(array, axis1, axis2), lambda n: max(n, axis1 + 1, axis2 + 1))


@algorithm("Image.arrayLength")
def array_length(image: Image, axis: int) -> Image:
    """How long an axis is."""
    return mapped(image, lambda array: array.shape[arrays.axis_of(array, axis, "Image.arrayLength")], _axes(0))


@algorithm("Image.arrayDimensions")
def array_dimensions(image: Image) -> Image:
    """How many axes there are."""
    return mapped(image, lambda array: array.ndim, _axes(0))


@algorithm("Image.arrayLengths")
def array_lengths(image: Image) -> Image:
    """How long each axis is, as a vector."""
    return mapped(image, arrays.length, _axes(1))


@algorithm("Image.arrayArgmax")
def array_argmax(image: Image) -> Image:
    """The position of the largest number, as a vector."""
    return mapped(image, lambda array: np.array(arrays.argmax(array) or [], np.int64), _axes(1))


@algorithm("Image.arrayCat")
def array_cat(left: Image, right: Image, axis: int) -> Image:
    """Two arrays one after the other along an axis."""
    return paired(left, right, "arrayCat", lambda a, b: arrays.cat([a, b], axis), lambda a, b: max(a, b, int(axis) + 1))


@algorithm("Image.arrayMask")
def array_mask(image: Image, mask: Image) -> Image:
    """Positions where another array is not zero."""
    return paired(image, mask, "arrayMask", arrays.mask, same)


@algorithm("Image.arraySort")
def array_sort(image: Image, keys: Image | None) -> Image:
    """In rising order, or in that of the keys."""
    if keys is None:
        return mapped(image, lambda array: arrays.sort(array, None), same)
    return paired(image, keys, "arraySort", arrays.sort, same)


@algorithm("Image.arrayDotProduct")
def array_dot_product(left: Image, right: Image) -> Image:
    """Sum of products of two vectors."""
    return paired(left, right, "arrayDotProduct", arrays.dot_product, _axes(0))


@algorithm("Image.arrayRepeat")
def array_repeat(image: Image, axis: int, copies: Image) -> Image:
    """The array so many times along an axis."""
    repeated = lambda array, times: arrays.repeat(array, axis, int(times))  # noqa: E731
    return paired(image, copies, "arrayRepeat", repeated, lambda a, _b: max(a, int(axis) + 1))


@algorithm("Image.arrayReshape")
def array_reshape(image: Image, lengths: Image, dimensions: int) -> Image:
    """The same numbers in another shape, which a vector of each pixel gives."""
    return paired(image, lengths, "arrayReshape", arrays.reshape, _axes(int(dimensions)))


@algorithm("Image.arraySlice")
def array_slice(image: Image, axis: int, start: Image | None, end: Image | None, step: int) -> Image:
    """Positions from `start` to before `end`, which may differ from pixel to pixel."""
    ends = [each.bands[0] for each in (start, end) if each is not None]

    def made(band: Band) -> Band:
        def cut(value: Any, *given: Any) -> Array:
            bounds = iter(int(each) for each in given)
            first = next(bounds) if start is not None else 0
            last = next(bounds) if end is not None else None
            return arrays.cut_out(value, axis, first, last, step)

        work = per_pixel([band, *ends], cut, band.type.dimensions)
        return replace(band, function=work, resampled=None)

    return Image(tuple(map(made, image.bands)), kept_properties(image), footprint=image.footprint)


@algorithm("Image.bitsToArrayImage")
def bits_to_array(image: Image) -> Image:
    """The bits of whole numbers as vectors."""
    return mapped(image, lambda value: arrays.bits(float(value)), _axes(1))


@algorithm("Image.matrixIdentity")
def matrix_identity(size: int) -> Image:
    """A square of ones on the diagonal everywhere."""
    return constant_array(arrays.identity(size))


for _name, _work, _count in (
    ("matrixInverse", matrices.inverse, 2),
    ("matrixPseudoInverse", matrices.pseudo_inverse, 2),
    ("matrixDiagonal", matrices.diagonal, 2),
    ("matrixToDiag", matrices.to_diagonal, 2),
    ("matrixDeterminant", matrices.determinant, 0),
    ("matrixTrace", matrices.trace, 0),
    ("matrixFnorm", matrices.norm, 0),
):
    add(f"Image.{_name}", partial(mapped, function=_work, dimensions=_axes(_count)))
for _name, _pair in (("matrixMultiply", matrices.multiply), ("matrixSolve", matrices.solve)):
    add(f"Image.{_name}", partial(paired, name=_name, function=_pair, dimensions=_axes(2)))


def decomposed(image: Image, work: Callable[[Array], dict[str, Any]], names: tuple[str, ...]) -> Image:
    """A matrix as several: a band for each part."""
    (band,) = image.bands[:1]

    def part(name: str) -> Band:
        work_of = per_pixel([band], lambda value: work(value)[name], 2)
        return Band(name, with_axes(DOUBLE, 2), work_of, band.projection, band.shape)

    return Image(tuple(map(part, names)), kept_properties(image), footprint=image.footprint)


for _name, _parts, _names in (
    ("matrixCholeskyDecomposition", matrices.cholesky, ("L",)),
    ("matrixLUDecomposition", matrices.lu, ("L", "U", "P")),
    ("matrixQRDecomposition", matrices.qr, ("Q", "R")),
    ("matrixSingularValueDecomposition", matrices.svd, ("U", "S", "V")),
):
    add(f"Image.{_name}", partial(decomposed, work=_parts, names=_names))
