"""Laws for any grid and region: tiles are crops, parts add up, masks combine alike, xee gets the same bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import ee
import numpy as np
import pytest
import xarray as xr
from google.auth.credentials import AnonymousCredentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from offline.server import serve
from offline.sources.simulated import SimulatedSource

CELL = 0.01
CORNER = (112.0, 44.0)
KEYS = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
LAWFUL = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module", autouse=True)
def engine() -> Iterator[None]:
    with serve(SimulatedSource()) as server:
        ee.Reset()
        ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        yield
        ee.Reset()


def shown(image: ee.Image, column: int = 0, row: int = 0, width: int = 60, height: int = 50) -> np.ndarray:
    transform = (CELL, 0, CORNER[0] + column * CELL, 0, -CELL, CORNER[1] - row * CELL)
    affine = dict(zip(KEYS, transform, strict=True))
    grid = {"dimensions": {"width": width, "height": height}, "affineTransform": affine, "crsCode": "EPSG:4326"}
    found = ee.data.computePixels({"expression": image.unmask(-1), "fileFormat": "NUMPY_NDARRAY", "grid": grid})
    return found[found.dtype.names[0]]


def july() -> ee.ImageCollection:
    return ee.ImageCollection("MODIS/061/MOD13Q1").filterDate("2015-07-01", "2015-08-30").select("NDVI")


IMAGES: dict[str, Callable[[], ee.Image]] = {
    "a composite": lambda: july().median(),
    "a convolution": lambda: july().mean().convolve(ee.Kernel.gaussian(3, 1.5)),
    "a focal filter": lambda: ee.Image("MODIS/061/MCD12Q1/2015_01_01").select("LC_Type1").focalMode(2),
    "a slope": lambda: ee.Terrain.slope(july().mean()),
    "resampled rain": lambda: (
        ee.Image("ECMWF/ERA5_LAND/MONTHLY_AGGR/201507").select("total_precipitation_sum").resample()
    ),
    "reprojected": lambda: july().mean().reproject("EPSG:32649", None, 3000),
    "a coarser reading": lambda: july().first().reduceResolution(ee.Reducer.mean(), False, 400),
    "random numbers": lambda: ee.Image.random(5),
    "an array and back": lambda: july().toArray().arrayReduce(ee.Reducer.max(), [0]).arrayGet([0, 0]),
}


@pytest.mark.parametrize("name", IMAGES)
@given(column=st.integers(0, 40), row=st.integers(0, 30), width=st.integers(1, 20), height=st.integers(1, 20))
@settings(LAWFUL, max_examples=5)
def test_a_tile_is_a_crop_of_the_whole(name: str, column: int, row: int, width: int, height: int) -> None:
    image = IMAGES[name]()
    whole = shown(image)[row : row + height, column : column + width]
    tile = shown(image, column, row, width, height)
    np.testing.assert_allclose(tile, whole, rtol=1e-6, atol=1e-9)


@given(cut=st.floats(112.05, 112.55), kind=st.sampled_from(["sum", "count", "mean"]))
@LAWFUL
def test_the_parts_of_a_region_add_up(cut: float, kind: str) -> None:
    image = july().first().toDouble()
    options: dict[str, Any] = {"crs": "EPSG:4326", "crsTransform": [CELL, 0, 112, 0, -CELL, 44]}

    def over(west: float, east: float) -> dict[str, float]:
        region = ee.Geometry.Rectangle([west, 43.6, east, 43.9], "EPSG:4326", False)
        area = image.addBands(ee.Image(1).rename("one").updateMask(image.mask()))
        found = area.reduceRegion(ee.Reducer.sum(), region, **options).getInfo()
        return {"sum": found["NDVI"], "count": found["one"], "mean": found["NDVI"] / found["one"]}

    left, right, whole = over(112.0, cut), over(cut, 112.6), over(112.0, 112.6)
    if kind == "mean":
        together = (left["sum"] + right["sum"]) / (left["count"] + right["count"])
        assert together == pytest.approx(whole["mean"], rel=1e-3)
    else:
        # cells of which less than half a percent is covered do not count: at most that share of a column is lost
        assert left[kind] + right[kind] == pytest.approx(whole[kind], rel=5e-4)


def test_operators_commute_and_masks_combine() -> None:
    a = july().first().toDouble()
    b = ee.Image("MODIS/061/MCD12Q1/2015_01_01").select("LC_Type1").updateMask(ee.Image.random(1).gt(0.3))
    np.testing.assert_array_equal(shown(a.add(b)), shown(b.add(a)))
    np.testing.assert_array_equal(shown(a.max(b)), shown(b.max(a)))
    np.testing.assert_array_equal(shown(a.multiply(b).mask()), shown(b.multiply(a).mask()))
    np.testing.assert_allclose(shown(a.add(b).subtract(b)), shown(a.updateMask(b.mask())), atol=1e-9)
    np.testing.assert_array_equal(shown(a.mask().min(b.mask())), shown(a.add(b).mask()))


def test_xee_gets_the_same_bits() -> None:
    cube = xr.open_dataset(
        july(), engine="ee", crs="EPSG:4326", crs_transform=(CELL, 0, CORNER[0], 0, -CELL, CORNER[1]), shape_2d=(60, 50)
    )["NDVI"].transpose("time", "y", "x")
    for step, image in enumerate(july().toList(10).getInfo()):
        direct = shown(ee.Image(image["id"]).select("NDVI"))
        np.testing.assert_array_equal(cube[step].fillna(-1).values, direct)
