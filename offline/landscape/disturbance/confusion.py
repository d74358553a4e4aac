"""How the yearly map of land cover errs in the worlds `real` and `hard`: for years, and mostly among like classes.

Part of the errors never goes: a classifier takes some steppe for shrubland in every year. They make no change of land
cover, but wrong classes. The rest come for a spell of one to eight years, by pixel or by small patch, and make a change
where there is none.
"""

import numpy as np
from numpy.typing import NDArray

from offline.landscape import cover
from offline.landscape.noise import Hashes, cell_hash, key, node_hash, scramble, uniform, value_noise
from offline.landscape.points import Points
from offline.landscape.world import Confusion

Classes = NDArray[np.uint8]

LONGEST_SPELL = 8
"""Years; a pixel's spells are all of one length, 1 to 8."""

PATCH = 1 / 48
"""Degrees of a small patch (2 km), before its border is bent."""

# Share of a class that the map takes for another one, and for which, in parts.
ERRORS: dict[int, tuple[float, dict[int, float]]] = {
    cover.DECIDUOUS_NEEDLELEAF: (0.30, {1: 0.2, 5: 0.4, 8: 0.4}),
    cover.DECIDUOUS_BROADLEAF: (0.20, {5: 0.5, 8: 0.4, 9: 0.1}),
    cover.MIXED_FOREST: (0.25, {3: 0.1, 4: 0.4, 8: 0.5}),
    cover.OPEN_SHRUBLAND: (0.25, {10: 0.6, 16: 0.3, 9: 0.1}),
    cover.WOODY_SAVANNA: (0.40, {5: 0.25, 4: 0.15, 9: 0.5, 10: 0.1}),
    cover.SAVANNA: (0.40, {8: 0.4, 10: 0.45, 12: 0.05, 14: 0.1}),
    cover.GRASSLAND: (0.22, {7: 0.4, 9: 0.2, 12: 0.2, 16: 0.12, 14: 0.05, 11: 0.03}),
    cover.WETLAND: (0.40, {10: 0.5, 9: 0.2, 8: 0.2, 17: 0.1}),
    cover.CROPLAND: (0.15, {10: 0.5, 14: 0.4, 9: 0.1}),
    cover.URBAN: (0.15, {12: 0.4, 10: 0.4, 14: 0.2}),
    cover.CROP_MOSAIC: (0.45, {12: 0.5, 10: 0.25, 9: 0.25}),
    cover.SNOW: (0.10, {16: 1.0}),
    cover.BARREN: (0.08, {7: 0.6, 10: 0.35, 13: 0.05}),
}

SHARES = np.zeros(18, np.float32)
SHARES[list(ERRORS)] = [share for share, _ in ERRORS.values()]


def _chosen() -> Classes:
    """The class that is seen in place of a class, by 256 equal parts of a draw."""
    table = np.repeat(np.arange(18, dtype=np.uint8)[:, None], 256, axis=1)
    for own, (_, others) in ERRORS.items():
        limits = np.cumsum(list(others.values()))
        table[own] = np.array(list(others), np.uint8)[np.searchsorted(limits[:-1], (np.arange(256) + 0.5) / 256)]
    return table


_CHOSEN = _chosen()


class Map:
    """The yearly map at fixed points: what every year needs is computed once."""

    def __init__(self, points: Points, seed: int, of: Confusion) -> None:
        self._of = of
        pixel = cell_hash(points, key(seed, 191))
        bend = np.float32(PATCH)
        lon = points.lon + bend * value_noise(points, 0.05, key(seed, 192))
        lat = points.lat + bend * value_noise(points, 0.05, key(seed, 193))
        i, j = (np.floor(each / PATCH).astype(np.int64) for each in (lon, lat))
        patch = node_hash(i, j, key(seed, 194))
        whole = uniform(scramble(pixel ^ key(seed, 195))) < np.float32(of.patchy)
        self._unit = np.where(whole, patch, pixel)
        length = scramble(self._unit ^ key(seed, 196)) % np.uint32(LONGEST_SPELL) + np.uint32(1)
        self._length = length.astype(np.int32)
        self._phase = (scramble(self._unit ^ key(seed, 197)) % length).astype(np.int32)
        # some land is hard to class and errs again and again, most of it hardly ever
        self._prone = 3 * uniform(scramble(self._unit ^ key(seed, 200))) ** 2
        self._seed = seed

    def observed(self, truth: Classes, year: int) -> Classes:
        """The classes of a year as the map has them; `truth` are the true ones."""
        seen = truth.copy()
        spell = ((year + self._phase) // self._length).astype(np.uint32)
        never = np.zeros(1, np.uint32)
        draws = ((self._of.lasting, self._draw(198, never)), (self._of.spells, self._draw(199, spell)))
        for factor, draw in draws:
            wrong = uniform(draw) < np.float32(factor) * self._prone * SHARES[truth]
            seen[wrong] = _CHOSEN[truth[wrong], draw[wrong] & np.uint32(0xFF)]
        return seen

    def _draw(self, stream: int, spell: Hashes) -> Hashes:
        return scramble(self._unit ^ scramble(spell + key(self._seed, stream)))
