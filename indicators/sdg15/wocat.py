"""Land productivity dynamics of FAO and WOCAT: steadiness × initial biomass × emerging state in 36 codes, five classes.

code = 9·(steadiness − 1) + 3·(emerging state − 1) + biomass, as in Trends.Earth (plugin 2.3.2). MTID: sum over the
years of the mean of the last three less the year's value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numba import guvectorize

from indicators.area.means import finite
from indicators.codes import NODATA
from indicators.profiles.model import Biomass

LAST = 3
#: Significant trend (falling, none, rising), then sign of MTID (0 or less, more) -> steadiness.
STEADINESS = {(-1, -1): 1, (-1, 1): 2, (0, -1): 2, (0, 1): 3, (1, -1): 3, (1, 1): 4}
#: Highest code of the classes 1 … 5.
UPPER = (8, 14, 21, 30, 36)
MEDIUM, STABLE_CLASS = 2, 4


@guvectorize(["(float64[:], float64[:], float64[:], float64[:])"], "(n)->(),(),()", nopython=True, cache=True)
def _course(y: Any, mtid: Any, first: Any, largest: Any) -> None:
    mtid[0] = first[0] = largest[0] = np.nan
    total, early, late = 0.0, 0.0, 0.0
    count, early_count, late_count = 0, 0, 0
    n = len(y)
    for i in range(n):
        if np.isnan(y[i]):
            continue
        total += y[i]
        count += 1
        if i < LAST:
            early += y[i]
            early_count += 1
        if i >= n - LAST:
            late += y[i]
            late_count += 1
        if not largest[0] >= y[i]:
            largest[0] = y[i]
    if early_count:
        first[0] = early / early_count
    if late_count:
        mtid[0] = count * late / late_count - total


def course(window: xr.DataArray) -> xr.Dataset:
    """Statistics of a window (year, …) for the codes: `mtid`, mean of the `first` three years, `largest` value."""
    mtid, first, largest = xr.apply_ufunc(
        _course,
        finite(window),
        input_core_dims=[["year"]],
        output_core_dims=[[], [], []],
        dask="parallelized",
        output_dtypes=[float] * 3,
    )
    return xr.Dataset({"mtid": mtid, "first": first, "largest": largest})


def steadiness(trend: Any, mtid: Any) -> np.ndarray:
    """1 (falling, recent years too) … 4 (rising, recent years too); 0 where unknown. `trend` is −1, 0, 1 or NaN."""
    sign = np.where(np.asarray(mtid) > 0, 1, -1)
    levels = np.zeros(sign.shape, np.int8)
    for (direction, recent), level in STEADINESS.items():
        levels[(np.asarray(trend) == direction) & (sign == recent)] = level
    return np.where(np.isfinite(np.asarray(mtid)), levels, 0).astype(np.int8)


def biomass(first: Any, choices: Biomass, quantity: str) -> np.ndarray:
    """1 low, 2 medium, 3 high initial biomass; 0 where unknown. Medium wherever the quantity is not NDVI."""
    values = np.asarray(first, float)
    level = 1 + (values > choices.low).astype(np.int8) + (values > choices.high)
    if quantity != "ndvi":
        level = np.full(values.shape, MEDIUM, np.int8)
    return np.where(np.isfinite(values), level, 0).astype(np.int8)


def code(steadiness: Any, state: Any, biomass: Any) -> np.ndarray:
    """The code 1 … 36 of steadiness 1 … 4, emerging state −1, 0, 1 and biomass 1 … 3; 0 where any is unknown."""
    steady, change, mass = np.asarray(steadiness, int), np.asarray(state, float), np.asarray(biomass, int)
    known = (steady > 0) & np.isfinite(change) & (mass > 0)
    return np.where(known, 9 * (steady - 1) + 3 * (np.nan_to_num(change).astype(int) + 1) + mass, 0)


def classes(codes: Any, largest: Any = None, desert: float | None = None) -> np.ndarray:
    """Classes 1 … 5 of the codes; stable where the `largest` value is no more than `desert`; `NODATA` without code."""
    classified = np.searchsorted(np.array(UPPER), np.asarray(codes)) + 1
    if desert is not None and largest is not None:
        classified = np.where(np.asarray(largest) <= desert, STABLE_CLASS, classified)
    return np.where(np.asarray(codes) > 0, classified, NODATA).astype(np.int8)
