"""Operators, masks, types and bands, pixel by pixel, as `computePixels` gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest

Values = Callable[..., list[list[float]]]
A = np.arange(8).reshape(2, 4) + 10


def test_pixels_come_as_a_structured_array(first: ee.Image, pixels: Callable[..., np.ndarray]) -> None:
    """One field a band, in the band's own type; masked pixels are zero (ee.data.computePixels, NPY)."""
    array = pixels(first)
    assert array.dtype == np.dtype([("a", "<i2"), ("b", "<f4")])
    assert array["a"].tolist() == A.tolist()
    assert pixels(ee.Image("TEST/YEARLY/2002_01_01"))["a"][1, 3] == 0


OPERATORS: dict[str, tuple[Callable[[ee.Image, ee.Image], ee.Image], Any]] = {
    "add": (lambda a, b: a.add(1), A + 1),
    "subtract below zero": (lambda a, b: a.subtract(20), A - 20),
    "products need wider integers": (lambda a, b: a.multiply(100_000), A * 100_000),
    "division gives fractions": (lambda a, b: a.divide(4), A / 4),
    "division by zero gives zero": (lambda a, b: a.divide(0), A * 0),
    "remainder": (lambda a, b: a.mod(4), A % 4),
    "power": (lambda a, b: a.pow(2), A**2),
    "comparison gives zeros and ones": (lambda a, b: a.gt(12), A > 12),
    "and": (lambda a, b: a.And(a.gt(12)), A > 12),
    "not": (lambda a, b: a.gt(12).Not(), A <= 12),
    "bitwise and": (lambda a, b: a.bitwiseAnd(3), A & 3),
    "right shift": (lambda a, b: a.rightShift(1), A >> 1),
    "left shift": (lambda a, b: a.leftShift(1), A << 1),
    "halves round up": (lambda a, b: b.round(), np.floor(A / 4 + 0.5)),
    "clamp": (lambda a, b: a.clamp(11, 12), A.clip(11, 12)),
    "larger of two": (lambda a, b: a.max(13), np.maximum(A, 13)),
    "cast clamps to the range": (lambda a, b: a.multiply(100).toByte(), (A * 100).clip(0, 255)),
    "cast truncates": (lambda a, b: b.toInt(), A // 4),
    "where": (lambda a, b: a.where(a.gt(12), 0), np.where(A > 12, 0, A)),
    "formula": (lambda a, b: a.expression("b('a') * 2 + x", {"x": b}), A * 2.25),
    "formula with a condition": (lambda a, b: a.expression("b(0) > 12 ? 1 : 0"), A > 12),
    "formula compares before bits": (lambda a, b: a.expression("b(0) == 11 & 1"), A == 11),
    "formula negates before comparing": (lambda a, b: a.expression("!b(0) == 0"), A * 0 + 1),
    "formula with choices in choices": (
        lambda a, b: a.expression("1 + (b(0) > 15 ? 2 : b(0) > 12 ? 1 : 0)"),
        1 + (A > 12) + (A > 15),
    ),
    "formula with powers and signs": (lambda a, b: a.expression("-b(0) ** 2 + 3 - -1"), 4 - A**2),
    "formula with bands of an image": (lambda a, b: a.expression("i.b + i['b'] + i[0]", {"i": b}), A * 0.75),
    "formula with functions": (lambda a, b: a.expression("max(sqrt(b('a')), 3.5)"), np.maximum(A**0.5, 3.5)),
    "formula divides integers to integers": (lambda a, b: a.expression("b(0) / 4"), A // 4),
}


@pytest.mark.parametrize(("make", "expected"), OPERATORS.values(), ids=OPERATORS.keys())
def test_an_operator(
    first: ee.Image, values: Values, make: Callable[[ee.Image, ee.Image], ee.Image], expected: np.ndarray
) -> None:
    """Each case names Earth Engine's rule; expected values are computed by numpy on the same integers."""
    assert values(make(first.select("a"), first.select("b"))) == pytest.approx(np.asarray(expected, float))


def test_normalized_difference_masks_negative_inputs(first: ee.Image, values: Values) -> None:
    """(a - b) / (a + b) of a and a quarter of a is 0.6; `Image.normalizedDifference` masks negatives."""
    assert values(first.normalizedDifference(["a", "b"]))[0][0] == pytest.approx(0.6)
    negative = first.select("a").subtract(12).addBands(first.select("b")).normalizedDifference()
    assert values(negative.mask())[0] == [0, 0, 1, 1]


def test_one_band_meets_every_band_and_names_come_from_the_longer(first: ee.Image) -> None:
    """Documented with `Image.add`: named for the longer of the two inputs."""
    assert first.add(1).bandNames().getInfo() == ["a", "b"]
    assert ee.Image(1).add(first).bandNames().getInfo() == ["a", "b"]


def test_a_masked_input_masks_the_output(first: ee.Image, values: Values) -> None:
    """The output mask is the minimum of the input masks."""
    gap = ee.Image("TEST/YEARLY/2002_01_01").select("a")
    assert values(first.select("a").add(gap).mask()) == [[1, 1, 1, 1], [1, 1, 1, 0]]
    assert values(first.select("a").updateMask(0.5).mask())[0][0] == 0.5


def test_unmask_fills_and_keeps_the_footprint(first: ee.Image, values: Values) -> None:
    """`sameFootprint` (the default) leaves pixels outside of the image masked; without it they are filled."""
    gap, wide = ee.Image("TEST/YEARLY/2002_01_01").select("a"), {"dimensions": {"width": 6, "height": 2}}
    assert values(gap.unmask(99))[1] == [24, 25, 26, 99]
    assert values(gap.unmask(first.select("a")))[1][3] == 17
    assert values(gap.unmask(-5), **wide)[0] == [20, 21, 22, 23, 0, 0]
    assert values(gap.unmask(-5, False), **wide)[0] == [20, 21, 22, 23, -5, -5]


def test_where_ignores_masked_tests_and_values(first: ee.Image, values: Values) -> None:
    """Documented: if either test or value is masked, the input value is used."""
    gap = ee.Image("TEST/YEARLY/2002_01_01").select("a")
    assert values(first.select("a").where(gap.gt(0), 1))[1] == [1, 1, 1, 17]
    assert values(first.select("a").where(1, gap))[1] == [24, 25, 26, 17]


def test_remap_masks_what_is_not_listed(few: Any, values: Values) -> None:
    """Without a default unlisted values are masked; with one they get it, masked pixels stay masked."""
    classes = ee.Image("TEST/CLASSES")
    assert values(classes.remap([1, 2], [10, 20]).unmask(0)) == [[10, 10, 20, 20], [0, 0, 0, 0]]
    assert values(classes.remap([1, 2], [10, 20], 5).unmask(0)) == [[10, 10, 20, 20], [5, 5, 5, 0]]
    assert classes.remap([1, 2], [10, 20]).bandNames().getInfo() == ["remapped"]


def test_clip_masks_by_cell_centres(first: ee.Image, values: Values) -> None:
    """The western half of the upper row remains."""
    west = ee.Geometry.Rectangle([100, 44.5, 101, 45], None, False)
    assert values(first.select("a").clip(west).unmask(-1, False)) == [[10, 11, -1, -1], [-1] * 4]


BANDS: dict[str, tuple[Callable[[ee.Image], ee.Image], list[str]]] = {
    "by name and order": (lambda i: i.select(["b", "a"]), ["b", "a"]),
    "by number": (lambda i: i.select([0]), ["a"]),
    "by regular expression": (lambda i: i.select(".*"), ["a", "b"]),
    "renamed": (lambda i: i.select(["a"], ["z"]), ["z"]),
    "added bands get numbers": (lambda i: i.addBands(i), ["a", "b", "a_1", "b_1"]),
    "or overwrite": (lambda i: i.addBands(i.select("a"), None, True), ["a", "b"]),
    "constants": (lambda i: ee.Image.cat([i, 1]), ["a", "b", "constant"]),
    "several constants": (lambda i: ee.Image([1, 2]), ["constant", "constant_1"]),
    "renamed by a pattern": (lambda i: i.regexpRename("^(.)$", "x_$1"), ["x_a", "x_b"]),
    "sliced": (lambda i: i.slice(1), ["b"]),
    "reduced": (lambda i: i.reduce(ee.Reducer.sum()), ["sum"]),
}


@pytest.mark.parametrize(("make", "expected"), BANDS.values(), ids=BANDS.keys())
def test_band_names(first: ee.Image, make: Callable[[ee.Image], ee.Image], expected: list[str]) -> None:
    """Choosing, naming and joining bands."""
    assert make(first).bandNames().getInfo() == expected


def test_bands_that_do_not_exist_are_named(first: ee.Image) -> None:
    """The message lists what there is."""
    with pytest.raises(ee.EEException, match=r"Band pattern 'q' did not match any bands.*\[a, b\]"):
        first.select("q").bandNames().getInfo()


def test_an_image_describes_itself(first: ee.Image) -> None:
    """`getInfo` of a stored image, in Earth Engine's shape."""
    info = first.getInfo()
    assert info["id"] == "TEST/YEARLY/2001_01_01"
    assert info["properties"]["year"] == 2001
    assert info["bands"][0] == {
        "id": "a",
        "data_type": {"type": "PixelType", "precision": "int", "min": -32768, "max": 32767},
        "crs": "EPSG:4326",
        "crs_transform": [0.5, 0, 100, 0, -0.5, 45],
        "dimensions": [4, 2],
    }


def test_reproject_computes_on_the_cells_of_a_projection(first: ee.Image, values: Values) -> None:
    """One-degree cells: each output pixel shows the stored cell under the coarse cell's centre."""
    coarse = first.select("a").reproject("EPSG:4326", [1, 0, 100, 0, -1, 45])
    # Centres 100.5 and 101.5 E, 44.5 N lie on edges of stored cells, which belong to the cell south-east of them.
    assert values(coarse) == [[15, 15, 17, 17]] * 2


def test_reading_a_projected_grid(first: ee.Image, values: Values) -> None:
    """A grid in UTM 47N around 100 E: the stored cells are found through the projection."""
    x, y = 579_000.0, 4_955_000.0  # about 100.0 E, 44.74 N
    keys = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    transform = dict(zip(keys, (10_000.0, 0, x + 10_000, 0, -10_000.0, y), strict=True))
    grid = {"crsCode": "EPSG:32647", "affineTransform": transform, "dimensions": {"width": 4, "height": 1}}
    assert values(first.select("a"), **grid) == [[10, 10, 10, 11]]


@pytest.mark.parametrize("text", ["b(0) +", "b(0) ? 1", "(b(0)", "b(0) # 1", "system(1)", "unknown + 1"])
def test_a_formula_that_cannot_be_read_is_refused(first: ee.Image, text: str) -> None:
    """With the text and the place, or the name that is not known."""
    with pytest.raises(ee.EEException, match=r"Image\.parseExpression|not found|Parameter"):
        first.expression(text, {"unused": 1}).bandNames().getInfo()


def test_a_formula_may_name_its_band(first: ee.Image) -> None:
    """Documented with `Image.parseExpression`: x = a + b."""
    assert first.expression("x = b('a') + 1").bandNames().getInfo() == ["x"]


def test_resampling_interpolates_between_cell_centres(first: ee.Image, values: Values) -> None:
    """Half a cell east of the stored centres: the mean of neighbours; computed bands on their own cells."""
    keys = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    between = dict(zip(keys, (0.5, 0, 100.25, 0, -0.5, 45.0), strict=True))
    grid = {"affineTransform": between, "dimensions": {"width": 3, "height": 1}}
    smooth = first.select("a").multiply(2).resample("bilinear")
    assert values(smooth, **grid) == [[21, 23, 25]]
    with pytest.raises(ee.EEException, match="without cells of its own"):
        ee.Image(1).resample("bilinear").bandNames().getInfo()
    with pytest.raises(ee.EEException, match="mode 'cubic' is none"):
        first.resample("cubic").bandNames().getInfo()


def test_clipping_beyond_the_180th_meridian(few: Any, values: Values) -> None:
    """A grid from 179 to 181 E, a geometry west of 179.5 W: the last cell is inside."""
    keys = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    grid = {"affineTransform": dict(zip(keys, (0.5, 0, 179.0, 0, -0.5, 45.0), strict=True))}
    west = ee.Geometry.Rectangle([-180, 44, -179.5, 45], None, False)
    assert values(ee.Image(1).clip(west).unmask(0, False), **grid) == [[0, 0, 1, 0]] * 2
