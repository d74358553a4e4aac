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
    # `scramble` in Python's own integers: an array of one number takes twenty times as long
    value = 0x9E3779B9
    for part in parts:
        value ^= part & 0xFFFFFFFF
        value ^= value >> 16
        value = value * 0x21F0AAAD & 0xFFFFFFFF
        value ^= value >> 15
        value = value * 0x735A2D97 & 0xFFFFFFFF
        value ^= value >> 15
    return np.uint32(value)


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
    """Where points lie among the nodes of a lattice, to blend node values again and again.

    Nodes and weights are flat: of each point, or of each column and each row where points are rectilinear.
    """

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
            i=(i - np.int32(west)).ravel(),
            j=(j - np.int32(south)).ravel(),
            wx=wx.ravel(),
            wy=wy.ravel(),
            level=level.astype(np.float32),
            rectilinear=points.rectilinear,
        )

    def nodes(self, salt: np.uint32) -> Floats:
        """Gaussian values of the nodes under the stencil, [rows, columns]."""
        return self.weighted_nodes(np.array([salt], np.uint32), np.ones(1, np.float32))

    def weighted_nodes(self, salts: Hashes, weights: Floats) -> Floats:
        """Sum of the Gaussian values of several salts, each times its weight, [rows, columns]."""
        return node_values(self.west, self.south, self.columns, self.rows, salts, weights, quantiles())

    def blend(self, nodes: Floats) -> Floats:
        """Node values [rows, columns] blended to the points, without levelling of the variance."""
        if self.rectilinear:
            return blend_rows(nodes, self.i, self.j, self.wx, self.wy)
        return blend_each(nodes, self.i, self.j, self.wx, self.wy).reshape(self.level.shape)

    def noise(self, salt: np.uint32) -> Floats:
        """Value noise at the points: mean 0, variance 1."""
        blended = self.blend(self.nodes(salt))
        blended *= self.level
        return blended


def value_noise(points: Points, spacing: float, salt: np.uint32) -> Floats:
    """Smooth noise of a wavelength of about `spacing` degrees: mean 0, variance 1, shape of the points.

    Two lattices that never fall together are mixed, so that no grid shows through.
    """
    return blended_noise(lattices(points, spacing), salt)


def lattices(points: Points, spacing: float) -> tuple[Stencil, Stencil]:
    """Where points lie on the two lattices of value noise: for those who want the noise of many salts."""
    return Stencil.of(points, spacing), Stencil.of(points, spacing * SECOND_LATTICE)


def blended_noise(stencils: tuple[Stencil, Stencil], salt: np.uint32) -> Floats:
    """`value_noise` on the lattices of some points."""
    first, second = stencils
    noise = first.noise(salt)
    noise += second.noise(key(int(salt)))
    noise *= np.float32(np.sqrt(0.5))
    return noise


@njit(cache=True, nogil=True)
def node_values(
    west: int, south: int, columns: int, rows: int, salts: Hashes, weights: Floats, normal: Floats
) -> Floats:  # pragma: no cover - compiled
    """`Stencil.weighted_nodes`: the hash of `node_hash` and the values of `gaussian`, without arrays in between."""
    nodes = np.zeros((rows, columns), np.float32)
    of_columns = np.empty(columns, np.uint32)
    for n in range(salts.size):
        for column in range(columns):
            of_columns[column] = scrambled(np.uint32(np.uint32(west + column) ^ salts[n]))
        for row in range(rows):
            of_row = np.uint32(np.uint32(south + row) * np.uint32(0x9E3779B1))
            for column in range(columns):
                number = scrambled(np.uint32(of_columns[column] + of_row))
                nodes[row, column] += weights[n] * normal[number >> np.uint32(20)]
    return nodes


@njit(cache=True, nogil=True)
def scrambled(x: np.uint32) -> np.uint32:  # pragma: no cover - compiled
    """`scramble` of one number."""
    x = np.uint32(x ^ (x >> np.uint32(16)))
    x = np.uint32(x * np.uint32(0x21F0AAAD))
    x = np.uint32(x ^ (x >> np.uint32(15)))
    x = np.uint32(x * np.uint32(0x735A2D97))
    return np.uint32(x ^ (x >> np.uint32(15)))


@njit(cache=True, nogil=True)
def blend_rows(
    nodes: Floats, i: NDArray[np.int32], j: NDArray[np.int32], wx: Floats, wy: Floats
) -> Floats:  # pragma: no cover - compiled
    """Nodes blended to the points of a row of columns `i` and a column of rows `j`, as `blend_each` blends them."""
    along = np.empty((nodes.shape[0], i.size), np.float32)
    for row in range(nodes.shape[0]):
        for n in range(i.size):
            along[row, n] = nodes[row, i[n]] + (nodes[row, i[n] + 1] - nodes[row, i[n]]) * wx[n]
    blended = np.empty((j.size, i.size), np.float32)
    for m in range(j.size):
        low, high = along[j[m]], along[j[m] + 1]
        for n in range(i.size):
            blended[m, n] = (high[n] - low[n]) * wy[m] + low[n]
    return blended


@njit(cache=True, nogil=True)
def blend_each(
    nodes: Floats, i: NDArray[np.int32], j: NDArray[np.int32], wx: Floats, wy: Floats
) -> Floats:  # pragma: no cover - compiled
    """Nodes blended to scattered points, so that no bit differs from `blend_rows`."""
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
