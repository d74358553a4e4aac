"""Kernels: weights around a pixel. Radii in metres become pixels when the grid of a request is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np

from offline.errors import EngineError
from offline.graph.registry import add, algorithm

Array = np.ndarray
#: Half the side, in cells, of the largest kernel that is worked with.
LARGEST = 512


@dataclass(frozen=True)
class Kernel:
    """A kernel: `make` gives its weights (rows, columns) for a cell size in metres.

    The focus is the middle, rounded down, unless `focus` (column, row) says otherwise. Kernels of distances have a
    `metric` and, for a cell size in metres, a `reach`: the largest distance, in units of the weights.
    """

    make: Callable[[float], Array]
    focus: tuple[int, int] | None = None
    metric: str | None = None
    reach: Callable[[float], float] | None = None

    def weights(self, cell_metres: float) -> Array:
        """Weights (rows, columns), row 0 in the north."""
        return self.make(cell_metres)

    def centre(self, weights: Array) -> tuple[int, int]:
        """(column, row) of the pixel that the kernel is laid on."""
        return self.focus or ((weights.shape[1] - 1) // 2, (weights.shape[0] - 1) // 2)

    def json(self) -> dict[str, Any]:
        """As `getInfo` shows it, cells of one metre."""
        weights = self.make(1.0)
        x, y = self.centre(weights)
        rows = "\n".join(str(row) for row in weights.tolist())
        return {"type": "Kernel.fixed", "width": weights.shape[1], "height": weights.shape[0], "weights": rows,
                "center": [x, y]}  # fmt: skip


def offsets(x_radius: float, y_radius: float) -> tuple[Array, Array]:
    """Columns and rows east and south of the middle, within whole radii. Raises EngineError for a huge one."""
    if max(x_radius, y_radius) > LARGEST:
        raise EngineError(f"Kernel: a radius of {max(x_radius, y_radius):g} pixels is too large; at most {LARGEST}.")
    if min(x_radius, y_radius) < 0:
        raise EngineError("Kernel: the radius must not be negative.")
    columns, rows = np.arange(-int(x_radius), int(x_radius) + 1), np.arange(-int(y_radius), int(y_radius) + 1)
    x, y = np.meshgrid(columns, rows)
    return x.astype(float), y.astype(float)


def in_pixels(radius: float, units: str, cell_metres: float) -> float:
    """A radius in pixels. Raises EngineError for unknown units."""
    if units not in ("pixels", "meters"):
        raise EngineError(f"Kernel: units '{units}' must be 'pixels' or 'meters'.")
    return radius if units == "pixels" else radius / cell_metres


def scaled(weights: Array, magnitude: float, *, normalize: bool) -> Array:
    """Weights, normalized to a sum of 1 if requested and possible, times `magnitude`."""
    total = weights.sum()
    return (weights / total if normalize and total != 0 else weights) * magnitude


#: Shapes: whether a cell, x east and y south of the focus, belongs to the kernel of radius r.
SHAPES: dict[str, Callable[[Array, Array, float], Array]] = {
    "circle": lambda x, y, r: x**2 + y**2 <= r**2,
    "square": lambda x, y, r: np.ones(x.shape, bool),
    "diamond": lambda x, y, r: abs(x) + abs(y) <= r,
    # the octagon whose eight sides are all r away
    "octagon": lambda x, y, r: abs(x) + abs(y) <= r * np.sqrt(2),
    "cross": lambda x, y, r: abs(x) == abs(y),
    "plus": lambda x, y, r: (x == 0) | (y == 0),
}
DISTANCES: dict[str, Callable[[Array, Array], Array]] = {
    "euclidean": lambda x, y: np.hypot(x, y),
    "manhattan": lambda x, y: abs(x) + abs(y),
    "chebyshev": lambda x, y: np.maximum(abs(x), abs(y)),
}
#: Edge detectors, as Earth Engine prints them.
FIXED = {
    "laplacian4": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "laplacian8": [[1, 1, 1], [1, -8, 1], [1, 1, 1]],
    "prewitt": [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
    "sobel": [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
    "roberts": [[1, 0], [0, -1]],
    "kirsch": [[5, -3, -3], [5, 0, -3], [5, -3, -3]],
    "compass": [[1, 1, -1], [1, -2, -1], [1, 1, -1]],
}


def shaped(radius: float, units: str, normalize: bool, magnitude: float, *, shape: str) -> Kernel:
    """A kernel of ones inside a shape."""

    def make(cell: float) -> Array:
        r = in_pixels(radius, units, cell)
        x, y = offsets(r, r)
        return scaled(SHAPES[shape](x, y, r).astype(float), magnitude, normalize=normalize)

    return Kernel(make)


def distance(radius: float, units: str, normalize: bool, magnitude: float, *, metric: str) -> Kernel:
    """A square kernel of distances from its focus, in `units`."""

    def factor(cell: float) -> float:
        """What a distance in pixels is multiplied by."""
        r = in_pixels(radius, units, cell)
        unit = cell if units == "meters" else 1.0
        total = float(DISTANCES[metric](*offsets(r, r)).sum()) * unit if normalize else 0.0
        return unit * magnitude / (total or 1.0)

    def make(cell: float) -> Array:
        r = in_pixels(radius, units, cell)
        return DISTANCES[metric](*offsets(r, r)) * factor(cell)

    return Kernel(make, metric=metric, reach=lambda cell: in_pixels(radius, units, cell) * factor(cell))


def detector(magnitude: float, normalize: bool, *, name: str) -> Kernel:
    """One of the edge detectors."""
    weights = scaled(np.array(FIXED[name], float), magnitude, normalize=normalize)
    return Kernel(lambda _cell: weights)


for _name in SHAPES:
    add(f"Kernel.{_name}", partial(shaped, shape=_name))
for _name in DISTANCES:
    add(f"Kernel.{_name}", partial(distance, metric=_name))
for _name in FIXED:
    add(f"Kernel.{_name}", partial(detector, name=_name))


@algorithm("Kernel.rectangle")
def rectangle(x_radius: float, y_radius: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """A kernel of ones in a rectangle."""

    def make(cell: float) -> Array:
        x, _ = offsets(in_pixels(x_radius, units, cell), in_pixels(y_radius, units, cell))
        return scaled(np.ones(x.shape), magnitude, normalize=normalize)

    return Kernel(make)


@algorithm("Kernel.gaussian")
def gaussian(radius: float, sigma: float, units: str, normalize: bool, magnitude: float) -> Kernel:
    """A sampled Gaussian."""

    def make(cell: float) -> Array:
        r, spread = in_pixels(radius, units, cell), in_pixels(sigma, units, cell)
        x, y = offsets(r, r)
        return scaled(np.exp(-(x**2 + y**2) / (2 * spread**2)), magnitude, normalize=normalize)

    return Kernel(make)


@algorithm("Kernel.fixed")
def fixed(width: int, height: int, weights: list[list[float]], x: int, y: int, normalize: bool) -> Kernel:
    """Weights given one by one. Raises EngineError if rows differ in length or sizes do not fit."""
    lengths = {len(row) for row in weights}
    if len(lengths) != 1 or 0 in lengths:
        raise EngineError("Kernel.fixed: all rows of 'weights' must have the same length, at least one.")
    given = np.array(weights, float)
    if (int(width), int(height)) not in ((-1, -1), given.shape[::-1]):
        raise EngineError(f"Kernel.fixed: 'weights' is {given.shape[1]} x {given.shape[0]}, not {width} x {height}.")
    focus = None if int(x) < 0 and int(y) < 0 else (int(x), int(y))
    if focus and not (0 <= focus[0] < given.shape[1] and 0 <= focus[1] < given.shape[0]):
        raise EngineError(f"Kernel.fixed: the focus {focus} lies outside of the kernel.")
    kept = scaled(given, 1.0, normalize=normalize)
    return Kernel(lambda _cell: kept, focus)


@algorithm("Kernel.inverse")
def inverse(kernel: Kernel) -> Kernel:
    """One over every weight; zeros stay."""

    def make(cell: float) -> Array:
        weights = kernel.weights(cell)
        return np.divide(1.0, weights, out=np.zeros_like(weights), where=weights != 0)

    return Kernel(make, kernel.focus)


@algorithm("Kernel.rotate")
def rotate(kernel: Kernel, rotations: int) -> Kernel:
    """Turned clockwise by 90 degrees a given number of times. Raises EngineError for one with a focus of its own."""
    if kernel.focus is not None:
        raise EngineError("Kernel.rotate: the offline engine does not turn a kernel with a focus of its own.")
    return Kernel(lambda cell: np.rot90(kernel.weights(cell), -int(rotations)))


@algorithm("Kernel.add")
def together(first: Kernel, second: Kernel, normalize: bool) -> Kernel:
    """Sum of two kernels laid focus on focus."""

    # Once for a cell size: a sum of sums asks each of its parts more than once, and they theirs.
    @lru_cache(maxsize=8)
    def make(cell: float) -> Array:
        return scaled(_sum(first, second, cell), 1.0, normalize=normalize)

    if first.focus is None and second.focus is None:
        return Kernel(make)
    # The focus of a sum follows from both; fixed kernels do not depend on the cell size.
    corner = [max(pair) for pair in zip(*(k.centre(k.weights(1.0)) for k in (first, second)), strict=True)]
    return Kernel(make, (corner[0], corner[1]))


def _sum(first: Kernel, second: Kernel, cell: float) -> Array:
    parts = [(kernel.weights(cell), kernel.centre(kernel.weights(cell))) for kernel in (first, second)]
    left, top = (max(focus[axis] for _, focus in parts) for axis in (0, 1))
    right = max(weights.shape[1] - focus[0] for weights, focus in parts)
    bottom = max(weights.shape[0] - focus[1] for weights, focus in parts)
    total = np.zeros((top + bottom, left + right))
    for weights, (x, y) in parts:
        total[top - y : top - y + weights.shape[0], left - x : left - x + weights.shape[1]] += weights
    return total
