"""Small algorithms, one line each: what is asked of the client, and what it has to answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import called
import ee
import numpy as np
import pytest

from offline.protocol.server import Server
from offline.protocol.support import ALONE, BEGIN, END, families, family, supported, table

SQUARE = [[[100, 44], [101, 44], [101, 45], [100, 45], [100, 44]]]


def rows(values: list[Any]) -> ee.FeatureCollection:
    return ee.FeatureCollection([ee.Feature(None, {"v": value}) for value in values])


def span(start: str, end: str) -> ee.DateRange:
    return ee.DateRange(start, end)


ANSWERS: dict[str, tuple[Callable[[], Any], Any]] = {
    "List.indexOfSublist": (lambda: ee.List([1, 2, 3, 2, 3]).indexOfSublist([2, 3]), 1),
    "List.lastIndexOfSubList": (lambda: ee.List([1, 2, 3, 2, 3]).lastIndexOfSubList([2, 3]), 3),
    "no sublist": (lambda: ee.List([1, 2]).indexOfSublist([3]), -1),
    "List.rotate": (lambda: ee.List([1, 2, 3, 4]).rotate(1), [4, 1, 2, 3]),
    "List.rotate back": (lambda: ee.List([1, 2, 3, 4]).rotate(-1), [2, 3, 4, 1]),
    "List.shuffle": (lambda: ee.List([1, 2, 3, 4]).shuffle(7).sort(), [1, 2, 3, 4]),
    "String.compareTo": (lambda: ee.String("a").compareTo("b"), -1),
    "String.rindex": (lambda: ee.String("banana").rindex("an"), 3),
    "String.decodeJSON": (lambda: ee.String('{"a": [1, 2]}').decodeJSON(), {"a": [1, 2]}),
    "String.encodeJSON": (lambda: ee.String.encodeJSON({"a": [1, 2]}), '{"a":[1,2]}'),
    "DateRange.intersects": (lambda: span("2001", "2003").intersects(span("2002", "2004")), True),
    "DateRange half-open": (lambda: span("2001", "2002").intersects(span("2002", "2004")), False),
    "DateRange.intersection": (
        lambda: span("2001", "2003").intersection(span("2002", "2004")).start().format("YYYY"),
        "2002",
    ),
    "DateRange.union": (lambda: span("2001", "2003").union(span("2005", "2006")).end().format("YYYY"), "2006"),
    "DateRange.isEmpty": (lambda: span("2001", "2002").isEmpty(), False),
    "DateRange.isUnbounded": (lambda: ee.DateRange.unbounded().isUnbounded(), True),
    "Collection.remap": (lambda: rows([1, 2, 3]).remap([1, 3], [10, 30], "v").aggregate_array("v"), [10, 30]),
    "Number.bitCount": (lambda: ee.Number(13).bitCount(), 3),
    "Number.erf": (lambda: ee.Number(0.5).erf().multiply(1e6).round(), 520500),
    "Number.gamma": (lambda: ee.Number(5).gamma(), 24),
    "Number.bitwise_and": (lambda: ee.Number(6).bitwise_and(3), 2),
    "Number.firstNonZero": (lambda: ee.Number(0).firstNonZero(3), 3),
    "PixelType": (lambda: ee.PixelType("int", 0, 9).maxValue(), 9),
    "PixelType.int16": (lambda: ee.PixelType.int16().minValue(), -32768),
    "PixelType.float": (lambda: ee.PixelType.float().precision(), "float"),
    "Geometry.isUnbounded": (lambda: ee.Geometry.Point(1, 2).isUnbounded(), False),
    "Geometry.withinDistance": (
        lambda: ee.Geometry.Point(100, 0).withinDistance(ee.Geometry.Point(101, 0), 1e5),
        False,
    ),
    "Geometry.closestPoint": (
        lambda: ee.Geometry(ee.Geometry.Point([102, 44.5]).closestPoint(ee.Geometry.Polygon(SQUARE))).coordinates(),
        [101, 44.5],
    ),
    "Element.replaceProperties": (
        lambda: ee.Feature(None, {"a": 1}).replaceProperties(ee.Feature(None, {"b": 2})).toDictionary(),
        {"b": 2},
    ),
    "Filter.hasGeometry": (lambda: rows([1]).filter(ee.Filter.hasGeometry()).size(), 0),
    "Reducer.countDistinctNonNull": (lambda: ee.List([1, 1, 2]).reduce(ee.Reducer.countDistinctNonNull()), 2),
}


@pytest.mark.parametrize(("ask", "answer"), ANSWERS.values(), ids=ANSWERS.keys())
def test_answers(few: Server, ask: Callable[[], Any], answer: Any) -> None:
    assert ask().getInfo() == answer


def test_distances_and_pieces_of_lines(few: Server) -> None:
    """A degree of the equator is 111,319.5 m."""
    one, other = ee.Geometry.Point([100, 0]), ee.Geometry.Point([101, 0])
    assert one.distance(other).getInfo() == pytest.approx(111_319.49, abs=0.01)
    near = one.closestPoints(ee.Geometry.LineString([[100, 1], [102, 1]])).getInfo()
    assert near["right"]["coordinates"] == pytest.approx([100, 1])
    pieces = ee.Geometry.LineString([[100, 0], [103, 0]]).cutLines([111_319.49, 222_638.98]).coordinates().getInfo()
    assert [line[0][0] for line in pieces] == pytest.approx([100, 101, 102], abs=1e-5)
    cells = ee.Geometry.Rectangle([100.1, 44.1, 101.9, 44.9]).coveringGrid(
        ee.Projection("EPSG:4326", [1, 0, 0, 0, 1, 0])
    )
    assert cells.aggregate_array("system:index").getInfo() == ["100,44", "101,44"]


def test_statistics_of_a_column(few: Server) -> None:
    found = rows([1, 2, 3, 6]).aggregate_stats("v").getInfo()
    assert (found["sum"], found["mean"], found["max"], found["valid_count"]) == (12, 3, 6, 4)
    assert found["sample_sd"] == pytest.approx(np.std([1, 2, 3, 6], ddof=1))
    assert found["total_var"] == pytest.approx(np.var([1, 2, 3, 6]))


def test_curves(first: ee.Image, values: Callable[..., list[list[float]]]) -> None:
    a = first.select("a")
    assert values(a.polynomial([1, 2, 3]))[0][0] == 1 + 2 * 10 + 3 * 100
    assert values(a.interpolate([11, 13], [0, 1]))[0] == [-0.5, 0, 0.5, 1]
    assert values(a.interpolate([11, 13], [0, 1], "clamp"))[0] == [0, 0, 0.5, 1]
    assert values(a.interpolate([11, 13], [0, 1], "mask").unmask(-9))[0] == [-9, 0, 0.5, 1]
    assert values(a.interpolate([11, 13], [0, 1], "input"))[0] == [10, 0, 0.5, 1]
    with pytest.raises(ee.EEException, match="rise strictly"):
        values(a.interpolate([13, 11], [0, 1]))


def test_colours_there_and_back(few: Server, values: Callable[..., list[list[float]]]) -> None:
    colour = ee.Image([0.2, 0.6, 0.4]).rename(["r", "g", "b"])
    hsv = colour.rgbToHsv()
    assert hsv.bandNames().getInfo() == ["hue", "saturation", "value"]
    assert values(hsv.select("value"))[0][0] == pytest.approx(0.6)
    for name, value in (("red", 0.2), ("green", 0.6), ("blue", 0.4)):
        assert values(hsv.hsvToRgb().select(name))[0][0] == pytest.approx(value)


def test_the_list_of_algorithms_is_the_clients(few: Server) -> None:
    listed = supported()
    assert set(listed) == set(ee.data.getAlgorithms())
    assert listed["Image.add"]
    assert not listed["Classifier.smileRandomForest"]
    assert sum(total for _, total in families().values()) == len(listed)
    assert sum(here for here, _ in families().values()) == sum(listed.values())


@pytest.mark.skipif(called.RECORDING, reason="the record is being made")
def test_the_table_in_the_readme_is_up_to_date() -> None:
    """Families, algorithms and tests; `make families` writes it again. Each test checks its own part of the record."""
    tests = called.recorded()
    text = called.README.read_text(encoding="utf-8")
    assert text.split(BEGIN)[1].split(END)[0].strip() == table(tests)
    assert [name for name in tests if not called.is_there(name)] == []


@pytest.mark.skipif(called.RECORDING, reason="the record is being made")
def test_every_family_that_is_supported_has_tests() -> None:
    seen = {family(name) for each in called.recorded().values() for name in each}
    assert [name for name, (here, _) in families().items() if here and name not in seen and name != ALONE] == []
