"""The worlds of the landscape: `easy` as it was, the others the same from every window and true to what they plant."""

from __future__ import annotations

import hashlib
import platform
from datetime import date
from typing import Any

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from offline.landscape import WORLDS, Layout, Scene, of_geobox, truth, world
from offline.landscape.changes import patchwork
from offline.landscape.changes.courses import APPROACH, ONSET, PASSING, RAMP, SEASON_START, STEP, progress
from offline.landscape.changes.patches import BREAK, DECLINE, KM_PER_DEGREE, RECOVERY
from offline.landscape.points import at, of_grid
from offline.landscape.world import PlantedChanges
from offline.sources.simulated import bands
from offline.sources.simulated.source import SimulatedSource

HARDER = ("real", "hard")
YEARS = (2001, 2024)
JULY = date(2012, 7, 11)


def window(west: float, north: float, width: int = 60, height: int = 60, cell: float = 1 / 60) -> GeoBox:
    return GeoBox((height, width), Affine(cell, 0, west, 0, -cell, north), "EPSG:4326")


STEPPE = window(112, 44)
SINUSOIDAL = "+proj=sinu +R=6371007.181 +units=m +no_defs"
ROTATED = GeoBox((30, 40), Affine(463.3127165279165, 0, 8.35e6, 0, -463.3127165279167, 4.94e6), SINUSOIDAL)
PINNED = window(112, 44, 50, 40)
#: SHA-256 (first 16 digits) of whole numbers before there were worlds: grid, seed, layout, and the field.
BEFORE: tuple[tuple[GeoBox, int, Layout, dict[str, str]], ...] = (
    (
        PINNED, 0, "practices",
        {
            "ndvi": "b46755a74cb5cb59", "quality": "5020a0cf6cee297e", "winter": "2ce0f5a0f6b96bdd",
            "cover": "e0927cddf888b61e", "productivity": "873576f2c2833ed7",
            "break_year": "a686e2a89ec2c9ca", "kind": "d4cea6466f9aaa7c",
        },
    ),
    (
        PINNED, 3, "evidence",
        {
            "ndvi": "73504e4f516dd069", "quality": "57ba48b0c78f3743", "cover": "7000ec88842909e7",
            "productivity": "56de3897634c5f85", "kind": "adf3910c662d8cb7", "practice_site": "35c108f2f42e71ef",
            "soil_carbon": "80f6017f7e37d652",
        },
    ),
    (
        ROTATED, 0, "practices",
        {"ndvi": "40ca121063dc4b35", "cover": "3ffa30651fb65e88"},
    ),
)  # fmt: skip
#: Mean, standard deviation and mean of the first row, of fractions, whose last bits differ by processor.
FRACTIONS: tuple[tuple[GeoBox, int, Layout, str, tuple[float, float, float]], ...] = (
    (PINNED, 0, "practices", "decline", (0.052349515, 0.136964499, -0.00367622137)),
    (PINNED, 0, "practices", "npp", (0.190020313, 0.0450040537, 0.187031982)),
    (PINNED, 3, "evidence", "break_size", (-0.0228563735, 0.0861298427, 0)),
    (ROTATED, 0, "practices", "decline", (0.0032826151, 0.0326885224, 0)),
)
#: The same of stored bands over the first grid.
STORED_FRACTIONS = {
    ("ECMWF/ERA5_LAND/MONTHLY_AGGR/201507", "total_precipitation_sum"): (0.0611686824, 0.00752506776, 0.0544312568),
    ("ECMWF/ERA5_LAND/MONTHLY_AGGR/201507", "volumetric_soil_water_layer_1"): (0.176620873, 0.00832104792, 0.169621481),
    ("UCSB-CHG/CHIRPS/PENTAD/20150706", "precipitation"): (9.86144526, 1.21198859, 8.72673864),
    ("ECMWF/ERA5_LAND/DAILY_AGGR/20150715", "temperature_2m"): (297.588817, 0.334282248, 297.620683),
    ("ECMWF/ERA5_LAND/DAILY_AGGR/20150715", "total_precipitation_sum"): (0.00120528236, 0.000252463282, 0.00104069543),
    ("ECMWF/ERA5_LAND/MONTHLY_AGGR/201504", "u_component_of_wind_10m"): (2.92364247, 0.0627734092, 2.92067058),
    ("NASA/GSFC/MERRA/aer/2/20150412_06", "DUCMASS"): (7.35066396e-05, 6.47803997e-06, 8.06408358e-05),
    ("UCSB-CHG/CHIRPS/DAILY/20150715", "precipitation"): (1.20855598, 0.251164402, 1.07547009),
}
STORED = {
    ("IDAHO_EPSCOR/TERRACLIMATE/201507", "pr"): "f0d70b0a10193e65",
    ("MODIS/061/MOD13Q1/2015_07_12", "NDVI"): "71ca098471fa68df",
    ("MODIS/061/MCD12Q1/2015_01_01", "LC_Type1"): "8ee0fd2f568f9532",
    ("MODIS/061/MOD10A1/2015_01_10", "NDSI_Snow_Cover"): "871d8a4a50f1e236",
    ("MODIS/061/MCD43A3/2015_01_09", "Albedo_WSA_shortwave"): "8af14546a46d80ae",
}


def digest(values: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]


def numbers(values: np.ndarray) -> tuple[float, float, float]:
    exact = values.astype(np.float64)
    return float(np.nanmean(exact)), float(np.nanstd(exact)), float(np.nanmean(exact[0]))


def field(grid: GeoBox, seed: int, layout: Layout, name: str) -> np.ndarray:
    scene = of_geobox(grid, seed, layout=layout)
    of_scene: dict[str, Any] = {
        "ndvi": lambda: scene.view(JULY).ndvi,
        "quality": lambda: scene.view(JULY).quality,
        "winter": lambda: scene.view(date(2019, 1, 17)).ndvi,
        "cover": lambda: scene.observed_cover(2018),
        "npp": lambda: scene.net_primary_production(2015),
    }
    return np.asarray(of_scene[name]() if name in of_scene else truth(grid, YEARS, seed, layout)[name].values)


@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="the digests are those of this processor type"
)
def test_easy_is_the_landscape_that_was() -> None:
    for grid, seed, layout, expected in BEFORE:
        assert {name: digest(field(grid, seed, layout, name)) for name in expected} == expected
    for grid, seed, layout, name, told in FRACTIONS:
        assert numbers(field(grid, seed, layout, name)) == pytest.approx(told, rel=1e-6), name
    source = SimulatedSource()

    def stored(asset: str, band: str) -> np.ndarray:
        image: Any = source.get(asset)
        return np.asarray(image.read(band, PINNED, "nearest")[0])

    assert {key: digest(stored(*key)) for key in STORED} == STORED
    for key, told in STORED_FRACTIONS.items():
        assert numbers(stored(*key)) == pytest.approx(told, rel=1e-6), key


@pytest.mark.parametrize("name", HARDER)
@given(row=st.integers(0, 40), column=st.integers(0, 40), size=st.integers(1, 20))
@settings(max_examples=6, deadline=None)
def test_a_window_sees_what_the_whole_sees(name: str, row: int, column: int, size: int) -> None:
    part = STEPPE[row : row + size, column : column + size]
    inside = np.s_[row : row + size, column : column + size]
    whole, alone = (of_geobox(grid, 1, world=name) for grid in (STEPPE, part))
    np.testing.assert_array_equal(alone.view(JULY).ndvi, whole.view(JULY).ndvi[inside])
    np.testing.assert_array_equal(alone.observed_cover(2015), whole.observed_cover(2015)[inside])
    np.testing.assert_array_equal(bands.precipitation(alone, JULY)[0], bands.precipitation(whole, JULY)[0][inside])
    np.testing.assert_array_equal(bands.soil_water(alone, JULY)[0], bands.soil_water(whole, JULY)[0][inside])
    for key, values in truth(STEPPE, YEARS, 1, world=name).items():
        np.testing.assert_array_equal(truth(part, YEARS, 1, world=name)[key], values.values[inside], err_msg=str(key))


@pytest.mark.parametrize("name", HARDER)
def test_scattered_points_see_the_bits_of_a_grid(name: str) -> None:
    points = of_grid(STEPPE)
    grid, scattered = Scene(points, 2, world=name), Scene(points.full, 2, world=name)
    np.testing.assert_array_equal(grid.view(JULY).ndvi, scattered.view(JULY).ndvi)
    np.testing.assert_array_equal(grid.observed_cover(2010), scattered.observed_cover(2010))
    np.testing.assert_array_equal(grid.planted.level(2015.5), scattered.planted.level(2015.5))


def test_worlds_and_seeds_are_different_landscapes_over_one_land() -> None:
    scenes = [Scene(of_grid(STEPPE), seed, world=name) for name, seed in (("easy", 0), ("real", 0), ("real", 1))]
    views = [scene.view(JULY).ndvi for scene in scenes]
    assert (views[0] != views[1]).mean() > 0.9
    assert (views[1] != views[2]).mean() > 0.9
    np.testing.assert_array_equal(scenes[0].original_cover, scenes[1].original_cover)
    np.testing.assert_array_equal(scenes[0].normal.rain, scenes[1].normal.rain)
    described = SimulatedSource(4, world="hard").describe()
    assert described == {"origin": "simulated", "seed": 4, "layout": "practices", "world": "hard"}
    assert world("hard") is WORLDS["hard"]
    with pytest.raises(ValueError, match="world 'other' is unknown; use easy, real, hard"):
        SimulatedSource(world="other")


def test_courses_come_as_they_are_called() -> None:
    """Ten years from 2005, a step from which half goes again within eight years."""
    course = np.array([STEP, RAMP, APPROACH, ONSET, PASSING], np.int8)
    year, ten = np.full(5, 2005, np.int16), np.full(5, 10, np.float32)
    half, eight = np.full(5, 0.5, np.float32), np.full(5, 8, np.float32)

    def parts(time: float) -> np.ndarray:
        return progress(time, course, year, ten, half, eight)

    np.testing.assert_allclose(parts(2000), 0, atol=1e-3)
    np.testing.assert_allclose(parts(2005), [0, 0, 0, 0.018, 0], atol=1e-3)
    np.testing.assert_allclose(parts(2005 + SEASON_START)[[0, 4]], 1)
    # 1 - e^-1.5 and 1 - (1 - e^(-3 (5 - 0.33) / 8)) / 2
    np.testing.assert_allclose(parts(2010), [1, 0.5, 0.7769, 0.5, 0.5868], atol=1e-3)
    np.testing.assert_allclose(parts(2015), [1, 1, 0.9502, 0.982, 0.5133], atol=1e-3)
    np.testing.assert_allclose(parts(2060), [1, 1, 1, 1, 0.5], atol=1e-3)
    # no jumps but the steps
    times = np.arange(2000, 2030, 0.01)
    courses = np.stack([parts(time) for time in times])
    assert np.abs(np.diff(courses[:, 1:4], axis=0)).max() < 0.005
    assert (np.abs(np.diff(courses[:, [0, 4]], axis=0)) > 0.01).sum(axis=0).tolist() == [1, 1]


@pytest.mark.parametrize("name", HARDER)
def test_truth_is_what_the_landscape_does_in_any_window_of_years(name: str) -> None:
    here = window(92, 50.5, 120, 120)
    scene = of_geobox(here, world=name)
    windows = [truth(here, years, world=name) for years in ((2001, 2008), (2008, 2023), (2001, 2023))]
    early, late, whole = ((1 + each["change"].values).astype(float) for each in windows)
    np.testing.assert_allclose(early * late, whole, atol=2e-5)
    first, last = scene.season_ndvi(2008.5), scene.season_ndvi(2023.5)
    land = windows[1]["land"].values
    np.testing.assert_allclose(late[land], (last / first)[land], atol=2e-5)
    known = windows[1]
    np.testing.assert_array_equal(known["decline"], -known["change"])
    assert known["change"].dtype == np.float32
    np.testing.assert_array_equal(known["productivity"] < 0, known["change"] < -0.1)
    worse = (known["productivity"] < 0) | (known["land_cover"] < 0) | (known["soil_carbon"] < 0)
    np.testing.assert_array_equal(known["degraded"], worse)
    assert (known["change"].values[(known["kind"].values == 0) & (known["common"].values == 0)] == 0).all()
    dated = known["break_year"].values
    assert ((dated == 0) | ((dated > 2008) & (dated <= 2023))).all()
    assert (known["break_size"].values[dated == 0] == 0).all()
    assert (known["break_size"].values[dated > 0] != 0).all()
    assert known.attrs["world"] == name


@pytest.mark.parametrize("name", HARDER)
def test_a_break_has_the_size_of_its_drop_also_where_land_recovers(name: str) -> None:
    here = window(92, 50.5, 120, 120)
    scene, known = of_geobox(here, world=name), truth(here, YEARS, world=name)
    patches, row = scene.planted.patches, scene.planted.row
    passing = (patches.course[row] == PASSING) & (known["break_year"].values > 0)
    assert passing.sum() > 50
    year = known["break_year"].values[passing].astype(int)
    drops = np.zeros(passing.sum())
    for each in np.unique(year):
        before, after = scene.season_ndvi(each + 0.32), scene.season_ndvi(each + 0.34)
        drops[year == each] = (after / before - 1)[passing][year == each]
    np.testing.assert_allclose(known["break_size"].values[passing], drops, atol=0.01)
    # what wide areas lose in common goes on meanwhile
    own = (1 + known["change"].values) / (1 + known["common"].values) - 1
    assert np.median((own - known["break_size"].values)[passing]) > 0.02


def test_greening_is_no_planted_change() -> None:
    """It changes what is seen, by up to 15 % a decade, and not the truth."""
    here = window(100, 47, 60, 60, 0.1)
    scene = of_geobox(here, layout="untouched", world="real")
    assert scene.growth is not None
    assert 0 <= scene.growth.greening.min() <= scene.growth.greening.max() <= np.float32(0.15)
    assert np.ptp(scene.growth.greening) > 0.02
    early, late = (np.mean([scene.growth.of(year) for year in years], axis=0) for years in ((2001, 2002), (2023, 2024)))
    quiet = (truth(here, YEARS, layout="untouched", world="real")["change"].values == 0) & scene.land
    np.testing.assert_allclose(
        np.median((late - early)[quiet]), 2.2 * np.median(scene.growth.greening[quiet]), atol=0.05
    )


def drawn(of: PlantedChanges, seed: int, side: float = 4.0) -> tuple[Any, np.ndarray, Any]:
    """What is planted in a square of the steppe, at points a kilometre apart."""
    cells = round(side / 0.01)
    points = of_grid(window(112, 46, cells, cells, 0.01))
    patches, row = patchwork.rows(points, seed, of)
    return patches, row, points


def test_patches_have_sizes_courses_and_strengths_of_many_kinds() -> None:
    of = WORLDS["real"].changes
    assert of is not None
    patches, row, points = drawn(of, 2)
    assert patches.kind[0] == 0
    losing = (patches.kind == DECLINE) | (patches.kind == BREAK)
    losses, gains = -patches.size[losing], patches.size[patches.kind == RECOVERY]
    assert 0 < losses.min() < 0.02
    assert 0.5 < losses.max() <= 0.6
    assert 0 < gains.min() < 0.02
    assert 0.4 < gains.max() <= 0.5
    # the density falls with size
    counts, _ = np.histogram(losses, [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    assert (np.diff(counts) < 0).all()
    assert set(patches.course[losing]) == {STEP, RAMP, APPROACH, ONSET, PASSING}
    assert 0.5 < 2 * patches.major_km[1:].min() < 0.7
    assert 15 < 2 * patches.major_km[1:].max() <= 20
    slow = losing & (patches.course == RAMP)
    assert patches.duration[slow].min() < 3 < 18 < patches.duration[slow].max() <= 20
    # each point lies in its patch: within its rough edge
    inside = row > 0
    lon, lat = (np.broadcast_to(each, row.shape)[inside] for each in (points.lon, points.lat))
    x = (lon - patches.lon[row[inside]]) * KM_PER_DEGREE * np.cos(np.deg2rad(lat))
    y = (lat - patches.lat[row[inside]]) * KM_PER_DEGREE
    angle = patches.angle[row[inside]]
    along = (x * np.cos(angle) + y * np.sin(angle)) / patches.major_km[row[inside]]
    across = (y * np.cos(angle) - x * np.sin(angle)) / patches.minor_km[row[inside]]
    distance = np.hypot(along, across)
    assert distance.max() <= 1 + sum(patchwork.ROUGH) + 1e-6
    assert distance.max() > 1


def test_a_patch_covers_all_points_inside_it_that_no_larger_lattice_takes() -> None:
    """The table of patches and the compiled search agree: what is nearest in the largest lattice has the point."""
    of = WORLDS["hard"].changes
    assert of is not None
    patches, row, points = drawn(of, 5, side=1.0)
    lon, lat = (np.broadcast_to(each, row.shape).ravel() for each in (points.lon, points.lat))
    large = np.flatnonzero(patches.major_km >= patchwork.RADII_KM[0][0])[1 if patches.major_km[0] >= 4 else 0 :]
    assert len(large) > 3
    found = np.full(lon.shape, 9.0)
    for number in large:
        x = (lon - patches.lon[number]) * KM_PER_DEGREE * np.cos(np.deg2rad(lat))
        y = (lat - patches.lat[number]) * KM_PER_DEGREE
        angle = patches.angle[number]
        along = (x * np.cos(angle) + y * np.sin(angle)) / patches.major_km[number]
        across = (y * np.cos(angle) - x * np.sin(angle)) / patches.minor_km[number]
        found = np.minimum(found, np.hypot(along, across))
    # well inside a patch of the coarsest lattice, a point has one of that lattice
    deep = found < 1 - sum(patchwork.ROUGH)
    assert deep.any()
    assert np.isin(row.ravel()[deep], large).all()


@pytest.mark.parametrize("name", HARDER)
def test_planted_land_is_much_in_some_regions_and_nothing_in_others(name: str) -> None:
    """Loss above 10 % on 8 to 25 % of the dryland at the median; gains a quarter to a half of that."""
    losses, gains, calm, wide = [], [], 0, 0
    for seed in range(3):
        for west in range(92, 122, 5):
            here = window(west, 47, 75, 75, 0.04)
            known, scene = truth(here, YEARS, seed, "untouched", name), of_geobox(here, seed, None, "untouched", name)
            dry = known["land"].values & (scene.normal.aridity < 0.65) & (scene.normal.aridity > 0.09)
            change = known["change"].values[dry]
            common = known["common"].values[dry]
            losses.append((change < -0.1).mean())
            gains.append((change > 0.1).mean())
            calm += bool((known["kind"].values[dry] == 0).mean() > 0.97)
            wide += bool((common < -0.1).mean() > 0.3)
            assert common.max() <= 0
            assert common.min() > -0.31
    assert 0.08 < np.median(losses) < 0.25
    assert 0.2 < np.median(gains) / np.median(losses) < 0.5
    assert np.quantile(losses, 0.1) < 0.06
    assert np.quantile(losses, 0.9) > 0.15
    assert max(losses) > 0.5  # a loss of the whole window
    assert 0 < wide < 9
    assert calm > 0


def test_wide_losses_and_calm_land_take_their_share_of_blocks() -> None:
    lon, lat = (np.arange(*limits, 1.5) for limits in ((66, 150), (26, 70)))
    for name, expected in (("real", 1 / 15), ("hard", 1 / 8)):
        calm, wide = [], []
        for seed in range(6):
            scene = Scene(at(lon[None, :], lat[:, None]), seed, "untouched", name)
            planted = scene.planted
            wide.append(0.0 if planted.wide is None else (planted.wide.size[planted.wide.block] < 0).mean())
            if planted.wide is not None:
                calm.append(planted.wide.calm.mean())
                assert (planted.row[planted.wide.calm] == 0).all()
                slow = planted.wide.level(2001.5), planted.wide.level(2012.5), planted.wide.level(2024.5)
                assert (slow[0] >= slow[1]).all()
                assert (slow[1] >= slow[2]).all()
        assert np.mean(wide) == pytest.approx(expected, abs=0.05)
        assert np.mean(calm) == pytest.approx(1 / 7, abs=0.05)


def test_the_field_of_practices_is_all_that_differs_from_the_untouched_world() -> None:
    here = window(112, 44, 84, 72)
    known = truth(here, YEARS, layout="evidence", world="real")
    with_sites, without = (of_geobox(here, layout=layout, world="real") for layout in ("evidence", "untouched"))
    changed = with_sites.view(date(2023, 7, 12)).ndvi != without.view(date(2023, 7, 12)).ndvi
    assert changed.any()
    assert not changed[known["practice_site"].values == 0].any()
    np.testing.assert_array_equal(with_sites.view(date(2004, 7, 11)).ndvi, without.view(date(2004, 7, 11)).ndvi)


def test_rain_products_differ_from_the_rain_and_from_each_other() -> None:
    """Each is true rain times an error of its own and one in common; over years it is right."""
    here = of_grid(window(80, 52, 10, 6, 4.0))
    easy, real = Scene(here, 0, world="easy"), Scene(here, 0, world="real")
    assert easy.rain_products is None
    assert real.rain_products is not None
    months = [12 * year + month for year in range(2001, 2025) for month in (5, 6, 7)]
    one, other = (
        np.log(np.stack([real.rain_products.factor(product, month) for month in months]))
        for product in ("era5-land", "chirps")
    )
    together = np.corrcoef(one.ravel() - one.mean(), other.ravel() - other.mean())[0, 1]
    assert together == pytest.approx(0.5, abs=0.1)
    assert np.exp(one).mean() == pytest.approx(1, abs=0.05)
    assert one.std() == pytest.approx(np.hypot(0.20, 0.25), rel=0.35)
    # what stays of a year comes back in the next one
    yearly = one.reshape(24, 3, -1).mean(1)
    yearly -= yearly.mean(0)
    assert (yearly[1:] * yearly[:-1]).mean() / (yearly**2).mean() == pytest.approx(0.3, abs=0.15)
    start = date(2015, 7, 1)
    true, reported = bands.precipitation(easy, start)[0], bands.precipitation(real, start)[0]
    assert np.abs(reported / true - 1).max() > 0.2


def test_two_products_of_a_source_report_two_rains() -> None:
    def read(name: str, asset: str, band: str, scale: float) -> np.ndarray:
        image: Any = SimulatedSource(world=name).get(asset)
        return np.asarray(image.read(band, window(105, 46, 20, 20, 0.1), "nearest")[0] * scale, float)

    for name in ("easy", "real"):
        era5 = read(name, "ECMWF/ERA5_LAND/MONTHLY_AGGR/201507", "total_precipitation_sum", 1000)
        imerg = read(name, "NASA/GPM_L3/IMERG_MONTHLY_V07/20150701000000", "precipitation", 24 * 31)
        apart = np.abs(imerg / era5 - 1).mean()
        assert apart < 0.02 if name == "easy" else apart > 0.08


def test_the_satellite_drifts_and_its_views_differ_by_swath() -> None:
    """The mean of a composite over a region is off by some per cent; the calibration by one per cent a decade."""
    points = of_grid(window(104, 47, 20, 20, 0.1))
    scene = Scene(points, 0, "untouched", "hard")
    starts = [date(year, 7, 12) for year in range(2001, 2025)]
    ndvi = np.full(points.shape, 0.4, np.float32)
    warm = np.full(points.shape, 20, np.float32)
    views = [scene.camera.view(ndvi, start, warm) for start in starts]
    means = np.array([view.ndvi[view.quality == 0].mean() for view in views]) / 4000
    clear = np.array([(view.quality == 0).sum() for view in views]) > 50
    assert 0.01 < means[clear].std() < 0.06
    slope = np.polyfit(np.arange(24)[clear], means[clear], 1)[0] * 10
    assert slope == pytest.approx(-0.01, abs=0.02)
    assert WORLDS["easy"].sensor.drift == WORLDS["easy"].sensor.swath == 0


@pytest.mark.parametrize("name", HARDER)
def test_one_pixel_alone_is_what_it_is_among_others(name: str) -> None:
    """Across the border of a wide loss, over a practice site, and where nothing is planted: the same bits."""
    here = window(114.6, 43.2, 36, 36, 0.08)
    whole = of_geobox(here, world=name)
    assert whole.planted.wide is not None
    share = whole.planted.wide.share * (whole.planted.wide.size[whole.planted.wide.block] != 0)
    assert {0, 1} <= set(np.unique(share > 0))
    times = [float(year) + 0.5 for year in range(2001, 2025, 3)]
    levels = [whole.level(time) for time in times]
    rows, columns = np.nonzero(whole.planted.practice_site > 0)
    places = [*zip(rows[:10], columns[:10], strict=True), *np.ndindex(36, 36)][::9]
    for row, column in places:
        alone = Scene(of_grid(here[row : row + 1, column : column + 1]), 0, world=name)
        for time, level in zip(times, levels, strict=True):
            assert alone.level(time)[0, 0] == level[row, column]
        assert alone.view(JULY).ndvi[0, 0] == whole.view(JULY).ndvi[row, column]
        assert alone.observed_cover(2014)[0, 0] == whole.observed_cover(2014)[row, column]
