"""Covered fractions: how much of every cell of a grid a polygon fills, exact in the plane.

Every edge is cut where it crosses cells. A piece of height h at a mean distance d from the left side of its cell adds
(1 − d)·h to that cell and d·h to the next; the running sum along a row is then the covered fraction, because the cells
right of an edge get its whole height, positive on the way down and negative on the way up. The work grows with the
cells on the outline, and once with the cells of the box.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numba import njit
from shapely.geometry.base import BaseGeometry

#: Shares nearer than this to none or all of a cell are rounding.
DUST = 1e-9

#: A share of a cell up to this is outside: an outline that touches a corner must not depend on how a window rounds.
SLIVER = 1e-6


@njit(nogil=True, cache=True)
def _add_ring(u: Any, v: Any, sign: float, acc: Any) -> None:
    """Add one closed ring, in cells from the upper left corner, to `acc` (rows, columns + 2)."""
    rows, columns = acc.shape[0], acc.shape[1] - 2
    for k in range(len(u) - 1):
        u0, v0, u1, v1 = u[k], v[k], u[k + 1], v[k + 1]
        way = sign
        if v0 > v1:
            u0, v0, u1, v1, way = u1, v1, u0, v0, -sign
        if v1 <= 0 or v0 >= rows or v0 == v1:
            continue
        slope = (u1 - u0) / (v1 - v0)
        row = int(max(v0, 0.0))
        while row < rows and row < v1:
            top, bottom = max(v0, row), min(v1, row + 1)
            left, right = u0 + (top - v0) * slope, u0 + (bottom - v0) * slope
            left, right = min(left, right), max(left, right)
            height = way * (bottom - top)
            _add_piece(acc[row], left, right, height, columns)
            row += 1


@njit(nogil=True, cache=True)
def _add_piece(line: Any, left: float, right: float, height: float, columns: int) -> None:
    """Add the part of an edge that lies in one row, from `left` to `right`."""
    width = right - left
    x = left
    while True:
        if x < 0:
            end, column, distance = min(right, 0.0), 0, 0.0
        elif x >= columns:
            end, column, distance = right, columns, 0.0
        else:
            column = int(x)
            end = min(right, column + 1.0)
            distance = (x + end) / 2 - column
        part = height * (end - x) / width if width > 0 else height
        line[column] += part * (1 - distance)
        line[column + 1] += part * distance
        if end >= right:
            break
        x = end


@njit(nogil=True, cache=True)
def _summed(acc: Any, share: Any) -> None:
    for i in range(share.shape[0]):
        total = 0.0
        for j in range(share.shape[1]):
            total += acc[i, j]
            value = abs(total)
            share[i, j] = 0.0 if value < DUST else (1.0 if value > 1 - DUST else value)


def covered(shape: BaseGeometry, corner: tuple[float, float], cell: tuple[float, float], size: tuple[int, int]) -> Any:
    """Covered fraction (rows, columns) float32 of the cells of a north-up grid.

    `corner` is the x and y of its upper left corner, `cell` the width and height of a cell, `size` rows and columns.
    Parts of the polygons outside the grid are left out.
    """
    acc = np.zeros((size[0], size[1] + 2))
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type != "Polygon" or polygon.is_empty:
            continue
        for number, ring in enumerate((polygon.exterior, *polygon.interiors)):
            x, y = shapely.get_coordinates(ring).T
            turn = np.sum((x[:-1] - x[0]) * (y[1:] - y[0]) - (x[1:] - x[0]) * (y[:-1] - y[0]))
            sign = np.sign(turn) * (-1.0 if number else 1.0)
            _add_ring((x - corner[0]) / cell[0], (corner[1] - y) / cell[1], sign, acc)
    share = np.empty(size, np.float32)
    _summed(acc, share)
    return share
