"""Mixed collections are refused as the service refuses them, and what it accepts is accepted."""

from __future__ import annotations

from collections.abc import Callable

import ee
import pytest

from offline.model.homogeneous import described
from offline.model.values import PixelType

Pixels = Callable[..., object]
Reduce = Callable[[ee.ImageCollection], ee.Image]
MIXED = r"Expected a homogeneous image collection, .* Some bands might require explicit casts"


def int16_and_scaled(first: ee.Image) -> ee.ImageCollection:
    """A stored band beside the same one in other units: an integer and a fraction."""
    stored = first.select("a")
    return ee.ImageCollection([stored, stored.multiply(1e-4).add(-0.2)])


def weighted(first: ee.Image) -> ee.ImageCollection:
    """A band times another number in each image, as days are: other ranges."""
    return ee.ImageCollection([first.select("a").multiply(days) for days in (9.0, 10.0)])


def with_fallback(first: ee.Image) -> ee.ImageCollection:
    """A fallback of another type merged into it."""
    masked = ee.Image.constant(0).toFloat().updateMask(0).rename("a")
    return ee.ImageCollection([first.select("a")]).merge(ee.ImageCollection([masked]))


def numbered(first: ee.Image) -> ee.ImageCollection:
    """A number of its own in each image, which the service takes for a type of its own."""
    return ee.ImageCollection([ee.Image(number).rename("a") for number in (0, 1)])


def normalized(first: ee.Image) -> ee.ImageCollection:
    """An index from -1 to 1 beside one that was cast."""
    index = first.normalizedDifference(["a", "a"]).rename("a")
    return ee.ImageCollection([index, index.toFloat()])


COLLECTIONS = [int16_and_scaled, weighted, with_fallback, numbered, normalized]
REDUCTIONS: dict[str, Reduce] = {
    **{name: lambda c, name=name: getattr(c, name)() for name in (  # type: ignore[misc]
        "sum", "mean", "min", "max", "median", "mode", "product", "count", "mosaic", "toBands", "toArray",
    )},
    "reduce": lambda c: c.reduce(ee.Reducer.minMax()),
    "qualityMosaic": lambda c: c.qualityMosaic("a"),
    "toArrayPerBand": lambda c: c.toArrayPerBand(),
}  # fmt: skip


@pytest.mark.parametrize("reduce", REDUCTIONS.values(), ids=REDUCTIONS.keys())
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_mixed_types_are_refused_and_casts_accepted(
    first: ee.Image, collection: Callable[[ee.Image], ee.ImageCollection], reduce: Reduce
) -> None:
    mixed = collection(first)
    with pytest.raises(ee.EEException, match=MIXED):
        reduce(mixed).getInfo()
    assert reduce(mixed.map(lambda image: image.toFloat())).getInfo()["bands"]


def test_the_message_is_the_services(first: ee.Image) -> None:
    with pytest.raises(ee.EEException) as caught:
        weighted(first).sum().getInfo()
    assert str(caught.value) == (
        "Expected a homogeneous image collection, but an image with incompatible bands was encountered: First image "
        "type: 1 bands ([a]). Current image type: 1 bands ([a]). Mismatched type for band 'a': Expected type: "
        "Float<-294912.0, 294903.0>. Actual type: Float<-327680.0, 327670.0>. Image ID: 2001_01_01. Some bands might "
        "require explicit casts."
    )


def test_pixels_are_refused_and_reductions_of_regions_accepted(first: ee.Image, pixels: Pixels) -> None:
    """The service was seen to be tolerant in `reduceRegion`, and not in tiles, exports and samples."""
    mixed = weighted(first).sum()
    with pytest.raises(ee.EEException, match=MIXED):
        pixels(mixed)
    here = ee.Geometry.Rectangle([0, 0, 1, 1], "EPSG:4326", False)
    assert mixed.reduceRegion(ee.Reducer.max(), here, 100_000).getInfo().keys() == {"a"}
    with pytest.raises(ee.EEException, match=MIXED):
        mixed.sample(here, 100_000).getInfo()


def test_other_bands_are_refused(first: ee.Image) -> None:
    stored = first.select("a")
    both = ee.ImageCollection([stored, stored.addBands(stored.rename("b"))])
    with pytest.raises(ee.EEException, match=r"First image type: 1 bands \(\[a\]\). Current image type: 2 bands"):
        both.mean().getInfo()
    assert both.select(["a"]).mean().getInfo()["bands"]


Change = Callable[[ee.Image], ee.Image]
#: Two ways from one stored band whose types the service documents, or is known, to differ.
DIFFERENT: dict[str, tuple[Change, Change]] = {
    "replaced by a larger number": (lambda i: i, lambda i: i.where(i.gt(5), 70_000)),
    "a choice of two": (lambda i: i, lambda i: i.first(ee.Image(70_000))),
    "a power and a double": (lambda i: i.pow(2), lambda i: i.toDouble()),
    "a property and a float": (lambda i: i.metadata("year").rename("a"), lambda i: i.toFloat()),
    "bits turned": (lambda i: i.toByte(), lambda i: i.toByte().bitwiseNot()),
    "bits of a wider mask": (lambda i: i.toByte(), lambda i: i.toByte().bitwiseAnd(4096)),
    "a remainder and a float": (lambda i: i.mod(3), lambda i: i.toFloat()),
    "an absolute value and a float": (lambda i: i.abs(), lambda i: i.toFloat()),
    "a float and its double": (lambda i: i.toFloat(), lambda i: i.toFloat().multiply(0.5)),
    "a formula": (lambda i: i.expression("i * 2", {"i": i}).rename("a"), lambda i: i),
    "a choice of images": (lambda i: i, lambda i: ee.Image(ee.Algorithms.If(1, i.toFloat(), i))),
    "another cast": (lambda i: i.toInt8(), lambda i: i.toByte()),
}
ALIKE: dict[str, tuple[Change, Change]] = {
    "filled with a number of its range": (lambda i: i, lambda i: i.unmask(0)),
    "replaced by a number of its range": (lambda i: i, lambda i: i.where(i.gt(5), 3)),
    "bits of a mask in its range": (lambda i: i.toByte(), lambda i: i.toByte().bitwiseAnd(12)),
    "filled with another, which is not documented": (lambda i: i, lambda i: i.unmask(-99_999)),
    "clamped, which is not documented": (lambda i: i, lambda i: i.clamp(0, 9)),
    "a remapped band, which is not documented": (lambda i: i, lambda i: i.remap([1, 2], [3, 4], 0).rename("a")),
    "a length and a float": (lambda i: i.hypot(i), lambda i: i.toFloat()),
    "a float and a small number more": (lambda i: i.toFloat(), lambda i: i.toFloat().add(1)),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_types_that_differ_are_refused(first: ee.Image, name: str) -> None:
    one, other = DIFFERENT[name]
    stored = first.select("a")
    with pytest.raises(ee.EEException, match=MIXED):
        ee.ImageCollection([one(stored), other(stored)]).mean().getInfo()


@pytest.mark.parametrize("name", ALIKE)
def test_types_that_may_be_the_same_are_accepted(first: ee.Image, name: str) -> None:
    one, other = ALIKE[name]
    stored = first.select("a")
    assert ee.ImageCollection([one(stored), other(stored)]).mean().getInfo()["bands"]


ACCEPTED: dict[str, Callable[[ee.ImageCollection], ee.ImageCollection]] = {
    "as they are stored": lambda c: c,
    "one scale for all": lambda c: c.map(lambda i: i.multiply(1e-4).add(-0.2)),
    "masked": lambda c: c.map(lambda i: i.updateMask(i.gt(15))),
    "comparisons with other numbers": lambda c: c.map(lambda i: i.gt(i.getNumber("year"))),
    "time as metadata": lambda c: c.map(lambda i: i.metadata("system:time_start").divide(1e18).addBands(i)),
    "functions": lambda c: c.map(lambda i: i.sqrt().pow(2).clamp(0, 9)),
    "weights that are cast": lambda c: c.map(lambda i: i.multiply(i.getNumber("year")).toFloat()),
    "numbers that are cast": lambda c: c.map(lambda i: ee.Image.constant(i.getNumber("year")).toInt16()),
    "merged after a cast": lambda c: c.map(lambda i: i.toFloat()).merge(c.map(lambda i: i.multiply(2).toFloat())),
    "results of reductions": lambda c: ee.ImageCollection([c.mean(), c.median(), c.sum()]),
    "cast as a collection": lambda c: c.merge(c.map(lambda i: i.multiply(2))).cast({"a": "int16"}, ["a"]),
}


@pytest.mark.parametrize("made", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_the_service_accepts_is_accepted(
    years: ee.ImageCollection, made: Callable[[ee.ImageCollection], ee.ImageCollection]
) -> None:
    assert made(years.select("a")).max().getInfo()["bands"]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (PixelType.named("int16"), "Short"),
        (PixelType.named("uint8"), "Short<0, 255>"),
        (PixelType.named("int8"), "Byte"),
        (PixelType.named("uint16"), "Integer<0, 65535>"),
        (PixelType("int", 0, 1), "Byte<0, 1>"),
        (PixelType("int", 0, 0), "MaskOnly"),
        (PixelType("double", -0.2, 1.6022125), "Float<-0.2, 1.6022125>"),
        (PixelType("int", 1_262_304_000_000, 1_262_304_000_000), "Long<1262304000000, 1262304000000>"),
        (PixelType("float", 0.0, 229.5), "Float<0.0, 229.5>"),
        (PixelType.named("float"), "Float"),
        (PixelType.named("double"), "Double"),
    ],
)
def test_types_are_written_as_the_service_does(kind: PixelType, text: str) -> None:
    assert described(kind) == text
