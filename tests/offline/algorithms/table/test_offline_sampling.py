"""Samples, random numbers, vectors, painting, layers and coarser reading, through the real client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest

from offline.protocol.server import Server

Values = Callable[..., list[list[float]]]
SCALE = 55_659.745  # half a degree
WEST = [100, 44, 101, 45]


def rows(collection: ee.FeatureCollection) -> list[dict[str, Any]]:
    return [each["properties"] for each in collection.getInfo()["features"]]


def test_a_sample_has_every_pixel_and_its_place(first: ee.Image) -> None:
    region = ee.Geometry.Rectangle(WEST)
    found = first.sample(region, SCALE, geometries=True).getInfo()["features"]
    assert [each["properties"] for each in found] == [
        {"a": 10, "b": 2.5}, {"a": 11, "b": 2.75}, {"a": 14, "b": 3.5}, {"a": 15, "b": 3.75},
    ]  # fmt: skip
    assert found[0]["geometry"]["coordinates"] == pytest.approx([100.25, 44.75])
    assert first.sample(region, SCALE).getInfo()["features"][0]["geometry"] is None


def test_masked_pixels_are_dropped_or_kept_as_nulls(years: ee.ImageCollection) -> None:
    holed = ee.Image(years.toList(3).get(1))
    region = ee.Geometry.Rectangle([101, 44, 102, 45])
    assert len(rows(holed.sample(region, SCALE))) == 3
    whole = rows(holed.sample(region, SCALE, dropNulls=False))
    assert whole[-1] == {"a": None, "b": 6.75}


def test_part_of_the_pixels_follows_from_the_seed(few: Server) -> None:
    image = ee.Image.pixelLonLat()
    region = ee.Geometry.Rectangle([100, 40, 105, 45])
    some = rows(image.sample(region, 10_000, numPixels=500, seed=1))
    assert 400 < len(some) < 600
    assert rows(image.sample(region, 10_000, numPixels=500, seed=1)) == some
    assert rows(image.sample(region, 10_000, numPixels=500, seed=2)) != some
    with pytest.raises(ee.EEException, match="not both"):
        image.sample(region, 10_000, factor=0.5, numPixels=5).getInfo()
    with pytest.raises(ee.EEException, match="too many"):
        image.sample(region, 1).getInfo()


def test_regions_lend_their_properties(first: ee.Image) -> None:
    districts = ee.FeatureCollection("TEST/DISTRICTS")
    found = rows(first.select("a").sampleRegions(districts, ["name"], SCALE))
    assert found == [{"name": "west", "a": 10}, {"name": "west", "a": 11}, {"name": "east", "a": 12},
                     {"name": "east", "a": 13}]  # fmt: skip
    point = ee.FeatureCollection([ee.Feature(ee.Geometry.Point([101.3, 44.2]), {"id": 7})])
    assert rows(first.select("a").sampleRegions(point, scale=SCALE)) == [{"id": 7, "a": 16}]


def test_classes_are_sampled_alike(few: Server) -> None:
    classes = ee.Image("TEST/CLASSES")
    region = ee.Geometry.Rectangle([100, 44, 102, 45])
    drawn = classes.stratifiedSample(1, "class", region, SCALE)
    assert drawn.aggregate_histogram("class").getInfo() == {"1": 1, "2": 1, "3": 1}
    more = classes.stratifiedSample(5, "class", region, SCALE, classValues=[3], classPoints=[2])
    assert more.aggregate_histogram("class").getInfo() == {"1": 2, "2": 2, "3": 2}


def test_rectangles_and_regions_through_time(years: ee.ImageCollection, first: ee.Image) -> None:
    region = ee.Geometry.Rectangle([100, 44, 102, 45])
    assert first.select("a").sampleRectangle(region).get("a").getInfo() == [[10, 11, 12, 13], [14, 15, 16, 17]]
    holed = ee.Image(years.toList(3).get(1)).select("a")
    with pytest.raises(ee.EEException, match="no default value set"):
        holed.sampleRectangle(region).getInfo()
    assert holed.sampleRectangle(region, defaultValue=-1).get("a").getInfo()[1] == [24, 25, 26, -1]
    table = years.select("a").getRegion(ee.Geometry.Point([101.9, 44.1]), SCALE).getInfo()
    assert table[0] == ["id", "longitude", "latitude", "time", "a"]
    assert [(row[0], row[4]) for row in table[1:]] == [("2001_01_01", 17), ("2002_01_01", None), ("2003_01_01", 67)]


def test_random_images_do_not_depend_on_the_tile(pixels: Callable[..., np.ndarray]) -> None:
    big = {"dimensions": {"width": 200, "height": 100}}
    whole = pixels(ee.Image.random(7), **big)["random"]
    part = pixels(ee.Image.random(7))["random"]
    np.testing.assert_array_equal(whole[:2, :4], part)
    assert 0 <= whole.min() < 0.001
    assert 0.999 < whole.max() < 1
    assert whole.mean() == pytest.approx(0.5, abs=0.01)
    assert np.corrcoef(whole[:, 1:].ravel(), whole[:, :-1].ravel())[0, 1] == pytest.approx(0, abs=0.03)
    normal = pixels(ee.Image.random(7, "normal"), **big)["random"]
    assert (normal.mean(), normal.std()) == pytest.approx((0, 1), abs=0.02)
    assert (pixels(ee.Image.random(8))["random"] != part).all()


def test_random_columns_and_points(few: Server) -> None:
    square = ee.Geometry.Rectangle([100, 40, 110, 50])
    points = ee.FeatureCollection.randomPoints(square, 300, 3)
    found = np.array([each["geometry"]["coordinates"] for each in points.getInfo()["features"]])
    assert found.shape == (300, 2)
    assert (found.min(0) > [100, 40]).all()
    assert (found.max(0) < [110, 50]).all()
    # the southern half of the square is larger: sin 45 - sin 40 against sin 50 - sin 45
    assert (found[:, 1] < 45).mean() == pytest.approx(0.52, abs=0.07)
    column = points.randomColumn("dice", 1).aggregate_array("dice").getInfo()
    assert column == points.randomColumn("dice", 1).aggregate_array("dice").getInfo()
    assert np.mean(column) == pytest.approx(0.5, abs=0.06)


def test_patches_become_polygons(few: Server) -> None:
    """Classes are [[1, 1, 2, 2], [3, 3, 3, masked]] in cells of half a degree."""
    region = ee.Geometry.Rectangle([100, 44, 102, 45])
    found = ee.Image("TEST/CLASSES").reduceToVectors(geometry=region, scale=SCALE)
    assert rows(found) == [{"count": 2, "label": 1}, {"count": 2, "label": 2}, {"count": 3, "label": 3}]
    assert found.first().geometry().bounds().coordinates().getInfo()[0][0] == pytest.approx([100, 44.5], abs=1e-6)
    two = ee.Image("TEST/CLASSES").addBands(ee.Image("TEST/YEARLY/2001_01_01").select("a"))
    means = two.reduceToVectors(ee.Reducer.mean(), region, SCALE, "centroid", labelProperty="class")
    assert rows(means) == [{"mean": 10.5, "class": 1}, {"mean": 12.5, "class": 2}, {"mean": 15, "class": 3}]
    assert means.first().geometry().coordinates().getInfo() == pytest.approx([100.5, 44.75], abs=1e-6)
    with pytest.raises(ee.EEException, match="Too many pixels"):
        ee.Image(1).reduceToVectors(geometry=region, scale=10, maxPixels=100).getInfo()


def test_diagonal_neighbours_are_one_patch_or_two(few: Server) -> None:
    """1 0 / 0 1 by quarters of the square."""
    place = ee.Image.pixelLonLat()
    east, north = place.select("longitude").gt(101), place.select("latitude").gt(44.5)
    checks = east.eq(north).selfMask()
    region = ee.Geometry.Rectangle([100, 44, 102, 45])
    assert checks.reduceToVectors(geometry=region, scale=SCALE).size().getInfo() == 1
    assert checks.reduceToVectors(geometry=region, scale=SCALE, eightConnected=False).size().getInfo() == 2


def test_features_become_pixels(few: Server, first: ee.Image, values: Values) -> None:
    districts = ee.FeatureCollection("TEST/DISTRICTS")
    assert values(first.select("a").paint(districts, "code")) == [[1, 1, 2, 2], [14, 15, 16, 17]]
    assert values(ee.Image(0).byte().paint(districts.limit(1), 5)) == [[5, 5, 0, 0], [0, 0, 0, 0]]
    codes = districts.reduceToImage(["code"], ee.Reducer.first())
    assert codes.bandNames().getInfo() == ["first"]
    assert values(codes.unmask(-1)) == [[1, 1, 2, 2], [-1, -1, -1, -1]]
    twice = districts.merge(districts).reduceToImage(["code"], ee.Reducer.sum())
    assert values(twice.unmask(-1))[0] == [2, 2, 4, 4]
    assert values(first.select("a").clipToCollection(districts.limit(1)).unmask(-1)) == [[10, 11, -1, -1], [-1] * 4]


def test_features_are_drawn_in_their_colours(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    districts = ee.FeatureCollection("TEST/DISTRICTS")
    fine = {
        "dimensions": {"width": 40, "height": 20},
        "affineTransform": {"scaleX": 0.05, "shearX": 0, "translateX": 100, "shearY": 0, "scaleY": -0.05,
                            "translateY": 45},
    }  # fmt: skip
    drawn = pixels(districts.style(color="blue", width=1, fillColor="ff000080").unmask(0), **fine)
    assert drawn["vis-blue"][0, 5] == 255
    assert (drawn["vis-red"][5, 10], drawn["vis-blue"][5, 10]) == (255, 0)
    assert drawn["vis-red"][15, 10] == 0
    own = districts.map(lambda each: each.set("look", {"color": ee.String("#00").cat(each.getString("name").length()
                        .format("%02d")).cat("00"), "width": 0}))  # fmt: skip
    assert pixels(own.style(styleProperty="look").unmask(0), **fine)["vis-green"][5, 10] == 4
    assert pixels(districts.draw("00ff00", strokeWidth=1).unmask(0), **fine)["vis-green"][0, 5] == 255


def test_layers_and_casts(first: ee.Image, years: ee.ImageCollection, values: Values) -> None:
    a = first.select("a")
    half = ee.Image(20).updateMask(0.5)
    assert values(a.blend(half)) == [[15, 16, 16, 16], [17, 18, 18, 18]]
    assert values(a.blend(ee.Image(0).updateMask(a.gt(12)))) == [[10, 11, 12, 0], [0, 0, 0, 0]]
    types = first.cast({"a": "byte", "b": "double"}, ["b", "a"]).bandTypes().getInfo()
    assert list(types) == ["b", "a"]
    assert (types["b"]["precision"], types["a"]["max"]) == ("double", 255)
    more = first.cast({"z": "int8"})
    assert more.bandNames().getInfo() == ["a", "b", "z"]
    assert values(more.select("z").unmask(7)) == [[7] * 4] * 2
    both = years.select("a").combine(years.select("b"))
    assert both.first().bandNames().getInfo() == ["a", "b"]
    holed = ee.Image(years.toList(3).get(1)).select("a")
    assert values(ee.Image(holed).first(first.select("a")))[1] == [24, 25, 26, 17]
    assert values(a.subtract(10).firstNonZero(99))[0] == [99, 1, 2, 3]


def test_coarser_cells_take_the_reducer_of_their_pixels(first: ee.Image, values: Values) -> None:
    """One cell of a degree holds four pixels; one shifted by a quarter of a pixel takes shares of nine."""
    a = first.select("a")
    grid = {
        "dimensions": {"width": 2, "height": 1},
        "affineTransform": {"scaleX": 1, "shearX": 0, "translateX": 100, "shearY": 0, "scaleY": -1, "translateY": 45},
    }
    assert values(a.reduceResolution(ee.Reducer.mean()), **grid) == [[12.5, 14.5]]
    assert values(a.reduceResolution(ee.Reducer.max()), **grid) == [[15, 17]]
    spread = a.reduceResolution(ee.Reducer.minMax())
    assert spread.bandNames().getInfo() == ["a_min", "a_max"]
    moved = {**grid, "affineTransform": {**grid["affineTransform"], "translateX": 100.25}, "dimensions":
             {"width": 1, "height": 1}}  # fmt: skip
    assert values(a.reduceResolution(ee.Reducer.mean()), **moved)[0][0] == pytest.approx(13)
    reprojected = a.reduceResolution(ee.Reducer.mean()).reproject("EPSG:4326", [1, 0, 100, 0, -1, 45])
    assert values(reprojected)[0] == [12.5, 12.5, 14.5, 14.5]
    with pytest.raises(ee.EEException, match="Too many input pixels"):
        values(a.reduceResolution(ee.Reducer.mean(), maxPixels=3), **grid)


def test_coordinates_shifts_and_projections(few: Server, first: ee.Image, values: Values) -> None:
    grid = ee.Projection("EPSG:4326", [0.5, 0, 100, 0, -0.5, 45])
    assert values(ee.Image.pixelCoordinates(grid).select("x")) == [[0.5, 1.5, 2.5, 3.5]] * 2
    a = first.select("a")
    assert values(a.translate(1, 0, "pixels", grid).unmask(-1))[0] == [-1, 10, 11, 12]
    assert values(a.translate(0, 55_659.745, "meters").unmask(-1))[0] == [14, 15, 16, 17]
    moved = a.changeProj(grid, grid.translate(1, 0))
    assert values(moved.unmask(-1))[0] == [-1, 10, 11, 12]
    assert grid.scale(2, 2).nominalScale().getInfo() == pytest.approx(2 * SCALE, rel=1e-6)
    assert "WGS 84" in grid.wkt().getInfo()
