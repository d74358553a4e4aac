"""Days of the simulated weather: what a month has, dealt out to its days so that they add up to it again."""

from calendar import monthrange
from datetime import date

import numpy as np

from offline.landscape import Scene
from offline.landscape.disturbance.rain_products import Product
from offline.landscape.drivers import ground, winters
from offline.landscape.noise import Floats
from offline.sources.simulated import bands
from offline.sources.simulated.bands import Stored

DRY = 0.6
"""A day whose noise is below this many standard deviations has no rain: about seven days in ten."""

WARM_SPELLS = 3.0
"""Standard deviation of a day's temperature around the month's, kelvin."""


def day_noise(scene: Scene, day: date) -> Floats:
    """What the weather of a day has of its own, standard deviation about 1."""
    return scene.synoptic(98, day)


def days_of(day: date) -> list[date]:
    """All days of a day's month."""
    return [day.replace(day=number) for number in range(1, monthrange(day.year, day.month)[1] + 1)]


def wetness(noise: Floats) -> Floats:
    """Weight of a day's rain; a little everywhere, so that no month is without a day to rain on."""
    return np.asarray(np.maximum(noise - np.float32(DRY), 0) ** 1.5 + np.float32(1e-4), np.float32)


def precipitation(scene: Scene, start: date, product: Product = "era5-land") -> Stored:
    """Metres in a day, as a product reports it."""
    first = start.replace(day=1)
    month, valid = scene.kept.get((product, first), lambda: bands.precipitation(scene, first, product))
    total = scene.kept.get(("wetness", first), lambda: sum(wetness(day_noise(scene, day)) for day in days_of(start)))
    return month * wetness(day_noise(scene, start)) / total, valid


def _wind(scene: Scene, day: date) -> Floats:
    """Wind of a day, m/s: what the month has, by the gusts of its days."""

    def calm() -> Floats:
        days = np.float32(monthrange(day.year, day.month)[1])
        total = sum(ground.gusts(scene, each) for each in days_of(day))
        return bands.wind(scene, day.replace(day=1)) * days / total

    of_month: Floats = scene.kept.get(("calm", day.year, day.month), calm)
    return of_month * ground.gusts(scene, day)


def wind_u(scene: Scene, start: date) -> Stored:
    """Metres a second towards the east, mean of the day."""
    return _wind(scene, start) * np.float32(bands.WIND_FROM[0]), scene.land


def wind_v(scene: Scene, start: date) -> Stored:
    """Metres a second towards the north, mean of the day."""
    return _wind(scene, start) * np.float32(bands.WIND_FROM[1]), scene.land


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
