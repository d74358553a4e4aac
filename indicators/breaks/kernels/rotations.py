"""Least squares by Givens rotations, shared by all series of one design (Gentleman 1974).

Rotating the row (x', y) into the triangle (R, z) of the rows before leaves of y the recursive residual
w = (y − x'b)/√(1 + x'(X'X)⁻¹x), and the residual sum of squares of all rows is Σ w². The rotations depend on the
design alone: they are worked out once, and a series costs 4k multiplications a row. Nothing is inverted and no
square is subtracted from another, so nothing cancels, however long the series or bad the scale of a regressor.
Series lie side by side in blocks, (rows, LANES), so that the processor computes several together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

#: Series that are worked on side by side.
LANES = 16


@njit(cache=True, nogil=True)
def rounding(largest: float, n: int, k: int) -> float:
    """What least squares of n values up to `largest` on k regressors leave where they fit exactly; it counts as zero.

    Without it a constant 0.3 has breaks: those of the last digit.
    """
    return 4.0 * 2.220446049250313e-16 * np.sqrt(n * k) * largest


@njit(cache=True, nogil=True)
def roundings(block: Any, k: int, least: Any) -> None:
    """`rounding` of each series of block (rows, lanes) into `least` (lanes)."""
    n, lanes = block.shape
    least[:] = 0.0
    for t in range(n):
        for lane in range(lanes):
            size = abs(block[t, lane])
            least[lane] = size if size > least[lane] else least[lane]
    for lane in range(lanes):
        least[lane] = rounding(least[lane], n, k)


@njit(cache=True, nogil=True)
def smallest_lengths(x: Any) -> Any:
    """Rounding error of each column: a column that depends on others is treated as missing."""
    n, k = x.shape
    least = np.zeros(k)
    for t in range(n):
        for i in range(k):
            least[i] = max(least[i], 1e-12 * abs(x[t, i]))
    return least


@njit(cache=True, nogil=True)
def rotate_row(triangle: Any, row: Any, i: int, least: float) -> Any:
    """Rotate element i of a row into the triangle; the cosine and sine that did it."""
    length = np.sqrt(triangle[i, i] * triangle[i, i] + row[i] * row[i])
    if length <= least:
        return 1.0, 0.0
    shrink = 1.0 / length
    c = triangle[i, i] * shrink
    s = row[i] * shrink
    triangle[i, i] = length
    for j in range(i + 1, len(row)):
        old = triangle[i, j]
        triangle[i, j] = c * old + s * row[j]
        row[j] = c * row[j] - s * old
    return c, s


@njit(cache=True, nogil=True)
def rotate_design(x: Any, triangle: Any, cosines: Any, sines: Any) -> None:
    """Rotate the rows of x (n, k) into `triangle` (k, k), and keep the rotations (n, k) of each row."""
    n, k = x.shape
    row = np.empty(k)
    least = smallest_lengths(x)
    for t in range(n):
        row[:] = x[t]
        for i in range(k):
            c, s = rotate_row(triangle, row, i, least[i])
            cosines[t, i] = c
            sines[t, i] = s


@njit(cache=True, nogil=True)
def rotate_values(y: Any, z: Any, c: Any, s: Any) -> None:
    """Rotate one row of values (lanes) into z (k, lanes); what is left in `y` is the recursive residual."""
    k = len(c)
    lanes = len(y)
    for i in range(k):
        ci = c[i]
        si = s[i]
        zi = z[i]
        for lane in range(lanes):
            old = zi[lane]
            zi[lane] = ci * old + si * y[lane]
            y[lane] = ci * y[lane] - si * old


@njit(cache=True, nogil=True)
def solve(triangle: Any, z: Any, lane: int, b: Any) -> None:
    """Coefficients of one lane: R b = z. A column that no row showed gets zero."""
    k = len(b)
    for i in range(k - 1, -1, -1):
        if triangle[i, i] == 0.0:
            b[i] = 0.0
            continue
        total = z[i, lane]
        for j in range(i + 1, k):
            total -= triangle[i, j] * b[j]
        b[i] = total / triangle[i, i]


@njit(cache=True, nogil=True)
def squares_of_segments(x: Any, y: Any, shortest: int) -> Any:
    """Residual sums of squares (first, last) of one series on every segment of at least `shortest` rows, else inf."""
    n, k = x.shape
    costs = np.full((n, n), np.inf)
    row = np.empty(k)
    least = smallest_lengths(x)
    nothing = rounding(np.abs(y).max(), n, k)
    for first in range(n - shortest + 1):
        triangle = np.zeros((k, k))
        z = np.zeros(k)
        total = 0.0
        for t in range(first, n):
            row[:] = x[t]
            value = y[t]
            for i in range(k):
                c, s = rotate_row(triangle, row, i, least[i])
                old = z[i]
                z[i] = c * old + s * value
                value = c * value - s * old
            # a row that fills a place of the triangle is met exactly, and leaves nothing
            total += value * value if abs(value) > nothing else 0.0
            if t - first + 1 >= shortest:
                costs[first, t] = total
    return costs
