"""Scenes of tens of metres, snow, fire, other models' water, and tables: they agree with the landscape's own fields."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from odc.geo.geobox import GeoBox

from offline.landscape import of_geobox
from offline.model.assets import CollectionAsset, ImageAsset, TableAsset
from offline.model.grids import box
from offline.model.values import Projection
from offline.sources.simulated.scenes import AREAS
from offline.sources.simulated.source import SimulatedSource
from offline.sources.simulated.tables import TableOutline

SOURCE = SimulatedSource()
LC08 = "LANDSAT/LC08/C02/T1_L2"
SENTINEL = "COPERNICUS/S2_SR_HARMONIZED"
#: 60 km around Yanchi, coarse.
YANCHI = GeoBox.from_bbox((107.0, 37.4, 107.8, 38.2), "EPSG:4326", shape=(160, 160))
#: 5 km in the middle of it, in cells of Landsat's.
INSIDE = GeoBox.from_bbox((107.37, 37.75, 107.43, 37.81), "EPSG:4326", shape=(160, 160))


def collection(name: str) -> CollectionAsset:
    found = SOURCE.get(name)
    assert isinstance(found, CollectionAsset)
    return found


def own_grid(image: ImageAsset, part: int = 8) -> GeoBox:
    """Every eighth cell of the image's first band."""
    band = image.bands[0]
    grid = box(Projection(band.crs, band.transform), *band.shape)
    return grid.zoom_out(part)


def day_of(image: ImageAsset) -> date:
    return datetime.fromtimestamp(image.properties["system:time_start"] / 1000, UTC).date()


def read(image: ImageAsset, band: str, grid: GeoBox) -> np.ndarray:
    values, mask = image.read(band, grid, "nearest")
    return np.where(mask > 0, values, np.nan)


def summer(name: str, year: int = 2020) -> list[ImageAsset]:
    chosen = [i for i in collection(name).images if day_of(i).year == year and 6 <= day_of(i).month <= 8]
    return [i for i in chosen if AREAS[0][0] in i.id or AREAS[0][1] in i.id]


def test_landsat_has_the_values_of_the_handbook() -> None:
    """QA_PIXEL of clear land is 21824, of clear water 21952, of high-confidence cloud 22280, of snow 30048 and of cloud
    shadow 23888 (Landsat 8-9 Collection 2 Level 2 Science Product Guide, LSDS-1619, table 6-3); on Landsat 4-7, where
    the bits of cirrus are not used, clear land is 5440 (LSDS-1618, table 6-3)."""
    seen: set[int] = set()
    for image in [i for i in collection(LC08).images if AREAS[0][0] in i.id][:60]:
        seen |= set(np.unique(image.read("QA_PIXEL", own_grid(image, 40), "nearest")[0]))
    assert {21824, 22280, 30048, 23888} <= seen
    clear = [i for i in collection("LANDSAT/LT05/C02/T1_L2").images if i.properties["CLOUD_COVER"] < 20]
    older = next(i for i in clear if day_of(i).month == 7)
    assert 5440 in read(older, "QA_PIXEL", own_grid(older, 40))


@pytest.mark.parametrize(("name", "red", "nir"), [(LC08, "SR_B4", "SR_B5"), (SENTINEL, "B4", "B8")])
def test_clear_pixels_have_the_ndvi_of_the_landscape(name: str, red: str, nir: str) -> None:
    image = min(
        summer(name), key=lambda i: i.properties.get("CLOUD_COVER", i.properties.get("CLOUDY_PIXEL_PERCENTAGE"))
    )
    grid = own_grid(image, 8)
    if name == LC08:
        r, n = (read(image, band, grid) * 2.75e-5 - 0.2 for band in (red, nir))
        clear = read(image, "QA_PIXEL", grid) == 21824
    else:
        r, n = (read(image, band, grid) * 1e-4 for band in (red, nir))
        clear = np.isin(read(image, "SCL", grid), (4, 5))
    assert clear.mean() > 0.4
    day = day_of(image)
    truth = of_geobox(grid).greenness(day.year, float(day.timetuple().tm_yday))
    difference = ((n - r) / (n + r) - truth)[clear]
    assert abs(np.median(difference)) < 0.01
    # what differs is texture finer than the landscape's own, and the haze beside clouds
    assert np.abs(difference).mean() < 0.04


@pytest.mark.parametrize("name", [LC08, SENTINEL])
def test_the_declared_cloud_cover_is_near_the_true_one(name: str) -> None:
    declared, true = [], []
    for image in [i for i in collection(name).images if AREAS[1][0] in i.id or AREAS[1][1] in i.id][::12]:
        grid = own_grid(image, 30)
        if name == LC08:
            cloud = read(image, "QA_PIXEL", grid).astype(int) & 8 > 0
            declared.append(image.properties["CLOUD_COVER"])
        else:
            cloud = read(image, "QA60", grid) == 1 << 10
            declared.append(image.properties["CLOUDY_PIXEL_PERCENTAGE"])
        true.append(100 * cloud.mean())
    assert np.corrcoef(declared, true)[0, 1] > 0.85
    assert np.mean(declared) == pytest.approx(np.mean(true), abs=8)
    assert min(true) < 10 < 90 < max(true)


def test_a_scene_ends_at_its_footprint() -> None:
    image = summer(LC08)[0]
    values = read(image, "SR_B4", YANCHI)
    assert image.footprint is not None
    inside = np.isfinite(values).mean() * 0.8 * 0.8
    assert inside == pytest.approx(image.footprint.area, rel=0.03)


def test_landsat_7_has_gaps_from_june_2003() -> None:
    images = [i for i in collection("LANDSAT/LE07/C02/T1_L2").images if AREAS[0][0] in i.id]
    share = {
        year: np.isfinite(read(next(i for i in images if day_of(i) > date(year, 6, 1)), "SR_B3", INSIDE)).mean()
        for year in (2002, 2003)
    }
    assert share[2003] == pytest.approx(0.78 * share[2002], rel=0.05)


def test_snow_lies_in_winter_where_the_vegetation_index_has_it() -> None:
    steppe = GeoBox.from_bbox((110, 48, 110.4, 48.4), "EPSG:4326", shape=(80, 80))
    cover = {m: [read(i, "NDSI_Snow_Cover", steppe) for i in days] for m, days in snow_days(2010).items()}
    assert np.nanmean(cover[1]) > 60
    assert np.nanmax(cover[7]) == 0
    one = next(i for i in snow_days(2010)[1])
    reasons = read(one, "NDSI_Snow_Cover_Class", steppe)
    assert set(np.unique(reasons[np.isfinite(reasons)])) <= {239, 250}
    assert (np.isfinite(reasons) ^ np.isfinite(read(one, "NDSI_Snow_Cover", steppe))).all()
    quality = read(SOURCE.get("MODIS/061/MOD13Q1/2010_01_01"), "SummaryQA", steppe)  # type: ignore[arg-type]
    snow = np.nanmean(np.stack(cover[1][:8]), axis=0)
    assert np.mean((snow > 50)[quality == 2]) > 0.95


def snow_days(year: int) -> dict[int, list[ImageAsset]]:
    images = collection("MODIS/061/MOD10A1").images
    return {m: [i for i in images if (day_of(i).year, day_of(i).month) == (year, m)][:12] for m in (1, 7)}


def test_fire_is_a_matter_of_dry_months_and_of_grass() -> None:
    """Steppe burns in spring and autumn, the Gobi has nothing to burn; dates lie in their month."""
    daurian = GeoBox.from_bbox((112, 47, 118, 51), "EPSG:4326", shape=(200, 300))
    gobi = GeoBox.from_bbox((101, 41.5, 107, 43.5), "EPSG:4326", shape=(100, 300))
    burnt: dict[int, float] = {}
    for month in (1, 4, 7, 10):
        parts = []
        for year in range(2005, 2011):
            image = SOURCE.get(f"MODIS/061/MCD64A1/{year}_{month:02d}_01")
            assert isinstance(image, ImageAsset)
            days = read(image, "BurnDate", daurian)
            parts.append(np.isfinite(days).mean())
            first = date(year, month, 1).timetuple().tm_yday
            assert np.nanmin(days, initial=first) >= first
            assert np.nanmax(days, initial=first) <= first + 30
            assert np.isfinite(read(image, "BurnDate", gobi)).mean() < 0.001
        burnt[month] = float(np.mean(parts))
    assert burnt[4] > burnt[10] > burnt[7]
    assert 0.001 < burnt[4] < 0.1


def test_soil_water_of_all_models_follows_one_rain() -> None:
    """Days of SMAP and GLDAS beside the month of ERA5-Land: the same wet and dry years, layer by depth."""
    place = GeoBox.from_bbox((112, 42, 117, 46), "EPSG:4326", shape=(16, 20))
    series: dict[str, list[float]] = {"smap": [], "gldas": [], "era5": []}
    for year in range(2016, 2025):
        names = {"smap": (f"NASA/SMAP/SPL4SMGP/008/{year}0815_0130", "sm_rootzone"),
                 "gldas": (f"NASA/GLDAS/V021/NOAH/G025/T3H/A{year}0815_1200", "RootMoist_inst"),
                 "era5": (f"ECMWF/ERA5_LAND/MONTHLY_AGGR/{year}08", "volumetric_soil_water_layer_1")}  # fmt: skip
        for key, (name, band) in names.items():
            image = SOURCE.get(name)
            assert isinstance(image, ImageAsset)
            series[key].append(float(np.nanmean(read(image, band, place))))
    assert np.corrcoef(series["smap"], series["era5"])[0, 1] > 0.8
    assert np.asarray(series["gldas"]) == pytest.approx(1000 * np.asarray(series["smap"]), rel=0.02)


def test_evaporation_stays_below_rain_and_demand() -> None:
    """The yearly sum of the toolbox's image beside the rain of the same year, both millimetres."""
    place = GeoBox.from_bbox((100, 40, 125, 50), "EPSG:4326", shape=(40, 100))
    toolbox = "users/geflanddegradation/toolbox_datasets"
    rain = read(SOURCE.get(f"{toolbox}/prec_gpcc_1891_2019"), "y2010", place)  # type: ignore[arg-type]
    lost = read(SOURCE.get(f"{toolbox}/et_modis_2000_2024"), "y2010", place) / 10  # type: ignore[arg-type]
    assert np.nanmedian(lost / rain) == pytest.approx(1, abs=0.25)
    assert np.corrcoef(rain[np.isfinite(rain)], lost[np.isfinite(rain)])[0, 1] > 0.8


def test_drought_indices_are_standard_and_know_dry_years() -> None:
    place = GeoBox.from_bbox((85, 38, 130, 52), "EPSG:4326", shape=(28, 90))
    image = SOURCE.get("projects/gef-land-degradation/assets/ukceh_spi_gamma_lag12_v2025")
    assert isinstance(image, ImageAsset)
    index = np.stack([read(image, f"d{year}08", place) for year in range(1982, 2024)]) / 1000
    assert abs(np.nanmean(index)) < 0.15
    assert np.nanstd(index) == pytest.approx(1, abs=0.15)
    drier = SOURCE.get("projects/gef-land-degradation/assets/ukceh_spei_gamma_lag12_v2025")
    both = read(drier, "d201008", place) / 1000  # type: ignore[arg-type]
    assert np.corrcoef(both[np.isfinite(both)], index[28][np.isfinite(both)])[0, 1] > 0.8


def test_outlines_of_countries_do_not_overlap_and_callers_add_their_own() -> None:
    shape = {"type": "Polygon", "coordinates": [[[107, 38], [109, 38], [109, 39], [107, 39], [107, 38]]]}
    source = SimulatedSource(outlines=(TableOutline("Ordos", "China", shape),))
    level0, level1 = (source.get(f"FAO/GAUL/2015/level{n}") for n in (0, 1))
    assert isinstance(level0, TableAsset)
    assert isinstance(level1, TableAsset)
    land: dict[str, Any] = {p["ADM0_NAME"]: g for g, p in level0.features}
    assert len(land) == 7
    names = sorted(land)
    for n, one in enumerate(names):
        for other in names[n + 1 :]:
            assert land[one].intersection(land[other]).area < 1e-9
    (geometry, properties) = level1.features[0]
    assert (properties["ADM1_NAME"], properties["ADM0_CODE"]) == ("Ordos", 147295)
    assert land["China"].contains(geometry)
    # 1.56 million square kilometres, drawn with 18 corners
    assert area_km2(land["Mongolia"]) == pytest.approx(1.56e6, rel=0.08)
    assert [p.get("ADM1_NAME") for _, p in SimulatedSource().get("FAO/GAUL/2015/level1").features] == []  # type: ignore[union-attr]


def area_km2(geometry: Any) -> float:
    from pyproj import Geod

    return abs(Geod(ellps="WGS84").geometry_area_perimeter(geometry)[0]) / 1e6


def test_protected_areas_lie_in_the_country_that_they_name() -> None:
    reserves = SOURCE.get("WCMC/WDPA/current/polygons")
    lsib = SOURCE.get("USDOS/LSIB_SIMPLE/2017")
    assert isinstance(reserves, TableAsset)
    assert isinstance(lsib, TableAsset)
    ground = {p["country_co"]: g for g, p in lsib.features}
    assert len(reserves.features) > 30
    for geometry, properties in reserves.features:
        fips = {"MNG": "MG", "CHN": "CH", "RUS": "RS", "KAZ": "KZ", "PRK": "KN", "KOR": "KS", "JPN": "JA"}
        assert ground[fips[properties["ISO3"]]].contains(geometry)
        assert properties["IUCN_CAT"] in ("Ia", "II", "III", "IV", "V", "VI")
