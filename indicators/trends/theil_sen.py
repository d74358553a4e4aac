"""Trends of annual series.

Theil–Sen: slope = median over i < j of (y_j − y_i) / (t_j − t_i); intercept = median(y − slope·t)
(Theil 1950, Sen 1968). Mann–Kendall: S = Σ sign(y_j − y_i); var S = [n(n−1)(2n+5) − Σ g(g−1)(2g+5)] / 18 over
tie groups of size g; z = (S ∓ 1)/√var (Mann 1945, Kendall 1975). Without ties and n ≤ 60 the p-value is exact.
Both come from one pass of `indicators.pairwise` over all pairs. A value that is not finite is a gap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias, overload

import numpy as np
import pandas as pd
import xarray as xr

from indicators.errors import IndicatorError
from indicators.kernel import blocks
from indicators.kernel.compiling import compiled
from indicators.pairwise import pairwise
from indicators.trends.autocorrelation import variance_factor, whiten
from indicators.trends.exact_kendall import exact_table

EXACT_UP_TO = 60
Correction = Literal["hamed-rao", "tfpw"]
#: One series, or one for each pixel of a cube.
Annual: TypeAlias = pd.Series | xr.DataArray


def series(y: Annual, dim: str) -> xr.DataArray:
    """A pandas series or DataArray as a DataArray with the dimension `dim`, whose values are numbers.

    Raises IndicatorError if the dimension is missing or empty, holds dates, or its values do not increase.
    """
    if isinstance(y, pd.Series):
        if isinstance(y.index, pd.MultiIndex):
            raise IndicatorError(f"the series has an index of {y.index.nlevels} levels; keep the one of {dim!r}")
        y = xr.DataArray(y.to_numpy(float), coords={dim: y.index.to_numpy()}, dims=dim)
    if dim not in y.dims:
        raise IndicatorError(
            f"the data have dimensions {y.dims}, but none is called {dim!r}; rename the time dimension to {dim!r}"
        )
    if dim not in y.coords:
        y = y.assign_coords({dim: np.arange(y.sizes[dim])})
    if y.sizes[dim] == 0:
        raise IndicatorError(f"the data have no values along {dim!r}; check the selected dates")
    if y[dim].dtype.kind not in "iufUS" and not y[dim].dtype == bool:
        raise IndicatorError(
            f"the values of {dim!r} are {y[dim].dtype}, not numbers; give years as numbers, such as {dim}.dt.year, so "
            f"that a slope has a unit"
        )
    if not (np.diff(y[dim].values.astype(float)) > 0).all():
        raise IndicatorError(f"the values of {dim!r} do not increase; sort the data by {dim!r} and drop duplicates")
    return y


def theil_sen_mann_kendall(y: Annual, dim: str = "year") -> xr.Dataset:
    """Theil–Sen slope and intercept, and the Mann–Kendall test, computed together.

    Parameters
    ----------
    y
        Annual values: pandas series by year, or DataArray with `dim` and any other dimensions (such as y, x), in memory
        or dask. NaN and infinite values are gaps and are left out.
    dim
        Dimension of time. Its values are numbers that increase; they need not be consecutive.

    Returns
    -------
    xarray.Dataset
        Without `dim`, the other dimensions in their order; float64: `slope` (units of `y` per unit of `dim`),
        `intercept` (units of `y`, at `dim` = 0), `s`, `tau` (tau-b), `z` and two-sided `p` (no unit). NaN with fewer
        than two values.

    Raises
    ------
    IndicatorError
        `dim` is missing or empty, its values are dates, or they do not increase.

    Notes
    -----
    Integers and float32 are computed in float64 without a copy of that type. Data in memory are shared among
    `NUMBA_NUM_THREADS` threads; dask arrays are computed chunk by chunk.

    References
    ----------
    Sen (1968), doi:10.1080/01621459.1968.10480934; Mann (1945), doi:10.2307/1907187; Kendall (1975), Rank Correlation
    Methods.

    Examples
    --------
    >>> import pandas as pd
    >>> ndvi = pd.Series([0.30, 0.31, 0.29, 0.33, 0.34, 0.35], index=range(2001, 2007))
    >>> trend = theil_sen_mann_kendall(ndvi)
    >>> round(float(trend["slope"]), 4), float(trend["s"]), round(float(trend["p"]), 3)
    (0.01, 11.0, 0.056)
    """
    return _dataset(y, dim, None)


def _dataset(y: Annual, dim: str, correction: Correction | None) -> xr.Dataset:
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

    layers = blocks.apply(dim, 6, kernel, data)
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
            name: layers.isel(layer=number).assign_attrs(long_name=long_name, units=unit)
            for number, (name, (long_name, unit)) in enumerate(names.items())
        }
    )


def theil_sen(y: Annual, dim: str = "year") -> xr.Dataset:
    """Theil–Sen slope and intercept: the median of the slopes of all pairs of values.

    Parameters
    ----------
    y, dim
        As in `theil_sen_mann_kendall`.

    Returns
    -------
    xarray.Dataset
        `slope` (units of `y` per unit of `dim`) and `intercept` (units of `y`, at `dim` = 0); NaN with fewer than two
        values.

    Raises
    ------
    IndicatorError
        As in `theil_sen_mann_kendall`.

    References
    ----------
    Theil (1950); Sen (1968), doi:10.1080/01621459.1968.10480934.

    Examples
    --------
    >>> import pandas as pd
    >>> ndvi = pd.Series([0.30, 0.31, 0.29, 0.33, 0.34, 0.35], index=range(2001, 2007))
    >>> round(float(theil_sen(ndvi)["slope"]), 4)
    0.01
    """
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
    """Replace the counts of `pairwise` by slope, intercept at 0, S, tau-b, z and p."""
    for pixel in range(part.shape[1]):
        s, n, tied, ties = part[2, pixel], part[3, pixel], part[4, pixel], part[5, pixel]
        pairs = n * (n - 1) / 2
        part[1, pixel] -= part[0, pixel] * origin
        part[3, pixel] = s / math.sqrt(pairs * (pairs - ties))
        variance = factor[pixel] * (n * (n - 1) * (2 * n + 5) - tied) / 18
        part[4, pixel], part[5, pixel] = _significance(s, n, variance, ties, exact)


def mann_kendall(y: Annual, dim: str = "year", correction: Correction | None = None) -> xr.Dataset:
    """Mann–Kendall test of a monotonic trend; gaps are left out.

    Parameters
    ----------
    y, dim
        As in `theil_sen_mann_kendall`.
    correction
        None takes the values as independent. `hamed-rao` corrects the variance for the autocorrelation of the ranks;
        its p is always the normal approximation. `tfpw` first removes a significant lag-one autocorrelation from the
        detrended series. With fewer than four values nothing is corrected.

    Returns
    -------
    xarray.Dataset
        `s`, `tau` (tau-b), `z` and two-sided `p`, without unit. NaN with fewer than two values; z and p also where the
        corrected variance is negative. A constant series has s = 0, tau NaN and p = 1.

    Raises
    ------
    IndicatorError
        The correction is unknown, or as in `theil_sen_mann_kendall`.

    References
    ----------
    Mann (1945), doi:10.2307/1907187; Hamed & Rao (1998), doi:10.1016/S0022-1694(97)00125-X; Yue et al. (2002),
    doi:10.1002/hyp.1095.

    Examples
    --------
    >>> import pandas as pd
    >>> ndvi = pd.Series([0.30, 0.31, 0.29, 0.33, 0.34, 0.35], index=range(2001, 2007))
    >>> round(float(mann_kendall(ndvi)["p"]), 3)
    0.056
    """
    if correction not in (None, "hamed-rao", "tfpw"):
        raise IndicatorError(f"correction {correction!r} is unknown; use None, 'hamed-rao' or 'tfpw'")
    return _dataset(y, dim, correction)[["s", "tau", "z", "p"]]


@overload
def false_discovery_rate(p: xr.DataArray, q: float = 0.1, method: Literal["bh", "by"] = "bh") -> xr.DataArray: ...
@overload
def false_discovery_rate(
    p: np.ndarray | Sequence[float], q: float = 0.1, method: Literal["bh", "by"] = "bh"
) -> np.ndarray: ...
def false_discovery_rate(p: Any, q: float = 0.1, method: Literal["bh", "by"] = "bh") -> Any:
    """Which of many p-values are discoveries at a false discovery rate.

    Parameters
    ----------
    p
        p-values of any shape, 0 to 1. NaN is not a test and never a discovery.
    q
        False discovery rate, 0 to 1.
    method
        `bh`: Benjamini & Hochberg, for independent or positively dependent tests. `by`: Benjamini & Yekutieli, for any
        dependence.

    Returns
    -------
    numpy.ndarray or xarray.DataArray
        True for discoveries; shape and kind of `p`.

    Raises
    ------
    IndicatorError
        The method is unknown, or `q` or a p-value lies outside 0 to 1.

    References
    ----------
    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x; Benjamini & Yekutieli (2001),
    doi:10.1214/aos/1013699998.

    Examples
    --------
    >>> false_discovery_rate([0.001, 0.02, 0.04, 0.5], q=0.05).tolist()
    [True, True, False, False]
    """
    if method not in ("bh", "by"):
        raise IndicatorError(f"method {method!r} is unknown; use 'bh' or 'by'")
    values = np.asarray(p, float)
    if not 0 <= q <= 1:
        raise IndicatorError(f"q is {q}; a false discovery rate must lie between 0 and 1")
    known = np.sort(values[~np.isnan(values)])
    count = len(known)
    if count and not (known[0] >= 0 and known[-1] <= 1):
        raise IndicatorError(
            f"p-values go from {known[0]:g} to {known[-1]:g}; they must lie between 0 and 1, or be NaN"
        )
    harmonic = (1 / np.arange(1, count + 1)).sum() if method == "by" else 1.0
    passed = known <= q * np.arange(1, count + 1) / (count * harmonic) if count else np.array([], bool)
    threshold = known[passed].max() if passed.any() else -1.0
    discoveries = np.nan_to_num(values, nan=2.0) <= threshold
    return xr.DataArray(discoveries, coords=p.coords, dims=p.dims) if isinstance(p, xr.DataArray) else discoveries
