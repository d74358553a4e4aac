"""State: recent years against those before.

Sources: Good Practice Guidance version 2, section 4.2.2; Trends.Earth and PRAIS 4 (percentile classes); SEPAL (z-score,
z = (recent mean − mean) / (population deviation / √years)); Trends.Earth's FAO-WOCAT (first against last years).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numba import njit

from indicators.errors import IndicatorError
from indicators.kernel import blocks
from indicators.kernel.compiling import compiled
from indicators.profiles import Profile, get
from indicators.profiles.model import State
from indicators.trends.theil_sen import Annual, series

Years = tuple[int, int]
#: Length of the windows that FAO-WOCAT compares.
ENDS = 3
Z = 1.96
#: Rounding error of a mean of equal values, as a share of it.
ROUNDING = 1e-14


@njit(cache=True)
def _mean(values: Any) -> float:
    total, count = 0.0, 0
    for value in values:
        if not np.isnan(value):
            total += value
            count += 1
    return total / count if count else np.nan


@njit(cache=True)
def _classes_apart(known: Any, before: float, after: float) -> float:
    """Number of deciles of sorted years below `after`, less those below `before`; linear interpolation."""
    apart = 0.0
    if abs(after - before) <= ROUNDING * max(abs(after), abs(before)):
        return apart
    for tenth in range(1, 10):
        position = (len(known) - 1) * tenth / 10
        low = int(position)
        high = min(low + 1, len(known) - 1)
        decile = known[low] + (position - low) * (known[high] - known[low])
        apart += (after > decile) - (before > decile)
    return apart


def state(
    vi: Annual, baseline: Years, recent: Years, profile: str | Profile = "ne-asia", *, quantity: str = "ndvi"
) -> xr.Dataset:
    """State: recent productivity compared with the years before.

    Parameters
    ----------
    vi
        Annual productivity: pandas series by year, or DataArray (year, ...). NaN is a gap.
    baseline, recent
        First and last year of the two windows, both included.
    profile
        Name of a profile, or `Profile`.
    quantity
        What `vi` measures; the dead-band in NDVI units applies to `ndvi` only.

    Returns
    -------
    xarray.Dataset
        By pixel: `change` and `direction` (−1, 0, 1); NaN where unknown. `change` is a number of percentile classes,
        −9 to 9, or SEPAL's z.

    Raises
    ------
    IndicatorError
        The profile is unknown, or the data have fewer than three years of `baseline` or none of `recent`.

    Notes
    -----
    Percentile classes are the deciles of the baseline years and of two pseudo-values, 5 % of the range beyond the
    smallest and the largest. A change of two classes or more counts, unless the means differ by no more than the
    dead-band. FAO-WOCAT takes the deciles of all years from the first of `baseline` to the last of `recent`, and
    compares the first three of them with the last three.

    References
    ----------
    UNCCD Good Practice Guidance for SDG indicator 15.3.1, version 2 (2021), section 4.2.2.

    Examples
    --------
    >>> import pandas as pd
    >>> ndvi = pd.Series([0.30, 0.32] * 6 + [0.20] * 3, index=range(2001, 2016))
    >>> result = state(ndvi, baseline=(2001, 2012), recent=(2013, 2015))
    >>> int(result["direction"])
    -1
    """
    choices = get(profile).state
    vi = series(vi, "year")
    before, after = vi.sel(year=slice(*baseline)), vi.sel(year=slice(*recent))
    if before.sizes["year"] < ENDS or after.sizes["year"] < 1:
        raise IndicatorError(
            f"state: the data cover {int(vi.year[0])}-{int(vi.year[-1])}, not baseline {baseline} and recent {recent}; "
            f"choose years that the data cover, at least {ENDS} in the baseline"
        )
    window = vi.sel(year=slice(baseline[0], recent[1]))
    if choices.method == "first-last":
        change = blocks.apply("year", 1, _first_last, window).isel(layer=0)
        return xr.Dataset({"change": change, "direction": _moved(change, abs(change) >= 2)})
    # consecutive windows need no copy
    together = baseline[1] < recent[0] and window.sizes["year"] == before.sizes["year"] + after.sizes["year"]
    years = window if together else xr.concat([before, after], "year")
    kernel = _percentile_classes if choices.method == "percentile-classes" else _z_scores
    change, first, last = _compared(kernel, years, before.sizes["year"])
    far = np.abs(change) >= 2 if choices.method == "percentile-classes" else np.abs(change) > Z
    counts = far & (np.abs(last - first) > _band(first, choices, quantity))
    return xr.Dataset({"change": change, "direction": _moved(change, counts)})


def _compared(compare: Any, years: xr.DataArray, baseline: int) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Change, mean before and mean after, of all pixels; the first `baseline` of `years` are those before."""

    def kernel(years: np.ndarray, result: np.ndarray) -> None:
        compare(years, baseline, result)

    layers = blocks.apply("year", 3, kernel, years)
    return layers.isel(layer=0), layers.isel(layer=1), layers.isel(layer=2)


def _band(mean: xr.DataArray, choices: State, quantity: str) -> Any:
    relative = choices.share * np.abs(mean)
    return np.maximum(relative, choices.band) if quantity == "ndvi" else relative


def _moved(change: xr.DataArray, counts: xr.DataArray) -> xr.DataArray:
    return xr.where(counts, np.sign(change), 0).where(change.notnull())


@compiled
def _percentile_classes(years: Any, baseline: int, result: Any) -> None:
    """Fill `result` (classes apart, mean before, mean after) from `years` (year, pixel), the `baseline` ones first."""
    wide = np.empty(baseline + 2)
    for pixel in range(years.shape[1]):
        known, before, count, after = 0, 0.0, 0, 0.0
        for i in range(len(years)):
            value = float(years[i, pixel])
            if not np.isfinite(value):
                continue
            if i >= baseline:
                after += value
                count += 1
                continue
            before += value
            slot = known
            while slot > 0 and wide[slot] > value:  # insertion sort: few years, nearly in order
                wide[slot + 1] = wide[slot]
                slot -= 1
            wide[slot + 1] = value
            known += 1
        result[0, pixel] = np.nan
        result[1, pixel] = before / known if known else np.nan
        result[2, pixel] = after / count if count else np.nan
        if known and count:
            margin = 0.05 * (wide[known] - wide[1])
            wide[0], wide[known + 1] = wide[1] - margin, wide[known] + margin
            result[0, pixel] = _classes_apart(wide[: known + 2], result[1, pixel], result[2, pixel])


@njit(cache=True)
def _finite(years: Any, pixel: int, window: Any) -> None:
    """Fill `window` with the years of a pixel, NaN where they are not finite."""
    for i in range(len(years)):
        value = float(years[i, pixel])
        window[i] = value if np.isfinite(value) else np.nan


@compiled
def _first_last(years: Any, result: Any) -> None:
    """Fill `result` (classes apart) from `years` (year, pixel): the first `ENDS` years against the last."""
    window = np.empty(len(years))
    for pixel in range(years.shape[1]):
        _finite(years, pixel, window)
        first, last = _mean(window[:ENDS]), _mean(window[-ENDS:])
        result[0, pixel] = np.nan
        if not (np.isnan(first) or np.isnan(last)):
            result[0, pixel] = _classes_apart(np.sort(window[~np.isnan(window)]), first, last)


@compiled
def _z_scores(years: Any, baseline: int, result: Any) -> None:
    """Fill `result` (z, mean before, mean after) from `years` (year, pixel), the `baseline` ones first."""
    window = np.empty(len(years))
    for pixel in range(years.shape[1]):
        _finite(years, pixel, window)
        first, last = _mean(window[:baseline]), _mean(window[baseline:])
        result[1, pixel], result[2, pixel] = first, last
        result[0, pixel] = _z_score(window[:baseline], len(years) - baseline, first, last)


@njit(cache=True)
def _z_score(before: Any, years: int, first: float, last: float) -> float:
    """How many standard errors of a mean of so many years `last` is from `first`, the mean of `before`."""
    if np.isnan(first) or np.isnan(last):
        return np.nan
    squares, count, largest = 0.0, 0, 0.0
    for value in before:
        if not np.isnan(value):
            squares += (value - first) ** 2
            count += 1
            largest = max(largest, abs(value))
    difference = last - first
    rounding = ROUNDING * largest
    if abs(difference) <= rounding:
        difference = 0.0
    if squares <= count * rounding**2:
        squares = 0.0
    spread = np.sqrt(squares / count / years)
    # the years are all equal, so that any difference is infinitely many standard errors
    if spread > 0:
        return difference / spread
    return np.sign(difference) * np.inf if difference != 0 else 0.0
