"""Arguments that are seldom given and change the result, or are refused: none is ignored without a word."""

from __future__ import annotations

import io
import math
from typing import Any

import ee
import numpy as np
import pytest
import requests
from PIL import Image as Picture

from offline.protocol.server import Server

SQUARE = (100.0, 44.0, 102.0, 45.0)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda text: text.split("x"), ["aXb", "c"]),
        (lambda text: text.split("x", "i"), ["a", "b", "c"]),
        (lambda text: text.match("x", "gi"), ["X", "x"]),
        (lambda text: text.match("x", "i"), ["X"]),
        (lambda text: text.replace("x", "-", "gi"), "a-b-c"),
        (lambda text: text.replace("x", "-", "i"), "a-bxc"),
    ],
)
def test_patterns_heedless_of_capitals(few: Server, make: Any, expected: Any) -> None:
    """The reference: flags are some of `g`, all matches, and `i`, ignore case."""
    assert make(ee.String("aXbxc")).getInfo() == expected


def test_flags_that_there_are_not(few: Server) -> None:
    for made in (ee.String("a").replace("a", "b", "m"), ee.String("a").match("a", "q"), ee.String("a").split("a", "g")):
        with pytest.raises(ee.EEException, match=r"String\.\w+: flags '.' are not some of"):
            made.getInfo()


def test_pixels_of_one_region_are_bounded(few: Server) -> None:
    """Each district has two of the cells of half a degree."""
    image = ee.ImageCollection("TEST/YEARLY").first().select("a")
    districts = ee.FeatureCollection("TEST/DISTRICTS")
    found = image.reduceRegions(districts, ee.Reducer.mean(), maxPixelsPerRegion=2)
    assert found.aggregate_array("mean").getInfo() == [10.5, 12.5]
    with pytest.raises(ee.EEException, match=r"Found 2, but maxPixelsPerRegion allows only 1\."):
        image.reduceRegions(districts, ee.Reducer.mean(), maxPixelsPerRegion=1).getInfo()


def test_masked_arrays_of_a_rectangle(few: Server) -> None:
    """The cell without a value in 2002 gets the array of the default; a number is no default for it."""
    image = ee.Image("TEST/YEARLY/2002_01_01").select("a").toArray()
    region = ee.Geometry.Rectangle(SQUARE)
    rows = image.sampleRectangle(region, defaultArrayValue=ee.Array([-1])).get("array").getInfo()
    assert rows == [[[20], [21], [22], [23]], [[24], [25], [26], [-1]]]
    with pytest.raises(ee.EEException, match="no default value set"):
        image.sampleRectangle(region, defaultValue=-1).get("array").getInfo()


def test_one_band_is_grey_unless_colours_are_forced(few: Server) -> None:
    """Values 10 to 17 between 10 and 17: 0 to 255, the same in the picture of either."""
    image = ee.ImageCollection("TEST/YEARLY").first().select("a")
    grey, forced = image.visualize(min=10, max=17), image.visualize(min=10, max=17, forceRgbOutput=True)
    assert grey.bandNames().getInfo() == ["vis-gray"]
    assert forced.bandNames().getInfo() == ["vis-red", "vis-green", "vis-blue"]
    assert image.visualize(min=10, max=17, palette=["red", "blue"]).bandNames().size().getInfo() == 3
    asked = {"region": ee.Geometry.Rectangle(SQUARE), "dimensions": [4, 2], "crs": "EPSG:4326", "format": "png"}
    pictures = [
        Picture.open(io.BytesIO(requests.get(each.getThumbURL(asked), timeout=30).content)) for each in (grey, forced)
    ]
    expected = [round(255 * step / 7) for step in range(8)]
    for picture in pictures:
        assert np.asarray(picture)[..., :3].reshape(8, 3).tolist() == [[level] * 3 for level in expected]
    grid = {
        "dimensions": {"width": 4, "height": 2},
        "affineTransform": {"scaleX": 0.5, "scaleY": -0.5, "translateX": 100, "translateY": 45},
        "crsCode": "EPSG:4326",
    }
    file = ee.data.computePixels({"expression": grey, "fileFormat": "PNG", "grid": grid})
    assert np.asarray(Picture.open(io.BytesIO(file)))[..., 0].ravel().tolist() == expected


def test_shapes_made_in_the_plane_of_a_projection(few: Server) -> None:
    """In Mercator a circle of 1000 units at 60° N is one of 500 m on the ground; midway between two parallels lies
    north of the mean latitude; in degrees the distance is one in degrees.
    """
    mercator = "EPSG:3857"
    circle = ee.Geometry.Point(100, 60).buffer(1000, 1, mercator).area().getInfo()
    assert circle == pytest.approx(math.pi * 500**2, rel=5e-3)
    middle = math.degrees(math.atan(math.sinh((mercator_y(44) + mercator_y(45)) / 2)))
    square = ee.Geometry.Rectangle(SQUARE)
    assert square.centroid(1, mercator).coordinates().getInfo() == pytest.approx([101, middle], abs=1e-6)
    box = ee.Geometry.Point(100, 60).buffer(1, 1, "EPSG:4326").bounds().coordinates().get(0).getInfo()
    assert box[0] == pytest.approx([99, 59])
    assert box[2] == pytest.approx([101, 61])


def mercator_y(latitude: float) -> float:
    """On a globe of radius one."""
    return math.asinh(math.tan(math.radians(latitude)))


def test_the_bounds_in_another_projection_hold_more(few: Server) -> None:
    """A rectangle of longitude and latitude leans in a UTM zone beside it: the box around it there is larger."""
    square = ee.Geometry.Rectangle(SQUARE)
    around = square.bounds(1, "EPSG:32650")
    assert around.contains(square.buffer(-10), 1).getInfo()
    assert around.area().divide(square.area()).getInfo() > 1.1
    parts = ee.Geometry.Rectangle([101, 44, 103, 45])
    shared = square.intersection(parts, 1, "EPSG:32647").area().getInfo()
    assert shared == pytest.approx(square.area().getInfo() / 2, rel=1e-3)
    feature = ee.Feature(square, {"n": 1}).intersection(parts, 1, "EPSG:32647").getInfo()
    assert feature["properties"] == {"n": 1}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ee.List([[1, 2]]).reduce(ee.Reducer.toList(2, 1)), "numOptional is not supported"),
        (lambda: ee.Projection("EPSG:4326", None, 'PARAM_MT["Affine"]'), "transformWkt is not supported"),
        (lambda: ee.Geometry.MultiPoint([[1, 1]]).buffer(float("inf"), 1, "EPSG:3857"), "must be finite"),
        (
            lambda: ee.ApiFunction.call_(
                "GeometryConstructors.MultiGeometry", [ee.Geometry.Point(1, 1)], ee.Projection("EPSG:3857")
            ),
            "give 'crs' to each",
        ),
    ],
)
def test_arguments_that_are_refused(few: Server, make: Any, message: str) -> None:
    with pytest.raises(ee.EEException, match=message):
        make().getInfo()
