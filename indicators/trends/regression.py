"""Ordinary least squares of many pixels, on one or two regressors; pairs with a gap are left out.

y = a + b₁x₁ (+ b₂x₂); R² = 1 − RSS/TSS; the partial t of a coefficient is b/√(s²·C), s² = RSS/(n − k − 1), C its entry
of the inverse cross-product matrix of the centred regressors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from scipy.special import stdtr

from indicators.kernel import blocks
from indicators.kernel.compiling import compiled

#: Share of the variance of a second regressor that the first must leave unexplained.
COLLINEAR = 1e-10


@compiled
def _centred_sums(y: Any, x: Any, z: Any, pixel: int, sums: Any) -> int:
    """n, and the sums of squares and products of y, x, z about their means, over years without a gap."""
    n, mean_y, mean_x, mean_z = 0, 0.0, 0.0, 0.0
    for i in range(len(y)):
        if np.isfinite(y[i, pixel]) and np.isfinite(x[i, pixel]) and np.isfinite(z[i, pixel]):
            n += 1
            mean_y += y[i, pixel]
            mean_x += x[i, pixel]
            mean_z += z[i, pixel]
    sums[:] = 0
    if n == 0:
        return 0
    mean_y, mean_x, mean_z = mean_y / n, mean_x / n, mean_z / n
    for i in range(len(y)):
        if np.isfinite(y[i, pixel]) and np.isfinite(x[i, pixel]) and np.isfinite(z[i, pixel]):
            dy, dx, dz = y[i, pixel] - mean_y, x[i, pixel] - mean_x, z[i, pixel] - mean_z
            sums[0] += dy * dy
            sums[1] += dx * dx
            sums[2] += dx * dy
            sums[3] += dz * dz
            sums[4] += dz * dy
            sums[5] += dx * dz
    sums[6], sums[7], sums[8] = mean_y, mean_x, mean_z
    return n


@compiled
def one_regressor(y: Any, x: Any, result: Any) -> None:
    """Fill `result` (slope, intercept, R², t of the slope, n) from `y`, `x` (years, pixels)."""
    sums = np.empty(9)
    for pixel in range(y.shape[1]):
        n = _centred_sums(y, x, x, pixel, sums)
        result[:4, pixel], result[4, pixel] = np.nan, n
        if n < 2 or not sums[1] > 0:
            continue
        slope = sums[2] / sums[1]
        result[0, pixel], result[1, pixel] = slope, sums[6] - slope * sums[7]
        rest = max(sums[0] - slope * sums[2], 0.0)
        if sums[0] > 0:
            result[2, pixel] = 1 - rest / sums[0]
        if n > 2:
            result[3, pixel] = slope / np.sqrt(rest / (n - 2) / sums[1])


@compiled
def two_regressors(y: Any, x: Any, z: Any, critical: Any, result: Any) -> None:
    """Fill `result` (slopes on x and z, intercept, R², n, regressors) from `y`, `x`, `z` (years, pixels).

    z is used only where its partial |t| exceeds `critical[n − 3]`; elsewhere its slope is 0 and only x is used.
    """
    sums = np.empty(9)
    for pixel in range(y.shape[1]):
        n = _centred_sums(y, x, z, pixel, sums)
        result[:, pixel] = np.nan
        result[4, pixel], result[5, pixel] = n, 1
        area = sums[1] * sums[3] - sums[5] * sums[5]
        if n > 3 and area > COLLINEAR * sums[1] * sums[3]:
            b = (sums[3] * sums[2] - sums[5] * sums[4]) / area
            c = (sums[1] * sums[4] - sums[5] * sums[2]) / area
            rest = max(sums[0] - b * sums[2] - c * sums[4], 0.0)
            if abs(c) > critical[n - 3] * np.sqrt(rest / (n - 3) * sums[1] / area):
                result[0, pixel], result[1, pixel], result[5, pixel] = b, c, 2
                result[2, pixel] = sums[6] - b * sums[7] - c * sums[8]
                result[3, pixel] = 1 - rest / sums[0]
                continue
        n = _centred_sums(y, x, x, pixel, sums)
        result[4, pixel] = n
        if n >= 2 and sums[1] > 0:
            b = sums[2] / sums[1]
            result[0, pixel], result[1, pixel], result[2, pixel] = b, 0.0, sums[6] - b * sums[7]
            if sums[0] > 0:
                result[3, pixel] = 1 - max(sums[0] - b * sums[2], 0.0) / sums[0]


def least_squares(y: xr.DataArray, x: xr.DataArray, dim: str = "year") -> xr.Dataset:
    """`slope` and `intercept` of y on x over `dim`, `r2`, two-sided `p` of the slope, and the pairs used, `n`.

    NaN where x does not vary or fewer than two pairs are known (three for p). `x` may be the years themselves.
    """
    layers = blocks.apply(dim, 5, one_regressor, y, x.astype(float))
    slope, intercept, r2, t, n = (layers.isel(layer=k) for k in range(5))
    p = xr.apply_ufunc(
        lambda t, n: 2 * stdtr(np.maximum(n - 2, 1), -np.abs(t)), t, n, dask="parallelized", output_dtypes=[float]
    )
    units = y.attrs.get("units", "1")
    return xr.Dataset(
        {
            "slope": slope.assign_attrs(long_name="least-squares slope", units=f"{units} per {x.name or 'x'}"),
            "intercept": intercept.assign_attrs(long_name="least-squares intercept", units=units),
            "r2": r2.assign_attrs(long_name="coefficient of determination", units="1"),
            "p": p.assign_attrs(long_name="two-sided p of the slope", units="1"),
            "n": n.assign_attrs(long_name="pairs without a gap", units="1"),
        }
    )
