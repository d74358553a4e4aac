"""Irrigated land, and the water of wide areas that is stored in soil, snow and ground."""

import numpy as np

from offline.landscape import cover
from offline.landscape.drivers.causes import WATER
from offline.landscape.noise import Floats, cell_hash, key, uniform, value_noise
from offline.landscape.scene import Scene

FIELDS = 0.35
"""Share of the fields of dry land that is irrigated."""

TAKEN = 0.5
"""Share of a patch whose water is taken that is irrigated, since the first year of the cause."""

DRY = 0.65
"""Aridity index below which fields are irrigated."""

FELT = 4.0
"""Centimetres of stored water by which a year of one standard deviation differs."""

PUMPED = 0.3
"""Centimetres that are lost in a year where the ground water is pumped most, in standard deviations of the pumping."""

PUMPING_BEGINS = 2000


def irrigated(scene: Scene, year: int) -> Floats:
    """1 where land is irrigated in a year, else 0."""
    lot = uniform(cell_hash(scene.points, key(scene.seed, 176)))
    fields = (scene.land_cover(year) == cover.CROPLAND) & (scene.normal.aridity < DRY) & (lot < FIELDS)
    causes = scene.causes
    taken = ((causes.cause == WATER) & (causes.year <= year))[scene.planted.row] & (lot < TAKEN)
    return np.asarray((fields | taken) & scene.land, np.float32)


def stored_water(scene: Scene, month: int) -> Floats:
    """Centimetres of stored water against the usual, `month` as in `Weather.rain`: the rain of a year, and pumping."""
    weather = scene.weather
    wet = np.mean([weather.moisture(float(month - n)) for n in range(12)], axis=0)
    season = np.cos(2 * np.pi * (month % 12 - 7) / 12)
    pumping = np.maximum(value_noise(scene.points, 6.0, key(scene.seed, 177)), 0)
    years = month / 12 - PUMPING_BEGINS
    return np.asarray(FELT * wet + 1.5 * season - PUMPED * years * pumping, np.float32)
