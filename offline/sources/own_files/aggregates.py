"""Coarse cells from fine pixels: each pixel counts by the share of it that lies in the cell.

A cell is taken as the box around it in the plane of the pixels, as GDAL does, whose average would do but for one thing:
its places depend on the whole grid, so that the parts of a request would differ from the request.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Boxes = tuple[Floats, Floats, Floats, Floats]
"""Left, right, top and bottom (y, x) of cells, counted in pixels; NaN where a cell has no place there."""

LEAST = 1e-6
"""Covered part of a cell from which it has a value; a hair's breadth of a neighbour is none."""
CLOSE = 1e-9
"""Shares of classes that differ by less are equal: the lower class is taken."""


def boxes(column: Floats, row: Floats, *, width: int, turn: float | None) -> Boxes:
    """Boxes around cells from the fractional (column, row), each (y + 1, x + 1), of their corners.

    `turn` is how many pixels go round the globe, where they do: columns then are those nearest to the middle of the
    `width` columns that there are, and a cell goes the short way.
    """
    if turn is not None:
        column = np.mod(column - (width - turn) / 2, turn) + (width - turn) / 2
    parts = [np.s_[:-1, :-1], np.s_[:-1, 1:], np.s_[1:, :-1], np.s_[1:, 1:]]
    across, down = np.stack([column[part] for part in parts]), np.stack([row[part] for part in parts])
    if turn is not None:
        far = np.ptp(across, axis=0) > turn / 2
        across = np.where(far & (across < across.max(0) - turn / 2), across + turn, across)
    nowhere = ~(np.isfinite(across).all(0) & np.isfinite(down).all(0))
    left, right, top, bottom = (
        np.where(nowhere, np.nan, edge) for edge in (across.min(0), across.max(0), down.min(0), down.max(0))
    )
    return left, right, top, bottom


@njit(nogil=True)
def pixels(low: Any, high: Any, count: int) -> range:  # pragma: no cover - compiled
    """Numbers of the pixels that [low, high] meets, out of `count`."""
    return range(max(int(np.floor(low)), 0), min(int(np.ceil(high)), count))


@njit(nogil=True)
def overlap(low: Any, high: Any, pixel: int) -> Any:  # pragma: no cover - compiled
    """Length of the part of [low, high] in a pixel that it meets."""
    return min(high, pixel + 1.0) - max(low, float(pixel))


@njit(cache=True, nogil=True)
def means(
    stored: NDArray[Any], valid: NDArray[np.bool_], left: Floats, right: Floats, top: Floats, bottom: Floats
) -> tuple[Floats, Floats]:  # pragma: no cover - compiled
    """Mean of the valid pixels (y, x) in each cell, 0 where there is none, and the part of the cell that they cover."""
    height, width = stored.shape
    values, covered = np.zeros(left.shape), np.zeros(left.shape)
    for cell in np.ndindex(left.shape):
        west, east, north, south = left[cell], right[cell], top[cell], bottom[cell]
        area = (east - west) * (south - north)
        if not area > 0:
            continue
        total = weight = 0.0
        for row in pixels(north, south, height):
            tall = overlap(north, south, row)
            for column in pixels(west, east, width):
                if valid[row, column]:
                    share = tall * overlap(west, east, column)
                    weight += share
                    total += share * stored[row, column]
        if weight > LEAST * area:
            values[cell], covered[cell] = total / weight, weight / area if weight < area else 1.0
    return values, covered


@njit(cache=True, nogil=True)
def modes(
    number: NDArray[np.int32], classes: int, left: Floats, right: Floats, top: Floats, bottom: Floats
) -> tuple[NDArray[np.int64], Floats]:  # pragma: no cover - compiled
    """Class with the largest share of each cell, the lowest of equals, and the part of the cell that has a class.

    `number` (y, x) counts classes from 0, -1 for none; so does the answer.
    """
    height, width = number.shape
    best, covered = np.full(left.shape, -1), np.zeros(left.shape)
    shares = np.zeros(classes)
    for cell in np.ndindex(left.shape):
        west, east, north, south = left[cell], right[cell], top[cell], bottom[cell]
        area = (east - west) * (south - north)
        if not area > 0:
            continue
        shares[:] = 0
        for row in pixels(north, south, height):
            tall = overlap(north, south, row)
            for column in pixels(west, east, width):
                if number[row, column] >= 0:
                    shares[number[row, column]] += tall * overlap(west, east, column) / area
        total = shares.sum()
        if total > LEAST:
            largest = 0
            for each in range(1, classes):
                if shares[each] > shares[largest] + CLOSE:
                    largest = each
            best[cell], covered[cell] = largest, min(total, 1.0)
    return best, covered
