"""Least squares of every pixel on regressors of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from indicators.breaks.kernels.rotations import rotate_row, rounding


@njit(cache=True, nogil=True)
def regress(y: Any, columns: Any, beta: Any, spread: Any, squares: Any, fitted: Any) -> None:
    """y (rows, pixels) on a constant and columns (c, rows, pixels); missing values are left out.

    beta (c + 1, pixels), the diagonal of (X'X)⁻¹ into `spread`, residual and total sum of squares into squares
    (2, pixels), fitted (rows, pixels). NaN where there are no more values than coefficients. Sums of squares that are
    no more than rounding are zero.
    """
    n, pixels = y.shape
    k = columns.shape[0] + 1
    row = np.empty(k)
    rows = np.empty(n, np.int64)
    inverse = np.empty((k, k))
    for pixel in range(pixels):
        m = 0
        mean = 0.0
        for t in range(n):
            fitted[t, pixel] = np.nan
            if np.isfinite(y[t, pixel]):
                rows[m] = t
                m += 1
                mean += y[t, pixel]
        if m <= k:
            beta[:, pixel] = np.nan
            spread[:, pixel] = np.nan
            squares[:, pixel] = np.nan
            continue
        triangle = np.zeros((k, k))
        z = np.zeros(k)
        least = _least(columns, rows[:m], pixel, k)
        for i in range(m):
            t = rows[i]
            row[0] = 1.0
            for j in range(1, k):
                row[j] = columns[j - 1, t, pixel]
            value = y[t, pixel]
            for j in range(k):
                c, s = rotate_row(triangle, row, j, least[j])
                old = z[j]
                z[j] = c * old + s * value
                value = c * value - s * old
        _solve(triangle, z, inverse, beta[:, pixel], spread[:, pixel])
        _fit(y, columns, rows[:m], pixel, mean / m, (beta, squares, fitted))


@njit(cache=True, nogil=True)
def _fit(y: Any, columns: Any, rows: Any, pixel: int, mean: float, results: Any) -> None:
    """Fitted values and sums of squares of a pixel; only the mean if it does not vary."""
    beta, squares, fitted = results
    k = columns.shape[0] + 1
    m = len(rows)
    rss = 0.0
    tss = 0.0
    largest = 0.0
    for t in rows:
        value = beta[0, pixel]
        for j in range(1, k):
            value += beta[j, pixel] * columns[j - 1, t, pixel]
        fitted[t, pixel] = value
        rss += (y[t, pixel] - value) ** 2
        tss += (y[t, pixel] - mean) ** 2
        largest = max(largest, abs(y[t, pixel]))
    nothing = m * rounding(largest, m, k) ** 2
    if tss <= nothing:
        beta[0, pixel] = mean
        beta[1:, pixel] = 0.0
        for t in rows:
            fitted[t, pixel] = mean
    squares[0, pixel] = rss if rss > nothing else 0.0
    squares[1, pixel] = tss if tss > nothing else 0.0


@njit(cache=True, nogil=True)
def _least(columns: Any, rows: Any, pixel: int, k: int) -> Any:
    least = np.full(k, 1e-12)
    for j in range(1, k):
        largest = 0.0
        for t in rows:
            largest = max(largest, abs(columns[j - 1, t, pixel]))
        least[j] = 1e-12 * largest
    return least


@njit(cache=True, nogil=True)
def _solve(triangle: Any, z: Any, inverse: Any, beta: Any, spread: Any) -> None:
    """Coefficients and the diagonal of (R'R)⁻¹; a column that others explain gets zero."""
    k = len(z)
    inverse[:] = 0.0
    for i in range(k - 1, -1, -1):
        if triangle[i, i] == 0.0:
            continue
        inverse[i, i] = 1.0 / triangle[i, i]
        for j in range(i + 1, k):
            total = 0.0
            for between in range(i + 1, j + 1):
                total += triangle[i, between] * inverse[between, j]
            inverse[i, j] = -total / triangle[i, i]
    for i in range(k):
        beta[i] = 0.0
        spread[i] = 0.0
        for j in range(i, k):
            beta[i] += inverse[i, j] * z[j]
            spread[i] += inverse[i, j] ** 2
