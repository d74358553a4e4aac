"""Trends of annual series.

Theil–Sen: slope = median over i < j of (y_j − y_i) / (t_j − t_i); intercept = median(y − slope·t)
(Theil 1950, Sen 1968). Mann–Kendall: S = Σ sign(y_j − y_i); var S = [n(n−1)(2n+5) − Σ g(g−1)(2g+5)] / 18 over
tie groups of size g; z = (S ∓ 1)/√var (Mann 1945, Kendall 1975). Without ties and n ≤ 60 the p-value is exact.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from numba import guvectorize
from scipy.stats import norm

from indicators.errors import IndicatorError

EXACT_UP_TO = 60
Correction = Literal["hamed-rao", "tfpw"]


@guvectorize(["(float64[:], float64[:], float64[:], float64[:])"], "(n),(n)->(),()", nopython=True)
def _theil_sen(y: Any, t: Any, slope: Any, intercept: Any) -> None:
    n = len(y)
    slopes = np.empty(n * (n - 1) // 2)
    count = 0
    for i in range(n):
        for j in range(i + 1, n):
            if not (np.isnan(y[i]) or np.isnan(y[j])):
                slopes[count] = (y[j] - y[i]) / (t[j] - t[i])
                count += 1
    if count == 0:
        slope[0] = intercept[0] = np.nan
        return
    slope[0] = np.median(slopes[:count])
    rest = np.empty(n)
    valid = 0
    for i in range(n):
        if not np.isnan(y[i]):
            rest[valid] = y[i] - slope[0] * t[i]
            valid += 1
    intercept[0] = np.median(rest[:valid])


@guvectorize(
    ["(float64[:], float64[:], float64[:], float64[:], float64[:])"],
    "(n)->(),(),(),()",
    nopython=True,
)
def _mann_kendall(y: Any, s: Any, valid: Any, variance: Any, ties: Any) -> None:
    n = len(y)
    score = 0.0
    count = 0
    for i in range(n):
        if np.isnan(y[i]):
            continue
        count += 1
        for j in range(i + 1, n):
            if y[j] > y[i]:
                score += 1
            elif y[j] < y[i]:
                score -= 1
    tied = 0.0
    pairs = 0.0
    for i in range(n):
        if np.isnan(y[i]):
            continue
        group = 0
        first = True
        for j in range(n):
            if y[j] == y[i]:
                group += 1
                if j < i:
                    first = False
        if first:
            tied += group * (group - 1) * (2 * group + 5)
            pairs += group * (group - 1) / 2
    s[0] = score
    valid[0] = count
    variance[0] = (count * (count - 1) * (2 * count + 5) - tied) / 18
    ties[0] = pairs


def series(y: Any, dim: str) -> xr.DataArray:
    """A pandas series or array as a DataArray with the dimension `dim`.

    Raises IndicatorError where the dimension is missing or its years do not increase.
    """
    if isinstance(y, pd.Series):
        y = xr.DataArray(y.to_numpy(float), coords={dim: y.index.to_numpy()}, dims=dim)
    if dim not in y.dims:
        raise IndicatorError(f"the data have dimensions {y.dims}, no {dim!r}; rename the time dimension to {dim!r}")
    if dim not in y.coords:
        y = y.assign_coords({dim: np.arange(y.sizes[dim])})
    if not (np.diff(y[dim].values.astype(float)) > 0).all():
        raise IndicatorError(f"the values of {dim!r} do not increase; sort the data by {dim!r} and drop doubles")
    return y.astype(float)


def theil_sen(y: Any, dim: str = "year") -> xr.Dataset:
    """Theil–Sen `slope` (per unit of `dim`) and `intercept` (at `dim` = 0); gaps (NaN) are left out.

    Any other dimensions are kept. A series with fewer than two values has NaN.
    """
    data = series(y, dim)
    times = data[dim].astype(float)
    slope, intercept = xr.apply_ufunc(
        _theil_sen,
        data,
        times - times[0],
        input_core_dims=[[dim], [dim]],
        output_core_dims=[[], []],
        dask="parallelized",
        output_dtypes=[float, float],
    )
    units = str(data.attrs.get("units", "1"))
    return xr.Dataset(
        {
            "slope": slope.assign_attrs(long_name="Theil-Sen slope", units=f"{units} {dim}-1"),
            "intercept": (intercept - slope * float(times[0])).assign_attrs(
                long_name="Theil-Sen intercept", units=units
            ),
        }
    )


@cache
def exact_distribution(n: int) -> np.ndarray:
    """P(S = s) of n values without ties, for s from −n(n−1)/2 in steps of 2 (number of inversions)."""
    counts = np.ones(1)
    for k in range(2, n + 1):
        counts = np.convolve(counts, np.ones(k)) / k
    return counts


@cache
def exact_p(n: int) -> np.ndarray:
    """Two-sided p of |S| = 0 … n(n−1)/2 for n values without ties."""
    most = n * (n - 1) // 2
    scores = np.abs(np.arange(-most, most + 1, 2))
    tail = np.bincount(scores, weights=exact_distribution(n), minlength=most + 1)
    return np.minimum(tail[::-1].cumsum()[::-1], 1.0)


def p_value(s: np.ndarray, n: np.ndarray, variance: np.ndarray, ties: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """z and two-sided p: exact without ties up to n = 60, else normal with continuity correction."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(variance > 0, (s - np.sign(s)) / np.sqrt(variance), 0.0)
    p = 2 * norm.sf(np.abs(z))
    for count in np.unique(n[(ties == 0) & (n >= 2) & (n <= EXACT_UP_TO)]).astype(int):
        rows = (n == count) & (ties == 0)
        p = np.where(rows, exact_p(count)[np.where(rows, np.abs(s), 0).astype(int)], p)
    return np.where(n >= 2, z, np.nan), np.where(n >= 2, p, np.nan)


def mann_kendall(y: Any, dim: str = "year", correction: Correction | None = None) -> xr.Dataset:
    """Mann–Kendall `s`, `tau` (tau-b), `z` and two-sided `p`; gaps (NaN) are left out.

    `hamed-rao` corrects the variance for the autocorrelation of the ranks (Hamed & Rao 1998); `tfpw` removes a
    lag-one autocorrelation from the detrended series first (Yue et al. 2002). A series with fewer than two values
    has NaN. Raises IndicatorError for another correction.
    """
    if correction not in (None, "hamed-rao", "tfpw"):
        raise IndicatorError(f"correction {correction!r} is unknown; use None, 'hamed-rao' or 'tfpw'")
    data = series(y, dim)
    if correction == "tfpw":
        data = prewhitened(data, dim)
    s, n, variance, ties = xr.apply_ufunc(
        _mann_kendall,
        data,
        input_core_dims=[[dim]],
        output_core_dims=[[], [], [], []],
        dask="parallelized",
        output_dtypes=[float] * 4,
    )
    if correction == "hamed-rao":
        variance = variance * _variance_factor(data, dim)
        ties = xr.ones_like(ties)  # the exact distribution holds for independent values only
    z, p = xr.apply_ufunc(
        p_value,
        s,
        n,
        variance,
        ties,
        output_core_dims=[[], []],
        dask="parallelized",
        output_dtypes=[float] * 2,
    )
    pairs = n * (n - 1) / 2
    tau = s / np.sqrt(pairs * (pairs - ties)) if correction != "hamed-rao" else s / pairs
    return xr.Dataset({"s": s, "tau": tau, "z": z, "p": p})


def prewhitened(data: xr.DataArray, dim: str) -> xr.DataArray:
    """Trend-free pre-whitening: residuals without their lag-one autocorrelation, the trend put back."""
    times = data[dim].astype(float) - float(data[dim][0])
    trend = theil_sen(data, dim)["slope"] * times
    rest = data - trend
    centred = rest - rest.mean(dim)
    lagged = (centred * centred.shift({dim: 1})).sum(dim)
    r = lagged / (centred**2).sum(dim)
    significant = np.abs(r) > 1.96 / np.sqrt(data.sizes[dim])
    white = rest - r * rest.shift({dim: 1}) + trend
    return data.where(~significant, white).transpose(*data.dims)


def _variance_factor(data: xr.DataArray, dim: str) -> xr.DataArray:
    """n / n* of Hamed & Rao: significant autocorrelations of the ranks of the detrended series."""

    def factor(values: np.ndarray) -> np.ndarray:
        y = values[~np.isnan(values)]
        n = len(y)
        if n < 4:
            return np.array(1.0)
        slope = _theil_sen(y, np.arange(n, dtype=float))[0]
        ranks = pd.Series(y - slope * np.arange(n)).rank().to_numpy()
        centred = ranks - ranks.mean()
        lags = np.arange(1, n)
        rho = np.array([(centred[:-k] * centred[k:]).sum() for k in lags]) / max((centred**2).sum(), 1e-12)
        rho = np.where(np.abs(rho) > norm.ppf(0.975) / np.sqrt(n), rho, 0.0)
        total = ((n - lags) * (n - lags - 1) * (n - lags - 2) * rho).sum()
        return np.array(max(1 + 2 / (n * (n - 1) * (n - 2)) * total, 1e-6))

    return xr.apply_ufunc(
        factor,
        data,
        input_core_dims=[[dim]],
        vectorize=True,
        dask="parallelized",
        output_dtypes=[float],
    )


def false_discovery_rate(p: Any, q: float = 0.1, method: Literal["bh", "by"] = "bh") -> Any:
    """Which of many p-values are discoveries at the false discovery rate `q`; NaN is none.

    Benjamini & Hochberg 1995 (`bh`), Benjamini & Yekutieli 2001 (`by`). Same shape and kind as `p`.
    """
    if method not in ("bh", "by"):
        raise IndicatorError(f"method {method!r} is unknown; use 'bh' or 'by'")
    values = np.asarray(p, float)
    known = np.sort(values[np.isfinite(values)])
    count = len(known)
    harmonic = (1 / np.arange(1, count + 1)).sum() if method == "by" else 1.0
    passed = known <= q * np.arange(1, count + 1) / (count * harmonic) if count else np.array([], bool)
    threshold = known[passed].max() if passed.any() else -1.0
    found = np.nan_to_num(values, nan=2.0) <= threshold
    return xr.DataArray(found, coords=p.coords, dims=p.dims) if isinstance(p, xr.DataArray) else found
