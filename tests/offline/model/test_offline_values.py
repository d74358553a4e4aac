"""Numbers, strings, lists, dictionaries, dates and geometries, as the real client gets them back."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import ee
import pytest

pytestmark = pytest.mark.usefixtures("few")


def n(value: Any) -> ee.Number:
    return ee.Number(value)


CASES: dict[str, tuple[Callable[[], Any], Any]] = {
    "integers divide to a fraction": (lambda: n(5).divide(2), 2.5),
    "division by zero gives zero": (lambda: n(5).divide(0), 0),
    "remainder has the sign of the dividend": (lambda: n(-7).mod(3), -1),
    "power": (lambda: n(2).pow(10), 1024),
    "cast truncates": (lambda: n(-2.7).toInt(), -2),
    "halves round up": (lambda: n(2.5).round(), 3),
    "comparison gives one": (lambda: n(2).eq(2), 1),
    "comparison gives zero": (lambda: n(2).lt(2), 0),
    "bits": (lambda: n(6).bitwiseAnd(3), 2),
    "shift": (lambda: n(6).rightShift(1), 3),
    "clamp": (lambda: n(6).clamp(0, 5), 5),
    "format a fraction": (lambda: n(3.14159).format("%.2f"), "3.14"),
    "format with zeros": (lambda: n(42).format("%05d"), "00042"),
    "format inside text": (lambda: n(2001).format("y%d"), "y2001"),
    "parse": (lambda: ee.Number.parse("2001"), 2001),
    "parse hexadecimal": (lambda: ee.Number.parse("ff", 16), 255),
    "join strings": (lambda: ee.String("y").cat("2001"), "y2001"),
    "split": (lambda: ee.String("a_b_c").split("_"), ["a", "b", "c"]),
    "replace the first": (lambda: ee.String("a.b.b").replace("b", "c"), "a.c.b"),
    "replace all": (lambda: ee.String("a.b.b").replace("b", "c", "g"), "a.c.c"),
    "slice a string from its end": (lambda: ee.String("abcdef").slice(-2), "ef"),
    "match": (lambda: ee.String("abc123").match("[0-9]+"), ["123"]),
    "index": (lambda: ee.String("hello").index("l"), 2),
    "sequence includes its end": (lambda: ee.List.sequence(1, 5), [1, 2, 3, 4, 5]),
    "sequence by step": (lambda: ee.List.sequence(0, 1, 0.5), [0, 0.5, 1]),
    "sequence downwards": (lambda: ee.List.sequence(3, 1, -1), [3, 2, 1]),
    "sequence by count": (lambda: ee.List.sequence(0, 10, None, 3), [0, 5, 10]),
    "map": (lambda: ee.List([1, 2]).map(lambda x: n(x).multiply(2)), [2, 4]),
    "map drops nulls": (
        lambda: ee.List([1, 2, 3]).map(lambda x: ee.Algorithms.If(n(x).gt(1), x, None), True),
        [2, 3],
    ),
    "iterate": (lambda: ee.List([1, 2, 3]).iterate(lambda x, a: n(a).add(x), 10), 16),
    "functions see outer arguments": (
        lambda: ee.List([1, 2]).map(lambda x: ee.List([10, 20]).map(lambda y: n(x).add(y))),
        [[11, 21], [12, 22]],
    ),
    "zip": (lambda: ee.List([1, 2]).zip(["a", "b"]), [[1, "a"], [2, "b"]]),
    "get from the end": (lambda: ee.List([1, 2, 3]).get(-1), 3),
    "flatten": (lambda: ee.List([[1, [2]], 3]).flatten(), [1, 2, 3]),
    "slice": (lambda: ee.List([0, 1, 2, 3]).slice(0, -1), [0, 1, 2]),
    "slice by step": (lambda: ee.List([0, 1, 2, 3]).slice(0, 4, 2), [0, 2]),
    "sort": (lambda: ee.List([3, 1, 2]).sort(), [1, 2, 3]),
    "sort by keys": (lambda: ee.List(["a", "b", "c"]).sort([3, 1, 2]), ["b", "c", "a"]),
    "distinct keeps the first": (lambda: ee.List([3, 1, 3]).distinct(), [3, 1]),
    "replace the first element": (lambda: ee.List([1, 3, 1]).replace(1, 2), [2, 3, 1]),
    "replace all elements": (lambda: ee.List([1, 3, 1]).replaceAll(1, 2), [2, 3, 2]),
    "frequency": (lambda: ee.List([1, 2, 1]).frequency(1), 2),
    "splice": (lambda: ee.List([1, 2, 3]).splice(1, 1, [8, 9]), [1, 8, 9, 3]),
    "swap": (lambda: ee.List([1, 2, 3]).swap(0, 2), [3, 2, 1]),
    "filter plain values": (lambda: ee.List([1, 2, 3]).filter(ee.Filter.gt("item", 1)), [2, 3]),
    "reduce a list": (lambda: ee.List([3, 1, 2]).reduce(ee.Reducer.mean()), 2),
    "keys are sorted": (lambda: ee.Dictionary({"b": 1, "a": 2}).keys(), ["a", "b"]),
    "values go with sorted keys": (lambda: ee.Dictionary({"b": 1, "a": 2}).values(), [2, 1]),
    "default of a missing key": (lambda: ee.Dictionary({"a": 1}).get("z", 9), 9),
    "combine overwrites": (lambda: ee.Dictionary({"b": 1}).combine({"b": 5}), {"b": 5}),
    "combine keeps": (lambda: ee.Dictionary({"b": 1}).combine({"b": 5}, False), {"b": 1}),
    "map a dictionary": (lambda: ee.Dictionary({"b": 1}).map(lambda _k, v: n(v).add(1)), {"b": 2}),
    "pairs to a dictionary": (lambda: ee.Dictionary(["a", 1, "b", 2]), {"a": 1, "b": 2}),
    "dictionary to bands": (lambda: ee.Dictionary({"b": 1}).toImage().bandNames(), ["b"]),
    "milliseconds": (lambda: ee.Date("2001-01-01").millis(), 978307200000),
    "months end with their month": (
        lambda: ee.Date("2001-01-31").advance(1, "month").format("YYYY-MM-dd"),
        "2001-02-28",
    ),
    "days before": (
        lambda: ee.Date("2001-01-31").advance(-31, "day").format("YYYY-MM-dd"),
        "2000-12-31",
    ),
    "a field of a date": (lambda: ee.Date("2001-03-04").get("month"), 3),
    "day in year counts from zero": (
        lambda: ee.Date("2001-02-01").getRelative("day", "year"),
        31,
    ),
    "difference in days": (
        lambda: ee.Date("2001-03-01").difference(ee.Date("2001-02-01"), "day"),
        28,
    ),
    "a date by default": (lambda: ee.Date("2001-03-04").format(), "2001-03-04T00:00:00"),
    "names of months": (lambda: ee.Date("2001-03-04").format("MMM d, y"), "Mar 4, 2001"),
    "quoted text in a pattern": (lambda: ee.Date("2001-03-04").format("'y'YYYY"), "y2001"),
    "day of year": (lambda: ee.Date("2001-02-01").format("DDD"), "032"),
    "parse a date": (lambda: ee.Date.parse("YYYY_MM_dd", "2001_02_03").millis(), 981158400000),
    "update a date": (
        lambda: ee.Date("2001-02-03").update(2005).format("YYYY-MM-dd"),
        "2005-02-03",
    ),
    "the end is not in a range": (
        lambda: ee.DateRange("2001-01-01", "2002-01-01").contains("2002-01-01"),
        False,
    ),
    "the month around a date": (
        lambda: ee.Date("2001-02-03").getRange("month").end().format("YYYY-MM-dd"),
        "2001-03-01",
    ),
    "a date itself": (lambda: ee.Date("2001-01-01"), {"type": "Date", "value": 978307200000}),
    "zero is false": (lambda: ee.Algorithms.If(0, 1, 2), 2),
    "an empty string is false": (lambda: ee.Algorithms.If("", 1, 2), 2),
    "null is false": (lambda: ee.Algorithms.If(None, 1, 2), 2),
    "the other branch is not evaluated": (
        lambda: ee.Algorithms.If(1, "fine", ee.Image("NO/SUCH/IMAGE").bandNames()),
        "fine",
    ),
    "equality": (lambda: ee.Algorithms.IsEqual("a", "a"), True),
    "type names": (lambda: ee.Algorithms.ObjectType(n(1)), "Integer"),
}


@pytest.mark.parametrize(("make", "expected"), CASES.values(), ids=CASES.keys())
def test_a_computed_value(make: Callable[[], Any], expected: Any) -> None:
    """Each case names the rule; expected values follow Earth Engine's documentation of the algorithm."""
    got = ee.ComputedObject.getInfo(make())
    assert got == expected
    assert isinstance(got, bool) == isinstance(expected, bool)


SHAPES: dict[str, tuple[Callable[[], Any], Any]] = {
    "bounds begin in the south-west": (
        lambda: ee.Geometry.LineString([[0, 0], [2, 1]]).bounds().coordinates(),
        [[[0, 0], [2, 0], [2, 1], [0, 1], [0, 0]]],
    ),
    "type": (lambda: ee.Geometry.Rectangle([0, 0, 1, 1]).type(), "Polygon"),
    "contains": (
        lambda: ee.Geometry.Rectangle([0, 0, 2, 2]).contains(ee.Geometry.Point([1, 1])),
        True,
    ),
    "does not intersect": (
        lambda: ee.Geometry.Rectangle([0, 0, 2, 2]).intersects(ee.Geometry.Point([3, 1])),
        False,
    ),
}


@pytest.mark.parametrize(("make", "expected"), SHAPES.values(), ids=SHAPES.keys())
def test_a_geometry(make: Callable[[], Any], expected: Any) -> None:
    """Relations and coordinates in longitude and latitude."""
    assert make().getInfo() == expected


def test_areas_are_ellipsoidal() -> None:
    """One degree by one at the equator has 12 308.8 km² on WGS84 (Snyder 1987, authalic zones)."""
    cell = ee.Geometry.Rectangle([0, 0, 1, 1]).area().getInfo()
    assert cell == pytest.approx(12_308.8e6, rel=1e-3)


def test_a_buffer_has_its_radius_in_metres() -> None:
    """A disc of a kilometre has π km²."""
    disc = ee.Geometry.Point([100, 45]).buffer(1000).area().getInfo()
    assert disc == pytest.approx(math.pi * 1e6, rel=5e-3)


def test_intersection_is_the_common_part() -> None:
    """Two squares that overlap in one by one degree."""
    one, other = ee.Geometry.Rectangle([0, 0, 2, 2]), ee.Geometry.Rectangle([1, 1, 3, 3])
    common = ee.Geometry.Rectangle([1, 1, 2, 2])
    assert one.intersection(other).area().getInfo() == pytest.approx(common.area().getInfo())


def test_a_rectangle_may_be_given_in_pixels_of_a_projection() -> None:
    """The client writes download regions so: coordinates go through the projection's transform."""
    cells = ee.Projection("EPSG:4326", [0.5, 0, 100, 0, -0.5, 45])
    corners = ee.Geometry.Rectangle([0, 0, 4, 2], cells, False).bounds().coordinates().getInfo()
    assert corners == [[[100, 44], [102, 44], [102, 45], [100, 45], [100, 44]]]


def test_time_zones_that_are_none_are_told() -> None:
    """A zone that were ignored would shift days without a word."""
    with pytest.raises(ee.EEException, match="time zone 'Asia/Gobi' is not known"):
        ee.Date("2001-01-01").get("day", "Asia/Gobi").getInfo()
