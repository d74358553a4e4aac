"""Drivers beside rain and greenness: herds of Global Pasture Watch, dust of MERRA-2, albedo of MODIS."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import shapely
from shapely.geometry import Polygon

from offline.landscape import Scene
from offline.landscape.annual import eight_days
from offline.landscape.drivers import ground, herds
from offline.landscape.noise import Floats
from offline.sources.simulated.bands import Stored
from offline.sources.simulated.spec import HALF_MINUTE, MODIS_500_GRID, Grid, Spec, StoredBand, next_year, years
from offline.sources.simulated.tables import COUNTRIES

MERRA = Grid("EPSG:4326", (0.625, 0.0, -180.3125, 0.0, -0.5, 90.25), (576, 361))

AFTERNOON = 6
"""Hour (UTC) of the images of dust: early afternoon in the middle of the landscape. The service has all 24."""

STEP = timedelta(days=3)
"""From one image of dust to the next; the service has every day."""

DEGREE_KM = 111.32


JUMP = 1.5
"""Factor on the counts of herds inside Mongolia's outline (`tables.COUNTRIES`, straight from corner to corner).

The product is adjusted to each country's own total; the true herds know no border. An artefact to be found.
"""

_MONGOLIA = Polygon(next(corners for name, *_, corners in COUNTRIES if name == "Mongolia"))


def heads(species: str) -> Callable[[Scene, date], Stored]:
    """Heads in a cell of half a minute, with the jump of the product at the border."""

    def field(scene: Scene, start: date) -> Stored:
        km2 = (DEGREE_KM / 120) ** 2 * np.cos(np.radians(scene.points.lat))
        heads = herds.density(scene, species, start.year) * km2.astype(np.float32)
        return heads * scene.kept.get("jump of herds", lambda: _jump(scene)), scene.land

    return field


def _jump(scene: Scene) -> Floats:
    """The factor of the product at each point."""
    full = scene.points.full
    inside = shapely.contains_xy(_MONGOLIA, full.lon.ravel(), full.lat.ravel()).reshape(scene.points.shape)
    return np.where(inside, np.float32(JUMP), np.float32(1))


def dust_column(scene: Scene, day: date) -> Stored:
    """kg/m2 at one hour of a day; the sea has as much as the land there."""
    return ground.dust(scene, day), scene.inside


def albedo(scene: Scene, day: date) -> Stored:
    """White-sky albedo x 1,000 of the short wave, of sixteen days around a day."""
    return np.rint(1000 * ground.albedo(scene, day)), scene.land


def every_third_day(first: date, last: date) -> tuple[date, ...]:
    """Days of a span that an image of dust has, counted from the first day of 1980."""
    late = (first - date(1980, 1, 1)).days % STEP.days
    start = first + timedelta(days=-late % STEP.days)
    return tuple(start + STEP * n for n in range((last - start).days // STEP.days + 1))


DRIVERS = (
    Spec(
        id="projects/global-pasture-watch/assets/gld-1km/v1/livestock-headcount-faostat_m",
        title="Global Pasture Watch: livestock headcount, adjusted to FAOSTAT, 1 km",
        grid=Grid("EPSG:4326", HALF_MINUTE, (43200, 21600)),
        bands=tuple(StoredBand(species, "float32", heads(species)) for species in herds.SPECIES),
        starts=years(herds.FIRST, herds.LAST),
        index="%Y",
        ends=next_year,
    ),
    Spec(
        id="NASA/GSFC/MERRA/aer/2",
        title="MERRA-2 M2T1NXAER: aerosols, one hour of every third day",
        grid=MERRA,
        bands=(StoredBand("DUCMASS", "float32", dust_column),),
        starts=every_third_day(date(2000, 1, 1), date(2024, 12, 31)),
        index=f"%Y%m%d_{AFTERNOON:02d}",
        ends=lambda day: day + timedelta(days=1),
        goes_on=every_third_day,
        hours=(AFTERNOON,),
    ),
    Spec(
        id="MODIS/061/MCD43A3",
        title="MCD43A3.061 MODIS Albedo Daily 500m, every eighth day",
        grid=MODIS_500_GRID,
        bands=(StoredBand("Albedo_WSA_shortwave", "int16", albedo),),
        starts=eight_days(date(2000, 2, 26), date(2024, 12, 26)),
        ends=lambda day: day + timedelta(days=1),
        goes_on=eight_days,
    ),
)
