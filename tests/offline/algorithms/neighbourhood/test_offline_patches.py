"""Patches, costs, mixtures, error matrices, links and distances, beside numbers worked out by hand or by scipy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest
from pyproj import Geod
from scipy.optimize import nnls

from offline.algorithms.image.mixtures import nonnegative
from offline.protocol.server import Server

KEYS = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")


def utm(width: int, height: int, west: float = 500_000, north: float = 4_900_000, cell: float = 100) -> dict[str, Any]:
    """A grid of square cells."""
    transform = dict(zip(KEYS, (cell, 0, west, 0, -cell, north), strict=True))
    return {
        "dimensions": {"width": width, "height": height}, "affineTransform": transform, "crsCode": "EPSG:32648"
    }  # fmt: skip


def coordinates(crs: str = "EPSG:32648") -> ee.Image:
    """Bands x and y: column and row of cells of 100 m from (500 km, 4,900 km)."""
    place = ee.Image.pixelCoordinates(ee.Projection(crs, [100, 0, 500_000, 0, -100, 4_900_000]))
    return place.floor().toInt()


# error matrices


def test_an_error_matrix_and_what_is_read_off_it(few: Server) -> None:
    """[[20, 5], [10, 15]]: accuracy 0.7; chance agreement (25 * 30 + 25 * 20) / 50^2 = 0.5, so kappa 0.4."""
    matrix = ee.ConfusionMatrix(ee.Array([[20, 5], [10, 15]]))
    assert matrix.accuracy().getInfo() == pytest.approx(0.7)
    assert matrix.kappa().getInfo() == pytest.approx(0.4)
    assert np.ravel(matrix.producersAccuracy().getInfo()) == pytest.approx([0.8, 0.6])
    assert np.ravel(matrix.consumersAccuracy().getInfo()) == pytest.approx([2 / 3, 0.75])
    assert np.shape(matrix.producersAccuracy().getInfo()) == (2, 1)
    assert np.shape(matrix.consumersAccuracy().getInfo()) == (1, 2)
    # F1 = 2 P R / (P + R)
    assert np.ravel(matrix.fscore().getInfo()) == pytest.approx([2 * 0.8 * (2 / 3) / (0.8 + 2 / 3), 2 * 0.45 / 1.35])
    assert matrix.order().getInfo() == [0, 1]
    assert matrix.array().getInfo() == [[20, 5], [10, 15]]
    with pytest.raises(ee.EEException, match="square"):
        ee.ConfusionMatrix(ee.Array([[1, 2]])).getInfo()


def test_an_error_matrix_of_features(few: Server) -> None:
    pairs = [(1, 1), (1, 2), (2, 2), (2, 2), (7, 1)]
    table = ee.FeatureCollection([ee.Feature(None, {"true": a, "told": b}) for a, b in pairs])
    assert table.errorMatrix("true", "told", [1, 2]).getInfo() == [[1, 1], [0, 2]]
    whole = table.errorMatrix("true", "told").getInfo()
    assert np.shape(whole) == (8, 8)
    assert whole[7][1] == 1
    with pytest.raises(ee.EEException, match="whole numbers"):
        ee.FeatureCollection([ee.Feature(None, {"true": 1.5, "told": 1})]).errorMatrix("true", "told").getInfo()


# mixtures


def test_shares_of_a_mixture_come_back(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    members = [[0.1, 0.2, 0.5], [0.4, 0.3, 0.1], [0.05, 0.05, 0.05]]
    shares = np.array([0.2, 0.5, 0.3])
    mixed = ee.Image.constant((shares @ np.array(members)).tolist())
    for options in ({}, {"sumToOne": True}, {"sumToOne": True, "nonNegative": True}):
        found = pixels(mixed.unmix(members, **options))[0, 0]
        assert list(found) == pytest.approx(list(shares), abs=1e-9)
    outside = ee.Image.constant((np.array([1.4, -0.4, 0.0]) @ np.array(members)).tolist())
    assert list(pixels(outside.unmix(members, True))[0, 0]) == pytest.approx([1.4, -0.4, 0], abs=1e-9)
    bounded = list(pixels(outside.unmix(members, True, True))[0, 0])
    assert min(bounded) >= 0
    assert sum(bounded) == pytest.approx(1)
    with pytest.raises(ee.EEException, match="must have 3 numbers"):
        mixed.unmix([[1, 2]]).getInfo()


def test_non_negative_shares_are_those_of_lawson_and_hanson() -> None:
    rng = np.random.default_rng(4)
    members, spectra = rng.random((6, 4)), rng.normal(0.3, 0.5, (6, 40))
    found = nonnegative(spectra, members, sum_to_one=False)
    known = np.stack([nnls(members, column)[0] for column in spectra.T], axis=1)
    np.testing.assert_allclose(found, known, atol=1e-8)


def test_spectral_distances(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    """Angle of (1, 0) and (1, 1): 45 degrees; squares add up to 1; moving 1 by one place costs 1."""
    left, right = ee.Image.constant([1, 0]), ee.Image.constant([1, 1])
    values = {m: pixels(left.spectralDistance(right, m))["distance"][0, 0] for m in ("sam", "sed", "emd", "sid")}
    assert values["sam"] == pytest.approx(np.pi / 4)
    assert values["sed"] == 1
    assert values["sid"] > 1
    apart = ee.Image.constant([1, 0, 0]).spectralDistance(ee.Image.constant([0, 1, 0]), "emd")
    assert pixels(apart)["distance"][0, 0] == 1
    assert pixels(left.spectralDistance(left, "sam"))["distance"][0, 0] == pytest.approx(0, abs=1e-8)


def test_covariance_of_bands_is_numpys(years: ee.ImageCollection) -> None:
    """The way principal components are made: an array image over a region."""
    image = ee.Image("TEST/YEARLY/2001_01_01")
    region = ee.Geometry.Rectangle([100, 44, 102, 45], None, False)
    options = {"geometry": region, "crs": "EPSG:4326", "crsTransform": [0.5, 0, 100, 0, -0.5, 45]}
    a = np.arange(10, 18.0)
    known = np.cov(np.stack([a, a / 4]), bias=True)
    found = image.toArray().reduceRegion(ee.Reducer.covariance(), **options).getInfo()["array"]
    np.testing.assert_allclose(found, known, rtol=1e-6)
    means = ee.Image.constant([a.mean(), a.mean() / 4])
    centred = image.subtract(means).toArray().reduceRegion(ee.Reducer.centeredCovariance(), **options).getInfo()
    np.testing.assert_allclose(centred["array"], known, rtol=1e-6)


# patches


def test_patches_have_a_number_each_that_tiles_agree_on(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    """Two blocks of ones that touch by a corner: two patches by four neighbours, one by eight."""
    place = coordinates()
    x, y = place.select("x"), place.select("y")
    first = x.lt(3).And(y.lt(2)).And(x.gte(0)).And(y.gte(0))
    second = x.gte(3).And(x.lt(6)).And(y.gte(2)).And(y.lt(5))
    image = first.Or(second).selfMask().rename("a").toByte()

    def labels(kernel: ee.Kernel, size: int, **grid: Any) -> np.ndarray:
        return pixels(image.connectedComponents(kernel, size), **grid)["labels"]

    four = labels(ee.Kernel.plus(1), 30, **utm(8, 8))
    assert len(set(np.unique(four)) - {0}) == 2
    assert (four[:2, :3] == four[0, 0]).all()
    assert (four[2:5, 3:6] == four[2, 3]).all()
    assert (four > 0).sum() == 15
    eight = labels(ee.Kernel.square(1), 30, **utm(8, 8))
    assert len(set(np.unique(eight)) - {0}) == 1
    tile = labels(ee.Kernel.plus(1), 30, **utm(3, 3, west=500_200, north=4_899_900))
    np.testing.assert_array_equal(tile, four[1:4, 2:5])
    small = labels(ee.Kernel.plus(1), 7, **utm(8, 8))
    assert (small > 0).sum() == 6


def test_a_reduction_over_each_patch(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    """Stripes of four columns: the mean column of a stripe 40 cells high is 1.5, 5.5, …; a stripe that is too long
    is masked."""
    place = coordinates()
    x, y = place.select("x"), place.select("y")
    bounded = y.gte(0).And(y.lt(40))
    stripes = x.divide(4).floor().toInt().updateMask(bounded).rename("label")
    found = x.addBands(stripes).reduceConnectedComponents(ee.Reducer.mean(), "label", 64)
    values = pixels(found, **utm(12, 6))["x"]
    assert values[2].tolist() == [1.5] * 4 + [5.5] * 4 + [9.5] * 4
    too_long = x.addBands(stripes).reduceConnectedComponents(ee.Reducer.mean(), "label", 30).mask()
    assert pixels(too_long, **utm(12, 6))["x"].max() == 0
    with pytest.raises(ee.EEException, match="no band 'nothing'"):
        x.addBands(stripes).reduceConnectedComponents(ee.Reducer.mean(), "nothing").getInfo()


# ways


def test_costs_add_up_along_the_cheapest_way(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    """From one cell at a cost of 2: 100 m to a neighbour, 141.4 m across; around a wall the way is longer."""
    place = coordinates()
    x, y = place.select("x"), place.select("y")
    source = x.eq(2).And(y.eq(2))
    free = pixels(ee.Image(2).cumulativeCost(source, 1000), **utm(8, 8))["cumulative_cost"]
    assert free[2, 2] == 0
    assert free[2, 3] == pytest.approx(200)
    assert free[4, 4] == pytest.approx(400 * np.sqrt(2))
    assert free[3, 6] == pytest.approx(600 + 200 * np.sqrt(2), rel=1e-9)
    wall = ee.Image(2).updateMask(x.neq(4).Or(y.gt(6)))
    around = pixels(wall.cumulativeCost(source, 1000), **utm(8, 8))["cumulative_cost"]
    # (2, 2) to (4, 7): two steps across and three down; to (5, 6) and up four
    assert around[2, 6] == pytest.approx(2 * (200 * np.sqrt(2) + 300 + 200 * np.sqrt(2) + 300), rel=1e-9)
    far = pixels(ee.Image(2).cumulativeCost(source, 250).mask(), **utm(8, 8))["cumulative_cost"]
    assert (far[2] > 0).tolist() == [True, True, True, True, True, False, False, False]


def test_metres_to_the_nearest_feature(few: Server, pixels: Callable[..., np.ndarray]) -> None:
    places = ee.FeatureCollection([ee.Feature(ee.Geometry.Point(p)) for p in ([100.25, 44.75], [101.6, 44.2])])
    found = pixels(places.distance(100_000))["distance"]
    geod = Geod(ellps="WGS84")
    for row, lat in enumerate((44.75, 44.25)):
        for column, lon in enumerate((100.25, 100.75, 101.25, 101.75)):
            known = min(geod.inv(lon, lat, *each)[2] for each in ((100.25, 44.75), (101.6, 44.2)))
            assert found[row, column] == pytest.approx(known, abs=1e-3)
    near = pixels(places.distance(20_000).mask())["distance"]
    assert near.tolist() == [[1, 0, 0, 0], [0, 0, 0, 1]]
    area = ee.FeatureCollection([ee.Feature(ee.Geometry.Rectangle([99, 44, 101, 46], None, False))])
    assert pixels(area.distance())["distance"][0, :2].tolist() == [0, 0]


# links


def test_an_image_takes_bands_from_its_partner(years: ee.ImageCollection, pixels: Callable[..., np.ndarray]) -> None:
    def with_code(image: ee.Image) -> ee.Image:
        return image.select(["a"], ["other"]).set("code", image.getNumber("year").multiply(10))

    other = years.map(with_code)
    linked = ee.Image("TEST/YEARLY/2002_01_01").linkCollection(other, ["other"], ["code"], "year")
    assert linked.bandNames().getInfo() == ["a", "b", "other"]
    assert linked.get("code").getInfo() == 20020
    assert pixels(linked)["other"][0].tolist() == [20, 21, 22, 23]
    alone = ee.Image(1).set("year", 1900).linkCollection(other, "other", "code", "year")
    assert alone.get("code").getInfo() is None
    assert pixels(alone.select("other").mask())["other"].max() == 0
    with pytest.raises(ee.EEException, match="no band 'missing'"):
        alone.linkCollection(other, ["missing"], None, "year").getInfo()


def test_tables_from_columns_and_arrays_from_properties(few: Server) -> None:
    call = ee.ApiFunction.call_
    table = ee.FeatureCollection(call("Collection.fromColumns", [[1, 2], ["x", "y"]], ["n", "name"]))
    assert table.aggregate_array("name").getInfo() == ["x", "y"]
    with pytest.raises(ee.EEException, match="one length"):
        ee.FeatureCollection(call("Collection.fromColumns", [[1, 2], ["x"]], ["n", "name"])).size().getInfo()
    arrays = table.map(lambda f: f.set("m", 5)).makeArray(["n", "m"], "both")
    assert arrays.aggregate_array("both").getInfo() == [[1, 5], [2, 5]]
    with pytest.raises(ee.EEException, match="not a number"):
        table.makeArray(["name"]).getInfo()
    assert ee.FeatureCollection(call("Collection.cache", table)).size().getInfo() == 2
    place = ee.Geometry.Point([100, 45])
    assert ee.Dictionary({"g": place}).getGeometry("g").coordinates().getInfo() == [100, 45]
    assert ee.List([1, place]).getGeometry(1).coordinates().getInfo() == [100, 45]
    with pytest.raises(ee.EEException, match="no key 'h'"):
        ee.Dictionary({"g": place}).getGeometry("h").getInfo()


def test_features_by_the_type_of_a_property(few: Server) -> None:
    values = [1, "a", True, [1], None]
    table = ee.FeatureCollection([ee.Feature(None, {"v": v, "n": n}) for n, v in enumerate(values)])
    for kind, kept in (("Number", [0]), ("String", [1]), ("Boolean", [2]), ("List", [3])):
        found = table.filter(ee.Filter.hasType("v", kind)).aggregate_array("n").getInfo()
        assert found == kept, kind
    with pytest.raises(ee.EEException, match="is not one of"):
        table.filter(ee.Filter.hasType("v", "Nonsense")).size().getInfo()
