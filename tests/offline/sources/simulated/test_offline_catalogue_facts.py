"""Simulated assets against facts of the public catalogue: bands, scales, cadence, extents, quality bits."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from affine import Affine
from checkout import SHARED
from odc.geo.geobox import GeoBox

from offline.model.assets import CollectionAsset, ImageAsset
from offline.sources.simulated.source import SimulatedSource

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


@pytest.mark.parametrize("name", KNOWN)
def test_the_catalogue_agrees(name: str) -> None:
    if not FACTS.exists():
        pytest.skip("the facts of the catalogue are not here")
    facts: dict[str, Any] = json.loads(gzip.decompress(FACTS.read_bytes()))[name]
    public = [band["name"] for band in facts["bands"]]
    own = [band.name for band in first_image(name).bands]
    assert set(own) <= set(public)
    assert own == public or name.startswith("LANDSAT/")
    assert facts["type"] == ("image" if KNOWN[name][1] is None else "image_collection")
    interval = facts.get("interval", {})
    if interval.get("unit") == "day":
        assert KNOWN[name][2] == interval["interval"]
    if KNOWN[name][1] is not None and not name.startswith("JRC/"):
        assert facts["start"].startswith(KNOWN[name][1])
    if facts.get("bbox", [0, 0, 0, 90])[3] < 70:
        info = first_image(name).bands[0]
        assert info.transform[5] == facts["bbox"][3]


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
    assert ((monthly == 2) == (yearly == 3)).all()


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
