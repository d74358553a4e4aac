"""Losses in common over hundreds of kilometres, and land where nothing is planted, in the worlds `real` and `hard`.

Both by block of six degrees with a border that winds. A loss in common sets in slowly, is full in the middle of its
block and fades to its border; it comes on top of what patches do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offline.landscape.changes.courses import ONSET, progress
from offline.landscape.climate import Normals
from offline.landscape.noise import Floats, key, node_hash, uniform, value_noise
from offline.landscape.points import Points
from offline.landscape.world import PlantedChanges

SIDE = 6.0
"""Degrees of a block."""

WINDING = 0.35
"""Standard deviation of the border, degrees."""

FULL_TO = 0.6
"""Part of the way from the middle to the border up to which the loss is full."""

STARTS, YEARS = (1996.0, 2012.0), (8.0, 18.0)
"""First and last start of the onset, and shortest and longest duration in years."""

HUMID = (0.65, 0.9)
"""Aridity index from which on a loss in common fades, and from which on there is none."""


@dataclass(frozen=True)
class WideLosses:
    """The loss in common of each block under some points, and how much of it each point has."""

    size: Floats
    """by block, negative; 0 without a loss"""
    year: NDArray[np.int16]
    duration: Floats
    block: NDArray[np.intp]
    """the block of each point"""
    share: Floats
    """0 to 1"""
    calm: NDArray[np.bool_]
    """where nothing else is planted"""

    @property
    def any(self) -> bool:
        """Whether some point has a loss in common."""
        return bool((self.size[self.block] * self.share != 0).any())

    def level(self, time: float) -> Floats:
        """Change of growing-season NDVI at each point at a time (years, fractions allowed), as a fraction."""
        course = np.full(self.size.shape, ONSET, np.int8)
        one = np.ones(self.size.shape, np.float32)
        full = self.size * progress(time, course, self.year, self.duration, one, one)
        return np.asarray(full[self.block] * self.share, np.float32)


def wide_losses(points: Points, normal: Normals, seed: int, of: PlantedChanges) -> WideLosses:
    """The losses in common at some points."""
    lon = points.lon + WINDING * value_noise(points, 2.0, key(seed, 181))
    lat = points.lat + WINDING * value_noise(points, 2.0, key(seed, 182))
    i, j = (np.floor(each / SIDE).astype(np.int64) for each in (lon, lat))
    west, south = int(i.min()), int(j.min())
    columns, rows = int(i.max()) + 1 - west, int(j.max()) + 1 - south
    east, north = np.meshgrid(np.arange(west, west + columns), np.arange(south, south + rows))

    def draw(stream: int, low: float = 0.0, high: float = 1.0) -> Floats:
        values = uniform(node_hash(east.ravel(), north.ravel(), key(seed, 183, stream)))
        return np.asarray(low + (high - low) * values, np.float32)

    state = draw(0)
    size = np.where(state < of.wide_blocks, -draw(1, *of.wide_loss), 0).astype(np.float32)
    block = (j - south) * columns + (i - west)
    x, y = (2 * (each / SIDE - index) - 1 for each, index in ((lon, i), (lat, j)))
    outward = (x**4 + y**4) ** 0.25
    inside = np.clip((1 - outward) / (1 - FULL_TO), 0, 1)
    dry = np.clip((HUMID[1] - normal.aridity) / (HUMID[1] - HUMID[0]), 0, 1)
    return WideLosses(
        size=size,
        year=draw(2, *STARTS).astype(np.int16),
        duration=draw(3, *YEARS),
        block=block.astype(np.intp),
        share=np.asarray(inside**2 * (3 - 2 * inside) * dry, np.float32),
        calm=(state > 1 - of.calm_blocks)[block],
    )
