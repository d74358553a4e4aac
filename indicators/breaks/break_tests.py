"""Tests whether a series, or each pixel of a cube, has a break at all: MOSUM, CUSUM and F tests."""

from __future__ import annotations

from typing import Any, overload

import xarray as xr

from indicators.breaks.fluctuation import Fluctuation, cusum_of_series, f_test_of_series, mosum_of_series
from indicators.breaks.pixels import by_pixel
from indicators.breaks.series_or_cube import Series, is_cube
from indicators.errors import IndicatorError


@overload
def mosum(y: Series, X: Any = None, h: float = 0.15) -> Fluctuation: ...
@overload
def mosum(y: xr.DataArray, X: Any = None, h: float = 0.15) -> Fluctuation | xr.Dataset: ...
def mosum(y: Series | xr.DataArray, X: Any = None, h: float = 0.15) -> Fluctuation | xr.Dataset:
    """OLS-MOSUM test of no break: moving sums of residuals over windows of ⌊h·n⌋ values (Chu et al. 1995).

    Parameters
    ----------
    y, X
        As in `breakpoints`.
    h
        Window as a share of the series.

    Returns
    -------
    Fluctuation or xarray.Dataset
        Of a series the test, which is also the pair (statistic, p). Of a cube `statistic` and `p` by pixel. p comes
        from a published table: 0.01 means 0.01 or less.

    Raises
    ------
    IndicatorError
        A window is empty.

    References
    ----------
    Chu, Hornik & Kuan (1995), doi:10.1093/biomet/82.3.603.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(0, 0.01, 40)
    >>> statistic, p = mosum(np.repeat([0.30, 0.20], 20) + noise, h=0.25)
    >>> p <= 0.01
    True
    """
    return by_pixel(y, X, h, "mosum") if is_cube(y) else mosum_of_series(y, X, h)


@overload
def cusum(y: Series, X: Any = None, *, recursive: bool = False) -> Fluctuation: ...
@overload
def cusum(y: xr.DataArray, X: Any = None, *, recursive: bool = False) -> Fluctuation | xr.Dataset: ...
def cusum(y: Series | xr.DataArray, X: Any = None, *, recursive: bool = False) -> Fluctuation | xr.Dataset:
    """CUSUM test of no break: cumulated OLS residuals (Ploberger & Krämer 1992), or recursive residuals.

    Parameters
    ----------
    y, X
        As in `breakpoints`.
    recursive
        Take the recursive residuals (Brown et al. 1975). They exist for one series only.

    Returns
    -------
    Fluctuation or xarray.Dataset
        As in `mosum`.

    Raises
    ------
    IndicatorError
        `recursive` with a cube, or fewer values than regressors.

    References
    ----------
    Ploberger & Krämer (1992), doi:10.2307/2951597; Brown, Durbin & Evans (1975).

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(0, 0.01, 40)
    >>> cusum(np.repeat([0.30, 0.20], 20) + noise).p < 0.001
    True
    """
    if not is_cube(y):
        return cusum_of_series(y, X, recursive=recursive)
    if recursive:
        raise IndicatorError("the recursive CUSUM works on one series; use recursive=False for a cube")
    return by_pixel(y, X, 0.15, "cusum")


@overload
def sup_f(y: Series, X: Any = None, h: float = 0.15) -> Fluctuation: ...
@overload
def sup_f(y: xr.DataArray, X: Any = None, h: float = 0.15) -> Fluctuation | xr.Dataset: ...
def sup_f(y: Series | xr.DataArray, X: Any = None, h: float = 0.15) -> Fluctuation | xr.Dataset:
    """Supremum of the F statistics of one break (Andrews 1993).

    Parameters
    ----------
    y, X
        As in `breakpoints`.
    h
        Fewest values on either side of the break: a share of the series, or a number where it is 1 or more.

    Returns
    -------
    Fluctuation or xarray.Dataset
        Of a series the test. Of a cube `statistic`, `p` and `date` (first observation after the break) by pixel.

    Raises
    ------
    IndicatorError
        The series is too short for a break.

    References
    ----------
    Andrews (1993), doi:10.2307/2951764; p by Hansen (1997), doi:10.1080/07350015.1997.10524687.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(0, 0.01, 40)
    >>> sup_f(np.repeat([0.30, 0.20], 20) + noise).date
    20
    """
    return by_pixel(y, X, h, "sup") if is_cube(y) else f_test_of_series(y, X, h, "sup")


@overload
def ave_f(y: Series, X: Any = None, h: float = 0.15) -> Fluctuation: ...
@overload
def ave_f(y: xr.DataArray, X: Any = None, h: float = 0.15) -> Fluctuation | xr.Dataset: ...
def ave_f(y: Series | xr.DataArray, X: Any = None, h: float = 0.15) -> Fluctuation | xr.Dataset:
    """Mean of the F statistics of one break (Andrews & Ploberger 1994): best against small breaks.

    Parameters, results and errors as in `sup_f`.
    """
    return by_pixel(y, X, h, "ave") if is_cube(y) else f_test_of_series(y, X, h, "ave")


def exp_f(y: Series | xr.DataArray, X: Any = None, h: float = 0.15) -> Fluctuation:
    """Logarithm of the mean of exp(F/2) of one series (Andrews & Ploberger 1994): best against large breaks.

    Parameters and errors as in `sup_f`.
    """
    return f_test_of_series(y, X, h, "exp")
