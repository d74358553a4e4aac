"""Herds: heads a square kilometre by year, which grow in a boom and lose animals in hard winters.

    h(y) = h(y-1) (1 + g (1 - h(y-1) / K(y))) (1 - loss(y))

h is relative to the herd of the first year; K, what the market and the land let it grow to, doubles in the boom, whose
time differs by place; the loss follows the severity of the winter where winters are cold. Within patches whose loss has
the cause "grazing" (`offline.landscape.drivers.causes`) there are more.
"""

from collections.abc import Sequence

import numpy as np

from offline.landscape import cover
from offline.landscape.drivers import winters
from offline.landscape.noise import Floats, key, value_noise
from offline.landscape.scene import Scene

FIRST, LAST = 2000, 2022
"""Years of the product of herds."""

SPECIES = ("cattle", "buffalo", "horse", "goat", "sheep")

GROWTH = 0.22
"""g, of a year."""

BOOM = 1.0
"""What K gains, relative to the first year."""

WORST = 0.45
"""Largest part of the herds that a winter kills."""

HARD, HARDEST = 1.1, 2.6
"""Severity of a winter from which herds lose animals, and at which they lose `WORST`."""


def relative(scene: Scene, year: int) -> Floats:
    """The herds of a year relative to those of 2000, without what grazing land there is."""
    courses: Sequence[Floats] = scene.kept.get("herds", lambda: _courses(scene))
    return courses[min(max(year, FIRST), LAST) - FIRST]


def loss(scene: Scene, year: int) -> Floats:
    """Part of the herds that a winter kills, 0..`WORST`."""
    cold = 1 / (1 + np.exp(scene.normal.temperature - np.float32(5)))
    hard = np.clip((winters.severity(scene, year) - HARD) / (HARDEST - HARD), 0, 1)
    return np.asarray(np.float32(WORST) * cold * hard, np.float32)


def _courses(scene: Scene) -> Sequence[Floats]:
    middle = np.float32(2011) + np.float32(3) * value_noise(scene.points, 6.0, key(scene.seed, 171))
    herd = np.ones(scene.points.shape, np.float32)
    courses = [herd]
    for year in range(FIRST + 1, LAST + 1):
        limit = 1 + np.float32(BOOM) / (1 + np.exp((middle - year) / np.float32(2.5)))
        herd = herd * (1 + np.float32(GROWTH) * (1 - herd / limit)) * (1 - loss(scene, year))
        courses.append(np.asarray(herd, np.float32))
    return courses


def density(scene: Scene, species: str, year: int) -> Floats:
    """True heads of a species on a square kilometre in a year; none on water, towns and snow, more where grazed."""
    normal = scene.normal
    dry = np.log(normal.aridity / np.float32(0.3))
    grass = np.exp(-((dry / np.float32(0.9)) ** 2)) * scene.land
    grass = grass * ~np.isin(scene.original_cover, (cover.WATER, cover.URBAN, cover.SNOW))
    rough = np.exp(np.float32(0.35) * value_noise(scene.points, 0.8, key(scene.seed, 172)))
    wet, warm = 1 / (1 + np.exp(-2 * dry)), 1 / (1 + np.exp((np.float32(14) - normal.temperature) / 2))
    heads = {
        "cattle": 2.0 + 8.0 * wet,
        "buffalo": 3.0 * np.maximum(warm - np.float32(0.1), 0),
        "horse": 3.0 * (1 - warm),
        "goat": 26.0 - 16.0 * wet,
        "sheep": np.float32(20.0),
    }
    common = heads[species] * grass * rough * relative(scene, year)
    return np.asarray(common * scene.marks.herds(year), np.float32)
