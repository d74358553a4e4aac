"""Strings, lists, dictionaries, dates and properties: what a name and its description in the signatures promise.

Descriptions are those of the client's own list of algorithms; regular expressions, missing keys and clashing names of
dictionaries follow the examples of ee-dictionary-select, -remove and -rename in Earth Engine's reference
(developers.google.com/earth-engine/apidocs).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import ee
import pytest
from together import refused, wrong

pytestmark = pytest.mark.usefixtures("few")

BANDS = {"B1": 182, "B2": 219, "B3": 443}


def test_strings() -> None:
    text = ee.String("  Ärvi Gobi\t")
    cases: dict[str, tuple[Any, Any]] = {
        "trim": (text.trim(), "Ärvi Gobi"),
        "upper": (text.trim().toUpperCase(), "ÄRVI GOBI"),
        "lower": (text.trim().toLowerCase(), "ärvi gobi"),
        "equals": ([ee.String("a").equals(other) for other in ("a", "A", 1)], [True, False, False]),
        "of a number": (ee.String(ee.Number(7).add(0)), "7"),
        "of a fraction": (ee.String(ee.Number(7).divide(2)), "3.5"),
        "of a boolean": (ee.String(ee.List([1]).contains(1)), "true"),
    }
    assert wrong(cases) == {}


def test_lists() -> None:
    abc = ee.List(["a", "b", "c"])
    mixed = ee.List([1, "x", ee.Array([1, 2])])
    cases: dict[str, tuple[Any, Any]] = {
        "add": (abc.add("d"), ["a", "b", "c", "d"]),
        "add a list": (ee.List([1]).add([2, 3]), [1, [2, 3]]),
        "insert": (abc.insert(1, "x"), ["a", "x", "b", "c"]),
        "insert from the end": (abc.insert(-1, "x"), ["a", "b", "x", "c"]),
        "insert at the end": (abc.insert(3, "x"), ["a", "b", "c", "x"]),
        "set": (abc.set(1, "x"), ["a", "x", "c"]),
        "set from the end": (abc.set(-1, "x"), ["a", "b", "x"]),
        "remove the first only": (ee.List([1, 2, 1]).remove(1), [2, 1]),
        "remove what is not there": (abc.remove("z"), ["a", "b", "c"]),
        "removeAll": (ee.List([1, 2, 1, 3]).removeAll([1, 3, 9]), [2]),
        "reverse": (abc.reverse(), ["c", "b", "a"]),
        "size": ([abc.size(), abc.length(), ee.List([]).size()], [3, 3, 0]),
        "contains": ([abc.contains("b"), abc.contains("z"), ee.List([[1]]).contains([1])], [True, False, True]),
        "containsAll": ([abc.containsAll(["c", "a"]), abc.containsAll(["a", "z"])], [True, False]),
        "all of nothing": (abc.containsAll([]), True),
        "equals": ([ee.List([1, 2]).equals([1, 2]), ee.List([1, 2]).equals([2, 1])], [True, False]),
        "indexOf": ([ee.List([5, 6, 6]).indexOf(6), ee.List([5]).indexOf(7)], [1, -1]),
        "join": (ee.List(["a", 1, 1.5]).join("-"), "a-1-1.5"),
        "join without a separator": (abc.join(), "abc"),
        "join truth": (ee.List([abc.contains("a"), abc.contains("z")]).join(" "), "true false"),
        # as many lists as the shortest has elements
        "unzip": (ee.List([[1, 2, 3], [4, 5]]).unzip(), [[1, 4], [2, 5]]),
        "getNumber": (mixed.getNumber(0), 1),
        "getString": (mixed.getString(-2), "x"),
        "getArray": (mixed.getArray(2), [1, 2]),
    }
    assert wrong(cases) == {}


MISTAKES: dict[str, tuple[Any, str]] = {
    "no number": (lambda: ee.List(["x"]).getNumber(0), "List.getNumber.*not a number"),
    "no string": (lambda: ee.List([1]).getString(0), "List.getString.*not a string"),
    "no array": (lambda: ee.List([1]).getArray(0), "List.getArray.*not an array"),
    "set too far": (lambda: ee.List([1]).set(1, 2), "List.set: List index must be between 0 and 0"),
    "insert too far": (lambda: ee.List([1]).insert(3, 2), "List.insert: List index must be between 0 and 1"),
    "number of a dictionary": (lambda: ee.Dictionary({"a": "x"}).getNumber("a"), "getNumber.*not a number"),
    "string of a dictionary": (lambda: ee.Dictionary({"a": 1}).getString("a"), "getString.*not a string"),
    "selectors without a match": (lambda: ee.Dictionary(BANDS).select(["B1", "Region"]), "'Region'"),
    "removed without a match": (lambda: ee.Dictionary(BANDS).remove(["Region"]), "'Region'"),
    "renamed onto another": (lambda: ee.Dictionary(BANDS).rename(["B3"], ["B1"]), "'B1'"),
    "renamed that is not there": (lambda: ee.Dictionary(BANDS).rename(["B9"], ["B8"]), "'B9'"),
    "names of two lengths": (lambda: ee.Dictionary(BANDS).rename(["B1", "B2"], ["B8"]), "2 keys.*1 new"),
    "array of words": (lambda: ee.Feature(None, {"a": "x"}).toArray(["a"]), "numbers only"),
    "copy and leave out": (
        lambda: ee.Feature(None).copyProperties(ee.Feature(None, {"a": 1}), ["a"], ["a"]),
        "'exclude' must not be given with 'properties'",
    ),
}


@pytest.mark.parametrize(("make", "message"), MISTAKES.values(), ids=MISTAKES.keys())
def test_mistakes(make: Any, message: str) -> None:
    """What the descriptions say that must not be."""
    refused(make, message)


def test_dictionaries() -> None:
    bands = ee.Dictionary(BANDS)
    cases: dict[str, tuple[Any, Any]] = {
        "contains": ([bands.contains("B1"), bands.contains("B9")], [True, False]),
        "getNumber": (bands.getNumber("B1"), 182),
        "getString": (ee.Dictionary({"a": "x"}).getString("a"), "x"),
        "size": (bands.size(), 3),
        "set": (ee.Dictionary({"a": 1}).set("b", [2]).set("a", 0), {"a": 0, "b": [2]}),
        "select": (bands.select(["B1", "B2"]), {"B1": 182, "B2": 219}),
        "select by pattern": (bands.select(["B[1-2]"]), {"B1": 182, "B2": 219}),
        "select what there is": (bands.select(["B1", "Region"], True), {"B1": 182}),
        "remove": (bands.remove(["B2", "B3"]), {"B1": 182}),
        "remove by pattern": (bands.remove(["B[23]"]), {"B1": 182}),
        "remove what there is": (bands.remove(["B2", "Region"], True), {"B1": 182, "B3": 443}),
        "rename": (bands.rename(["B2", "B3"], ["x", "y"]), {"B1": 182, "x": 219, "y": 443}),
        "rename onto another": (bands.rename(["B3"], ["B1"], True), {"B1": 443, "B2": 219}),
        "rename onto a later one": (bands.rename(["B1"], ["B3"], True), {"B2": 219, "B3": 182}),
        "exchange": (bands.rename(["B1", "B3"], ["B3", "B1"], True), {"B1": 443, "B2": 219, "B3": 182}),
    }
    assert wrong(cases) == {}


def test_dates() -> None:
    """Fractions of the units around 2021-04-30 07:15:31.24 UTC (a Friday), worked out with `datetime`."""
    text = "2021-04-30T07:15:31.240"
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    spans = {
        "year": (datetime(2021, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)),
        "month": (datetime(2021, 4, 1, tzinfo=UTC), datetime(2021, 5, 1, tzinfo=UTC)),
        "week": (datetime(2021, 4, 26, tzinfo=UTC), datetime(2021, 5, 3, tzinfo=UTC)),
        "day": (datetime(2021, 4, 30, tzinfo=UTC), datetime(2021, 5, 1, tzinfo=UTC)),
    }
    cases: dict[str, tuple[Any, Any]] = {
        unit: (ee.Date(text).getFraction(unit), (moment - start) / (end - start))
        for unit, (start, end) in spans.items()
    }
    cases |= {
        "hour": (ee.Date(text).getFraction("hour"), (15 * 60 + 31.24) / 3600),
        "minute": (ee.Date(text).getFraction("minute"), 31.24 / 60),
        "second": (ee.Date(text).getFraction("second"), 0.24),
        "before 1970": (ee.Date("1969-12-31T18:00").getFraction("day"), 0.75),
        # the example in the description, and those that follow from the calendar
        "minutes of a day": (ee.Date.unitRatio("day", "minute"), 1440),
        "hours of a week": (ee.Date.unitRatio("week", "hour"), 168),
        "years of a month": (ee.Date.unitRatio("month", "year"), 1 / 12),
        "plural": (ee.Date.unitRatio("hours", "seconds"), 3600),
    }
    assert wrong(cases) == {}


def test_properties() -> None:
    """Copied are all ordinary properties, those that are named, or all but the excluded."""
    source = ee.Feature(None, {"a": 1, "b": 2, "system:time_start": 5})
    target = ee.Feature(None, {"a": 0, "z": 9})
    image = ee.Image(0).set("n", 3)
    cases: dict[str, tuple[Any, Any]] = {
        "copy": (target.copyProperties(source).toDictionary(), {"a": 1, "b": 2, "z": 9}),
        "ordinary only": (target.copyProperties(source).get("system:time_start"), None),
        "named": (target.copyProperties(source, ["system:time_start"]).get("system:time_start"), 5),
        "named only": (target.copyProperties(source, ["b"]).get("a"), 0),
        "excluded": (target.copyProperties(source, exclude=["a"]).toDictionary(), {"a": 0, "b": 2, "z": 9}),
        "setMulti": (ee.Feature(None, {"a": 1, "b": 2}).set({"b": 3, "c": 4}).toDictionary(), {"a": 1, "b": 3, "c": 4}),
        "setMulti of an image": (ee.Image(0).set(ee.Dictionary({"p": "x"})).get("p"), "x"),
        "copy by element": (ee.Element(ee.call("Element.copyProperties", target, source)).get("b"), 2),
        "toArray": (source.toArray(["b", "a"]), [2, 1]),
        "id": (ee.Feature(ee.FeatureCollection([source]).first()).id(), "0"),
        "metadata": (
            image.metadata("n").reduceRegion(ee.Reducer.first(), ee.Geometry.Point([0, 0]), 1000),
            {"n": 3},
        ),
        "metadata by another name": (
            image.metadata("n", "m").bandTypes(),
            {"m": {"type": "PixelType", "precision": "double"}},
        ),
        "id of an image": (ee.Image("TEST/YEARLY/2001_01_01").id(), "2001_01_01"),
        "corners": (
            ee.Image("TEST/YEARLY/2001_01_01").geometry().bounds().coordinates(),
            [[[100, 44], [102, 44], [102, 45], [100, 45], [100, 44]]],
        ),
    }
    assert wrong(cases) == {}


def test_choices() -> None:
    """`If` takes any object as its condition; nothing, zero, the empty string and false are false."""
    choices = [1, 0, "a", "", ee.List([1]).contains(1), ee.List([1]).contains(2)]
    cases: dict[str, tuple[Any, Any]] = {
        "If": ([ee.Algorithms.If(each, "yes", "no") for each in choices], ["yes", "no"] * 3),
        "one branch": (ee.Algorithms.If(1, "yes"), "yes"),
        "no other": (ee.Algorithms.If(0, "yes"), None),
        "Describe a number": (ee.Algorithms.Describe(ee.Number(1).add(1)), 2),
    }
    assert wrong(cases) == {}
    described = ee.Algorithms.Describe(ee.Image(0).rename("x")).getInfo()
    assert [band["id"] for band in described["bands"]] == ["x"]
