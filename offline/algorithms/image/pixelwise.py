"""Arithmetic, comparison, boolean and bitwise operators and casts, pixel by pixel.

Earth Engine's rules: the output mask is the minimum of the input masks; an image of one band meets every
band of the other; band names come from the left; integers stay integers, wide enough for the result;
division gives a fraction, and division by zero gives zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from odc.geo.geobox import GeoBox

from offline.errors import EngineError
from offline.graph.registry import add, algorithm, algorithms
from offline.graph.signatures import signatures
from offline.model.array_pixels import per_pixel, with_axes
from offline.model.image import Band, Image, Pixels, both, kept_properties, pick
from offline.model.operators import ARITHMETIC, BITWISE, CASTS, LOGICAL, SPELLINGS, UNARY
from offline.model.pixel_types import joined_type, unsure
from offline.model.values import DOUBLE, FLOAT, INTEGER_RANGES, PixelType, clamped

Array = np.ndarray
Operator = Callable[[Array, Array], Array]
TypeRule = Callable[[str, PixelType, PixelType], PixelType]
BOOLEAN = PixelType("int", 0, 1, sure=True)
#: Operators of which it is known what range the service gives their result, and those documented to give floats.
RANGED = {"add", "subtract", "multiply", "divide"}
FLOATS = {"pow", "hypot", "atan2", "gammainc"}
FLOATING = PixelType("float", precise=True)
INT32 = PixelType("int", *INTEGER_RANGES["int32"])
WIDEST = PixelType("int", *INTEGER_RANGES["int64"], precise=True)


#: Unary operators whose result has the type of their input, and those that give whole numbers.
SAME_TYPE = {"abs", "signum", "bitwiseNot"}
WHOLE = {"ceil", "floor", "round", "bitCount"}


def combine(left: Band, right: Band, function: Operator, result: PixelType) -> Band:
    """The band that `function` makes of two; masked where either is. Arrays meet element by element."""
    axes = max(left.type.dimensions, right.type.dimensions)
    if axes:
        pairwise = per_pixel([left, right], lambda a, b: function(np.asarray(a), np.asarray(b)), axes)
        return Band(left.name, with_axes(result, axes), pairwise, left.projection, left.shape)

    common = np.result_type(left.type.computing, right.type.computing)

    def pixels(grid: GeoBox) -> Pixels:
        a, a_mask = left.pixels(grid)
        b, b_mask = right.pixels(grid)
        with np.errstate(all="ignore"):
            values = function(a.astype(common, copy=False), b.astype(common, copy=False))
        return defined(values, both(a_mask, b_mask), result)

    # A constant has no native grid; the other side's is the one worth keeping.
    source = right if left.shape is None and right.shape is not None else left
    return Band(left.name, result, pixels, source.projection, source.shape)


def defined(values: Array, mask: Array, result: PixelType) -> Pixels:
    """Values in the computing type of `result`, masked where they are not finite."""
    if values.dtype.kind == "f" and result.precision != "int":
        finite = np.isfinite(values)
        if not finite.all():
            values, mask = np.where(finite, values, 0), np.where(finite, mask, 0)
    return values.astype(result.computing, copy=False), mask


def pairs(left: Image, right: Image, name: str) -> list[tuple[Band, Band]]:
    """The bands of two images as a binary operator matches them.

    By name where both have the same names, otherwise in order; a single band meets every band of the other.
    Raises EngineError if neither has one band and the numbers differ.
    """
    a, b = left.bands, right.bands
    if len(b) == 1:
        return [(band, b[0]) for band in a]
    if len(a) == 1:
        return [(a[0], band) for band in b]
    if len(a) != len(b):
        raise EngineError(
            f"Image.{name}: Images must contain either one band or the same number of bands. "
            f"Found {len(a)} and {len(b)}."
        )
    if set(left.names) == set(right.names):
        named = {band.name: band for band in b}
        return [(band, named[band.name]) for band in a]
    return list(zip(a, b, strict=True))


def arithmetic_type(name: str, a: PixelType, b: PixelType) -> PixelType:
    """The type of an arithmetic result, with the range of all possible results where both operands have one."""
    if name in FLOATS:
        return FLOATING
    ranged = name in RANGED and a.sure and b.sure
    if a.precision == b.precision == "int" and name != "divide":
        corners = _corners(name, a, b)
        low, high = min(corners), max(corners)
        fits = WIDEST.low <= low and high <= WIDEST.high  # type: ignore[operator]
        return PixelType("int", low, high, sure=ranged, precise=True) if fits else WIDEST
    union = joined_type(a, b)
    # whole numbers divide to fractions, of which precision is not documented
    precision, precise = ("double", False) if union.precision == "int" else (union.precision, union.precise)
    limits = _fraction_range(name, a, b) if ranged else None
    if limits is not None:
        return PixelType(precision, *limits, sure=True)
    endless = a.low is None or b.low is None
    return PixelType(precision, sure=ranged and precise and endless, precise=precise)


def _fraction_range(name: str, a: PixelType, b: PixelType) -> tuple[float, float] | None:
    """The range of the fractions that an operator gives; None where an operand has none, or may divide by zero."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return None
    if name == "divide" and b.low <= 0 <= b.high:
        return None
    operator = float.__truediv__ if name == "divide" else CORNERS[name]
    corners = [operator(float(x), float(y)) for x in (a.low, a.high) for y in (b.low, b.high)]
    return min(corners), max(corners)


CORNERS = {"add": float.__add__, "subtract": float.__sub__, "multiply": float.__mul__}


def _corners(name: str, a: PixelType, b: PixelType) -> list[float]:
    limits = [a.low, a.high, b.low, b.high]
    if any(value is None for value in limits):
        return [WIDEST.low or 0, WIDEST.high or 0]
    la, ha, lb, hb = (float(value) for value in limits if value is not None)
    if name == "mod":
        widest = max(abs(lb), abs(hb))
        return [min(0.0, -widest if la < 0 else 0.0), widest]
    operator = CORNERS.get(name)
    if operator is not None:
        return [operator(x, y) for x in (la, ha) for y in (lb, hb)]
    return [la, ha, lb, hb]


def binary(left: Image, right: Image, name: str, function: Operator, typed: TypeRule) -> Image:
    """Apply a binary operator; result bands are named for the longer of the two inputs."""
    longer = right if len(right.bands) > len(left.bands) else left
    bands = (
        named(combine(a, b, function, typed(name, a.type, b.type)), label)
        for (a, b), label in zip(pairs(left, right, name), longer.names, strict=True)
    )
    return Image(tuple(bands), kept_properties(left), footprint=left.footprint)


def named(band: Band, name: str) -> Band:
    """The band under a name."""
    return band if band.name == name else replace(band, name=name)


def bitwise_type(name: str, a: PixelType, b: PixelType) -> PixelType:
    """The type of a bitwise result: the union of both. Raises EngineError if an operand is not an integer."""
    if not a.precision == b.precision == "int":
        raise EngineError(f"Image.{name}: Bitwise operands must be integers.")
    if name == "leftShift":
        return WIDEST
    if name == "rightShift":
        return unsure(a)
    return joined_type(a, b)


def logical_type(_name: str, _a: PixelType, _b: PixelType) -> PixelType:
    """Comparisons and boolean operators give 0 or 1."""
    return BOOLEAN


def map_bands(image: Image, function: Callable[[Array], Array], typed: Callable[[PixelType], PixelType]) -> Image:
    """Apply a unary operator to every band; masks stay."""

    def mapped(band: Band) -> Band:
        result = typed(band.type)
        if band.type.dimensions:
            axes = band.type.dimensions
            each = per_pixel([band], function, axes)
            return replace(band, type=with_axes(result, axes), function=each, resampled=None)

        def pixels(grid: GeoBox) -> Pixels:
            values, mask = band.pixels(grid)
            with np.errstate(all="ignore"):
                return defined(function(values), mask, result)

        return replace(band, type=result, function=pixels, resampled=None)

    return Image(tuple(map(mapped, image.bands)), kept_properties(image), footprint=image.footprint)


def unary_type(name: str, source: PixelType) -> PixelType:
    """The type of a unary result."""
    if name == "not":
        return BOOLEAN
    if name in WHOLE and source.precision != "int":
        return INT32
    if name == "bitwiseNot" and source.precision == "int":
        return _signed(source)
    if name == "abs" and source.low is not None and source.high is not None and source.low < 0:
        return PixelType(source.precision, max(0, -source.high), max(-source.low, source.high), precise=source.precise)
    if name == "abs" and source.low is not None:
        return source
    if name in SAME_TYPE | WHOLE:
        return unsure(source)
    return FLOAT if source.precision == "float" else DOUBLE


def _signed(source: PixelType) -> PixelType:
    """The smallest signed type that holds whole numbers, as `bitwiseNot` is documented to have it."""
    for name in ("int8", "int16", "int32"):
        low, high = INTEGER_RANGES[name]
        if source.low is not None and source.high is not None and low <= source.low and source.high <= high:
            return PixelType("int", low, high, sure=source.sure)
    return WIDEST


def cast(image: Image, name: str) -> Image:
    """Change the pixel type: integers are truncated towards zero and clamped to the range."""
    target = PixelType.named(name)

    def convert(values: Array) -> Array:
        if target.precision != "int" or target.low is None or target.high is None:
            return values.astype(target.dtype)
        return clamped(values, target.low, target.high)

    converted = map_bands(image, convert, lambda _: target)
    return replace(converted, properties=image.properties, id=image.id)


for _name, _function in ARITHMETIC.items():
    add(f"Image.{_name}", partial(binary, name=_name, function=_function, typed=arithmetic_type))
for _name, _function in LOGICAL.items():
    add(f"Image.{_name}", partial(binary, name=_name, function=_function, typed=logical_type))
for _name, _function in BITWISE.items():
    add(f"Image.{_name}", partial(binary, name=_name, function=_function, typed=bitwise_type))
for _name, _unary in UNARY.items():
    add(f"Image.{_name}", partial(map_bands, function=_unary, typed=partial(unary_type, _name)))
for _name, _now in SPELLINGS.items():
    add(f"Image.{_name}", algorithms()[f"Image.{_now}"])
for _name, _target in CASTS.items():
    if f"Image.{_name}" in signatures():
        add(f"Image.{_name}", partial(cast, name=_target))


def chosen_first(left: Image, right: Image, name: str, *, zeros: bool) -> Image:
    """The left value where it counts, else the right one; `zeros`: a zero counts."""

    def chosen(a: Band, b: Band) -> Band:
        kind = joined_type(a.type, b.type)

        def pixels(grid: GeoBox) -> Pixels:
            one, one_mask = a.pixels(grid)
            two, two_mask = b.pixels(grid)
            use = (one_mask > 0) & (zeros | (one != 0))
            return np.where(use, one, two).astype(kind.computing), np.where(use, one_mask, two_mask)

        source = b if a.shape is None and b.shape is not None else a
        return Band(a.name, kind, pixels, source.projection, source.shape)

    longer = right if len(right.bands) > len(left.bands) else left
    bands = zip(pairs(left, right, name), longer.names, strict=True)
    return Image(tuple(replace(chosen(a, b), name=label) for (a, b), label in bands), kept_properties(left))


for _name in ("first", "firstNonZero", "first_nonzero"):
    add(f"Image.{_name}", partial(chosen_first, name=_name, zeros=_name == "first"))


@algorithm("Image.clamp")
def clamp(image: Image, low: float, high: float) -> Image:
    """Clamp the values of all bands."""
    clamped = map_bands(
        image, lambda values: np.clip(values, low, high), lambda source: replace(source, sure=False, precise=False)
    )
    return replace(clamped, properties=image.properties)


@algorithm("Image.unitScale")
def unit_scale(image: Image, low: float, high: float) -> Image:
    """Scale so that `low` becomes 0 and `high` 1."""
    return map_bands(image, lambda values: (values - low) / (high - low), lambda _: FLOAT)


@algorithm("Image.normalizedDifference")
def normalized_difference(image: Image, band_names: list[str] | None) -> Image:
    """(first - second) / (first + second); masked where either is negative, as Earth Engine documents."""
    first, second = image.bands[:2] if not band_names else [pick(image, n) for n in band_names]

    def difference(a: Array, b: Array) -> Array:
        total = a + b
        ratio = np.divide(a - b, total, out=np.zeros(total.shape, np.float64), where=total != 0)
        return np.where((a < 0) | (b < 0), np.nan, ratio)

    band = replace(combine(first, second, difference, PixelType("float", -1.0, 1.0, sure=True)), name="nd")
    return Image((band,), kept_properties(image), footprint=image.footprint)
