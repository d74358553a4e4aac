"""Reducers and the methods that collections have for them, on lists, features and images, against `statistics`."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

import ee
import pytest
from together import refused, wrong

pytestmark = pytest.mark.usefixtures("few")

NUMBERS = [3, 1, 4, 1, 5]


def images(*values: float | None) -> ee.ImageCollection:
    """An image of one band `v` for each value, masked for none."""
    made = [ee.Image(0).updateMask(0) if value is None else ee.Image(value) for value in values]
    return ee.ImageCollection([each.rename("v") for each in made])


def seen(image: Any) -> ee.Dictionary:
    """The values of all bands at a place."""
    return ee.Image(image).reduceRegion(ee.Reducer.first(), ee.Geometry.Point([101, 44.5]), 1000)


def test_aggregates_of_features() -> None:
    """Elements without the property count nothing; deviations are of the population (total) or of a sample."""
    rows = [*({"x": value, "t": f"t{value}"} for value in NUMBERS), {"y": 7}]
    collection = ee.FeatureCollection([ee.Feature(None, row) for row in rows])
    expected: dict[str, float] = {
        "sum": sum(NUMBERS),
        "mean": statistics.fmean(NUMBERS),
        "min": min(NUMBERS),
        "max": max(NUMBERS),
        "product": math.prod(NUMBERS),
        "count": len(NUMBERS),
        "count_distinct": len(set(NUMBERS)),
        "first": NUMBERS[0],
        "total_sd": statistics.pstdev(NUMBERS),
        "total_var": statistics.pvariance(NUMBERS),
        "sample_sd": statistics.stdev(NUMBERS),
        "sample_var": statistics.variance(NUMBERS),
    }
    cases: dict[str, tuple[Any, Any]] = {
        name: (getattr(collection, f"aggregate_{name}")("x"), value) for name, value in expected.items()
    }
    # ee-featurecollection-aggregate_first shows the name of a fuel
    cases["first of words"] = (collection.aggregate_first("t"), "t3")
    cases["column of words"] = (collection.reduceColumns(ee.Reducer.first(), ["t"]).get("first"), "t3")
    cases["last of words"] = (collection.aggregate_max("t"), "t5")
    cases["different words"] = (collection.aggregate_count_distinct("t"), 4)
    cases["no such property"] = (collection.aggregate_count("z"), 0)
    assert wrong(cases) == {}


REDUCERS: dict[str, tuple[Callable[[], Any], Any]] = {
    "allNonZero": (ee.Reducer.allNonZero, 0),
    "and": (lambda: ee.call("Reducer.and"), 0),
    "anyNonZero": (ee.Reducer.anyNonZero, 1),
    "or": (lambda: ee.call("Reducer.or"), 1),
    "countEvery": (ee.Reducer.countEvery, 4),
    "firstNonNull": (ee.Reducer.firstNonNull, 2),
    "lastNonNull": (ee.Reducer.lastNonNull, 6),
    "product": (ee.Reducer.product, 0),
    "variance": (ee.Reducer.variance, statistics.pvariance([2, 0, 6])),
    "sampleVariance": (ee.Reducer.sampleVariance, statistics.variance([2, 0, 6])),
}


def test_reducers_of_pixels_and_columns() -> None:
    """Of 2, 0, nothing and 6: what is masked or missing is left out, except by `countEvery`."""
    stack = images(2, 0, None, 6)
    rows = ee.FeatureCollection([ee.Feature(None, {"x": value}) for value in (2, 0, 6)])
    cases: dict[str, tuple[Any, Any]] = {}
    for name, (make, value) in REDUCERS.items():
        reducer = make()
        cases[f"{name} of pixels"] = (seen(stack.reduce(reducer)).values().get(0), value)
        if name != "countEvery":
            cases[f"{name} of columns"] = (rows.reduceColumns(reducer, ["x"]).values().get(0), value)
    assert wrong(cases) == {}


def test_reductions_of_images_that_share_an_output_name() -> None:
    """Outputs called `count` and `mean` are not always those of `count` and `mean`."""
    turns = images(0.1, 2 * math.pi - 0.1)
    cases: dict[str, tuple[Any, Any]] = {
        "countDistinct": (seen(images(2, 2, None, 6).reduce(ee.Reducer.countDistinct())), {"v_count": 2}),
        "countRuns": (seen(images(2, 2, 6, 2).reduce(ee.Reducer.countRuns())), {"v_count": 3}),
        "count": (seen(images(2, 2, None, 6).reduce(ee.Reducer.count())), {"v_count": 3}),
        "circularMean": (seen(turns.reduce(ee.Reducer.circularMean())), {"v_mean": 0}),
        "mean": (seen(turns.reduce(ee.Reducer.mean())), {"v_mean": math.pi}),
    }
    assert wrong(cases) == {}


def test_outputs() -> None:
    """Names of outputs as the descriptions give them; others by `setOutputs`, which drops those without a name."""
    two = ee.Reducer.minMax()
    bands = ee.Image([1, 2]).rename(["a", "b"])
    names = {"allNonZero": "all", "anyNonZero": "any", "countEvery": "count", "firstNonNull": "first"}
    names |= {"lastNonNull": "last", "product": "product", "variance": "variance", "sampleVariance": "variance"}
    cases: dict[str, tuple[Any, Any]] = {
        name: (getattr(ee.Reducer, name)().getOutputs(), [output]) for name, output in names.items()
    }
    cases |= {
        "renamed": (ee.List([3, 1]).reduce(two.setOutputs(["low", "high"])), {"low": 1, "high": 3}),
        "dropped": (two.setOutputs(["", "high"]).getOutputs(), ["high"]),
        "the kept one": (ee.List([3, 1]).reduce(two.setOutputs(["", "high"])), 3),
        "for each band": (ee.Reducer.mean().forEachBand(bands).getOutputs(), ["a", "b"]),
        "of each band": (
            bands.reduceRegion(ee.Reducer.max().forEachBand(bands), ee.Geometry.Point([101, 44.5]), 1000),
            {"a": 1, "b": 2},
        ),
        "several of each band": (two.forEachBand(bands).getOutputs(), ["a_min", "a_max", "b_min", "b_max"]),
    }
    assert wrong(cases) == {}
    refused(lambda: two.setOutputs(["one"]).getOutputs(), "1 names for 2 outputs")


def test_methods_of_collections() -> None:
    """`and` where all values that there are are not zero, `or` where any is; the most common value; names stay."""
    cases: dict[str, tuple[Any, Any]] = {
        "and of some": (seen(images(2, 0, None, 6).And()), {"v": 0}),
        "and of all": (seen(images(2, None, 6).And()), {"v": 1}),
        "or of some": (seen(images(0, None, 6).Or()), {"v": 1}),
        "or of none": (seen(images(0, None, 0).Or()), {"v": 0}),
        "mode": (seen(images(2, 7, None, 7, 1).mode()), {"v": 7}),
        "nothing": (seen(images(None).mode()), {"v": None}),
    }
    assert wrong(cases) == {}
