"""Soils and zones that fit the climate: organic carbon, taxonomy, IPCC climate zones."""

import numpy as np
from numpy.typing import NDArray

from offline.landscape.climate import Normals
from offline.landscape.noise import Floats, cell_hash, gaussian, key, value_noise
from offline.landscape.points import Points

Codes = NDArray[np.uint8]

TAXONOMY = {
    1: "Gelisols",
    2: "Histosols",
    3: "Spodosols",
    4: "Aridisols: calcids",
    5: "Aridisols: cambids",
    6: "Mollisols: cryolls",
    7: "Mollisols: ustolls",
    8: "Alfisols",
    9: "Inceptisols",
    10: "Entisols: psamments",
    11: "Entisols: orthents",
    12: "Ultisols",
}
"""Codes of the simulated soil map. They are its own: what a unit is called plays no part in the method,
only where one unit ends and the next begins."""


def carbon(points: Points, normal: Normals, seed: int) -> Floats:
    """Soil organic carbon of the upper 30 cm in the year 2000, t/ha (about 10 in the Gobi, 120 in taiga)."""
    wet = 1.0 - np.exp(-normal.rain / 620.0)
    cold = np.clip(1.15 - 0.035 * normal.temperature, 0.5, 1.5)
    texture = 0.10 * value_noise(points, 0.25, key(seed, 71)) + 0.10 * value_noise(points, 0.03, key(seed, 72))
    return np.asarray((2.0 + 150.0 * wet**1.15 * cold) * np.exp(texture), np.float32)


def texture(points: Points, normal: Normals, seed: int) -> tuple[Floats, Floats]:
    """Sand and clay of the top soil, percent by mass: sandy in dry country, above all in that of psamments."""
    parent = value_noise(points, 0.6, key(seed, 73))
    dry = np.exp(-normal.aridity / np.float32(0.3))
    loose = 1 / (1 + np.exp(-(parent - np.float32(1.1)) / np.float32(0.15)))
    sand = 38 + 22 * dry + 9 * parent + 16 * loose + 4 * value_noise(points, 0.05, key(seed, 76))
    sand = np.clip(sand, 10, 93)
    of_rest = np.clip(0.36 + 0.07 * value_noise(points, 0.2, key(seed, 77)), 0.15, 0.6)
    return np.asarray(sand, np.float32), np.asarray((100 - sand) * of_rest, np.float32)


def taxonomy(points: Points, normal: Normals, seed: int) -> Codes:
    """Soil unit, a key of `TAXONOMY`."""
    parent = value_noise(points, 0.6, key(seed, 73)) + 0.15 * gaussian(cell_hash(points, key(seed, 74)))
    aridity = normal.aridity * np.exp(0.08 * value_noise(points, 0.15, key(seed, 75)))
    cold, warm = normal.temperature < -3.0, normal.temperature > 11.0
    conditions = [
        (parent > 1.1) & (aridity < 0.45),
        cold & (parent > 0.6) & (aridity > 0.6),
        cold,
        (parent < -1.5),
        (aridity < 0.13),
        (aridity < 0.22),
        (aridity < 0.42) & (normal.temperature < 1.5),
        (aridity < 0.55),
        (parent > 1.6) & (aridity > 0.9),
        warm & (aridity > 1.0),
        (normal.temperature < 1.5) & (aridity > 0.8),
        (parent > 0.0),
    ]
    return np.select(conditions, (10, 2, 1, 11, 4, 5, 6, 7, 2, 12, 3, 8), 9).astype(np.uint8)


def climate_zone(normal: Normals) -> Codes:
    """IPCC climate zone, codes 1..12 as in Trends.Earth (1 warm temperate moist ... 12 tropical dry).

    Thresholds of the 2006 IPCC Guidelines (vol. 4, fig. 3A.5.2): mean yearly temperature 18, 10 and 0
    degrees; polar where no month reaches 10 degrees; moist where rain exceeds evapotranspiration.
    """
    mean = normal.temperature
    moist = normal.aridity > 1.0
    polar = mean + normal.swing < 10.0
    conditions = [
        (mean > 18) & (normal.height > 1000),
        (mean > 18) & (normal.rain > 2000),
        (mean > 18) & (normal.rain > 1000),
        mean > 18,
        (mean > 10) & moist,
        mean > 10,
        (mean > 0) & moist,
        mean > 0,
        polar & moist,
        polar,
        moist,
    ]
    return np.select(conditions, (9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7), 8).astype(np.uint8)
