"""RESTREND: the trend of vegetation after the effect of rain, and of temperature where it matters, is removed.

The sum of rain is chosen in `rain_accumulation`. Sources: Evans & Geerken (2004); Burrell et al. (2017) and their
package TSS.RESTREND.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from scipy.special import fdtrc, stdtrit

from indicators.kernel import blocks
from indicators.kernel.compiling import compiled
from indicators.trends.regression import least_squares, two_regressors


@compiled
def _residuals_of_two(y: Any, x: Any, z: Any, critical: Any, result: Any) -> None:
    """Fill the first six layers of `result` as `two_regressors`, and the others with the residuals of each year of y.

    A gap of z counts only where z does. Residuals are shifted to the mean of their years.
    """
    two_regressors(y, x, z, critical, result[:6])
    for pixel in range(y.shape[1]):
        b, c, intercept = result[0, pixel], result[1, pixel], result[2, pixel]
        n, mean = 0, 0.0
        for i in range(len(y)):
            by_temperature = c * z[i, pixel] if c != 0 else 0.0
            rest = y[i, pixel] - (intercept + b * x[i, pixel] + by_temperature)
            result[6 + i, pixel] = rest
            if np.isfinite(rest):
                n += 1
                mean += y[i, pixel]
        if n > 0:
            result[6:, pixel] += mean / n


@compiled
def _residuals_of_one(y: Any, x: Any, result: Any) -> None:
    """As `_residuals_of_two` with one regressor; the inner loops run over pixels, so that they vectorise."""
    years, pixels = y.shape
    sums = np.zeros((6, pixels))
    for i in range(years):
        for p in range(pixels):
            if np.isfinite(y[i, p]) and np.isfinite(x[i, p]):
                sums[0, p] += 1
                sums[1, p] += y[i, p]
                sums[2, p] += x[i, p]
    for p in range(pixels):
        sums[1, p] /= sums[0, p]
        sums[2, p] /= sums[0, p]
    for i in range(years):
        for p in range(pixels):
            if np.isfinite(y[i, p]) and np.isfinite(x[i, p]):
                dy, dx = y[i, p] - sums[1, p], x[i, p] - sums[2, p]
                sums[3, p] += dx * dx
                sums[4, p] += dx * dy
                sums[5, p] += dy * dy
    for p in range(pixels):
        known = sums[0, p] >= 2 and sums[3, p] > 0
        slope = sums[4, p] / sums[3, p] if known else np.nan
        result[0, p], result[1, p] = slope, 0.0 if known else np.nan
        result[2, p] = sums[1, p] - slope * sums[2, p]
        rest = max(sums[5, p] - slope * sums[4, p], 0.0)
        result[3, p] = 1 - rest / sums[5, p] if known and sums[5, p] > 0 else np.nan
        result[4, p], result[5, p] = sums[0, p], 1
    for i in range(years):
        for p in range(pixels):
            result[6 + i, p] = y[i, p] - (result[2, p] + result[0, p] * x[i, p]) + sums[1, p]


def residual(
    vi: xr.DataArray, rain: xr.DataArray, temperature: xr.DataArray | None = None, *, level: float = 0.05
) -> xr.DataArray:
    """Residuals of vegetation on rain, and on temperature where it matters: the `residual` of `residuals`.

    Parameters
    ----------
    vi, rain, temperature, level
        As in `residuals`.

    Returns
    -------
    xarray.DataArray
        Residuals (year, ...), in units of `vi`, shifted to the mean of the series.

    References
    ----------
    Evans & Geerken (2004), doi:10.1016/j.jaridenv.2003.03.001.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> rain = xr.DataArray([180.0, 250.0, 220.0, 300.0, 210.0], {"year": range(2001, 2006)}, "year")
    >>> bool(np.allclose(residual(0.1 + 0.001 * rain, rain), 0.332))
    True
    """
    return _residual_layers(_regressed(vi, rain, temperature, level), vi)


def _regressed(vi: xr.DataArray, rain: xr.DataArray, temperature: xr.DataArray | None, level: float) -> xr.DataArray:
    years = vi.sizes["year"]
    if temperature is None:
        return blocks.apply("year", 6 + years, _residuals_of_one, vi, rain)
    critical = stdtrit(np.maximum(np.arange(years + 1), 1), 1 - level / 2)

    def kernel(y: np.ndarray, x: np.ndarray, z: np.ndarray, result: np.ndarray) -> None:
        _residuals_of_two(y, x, z, critical, result)

    return blocks.apply("year", 6 + years, kernel, vi, rain, temperature.astype(float))


def _residual_layers(regression: xr.DataArray, vi: xr.DataArray) -> xr.DataArray:
    """The layers of `_regressed` that hold a residual each, as years."""
    rest = regression.isel(layer=slice(6, None)).rename(layer="year").assign_coords(year=vi["year"])
    return rest.transpose(*vi.dims).assign_attrs(vi.attrs, long_name="vegetation without the effect of climate")


def residuals(
    vi: xr.DataArray, rain: xr.DataArray, temperature: xr.DataArray | None = None, *, level: float = 0.05
) -> xr.Dataset:
    """Regression of vegetation on rain, and on temperature where its partial p is below `level`, and what is left.

    Parameters
    ----------
    vi
        Annual vegetation (year, ...).
    rain
        Rain of each year, mm (year, ... or year alone).
    temperature
        Temperature of each year, °C or K (year, ... or year alone), or None.
    level
        Level of the test of temperature.

    Returns
    -------
    xarray.Dataset
        `residual` (year, ...), units of `vi`, shifted to the mean of the series so that relative bands keep their
        meaning; by pixel `slope` (units of `vi` per mm), `temperature_slope` (units of `vi` per K; 0 where temperature
        is left out), `r2` and `p` (F test) of the regression. NaN where rain does not vary or a value is missing.

    References
    ----------
    Evans & Geerken (2004), doi:10.1016/j.jaridenv.2003.03.001; Burrell et al. (2017), doi:10.1016/j.rse.2017.05.018.
    """
    regression = _regressed(vi, rain, temperature, level)
    b, c, _, r2, n, regressors = (regression.isel(layer=k) for k in range(6))
    free = n - regressors - 1
    f = r2 / regressors / ((1 - r2) / free)
    p = xr.apply_ufunc(fdtrc, regressors, free.where(free > 0), f, dask="parallelized", output_dtypes=[float])
    units = vi.attrs.get("units", "1")
    return xr.Dataset(
        {
            "residual": _residual_layers(regression, vi),
            "slope": b.assign_attrs(long_name="response to rain", units=f"{units} per {rain.attrs.get('units', 'mm')}"),
            "temperature_slope": c.assign_attrs(long_name="response to temperature", units=f"{units} per K"),
            "r2": r2.assign_attrs(long_name="coefficient of determination", units="1"),
            "p": p.assign_attrs(long_name="p of the regression", units="1"),
        }
    )


def total_change(residual: xr.DataArray, level: float = 0.10) -> xr.Dataset:
    """Least-squares trend of residuals (year, …): `slope`, `r2`, `p`, and the `total` over the years.

    `total` is slope · (last year − first year), 0 where p exceeds `level`, as in TSS.RESTREND.
    """
    trend = least_squares(residual, residual["year"])
    span = float(residual["year"][-1] - residual["year"][0])
    total = (trend["slope"] * span).where((trend["p"] <= level) | trend["p"].isnull(), 0.0)
    trend["total"] = total.assign_attrs(long_name="total change", units=residual.attrs.get("units", "1"))
    return trend[["slope", "r2", "p", "total"]]
