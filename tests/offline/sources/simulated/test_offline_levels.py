"""Coarse requests of the landscape: pixels of a pyramid over its native pixels, the same from every window."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from offline.landscape import of_geobox
from offline.model.assets import BandInfo, ImageAsset
from offline.model.grids import crs_of
from offline.sources.simulated import bands
from offline.sources.simulated.source import SimulatedSource

SOURCE = SimulatedSource()
JULY = "MODIS/061/MOD13Q1/2015_07_12"
#: Image, band, and a place in the middle of what the test reads.
BANDS = [
    (JULY, "NDVI", (116.0, 43.0)),
    (JULY, "SummaryQA", (128.0, 47.0)),
    (JULY, "DetailedQA", (128.0, 47.0)),
    ("MODIS/061/MCD12Q1/2015_01_01", "LC_Type1", (124.0, 44.0)),
    ("MODIS/061/MOD11A2/2015_07_12", "LST_Day_1km", (128.0, 47.0)),
    ("MODIS/061/MCD64A1/2015_04_01", "BurnDate", (118.254, 45.918)),
    ("ECMWF/ERA5_LAND/MONTHLY_AGGR/201507", "total_precipitation_sum", (114.0, 47.0)),
    ("LANDSAT/LC08/C02/T1_L2/LC08_124031_20150604", "SR_B5", (116.49, 42.19)),
    ("LANDSAT/LC08/C02/T1_L2/LC08_124031_20150604", "QA_PIXEL", (116.49, 42.19)),
]


def described(name: str, band: str) -> tuple[ImageAsset, BandInfo]:
    image = SOURCE.get(name)
    assert isinstance(image, ImageAsset)
    return image, next(info for info in image.bands if info.name == band)


def blocks(info: BandInfo, place: tuple[float, float], level: int, across: int) -> tuple[GeoBox, GeoBox]:
    """A grid of whole pixels of a level around a place, and the native pixels under it."""
    transform, crs = Affine(*info.transform), crs_of(info.crs)
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(*place)
    column, row = (int(part) // 2**level * 2**level for part in ~transform * (x, y))
    corner = transform * Affine.translation(column, row)
    size = across * 2**level
    return GeoBox((across, across), corner * Affine.scale(2**level), crs), GeoBox((size, size), corner, crs)


def by_hand(values: np.ndarray, valid: np.ndarray, policy: str) -> tuple[float, float]:
    """One pixel from a square of native ones, by halving it in plain Python."""
    pixels = {(y, x): (values[y, x].item(), float(valid[y, x])) for y, x in np.ndindex(values.shape)}
    size = len(values)
    while size > 1:
        size //= 2
        pixels = {
            (y, x): pooled([pixels[2 * y + i, 2 * x + j] for i in (0, 1) for j in (0, 1)], policy)
            for y in range(size)
            for x in range(size)
        }
    return pixels[0, 0]


def pooled(four: list[tuple[float, float]], policy: str) -> tuple[float, float]:
    if policy == "SAMPLE":
        return four[0]
    weight = sum(mask for _, mask in four)
    if weight == 0:
        return 0.0, 0.0
    if policy == "MEAN":
        return sum(value * mask for value, mask in four) / weight, weight / 4
    votes = {value: sum(mask for other, mask in four if other == value) for value, mask in four if mask > 0}
    return min(votes, key=lambda value: (-votes[value], value)), weight / 4


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize(("name", "band", "place"), BANDS)
def test_levels_are_made_of_all_native_pixels(name: str, band: str, place: tuple[float, float], level: int) -> None:
    image, info = described(name, band)
    coarse, native = blocks(info, place, level, 6)
    stored, valid = image.read(band, native, "nearest")
    found, shares = image.read(band, coarse, "nearest")
    assert found.dtype == stored.dtype
    assert (shares > 0).any()
    size = 2**level
    for row, column in np.ndindex(found.shape):
        part = np.s_[row * size : (row + 1) * size, column * size : (column + 1) * size]
        value, share = by_hand(stored[part], valid[part], info.pyramiding)
        if share:
            # whole numbers are rounded once, fractions computed in 32 bits
            assert found[row, column] == pytest.approx(round(value) if stored.dtype.kind in "iu" else value, rel=1e-6)
        assert shares[row, column] == share


@pytest.mark.parametrize("band", ["NDVI", "SummaryQA", "DetailedQA"])
@pytest.mark.parametrize("level", [4, 6])
def test_high_levels_are_made_of_four_by_four_native_pixels(band: str, level: int) -> None:
    """In even steps through the block; SAMPLE has its upper left pixel."""
    image, info = described(JULY, band)
    coarse, native = blocks(info, (126.0, 46.0), level, 3)
    stored, valid = image.read(band, native, "nearest")
    found, shares = image.read(band, coarse, "nearest")
    size, step = 2**level, 2**level // 4
    for row, column in np.ndindex(found.shape):
        part = np.s_[row * size : (row + 1) * size, column * size : (column + 1) * size]
        some = (slice(step // 2, None, step),) * 2 if info.pyramiding != "SAMPLE" else (slice(0, 1),) * 2
        value, share = by_hand(stored[part][some], valid[part][some], info.pyramiding)
        assert (found[row, column], shares[row, column]) == (round(value), share)


def test_the_error_of_sixteen_pixels_is_as_stated() -> None:
    """At most a quarter of the standard deviation of the 256 pixels in a block, as sixteen draws have, and no bias."""
    image, info = described(JULY, "NDVI")
    coarse, native = blocks(info, (116.0, 43.5), 4, 30)
    stored, valid = image.read("NDVI", native, "nearest")
    found, _ = image.read("NDVI", coarse, "nearest")
    pixels = np.where(valid > 0, stored * 1e-4, np.nan).reshape(30, 16, 30, 16)
    error = found * 1e-4 - np.nanmean(pixels, axis=(1, 3))
    spread = np.sqrt(np.nanvar(pixels, axis=(1, 3)).mean())
    assert spread / 8 < np.sqrt((error**2).mean()) <= spread / 4
    assert abs(error.mean()) < 3 * spread / 4 / 30


@settings(max_examples=20, deadline=None)
@given(
    case=st.sampled_from(BANDS),
    crs=st.sampled_from(["EPSG:4326", "EPSG:32650", "EPSG:3857", "SR-ORG:6974"]),
    ratio=st.floats(2, 40),
    window=st.tuples(st.integers(0, 10), st.integers(0, 10), st.integers(1, 12), st.integers(1, 12)),
)
def test_pixels_are_the_same_from_every_window(
    case: tuple[str, str, tuple[float, float]], crs: str, ratio: float, window: tuple[int, int, int, int]
) -> None:
    name, band, place = case
    image, info = described(name, band)
    metres = info.transform[0] * (111_320 if info.crs == "EPSG:4326" else 1) * ratio
    cell = metres / 111_320 if crs == "EPSG:4326" else metres
    x, y = Transformer.from_crs("EPSG:4326", crs_of(crs), always_xy=True).transform(*place)
    grid = GeoBox((22, 22), Affine(cell, 0, x - 11 * cell, 0, -cell, y + 11 * cell), crs_of(crs))
    top, left, rows, columns = window
    part = np.s_[top : top + rows, left : left + columns]
    for whole, alone in zip(image.read(band, grid, "nearest"), image.read(band, grid[part], "nearest"), strict=True):
        np.testing.assert_array_equal(alone, whole[part])


def test_a_cell_reads_the_level_pixel_under_its_centre() -> None:
    """In degrees over MODIS' sinusoidal grid: each cell of 1/240 has the 2 × 2 pixels around its centre."""
    image, info = described(JULY, "NDVI")
    grid = GeoBox((5, 7), Affine(1 / 240, 0, 116, 0, -1 / 240, 43), "EPSG:4326")
    found, _ = image.read("NDVI", grid, "nearest")
    transform, crs = Affine(*info.transform), crs_of(info.crs)
    forth = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    for row, column in np.ndindex(found.shape):
        x, y = forth.transform(116 + (column + 0.5) / 240, 43 - (row + 0.5) / 240)
        left, top = (int(np.floor(part / 2)) * 2 for part in ~transform * (x, y))
        pixels, valid = image.read("NDVI", GeoBox((2, 2), transform * Affine.translation(left, top), crs), "nearest")
        assert found[row, column] == round(float(pixels[valid > 0].mean()))


@pytest.mark.parametrize("cell", [1 / 250, 1 / 480, 1 / 1000])
def test_native_and_finer_cells_are_evaluated_at_their_centres(cell: float) -> None:
    """To the last bit what the landscape itself gives there, as before there were pyramids."""
    grid = GeoBox((40, 50), Affine(cell, 0, 116, 0, -cell, 43), "EPSG:4326")
    values, valid = bands.ndvi(of_geobox(grid), date(2015, 7, 12))
    found, mask = described(JULY, "NDVI")[0].read("NDVI", grid, "nearest")
    np.testing.assert_array_equal(found, np.where(valid, values, 0))
    np.testing.assert_array_equal(mask, valid)


def test_cells_beyond_the_map_are_masked() -> None:
    grid = GeoBox((2, 3), Affine(1, 0, -40, 0, -1, 10), "EPSG:4326")
    values, mask = described(JULY, "NDVI")[0].read("NDVI", grid, "nearest")
    assert values.tolist() == mask.tolist() == [[0] * 3] * 2
