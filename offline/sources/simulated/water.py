"""Snow, soil water of other models, and fire: daily and monthly data sets over the same weather."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

import numpy as np
from numpy.typing import NDArray

from offline.landscape import Scene, climate, cover, surface
from offline.landscape.drivers import lakes, ponds, winters
from offline.landscape.noise import Floats, key, node_hash, uniform, value_noise
from offline.sources.simulated import bands, days
from offline.sources.simulated.bands import Stored
from offline.sources.simulated.data_sets import degrees
from offline.sources.simulated.spec import (
    MODIS_500_GRID,
    Grid,
    Spec,
    StoredBand,
    every_day,
    every_month,
    months,
    next_month,
)

EASE_9 = Grid("EPSG:6933", (9008.055210146, 0.0, -17367530.44516138, 0.0, -9008.055210146, 7314540.83063855),
              (3856, 1624))  # fmt: skip
"""EASE-Grid 2.0, 9 km, in which SMAP level 4 comes."""

MORNING, DRIED = 1.5, 0.06
"""Hour (UTC) at which the top of the soil is moistest, and the share of its water that it lacks twelve hours later."""

CLOUD_CODE, OCEAN_CODE = 250, 239
FIRE_BLOCK, FIRE_KM = 0.2, (2.0, 8.0)
"""Degrees of a block that may burn in a month, and radii of what burns."""
FIRE_SEASON = {3: 0.4, 4: 1.0, 5: 0.7, 9: 0.3, 10: 0.6, 11: 0.2}
"""How likely fire is in a month, of its most."""


def snow_cover(scene: Scene, day: date) -> Stored:
    """NDSI snow cover, 0 to 100; nothing under clouds."""
    return np.rint(100 * winters.snow_share(scene, day)), scene.land & ~surface.cloud(scene, day)


def snow_class(scene: Scene, day: date) -> Stored:
    """Why there is no snow cover: 250 cloud, 239 ocean; masked where there is one."""
    clouded = surface.cloud(scene, day)
    return np.where(scene.land, CLOUD_CODE, OCEAN_CODE), scene.inside & (clouded | ~scene.land)


def snow_quality(scene: Scene, day: date) -> Stored:
    """0: best, where there is a snow cover."""
    values, valid = snow_cover(scene, day)
    return np.zeros_like(values), valid


def moisture_of_day(scene: Scene, day: date, lag: float = 0.0) -> Floats:
    """m3 of water per m3 of soil of a day: between the middles of two months, seen `lag` months later.

    All land models of these data sets share the errors of their rain.
    """
    month = 12 * day.year + day.month - 1 + (day.day - 0.5) / monthrange(day.year, day.month)[1] - 0.5 - lag
    first = int(np.floor(month))
    part = np.float32(month - first)
    low, high = (
        climate.soil_moisture(scene.normal, bands.moisture(scene, at, "smap"), at % 12 + 1) for at in (first, first + 1)
    )
    return low + (high - low) * part


def surface_water(scene: Scene, day: date) -> Stored:
    """m3 of water per m3 of soil, 0-5 cm: quicker than the month, with the weather of the day."""
    wet = np.maximum(days.day_noise(scene, day), 0)
    return np.clip(moisture_of_day(scene, day) * (0.92 + 0.12 * wet), 0.02, 0.55), scene.land


def surface_water_at(scene: Scene, moment: date) -> Stored:
    """The same at a moment of a day: the top of the soil dries until the evening, and is moist again in the morning."""
    wet, valid = surface_water(scene, moment)
    hour = moment.hour + moment.minute / 60 if isinstance(moment, datetime) else MORNING
    dried = DRIED * (1 - np.cos(2 * np.pi * (hour - MORNING) / 24)) / 2
    return wet * np.float32(1 - dried), valid


def root_water(scene: Scene, day: date) -> Stored:
    """m3 of water per m3 of soil, 0-100 cm: a little less, and half a month later."""
    return moisture_of_day(scene, day, 0.5) * np.float32(0.9), scene.land


def deep_water(scene: Scene, day: date) -> Stored:
    """m3 of water per m3 of soil down to the rock: two months later."""
    return moisture_of_day(scene, day, 2.0) * np.float32(0.85), scene.land


def kilograms(field: Callable[[Scene, date], Stored], metres: float) -> Callable[[Scene, date], Stored]:
    """Water of a layer of soil, kg/m2."""

    def stored(scene: Scene, day: date) -> Stored:
        share, valid = field(scene, day)
        return share * np.float32(1000 * metres), valid

    return stored


def rain_per_second(scene: Scene, day: date) -> Stored:
    """kg/m2/s, mean of the day."""
    rain, valid = days.precipitation(scene, day, "gldas")
    return rain * np.float32(1000 / 86_400), valid


def evaporated(scene: Scene, month: date) -> Floats:
    """Millimetres that evaporate in a month: what rain and soil give, up to the demand (a Budyko curve)."""
    rain, _ = bands.precipitation(scene, month)
    demand, _ = bands.potential_evaporation(scene, month)
    supply = np.float32(1000) * rain + 60 * bands.soil_water(scene, month)[0]
    scaled_demand = np.maximum(-1000 * demand / 1.4, 0.1)
    return np.asarray(scaled_demand * (1 - np.exp(-supply / scaled_demand)), np.float32)


def evaporation_per_second(scene: Scene, day: date) -> Stored:
    """kg/m2/s, mean of the month."""
    month = day.replace(day=1)
    seconds = 86_400 * monthrange(day.year, day.month)[1]
    return evaporated(scene, month) / np.float32(seconds), scene.land


def burn_day(scene: Scene, start: date) -> Stored:
    """Day of the year on which a place burnt in a month; masked where nothing did."""
    burnt = _burnt(scene, start)
    if not burnt.any():
        return np.zeros(burnt.shape, np.float32), burnt
    first = start.timetuple().tm_yday
    spread = value_noise(scene.points, 0.15, key(scene.seed, 113, start.toordinal()))
    into = np.clip(np.rint(14 + 7 * spread), 0, monthrange(start.year, start.month)[1] - 1)
    return first + into, burnt


def burn_uncertainty(scene: Scene, start: date) -> Stored:
    """Days."""
    burnt = _burnt(scene, start)
    return np.full(burnt.shape, 3), burnt


def burn_quality(scene: Scene, start: date) -> Stored:
    """Bits: 0 land, 1 valid data."""
    return np.full(scene.land.shape, 3), scene.land


def _burnt(scene: Scene, start: date) -> NDArray[np.bool_]:
    """Fires of the season, and those that are planted in patches."""
    planted = scene.marks.burns(start.year, start.month, lambda: scene.fire_edges)
    if not planted.any():
        return _wild(scene, start)
    return _wild(scene, start) | (planted & scene.land & _burnable(scene.land_cover(start.year)))


def _burnable(classes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return ~np.isin(classes, (cover.WATER, cover.URBAN, cover.BARREN, cover.SNOW))


def _wild(scene: Scene, start: date) -> NDArray[np.bool_]:
    """Discs in some of the blocks: where enough grew in the year before, and the month is dry.

    Only the points of blocks that may burn are worked on: in most months these are few.
    """
    i, j = (np.floor(each / FIRE_BLOCK).astype(np.int64) for each in (scene.points.lon, scene.points.lat))

    def draw(stream: int, i: NDArray[np.int64], j: NDArray[np.int64]) -> Floats:
        return uniform(node_hash(i, j, key(scene.seed, 110, stream, start.year, start.month)))

    chance = 0.05 * FIRE_SEASON.get(start.month, 0.01)
    burnt = np.zeros(scene.points.shape, bool)
    drawn = _by_block(partial(draw, 4), i, j) if scene.points.rectilinear else draw(4, i, j)
    some = np.nonzero(drawn < np.float32(chance))
    if not len(some[0]):
        return burnt
    east, north = (np.broadcast_to(each, burnt.shape)[some] for each in (scene.points.lon, scene.points.lat))
    i, j = (np.broadcast_to(each, burnt.shape)[some] for each in (i, j))
    low, high = FIRE_KM
    lon, lat = (i + 0.3 + 0.4 * draw(1, i, j)) * FIRE_BLOCK, (j + 0.3 + 0.4 * draw(2, i, j)) * FIRE_BLOCK
    radius = low + (high - low) * draw(3, i, j) ** 2
    x = (east - lon) * 111.2 * np.cos(np.deg2rad(north))
    y = (north - lat) * 111.2
    rough = 1 + 0.25 * scene.fire_edges[some]
    fuel = np.clip((scene.canopy.season_mean[some] - 0.22) / 0.3, 0, 1)
    burns = _burnable(scene.land_cover(start.year)[some])
    lit = draw(4, i, j) < chance * fuel
    disc = np.hypot(x, y) * rough < np.minimum(radius, 0.28 * FIRE_BLOCK * 111)
    burnt[some] = scene.land[some] & burns & lit & disc
    return burnt


def _by_block(
    draw: Callable[[NDArray[np.int64], NDArray[np.int64]], Floats], i: NDArray[np.int64], j: NDArray[np.int64]
) -> Floats:
    """A draw for each point of a grid in longitude and latitude, made once for each block."""
    (columns, column), (rows, row) = (np.unique(each, return_inverse=True) for each in (i, j))
    return draw(columns[None, :], rows[:, None])[row.ravel()[:, None], column.ravel()[None, :]]


def water_class(scene: Scene, start: date) -> Stored:
    """1 never water, 2 water in the wet months, 3 water all the year; lakes shrink."""
    return lakes.water_class(scene, start.year), scene.land


def water_class_and_ponds(scene: Scene, start: date) -> Stored:
    """The same, and ponds in patches up to the years in which somebody takes their water."""
    classes, valid = water_class(scene, start)
    return np.where(ponds.water(scene, start.year), 3, classes), valid


WATER = (
    Spec(
        id="MODIS/061/MOD10A1",
        title="MOD10A1.061 Terra Snow Cover Daily Global 500m",
        grid=MODIS_500_GRID,
        bands=(
            StoredBand("NDSI_Snow_Cover", "uint8", snow_cover),
            StoredBand("NDSI_Snow_Cover_Basic_QA", "uint8", snow_quality, pyramiding="MODE"),
            StoredBand("NDSI_Snow_Cover_Class", "uint8", snow_class, pyramiding="MODE"),
        ),
        starts=every_day(date(2000, 2, 24), date(2024, 12, 31)),
        ends=lambda day: day + timedelta(days=1),
        goes_on=every_day,
    ),
    Spec(
        id="NASA/SMAP/SPL4SMGP/008",
        title="SMAP L4 surface and root zone soil moisture, every three hours",
        grid=EASE_9,
        bands=(
            StoredBand("sm_surface", "float32", surface_water_at),
            StoredBand("sm_rootzone", "float32", root_water),
            StoredBand("sm_profile", "float32", deep_water),
        ),
        starts=every_day(date(2015, 4, 1), date(2024, 12, 31)),
        index="%Y%m%d_%H%M",
        ends=lambda day: day + timedelta(days=1),
        goes_on=every_day,
        hours=tuple(MORNING + 3 * n for n in range(8)),
    ),
    Spec(
        id="NASA/GLDAS/V021/NOAH/G025/T3H",
        title="GLDAS-2.1, Noah, one image a day of eight",
        grid=Grid("EPSG:4326", (0.25, 0.0, -180.0, 0.0, -0.25, 90.0), (1440, 600)),
        bands=(
            StoredBand("Evap_tavg", "float32", evaporation_per_second),
            StoredBand("Rainf_f_tavg", "float32", rain_per_second),
            StoredBand("RootMoist_inst", "float32", kilograms(root_water, 1.0)),
            StoredBand("SoilMoi0_10cm_inst", "float32", kilograms(surface_water, 0.1)),
            StoredBand("SoilMoi10_40cm_inst", "float32", kilograms(root_water, 0.3)),
            StoredBand("Tair_f_inst", "float32", days.temperature),
        ),
        starts=every_day(date(2000, 1, 1), date(2024, 12, 31)),
        index="A%Y%m%d_1200",
        ends=lambda day: day + timedelta(days=1),
        goes_on=every_day,
    ),
    Spec(
        id="MODIS/061/MCD64A1",
        title="MCD64A1.061 MODIS Burned Area Monthly Global 500m",
        grid=MODIS_500_GRID,
        bands=(
            StoredBand("BurnDate", "uint16", burn_day, pyramiding="SAMPLE"),
            StoredBand("Uncertainty", "uint8", burn_uncertainty),
            StoredBand("QA", "uint8", burn_quality, pyramiding="SAMPLE"),
        ),
        starts=months(2001, 2024),
        ends=next_month,
        goes_on=every_month,
    ),
    Spec(
        id="JRC/GSW1_4/YearlyHistory",
        title="JRC yearly water classification",
        grid=degrees(1 / 4000, north=78.0, south=-59.0),
        bands=(StoredBand("waterClass", "uint8", water_class_and_ponds, pyramiding="MODE"),),
        starts=tuple(date(year, 1, 1) for year in range(1984, 2022)),
        index="%Y",
        ends=lambda day: day.replace(year=day.year + 1),
    ),
)
