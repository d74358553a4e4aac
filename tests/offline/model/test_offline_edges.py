"""Points on the edges of cells, regions without a pixel, ranges of dates, and properties that follow from bands."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
import rasterio
from affine import Affine
from google.auth.credentials import AnonymousCredentials
from pyproj import Transformer

from offline.graph.registry import algorithms
from offline.protocol.server import Server, serve
from offline.sources.own_files.files import FileSource

SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"
#: Rasters of 8 x 8 cells whose values count 1, 2, 3 …: their CRS and transform.
RASTERS = {
    "degrees": ("EPSG:4326", Affine(0.1, 0, 115, 0, -0.1, 43)),
    "fine": ("EPSG:4326", Affine(1 / 480, 0, 115.7, 0, -1 / 480, 42.7)),
    "south-up": ("EPSG:4326", Affine(0.05, 0, 115, 0, 0.05, 42)),
    "sinusoidal": (SINUSOIDAL, Affine(463.312716527917, 0, 9_266_254.330558, 0, -463.312716527917, 4_633_127.165279)),
    "utm": ("EPSG:32650", Affine(30, 0, 500_010, 0, -30, 4_700_010)),
    "albers": ("EPSG:8857", Affine(1000, 0, 9_000_000, 0, -1000, 5_000_000)),
}
VALUES = np.arange(1, 65, dtype=np.uint8).reshape(8, 8)


@contextmanager
def own_raster(folder: Path, name: str) -> Iterator[tuple[ee.Image, list[tuple[ee.Geometry, int | None]]]]:
    """The raster through the engine, and all 81 corners of its cells with the value of the cell each belongs to."""
    crs, transform = RASTERS[name]
    with rasterio.open(
        folder / "own.tif", "w", driver="GTiff", width=8, height=8, count=1, dtype="uint8", crs=crs, transform=transform
    ) as file:
        file.write(VALUES, 1)
    asset = {"id": "own", "type": "IMAGE", "files": [{"path": "own.tif", "bands": [{"name": "v"}]}]}
    (folder / "catalog.json").write_text(json.dumps({"assets": [asset]}))
    back = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    with serve(FileSource(folder)) as server:
        ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        places = [(row, column) for row in range(9) for column in range(9)]
        corners = [
            (
                ee.Geometry.Point(list(back.transform(*(transform @ (column, row))))),
                int(VALUES[row, column]) if row < 8 and column < 8 else None,
            )
            for row, column in places
        ]
        yield ee.Image("own"), corners
        ee.Reset()


@pytest.mark.parametrize("name", RASTERS)
def test_a_corner_of_cells_belongs_to_the_next_row_and_column_for_every_reader(tmp_path: Path, name: str) -> None:
    """Also where rounding in a projection moves it; beyond the last row and column there is no cell."""
    with own_raster(tmp_path, name) as (image, corners):
        expected = {number: value for number, (_, value) in enumerate(corners)}
        points = ee.FeatureCollection([ee.Feature(place, {"n": n}) for n, (place, _) in enumerate(corners)])
        inside = {number: value for number, value in expected.items() if value is not None}

        def by_number(found: ee.FeatureCollection, key: str) -> dict[int, Any]:
            rows = [each["properties"] for each in found.getInfo()["features"]]
            assert len({row["n"] for row in rows}) == len(rows)
            return {row["n"]: row[key] for row in rows if row.get(key) is not None}

        assert by_number(image.sampleRegions(points), "v") == inside
        for reducer, key in ((ee.Reducer.first(), "first"), (ee.Reducer.mean(), "mean"), (ee.Reducer.mode(), "mode")):
            assert by_number(image.reduceRegions(points, reducer), key) == inside
        assert by_number(image.reduceRegions(points, ee.Reducer.count()), "count") == dict.fromkeys(expected, 0) | (
            dict.fromkeys(inside, 1)
        )
        place, value = corners[40]
        assert image.reduceRegion(ee.Reducer.sum(), place).getInfo() == {"v": value}
        assert image.sample(place).first().get("v").getInfo() == value
        assert image.clip(place).reduceRegion(ee.Reducer.sum(), image.geometry()).getInfo() == {"v": value}
        series = ee.ImageCollection([image.set("system:time_start", 0)])
        rows = series.getRegion(place, crs=image.projection(), crsTransform=list(RASTERS[name][1])[:6]).getInfo()
        assert [row[-1] for row in rows[1:]] == [value]


def test_lines_on_edges_and_mixed_geometries(few: Server, first: ee.Image) -> None:
    """Cells are half a degree from 100 E, 45 N: [[10, 11, 12, 13], [14, 15, 16, 17]]."""
    band, listed = first.select("a"), ee.Reducer.toList()
    along = ee.Geometry.LineString([[100, 44.5], [102, 44.5]], None, False)
    assert band.reduceRegion(listed, along).getInfo() == {"a": [14, 15, 16, 17]}
    down = ee.Geometry.LineString([[101, 45], [101, 44]], None, False)
    assert band.reduceRegion(listed, down).getInfo() == {"a": [12, 16]}
    folded = ee.Geometry.Rectangle([101, 44.5, 101, 44.5], None, False)
    assert band.reduceRegion(listed, folded).getInfo() == {"a": [16]}
    points = ee.Geometry.MultiPoint([[100.5, 44.5], [101.5, 44.5], [101.5, 44.5]])
    assert band.reduceRegion(listed, points).getInfo() == {"a": [15, 17]}
    cell = ee.Geometry.Rectangle([100, 44.5, 100.5, 45], None, False)
    mixed = ee.FeatureCollection([ee.Feature(cell), ee.Feature(ee.Geometry.Point([101.5, 44.5]))]).geometry()
    assert band.reduceRegion(listed, mixed).getInfo() == {"a": [10, 17]}
    assert band.reduceRegion(ee.Reducer.mean(), mixed).getInfo() == {"a": 13.5}


def reducers() -> dict[str, Any]:
    """Every reducer that the engine has, each through the client with arguments that it needs."""
    r = ee.Reducer
    given: dict[str, Callable[[], ee.Reducer]] = {
        "percentile": lambda: r.percentile([10, 90]),
        "intervalMean": lambda: r.intervalMean(10, 90),
        "fixedHistogram": lambda: r.fixedHistogram(0, 10, 5),
        "fixed2DHistogram": lambda: r.fixed2DHistogram(0, 1, 2, 0, 1, 2),
        "linearRegression": lambda: r.linearRegression(1, 1),
        "ridgeRegression": lambda: r.ridgeRegression(1, 1, 0.1),
        "robustLinearRegression": lambda: r.robustLinearRegression(1, 1),
        "kendallsCorrelation": lambda: r.kendallsCorrelation(2),
        "repeat": lambda: r.first().repeat(2),
        "combine": lambda: r.first().combine(r.median(), sharedInputs=True),
        "unweighted": lambda: r.mode().unweighted(),
        "setOutputs": lambda: r.last().setOutputs(["end"]),
        "group": lambda: r.sampleStdDev().group(1, "class"),
        "forEach": lambda: r.median().forEach(["x", "y"]),
        "forEachBand": lambda: r.median().forEachBand(ee.Image([1, 2])),
        "splitWeights": lambda: r.mean().splitWeights(),
        "bitwiseAnd": lambda: r.bitwiseAnd(),
        "bitwiseOr": lambda: r.bitwiseOr(),
        "and": lambda: ee.Reducer(ee.ApiFunction.call_("Reducer.and")),
        "or": lambda: ee.Reducer(ee.ApiFunction.call_("Reducer.or")),
    }
    listed = {name.removeprefix("Reducer.") for name in algorithms() if name.startswith("Reducer.")} - {"getOutputs"}
    return {name: given.get(name) or getattr(r, name) for name in sorted(listed)}


#: What is left of nothing: counts are 0, lists and tables empty; all else is null.
COUNTS = {"count", "countDistinct", "countDistinctNonNull", "countEvery", "countRuns"}
TABLES = {"fixedHistogram", "fixed2DHistogram", "frequencyHistogram", "group", "toList"}


def test_no_reducer_fails_where_one_polygon_has_no_pixel(few: Server, first: ee.Image) -> None:
    """Two polygons in one request: one of eight cells, one between two centres; the second is null, the first stays."""
    whole = ee.Geometry.Rectangle([100, 44, 102, 45], None, False)
    sliver = ee.Geometry.Rectangle([100.4991, 44.7, 100.4992, 44.7001], None, False)
    both = ee.FeatureCollection([ee.Feature(whole, {"n": 0}), ee.Feature(sliver, {"n": 1})])
    made = {name: make() for name, make in reducers().items()}
    inputs = {"fixed2DHistogram", "linearRegression", "ridgeRegression", "robustLinearRegression",
              "kendallsCorrelation", "repeat", "group", "forEach", "forEachBand", "splitWeights", "linearFit",
              "sensSlope", "pearsonsCorrelation", "spearmansCorrelation"}  # fmt: skip
    arrays = {"covariance", "centeredCovariance"}
    pair = first.select(["a"]).addBands(first.select(["a"], ["c"]).multiply(2)).toDouble()
    found = {}
    for name, reducer in made.items():
        image = first.select("a").toArray() if name in arrays else pair if name in inputs else first.select("a")
        found[name] = ee.Image(image).reduceRegions(both, reducer).getInfo()["features"]
    for name, (full, empty) in found.items():
        assert set(full["properties"]) > {"n"}, name
        rest = {key: value for key, value in empty["properties"].items() if key != "n"}
        if name in COUNTS:
            assert set(rest.values()) == {0}, name
        elif name in TABLES:
            assert not np.any([value for value in rest.values() if value]) or name.startswith("fixed"), name
        else:
            assert rest == {}, name


def test_reducing_no_elements_and_masked_pixels_gives_null(few: Server, first: ee.Image) -> None:
    none = ee.FeatureCollection([])
    masked = first.select("a").updateMask(0)
    region = ee.Geometry.Rectangle([100, 44, 102, 45], None, False)
    for name in ("first", "last", "firstNonNull", "lastNonNull", "mode", "median", "mean", "max", "product"):
        reducer = getattr(ee.Reducer, name)()
        assert set(none.reduceColumns(reducer, ["x"]).getInfo().values()) == {None}, name
        assert masked.reduceRegion(reducer, region).getInfo() == {"a": None}, name
    several = ee.Reducer.max(2)
    assert set(none.reduceColumns(several, ["x", "y"]).getInfo().values()) == {None}
    assert masked.addBands(masked).reduceRegion(ee.Reducer.first().repeat(2), region).getInfo() == {"first": None}


def test_a_group_of_one_has_no_sample_deviation(few: Server, first: ee.Image) -> None:
    rows = [{"v": 3, "k": 1}, {"v": 1, "k": 2}, {"v": 3, "k": 2}]
    one = ee.FeatureCollection([ee.Feature(None, row) for row in rows])
    found = one.reduceColumns(ee.Reducer.sampleStdDev().group(1, "k"), ["v", "k"]).getInfo()["groups"]
    assert found == [{"k": 1, "stdDev": None}, {"k": 2, "stdDev": pytest.approx(2**0.5)}]


def test_a_date_range_filters_as_its_two_dates(few: Server, years: ee.ImageCollection) -> None:
    span = ee.DateRange("2001-01-01", "2003-01-01")
    assert years.filterDate(span).size().getInfo() == 2
    assert years.filter(ee.Filter.date(span)).size().getInfo() == 2
    assert years.filterDate(ee.Date("2002-01-01").getRange("year")).aggregate_array("year").getInfo() == [2002]
    each = ee.List([span, ee.DateRange("2003-01-01", "2004-01-01")])
    assert each.map(lambda one: years.filterDate(ee.DateRange(one)).size()).getInfo() == [2, 1]
    with pytest.raises(ee.EEException, match="a DateRange and an end"):
        ee.DateRange(span, "2004-01-01").getInfo()


def test_band_names_and_ids_are_properties_that_filters_see_and_keep(few: Server, years: ee.ImageCollection) -> None:
    image = years.first()
    assert image.get("system:band_names").getInfo() == ["a", "b"]
    assert image.select("b").get("system:band_names").getInfo() == ["b"]
    assert sorted(image.get("system:bands").getInfo()) == ["a", "b"]
    assert {"system:band_names", "system:id", "system:index"} <= set(image.propertyNames().getInfo())
    assert image.toDictionary(["system:band_names"]).getInfo() == {"system:band_names": ["a", "b"]}
    with pytest.raises(ee.EEException, match="no property 'none'"):
        image.toDictionary(["none"]).getInfo()
    mixed = years.map(lambda each: each.addBands(ee.Image(1).rename("c"))).merge(years)
    assert mixed.filter(ee.Filter.listContains("system:band_names", "c")).size().getInfo() == 3
    assert mixed.filter(ee.Filter.eq("system:band_names", ["a", "b"])).size().getInfo() == 3
    assert years.aggregate_array("system:band_names").getInfo() == [["a", "b"]] * 3
    assert image.get("system:id").getInfo() == "TEST/YEARLY/2001_01_01"
    for part in (
        years,
        years.filterDate("2001-01-01", "2003-01-01"),
        years.filter(ee.Filter.listContains("system:band_names", "a")),
        years.limit(1),
        years.sort("year", False),
        years.distinct("year"),
        years.set("note", 1).filterBounds(ee.Geometry.Point([100.2, 44.2])),
    ):
        assert part.get("system:id").getInfo() == "TEST/YEARLY"
        assert part.getInfo()["id"] == "TEST/YEARLY"
        assert part.first().get("system:id").getInfo().startswith("TEST/YEARLY/")
    assert years.map(lambda each: each.select("a")).get("system:id").getInfo() is None


def test_distance_in_pixels_and_metres(few: Server, values: Callable[..., list[list[float]]]) -> None:
    """Classes are [[1, 1, 2, 2], [3, 3, 3, masked]]; a cell is half a degree, 55.66 km at the equator."""
    two = ee.Image("TEST/CLASSES").eq(2)
    far = two.distance(ee.Kernel.euclidean(2))
    assert far.bandNames().getInfo() == ["class"]
    assert values(far.unmask(-1))[0] == [2, 1, 0, 0]
    assert values(far.unmask(-1))[1] == pytest.approx([-1, 2**0.5, 1, -1])
    assert values(two.distance(ee.Kernel.euclidean(2), False).unmask(-1))[1] == pytest.approx([-1, 2**0.5, 1, 1])
    assert values(two.distance(ee.Kernel.manhattan(3)).unmask(-1))[1] == [3, 2, 1, -1]
    assert values(two.distance(ee.Kernel.chebyshev(1, "pixels", False, 10)).unmask(-1))[1] == [-1, 10, 10, -1]
    metres = values(two.distance(ee.Kernel.euclidean(120_000, "meters")).unmask(-1))
    assert metres[0] == pytest.approx([111_319.49, 55_659.75, 0, 0], rel=1e-6)
    assert metres[1] == pytest.approx([-1, 55_659.75 * 2**0.5, 55_659.75, -1], rel=1e-6)
    for kernel in (None, ee.Kernel.square(1)):
        with pytest.raises(ee.EEException, match="kernel of distances"):
            two.distance(kernel).getInfo()
