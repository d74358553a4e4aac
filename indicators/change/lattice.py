"""A regular lattice of nodes over a region, between which values are blended bilinearly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KM_PER_DEGREE = 111.2


@dataclass(frozen=True)
class Lattice:
    """Nodes at `south` + `dy` × row and `west` + `dx` × column, degrees; `rows` × `columns` of them."""

    south: float
    west: float
    dy: float
    dx: float
    rows: int
    columns: int

    @classmethod
    def over(cls, y: NDArray[Any], x: NDArray[Any], spacing_km: float) -> Lattice:
        """The lattice with nodes about `spacing_km` apart whose cells hold all the points (`y`, `x`, degrees)."""
        middle = np.cos(np.deg2rad((y.min() + y.max()) / 2))
        dy, dx = spacing_km / KM_PER_DEGREE, spacing_km / (KM_PER_DEGREE * middle)
        rows, columns = (int((v.max() - v.min()) / d) + 1 for v, d in ((y, dy), (x, dx)))
        return cls(float(y.min()) + dy / 2, float(x.min()) + dx / 2, dy, dx, rows, columns)

    @property
    def size(self) -> int:
        """Number of nodes."""
        return self.rows * self.columns

    def cell(self, y: NDArray[Any], x: NDArray[Any]) -> NDArray[np.int64]:
        """Number of the node in whose cell each point lies; points outside belong to the nearest cell."""
        row = np.clip(np.rint((y - self.south) / self.dy), 0, self.rows - 1).astype(np.int64)
        column = np.clip(np.rint((x - self.west) / self.dx), 0, self.columns - 1).astype(np.int64)
        number: NDArray[np.int64] = row * self.columns + column
        return number

    def corners(self, y: NDArray[Any], x: NDArray[Any]) -> tuple[NDArray[np.int64], Floats]:
        """The four nodes around each point (point, 4), and their weights, which add up to 1."""
        row, up = _before(y, self.south, self.dy, self.rows)
        column, right = _before(x, self.west, self.dx, self.columns)
        above, beside = np.minimum(row + 1, self.rows - 1), np.minimum(column + 1, self.columns - 1)
        nodes = [r * self.columns + c for r in (row, above) for c in (column, beside)]
        weights = [v * w for v in (1 - up, up) for w in (1 - right, right)]
        return np.stack(nodes, axis=-1), np.stack(weights, axis=-1)

    def positions(self) -> tuple[Floats, Floats]:
        """Latitude and longitude of every node."""
        y, x = np.divmod(np.arange(self.size), self.columns)
        return self.south + self.dy * y, self.west + self.dx * x


def _before(position: NDArray[Any], first: float, step: float, count: int) -> tuple[NDArray[np.int64], Floats]:
    at = np.clip((np.asarray(position, float) - first) / step, 0, count - 1)
    node = np.minimum(np.floor(at), max(count - 2, 0)).astype(np.int64)
    return node, at - node


def blended(nodes: Floats, indices: NDArray[np.int64], weights: Floats) -> Floats:
    """Values of `nodes` (node, …) at points given by their `corners`; (point, …)."""
    total = np.zeros((len(indices), *nodes.shape[1:]))
    for corner in range(indices.shape[1]):
        total += weights[:, corner].reshape(-1, *[1] * (nodes.ndim - 1)) * nodes[indices[:, corner]]
    return total
