"""Every filter on the same few features: which of them pass, by name, as the description of the filter says it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ee
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from shapely.geometry import box
from together import wrong

from offline.algorithms.collection.collections import filter_collection
from offline.algorithms.collection.filters import in_range
from offline.model.collection import START, Collection
from offline.model.geometry import Feature
from offline.model.values import Date, DateRange

pytestmark = pytest.mark.usefixtures("few")

#: Name → west, south, east, north, rank, text; `lost` has neither rank nor text.
SQUARES: dict[str, tuple[float, float, float, float, int | None, str | None]] = {
    "small": (100, 44, 100.5, 44.5, 1, "sand dune"),
    "large": (100, 44, 102, 46, 2, "sand sheet"),
    "apart": (105, 40, 106, 41, 3, "dune"),
    "lost": (100.1, 44.1, 100.2, 44.2, None, None),
}


def features() -> ee.FeatureCollection:
    """The squares, with the rank also in a list and as a property of the other side."""
    made = []
    for name, (west, south, east, north, rank, text) in SQUARES.items():
        given = {"name": name} | ({} if rank is None else {"rank": rank, "twice": 4 - rank, "ranks": [rank, 9]})
        given |= {} if text is None else {"text": text}
        made.append(ee.Feature(ee.Geometry.Rectangle([west, south, east, north], None, False), given))
    return ee.FeatureCollection(made)


def passing(test: Any) -> ee.List:
    """Names of the features that pass."""
    return features().filter(test).aggregate_array("name")


def compare(name: str, **operands: Any) -> Any:
    """A filter by the name that the server knows it by."""
    return ee.apply(f"Filter.{name}", operands)


def test_comparisons() -> None:
    """Each comparison under all its names, with a value on either side and between two fields; nulls never pass."""
    ranks = {"small": 1, "large": 2, "apart": 3}
    meant = {
        ("eq", "equals"): lambda a, b: a == b,
        ("neq", "notEquals"): lambda a, b: a != b,
        ("lt", "lessThan"): lambda a, b: a < b,
        ("lte", "lessThanOrEquals"): lambda a, b: a <= b,
        ("gt", "greaterThan"): lambda a, b: a > b,
        ("gte", "greaterThanOrEquals"): lambda a, b: a >= b,
    }
    cases: dict[str, tuple[Any, Any]] = {}
    for names, holds in meant.items():
        for name in names:
            right = [each for each, rank in ranks.items() if holds(rank, 2)]
            left = [each for each, rank in ranks.items() if holds(2, rank)]
            fields = [each for each, rank in ranks.items() if holds(rank, 4 - rank)]
            cases |= {
                f"{name} right": (passing(compare(name, leftField="rank", rightValue=2)), right),
                f"{name} left": (passing(compare(name, leftValue=2, rightField="rank")), left),
                f"{name} fields": (passing(compare(name, leftField="rank", rightField="twice")), fields),
            }
    assert wrong(cases) == {}


def test_text_lists_and_nothing() -> None:
    cases: dict[str, tuple[Any, Any]] = {
        "contains": (passing(ee.Filter.stringContains("text", "dune")), ["small", "apart"]),
        "starts": (passing(ee.Filter.stringStartsWith("text", "sand")), ["small", "large"]),
        "ends": (passing(ee.Filter.stringEndsWith("text", "dune")), ["small", "apart"]),
        "field of a text": (
            passing(compare("stringContains", leftValue="a dune, a sand dune", rightField="text")),
            ["small", "apart"],
        ),
        # the client exchanges the operands, so that the server's left one is the list
        "inList": (passing(ee.Filter.inList("rank", [1, 3, 7])), ["small", "apart"]),
        "listContains": (passing(ee.Filter.listContains("ranks", 2)), ["large"]),
        "list on the left": (passing(compare("inList", leftValue=[1, 3], rightField="rank")), ["small", "apart"]),
        "notNull": (passing(ee.Filter.notNull(["rank", "text"])), ["small", "large", "apart"]),
        "always": (passing(ee.call("Filter.always")), list(SQUARES)),
        "never": (passing(ee.call("Filter.never")), []),
        "not never": (passing(ee.Filter.Not(ee.call("Filter.never"))), list(SQUARES)),
    }
    assert wrong(cases) == {}


def test_places() -> None:
    """Relations of outlines, as shapely has them."""
    outlines = {name: box(*square[:4]) for name, square in SQUARES.items()}
    other = box(100, 44, 101, 45)
    where = ee.Geometry.Rectangle([100, 44, 101, 45], None, False)
    holds = {
        "contains": lambda one: one.contains(other),
        "isContained": lambda one: other.contains(one),
        "disjoint": lambda one: one.disjoint(other),
        "intersects": lambda one: one.intersects(other),
    }
    cases: dict[str, tuple[Any, Any]] = {
        name: (
            passing(compare(name, leftField=".geo", rightValue=where)),
            [each for each, outline in outlines.items() if test(outline)],
        )
        for name, test in holds.items()
    }
    cases["other side"] = (passing(compare("contains", leftValue=where, rightField=".geo")), ["small", "lost"])
    size = {name: abs(Geod(ellps="WGS84").geometry_area_perimeter(outline)[0]) for name, outline in outlines.items()}
    low, high = size["small"], size["apart"]
    among = [name for name, area in size.items() if low <= area <= high]
    cases["area, ends included"] = (passing(ee.Filter.area(low * (1 - 1e-9), high * (1 + 1e-9))), among)
    assert wrong(cases) == {}
    assert among == ["small", "apart"]


def test_days_of_the_year() -> None:
    """Both ends belong to the range, says the description of `Filter.dayOfYear`; a range over New Year wraps."""
    days = {"first": 1, "32": 32, "60": 60, "last": 365}
    start = datetime(2001, 1, 1, tzinfo=UTC).timestamp() * 1000
    dated = ee.FeatureCollection(
        [
            ee.Feature(None, {"name": name, "system:time_start": start + (day - 1) * 86_400_000})
            for name, day in days.items()
        ]
    )

    def named(first: int, last: int) -> ee.List:
        return dated.filter(ee.Filter.dayOfYear(first, last)).aggregate_array("name")

    cases: dict[str, tuple[Any, Any]] = {
        "both ends": (named(32, 60), ["32", "60"]),
        "one day": (named(32, 32), ["32"]),
        "over New Year": (named(365, 1), ["first", "last"]),
        "no day": (named(2, 31), []),
    }
    assert wrong(cases) == {}


MOMENTS = st.lists(st.none() | st.integers(-3, 6) | st.floats(-3, 6), max_size=12)
ENDS = st.none() | st.integers(-3, 6)


@given(moments=MOMENTS, start=ENDS, end=ENDS)
def test_a_range_of_dates_passes_the_elements_that_begin_in_it(
    moments: list[float | None], start: int | None, end: int | None
) -> None:
    """In their own order, whatever that is, and the end not among them; the same as one element after the other."""
    made = [Feature(None, {} if each is None else {START: each}, str(n)) for n, each in enumerate(moments)]
    span = DateRange(*(None if each is None else Date(each) for each in (start, end)))
    test = in_range(None, None, START, span)
    kept = filter_collection(Collection("FeatureCollection", lambda: made), test).elements()
    assert kept == [each for each in made if test.accepts(each)]
    meant = [
        each is not None and (start is None or start <= int(each)) and (end is None or int(each) < end)
        for each in moments
    ]
    assert [each.id for each in kept] == [str(n) for n, passes in enumerate(meant) if passes]
