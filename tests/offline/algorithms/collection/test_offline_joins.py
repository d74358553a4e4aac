"""Joins through the real client."""

from __future__ import annotations

from typing import Any

import ee
import pytest

from offline.protocol.server import Server


@pytest.fixture
def herds(few: Server) -> ee.FeatureCollection:
    rows = [("a", 100, 2001), ("b", 101, 2002), ("c", 110, 2010)]
    return ee.FeatureCollection(
        [ee.Feature(ee.Geometry.Point([x, 45]), {"name": name, "year": year}) for name, x, year in rows]
    )


@pytest.fixture
def wells(few: Server) -> ee.FeatureCollection:
    rows = [("p", 100.1, 2001), ("q", 100.5, 2003), ("r", 120, 2010)]
    return ee.FeatureCollection(
        [ee.Feature(ee.Geometry.Point([x, 45]), {"well": name, "year": year}) for name, x, year in rows]
    )


SAME_YEAR = {"leftField": "year", "rightField": "year"}


def names(collection: Any, key: str = "name") -> list[str]:
    return ee.FeatureCollection(collection).aggregate_array(key).getInfo()


def test_simple_and_inverted_part_the_collection(herds: ee.FeatureCollection, wells: ee.FeatureCollection) -> None:
    same = ee.Filter.equals(**SAME_YEAR)
    assert names(ee.Join.simple().apply(herds, wells, same)) == ["a", "c"]
    assert names(ee.Join.inverted().apply(herds, wells, same)) == ["b"]


def test_inner_gives_every_pair(herds: ee.FeatureCollection, wells: ee.FeatureCollection) -> None:
    near = ee.Filter.maxDifference(difference=1, **SAME_YEAR)
    pairs = ee.Join.inner(measureKey="gap").apply(herds, wells, near)
    found = [
        (each["properties"]["primary"]["properties"]["name"], each["properties"]["secondary"]["properties"]["well"],
         each["properties"]["gap"])
        for each in pairs.getInfo()["features"]
    ]  # fmt: skip
    assert found == [("a", "p", 0), ("b", "p", 1), ("b", "q", 1), ("c", "r", 0)]


def test_matches_are_saved_in_order_and_with_their_distance(
    herds: ee.FeatureCollection, wells: ee.FeatureCollection
) -> None:
    """A tenth of a degree at 45 N is 7.9 km, half a degree 39.4 km."""
    near = ee.Filter.withinDistance(distance=50_000, leftField=".geo", rightField=".geo")
    all_of = ee.Join.saveAll("wells", ordering="year", ascending=False, measureKey="metres").apply(herds, wells, near)
    first = all_of.getInfo()["features"][0]["properties"]["wells"]
    assert [each["properties"]["well"] for each in first] == ["q", "p"]
    assert first[1]["properties"]["metres"] == pytest.approx(7_885, rel=0.001)
    best = ee.Join.saveBest("well", "metres").apply(herds, wells, near)
    assert [e["properties"]["well"]["properties"]["well"] for e in best.getInfo()["features"]] == ["p", "q"]
    outer = ee.Join.saveFirst("well", outer=True).apply(herds, wells, near)
    assert [("well" in each["properties"]) for each in outer.getInfo()["features"]] == [True, True, False]
    with pytest.raises(ee.EEException, match="has no measure"):
        ee.Join.saveBest("well", "m").apply(herds, wells, ee.Filter.equals(**SAME_YEAR)).getInfo()


def test_filters_of_two_elements_combine(herds: ee.FeatureCollection, wells: ee.FeatureCollection) -> None:
    same = ee.Filter.equals(**SAME_YEAR)
    late = ee.Filter.greaterThan(leftField="year", rightValue=2005)
    assert names(ee.Join.simple().apply(herds, wells, ee.Filter.And(same, late))) == ["c"]
    assert names(ee.Join.simple().apply(herds, wells, ee.Filter.And(same, late.Not()))) == ["a"]


def test_images_join_with_their_partners(years: ee.ImageCollection) -> None:
    """Each year with the year before: what anomalies are made from."""
    before = ee.Filter.maxDifference(difference=1, leftField="year", rightField="year")
    earlier = ee.Filter.greaterThan(leftField="year", rightField="year")
    joined = ee.ImageCollection(ee.Join.saveFirst("last").apply(years, years, ee.Filter.And(before, earlier)))
    change = joined.map(lambda image: ee.Image(image).subtract(ee.Image(image.get("last"))).select("a"))
    place = ee.Geometry.Rectangle([100, 44, 102, 45])

    def mean(image: ee.Image) -> ee.Image:
        return image.set("mean", image.reduceRegion(ee.Reducer.mean(), place, 55_660).get("a"))

    # the pixel that is masked in 2002 is left out of both changes
    assert change.map(mean).aggregate_array("mean").getInfo() == pytest.approx([10, 40])
