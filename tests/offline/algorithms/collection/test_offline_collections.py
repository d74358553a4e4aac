"""Collections of images: filters, order, joining, and reduction to one image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest

from offline.protocol.server import Server

Values = Callable[..., list[list[float]]]

FILTERS: dict[str, tuple[Callable[[], ee.Filter], list[int]]] = {
    "dates are half open": (lambda: ee.Filter.date("2001-01-01", "2002-01-01"), [2001]),
    "a millisecond more": (lambda: ee.Filter.date("2001-01-01", "2002-01-01T00:00:00.001"), [2001, 2002]),
    "equal": (lambda: ee.Filter.eq("year", 2002), [2002]),
    "not": (lambda: ee.Filter.eq("year", 2002).Not(), [2001, 2003]),
    "calendar years include the last": (lambda: ee.Filter.calendarRange(2002, 2003, "year"), [2002, 2003]),
    "calendar months wrap": (lambda: ee.Filter.calendarRange(12, 2, "month"), [2001, 2002, 2003]),
    "in a list": (lambda: ee.Filter.inList("year", [2001, 2003]), [2001, 2003]),
    "both": (lambda: ee.Filter.And(ee.Filter.gt("year", 2001), ee.Filter.lt("year", 2003)), [2002]),
    "either": (lambda: ee.Filter.Or(ee.Filter.eq("year", 2001), ee.Filter.eq("year", 2003)), [2001, 2003]),
    "ranges include both ends": (lambda: ee.Filter.rangeContains("year", 2001, 2002), [2001, 2002]),
    "prefix": (lambda: ee.Filter.stringStartsWith("system:index", "2003"), [2003]),
    "a missing property never passes": (lambda: ee.Filter.gt("nothing", 1), []),
    "inside the outline": (lambda: ee.Filter.bounds(ee.Geometry.Point([100.1, 44.9])), [2001, 2002, 2003]),
    "outside the outline": (lambda: ee.Filter.bounds(ee.Geometry.Point([0, 0])), []),
}


@pytest.mark.parametrize(("make", "expected"), FILTERS.values(), ids=FILTERS.keys())
def test_a_filter(years: ee.ImageCollection, make: Callable[[], ee.Filter], expected: list[int]) -> None:
    """The years whose images pass."""
    assert years.filter(make()).aggregate_array("year").getInfo() == expected


def test_filtering_reads_no_pixel(years: ee.ImageCollection, source: Any) -> None:
    """Filters act on properties."""
    source.reads.clear()
    assert years.filterDate("2002", "2003").filterBounds(ee.Geometry.Point([101, 44.5])).size().getInfo() == 1
    assert source.reads == []


QUESTIONS: dict[str, tuple[Callable[[ee.ImageCollection], Any], Any]] = {
    "first": (lambda c: c.first().get("year"), 2001),
    "sorted": (lambda c: c.sort("year", False).first().get("year"), 2003),
    "limited after sorting": (lambda c: c.limit(1, "year", False).aggregate_array("year"), [2003]),
    "list from an offset": (lambda c: c.toList(2, 1).map(lambda i: ee.Image(i).get("year")), [2002, 2003]),
    "merged indices": (
        lambda c: c.limit(1).merge(c.limit(1)).aggregate_array("system:index"),
        ["1_2001_01_01", "2_2001_01_01"],
    ),
    "mapped images keep their index": (
        lambda c: c.map(lambda i: i.multiply(2)).aggregate_array("system:index"),
        ["2001_01_01", "2002_01_01", "2003_01_01"],
    ),
    "copied properties": (
        lambda c: c.map(lambda i: i.multiply(2).copyProperties(i)).aggregate_array("year"),
        [2001, 2002, 2003],
    ),
    "sum of a property": (lambda c: c.aggregate_sum("year"), 6006),
    "histogram of a property": (lambda c: c.aggregate_histogram("year"), {"2001": 1, "2002": 1, "2003": 1}),
    "columns": (
        lambda c: c.reduceColumns(ee.Reducer.toList().repeat(2), ["year", "system:index"]).get("list"),
        [[2001, 2002, 2003], ["2001_01_01", "2002_01_01", "2003_01_01"]],
    ),
    "tuples": (
        lambda c: c.limit(1).reduceColumns(ee.Reducer.toList(2), ["year", "system:index"]).get("list"),
        [[2001, "2001_01_01"]],
    ),
    "fold": (lambda c: c.iterate(lambda i, a: ee.Number(a).add(ee.Image(i).getNumber("year")), 0), 6006),
    "bands of all images": (
        lambda c: c.limit(2).toBands().bandNames(),
        ["2001_01_01_a", "2001_01_01_b", "2002_01_01_a", "2002_01_01_b"],
    ),
    "a property of the collection": (lambda c: c.get("title"), "three years"),
    "suffix of a reducer": (
        lambda c: c.reduce(ee.Reducer.percentile([10, 90])).bandNames(),
        ["a_p10", "a_p90", "b_p10", "b_p90"],
    ),
    "no suffix of a method": (lambda c: c.mean().bandNames(), ["a", "b"]),
    "an empty collection": (lambda c: c.filterDate("1990", "1991").mean().bandNames(), []),
    "composites are in degrees": (lambda c: c.mean().projection().nominalScale(), pytest.approx(111_319.49, abs=0.01)),
}


@pytest.mark.parametrize(("ask", "expected"), QUESTIONS.values(), ids=QUESTIONS.keys())
def test_a_collection(years: ee.ImageCollection, ask: Callable[[ee.ImageCollection], Any], expected: Any) -> None:
    """Each case names what is asked of three yearly images."""
    assert ask(years).getInfo() == expected


# The first pixel holds 10, 20, 60; the last 17, nothing, 67.
REDUCTIONS: dict[str, tuple[Callable[[ee.ImageCollection], ee.Image], float, float]] = {
    "mean": (lambda c: c.mean(), 30, 42),
    "sum": (lambda c: c.sum(), 90, 84),
    "min": (lambda c: c.min(), 10, 17),
    "max": (lambda c: c.max(), 60, 67),
    "median": (lambda c: c.median(), 20, 42),
    "count": (lambda c: c.count(), 3, 2),
    "product": (lambda c: c.product(), 12_000, 17 * 67),
    "mosaic shows the last": (lambda c: c.mosaic(), 60, 67),
    "best by a band": (lambda c: c.qualityMosaic("a"), 60, 67),
    "first": (lambda c: c.reduce(ee.Reducer.first()), 10, 17),
    "last": (lambda c: c.reduce(ee.Reducer.last()), 60, 67),
    "population deviation": (
        lambda c: c.reduce(ee.Reducer.stdDev()),
        np.std([10, 20, 60]),
        np.std([17, 67]),
    ),
    "sample deviation": (
        lambda c: c.reduce(ee.Reducer.sampleStdDev()),
        np.std([10, 20, 60], ddof=1),
        np.std([17, 67], ddof=1),
    ),
    "percentile": (lambda c: c.reduce(ee.Reducer.percentile([25])), 15, 29.5),
    "different values": (lambda c: c.reduce(ee.Reducer.countDistinct()), 3, 2),
}


@pytest.mark.parametrize(("reduce", "full", "gap"), REDUCTIONS.values(), ids=REDUCTIONS.keys())
def test_a_reduction(
    years: ee.ImageCollection,
    values: Values,
    reduce: Callable[[ee.ImageCollection], ee.Image],
    full: float,
    gap: float,
) -> None:
    """Over 10, 20, 60 in the first pixel, and over 17, nothing, 67 in the last."""
    array = values(reduce(years.select("a")))
    assert array[0][0] == pytest.approx(full)
    assert array[1][3] == pytest.approx(gap)


def test_means_weigh_by_the_mask(first: ee.Image, values: Values) -> None:
    """`Reducer.mean` is weighted: 10 at half weight and 20 at full give 50 / 3; unweighted 15."""
    second = ee.Image("TEST/YEARLY/2002_01_01")
    both = ee.ImageCollection([first.select("a").updateMask(0.5), second.select("a")])
    assert values(both.mean())[0][0] == pytest.approx(50 / 3)
    assert values(both.reduce(ee.Reducer.mean().unweighted()))[0][0] == pytest.approx(15)


@pytest.fixture
def timed(years: ee.ImageCollection) -> ee.ImageCollection:
    """Year as the first band, value as the second: 10, 20, 60 at 2001, 2002, 2003 in the first pixel."""
    return years.map(lambda i: ee.Image.constant(i.getNumber("year")).toFloat().rename("t").addBands(i.select("a")))


def test_least_squares(timed: ee.ImageCollection, pixels: Callable[..., np.ndarray]) -> None:
    """Slope 25 a year through (2002, 30)."""
    fit = pixels(timed.reduce(ee.Reducer.linearFit()))
    assert fit.dtype.names == ("scale", "offset")
    assert fit["scale"][0, 0] == pytest.approx(25)
    assert fit["offset"][0, 0] == pytest.approx(30 - 25 * 2002)


def test_sens_slope(timed: ee.ImageCollection, pixels: Callable[..., np.ndarray]) -> None:
    """The median of 10, 25 and 40; with a gap the one slope 25."""
    slope = pixels(timed.reduce(ee.Reducer.sensSlope()))["slope"]
    assert slope[0, 0] == pytest.approx(25)
    assert slope[1, 3] == pytest.approx(25)


def test_kendalls_tau_b(few: Server, values: Values) -> None:
    """1, 2, 2, 3 against time: 5 concordant pairs, one tie in y; tau-b = 5 / sqrt(6 · 5) (Kendall 1945)."""
    series = ee.ImageCollection([ee.Image(number).toByte() for number in (1, 2, 2, 3)])
    assert values(series.reduce(ee.Reducer.kendallsCorrelation()))[0][0] == pytest.approx(5 / np.sqrt(30))


def test_pearsons_correlation(timed: ee.ImageCollection, pixels: Callable[..., np.ndarray]) -> None:
    """As numpy has it; the p-value is that of scipy.stats.pearsonr for three pairs."""
    found = pixels(timed.reduce(ee.Reducer.pearsonsCorrelation()))
    r = np.corrcoef([1, 2, 3], [10, 20, 60])[0, 1]
    assert found["correlation"][0, 0] == pytest.approx(r)
    # With one degree of freedom t is Cauchy: p = 1 - 2 / pi * atan(t).
    t = r / np.sqrt(1 - r**2)
    assert found["p-value"][0, 0] == pytest.approx(1 - 2 / np.pi * np.arctan(t))


def test_reducers_that_give_lists_per_pixel_are_refused(years: ee.ImageCollection) -> None:
    """`toArray` makes arrays of a collection; lists and tables in pixels are not part of this engine."""
    with pytest.raises(ee.EEException, match="list or a table for each pixel"):
        years.select("a").reduce(ee.Reducer.toList()).bandNames().getInfo()


def test_every_asset_pixel_is_read_once(
    years: ee.ImageCollection, source: Any, pixels: Callable[..., np.ndarray]
) -> None:
    """Anomalies from a shared mean: the mean needs each image once, and each anomaly its image again."""
    mean = years.select("a").mean()
    anomalies = years.select("a").map(lambda i: i.subtract(mean)).toBands()
    source.reads.clear()
    assert pixels(ee.Image.cat([anomalies, mean]))["2001_01_01_a"][0, 0] == -20
    assert Counter(source.reads) == {(f"TEST/YEARLY/{year}_01_01", "a"): 1 for year in (2001, 2002, 2003)}
