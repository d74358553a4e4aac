"""Lakes that shrink: a permanent core, and around it a belt that has water in the wet months only."""

import numpy as np
from numpy.typing import NDArray

from offline.landscape import geography
from offline.landscape.noise import key, quantiles, scramble
from offline.landscape.scene import Scene

FIRST = 1984
SHRINKING = 0.004
"""Part of the radius that a lake loses in a year, on average over a few years."""

BELT = 0.03
"""Width of the belt with water in the wet months, part of the radius."""

WANDER = 0.012
"""Standard deviation of a year around the course, part of the radius; all lakes alike."""

WET_MONTHS = (6, 7, 8, 9)


def permanent(year: int, seed: int) -> float:
    """Radius of the permanent water, part of the radius of the lake's largest extent."""
    draw = quantiles()[int(scramble(np.array([key(seed, 174, year)], np.uint32))[0] >> np.uint32(20))]
    return float(np.clip(1 - BELT - SHRINKING * (year - FIRST) + WANDER * draw, 0.5, 1 - BELT))


def water_class(scene: Scene, year: int) -> NDArray[np.uint8]:
    """1 never water, 2 water in the wet months, 3 water all the year; the sea has none of them."""
    core = permanent(year, scene.seed)
    wet = geography.lake(scene.points, core + BELT)
    return np.where(geography.lake(scene.points, core), 3, np.where(wet, 2, 1)).astype(np.uint8)
