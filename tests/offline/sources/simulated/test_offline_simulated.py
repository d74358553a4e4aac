"""Data sets of one landscape agree with each other: satellites, models, maps and the toolbox's yearly images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

import offline
from offline.landscape import Scene
from offline.landscape.points import at
from offline.model.assets import CollectionAsset, ImageAsset
from offline.sources.simulated.areas import KEY_AREAS, MINES
from offline.sources.simulated.assets import SPECS
from offline.sources.simulated.source import SimulatedSource
from offline.sources.simulated.tables import TABLES

SOURCE = SimulatedSource()
STEPPE = GeoBox((40, 50), Affine(0.02, 0, 116, 0, -0.02, 44), "EPSG:4326")
#: A part of it in cells finer than those of MODIS: no pyramid is read.
FINE = GeoBox((40, 50), Affine(0.002, 0, 116, 0, -0.002, 44), "EPSG:4326")
#: Across the 50th parallel.
NORTH = GeoBox((40, 50), Affine(0.02, 0, 113, 0, -0.02, 50.4), "EPSG:4326")


def around(spec: Any) -> GeoBox:
    """The steppe, or the middle of the first area of scenes, across a kilometre or two."""
    if not spec.tiles:
        return STEPPE
    tile = spec.tiles[0]
    return GeoBox((40, 50), Affine(0.001, 0, tile.lon - 0.025, 0, -0.001, tile.lat + 0.02), "EPSG:4326")


def middle(spec: Any, asset: Any) -> Any:
    """The image in the middle of a collection, of its first area where there are scenes."""
    if not spec.starts:
        return asset
    late = asset.images[len(asset.images) // 2 :]
    # of tiles with one date each, the first one comes first
    return next(each for each in (*late, *asset.images) if not spec.tiles or spec.tiles[0].name in each.id)


TOOLBOX = "users/geflanddegradation/toolbox_datasets"


def read(name: str, band: str, grid: GeoBox = STEPPE) -> np.ndarray:
    """Values, NaN where masked."""
    asset = SOURCE.get(name)
    assert isinstance(asset, ImageAsset)
    values, mask = asset.read(band, grid, "bilinear")
    return np.where(mask > 0, values, np.nan)


def test_ids_and_dates_are_the_catalogues() -> None:
    for name, index, count in (
        ("MODIS/061/MOD13A2", "2000_02_18", 572),
        ("MODIS/061/MYD13Q1", "2002_07_04", 517),
        ("UCSB-CHG/CHIRPS/PENTAD", "19810101", 3168),
        ("IDAHO_EPSCOR/TERRACLIMATE", "198101", 528),
        ("ESA/WorldCover/v200", "2021", 1),
    ):
        asset = SOURCE.get(name)
        assert isinstance(asset, CollectionAsset)
        assert (asset.images[0].properties["system:index"], len(asset.images)) == (index, count)


def test_the_readme_names_every_data_set() -> None:
    text = (Path(offline.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in (*(spec.id for spec in SPECS), *TABLES, KEY_AREAS, MINES) if f"`{name}`" not in text] == []


def test_aqua_and_terra_see_the_same_vegetation() -> None:
    wide = GeoBox((300, 400), Affine(0.002, 0, 116, 0, -0.002, 44), "EPSG:4326")
    terra = np.stack([read(f"MODIS/061/MOD13Q1/2015_{day}", "NDVI", wide) for day in ("07_12", "07_28", "08_13")])
    aqua = np.stack([read(f"MODIS/061/MYD13Q1/2015_{day}", "NDVI", wide) for day in ("07_04", "07_20", "08_05")])
    seen = np.isfinite(terra[0]) & np.isfinite(aqua[0])
    good = [np.median(each[:, seen], axis=0) for each in (terra, aqua)]
    assert np.corrcoef(*good)[0, 1] > 0.9
    assert np.nanmean(good[1]) == pytest.approx(np.nanmean(good[0]), rel=0.06)
    assert (terra[0] != aqua[0]).mean() > 0.9


def test_rain_of_pentads_months_and_hours_is_one() -> None:
    month = read("ECMWF/ERA5_LAND/MONTHLY_AGGR/201507", "total_precipitation_sum") * 1000
    days = (1, 6, 11, 16, 21, 26)
    pentads = sum(read(f"UCSB-CHG/CHIRPS/PENTAD/201507{day:02d}", "precipitation") for day in days)
    np.testing.assert_allclose(pentads, month, rtol=1e-5)
    np.testing.assert_allclose(read("IDAHO_EPSCOR/TERRACLIMATE/201507", "pr"), month, atol=0.51)
    hours = read("NASA/GPM_L3/IMERG_MONTHLY_V07/20150701000000", "precipitation") * 24 * 31
    np.testing.assert_allclose(hours, month, rtol=1e-5)
    year = sum(read(f"ECMWF/ERA5_LAND/MONTHLY_AGGR/2015{m:02d}", "total_precipitation_sum") for m in range(1, 13))
    np.testing.assert_allclose(read(f"{TOOLBOX}/prec_chirps_1981_2024", "y2015"), year * 1000, atol=0.51)


def test_days_make_the_month() -> None:
    name, count = "ECMWF/ERA5_LAND/DAILY_AGGR", 31
    rain = np.stack([read(f"{name}/201507{day:02d}", "total_precipitation_sum") for day in range(1, count + 1)])
    warmth = np.stack([read(f"{name}/201507{day:02d}", "temperature_2m") for day in range(1, count + 1)])
    month = "ECMWF/ERA5_LAND/MONTHLY_AGGR/201507"
    np.testing.assert_allclose(rain.sum(0), read(month, "total_precipitation_sum"), rtol=1e-4)
    np.testing.assert_allclose(warmth.mean(0), read(month, "temperature_2m"), atol=1e-3)
    # most days are dry, the wettest has more than twice its even share, and days differ by some kelvin
    assert 0.4 < (rain < 1e-4).mean() < 0.95
    assert (rain.max(0) > 2 * rain.mean(0)).all()
    assert 1 < warmth.std(0).mean() < 6


def test_chirps_ends_at_fifty_degrees() -> None:
    rain = read("UCSB-CHG/CHIRPS/PENTAD/20150701", "precipitation", NORTH)
    latitude = 50.4 - 0.02 * (np.arange(40) + 0.5)
    assert np.isnan(rain[latitude > 50]).all()
    assert np.isfinite(rain[latitude < 50]).all()


def test_temperatures_lie_around_the_mean() -> None:
    mean = read("ECMWF/ERA5_LAND/MONTHLY_AGGR/201507", "temperature_2m") - 273.15
    low, high = (read("IDAHO_EPSCOR/TERRACLIMATE/201507", band) / 10 for band in ("tmmn", "tmmx"))
    assert ((low < mean) & (mean < high)).all()
    np.testing.assert_allclose((low + high) / 2, mean, atol=0.11)


DRAW = np.random.default_rng(3)
PLACES = np.column_stack([DRAW.uniform(116, 117, 100), DRAW.uniform(43.2, 44, 100)])


def here_and_there(name: str, band: str) -> np.ndarray:
    """Values at a hundred points of the steppe, each in a cell that is finer than any map."""
    cells = [GeoBox((1, 1), Affine(1e-5, 0, lon, 0, -1e-5, lat), "EPSG:4326") for lon, lat in PLACES]
    return np.concatenate([read(name, band, cell) for cell in cells]).ravel()


def test_maps_of_land_cover_agree() -> None:
    igbp = here_and_there("MODIS/061/MCD12Q1/2021_01_01", "LC_Type1")
    world = here_and_there("ESA/WorldCover/v200/2021", "Map")
    cci = here_and_there(f"{TOOLBOX}/lcov_esacc_1992_2022", "y2021")
    grass = igbp == 10
    assert 0.3 < grass.mean() < 1
    assert (world[grass] == 30).all()
    assert (cci[grass] == 130).all()
    assert (world[~grass] != 30).all()
    mined = Scene(at(*PLACES.T), 0).marks.mined
    assert mined.any()
    for version in ("21", "22"):
        lights = here_and_there(f"NOAA/VIIRS/DNB/ANNUAL_V{version}/20210101", "average")
        assert np.nanmax(lights[grass & ~mined]) < 1
        assert np.nanmin(lights[mined]) > 10


def test_the_yearly_image_is_the_mean_of_the_year() -> None:
    collection = SOURCE.get("MODIS/061/MOD13Q1")
    assert isinstance(collection, CollectionAsset)
    total: Any = 0
    count: Any = 0
    for image in collection.images:
        if image.properties["system:index"].startswith("2015"):
            good = image.read("SummaryQA", FINE, "bilinear")[0] <= 1
            total = total + np.where(good, image.read("NDVI", FINE, "bilinear")[0].astype(float), 0)
            count = count + good
    found = read(f"{TOOLBOX}/ndvi_modis_2001_2024", "y2015", FINE)
    seen = np.isfinite(found)
    assert seen.mean() > 0.99
    np.testing.assert_allclose(found[seen], (total / count)[seen], atol=0.51)


def test_height_is_plausible_and_water_is_where_the_map_has_it() -> None:
    height = read("USGS/SRTMGL1_003", "elevation")
    assert 300 < np.nanmean(height) < 2000
    lake = GeoBox((60, 60), Affine(0.02, 0, 106.5, 0, -0.02, 53.6), "EPSG:4326")
    water = read("JRC/GSW1_4/GlobalSurfaceWater", "occurrence", lake)
    months = read("JRC/GSW1_4/GlobalSurfaceWater", "seasonality", lake)
    assert np.isfinite(water).any()
    assert np.nanmin(water) >= 70
    assert np.nanmax(months) <= 12


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: str(spec.id))
def test_every_data_set_is_the_same_from_every_window(spec: Any) -> None:
    asset = SOURCE.get(spec.id)
    image = middle(spec, asset)
    grid = around(spec)
    part = grid[7:19, 11:30]
    assert isinstance(image, ImageAsset)
    for band in (*image.bands[:3], image.bands[-1]):
        whole, mask = image.read(band.name, grid, "nearest")
        alone, alone_mask = image.read(band.name, part, "nearest")
        assert alone.dtype == band.dtype
        np.testing.assert_array_equal(alone, whole[7:19, 11:30])
        np.testing.assert_array_equal(alone_mask, mask[7:19, 11:30])
