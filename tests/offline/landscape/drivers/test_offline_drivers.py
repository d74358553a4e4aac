"""Herds, winters, dust, albedo and lakes of the landscape: they follow its weather, and every window sees the same."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from offline.landscape import Layout, Scene, geography, of_geobox
from offline.landscape.drivers import ground, herds, irrigation, lakes, modification, winters
from offline.landscape.drivers.causes import WATER
from offline.landscape.points import at
from offline.model.assets import CollectionAsset, ImageAsset
from offline.sources.simulated.drivers import DRIVERS, JUMP, every_third_day
from offline.sources.simulated.source import SimulatedSource

YEARS = range(herds.FIRST, herds.LAST + 1)
HERDS = "projects/global-pasture-watch/assets/gld-1km/v1/livestock-headcount-faostat_m"


def window(west: float, north: float, size: int = 12, cell: float = 0.05) -> GeoBox:
    return GeoBox((size, size), Affine(cell, 0, west, 0, -cell, north), "EPSG:4326")


STEPPE, GOBI = window(112, 47.5), window(104, 43.5)


@pytest.fixture(scope="module")
def places() -> Scene:
    """Single places a degree apart over the steppes, with many winters between them."""
    lon, lat = np.meshgrid(np.arange(88.5, 124, 1.0), np.arange(42.5, 51, 1.0))
    return Scene(at(lon, lat), seed=0)


FIELDS = {
    "herds": lambda scene: herds.density(scene, "sheep", 2015),
    "snow": lambda scene: winters.snow_share(scene, date(2010, 11, 20)),
    "dust": lambda scene: ground.dust(scene, date(2010, 4, 9)),
    "albedo": lambda scene: ground.albedo(scene, date(2010, 7, 9)),
    "water": lambda scene: lakes.water_class(scene, 2010),
}


@pytest.mark.parametrize("name", FIELDS)
def test_a_window_sees_what_the_whole_sees(name: str) -> None:
    whole, alone = of_geobox(STEPPE), of_geobox(STEPPE[3:7, 2:9])
    np.testing.assert_array_equal(FIELDS[name](alone), FIELDS[name](whole)[3:7, 2:9])
    if name != "water":
        assert (FIELDS[name](of_geobox(STEPPE, 1)) != FIELDS[name](whole)).any()


def test_herds_boom_and_die_in_hard_winters(places: Scene) -> None:
    growth = np.stack([herds.relative(places, y) / herds.relative(places, y - 1) - 1 for y in YEARS[1:]])
    severity = np.stack([winters.severity(places, year) for year in YEARS[1:]])
    assert np.median(herds.relative(places, 2019)) > 1.3
    hard, mild = severity > 2, severity < 0.5
    assert hard.sum() > 30
    assert np.median(growth[hard]) < -0.12
    assert np.median(growth[mild]) > 0
    # such winters are colder and bring more snow
    warm, snow = (
        np.stack([of(places, year) for year in YEARS[1:]])
        for of in (winters.warmth, lambda scene, year: scene.weather.winter(year))
    )
    assert warm[hard].mean() < -1 < warm[mild].mean()
    assert snow[hard].mean() > 0.5 > snow[mild].mean()


def test_snow_lies_longer_in_cold_and_snowy_winters() -> None:
    scene = of_geobox(GOBI)
    days = {
        year: np.mean([winters.snow_share(scene, first + timedelta(10)) for first in winters.months_of(year)])
        for year in range(2001, 2021)
    }
    fallen = [float(scene.weather.winter(year).mean()) for year in days]
    cold = [-float(winters.warmth(scene, year).mean()) for year in days]
    follows = np.column_stack([fallen, cold, np.ones(len(days))])
    fitted, *_ = np.linalg.lstsq(follows, np.array([*days.values()]), rcond=None)
    assert fitted[0] > 0.02
    assert fitted[1] > 0.02
    assert winters.snow_share(scene, date(2010, 7, 10)).max() == 0


def test_dust_follows_wind_dryness_and_bare_ground() -> None:
    gobi, korea = of_geobox(GOBI), of_geobox(window(127.5, 37))
    days = every_third_day(date(2005, 1, 1), date(2012, 12, 31))
    of_months: dict[tuple[int, int], list[float]] = {}
    for day in days:
        of_months.setdefault((day.year, day.month), []).append(float(ground.dust(gobi, day).mean()))
    months = [12 * year + month - 1 for year, month in of_months]
    raised = np.log([np.mean(values) for values in of_months.values()])
    wind, wet = (np.array([float(of(month).mean()) for month in months])
                 for of in (gobi.weather.wind, gobi.weather.moisture))  # fmt: skip
    assert np.corrcoef(wind, raised)[0, 1] > 0.2
    assert np.corrcoef(wet, raised)[0, 1] < -0.2
    assert np.exp(raised).mean() > 4 * np.mean([ground.dust(korea, day).mean() for day in days[::10]])


def test_albedo_falls_where_leaves_cover_the_soil() -> None:
    scene, day = of_geobox(STEPPE), date(2010, 7, 12)
    green = scene.greenness(2010, 193.0)
    assert np.corrcoef(green.ravel(), ground.albedo(scene, day).ravel())[0, 1] < -0.3
    assert ground.albedo(of_geobox(GOBI), day).mean() > ground.albedo(scene, day).mean() + 0.02
    assert ground.albedo(of_geobox(window(104, 51)), date(2010, 1, 15)).mean() > 0.5


def test_lakes_shrink_and_have_a_belt() -> None:
    lon, lat, radius = geography.LAKES[0]
    scene = of_geobox(window(lon - 1.2 * radius, lat + 1.2 * radius, 100, 2.4 * radius / 100))
    core = [np.mean(lakes.water_class(scene, year) == 3) for year in (1985, 1995, 2005, 2015)]
    assert np.all(np.diff(core) < 0)
    for year in (1985, 2015):
        classes = lakes.water_class(scene, year)
        assert 0.02 < np.mean(classes == 2) / np.mean(classes == 3) < 0.12
        assert not ((classes > 1) & ~geography.lake(scene.points)).any()


def stored(name: str, index: str, band: str, grid: GeoBox, layout: Layout = "practices") -> Any:
    image = SimulatedSource(layout=layout).get(f"{name}/{index}")
    assert isinstance(image, ImageAsset)
    return image.read(band, grid, "nearest")[0]


def test_counts_of_herds_jump_at_the_border_and_the_herds_do_not() -> None:
    """Just north and south of the straight line from 105 E 41.6 N to 111.9 E 43.7 N."""
    cell = 1 / 120
    across = GeoBox((60, 6), Affine(cell, 0, 108, 0, -cell, 42.77), "EPSG:4326")
    scene = of_geobox(across)
    km2 = (111.32 / 120) ** 2 * np.cos(np.radians(scene.points.lat))
    counts, true = stored(HERDS, "2010", "sheep", across), herds.density(scene, "sheep", 2010) * km2
    assert (true > 0).mean() > 0.8
    np.testing.assert_allclose(counts[:20], JUMP * true[:20], rtol=1e-4)
    np.testing.assert_allclose(counts[-20:], true[-20:], rtol=1e-4)


def test_images_have_the_days_that_they_say() -> None:
    source = SimulatedSource(today=date(2027, 6, 30))
    for spec in DRIVERS:
        asset = source.get(spec.id)
        assert isinstance(asset, CollectionAsset)
        begun = [each.properties["system:time_start"] / 3_600_000 for each in asset.images]
        assert {hour % 24 for hour in begun} == {*spec.hours}
        assert np.all(np.diff(begun) > 0)
        assert (asset.images[-1].properties["system:index"][:4] == "2022") == (spec.id == HERDS)
    dust = every_third_day(date(2000, 1, 1), date(2024, 12, 31))
    after = every_third_day(dust[-1] + timedelta(1), date(2025, 2, 1))
    assert after[0] - dust[-1] == timedelta(3)


def test_mascons_are_alike_within_and_months_without_a_mission_are_missing() -> None:
    source = SimulatedSource(today=date(2027, 6, 30))
    water = source.get("NASA/GRACE/MASS_GRIDS_V04/MASCON_CRI")
    assert isinstance(water, CollectionAsset)
    begun = [each.properties["system:index"] for each in water.images]
    assert begun[0] == "20020331"  # the day before April
    assert not [day for day in begun if "20170615" < day < "20180530"]
    assert "20180531" in begun
    assert begun[-1] == "20270228"
    grid = window(102, 48, 12, 0.5)
    thickness = stored(water.id, "20100731", "lwe_thickness", grid)
    assert len(np.unique(thickness)) == 4
    assert (thickness[:6, :6] == thickness[0, 0]).all()
    # the rain of the year before, and a fall where ground water is pumped
    scene = Scene(at(np.arange(76.5, 140, 3.0)[None, :], np.arange(37.5, 54, 3.0)[:, None]), 0)
    early, late = (
        np.mean([irrigation.stored_water(scene, 12 * year + 7) for year in range(first, first + 8)], axis=0)
        for first in (2002, 2017)
    )
    assert np.quantile(late - early, 0.1) < -2 < np.quantile(late - early, 0.6)


def test_irrigation_goes_up_around_patches_whose_water_is_taken() -> None:
    scene = of_geobox(window(98, 50, 280, 0.05), layout="untouched")
    patches, found = scene.planted.patches, scene.causes
    counts = np.bincount(scene.planted.row.ravel(), minlength=patches.kind.size)
    taken = (found.cause == WATER) & (found.year > 2003) & (found.year < 2013) & (counts > 5)
    assert taken.sum() > 10
    maps, rises = "users/deepakna/global_irrigation_maps", []
    for row in np.flatnonzero(taken)[:10]:
        grid = window(patches.lon[row] - 1 / 24, patches.lat[row] + 1 / 24, 1, 1 / 12)
        years = (int(found.year[row]) - 1, int(found.year[row]) + 1)
        before, after = (int(stored(maps, str(year), "classification", grid, "untouched")[0, 0]) for year in years)
        rises.append(after - before)
    assert min(rises) >= 0
    assert np.mean(np.array(rises) > 0) > 0.8
    assert 0 < irrigation.irrigated(scene, 2015).mean() < 0.2


def test_an_image_of_human_modification_has_one_threat() -> None:
    collection = SimulatedSource().get("projects/sat-io/open-datasets/GHM/HM_1990_2020_THREAT_GROUPS_300M")
    assert isinstance(collection, CollectionAsset)
    assert len(collection.images) == 7 * len(modification.THREATS)
    for image in collection.images:
        threat = image.properties["threat_code"]
        assert [band.name for band in image.bands] == [threat]
        assert image.properties["system:index"] == f"HMv20240801_{image.properties['year']}c_{threat}_300"
    scene = of_geobox(window(98, 50, 200, 0.05))
    values = {threat: modification.modified(scene, 2020, threat) for threat in modification.THREATS}
    assert all(0 <= each.min() <= each.max() <= 1 for each in values.values())
    fields = scene.land_cover(2020) == 12
    assert fields.any()
    assert values["AG"][fields].min() > 0.4 > values["AG"][~fields].max()
    # a mine is none before it opens
    first = modification.modified(scene, 1990, "EX")
    assert first.max() == 0 < values["EX"].max()
    assert (values["EX"] > 0).sum() <= scene.marks.mined.sum()
