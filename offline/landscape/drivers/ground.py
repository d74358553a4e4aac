"""Dust above the ground, and how bright the ground is."""

from datetime import date

import numpy as np

from offline.landscape import climate, cover
from offline.landscape.drivers import winters
from offline.landscape.noise import Floats, key, value_noise
from offline.landscape.scene import Scene
from offline.landscape.surface import FULL_COVER

BACKGROUND, RAISED = 4e-5, 6e-4
"""Dust in a column of air, kg/m2: what is always there, and what the mean wind of `WINDY` raises over bare ground."""

WINDY = 4.0
"""Metres a second."""

STORMY = 0.36
"""Standard deviation of the logarithm of a day's wind around its month's: wind of 3 m/s has a day in 100 above 6.5."""

SOIL, LEAVES, OPEN_WATER, FRESH_SNOW = 0.29, 0.15, 0.06, 0.72
"""White-sky albedo, short wave."""


def dust(scene: Scene, day: date) -> Floats:
    """Dust in the column of air in the afternoon of a day, kg/m2: more over bare dry ground, by the cube of the wind.

    The wind and the moisture are those of the month; a day has its own weather (log-normal).
    """
    month = 12 * day.year + day.month - 1

    def raised() -> Floats:
        bare = np.exp(-scene.normal.aridity / np.float32(0.2))
        wind = climate.wind_speed(scene.normal, scene.weather.wind(month), day.month) / np.float32(WINDY)
        dry = np.exp(np.float32(-0.4) * scene.weather.moisture(month))
        return np.asarray(np.float32(RAISED) * bare * wind**3 * dry, np.float32)

    of_month: Floats = scene.kept.get(("dust", month), raised)
    own = np.float32(0.9) * _storms(scene, day)
    return np.asarray(np.float32(BACKGROUND) + of_month * np.exp(own - np.float32(0.4)), np.float32)


def _storms(scene: Scene, day: date) -> Floats:
    """How windy a day is for its month, standard deviation 1: dust has the same days."""
    return scene.synoptic(173, day)


def gusts(scene: Scene, day: date) -> Floats:
    """Wind of a day over that of its month, up to a factor that is the same for all days of a month (log-normal)."""
    factor: Floats = scene.kept.get(("gusts", day), lambda: np.exp(np.float32(STORMY) * _storms(scene, day)))
    return factor


def albedo(scene: Scene, day: date) -> Floats:
    """White-sky albedo of the ground on a day: leaves are darker than soil, snow is bright."""
    green = scene.greenness(day.year, float(day.timetuple().tm_yday))
    leaves = np.clip((green - scene.canopy.soil) / (FULL_COVER - scene.canopy.soil), 0, 1)
    bright = np.exp(np.float32(0.06) * value_noise(scene.points, 0.05, key(scene.seed, 105)))
    land = (SOIL + (LEAVES - SOIL) * leaves) * bright
    ground = np.where(scene.land_cover(day.year) == cover.WATER, np.float32(OPEN_WATER), land)
    white = winters.snow_share(scene, day)
    return np.asarray(ground * (1 - white) + np.float32(FRESH_SNOW) * white, np.float32)
