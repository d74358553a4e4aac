"""Reducing images inside regions, and tables of features."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest

A = np.arange(8).reshape(2, 4) + 10
CELLS: dict[str, Any] = {"crs": "EPSG:4326", "crsTransform": [0.5, 0, 100, 0, -0.5, 45]}


def rectangle(west: float, south: float, east: float, north: float) -> ee.Geometry:
    """A rectangle with straight edges in longitude and latitude."""
    return ee.Geometry.Rectangle([west, south, east, north], None, False)


def reduced(image: ee.Image, reducer: ee.Reducer, region: ee.Geometry, **how: Any) -> dict[str, Any]:
    """`reduceRegion` on the stored cells."""
    return image.reduceRegion(reducer, region, **{**CELLS, **how}).getInfo()


def test_weighted_reducers_weigh_by_the_share_covered(first: ee.Image) -> None:
    """Columns at 100.0 and 100.5 are covered whole, that at 101.0 by six tenths."""
    region, weights = rectangle(100, 44, 101.3, 45), np.array([[1, 1, 0.6, 0]] * 2)
    assert reduced(first.select("a"), ee.Reducer.mean(), region)["a"] == pytest.approx(np.average(A, weights=weights))
    assert reduced(first.select("a"), ee.Reducer.sum(), region)["a"] == pytest.approx((A * weights).sum())


def test_unweighted_reducers_take_cells_whose_centre_is_inside(first: ee.Image) -> None:
    """The centre of the column at 101.0 lies at 101.25, inside of 101.3."""
    region, inside = rectangle(100, 44, 101.3, 45), A[:, :3]
    image = first.select("a")
    assert reduced(image, ee.Reducer.count(), region) == {"a": 6}
    assert reduced(image, ee.Reducer.mean().unweighted(), region)["a"] == pytest.approx(inside.mean())
    assert reduced(image, ee.Reducer.toList(), region) == {"a": inside.ravel().tolist()}
    assert reduced(image, ee.Reducer.minMax(), region) == {"a_min": 10, "a_max": 16}


def test_slivers_do_not_count(first: ee.Image) -> None:
    """Less than half a percent of a cell is not in the region: 0.4 % of the third column."""
    region = rectangle(100, 44, 101.002, 45)
    assert reduced(first.select("a"), ee.Reducer.sum(), region)["a"] == pytest.approx(A[:, :2].sum())


def test_masked_pixels_do_not_count(few: Any) -> None:
    """Seven of eight pixels of 2002."""
    image, whole = ee.Image("TEST/YEARLY/2002_01_01").select("a"), rectangle(100, 44, 102, 45)
    assert reduced(image, ee.Reducer.mean(), whole)["a"] == pytest.approx((A + 10).ravel()[:7].mean())
    assert reduced(image, ee.Reducer.count(), whole) == {"a": 7}


WHOLE: dict[str, tuple[Callable[[], ee.Reducer], Any]] = {
    "deviation": (lambda: ee.Reducer.stdDev(), {"a": pytest.approx(A.std())}),
    "median": (lambda: ee.Reducer.median(), {"a": 13.5}),
    "percentiles": (lambda: ee.Reducer.percentile([0, 100]), {"a_p0": 10, "a_p100": 17}),
    "combined": (
        lambda: ee.Reducer.mean().combine(ee.Reducer.max(), "", True),
        {"a_mean": 13.5, "a_max": 17},
    ),
    "fixed buckets": (lambda: ee.Reducer.fixedHistogram(10, 18, 2), {"a": [[10, 4], [14, 4]]}),
    "first": (lambda: ee.Reducer.first(), {"a": 10}),
}


@pytest.mark.parametrize(("make", "expected"), WHOLE.values(), ids=WHOLE.keys())
def test_a_reducer_over_the_whole_image(first: ee.Image, make: Callable[[], ee.Reducer], expected: Any) -> None:
    """Over the eight numbers 10 to 17."""
    assert reduced(first.select("a"), make(), rectangle(100, 44, 102, 45)) == expected


def test_classes_are_counted_and_grouped(first: ee.Image) -> None:
    """1, 1, 2, 2, 3, 3, 3 and a gap, over the values 10 to 17."""
    classes, whole = ee.Image("TEST/CLASSES"), rectangle(100, 44, 102, 45)
    assert reduced(classes, ee.Reducer.frequencyHistogram(), whole) == {"class": {"1": 2, "2": 2, "3": 3}}
    assert reduced(classes, ee.Reducer.mode(), whole) == {"class": 3}
    grouped = reduced(first.select("a").addBands(classes), ee.Reducer.sum().group(1, "class"), whole)
    assert grouped == {"groups": [{"class": 1, "sum": 21}, {"class": 2, "sum": 25}, {"class": 3, "sum": 45}]}


def test_two_bands_make_one_fit(first: ee.Image) -> None:
    """`b` is a quarter of `a`."""
    fit = reduced(first, ee.Reducer.linearFit(), rectangle(100, 44, 102, 45))
    assert fit == {"scale": pytest.approx(0.25), "offset": pytest.approx(0, abs=1e-6)}


def test_a_region_without_pixels_gives_null(first: ee.Image) -> None:
    """Far away there is no mean, and a count of zero."""
    far = rectangle(10, 10, 11, 11)
    assert reduced(first.select("a"), ee.Reducer.mean(), far) == {"a": None}
    assert reduced(first.select("a"), ee.Reducer.count(), far) == {"a": 0}


def test_a_point_takes_its_pixel(first: ee.Image) -> None:
    """Weighted reducers too."""
    point = ee.Geometry.Point([100.6, 44.9])
    assert reduced(first.select("a"), ee.Reducer.first(), point) == {"a": 11}
    assert reduced(first.select("a"), ee.Reducer.mean(), point) == {"a": 11}


def test_parts_far_apart_are_read_tile_by_tile(first: ee.Image, source: Any) -> None:
    """One part here, one on the far side of the 180th meridian, in cells of 1/480 degree: few reads."""
    image = first.select("a").unmask(0, False)
    parts = ee.Geometry.MultiPolygon(
        [
            [[[100, 44.5], [100.5, 44.5], [100.5, 45], [100, 45]]],
            [[[-180, 44.5], [-179.5, 44.5], [-179.5, 45], [-180, 45]]],
        ],
        None,
        False,
    )
    source.reads.clear()
    fine = {"crsTransform": [1 / 480, 0, -180, 0, -1 / 480, 90]}
    assert reduced(image, ee.Reducer.mean(), parts, **fine)["a"] == pytest.approx(5)
    assert len(source.reads) <= 4


def test_too_many_pixels_are_refused_in_earth_engines_words(first: ee.Image) -> None:
    """Ten-metre cells of a square of two by one degrees."""
    with pytest.raises(
        ee.EEException, match=r"Too many pixels in the region. Found \d+, but maxPixels allows only 100"
    ):
        first.reduceRegion(ee.Reducer.mean(), rectangle(100, 44, 102, 45), scale=10, maxPixels=100).getInfo()


def test_best_effort_never_coarsens(first: ee.Image) -> None:
    """Where it is not needed it changes nothing; where it is, it would coarsen without a word."""
    square = rectangle(100, 44, 102, 45)
    assert reduced(first, ee.Reducer.mean(), square, bestEffort=True) == reduced(first, ee.Reducer.mean(), square)
    with pytest.raises(ee.EEException, match="bestEffort would coarsen"):
        first.reduceRegion(ee.Reducer.mean(), square, scale=10, maxPixels=100, bestEffort=True).getInfo()


@pytest.fixture
def districts(few: Any) -> ee.FeatureCollection:
    """West and east halves of the upper row: means 10.5 and 12.5."""
    return ee.FeatureCollection("TEST/DISTRICTS")


def test_regions_get_the_reducers_output(first: ee.Image, districts: ee.FeatureCollection) -> None:
    """One band: a property named for the reducer."""
    rows = first.select("a").reduceRegions(districts, ee.Reducer.mean(), **CELLS).getInfo()["features"]
    assert [(row["properties"]["name"], row["properties"]["mean"]) for row in rows] == [("west", 10.5), ("east", 12.5)]


def test_regions_get_band_names_of_several_bands(first: ee.Image, districts: ee.FeatureCollection) -> None:
    """Several bands: properties named for the bands."""
    rows = first.reduceRegions(districts, ee.Reducer.mean(), **CELLS).getInfo()["features"]
    assert set(rows[0]["properties"]) == {"name", "code", "a", "b"}


def test_a_table_comes_as_a_data_frame(years: ee.ImageCollection, districts: ee.FeatureCollection) -> None:
    """`computeFeatures`, all years at once."""
    table = years.select("a").toBands().reduceRegions(districts, ee.Reducer.sum(), **CELLS)
    frame = ee.data.computeFeatures({"expression": table, "fileFormat": "PANDAS_DATAFRAME"})
    assert frame["2001_01_01_a"].tolist() == [21, 25]
    assert frame["name"].tolist() == ["west", "east"]


def test_pages_of_features(districts: ee.FeatureCollection) -> None:
    """A page at a time, with a token for the next."""
    page = ee.data.computeFeatures({"expression": districts, "pageSize": 1})
    assert [row["properties"]["name"] for row in page["features"]] == ["west"]
    rest = ee.data.computeFeatures({"expression": districts, "pageSize": 1, "pageToken": page["nextPageToken"]})
    assert [row["properties"]["name"] for row in rest["features"]] == ["east"]
    assert "nextPageToken" not in rest


def test_features_are_mapped_and_filtered(first: ee.Image, districts: ee.FeatureCollection) -> None:
    """A reduction inside a mapped function."""

    def with_mean(feature: ee.Feature) -> ee.Feature:
        mean = first.select("a").reduceRegion(ee.Reducer.mean(), feature.geometry(), **CELLS)
        return feature.set("m", mean.get("a"))

    assert districts.map(with_mean).aggregate_array("m").getInfo() == [10.5, 12.5]
    assert districts.filter(ee.Filter.eq("name", "east")).first().get("code").getInfo() == 2


def test_images_become_features_without_geometry(years: ee.ImageCollection) -> None:
    """The usual way to a table of monthly means."""

    def row(image: ee.Image) -> ee.Feature:
        mean = image.reduceRegion(ee.Reducer.mean(), rectangle(100, 44, 102, 45), **CELLS)
        return ee.Feature(None, mean).set("year", image.get("year"))

    table = ee.FeatureCollection(years.select("b").map(row)).getInfo()["features"]
    assert [each["properties"]["year"] for each in table] == [2001, 2002, 2003]
    assert table[0]["properties"]["b"] == pytest.approx(13.5 / 4)


def test_pixel_areas_add_up_to_the_area_of_the_region(few: Any) -> None:
    """A tenth of a degree at 45° N in cells of 1/480 degree: M N cos φ (π / 1800)² = 87.70 km²."""
    region = rectangle(105, 44.9, 105.1, 45)
    fine = {"crsTransform": [1 / 480, 0, -180, 0, -1 / 480, 90]}
    total = reduced(ee.Image.pixelArea(), ee.Reducer.sum(), region, **fine)["area"]
    assert total == pytest.approx(region.area().getInfo(), rel=1e-4)
    assert total == pytest.approx(87.70e6, rel=1e-3)
