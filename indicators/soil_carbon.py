"""Soil organic carbon from land cover: after a change of use the stock moves linearly for 20 years.

Yearly change = stock at the transition · (F − 1) / 20, F = the factor of the transition in its climate zone; a new
transition starts again from the stock of its year. Sources: IPCC 2006 tier 1 as in Trends.Earth; Good Practice
Guidance version 2, section 5.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from indicators.codes import DEGRADED, IMPROVED, NODATA, STABLE
from indicators.errors import IndicatorError

YEARS_OF_CHANGE = 20
#: IPCC climate zone -> land-use factor of cropland; zone 0 has none.
CLIMATE_FACTOR = {
    1: 0.69, 2: 0.80, 3: 0.69, 4: 0.80, 5: 0.69, 6: 0.80, 7: 0.69, 8: 0.80, 9: 0.64, 10: 0.48, 11: 0.48, 12: 0.58,
}  # fmt: skip


def factors(f: float) -> np.ndarray:
    """Factors (from, to) of the seven classes where cropland holds the share `f` of the native stock."""
    return np.array(
        [
            [1, 1, f, 1, 0.1, 0.1, 1],
            [1, 1, f, 1, 0.1, 0.1, 1],
            [1 / f, 1 / f, 1, 1 / 0.71, 0.1, 0.1, 1],
            [1, 1, 0.71, 1, 0.1, 0.1, 1],
            [2, 2, 2, 2, 1, 1, 1],
            [2, 2, 2, 2, 1, 1, 1],
            [1, 1, 1, 1, 1, 1, 1],
        ]
    )


def stock(
    soc0: xr.DataArray | float, land_cover_by_year: xr.DataArray, climate_zone: xr.DataArray | int
) -> xr.DataArray:
    """Stock (year, …) in the unit of `soc0` (t/ha, or 1.0 for a relative stock) from the first year on.

    `land_cover_by_year` (year, …) holds UNCCD classes; a year without class keeps the class before. NaN where the
    initial stock, the first class or the climate zone is unknown. Raises IndicatorError without a `year` dimension.
    """
    if "year" not in land_cover_by_year.dims:
        raise IndicatorError("land cover needs a `year` dimension; give one map a year")
    cover = land_cover_by_year.transpose("year", ...)
    classes = np.asarray(cover)
    shape = classes.shape[1:]
    zone = np.broadcast_to(np.asarray(climate_zone, float), shape)
    table = np.ones((13, 7, 7))
    for code, f in CLIMATE_FACTOR.items():
        table[code] = factors(f)
    known_zone = np.isfinite(zone) & (zone >= 1) & (zone <= 12)
    zone_index = np.where(known_zone, zone, 0).astype(int)
    current = np.where((classes[0] >= 1) & (classes[0] <= 7), classes[0], 0).astype(int)
    value = np.broadcast_to(np.asarray(soc0, float), shape).copy()
    value[(current == 0) | ~known_zone] = np.nan
    yearly, elapsed = np.zeros(shape), np.full(shape, YEARS_OF_CHANGE)
    stocks = [value]
    for new in classes[1:]:
        changed = (new >= 1) & (new <= 7) & (new != current) & (current > 0)
        factor = table[zone_index, np.maximum(current, 1) - 1, np.where(changed, new, 1).astype(int) - 1]
        yearly = np.where(changed, value * (factor - 1) / YEARS_OF_CHANGE, yearly)
        elapsed = np.where(changed, 0, elapsed)
        current = np.where(changed, new, current).astype(int)
        value = value + np.where(elapsed < YEARS_OF_CHANGE, yearly, 0.0)
        elapsed = elapsed + 1
        stocks.append(value)
    attrs = {"long_name": "soil organic carbon stock, 0-30 cm"}
    return xr.DataArray(np.stack(stocks), coords=cover.coords, dims=cover.dims, attrs=attrs)


def change(stock: xr.DataArray, years: tuple[int, int]) -> xr.DataArray:
    """Relative change of the stock between two years. Raises IndicatorError for a year that is not there."""
    missing = [year for year in years if year not in stock["year"].values]
    if missing:
        span = f"{int(stock.year[0])}-{int(stock.year[-1])}"
        raise IndicatorError(f"soil carbon: no stock for {missing}; the land cover covers {span}")
    first = stock.sel(year=years[0], drop=True)
    return (stock.sel(year=years[1], drop=True) - first) / first.where(first > 0)


def degradation(stock: xr.DataArray, years: tuple[int, int], threshold: float = 0.10) -> xr.DataArray:
    """−1 where the stock fell by `threshold` or more, 1 where it rose as much, 0 between; `NODATA` where unknown.

    The change is rounded to 1e-6 first: a fall of exactly 10 % must not be lost to binary fractions.
    """
    relative = change(stock, years).round(6)
    found = xr.where(relative <= -threshold, DEGRADED, xr.where(relative >= threshold, IMPROVED, STABLE))
    return xr.where(relative.isnull(), NODATA, found).astype(np.int8)
