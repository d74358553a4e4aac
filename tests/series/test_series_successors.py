"""Data sets that replace MODIS and the toolbox, pulled by this project's expressions: they agree with the landscape."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import ee
import numpy as np
import pytest
from odc.geo.geobox import GeoBox
from pixels import values
from shapely import box

from indicators.sdg15.land_cover import to_unccd
from offline.landscape import of_geobox
from offline.landscape.annual import annual_ndvi
from offline.landscape.cover import UNCCD
from offline.landscape.sensors import VIIRS
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from regions.grid import geobox
from series.climate_zones import climate_zones
from series.composites import annual, images_a_year, months, one_year, stands_for, static
from series.cubes.naming import Cube
from series.cubes.pull import pull
from series.cubes.stored import open_cube
from series.datasets import DATASETS, Dataset
from series.sequences import last_day
from series.service.earth_engine import Connection, connect

STEPPE = box(116, 43, 116.4, 43.3)
#: From the Gobi to the taiga: several climate zones.
ACROSS = box(100, 38, 112, 53)
MIDDLE = (5, 9)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of one engine for all tests."""
    with serve(SimulatedSource()) as server:
        yield server.url


@pytest.fixture
def engine(address: str) -> None:
    """The client connected to it: some tests connect it to others."""
    connect(Connection(url=address))


def yearly(key: str, year: int, grid: GeoBox) -> np.ndarray:
    dataset = DATASETS[key]
    return values(one_year(dataset, year, MIDDLE, dataset.annual, abs(grid.affine.a)), grid)


def test_no_day_counts_twice_where_composites_overlap(engine: None) -> None:
    """Every day of two years lies in exactly one of the spans that VIIRS' composites stand for, leap day included."""
    dataset = DATASETS["vnp13a1-ndvi"]
    starts = [date(y, 1, 1) + timedelta(days=8 * k) for y in (2015, 2016, 2017) for k in range(46)]
    moments = ee.List([(day - date(1970, 1, 1)).days * 86_400_000 for day in starts])
    spans = moments.map(lambda begin: ee.List([*stands_for(dataset, ee.Number(begin))])).getInfo()
    assert all(end == begin for (_, end), (begin, _) in pairwise(spans))
    assert {(end - begin) / 86_400_000 for begin, end in spans} == {8, 5, 6}
    assert all(begin - start == 4 * 86_400_000 for (begin, _), start in zip(spans, moments.getInfo(), strict=True))


@pytest.mark.parametrize("key", ["pku-gimms-ndvi", "chirps3-precipitation", "landsat-32day-ndvi"])
def test_images_stand_for_the_days_to_the_next_one(engine: None, key: str) -> None:
    dataset = DATASETS[key]
    asset = SimulatedSource().get(dataset.asset)
    moments = [each.properties["system:time_start"] for each in asset.images[40:120]]  # type: ignore[union-attr]
    spans = ee.List(moments).map(lambda begin: ee.List([*stands_for(dataset, ee.Number(begin))])).getInfo()
    assert [begin for begin, _ in spans] == moments
    assert [end for _, end in spans[:-1]] == moments[1:]


@pytest.mark.parametrize("world", ["easy", "real"])
def test_annual_values_of_viirs_are_the_landscapes(world: str, tmp_path: Path) -> None:
    dataset, years = DATASETS["vnp13a1-ndvi"], (2014, 2024)
    grid = geobox(box(116, 43, 116.1, 43.08), dataset.resolution)
    expected = annual_ndvi(of_geobox(grid, 3, world=world), years, MIDDLE, sensor=VIIRS)
    with serve(SimulatedSource(3, world=world)) as server:
        connect(Connection(url=server.url))
        stack = annual(dataset, years, MIDDLE)
        pulled = open_cube(pull(Cube(stack, "productivity", grid, dataset, tmp_path, "simulated", kind="season_mean")))
        found = pulled.transpose("year", "y", "x").values
        assert dataset.period_end(last_day(dataset)).year - 1 == 2024
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, expected, atol=3e-5)


def test_the_flags_of_viirs_take_out_clouds_and_snow(engine: None) -> None:
    """A winter month without its flags is darker: snow and clouds hide what grows."""
    dataset = DATASETS["vnp13a1-ndvi"]
    grid = geobox(box(99, 47.3, 99.3, 47.5), dataset.resolution)
    plain = dataset.model_copy(update={"quality": None})
    span = (3, 3)
    raw, kept = (values(one_year(each, 2016, span, "calendar_mean"), grid) for each in (plain, dataset))
    assert np.nanmean(kept) > np.nanmean(raw) + 0.01
    image = ee.Image(f"{dataset.asset}/2016_01_09")
    snow = values(image.select(["pixel_reliability"]), grid)
    seen = np.isfinite(snow)
    bits = values(image.select(["VI_Quality"]), grid)[seen].astype(int)
    snow = snow[seen]
    assert seen.mean() > 0.99
    assert set(np.unique(snow)) <= {0, 3, 8, 9}
    assert (snow == 8).mean() > 0.2
    assert ((bits >> 14 & 1) == (snow == 8)).all()
    assert (((bits & 3) <= 1) == (snow != 9)).all()


def test_the_long_record_is_coarse_noisy_and_of_the_same_greenness(engine: None) -> None:
    long, now = (DATASETS[key] for key in ("pku-gimms-ndvi", "mod13c1-ndvi"))
    grid = geobox(ACROSS, 0.5)
    old, new = (yearly(each.key, 2010, grid) for each in (long, now))
    both = np.isfinite(old) & np.isfinite(new)
    assert both.mean() > 0.6
    assert np.corrcoef(old[both], new[both])[0, 1] > 0.95
    assert np.nanmean(old[both]) == pytest.approx(np.nanmean(new[both]), abs=0.04)
    assert np.isfinite(yearly(long.key, 1983, grid)).mean() > 0.5
    assert images_a_year(long, MIDDLE, "season_mean") == 10


def test_landsat_composites_see_the_landscape_with_gaps(engine: None) -> None:
    grid = geobox(STEPPE, 1 / 120)
    then, now = (yearly("landsat-32day-ndvi", year, grid) for year in (1990, 2020))
    modis = yearly("mod13a2-ndvi", 2020, grid)
    assert np.nanmean(now) == pytest.approx(np.nanmean(modis), rel=0.12)
    assert np.isfinite(now).mean() > np.isfinite(then).mean()


def test_chirps_3_gives_the_rain_of_the_season_up_to_sixty_degrees(engine: None) -> None:
    grid = geobox(STEPPE, 0.1)
    rain, era5 = (yearly(key, 2015, grid) for key in ("chirps3-precipitation", "era5-land-precipitation"))
    assert rain.mean() == pytest.approx(era5.mean(), rel=0.06)
    june = values(months(DATASETS["chirps3-precipitation"], [2015]).select(["y2015m06"]), grid)
    other = values(months(DATASETS["era5-land-precipitation"], [2015]).select(["y2015m06"]), grid)
    assert june.mean() == pytest.approx(other.mean(), rel=0.06)
    north = yearly("chirps3-precipitation", 2015, geobox(box(100, 59.5, 100.5, 60.5), 0.1))
    assert 0.4 < np.isnan(north).mean() < 0.6
    assert images_a_year(DATASETS["chirps3-precipitation"], MIDDLE, "season_sum") == 30
    for way in ("SAT", "RNL"):
        july = ee.ImageCollection(f"UCSB-CHC/CHIRPS/V3/DAILY_{way}").filterDate("2015-07-01", "2015-08-01").sum()
        whole = values(months(DATASETS["chirps3-precipitation"], [2015]).select(["y2015m07"]), grid)
        np.testing.assert_allclose(values(july, grid), whole, rtol=0.02)


def test_a_rate_of_rain_becomes_millimetres(engine: None) -> None:
    grid = geobox(STEPPE, 0.1)
    rain, era5 = (yearly(key, 2015, grid) for key in ("imerg-precipitation", "era5-land-precipitation"))
    assert rain.mean() == pytest.approx(era5.mean(), rel=0.06)
    assert np.isfinite(yearly("imerg-precipitation", 1998, grid)).all()


def test_land_cover_of_c3s_and_glc_is_the_landscapes(engine: None) -> None:
    for key, side in (("c3s-land-cover", 0.2), ("glc-fcs30d", 0.02)):
        grid = geobox(box(116, 43, 116 + side, 43 + side), DATASETS[key].resolution)
        scene = of_geobox(grid)
        for year in (2003, 2021):
            codes = yearly(key, year, grid)
            assert np.isfinite(codes).all()
            # one class of the one map is one class of the other
            truth = scene.land_cover(year)
            agree = to_unccd(codes, DATASETS[key].legend or "") == UNCCD[truth]
            assert agree.mean() > 0.9
    assert DATASETS["glc-fcs30d"].band_of(2000) == "b1"
    assert DATASETS["glc-fcs30d"].bands == ("b1",)


def test_soils_are_those_of_the_toolboxs_maps(engine: None) -> None:
    grid = geobox(STEPPE, 1 / 120)
    old, new = (values(static(DATASETS[key], 1 / 120).parts[0], grid) for key in ("soilgrids-soc", "soilgrids2-ocs"))
    np.testing.assert_allclose(np.nanmean(new), np.nanmean(old), rtol=0.02)
    assert np.corrcoef(old.ravel(), new.ravel())[0, 1] > 0.8
    # cells of the maps themselves: a coarse cell takes the lower of two codes that are equally common
    hills = geobox(box(99, 47.3, 99.5, 47.6), 1 / 480)
    keys = ("soil-taxonomy", "openlandmap-great-groups")
    units, groups = (values(static(DATASETS[key], 1 / 480).parts[0], hills) for key in keys)
    units, groups = (each[np.isfinite(units)] for each in (units, groups))
    pairs = {(int(a), int(b)) for a, b in zip(units.ravel(), groups.ravel(), strict=True)}
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}) > 1


def test_people_are_counted_whatever_the_cell(engine: None) -> None:
    """The density of a pixel of 100 m times the area of a cell: sums agree, and with the older map of 1 km."""
    dataset = DATASETS["ghs-pop-2020"]
    fields = box(124.5, 44.6, 125.5, 45.4)
    fine, coarse = (values(static(dataset, cell).parts[0], geobox(fields, cell)).sum() for cell in (1 / 120, 1 / 30))
    assert fine == pytest.approx(coarse, rel=0.02)
    older = values(static(DATASETS["worldpop-1km-2020"], 1 / 120).parts[0], geobox(fields, 1 / 120)).sum()
    assert fine == pytest.approx(older, rel=0.1)


def test_climate_zones_follow_from_the_weather(engine: None) -> None:
    """Where the yearly mean is not near a limit, temperature gives the same zone as the landscape's own map."""
    dataset = DATASETS["era5-land-climate-zones"]
    grid = geobox(ACROSS, 0.5)
    found = values(climate_zones(dataset), grid)
    scene = of_geobox(grid)
    own = scene.climate_zone
    land = np.isfinite(found) & scene.land
    assert np.isfinite(found[scene.land]).all()
    assert set(np.unique(found[land])) <= set(range(1, 13))
    # two zones, moist and dry, share each belt of temperature
    belts, expected = (found[land] + 1) // 2, (own[land].astype(int) + 1) // 2
    assert len(np.unique(expected)) >= 2
    assert (belts == expected).mean() > 0.93
    sure = land & (np.abs(np.log(scene.normal.aridity)) > 0.5)
    assert (found[sure] == own[sure]).mean() > 0.85
    np.testing.assert_array_equal(values(static(dataset, 0.5).parts[0], grid), found)


def test_the_tropical_zones_have_rain_height_and_no_frost(engine: None) -> None:
    south = geobox(box(100, 25, 120, 28), 0.5)
    found, scene = values(climate_zones(DATASETS["era5-land-climate-zones"]), south), of_geobox(south)
    hot = scene.land & (scene.normal.temperature > 18.5) & (scene.normal.temperature - scene.normal.swing > 8.5)
    assert hot.any()
    rain = scene.normal.rain
    low = hot & (scene.normal.height < 900)
    # rain of thirty years is not that of all time, and a coarse cell is not its centre
    assert (found[low & (rain > 1200) & (rain < 1700)] == 11).mean() > 0.95
    assert (found[low & (rain < 900)] == 12).mean() > 0.9
    assert (found[hot] >= 9).mean() > 0.95
    assert (found[scene.land & (scene.normal.temperature < 17)] < 9).all()


def test_a_static_formula_has_its_cadence() -> None:
    with pytest.raises(ValueError, match="formula ipcc-zones needs the cadence static"):
        Dataset.model_validate({**DATASETS["era5-land-climate-zones"].model_dump(), "cadence": "monthly"})
