"""Trends of annual series.

Theil–Sen: slope = median over i < j of (y_j − y_i) / (t_j − t_i); intercept = median(y − slope·t)
(Theil 1950, Sen 1968). Mann–Kendall: S = Σ sign(y_j − y_i); var S = [n(n−1)(2n+5) − Σ g(g−1)(2g+5)] / 18 over
tie groups of size g; z = (S ∓ 1)/√var (Mann 1945, Kendall 1975). Without ties and n ≤ 60 the p-value is exact.
Both come from one pass of `indicators.pairwise`. A value that is not finite is a gap.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from indicators.errors import IndicatorError
from indicators.kernel import blocks
from indicators.kernel.compiling import compiled
from indicators.pairwise import pairwise
from indicators.trends.autocorrelation import variance_factor, whiten

EXACT_UP_TO = 60
Correction = Literal["hamed-rao", "tfpw"]


def series(y: Any, dim: str) -> xr.DataArray:
    """A pandas series or array as a DataArray with the dimension `dim`.

    Raises IndicatorError where the dimension is missing or empty, holds dates, or its years do not increase.
    """
    if isinstance(y, pd.Series):
        if isinstance(y.index, pd.MultiIndex):
            raise IndicatorError(f"the series has an index of {y.index.nlevels} levels; keep the one of {dim!r}")
        y = xr.DataArray(y.to_numpy(float), coords={dim: y.index.to_numpy()}, dims=dim)
    if dim not in y.dims:
        raise IndicatorError(f"the data have dimensions {y.dims}, no {dim!r}; rename the time dimension to {dim!r}")
    if dim not in y.coords:
        y = y.assign_coords({dim: np.arange(y.sizes[dim])})
    if y.sizes[dim] == 0:
        raise IndicatorError(f"the data have no {dim} at all; check what was selected")
    if y[dim].dtype.kind not in "iufUS" and not y[dim].dtype == bool:
        raise IndicatorError(
            f"the values of {dim!r} are {y[dim].dtype}, no numbers; give years as numbers, such as {dim}.dt.year, so "
            f"that a slope has a unit"
        )
    if not (np.diff(y[dim].values.astype(float)) > 0).all():
        raise IndicatorError(f"the values of {dim!r} do not increase; sort the data by {dim!r} and drop doubles")
    return y


def theil_sen_mann_kendall(y: Any, dim: str = "year") -> xr.Dataset:
    """Theil–Sen `slope` (per unit of `dim`) and `intercept` (at `dim` = 0), and Mann–Kendall `s`, `tau` (tau-b), `z`
    and two-sided `p`, in one pass.

    Gaps are left out; any other dimensions are kept, in their order. Fewer than two values give NaN. Whole numbers and
    float32 are computed with in float64 and need no copy of that type. Data in memory are shared among the processor's
    threads (`NUMBA_NUM_THREADS`), dask arrays are computed chunk by chunk on dask's own.
    """
    return _dataset(y, dim, None)


def _dataset(y: Any, dim: str, correction: Correction | None) -> xr.Dataset:
    data = series(y, dim)
    times = data[dim].values.astype(float)
    # the exact distribution holds for independent values only
    exact = exact_table(min(len(times), EXACT_UP_TO) if correction != "hamed-rao" else 0)

    def kernel(years: np.ndarray, result: np.ndarray) -> None:
        factor = np.ones(result.shape[1])
        pairwise(years, times, result)
        if correction == "hamed-rao":
            variance_factor(years, times, result[0], factor)
        elif correction == "tfpw":
            white = np.empty(years.shape)
            whiten(years, times, result[0], white)
            pairwise(white, times, result)
        _judge(result, times[0], factor, exact)

    found = blocks.apply(dim, 6, kernel, data)
    units = str(data.attrs.get("units", "1"))
    names = {
        "slope": ("Theil-Sen slope", f"{units} {dim}-1"),
        "intercept": ("Theil-Sen intercept", units),
        "s": ("Mann-Kendall S", "1"),
        "tau": ("Kendall tau-b", "1"),
        "z": ("Mann-Kendall z", "1"),
        "p": ("Mann-Kendall two-sided p", "1"),
    }
    return xr.Dataset(
        {
            name: found.isel(layer=place).assign_attrs(long_name=long_name, units=unit)
            for place, (name, (long_name, unit)) in enumerate(names.items())
        }
    )


def theil_sen(y: Any, dim: str = "year") -> xr.Dataset:
    """Theil–Sen `slope` (per unit of `dim`) and `intercept` (at `dim` = 0), as `theil_sen_mann_kendall`."""
    return theil_sen_mann_kendall(y, dim)[["slope", "intercept"]]


@compiled
def _significance(s: float, n: float, variance: float, ties: float, exact: Any) -> tuple[float, float]:
    """z and two-sided p of one pixel: exact without ties up to the length of the table, else normal."""
    if n < 2 or np.isnan(variance):
        return np.nan, np.nan
    z = (s - np.sign(s)) / math.sqrt(variance) if variance > 0 else 0.0
    if ties == 0 and n < len(exact):
        return z, exact[int(n), int(abs(s))]
    return z, math.erfc(abs(z) / math.sqrt(2.0))


@compiled
def _judge(part: Any, origin: float, factor: Any, exact: Any) -> None:
    """From what `pairwise` counts to slope, intercept at 0, S, tau-b, z, p; in place."""
    for pixel in range(part.shape[1]):
        s, n, tied, ties = part[2, pixel], part[3, pixel], part[4, pixel], part[5, pixel]
        pairs = n * (n - 1) / 2
        part[1, pixel] -= part[0, pixel] * origin
        part[3, pixel] = s / math.sqrt(pairs * (pairs - ties))
        variance = factor[pixel] * (n * (n - 1) * (2 * n + 5) - tied) / 18
        part[4, pixel], part[5, pixel] = _significance(s, n, variance, ties, exact)


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


@cache
def exact_table(longest: int) -> np.ndarray:
    """Two-sided p by number of values and |S|, up to `longest` values without ties."""
    table = np.ones((longest + 1, longest * (longest - 1) // 2 + 1))
    for n in range(2, longest + 1):
        table[n, : n * (n - 1) // 2 + 1] = exact_p(n)
    return table


def mann_kendall(y: Any, dim: str = "year", correction: Correction | None = None) -> xr.Dataset:
    """Mann–Kendall `s`, `tau` (tau-b), `z` and two-sided `p`; gaps are left out.

    `hamed-rao` corrects the variance for the autocorrelation of the ranks (Hamed & Rao 1998); its p is never the exact
    one, which holds for independent values; z and p are NaN where that variance is negative. `tfpw` removes a
    significant lag-one autocorrelation from the detrended series first (Yue et al. 2002). Fewer than two values give
    NaN; a constant series has s = 0, tau NaN, p = 1; below four values nothing is corrected, and no p reaches 0.05.
    Raises IndicatorError for another correction.
    """
    if correction not in (None, "hamed-rao", "tfpw"):
        raise IndicatorError(f"correction {correction!r} is unknown; use None, 'hamed-rao' or 'tfpw'")
    return _dataset(y, dim, correction)[["s", "tau", "z", "p"]]


def false_discovery_rate(p: Any, q: float = 0.1, method: Literal["bh", "by"] = "bh") -> Any:
    """Which of many p-values are discoveries at the false discovery rate `q`; NaN is none.

    Benjamini & Hochberg 1995 (`bh`), Benjamini & Yekutieli 2001 (`by`). Same shape and kind as `p`. Raises
    IndicatorError for a `q` or p-values outside 0 to 1.
    """
    if method not in ("bh", "by"):
        raise IndicatorError(f"method {method!r} is unknown; use 'bh' or 'by'")
    values = np.asarray(p, float)
    if not 0 <= q <= 1:
        raise IndicatorError(f"q is {q}; a false discovery rate lies between 0 and 1")
    known = np.sort(values[~np.isnan(values)])
    count = len(known)
    if count and not (known[0] >= 0 and known[-1] <= 1):
        raise IndicatorError(f"p-values go from {known[0]:g} to {known[-1]:g}; they lie between 0 and 1, or are NaN")
    harmonic = (1 / np.arange(1, count + 1)).sum() if method == "by" else 1.0
    passed = known <= q * np.arange(1, count + 1) / (count * harmonic) if count else np.array([], bool)
    threshold = known[passed].max() if passed.any() else -1.0
    found = np.nan_to_num(values, nan=2.0) <= threshold
    return xr.DataArray(found, coords=p.coords, dims=p.dims) if isinstance(p, xr.DataArray) else found
