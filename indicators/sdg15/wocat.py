"""Land productivity dynamics of FAO and WOCAT: steadiness × initial biomass × emerging state in 36 codes, five classes.

code = 9·(steadiness − 1) + 3·(emerging state − 1) + biomass, as in Trends.Earth (plugin 2.3.2). MTID: sum over the
years of the mean of the last three less the year's value.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from indicators.codes import NODATA
from indicators.kernel import blocks
from indicators.kernel.compiling import compiled
from indicators.profiles.model import Biomass

LAST = 3
#: Significant trend (falling, none, rising), then sign of MTID (0 or less, more) -> steadiness.
STEADINESS = {(-1, -1): 1, (-1, 1): 2, (0, -1): 2, (0, 1): 3, (1, -1): 3, (1, 1): 4}
#: Highest code of the classes 1 … 5.
UPPER = (8, 14, 21, 30, 36)
MEDIUM, STABLE_CLASS = 2, 4


@compiled
def _course(years: Any, result: Any) -> None:
    """Fill `result` (MTID, mean of the first years, largest value) from `years` (year, pixel)."""
    n = len(years)
    for pixel in range(years.shape[1]):
        total, early, late, largest = 0.0, 0.0, 0.0, np.nan
        count, early_count, late_count = 0, 0, 0
        for i in range(n):
            value = float(years[i, pixel])
            if not np.isfinite(value):
                continue
            total += value
            count += 1
            if i < LAST:
                early += value
                early_count += 1
            if i >= n - LAST:
                late += value
                late_count += 1
            if not largest >= value:
                largest = value
        result[0, pixel] = count * late / late_count - total if late_count else np.nan
        result[1, pixel] = early / early_count if early_count else np.nan
        result[2, pixel] = largest


def course(window: xr.DataArray) -> xr.Dataset:
    """Statistics of a window (year, …) for the codes: `mtid`, mean of the `first` three years, `largest` value."""
    layers = blocks.apply("year", 3, _course, window)
    return xr.Dataset({name: layers.isel(layer=number) for number, name in enumerate(("mtid", "first", "largest"))})


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
