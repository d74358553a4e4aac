"""Noise that depends on the place and a seed only, never on the requested window.

Two kinds: a hash of the integer index of the 1/480-degree cell in which a point lies (white noise), and
value noise (Gaussian values at the nodes of a coarse lattice, blended smoothly between them and scaled
so that the variance is one everywhere). Hash: the 32-bit finaliser by Chris Wellons ("lowbias32").
"""

from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numba import njit
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
def quantiles() -> Floats:
    """The 4096 levels of a standard normal value."""
    normal = NormalDist()
    steps = 1 << 12
    return np.array([normal.inv_cdf((k + 0.5) / steps) for k in range(steps)], np.float32)


def gaussian(hashes: Hashes) -> Floats:
    """Standard normal values, of 4096 levels (largest 3.7)."""
    return quantiles()[hashes >> np.uint32(20)]


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
    i: NDArray[np.int32]
    j: NDArray[np.int32]
    wx: Floats
    wy: Floats
    level: Floats
    rectilinear: bool

    @classmethod
    def of(cls, points: Points, spacing: float) -> "Stencil":
        """Stencil of points on the lattice whose nodes lie at multiples of `spacing` degrees."""
        i, wx = _located(points.lon, spacing)
        j, wy = _located(points.lat, spacing)
        level = 1.0 / np.sqrt((wx**2 + (1 - wx) ** 2) * (wy**2 + (1 - wy) ** 2))
        west, south = int(i.min()), int(j.min())
        return cls(
            west=west,
            south=south,
            columns=int(i.max()) - west + 2,
            rows=int(j.max()) - south + 2,
            i=i - np.int32(west),
            j=j - np.int32(south),
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
            flat = blend_each(nodes, *(each.ravel() for each in (self.i, self.j, self.wx, self.wy)))
            return flat.reshape(self.i.shape)
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


@njit(cache=True, nogil=True)
def blend_each(
    nodes: Floats, i: NDArray[np.int32], j: NDArray[np.int32], wx: Floats, wy: Floats
) -> Floats:  # pragma: no cover - compiled
    """Nodes blended to scattered points, the operations in the order of `Stencil.blend`, so that no bit differs."""
    blended = np.empty(i.size, np.float32)
    for n in range(i.size):
        column, row = i[n], j[n]
        low = nodes[row, column] + (nodes[row, column + 1] - nodes[row, column]) * wx[n]
        high = nodes[row + 1, column] + (nodes[row + 1, column + 1] - nodes[row + 1, column]) * wx[n]
        blended[n] = (high - low) * wy[n] + low
    return blended


def _located(degrees: NDArray[np.float64], spacing: float) -> tuple[NDArray[np.int32], Floats]:
    """Index of the node before each coordinate, and the smooth weight of the next one; shape of the coordinates."""
    nodes, weights = located(np.ascontiguousarray(degrees).ravel(), spacing)
    return nodes.reshape(degrees.shape), weights.reshape(degrees.shape)


@njit(cache=True, nogil=True)
def located(
    degrees: NDArray[np.float64], spacing: float
) -> tuple[NDArray[np.int32], Floats]:  # pragma: no cover - compiled
    """`_located` of a row of coordinates."""
    nodes, weights = np.empty(degrees.size, np.int32), np.empty(degrees.size, np.float32)
    for n in range(degrees.size):
        position = degrees[n] / spacing
        node = np.floor(position)
        fraction = position - node
        nodes[n], weights[n] = node, fraction * fraction * (3.0 - 2.0 * fraction)
    return nodes, weights
