"""Causes of planted losses: the same from every window, marked within the patch since their year, no other values."""

from __future__ import annotations

import hashlib
import platform
import warnings
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import ee
import numpy as np
import pytest
import shapely
from affine import Affine
from google.auth.credentials import AnonymousCredentials
from odc.geo.geobox import GeoBox
from shapely import STRtree
from shapely.geometry import Point

from offline.landscape import Scene, of_geobox, truth, world
from offline.landscape.changes.courses import ONSET
from offline.landscape.changes.patches import BREAK, CONVERSION, DECLINE, KM_PER_DEGREE, PRACTICE, RECOVERY
from offline.landscape.drivers import causes, herds, marks, mines, ponds
from offline.landscape.drivers.causes import (
    CAUSES,
    CLIMATE,
    CULTIVATION,
    FIRE,
    GRAZING,
    MINING,
    NONE,
    UNKNOWN,
    WATER,
    Causes,
)
from offline.landscape.points import at
from offline.model.assets import ImageAsset, TableAsset
from offline.protocol.server import serve
from offline.sources.simulated.areas import KEY_AREAS, MINES
from offline.sources.simulated.source import SimulatedSource

WORLDS = ("easy", "real", "hard")
YEARS = (2001, 2024)
HERDS = "projects/global-pasture-watch/assets/gld-1km/v1/livestock-headcount-faostat_m"


def window(west: float, north: float, size: int = 60, cell: float = 1 / 60) -> GeoBox:
    return GeoBox((size, size), Affine(cell, 0, west, 0, -cell, north), "EPSG:4326")


STEPPE = window(112, 46.4)


def everywhere(name: str) -> Scene:
    """The steppes and deserts, wide enough for thousands of patches."""
    return of_geobox(window(98, 50, 280, 0.05), layout="untouched", world=name)


def burning(scene: Scene, year: int, month: int) -> np.ndarray:
    return scene.marks.burns(year, month, lambda: scene.fire_edges)


def has(found: Causes, mark: int) -> np.ndarray:
    return np.flatnonzero(found.cause == mark)


#: SHA-256 (first 16 digits) before there were causes. Those of the world `easy` are in `test_offline_worlds`.
BEFORE = {
    "real": {
        "ndvi": "c64ff4e3b5560ea5", "quality": "b153cdae6b1aa210", "cover": "8fa4ad35808440fd",
        "true cover": "2fe9992071f9ecd2", "break_year": "1dad30efeb5d043a", "kind": "4dff7a70b78eaf29",
        "productivity": "d0142ebe4cb1dc4c",
    },
    "hard": {
        "ndvi": "cf8e54557a884d86", "quality": "b153cdae6b1aa210", "cover": "afcc9431f9cdc11e",
        "true cover": "eecff99ed0bbc4cb", "break_year": "e03c4cc729872403", "kind": "e4c08ebb14402f95",
        "productivity": "d907323b680b3086",
    },
}  # fmt: skip


@pytest.mark.skipif(
    platform.machine() not in ("x86_64", "AMD64"), reason="the digests are those of this processor type"
)
@pytest.mark.parametrize("name", BEFORE)
def test_vegetation_and_land_cover_are_those_without_causes(name: str) -> None:
    here = GeoBox((40, 50), Affine(1 / 60, 0, 112, 0, -1 / 60, 44), "EPSG:4326")
    scene, known = of_geobox(here, 1, world=name), truth(here, YEARS, 1, world=name)
    view = scene.view(date(2012, 7, 11))
    fields = {"ndvi": view.ndvi, "quality": view.quality, "cover": scene.observed_cover(2018),
              "true cover": scene.land_cover(2018),
              **{key: known[key].values for key in ("break_year", "kind", "productivity")}}  # fmt: skip
    found = {key: hashlib.sha256(np.ascontiguousarray(each).tobytes()).hexdigest()[:16] for key, each in fields.items()}
    assert found == BEFORE[name]


@pytest.mark.parametrize("name", WORLDS)
def test_a_patch_has_its_cause_and_marks_in_every_window(name: str) -> None:
    part = STEPPE[13:41, 22:60]
    inside = np.s_[13:41, 22:60]
    whole, alone = of_geobox(STEPPE, world=name), of_geobox(part, world=name)
    for key in ("cause", "cause_year"):
        known = truth(STEPPE, YEARS, world=name)[key].values
        assert np.unique(known).size > 2
        np.testing.assert_array_equal(truth(part, YEARS, world=name)[key].values, known[inside])
    fields: dict[str, Callable[[Scene], np.ndarray]] = {
        "herds": lambda scene: scene.marks.herds(2010),
        "fire": lambda scene: np.array([burning(scene, 2010, month) for month in range(4, 10)]),
        "ponds": lambda scene: ponds.water(scene, 2000),
        "lights": lambda scene: scene.marks.lights(2020),
    }
    for field in fields.values():
        np.testing.assert_array_equal(field(alone), field(whole)[..., inside[0], inside[1]])
    place = Scene(at(np.array([whole.points.lon[0, 30]]), np.array([whole.points.lat[20, 0]])), 0, world=name)
    assert place.causes.cause[place.planted.row[0]] == whole.causes.cause[whole.planted.row[20, 30]]


@pytest.mark.parametrize("name", WORLDS)
def test_shares_and_years_of_causes(name: str) -> None:
    scene = everywhere(name)
    patches, found = scene.planted.patches, scene.causes
    losing = (patches.kind == DECLINE) | (patches.kind == BREAK)
    large = losing & causes.minable(patches)
    shares = np.bincount(found.cause[large], minlength=len(CAUSES)) / large.sum()
    assert large.sum() > 400
    for cause, share in causes.SHARES:
        # a slow onset has no fire, and arid land has none
        fires = causes.burnable(patches, 0) & (patches.course != ONSET)
        expected = share * (fires[large].mean() if cause == FIRE else 1)
        assert shares[cause] == pytest.approx(expected, abs=4 * np.sqrt(share / large.sum()))
    assert shares[CLIMATE] > 0.02
    assert shares[UNKNOWN] > 0.1
    assert shares[[NONE, CULTIVATION]].tolist() == [0, 0]
    # small patches are not mined, gains and nothing have no cause
    assert not (found.cause[~causes.minable(patches)] == MINING).any()
    assert (found.cause[(patches.kind == RECOVERY) | (patches.kind == 0)] == NONE).all()
    lead = patches.year.astype(int) - found.year
    for mark in (GRAZING, WATER, MINING):
        assert set(lead[has(found, mark)]) == {0, 1, 2}
    assert set(lead[has(found, CULTIVATION)]) == {0}
    assert set(lead[has(found, FIRE)]) == set(lead[has(found, CLIMATE)]) == {0, 1}
    assert (found.year[np.isin(found.cause, (NONE, UNKNOWN))] == 0).all()


def test_conversions_have_the_cause_of_what_they_become() -> None:
    patches, found = everywhere("easy").planted.patches, everywhere("easy").causes
    converted = patches.kind == CONVERSION
    by_class = {12: CULTIVATION, 16: MINING, 13: UNKNOWN, 10: UNKNOWN}
    for new_class, cause in by_class.items():
        some = converted & (patches.new_class == new_class)
        assert some.sum() > 3
        assert (found.cause[some] == cause).all()


def test_climate_is_a_drought_of_the_landscapes_own_weather() -> None:
    """Computed here of single months: May to September, at the centres of the patches."""
    scene = everywhere("real")
    patches, found = scene.planted.patches, scene.causes
    rest = np.flatnonzero(np.isin(found.cause, (CLIMATE, UNKNOWN)) & (patches.kind != CONVERSION))[::40]
    weather = Scene(at(patches.lon[rest], patches.lat[rest]), 0, world="real").weather
    every = {
        year: np.mean([weather.rain(12 * year + month) for month in range(4, 9)], axis=0) for year in range(1985, 2023)
    }
    deviation = np.std([*every.values()])
    by_climate = found.cause[rest] == CLIMATE
    assert 0.1 < by_climate.mean() < 0.35
    for number, row in enumerate(rest):
        years = (int(patches.year[row]), int(patches.year[row]) - 1)
        rain = [float(every[year][number] / deviation) for year in years]
        soil = [float(weather.moisture(12 * year + 7.0)[number]) for year in years]
        bad = [r <= causes.DRY_SEASON and s <= causes.DRY_SOIL for r, s in zip(rain, soil, strict=True)]
        near = any(abs(r - causes.DRY_SEASON) < 0.12 and s <= causes.DRY_SOIL for r, s in zip(rain, soil, strict=True))
        assert near or by_climate[number] == any(bad)
        if by_climate[number]:
            assert found.year[row] in years


@pytest.mark.parametrize("name", WORLDS)
def test_decoys_exist_and_are_not_true(name: str) -> None:
    scene = everywhere(name)
    patches, found = scene.planted.patches, scene.causes
    there = patches.kind > 0
    decoyed = found.decoy > 0
    assert decoyed[there].mean() == pytest.approx(causes.DECOYS, abs=0.025)
    assert {DECLINE, BREAK, RECOVERY, CONVERSION} == set(patches.kind[decoyed])
    assert set(found.decoy[decoyed]) == {GRAZING, FIRE}
    assert not (found.decoy == found.cause)[decoyed].any()
    first, last = causes.DECOY_YEARS
    assert set(found.decoy_year[decoyed]) == set(range(first, last + 1))
    # its year says nothing of the patch's, as far as both lie within the same years
    assert abs(np.corrcoef(found.decoy_year[decoyed], patches.year[decoyed])[0, 1]) < 0.15
    # the truth has the cause alone
    window_ = window(98, 50, 280, 0.05)
    known, row = truth(window_, YEARS, layout="untouched", world=name), scene.planted.row
    land = known["land"].values
    np.testing.assert_array_equal(known["cause"].values[land], found.cause[row][land])
    np.testing.assert_array_equal(known["cause_year"].values[land], found.year[row][land])
    assert (known["cause"].values[~land] == NONE).all()
    assert known["cause"].attrs["flag_meanings"].split() == list(CAUSES)
    assert (known["cause"].values[(known["kind"].values == PRACTICE) | (known["kind"].values == 0)] == NONE).all()


def distance(scene: Scene, row: int) -> np.ndarray:
    """Of every point from the middle of a patch, in units of its radii."""
    patches, points = scene.planted.patches, scene.points
    x = (points.lon - patches.lon[row]) * KM_PER_DEGREE * np.cos(np.deg2rad(patches.lat[row]))
    y = (points.lat - patches.lat[row]) * KM_PER_DEGREE
    cos, sin = np.cos(patches.angle[row]), np.sin(patches.angle[row])
    along, across = (x * cos + y * sin) / patches.major_km[row], (y * cos - x * sin) / patches.minor_km[row]
    return np.hypot(along, across)


def patch_with(name: str, mark: int, first: int = 2005, last: int = 2014) -> tuple[Scene, int]:
    """A fine window around a large patch whose cause is `mark` since a year in a span, and the patch's row in it."""
    wide = everywhere(name)
    patches, found = wide.planted.patches, wide.causes
    counts = np.bincount(wide.planted.row.ravel(), minlength=patches.kind.size)
    some = (found.cause == mark) & (found.year >= first) & (found.year <= last) & (found.decoy == NONE)
    row = int(np.argmax(np.where(some, counts, 0)))
    assert counts[row] > 5
    reach = 1.6 * patches.major_km[row] / KM_PER_DEGREE
    west, size = patches.lon[row] - reach / np.cos(np.deg2rad(patches.lat[row])), 2 * reach / 100
    grid = GeoBox((100, 150), Affine(size, 0, west, 0, -size, patches.lat[row] + reach), "EPSG:4326")
    scene = of_geobox(grid, layout="untouched", world=name)
    own = np.flatnonzero(
        (scene.planted.patches.lon == patches.lon[row]) & (scene.planted.patches.lat == patches.lat[row])
    )
    return scene, int(own[0])


@pytest.mark.parametrize("name", WORLDS)
def test_herds_grow_within_the_patch_since_the_causes_year(name: str) -> None:
    scene, row = patch_with(name, GRAZING)
    since = int(scene.causes.year[row])
    inside = scene.planted.row == row
    others = scene.planted.row == 0
    factor = {year: scene.marks.herds(year) for year in range(since - 3, since + 5)}
    assert (factor[since - 1][inside] == 1).all()
    assert (factor[since][inside] > 1.3).all()
    assert marks.HERDS[0] <= factor[since + 2][inside].mean() <= marks.HERDS[1]
    assert (factor[since + 2][inside] == factor[since + 4][inside]).all()
    assert all((each[others] == 1).all() for each in factor.values())
    true = herds.density(scene, "sheep", since + 2)
    grazed = inside & (true > 0)
    before = herds.density(scene, "sheep", since - 1)
    plain = herds.relative(scene, since + 2) / herds.relative(scene, since - 1)
    np.testing.assert_allclose(true[grazed], (before * plain * factor[since + 2])[grazed], rtol=1e-5)


@pytest.mark.parametrize("name", WORLDS)
def test_most_of_the_patch_burns_in_the_causes_year(name: str) -> None:
    scene, row = patch_with(name, FIRE)
    found, since = scene.causes, int(scene.causes.year[row])
    inside = scene.planted.row == row
    assert since in (scene.planted.patches.year[row], scene.planted.patches.year[row] - 1)

    def burnt(year: int) -> dict[int, np.ndarray]:
        return {month: burning(scene, year, month) for month in range(1, 13)}

    fire = burnt(since)
    months = [month for month, each in fire.items() if each[inside].any()]
    assert months == [found.fire_month[row]]
    assert 4 <= months[0] <= 9
    assert 0.6 < fire[months[0]][inside].mean() < 0.95
    assert not any(each[inside].any() for year in (since - 1, since + 2) for each in burnt(year).values())
    again = [month for month, each in burnt(since + 1).items() if each[inside].any()]
    assert again == ([found.fire_again[row]] if found.fire_again[row] else [])
    # a fire of the year of the loss comes before the growing season
    late = (found.cause == FIRE) & (found.year == scene.planted.patches.year)
    assert (found.fire_month[late] == causes.APRIL).all()
    # nothing burns where there is no grass
    dry = ~causes.burnable(scene.planted.patches, 0)
    assert (found.since(FIRE)[dry] == 0).all()


@pytest.mark.parametrize("name", WORLDS)
def test_a_pond_in_the_middle_dries_up(name: str) -> None:
    scene, row = patch_with(name, WATER)
    since = int(scene.causes.year[row])
    inside, far = scene.planted.row == row, distance(scene, row)
    full, none = ponds.water(scene, since - 1), ponds.water(scene, since + 2)
    np.testing.assert_array_equal(full & inside, inside & (far < np.sqrt(ponds.POND)))
    assert 0.1 < full[inside].mean() < 0.3
    assert 0 < ponds.water(scene, since)[inside].mean() < full[inside].mean()
    assert not none[inside].any()
    assert not full[scene.planted.row == 0].any()


@pytest.mark.parametrize("name", WORLDS)
def test_a_mine_shines_within_its_outline(name: str) -> None:
    scene, row = patch_with(name, MINING, 2013, 2017)
    since, inside = int(scene.causes.year[row]), scene.planted.row == row
    before, after = scene.marks.lights(since - 1), scene.marks.lights(since + 1)
    lit = after > 0
    assert not (before[inside] > 0).any()
    assert 0.1 < lit[inside].mean() < 0.4
    assert distance(scene, row)[lit & inside].max() < marks.MINE * (1 + sum(marks.MINE_ROUGH)) + 1e-6
    assert marks.LIGHT[0] <= after[lit & inside].min() <= after.max() <= marks.LIGHT[1]
    outlines = [each for each, year in mines.outlines(0, "untouched", world(name)) if year == since]
    tree = STRtree(outlines)
    full = scene.points.full
    listed = np.zeros(inside.shape, bool)
    for number in tree.query(Point(scene.planted.patches.lon[row], scene.planted.patches.lat[row]), "within"):
        listed |= shapely.contains_xy(outlines[number], full.lon, full.lat)
    assert (listed == lit)[inside].mean() > 0.98


@pytest.mark.parametrize("name", WORLDS)
def test_the_list_of_mines_is_that_of_every_window(name: str) -> None:
    table = SimulatedSource(layout="untouched", world=name).get(MINES)
    assert isinstance(table, TableAsset)
    features = [(outline, properties) for outline, properties in table.features if 100 < outline.centroid.x < 110]
    features = [each for each in features if 42 < each[0].centroid.y < 50]
    assert len(features) > 20
    middles = [outline.centroid for outline, _ in features]
    scene = Scene(at(np.array([m.x for m in middles]), np.array([m.y for m in middles])), 0, "untouched", name)
    found, row = scene.causes, scene.planted.row
    assert (found.cause[row] == MINING).mean() > 0.95
    assert (found.year[row] <= mines.LAST_SEEN).all()
    assert all(outline.is_valid and set(each) == {"ISO3_CODE", "COUNTRY_NAME", "AREA"} for outline, each in features)
    # and no mine of a window is missing, but those whose land is not theirs
    wide = everywhere(name)
    tree = STRtree([outline for outline, _ in table.features])
    patches, known = wide.planted.patches, wide.causes
    counts = np.bincount(wide.planted.row.ravel(), minlength=patches.kind.size)
    due = (known.cause == MINING) & (known.year <= mines.LAST_SEEN) & (counts >= 8)
    centres = [Point(lon, lat) for lon, lat in zip(patches.lon[due], patches.lat[due], strict=True)]
    missing = sum(len(tree.query(each, "within")) == 0 for each in centres)
    assert len(centres) > 15
    assert missing <= 0.15 * len(centres)


def test_key_areas_have_the_published_properties() -> None:
    table = SimulatedSource().get(KEY_AREAS)
    assert isinstance(table, TableAsset)
    assert len(table.features) > 80
    names = {"SitRecID", "Region", "Country", "ISO3", "NatName", "IntName", "SitLat", "SitLong", "SitAreaKM2",
             "KbaStatus", "KbaClass", "IbaStatus", "LegacyKba", "AzeStatus", "LastUpdate", "Source", "DelTxt",
             "RepAreaKM2"}  # fmt: skip
    assert all(set(properties) == names for _, properties in table.features)
    assert len({properties["SitRecID"] for _, properties in table.features}) == len(table.features)
    reserves = SimulatedSource().get("WCMC/WDPA/current/polygons")
    assert isinstance(reserves, TableAsset)
    protected = STRtree([outline for outline, _ in reserves.features])
    around = [len(protected.query(outline, "contains")) > 0 for outline, _ in table.features]
    assert 0.1 < np.mean(around) < 0.6


def stored(source: SimulatedSource, asset: str, band: str, scene_grid: GeoBox) -> np.ndarray:
    image = source.get(asset)
    assert isinstance(image, ImageAsset)
    return np.asarray(image.read(band, scene_grid, "nearest")[0])


def test_burned_area_has_the_fire_of_a_patch() -> None:
    source = SimulatedSource(layout="untouched", world="real")
    scene, row = patch_with("real", FIRE)
    found, points = scene.causes, scene.points
    cell = float(np.diff(points.lon[0, :2])[0])
    grid = GeoBox(scene.planted.row.shape, Affine(cell, 0, points.lon[0, 0] - cell / 2, 0, -cell,
                                                  points.lat[0, 0] + cell / 2), "EPSG:4326")  # fmt: skip
    inside = scene.planted.row == row
    month = f"MODIS/061/MCD64A1/{found.year[row]}_{found.fire_month[row]:02d}_01"
    days = stored(source, month, "BurnDate", grid)
    assert 0.5 < (days[inside] > 0).mean() < 0.95
    first = date(int(found.year[row]), int(found.fire_month[row]), 1).timetuple().tm_yday
    assert first <= days[inside & (days > 0)].min() <= days[inside].max() < first + 31
    before = f"MODIS/061/MCD64A1/{found.year[row] - 1}_{found.fire_month[row]:02d}_01"
    assert (stored(source, before, "BurnDate", grid)[inside] > 0).mean() < 0.2


@pytest.fixture
def client() -> Iterator[None]:
    with serve(SimulatedSource(layout="untouched", world="easy")) as server, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
        ee.Reset()
        ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        yield
        ee.Reset()


def mean_of(image: Any, band: str, where: Any, scale: float) -> float:
    found = image.select(band).reduceRegion(ee.Reducer.mean(), where, crs="EPSG:4326", scale=scale).getInfo()
    return float(found[band])


def circle(scene: Scene, row: int, part: float) -> Any:
    patches = scene.planted.patches
    metres = 1000 * part * float(patches.minor_km[row])
    return ee.Geometry.Point([float(patches.lon[row]), float(patches.lat[row])]).buffer(metres)


def test_a_client_sees_herds_and_ponds(client: None) -> None:
    scene, row = patch_with("easy", GRAZING)
    since, where = int(scene.causes.year[row]), circle(scene, row, 0.6)
    around = circle(scene, row, 4.0).difference(circle(scene, row, 1.6), 100)
    heads = {
        (year, place): mean_of(ee.Image(f"{HERDS}/{year}"), "sheep", geometry, 1000)
        for year in (since - 1, since + 2)
        for place, geometry in (("in", where), ("out", around))
    }
    grown = heads[since + 2, "in"] / heads[since - 1, "in"]
    assert grown / (heads[since + 2, "out"] / heads[since - 1, "out"]) > 1.6
    scene, row = patch_with("easy", WATER)
    since, where = int(scene.causes.year[row]), circle(scene, row, 0.3)
    water = [ee.Image(f"JRC/GSW1_4/YearlyHistory/{year}").eq(3) for year in (since - 1, since + 3)]
    assert [round(mean_of(each, "waterClass", where, 60), 2) for each in water] == [1, 0]


def test_a_client_sees_mines_and_their_lights(client: None) -> None:
    scene, row = patch_with("easy", MINING, 2014, 2017)
    patches, since = scene.planted.patches, int(scene.causes.year[row])
    middle = ee.Geometry.Point([float(patches.lon[row]), float(patches.lat[row])])
    mine = ee.FeatureCollection(MINES).filterBounds(middle)
    assert mine.size().getInfo() == 1
    found = mine.first().toDictionary().getInfo()
    assert found["AREA"] == pytest.approx(
        np.pi * marks.MINE**2 * float(patches.major_km[row] * patches.minor_km[row]), rel=0.06
    )
    within = mine.geometry()
    for version, years in (("22", (since - 1, since + 1)), ("21", (since - 1, since + 1))):
        asset = f"NOAA/VIIRS/DNB/ANNUAL_V{version}"
        dark, bright = (mean_of(ee.Image(f"{asset}/{year}0101"), "average", within, 400) for year in years)
        assert dark < 2
        assert bright > dark + 8
