"""Charts and maps: whole SVG whatever is put in, numbers where they belong, nothing told by colour alone."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample import square

from practices.charts import (
    BreakMark,
    Line,
    MapShape,
    bin_of,
    class_bars,
    effect_chart,
    event_study,
    region_map,
    series_chart,
)
from practices.charts.frame import Scale, bounds, patterns, ticks
from practices.charts.maps import MapProjection, fitted
from practices.numbers import number

SVG = "{http://www.w3.org/2000/svg}"
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=30
)
VALUE = st.floats(-1e6, 1e6, allow_nan=False)


def parsed(drawn: object) -> ET.Element:
    return ET.fromstring(str(drawn))


@given(TEXT, TEXT, st.lists(st.tuples(st.integers(1900, 2100), VALUE), max_size=40, unique_by=lambda p: p[0]))
@settings(max_examples=60, deadline=None)
def test_a_chart_is_whole_whatever_the_names_and_values(
    title: str, units: str, points: list[tuple[int, float]]
) -> None:
    points = sorted(points)
    line = Line(title, [float(y) for y, _ in points], [v for _, v in points])
    drawn = series_chart([line], title=title, units=units, breaks=[BreakMark(2000.0, 1990.0, 2010.0)] if points else [])
    root = parsed(drawn)
    assert root.attrib["role"] == "img"
    assert root.findtext("title") == title
    places = {"x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "width", "height"}
    assert all(math.isfinite(float(v)) for each in root.iter() for k, v in each.attrib.items() if k in places)


@given(TEXT)
@settings(max_examples=30, deadline=None)
def test_names_on_a_map_are_text(name: str) -> None:
    shape = MapShape("a", name, square(100, 40), "/regions/a?b=1&c=2", 12.5)
    root = parsed(region_map([shape], title=name, points=[(name, 41.0, 101.0, "#x")]))
    assert [a.attrib["href"] for a in root.iter("a")] == ["/regions/a?b=1&c=2", "#x"]
    assert root.find("a").attrib["aria-label"] == f"{name}: 12.5 % degraded"  # type: ignore[union-attr]


def test_numbers_on_a_map_never_lie_on_each_other() -> None:
    """Five small neighbours of 21, 3 and 2 percent were read as "213 2"."""
    shapes = [
        MapShape(str(n), str(n), square(115 + 0.3 * n, 42.6, 0.2), "#", value) for n, value in enumerate((21, 3, 2))
    ]
    near = parsed(region_map(shapes, title="near"))
    assert [each.text for each in near.iter("text") if "region-number" in each.attrib["class"]] == ["21", "2"]
    apart = [MapShape(str(n), str(n), square(100 + 8 * n, 42.6), "#", value) for n, value in enumerate((21, 3, 2))]
    far = parsed(region_map(apart, title="far"))
    assert {each.text for each in far.iter("text") if "region-number" in each.attrib["class"]} == {"21", "3", "2"}


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_ticks_are_round_and_within(low: float, span: float) -> None:
    span = max(span, abs(low) * 1e-4)
    high = low + span
    found = ticks(low, high)
    assert all(low - span * 1e-6 <= each <= high + span * 1e-6 for each in found)
    assert 2 <= len(found) <= 12


@given(st.lists(VALUE, min_size=1, max_size=20), st.booleans())
def test_bounds_hold_every_value_and_are_never_empty(values: list[float], zero: bool) -> None:
    low, high = bounds(values, zero=zero)
    assert low < high
    assert low <= min(values)
    assert max(values) <= high
    if zero:
        assert low <= 0 <= high


def test_a_series_stands_where_its_years_and_values_are() -> None:
    drawn = parsed(
        series_chart([Line("x", [2001.0, 2002.0, 2005.0], [1.0, 2.0, 3.0])], title="t", units="mm", slope=0.5)
    )
    xs = [float(each.attrib["cx"]) for each in drawn.iter("circle")]
    assert xs[2] - xs[1] == pytest.approx(3 * (xs[1] - xs[0]), abs=0.1)
    # The gap of three years is left open: one path of two points, and a lone point.
    assert [each.attrib["d"].count("L") for each in drawn.iter("path")] == [1]
    trend = next(each for each in drawn.iter("line") if each.attrib["class"] == "trend")
    assert float(trend.attrib["y1"]) > float(trend.attrib["y2"])


def test_a_break_has_its_interval_and_its_year_in_words() -> None:
    line = Line("x", [float(y) for y in range(2001, 2011)], [1.0] * 10)
    drawn = parsed(series_chart([line], title="t", units="", breaks=[BreakMark(2005.0, 2003.0, 2008.0)]))
    band = next(each for each in drawn.iter("rect") if each.attrib["class"] == "band")
    scale = Scale(2001 - 0.6, 2010 + 0.6, 52, 470)
    assert float(band.attrib["x"]) == pytest.approx(scale(2003.0), abs=0.02)
    assert float(band.attrib["width"]) == pytest.approx(scale(2008.0) - scale(2003.0), abs=0.02)
    assert "break 2005" in [each.text for each in drawn.iter("text")]
    assert "break 2005 (2003 to 2008)" in drawn.findtext("desc", "")


def test_classes_have_patterns_numbers_and_intervals() -> None:
    drawn = parsed(class_bars({"degraded": (120.0, 100.0, 150.0), "stable": (880.0, None, None)}, title="t"))
    fills = {each.attrib.get("fill") for each in drawn.iter("rect")}
    assert "url(#pattern-degraded)" in fills
    assert sum(each.attrib["class"] == "whisker" for each in drawn.iter("line")) == 3
    assert "120 km² · 12.0 %" in [each.text for each in drawn.iter("text")]
    known = {each.attrib["id"] for each in parsed(patterns()).iter("pattern")}
    assert {"pattern-degraded", "pattern-improved", "pattern-undetermined"} <= known


def test_effects_say_on_which_side_of_zero_they_lie() -> None:
    drawn = parsed(
        effect_chart([("a", 2.0, 1.0, 3.0), ("b", 0.5, -1.0, 2.0), ("c", -2.0, -3.0, -1.0)], title="t", units="%")
    )
    assert [each.attrib["class"] for each in drawn.iter("circle")] == ["better", "unclear", "worse"]


def test_an_event_study_parts_before_from_after() -> None:
    points = [(year, 0.1 * max(year, 0), -0.1 + 0.1 * max(year, 0), 0.1 + 0.1 * max(year, 0)) for year in range(-4, 6)]
    drawn = parsed(event_study(points, title="t", units="%"))
    assert {"before", "after the start"} <= {each.text for each in drawn.iter("text")}
    assert len(list(drawn.iter("circle"))) == 10


def test_simulated_pictures_say_so_themselves() -> None:
    line = Line("x", [2001.0, 2002.0], [1.0, 2.0])
    for drawn in (
        series_chart([line], title="t", units="", mark="SIMULATED"),
        class_bars({"degraded": (1.0, None, None)}, title="t", mark="SIMULATED"),
        region_map([MapShape("a", "A", square(100, 40), "/a", 1.0)], title="t", mark="SIMULATED"),
    ):
        assert "SIMULATED" in [each.text for each in parsed(drawn).iter("text")]


@given(st.floats(92, 128), st.floats(34, 53))
def test_the_projection_keeps_areas(lon: float, lat: float) -> None:
    project = MapProjection(112.0, 43.0)
    d = 1e-3
    (x0, y0), (x1, y1), (x2, y2) = project(lon, lat), project(lon + d, lat), project(lon, lat + d)
    drawn = abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0))
    true = math.radians(d) ** 2 * math.cos(math.radians(lat + d / 2))
    assert drawn == pytest.approx(true, rel=2e-3)


def test_a_fitted_map_shows_every_place_and_is_never_too_near() -> None:
    project = fitted([(90.0, 35.0), (135.0, 52.0)], 960, 560)
    for lon, lat in ((90, 35), (135, 52), (112, 43)):
        x, y = project(lon, lat)
        assert 0 <= x <= 960
        assert 0 <= y <= 560
    one = fitted([(110.0, 45.0)], 640, 380)
    west, east = one(106.0, 45.0)[0], one(114.0, 45.0)[0]
    assert 0 < west < east < 640


def test_shares_fall_into_the_classes_of_the_legend() -> None:
    assert [bin_of(value) for value in (0.0, 4.9, 5.0, 19.9, 39.9, 40.0, 100.0, None)] == [0, 0, 1, 2, 3, 4, 4, None]


@pytest.mark.parametrize(
    ("value", "said"),
    [(1234.5, "1,234"), (-0.05, "−0.050"), (12.34, "12.3"), (0.123, "0.12"), (float("nan"), "–"), (3.0, "3")],
)
def test_numbers_are_written_for_people(value: float, said: str) -> None:
    assert number(value) == said


def test_no_element_has_a_style_of_its_own() -> None:
    """The policy of the page forbids it, and a print would lose it."""
    line = Line("x", [2001.0, 2002.0], [1.0, 2.0])
    drawn: list[Any] = [series_chart([line], title="t", units=""), class_bars({"degraded": (1.0, 0.5, 2.0)}, title="t")]
    assert not any(re.search(r"\bstyle=", str(each)) for each in drawn)


def test_several_lines_are_named_at_their_ends_and_long_numbers_fit() -> None:
    years = [float(year) for year in range(2001, 2011)]
    lines = [Line(name, years, [value] * 10) for name, value in (("Sheep", 2e6), ("Goats", 1.99e6), ("Cattle", 1e5))]
    drawn = parsed(series_chart(lines, title="t", units="head"))
    names = [each for each in drawn.iter("text") if each.text in ("Sheep", "Goats", "Cattle")]
    assert [each.text for each in names] == ["Sheep", "Goats", "Cattle"]
    heights = [float(each.attrib["y"]) for each in names]
    assert heights[1] - heights[0] == pytest.approx(13)  # they would lie on each other
    last = max(float(each.attrib["cx"]) for each in drawn.iter("circle"))
    assert all(float(each.attrib["x"]) > last for each in names)
    numbers = [each for each in drawn.iter("text") if each.text and each.text.endswith(",000")]
    assert len(numbers) >= 2
    # at most seven units a letter, the last of which stands at x
    assert all(float(each.attrib["x"]) - 7 * len(each.text or "") > 0 for each in numbers)
