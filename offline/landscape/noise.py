"""Noise that depends on the place and a seed only, never on the window asked for.

Two kinds: a hash of the integer index of the 1/480-degree cell in which a point lies (white noise), and
value noise (Gaussian values at the nodes of a coarse lattice, blended smoothly between them and scaled
so that the variance is one everywhere). Hash: the 32-bit finaliser by Chris Wellons ("lowbias32").
"""

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from offline.landscape.points import Points

CELLS_PER_DEGREE = 480
ON_THE_EDGE = 1e-6
"""A cell centre of 1/120 or 1/240 degree falls on an edge of the lattice: rounding must not choose the side."""

SECOND_LATTICE = 0.7236
"""Spacing of the second lattice of value noise relative to the first."""

Floats = NDArray[np.float32]
Hashes = NDArray[np.uint32]


def scramble(x: Hashes) -> Hashes:
    """Hash uint32 to uint32, element by element; a new array."""
    x = x ^ (x >> np.uint32(16))
    x *= np.uint32(0x21F0AAAD)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x735A2D97)
    x ^= x >> np.uint32(15)
    return x


def key(*parts: int) -> np.uint32:
    """One hash for a few integers, such as (seed, stream, year)."""
    value = np.array([0x9E3779B9], np.uint32)
    for part in parts:
        value = scramble(value ^ np.uint32(part & 0xFFFFFFFF))
    return np.uint32(value[0])


def node_hash(i: NDArray[np.int64], j: NDArray[np.int64], salt: np.uint32) -> Hashes:
    """Hash of lattice nodes (i eastwards, j northwards), broadcast together."""
    column = scramble(i.astype(np.uint32) ^ salt)
    return scramble(column + j.astype(np.uint32) * np.uint32(0x9E3779B1))


def uniform(hashes: Hashes) -> Floats:
    """Values in [0, 1)."""
    return (hashes >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


@cache
def _quantiles() -> Floats:
    normal = NormalDist()
    steps = 1 << 12
    return np.array([normal.inv_cdf((k + 0.5) / steps) for k in range(steps)], np.float32)


def gaussian(hashes: Hashes) -> Floats:
    """Standard normal values, of 4096 levels (largest 3.7)."""
    return _quantiles()[hashes >> np.uint32(20)]


def cell_hash(points: Points, salt: np.uint32) -> Hashes:
    """Hash of the 1/480-degree cell of each point."""
    i = np.floor((points.lon + 180.0) * CELLS_PER_DEGREE + ON_THE_EDGE).astype(np.int64)
    j = np.floor((90.0 - points.lat) * CELLS_PER_DEGREE + ON_THE_EDGE).astype(np.int64)
    return node_hash(i, j, salt)


@dataclass(frozen=True)
class Stencil:
    """Where points lie among the nodes of a lattice, to blend node values again and again."""

    west: int
    south: int
    columns: int
    rows: int
    i: NDArray[np.intp]
    j: NDArray[np.intp]
    wx: Floats
    wy: Floats
    level: Floats
    rectilinear: bool

    @classmethod
    def of(cls, points: Points, spacing: float) -> "Stencil":
        """Stencil of points on the lattice whose nodes lie at multiples of `spacing` degrees."""
        u, v = points.lon / spacing, points.lat / spacing
        i, j = np.floor(u), np.floor(v)
        wx, wy = _smooth(u - i), _smooth(v - j)
        level = 1.0 / np.sqrt((wx**2 + (1 - wx) ** 2) * (wy**2 + (1 - wy) ** 2))
        west, south = int(i.min()), int(j.min())
        return cls(
            west=west,
            south=south,
            columns=int(i.max()) - west + 2,
            rows=int(j.max()) - south + 2,
            i=(i - west).astype(np.intp),
            j=(j - south).astype(np.intp),
            wx=wx,
            wy=wy,
            level=level.astype(np.float32),
            rectilinear=points.rectilinear,
        )

    def nodes(self, salt: np.uint32) -> Floats:
        """Gaussian values of the nodes under the stencil, [rows, columns]."""
        i = np.arange(self.west, self.west + self.columns)
        j = np.arange(self.south, self.south + self.rows)
        return gaussian(node_hash(i[None, :], j[:, None], salt))

    def blend(self, nodes: Floats) -> Floats:
        """Node values [rows, columns] blended to the points, without levelling of the variance."""
        if self.rectilinear:
            i, wx = self.i[0], self.wx[0]
            along = nodes[:, i] + (nodes[:, i + 1] - nodes[:, i]) * wx
            j = self.j[:, 0]
            low, high = along[j], along[j + 1]
        else:
            low = _between(nodes[self.j, self.i], nodes[self.j, self.i + 1], self.wx)
            high = _between(nodes[self.j + 1, self.i], nodes[self.j + 1, self.i + 1], self.wx)
        high -= low
        high *= self.wy
        high += low
        return high

    def noise(self, salt: np.uint32) -> Floats:
        """Value noise at the points: mean 0, variance 1."""
        return self.blend(self.nodes(salt)) * self.level


def value_noise(points: Points, spacing: float, salt: np.uint32) -> Floats:
    """Smooth noise of a wavelength of about `spacing` degrees: mean 0, variance 1, shape of the points.

    Two lattices that never fall together are mixed, so that no grid shows through.
    """
    noise = Stencil.of(points, spacing).noise(salt)
    noise += Stencil.of(points, spacing * SECOND_LATTICE).noise(key(int(salt)))
    noise *= np.float32(np.sqrt(0.5))
    return noise


def _between(a: Floats, b: Floats, weight: Floats) -> Floats:
    return a + (b - a) * weight


def _smooth(fraction: NDArray[np.float64]) -> Floats:
    return (fraction * fraction * (3.0 - 2.0 * fraction)).astype(np.float32)
