"""Days of the simulated weather: what a month has, dealt out to its days so that they add up to it again."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date

import numpy as np

from offline.landscape import Scene
from offline.landscape.disturbance.rain_products import Product
from offline.landscape.drivers import ground, winters
from offline.landscape.noise import Floats, key, value_noise
from offline.sources.simulated import bands
from offline.sources.simulated.bands import Stored

SYNOPTIC = 4.0
"""Wavelength of a day's weather, degrees."""

DRY = 0.6
"""A day whose noise is below this many standard deviations has no rain: about seven days in ten."""

WARM_SPELLS = 3.0
"""Standard deviation of a day's temperature around the month's, kelvin."""


def day_noise(scene: Scene, day: date) -> Floats:
    """What the weather of a day has of its own, standard deviation about 1."""
    return value_noise(scene.points, SYNOPTIC, key(scene.seed, 98, day.toordinal()))


def days_of(day: date) -> list[date]:
    """All days of a day's month."""
    return [day.replace(day=number) for number in range(1, monthrange(day.year, day.month)[1] + 1)]


def wetness(noise: Floats) -> Floats:
    """Weight of a day's rain; a little everywhere, so that no month is without a day to rain on."""
    return np.asarray(np.maximum(noise - np.float32(DRY), 0) ** 1.5 + np.float32(1e-4), np.float32)


def precipitation(scene: Scene, start: date, product: Product = "era5-land") -> Stored:
    """Metres in a day, as a product reports it."""
    month, valid = bands.precipitation(scene, start.replace(day=1), product)
    total = _of_month(scene, start, "wetness", lambda day: wetness(day_noise(scene, day)))
    return month * wetness(day_noise(scene, start)) / total, valid


def _of_month(scene: Scene, day: date, name: str, of_day: Callable[[date], Floats]) -> Floats:
    """The sum over the days of a day's month, kept for its other days."""
    total: Floats = scene.kept.get((name, day.year, day.month), lambda: sum(of_day(each) for each in days_of(day)))
    return total


def _share_of_wind(scene: Scene, day: date) -> Floats:
    """Wind of a day over that of its month."""
    total = _of_month(scene, day, "gusts", lambda each: ground.gusts(scene, each))
    return ground.gusts(scene, day) * np.float32(monthrange(day.year, day.month)[1]) / total


def wind_u(scene: Scene, start: date) -> Stored:
    """Metres a second towards the east, mean of the day."""
    month, valid = bands.wind_u(scene, start.replace(day=1))
    return month * _share_of_wind(scene, start), valid


def wind_v(scene: Scene, start: date) -> Stored:
    """Metres a second towards the north, mean of the day."""
    month, valid = bands.wind_v(scene, start.replace(day=1))
    return month * _share_of_wind(scene, start), valid


def snow_depth(scene: Scene, start: date) -> Stored:
    """Metres of snow, mean over the ground that has none, too."""
    return winters.depth(scene, start), scene.land


def temperature(scene: Scene, start: date) -> Stored:
    """Kelvin, mean of the day."""
    month, valid = bands.temperature(scene, start.replace(day=1))
    noise = [day_noise(scene, day) for day in days_of(start)]
    own = noise[start.day - 1] - sum(noise) / np.float32(len(noise))
    return month + np.float32(WARM_SPELLS) * own, valid


def soil_water(scene: Scene, start: date) -> Stored:
    """m3 of water per m3 of soil, 0-7 cm: that of the month, as soils remember."""
    return bands.soil_water(scene, start.replace(day=1))


def potential_evaporation(scene: Scene, start: date) -> Stored:
    """Metres in a day, negative: an equal part of the month's."""
    month, valid = bands.potential_evaporation(scene, start.replace(day=1))
    return month / np.float32(monthrange(start.year, start.month)[1]), valid
