"""Simulated assets against facts of the public catalogue: bands, scales, cadence, extents, quality bits."""

from __future__ import annotations

import gzip
import itertools
import json
import warnings
from datetime import UTC, datetime
from typing import Any

import ee
import numpy as np
import pytest
from affine import Affine
from checkout import SHARED
from google.auth.credentials import AnonymousCredentials
from odc.geo.geobox import GeoBox

from offline.model.assets import CollectionAsset, ImageAsset
from offline.protocol.server import serve
from offline.sources.simulated.assets import SPECS
from offline.sources.simulated.source import SimulatedSource
from offline.sources.simulated.spec import Spec
from offline.sources.simulated.tables import TABLES

FACTS = SHARED / "ee-catalog" / "facts.json.gz"
SOURCE = SimulatedSource()
STEPPE = GeoBox((30, 40), Affine(0.02, 0, 116, 0, -0.02, 43.6), "EPSG:4326")
#: A part of it in cells finer than those of MODIS: no pyramid is read.
FINE = GeoBox((30, 40), Affine(0.002, 0, 116, 0, -0.002, 43.6), "EPSG:4326")
#: Band names, first day and days between images, as the catalogue has them.
KNOWN: dict[str, tuple[list[str], str | None, float | None]] = {
    "UCSB-CHG/CHIRPS/DAILY": (["precipitation"], "1981-01-01", 1),
    "NOAA/PERSIANN-CDR": (["precipitation"], "1983-01-01", 1),
    "MODIS/061/MOD11A2": (
        ["LST_Day_1km", "QC_Day", "Day_view_time", "Day_view_angl", "LST_Night_1km", "QC_Night", "Night_view_time",
         "Night_view_angl", "Emis_31", "Emis_32", "Clear_sky_days", "Clear_sky_nights"], "2000-02-18", 8,
    ),
    "MODIS/061/MOD09A1": (
        [*(f"sur_refl_b0{n}" for n in range(1, 8)), "QA", "SolarZenith", "ViewZenith", "RelativeAzimuth", "StateQA",
         "DayOfYear"], "2000-02-18", 8,
    ),
    "JRC/GSW1_3/GlobalSurfaceWater": (
        ["occurrence", "change_abs", "change_norm", "seasonality", "recurrence", "transition", "max_extent"],
        None, None,
    ),
    "JRC/GSW1_3/YearlyHistory": (["waterClass"], "1984-01-01", 366),
    "JRC/GSW1_3/MonthlyHistory": (["water"], "1984-03-01", 31),
    "LANDSAT/LT04/C02/T1_L2": (
        ["SR_B1", "SR_B2", "SR_B3", "SR_B4", "SR_B5", "SR_B7", "SR_ATMOS_OPACITY", "SR_CLOUD_QA", "ST_B6", "QA_PIXEL",
         "QA_RADSAT"], "1982-08-22", 16,
    ),
}  # fmt: skip


def first_image(name: str) -> ImageAsset:
    asset = SOURCE.get(name)
    return asset.images[0] if isinstance(asset, CollectionAsset) else asset  # type: ignore[return-value]


def day_of(image: ImageAsset) -> datetime:
    return datetime.fromtimestamp(image.properties["system:time_start"] / 1000, UTC)


def read(name: str, band: str, index: str = "", grid: GeoBox = STEPPE) -> np.ndarray:
    """Stored values, NaN where masked."""
    image = SOURCE.get(f"{name}/{index}" if index else name)
    assert isinstance(image, ImageAsset)
    values, mask = image.read(band, grid, "nearest")
    return np.where(mask > 0, values.astype(float), np.nan)


@pytest.mark.parametrize("name", KNOWN)
def test_bands_and_days_are_those_that_are_known(name: str) -> None:
    bands, start, step = KNOWN[name]
    assert [band.name for band in first_image(name).bands] == bands
    asset = SOURCE.get(name)
    if start is None:
        assert isinstance(asset, ImageAsset)
        return
    assert isinstance(asset, CollectionAsset)
    days = sorted({day_of(image) for image in asset.images})
    assert days[0].date().isoformat() == start
    assert (days[1] - days[0]).days == step


#: Sizes of native pixels in metres that the catalogue gives otherwise: rounded to a degree's 111,320 m, or not at all.
OTHER_SIZES = {"USGS/SRTMGL1_003": 30.92, "COPERNICUS/S2_SR_HARMONIZED": 10, "NASA/SMAP/SPL4SMGP/008": 9000,
               "LANDSAT/COMPOSITES/C02/T1_L2_32DAY_NDVI": 30}  # fmt: skip
#: Days between images where the engine has fewer than the service, and what is a month or a year in days.
FEWER = {
    "NASA/GLDAS/V021/NOAH/G025/T3H", "NASA/GSFC/MERRA/aer/2", "MODIS/061/MCD43A3"
}  # fmt: skip
#: The catalogue says "month" of a collection of days.
MISSTATED = {"ECMWF/ERA5_LAND/DAILY_AGGR"}
LENGTHS = {"hour": (1 / 24, 1 / 24), "day": (1, 1), "month": (28, 31), "year": (270, 366)}
COMMUNITY = (
    "users/geflanddegradation/",
    "projects/gef-land-degradation/",
    "projects/sat-io/",
    "projects/soilgrids-isric/",
    "users/deepakna/",
)


@pytest.fixture(scope="module")
def facts() -> dict[str, Any]:
    if not FACTS.exists():
        pytest.skip("the facts of the catalogue are not here")
    found: dict[str, Any] = json.loads(gzip.decompress(FACTS.read_bytes()))
    return found


OFFICIAL = [spec for spec in SPECS if not spec.id.startswith(COMMUNITY)]


def test_no_asset_is_made_up(facts: dict[str, Any]) -> None:
    """Others are those of the toolbox, of the community catalogue, and of publishers (`projects/ee-kbas-in-gee`)."""
    assert [spec.id for spec in OFFICIAL if spec.id not in facts] == []
    published = "projects/ee-kbas-in-gee/"
    assert [name for name in TABLES if not name.startswith(published) and facts[name]["type"] != "table"] == []


@pytest.mark.parametrize("spec", OFFICIAL, ids=lambda spec: str(spec.id))
def test_the_catalogue_agrees(facts: dict[str, Any], spec: Spec) -> None:
    """Bands in the catalogue's order, kind of asset, first and last day, cadence, size of pixels and extent."""
    fact = facts[spec.id]
    own, public = [band.name for band in spec.bands], [band["name"] for band in fact["bands"]]
    assert own == [name for name in public if name in own]
    assert fact["type"] == ("image_collection" if spec.starts else "image")
    size = OTHER_SIZES.get(spec.id, (fact.get("gsd") or [0])[0])
    cell = spec.grid.transform[0] * (111_320 if spec.grid.crs == "EPSG:4326" else 1)
    assert cell == pytest.approx(size, rel=0.09)
    if spec.grid.crs == "EPSG:4326" and fact.get("bbox"):
        _, south, _, north = fact["bbox"]
        assert spec.grid.transform[5] == pytest.approx(north, abs=cell / 111_320)
        assert spec.grid.transform[5] - spec.grid.shape[1] * cell / 111_320 == pytest.approx(south, abs=0.01)
    for band in spec.bands:
        words = next(each for each in fact["bands"] if each["name"] == band.name)
        if words.get("classes") or words.get("bits"):
            assert band.pyramiding in ("MODE", "SAMPLE")


@pytest.mark.parametrize("spec", [spec for spec in OFFICIAL if spec.starts], ids=lambda spec: str(spec.id))
def test_the_days_are_the_catalogues(facts: dict[str, Any], spec: Spec) -> None:
    fact, days = facts[spec.id], spec.starts
    first = datetime.fromisoformat(fact["start"]).date()
    # a year of the JRC begins before the first observation in it
    assert days[0] >= (first.replace(month=1, day=1) if spec.id.startswith("JRC/") else first)
    if fact["end"]:
        assert days[-1] < datetime.fromisoformat(fact["end"]).date()
    unit = (fact.get("interval") or {}).get("unit")
    if len(days) > 1 and unit in LENGTHS and spec.id not in FEWER | MISSTATED:
        low, high = (fact["interval"]["interval"] * limit for limit in LENGTHS[unit])
        begun = [spec.period(moment)[0] for day in days for moment in spec.moments(day)]
        steps = [(after - before) / 86_400_000 for before, after in itertools.pairwise(begun)]
        yearly = sum(not low <= step <= high for step in steps)
        # products of 8 and 16 days start again on New Year's day
        assert yearly <= (days[-1].year - days[0].year if unit == "day" else 0)


def test_what_the_catalogue_lacks_is_not_there(facts: dict[str, Any]) -> None:
    """An asset, a band and an image that the service does not have either, and its words for each."""
    assert "MODIS/061/MOD13Z9" not in facts
    with serve(SOURCE) as server:
        ee.Reset()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
            ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        with pytest.raises(ee.EEException, match=r"ImageCollection asset 'MODIS/061/MOD13Z9' not found"):
            ee.ImageCollection("MODIS/061/MOD13Z9").size().getInfo()
        image = ee.ImageCollection("MODIS/061/MOD13Q1").first()
        with pytest.raises(ee.EEException, match=r"Band pattern 'NDWI' did not match any bands\. Available bands"):
            image.select("NDWI").getInfo()
        with pytest.raises(ee.EEException, match="not found"):
            ee.Image("NOAA/VIIRS/DNB/ANNUAL_V22/20110101").getInfo()
        people = ee.Image("users/geflanddegradation/toolbox_datasets/worldpop_ppp_2000_2020_1km_global")
        assert people.select("p2020").bandNames().getInfo() == ["p2020"]
        with pytest.raises(ee.EEException, match="'y2020' did not match"):
            people.select("y2020").getInfo()
        ee.Reset()


def test_night_lights_of_both_versions() -> None:
    """V21 ends in 2021, V22 goes on; both begin in April 2012."""
    images = {}
    for version in ("21", "22"):
        asset = SOURCE.get(f"NOAA/VIIRS/DNB/ANNUAL_V{version}")
        assert isinstance(asset, CollectionAsset)
        images[version] = [each.properties["system:index"] for each in asset.images]
    assert images["21"] == ["20120401", *(f"{year}0101" for year in range(2013, 2022))]
    assert images["22"] == ["20120401", *(f"{year}0101" for year in range(2013, 2025))]


def test_elevation_ends_where_the_shuttle_did() -> None:
    north = GeoBox((4, 4), Affine(1e-4, 0, 100, 0, -1e-4, 60.0002), "EPSG:4326")
    heights = read("USGS/SRTMGL1_003", "elevation", grid=north)
    assert np.isnan(heights[:2]).all()
    assert np.isfinite(heights[2:]).all()


def test_daily_rain_adds_up_to_the_pentads_and_the_month() -> None:
    days = [read("UCSB-CHG/CHIRPS/DAILY", "precipitation", f"201507{day:02d}") for day in range(1, 32)]
    month = read("ECMWF/ERA5_LAND/MONTHLY_AGGR", "total_precipitation_sum", "201507")
    assert sum(each.mean() for each in days) == pytest.approx(1000 * month.mean(), rel=0.03)
    persiann = read("NOAA/PERSIANN-CDR", "precipitation", "20150710")
    assert np.nanmean(persiann) == pytest.approx(1.08 * np.nanmean(days[9]), rel=0.15)
    north = GeoBox((4, 4), Affine(1, 0, 100, 0, -1, 62), "EPSG:4326")
    assert np.isnan(read("UCSB-CHG/CHIRPS/DAILY", "precipitation", "20150710", north)).all()
    covered = np.isfinite(read("NOAA/PERSIANN-CDR", "precipitation", "20150710", north))
    assert covered[2:].all()
    assert not covered[:2].any()


def test_surface_temperature_scales_to_kelvin_and_flags_say_where_it_is_missing() -> None:
    july, january = (read("MODIS/061/MOD11A2", "LST_Day_1km", day, FINE) * 0.02 for day in ("2015_07_12", "2015_01_09"))
    assert 285 < np.nanmean(july) < 325
    assert 240 < np.nanmean(january) < 275
    night = read("MODIS/061/MOD11A2", "LST_Night_1km", "2015_07_12", FINE) * 0.02
    assert (night < july)[np.isfinite(july)].all()
    for day in ("2015_07_12", "2015_07_20", "2015_08_05"):
        lst, quality, clear = (
            read("MODIS/061/MOD11A2", band, day, FINE) for band in ("LST_Day_1km", "QC_Day", "Clear_sky_days")
        )
        mandatory = quality.astype(int) & 3
        assert ((mandatory == 2) == np.isnan(lst)).all()
        assert ((mandatory == 2) == (clear == 0)).all()
        assert (
            (mandatory == 0) == (np.array([bin(int(v)).count("1") for v in clear.ravel()]) >= 4).reshape(clear.shape)
        ).all()
    emissivity = read("MODIS/061/MOD11A2", "Emis_31", "2015_07_12", FINE) * 0.002 + 0.49
    assert 0.95 < np.nanmin(emissivity) <= np.nanmax(emissivity) < 1
    last = SOURCE.get("MODIS/061/MOD11A2/2015_12_27")
    assert isinstance(last, ImageAsset)
    assert (last.properties["system:time_end"] - last.properties["system:time_start"]) / 86_400_000 == 5


def test_reflectance_gives_the_vegetation_index_of_the_landscape() -> None:
    name, day = "MODIS/061/MOD09A1", "2015_07_12"
    red, nir, state, qa = (read(name, band, day, FINE) for band in ("sur_refl_b01", "sur_refl_b02", "StateQA", "QA"))
    clear = (state.astype(int) & 3) == 0
    index = (nir - red) / (nir + red)
    ndvi = read("MODIS/061/MOD13A1", "NDVI", day, FINE) * 1e-4
    good = read("MODIS/061/MOD13A1", "SummaryQA", day, FINE) <= 1
    assert np.nanmean(index[clear & good]) == pytest.approx(np.nanmean(ndvi[clear & good]), abs=0.03)
    assert (qa.astype(int) >> 30 & 1 == 1).all()
    assert ((qa.astype(int) & 3 == 0) == clear).all()
    assert ((state.astype(int) >> 3 & 7) == 1).all()
    winter = read(name, "StateQA", "2015_01_09", FINE).astype(int)
    north = GeoBox((10, 10), Affine(0.005, 0, 100, 0, -0.005, 51), "EPSG:4326")
    snowy = read(name, "StateQA", "2015_01_09", north).astype(int)
    assert (snowy >> 12 & 1).mean() > (winter >> 12 & 1).mean() - 1e-9
    assert ((snowy >> 12 & 1) == (snowy >> 15 & 1)).all()
    chosen = read(name, "DayOfYear", day, FINE)
    assert 193 <= chosen.min() <= chosen.max() <= 200


def test_water_of_both_versions_is_one() -> None:
    # the northern shore of a lake whose radius is a quarter of a degree
    lake = GeoBox((60, 60), Affine(1e-4, 0, 100.5, 0, -1e-4, 51.253), "EPSG:4326")
    extent = read("JRC/GSW1_3/GlobalSurfaceWater", "max_extent", grid=lake)
    older, newer = (read(f"JRC/GSW1_{n}/GlobalSurfaceWater", "occurrence", grid=lake) for n in (3, 4))
    assert np.array_equal(older, newer, equal_nan=True)
    assert ((extent == 1) == np.isfinite(older))[np.isfinite(extent)].all()
    assert 0.2 < (extent == 1).mean() < 0.8
    monthly = read("JRC/GSW1_3/MonthlyHistory", "water", "2015_07", lake)
    yearly = read("JRC/GSW1_3/YearlyHistory", "waterClass", "2015", lake)
    assert ((monthly == 2) == (yearly >= 2)).all()  # July is a wet month


def test_landsat_4_and_5_see_the_same_ground() -> None:
    for satellite in ("LT04", "LT05"):
        asset = SOURCE.get(f"LANDSAT/{satellite}/C02/T1_L2")
        assert isinstance(asset, CollectionAsset)
        summer = [each for each in asset.images if "124031_19880" in each.id and day_of(each).month in (6, 7, 8)]
        image = min(summer, key=lambda each: each.properties["CLOUD_COVER"])
        lon, lat = image.footprint.centroid.coords[0]  # type: ignore[union-attr]
        grid = GeoBox((50, 50), Affine(0.006, 0, lon - 0.15, 0, -0.006, lat + 0.15), "EPSG:4326")
        values = {band: image.read(band, grid, "nearest")[0].astype(int) for band in ("SR_B3", "SR_B4", "QA_PIXEL",
                                                                                       "SR_CLOUD_QA")}  # fmt: skip
        cloud = values["QA_PIXEL"] >> 3 & 1
        assert (cloud == (values["SR_CLOUD_QA"] >> 1 & 1)).all()
        red, nir = (values[band] * 2.75e-5 - 0.2 for band in ("SR_B3", "SR_B4"))
        seen = image.read("SR_B3", grid, "nearest")[1] > 0
        index = ((nir - red) / (nir + red))[seen & (cloud == 0)]
        assert 0.05 < index.mean() < 0.7
        assert image.properties["SPACECRAFT_ID"] == f"LANDSAT_{satellite[-1]}"
