"""Laws for any grid and region: tiles are crops, parts add up, masks combine alike, xee gets the same bits."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import ee
import numpy as np
import pytest
import rasterio
import xarray as xr
from google.auth.credentials import AnonymousCredentials
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Picture

from offline.protocol.encode import TILE, numpy_head
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource

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


def filed(image: ee.Image, file_format: str, column: int, row: int, width: int, height: int) -> bytes:
    """The file that a request for a grid brings."""
    transform = (CELL, 0, CORNER[0] + column * CELL, 0, -CELL, CORNER[1] - row * CELL)
    affine = dict(zip(KEYS, transform, strict=True))
    grid = {"dimensions": {"width": width, "height": height}, "affineTransform": affine, "crsCode": "EPSG:4326"}
    found: bytes = ee.data.computePixels({"expression": image, "fileFormat": file_format, "grid": grid})
    return found


def pixels_of(file: bytes, file_format: str) -> dict[str, np.ndarray]:
    """Bands of a file, its mask or opacity among them, by name."""
    if file_format == "NPY":
        array = np.load(io.BytesIO(file))
        return {name: array[name] for name in array.dtype.names}
    if file_format == "GEO_TIFF":
        with rasterio.MemoryFile(file) as memory, memory.open() as opened:
            return {**dict(zip(opened.descriptions, opened.read(), strict=True)), "mask": opened.dataset_mask()}
    return dict(zip("rgba", np.moveaxis(np.asarray(Picture.open(io.BytesIO(file))), -1, 0), strict=True))


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
    "between reprojected cells": lambda: july().mean().reproject("EPSG:32649", None, 3000).resample("bicubic"),
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


#: Images whose pixels are sums with weights.
WEIGHTED = ("a coarser reading", "between reprojected cells")


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("along", ["rows", "columns"])
def test_a_large_request_has_no_seams(name: str, along: str) -> None:
    """It is computed in parts of `encode.TILE` cells; over their edge it is what a small request gives.

    Weighted means are sums of other pixels with no weight besides, and places between cells are counted from another
    one, so the last digits of both may differ.
    """
    image, length, before = IMAGES[name](), TILE + 30, TILE - 10
    column, row = (before, 0) if along == "rows" else (0, before)
    whole = shown(image, width=length, height=9) if along == "rows" else shown(image, width=9, height=length)
    across = shown(image, column, row, *((20, 9) if along == "rows" else (9, 20)))
    crop = whole[row : row + across.shape[0], column : column + across.shape[1]]
    np.testing.assert_allclose(crop, across, rtol=1e-11 if name in WEIGHTED else 0)


@pytest.mark.parametrize("file_format", ["NPY", "GEO_TIFF", "PNG"])
def test_files_of_large_requests_have_no_seams(file_format: str) -> None:
    """Names from other alphabets come whole, and values behind them stay in their place."""
    image = july().first().divide(1e4).toFloat().rename("植被指数")
    image = image.addBands(image.focalMean(2).rename("среднее")).addBands(ee.Image(0).toFloat().rename("ᠨ"))
    if file_format == "PNG":
        image = image.visualize(min=0, max=0.6)
    whole = pixels_of(filed(image, file_format, 0, 0, TILE + 30, 40), file_format)
    across = pixels_of(filed(image, file_format, TILE - 10, 5, 20, 30), file_format)
    assert [*whole] == [*across]
    assert np.ptp(next(iter(across.values()))) > 0
    for name, band in across.items():
        np.testing.assert_array_equal(whole[name][5:35, TILE - 10 : TILE + 10], band)


@given(
    names=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40), min_size=1, max_size=9, unique=True)
)
@LAWFUL
def test_the_head_of_a_numpy_file_is_one_that_numpy_reads(names: list[str]) -> None:
    array = np.arange(6 * len(names), dtype=np.int16).view([(name, np.int16) for name in names]).reshape(2, 3)
    read = np.load(io.BytesIO(numpy_head(array.dtype, array.shape) + array.tobytes()))
    assert read.dtype == array.dtype
    np.testing.assert_array_equal(read, array)


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
