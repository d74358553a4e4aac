"""Operations on pixels that are arrays: the functions of `arrays` and `matrices`, pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from offline.algorithms.image.pixelwise import pairs
from offline.algorithms.value import arrays, matrices
from offline.graph.registry import add, algorithm
from offline.model.array_pixels import constant_array, per_pixel, with_axes
from offline.model.image import Band, Image, kept_properties
from offline.model.pixel_types import joined_type
from offline.model.values import DOUBLE, Reducer

Array = np.ndarray


def mapped(image: Image, function: Callable[[Array], Any], dimensions: Callable[[int], int]) -> Image:
    """Every band through a function of its arrays; `dimensions` maps the number of axes to that of the result."""

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


@algorithm("Image.arrayGet")
def array_get(image: Image, position: Image) -> Image:
    """The number at a position that the bands of another image give, one an axis."""

    def made(band: Band) -> Band:
        def picked(value: Any, *indices: Any) -> float:
            return arrays.get(np.asarray(value), list(indices))

        return replace(band, type=DOUBLE, function=per_pixel([band, *position.bands], picked, 0), resampled=None)

    return Image(tuple(map(made, image.bands)), kept_properties(image), footprint=image.footprint)


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
    """Extended to at least the given length on each axis."""
    return mapped(image, lambda array: arrays.pad(array, lengths, value), same)


@algorithm("Image.arrayTranspose", "Image.matrixTranspose")
def array_transpose(image: Image, axis1: int, axis2: int) -> Image:
    """Two axes exchanged."""
    return mapped(image, lambda array: arrays.transpose(array, axis1, axis2), lambda n: max(n, axis1 + 1, axis2 + 1))


@algorithm("Image.arrayLength")
def array_length(image: Image, axis: int) -> Image:
    """The length of an axis."""
    return mapped(image, lambda array: array.shape[arrays.axis_of(array, axis, "Image.arrayLength")], _axes(0))


@algorithm("Image.arrayDimensions")
def array_dimensions(image: Image) -> Image:
    """The number of axes."""
    return mapped(image, lambda array: array.ndim, _axes(0))


@algorithm("Image.arrayLengths")
def array_lengths(image: Image) -> Image:
    """The length of each axis, as a vector."""
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
    """The array repeated along an axis."""
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
