"""What programs written for the service rely on, and our own did not: found by running them here.

Expected values are those that the pages of the reference print (`ee-date-format`, `ee-string-split`, `ee-string-match`,
`ee-string-replace`, `ee-date-parse`, `ee-number-expression`, …), or follow from what those pages say.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from offline.sources.own_files.rasters import Raster, read
from offline.sources.own_files.resampling import NativeGrid

pytestmark = pytest.mark.usefixtures("few")

NOON = "2001-07-15T12:00:00"
NUMBERS = {"a": 7, "b": 2}


def date(text: str, *zone: str) -> ee.Date:
    return ee.Date(text, *zone)


@pytest.mark.parametrize(
    ("moment", "pattern", "zone", "shown"),
    [
        (NOON, None, "Asia/Shanghai", "2001-07-15T20:00:00"),
        (NOON, None, "Asia/Ulaanbaatar", "2001-07-15T21:00:00"),
        ("2001-01-15T12:00:00", None, "Asia/Ulaanbaatar", "2001-01-15T20:00:00"),
        (NOON, None, "Etc/GMT-10", "2001-07-15T22:00:00"),
        (NOON, None, "+05:30", "2001-07-15T17:30:00"),
        (NOON, "z Z ZZ ZZZ", "PST8PDT", "PDT -0700 -07:00 PST8PDT"),
        (NOON, "z Z ZZ ZZZ zzzz", "UTC", "UTC +0000 +00:00 UTC Coordinated Universal Time"),
        (NOON, "YYYY GG CC", "UTC", "2001 AD 20"),
    ],
)
def test_dates_are_shown_in_time_zones(moment: str, pattern: str | None, zone: str, shown: str) -> None:
    """Offsets from UTC are those of the zone on that day."""
    assert date(moment).format(pattern, zone).getInfo() == shown


def test_time_zones_move_what_a_day_is() -> None:
    """An evening in UTC is the next day in Mongolia, whose clocks went forward on 28 April 2001."""
    late, zone = date("2001-12-31T20:00:00"), "Asia/Ulaanbaatar"
    assert late.get("year", zone).getInfo() == 2002
    assert late.getRelative("day", "year", zone).getInfo() == 0
    assert late.getRange("day", zone).start().format().getInfo() == "2001-12-31T16:00:00"
    assert late.getFraction("day", zone).getInfo() == pytest.approx(4 / 24)
    assert late.update(2000, timeZone=zone).format().getInfo() == "1999-12-31T20:00:00"
    assert date("2001-06-01", zone).format().getInfo() == "2001-05-31T15:00:00"
    assert ee.Date.fromYMD(2001, 1, 1, zone).format().getInfo() == "2000-12-31T16:00:00"
    assert ee.Date.parse("dd.MM.YYYY", "1.1.2001", zone).format().getInfo() == "2000-12-31T16:00:00"
    ends = ee.DateRange("2001-01-01", "2001-06-01", zone)
    assert ends.end().difference(ends.start(), "hour").getInfo() == 151 * 24 - 1


def test_whole_days_keep_the_time_on_the_clock() -> None:
    """Over the change of clocks a day later is an hour shorter, and 24 hours are 24 hours."""
    start, zone = date("2001-04-27T12:00:00", "Asia/Ulaanbaatar"), "Asia/Ulaanbaatar"
    assert start.advance(1, "day", zone).difference(start, "hour").getInfo() == 23
    assert start.advance(24, "hour", zone).difference(start, "hour").getInfo() == 24
    assert start.advance(1, "month", zone).format("HH:mm", zone).getInfo() == "12:00"


def test_long_names_of_zones_are_refused() -> None:
    with pytest.raises(ee.EEException, match="'zzzz' is known for UTC only"):
        date(NOON).format("zzzz", "Asia/Shanghai").getInfo()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2017", "2017-01-01T00:00:00"),
        ("2017-6", "2017-06-01T00:00:00"),
        ("2017-6-4", "2017-06-04T00:00:00"),
        ("2017-6-4T05:06:07.25", "2017-06-04T05:06:07"),
        ("2017-06-04T05:06:07+08:00", "2017-06-03T21:06:07"),
        ("2017-06-04 05:06", "2017-06-04T05:06:00"),
    ],
)
def test_dates_in_fewer_digits(text: str, shown: str) -> None:
    assert date(text).format().getInfo() == shown


@pytest.mark.parametrize("text", ["4 June 2017", "2017-13-01", "2017-06-04T25:00"])
def test_what_is_no_date_is_told(text: str) -> None:
    with pytest.raises(ee.EEException, match=r"Date: '.*'"):
        date(text).millis().getInfo()


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("YYYY M d", "2021 4 30"),
        ("MM/dd/YY", "4/30/21"),
        ("MMM. dd, YYYY", "Apr. 30, 2021"),
        ("d MMMM yyyy", "30 april 2021"),
        ("YYYYMMdd", "20210430"),
        ("YYYYDDD", "2021120"),
        ("YYYY-MM-dd HH:mm:ss.SSS", "2021-04-30 00:00:00.000"),
    ],
)
def test_dates_read_by_patterns(pattern: str, text: str) -> None:
    """Fewer digits than letters will do, words are months, and two digits of a year are of this century."""
    assert ee.Date.parse(pattern, text).format("YYYY-MM-dd").getInfo() == "2021-04-30"


@pytest.mark.parametrize(("pattern", "text"), [("MMM YYYY", "Apricot 2021"), ("YYYYMMdd", "2021-4-30")])
def test_dates_that_do_not_fit(pattern: str, text: str) -> None:
    with pytest.raises(ee.EEException, match="Invalid format"):
        ee.Date.parse(pattern, text).millis().getInfo()


def test_positions_in_what_is_not_larger_are_zero() -> None:
    moment = date("2021-4-30T07:15:31.24")
    found = [moment.getRelative(*units) for units in (("week", "year"), ("year", "month"), ("month", "month"))]
    assert ee.List(found).getInfo() == [17, 0, 0]


TEXTS: dict[str, tuple[Any, Any]] = {
    "split without regard to case": (lambda: ee.String("xAbyaBz").split("ab", "i"), ["x", "y", "z"]),
    "split on a group": (lambda: ee.String("1ab2c3").split("(ab|c)"), ["1", "2", "3"]),
    "nothing at the end": (lambda: ee.String("a,b,,").split(","), ["a", "b"]),
    "something at the start": (lambda: ee.String(",a").split(","), ["", "a"]),
    "single characters": (lambda: ee.String("a b").split(""), ["a", " ", "b"]),
    "nothing to split": (lambda: ee.String("").split(","), [""]),
    "classes of characters": (lambda: ee.String("a b").split("[[:space:]]"), ["a", "b"]),
    "match without regard to case": (lambda: ee.String("xAByab").match("ab", "i"), ["AB"]),
    "all matches": (lambda: ee.String("xAByab").match("ab", "gi"), ["AB", "ab"]),
    "replace without regard to case": (lambda: ee.String("Ab ab").replace("AB", "z", "i"), "z ab"),
    "replace all": (lambda: ee.String("Ab ab").replace("AB", "z", "ig"), "z z"),
    "braces that count nothing": (
        lambda: ee.String("from {start} to {end%dd}").match(r"{[^}]+}", "g"),
        ["{start}", "{end%dd}"],
    ),
    "braces that count": (lambda: ee.String("aaab").replace("a{2,3}", "-"), "-b"),
    "letters by property": (lambda: ee.String("a1").replace(r"\p{L}", "-"), "-1"),
    "keys of JSON in order": (lambda: ee.String.encodeJSON({"b": 1, "a": [2]}), '{"a":[2],"b":1}'),
    "no dictionary": (lambda: ee.Dictionary(), {}),
    "type of a geometry": (lambda: ee.Algorithms.ObjectType(ee.Geometry.Point(100, 40)), "Geometry"),
    "no images": (lambda: ee.ImageCollection([]), {"type": "ImageCollection", "bands": []}),
    "nothing around nothing": (lambda: ee.Geometry.MultiPoint([]).buffer(10).coordinates(), []),
}


@pytest.mark.parametrize("name", TEXTS)
def test_texts_and_types(name: str) -> None:
    make, expected = TEXTS[name]
    assert make().getInfo() == expected


def test_polygons_of_polygons() -> None:
    """Parts may be polygons, and rings may be lines, where they have been computed."""
    west, east = (ee.Geometry.Rectangle([x, 40, x + 1, 41], None, False) for x in (100, 102))
    both = ee.Geometry.MultiPolygon(ee.List([west, east]), None, False)
    assert both.coordinates().length().getInfo() == 2
    ring = ee.Geometry.LinearRing([[100, 40], [101, 40], [101, 41]], None, False)
    assert ee.Geometry.Polygon(ee.List([ring]), None, False).coordinates().getInfo() == [
        [[100, 40], [101, 40], [101, 41], [100, 40]]
    ]


def test_the_index_of_a_feature_is_no_property_in_print() -> None:
    """It is the feature's id, and can be asked for all the same."""
    feature = ee.Feature(None, {"system:index": "gobi", "rank": 1})
    assert feature.getInfo() == {"type": "Feature", "geometry": None, "id": "gobi", "properties": {"rank": 1}}
    assert feature.get("system:index").getInfo() == "gobi"
    table = ee.FeatureCollection([feature]).getInfo()
    assert table["columns"] == {"rank": "Integer", "system:index": "String"}


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("a + b * 10", 27),
        ("a / b", 3.5),
        ("a ** b", 49),
        ("a % b", 1),
        ("a > b && !(a == b)", 1),
        ("a < b ? 100 : -b", -2),
        ("subtract(add(a, b), 5)", 4),
        ("all.a * all.b", 14),
        ("2 * Math.PI", 2 * math.pi),
    ],
)
def test_formulas_of_numbers(formula: str, value: float) -> None:
    found = ee.Number.expression(formula, {**NUMBERS, "all": NUMBERS}).getInfo()
    assert found == pytest.approx(value)


@pytest.mark.parametrize(
    ("formula", "match"),
    [
        ("a + c", "'c' in .* is not given"),
        ("a + 'b'", "no formula of numbers"),
        ("a +", r"Number\.expression: cannot read"),
    ],
)
def test_formulas_of_numbers_that_fail(formula: str, match: str) -> None:
    with pytest.raises(ee.EEException, match=match):
        ee.Number.expression(formula, NUMBERS).getInfo()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("rank > 1", ["c", "d"]),
        ("rank >= 1 && name != 'd'", ["b", "c"]),
        ('rank == 0 || !(name < "d")', ["a", "d"]),
        ("-1 < rank && rank < twice", ["b", "c", "d"]),
    ],
)
def test_filters_in_words(text: str, names: list[str]) -> None:
    """As an argument of `filter` too, which is how programs write them."""
    features = [ee.Feature(None, {"rank": n, "twice": 2 * n, "name": name}) for n, name in enumerate("abcd")]
    table = ee.FeatureCollection(features)
    assert table.filter(text).aggregate_array("name").getInfo() == names
    assert table.filter(ee.Filter.expression(text)).aggregate_array("name").getInfo() == names


@pytest.mark.parametrize("text", ["rank", "rank + 1 > 2", "rank > b('x')"])
def test_filters_in_words_that_are_none(text: str) -> None:
    with pytest.raises(ee.EEException, match=r"Filter\.expression"):
        ee.FeatureCollection([ee.Feature(None, {"rank": 1})]).filter(ee.Filter.expression(text)).size().getInfo()


CELLS = [0.5, 0, 100, 0, -0.5, 45]
QUARTER = {"scaleX": 0.5, "shearX": 0, "translateX": 100.625, "shearY": 0, "scaleY": -0.5, "translateY": 44.5}


def test_bicubic_is_exact_for_squares(values: Callable[..., list[list[float]]]) -> None:
    """Cubic convolution follows parabolas (Keys 1981); beside a masked cell it is bilinear, here 3/16 too high."""
    cells = ee.Projection("EPSG:4326", CELLS)
    column = ee.Image.pixelCoordinates(cells).select("x")
    squares = column.pow(2).reproject(cells)
    grid = {"affineTransform": QUARTER, "dimensions": {"width": 3, "height": 1}}
    places = np.array([1.75, 2.75, 3.75])
    assert values(squares.resample("bicubic"), **grid) == [pytest.approx(list(places**2))]
    assert values(squares.resample("bilinear"), **grid) == [pytest.approx(list(places**2 + 3 / 16))]
    holed = squares.updateMask(column.neq(5.5)).reproject(cells)
    beside = [1.75**2, 2.75**2, 3.75**2 + 3 / 16]
    assert values(holed.resample("bicubic"), **grid) == [pytest.approx(beside)]


def test_bicubic_of_a_file_stays_within_its_type() -> None:
    """Beside a step the convolution swings over, and under; a byte ends at 0 and 255."""
    stored = np.repeat([[0, 0, 0, 255, 255, 255]], 6, axis=0).astype("uint8")
    native = NativeGrid("EPSG:4326", Affine(*CELLS), stored.shape)
    raster = Raster(
        Path("step.tif"),
        native,
        "uint8",
        (),
        None,
        "MEAN",
        lambda top, left, rows, columns: stored[top : top + rows, left : left + columns],
    )
    grid = GeoBox((1, 4), Affine(0.5, 0, 100.375, 0, -0.5, 43.5), "EPSG:4326")
    found, mask = read(raster, grid, "bicubic")
    # Three quarters of a cell beyond the last 0: its weight is 29/128, that of the 0 before it -3/128.
    assert found.tolist() == [[0, 0, round(255 * (1 - 29 / 128 + 3 / 128)), 255]]
    assert mask.all()
