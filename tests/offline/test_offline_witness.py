"""Programs in the style of land-degradation tools, as their users write them, against our own indicators.

Nothing here uses `series`: the expressions are what a tool such as Trends.Earth sends, written afresh.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import ee
import numpy as np
import pytest
import xarray as xr
from google.auth.credentials import AnonymousCredentials

from indicators.sdg15 import land_cover, soil_carbon
from indicators.sdg15.land_cover import LEGENDS, MATRICES
from indicators.trends.theil_sen import mann_kendall
from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource

YEARS = list(range(2001, 2011))
GRID = {
    "dimensions": {"width": 40, "height": 30},
    "affineTransform": {"scaleX": 0.02, "shearX": 0, "translateX": 112, "shearY": 0, "scaleY": -0.02, "translateY": 44},
    "crsCode": "EPSG:4326",
}
AREA = [112, 43.4, 112.8, 44]


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serve(SimulatedSource()) as server:
        ee.Reset()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
            ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        yield server
        ee.Reset()


def shown(image: ee.Image, fill: float = -9999) -> np.ndarray:
    request = {"expression": image.unmask(fill), "fileFormat": "NUMPY_NDARRAY", "grid": GRID}
    found = ee.data.computePixels(request)
    return np.stack([found[name].astype(float) for name in found.dtype.names])


def annual(year: ee.ComputedObject) -> ee.Image:
    """Mean of the good 16-day values of a calendar year, times 10,000."""
    good = (
        ee.ImageCollection("MODIS/061/MOD13Q1")
        .filter(ee.Filter.calendarRange(year, year, "year"))
        .map(lambda image: image.select("NDVI").updateMask(image.select("SummaryQA").lte(1)))
    )
    return good.mean().rename("ndvi").set("year", year)


@pytest.fixture(scope="module")
def ndvi(engine: Server) -> ee.ImageCollection:
    return ee.ImageCollection.fromImages(ee.List(YEARS).map(annual))


@pytest.fixture(scope="module")
def cube(ndvi: ee.ImageCollection) -> xr.DataArray:
    values = shown(ndvi.toBands())
    return xr.DataArray(values, dims=("year", "y", "x"), coords={"year": YEARS}).where(values > -9999)


def test_least_squares_of_annual_values(ndvi: ee.ImageCollection, cube: xr.DataArray) -> None:
    dated = ndvi.map(lambda image: ee.Image.constant(ee.Number(image.get("year"))).toFloat().addBands(image))
    slope = shown(dated.reduce(ee.Reducer.linearFit()).select("scale"))[0]
    known = cube.notnull().all("year").values
    expected = np.polyfit(YEARS, cube.values[:, known], 1)[0]
    np.testing.assert_allclose(slope[known], expected, atol=1e-4)


def test_mann_kendall_by_sums_of_signs(ndvi: ee.ImageCollection, cube: xr.DataArray) -> None:
    """S of every pixel from all pairs of years, each sign an image of the collection that is summed."""
    images = ndvi.toList(len(YEARS))

    def signs(first: ee.ComputedObject) -> ee.List:
        start = ee.Number(first)
        later = ee.List.sequence(start.add(1), len(YEARS) - 1)

        def sign(second: ee.ComputedObject) -> ee.Image:
            change = ee.Image(images.get(second)).subtract(ee.Image(images.get(start)))
            return change.signum().rename("sign")

        return later.map(sign)

    pairs = ee.List.sequence(0, len(YEARS) - 2).map(signs).flatten()
    score = shown(ee.ImageCollection(pairs).sum(), fill=0)[0]
    np.testing.assert_array_equal(score, mann_kendall(cube)["s"].fillna(0))


def test_classes_by_percentiles_of_a_region(ndvi: ee.ImageCollection, cube: xr.DataArray) -> None:
    """Deciles over the region by `reduceRegion`, then the class of every pixel by comparing with each."""
    mean = ndvi.mean()
    reducer = ee.Reducer.percentile(list(range(10, 100, 10)))
    region = ee.Geometry.Rectangle(AREA, "EPSG:4326", False)
    transform = [0.02, 0, 112, 0, -0.02, 44]
    limits = mean.reduceRegion(reducer, region, crs="EPSG:4326", crsTransform=transform)
    classes = ee.Image(1)
    for tenth in range(10, 100, 10):
        classes = classes.add(mean.gt(ee.Number(limits.get(f"ndvi_p{tenth}"))))
    found = shown(classes)[0]
    values = cube.mean("year").values
    expected = 1 + sum(values > np.nanpercentile(values, tenth) for tenth in range(10, 100, 10))
    known = np.isfinite(values)
    assert (found[known] == expected[known]).mean() > 0.999
    assert np.bincount(found[known].astype(int), minlength=11)[1:] == pytest.approx(known.sum() / 10, abs=2)


def covers(year: int) -> ee.Image:
    igbp = ee.ImageCollection("MODIS/061/MCD12Q1").filter(ee.Filter.calendarRange(year, year, "year")).first()
    return igbp.select("LC_Type1").remap(list(LEGENDS["igbp"]), list(LEGENDS["igbp"].values()))


def test_transitions_of_land_cover(engine: Server) -> None:
    """Codes of pairs of classes, remapped to what each means."""
    codes = [10 * old + new for old in range(1, 8) for new in range(1, 8)]
    meanings = [value for row in MATRICES["prais"] for value in row]
    first, last = covers(2001), covers(2024)
    found = shown(first.multiply(10).add(last).remap(codes, meanings))[0]
    old, new = (xr.DataArray(shown(each, 0)[0].astype(int), dims=("y", "x")) for each in (first, last))
    expected = land_cover.degradation(old, new).values
    known = (old > 0) & (new > 0)
    assert known.values.mean() > 0.99
    np.testing.assert_array_equal(found[known.values], expected[known.values])
    assert len(np.unique(found)) == 3


def test_soil_carbon_year_by_year(engine: Server) -> None:
    """The loop of twenty-year changes: factor by transition, counter since the last one, stock carried on."""
    years = range(2001, 2025)
    stock = ee.Image("users/geflanddegradation/toolbox_datasets/soc_sgrid_30cm").toFloat()
    # Cool temperate dry: cropland keeps 80 % of the stock.
    f = 0.8
    table = soil_carbon.factors(f)
    codes = [10 * old + new for old in range(1, 8) for new in range(1, 8)]
    factors = [float(table[code // 10 - 1, code % 10 - 1]) for code in codes]
    before, since, change = covers(years[0]), ee.Image(21), ee.Image(0.0)
    for year in years[1:]:
        after = covers(year)
        moved = after.neq(before)
        factor = before.multiply(10).add(after).remap(codes, factors)
        change = change.where(moved, stock.multiply(ee.Image(factor).subtract(1)).divide(20))
        since = since.add(1).where(moved, 1)
        stock = stock.add(change.where(since.gt(20), 0))
        before = after
    found = shown(stock)[0]
    maps = np.stack([shown(covers(year), 0)[0] for year in years])
    first = shown(ee.Image("users/geflanddegradation/toolbox_datasets/soc_sgrid_30cm"))[0]
    cover = xr.DataArray(maps.astype(int), dims=("year", "y", "x"), coords={"year": list(years)})
    expected = soil_carbon.stock(xr.DataArray(first, dims=("y", "x")), cover, 4).values[-1]
    known = (maps > 0).all(0) & (first > -9999)
    np.testing.assert_allclose(found[known], expected[known], rtol=1e-5)
    assert (np.abs(found - first)[known] > 1).any()
