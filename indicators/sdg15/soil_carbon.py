"""Soil organic carbon from land cover: after a change of use the stock moves linearly for 20 years.

Yearly change = stock at the transition · (F − 1) / 20, F = the factor of the transition in its climate zone; a new
transition starts again from the stock of its year. Sources: IPCC 2006 tier 1 as in Trends.Earth; Good Practice
Guidance version 2, section 5.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np
import xarray as xr

from indicators.codes import NODATA
from indicators.errors import IndicatorError
from indicators.kernel.blocks import CODES, shared
from indicators.kernel.compiling import compiled
from indicators.sdg15.lookup import codes

YEARS_OF_CHANGE = 20
#: IPCC climate zone -> land-use factor of cropland; zone 0 has none.
CLIMATE_FACTOR = {
    1: 0.69, 2: 0.80, 3: 0.69, 4: 0.80, 5: 0.69, 6: 0.80, 7: 0.69, 8: 0.80, 9: 0.64, 10: 0.48, 11: 0.48, 12: 0.58,
}  # fmt: skip


def factors(f: float) -> np.ndarray:
    """Factors (from, to) of the seven classes where cropland keeps the share `f` of the native stock."""
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
    """Stock of soil organic carbon by year, from the land cover of each year.

    Parameters
    ----------
    soc0
        Stock of the first year, 0-30 cm, t/ha; 1.0 for a relative stock.
    land_cover_by_year
        UNCCD classes 1 to 7 (year, ...). A year without class keeps the class before.
    climate_zone
        IPCC climate zone, 1 to 12.

    Returns
    -------
    xarray.DataArray
        Stock (year, ...) in the units of `soc0`; float64. NaN where the initial stock, the first class or the climate
        zone is unknown.

    Raises
    ------
    IndicatorError
        The land cover has no `year` dimension.

    References
    ----------
    IPCC (2006) Guidelines, volume 4, tier 1; UNCCD Good Practice Guidance, version 2 (2021), section 5.

    Examples
    --------
    >>> import xarray as xr
    >>> cover = xr.DataArray([2] + [3] * 20, {"year": range(2000, 2021)}, "year")  # grassland, cropland from 2001
    >>> carbon = stock(50.0, cover, climate_zone=1)
    >>> round(float(carbon.sel(year=2000)), 1), round(float(carbon.sel(year=2020)), 1)
    (50.0, 34.5)
    """
    if "year" not in land_cover_by_year.dims:
        raise IndicatorError(
            f"land cover has dimensions {land_cover_by_year.dims}, no 'year'; give one map for each year"
        )
    cover = land_cover_by_year.transpose("year", ...)
    zone = climate_zone if isinstance(climate_zone, xr.DataArray) else xr.DataArray(climate_zone)
    first = soc0 if isinstance(soc0, xr.DataArray) else xr.DataArray(float(soc0))
    stocks = xr.apply_ufunc(
        _stocks,
        cover.chunk(year=-1) if cover.chunks is not None else cover,
        first,
        zone,
        input_core_dims=[["year"], [], []],
        output_core_dims=[["year"]],
        kwargs={"threads": numba.config.NUMBA_NUM_THREADS if cover.chunks is None else 1},
        dask="parallelized",
        output_dtypes=[float],
    )
    return stocks.transpose(*cover.dims).assign_attrs(long_name="soil organic carbon stock, 0-30 cm")


@cache
def all_factors() -> np.ndarray:
    """Factors by climate zone, from and to; 1 in zone 0."""
    by_zone = np.ones((13, 7, 7))
    for code, f in CLIMATE_FACTOR.items():
        by_zone[code] = factors(f)
    return by_zone


def _stocks(cover: np.ndarray, first: np.ndarray, zone: np.ndarray, threads: int) -> np.ndarray:
    """`cover` (…, year) classes; the stock in the same shape."""
    shape = cover.shape
    classes = np.moveaxis(cover, -1, 0)
    start, zones = (np.broadcast_to(each, shape[:-1]) for each in (first, zone))
    result = np.empty((shape[-1], *shape[:-1]))
    flat = result.reshape(shape[-1], -1)
    table = all_factors()
    by_pixel = classes.reshape(shape[-1], -1)
    start, zones = start.ravel(), zones.ravel()

    def work(part: slice) -> None:
        stocks = np.empty((shape[-1], part.stop - part.start))
        accumulate(codes(by_pixel[:, part]), np.asarray(start[part], float), codes(zones[part]), table, stocks)
        flat[:, part] = stocks

    shared(work, flat.shape[1], threads)
    return np.moveaxis(result, 0, -1)


@compiled
def accumulate(cover: Any, start: Any, zone: Any, table: Any, result: Any) -> None:
    """Fill `result` (year, pixel) with the stock of classes `cover` (year, pixel) by a `table` (zone, from, to)."""
    for pixel in range(len(start)):
        now = cover[0, pixel]
        known = (now >= 1) & (now <= 7) & (zone[pixel] >= 1) & (zone[pixel] <= 12)
        value = start[pixel] if known else np.nan
        result[0, pixel] = value
        yearly, elapsed = 0.0, YEARS_OF_CHANGE
        for year in range(1, len(cover)):
            new = cover[year, pixel]
            if known and 1 <= new <= 7 and new != now:
                yearly = value * (table[zone[pixel], now - 1, new - 1] - 1) / YEARS_OF_CHANGE
                elapsed, now = 0, new
            value += yearly if elapsed < YEARS_OF_CHANGE else 0.0
            elapsed += 1
            result[year, pixel] = value


def change(stock: xr.DataArray, years: tuple[int, int]) -> xr.DataArray:
    """Relative change of the stock between two years. Raises IndicatorError for a year without stock."""
    missing = [year for year in years if year not in stock["year"].values]
    if missing:
        span = f"{int(stock.year[0])}-{int(stock.year[-1])}"
        raise IndicatorError(
            f"soil carbon: no stock for {missing}; land cover has the years {span}; choose years within them"
        )
    first = stock.sel(year=years[0], drop=True)
    return (stock.sel(year=years[1], drop=True) - first) / first.where(first > 0)


def degradation(stock: xr.DataArray, years: tuple[int, int], threshold: float = 0.10) -> xr.DataArray:
    """Class of the change of soil organic carbon between two years.

    Parameters
    ----------
    stock
        Stock (year, ...), such as that of `stock`.
    years
        First and last year of the change.
    threshold
        Relative change from which land is degraded or improved.

    Returns
    -------
    xarray.DataArray
        int8: −1 where the stock fell by `threshold` or more, 1 where it rose as much, 0 between; `NODATA` where
        unknown. The change is rounded to 1e-6 first, so that a fall of exactly 10 % is degraded.

    Raises
    ------
    IndicatorError
        There is no stock for one of the years.

    References
    ----------
    UNCCD Good Practice Guidance for SDG indicator 15.3.1, version 2 (2021), section 5.

    Examples
    --------
    >>> import xarray as xr
    >>> carbon = xr.DataArray([[50.0, 50.0], [45.0, 46.0]], {"year": [2000, 2015]}, ("year", "x"))
    >>> degradation(carbon, (2000, 2015)).values.tolist()
    [-1, 0]
    """
    return classes(change(stock, years), threshold)


def classes(relative: xr.DataArray, threshold: float = 0.10) -> xr.DataArray:
    """Classes of a relative change, as `degradation`."""
    threads = numba.config.NUMBA_NUM_THREADS if relative.chunks is None else 1
    level = float(np.rint(threshold * 1e6))  # in millionths, to which changes are rounded
    return xr.apply_ufunc(
        _classes,
        relative,
        kwargs={"level": level, "threads": threads},
        dask="parallelized",
        output_dtypes=[np.int8],
    )


def _classes(relative: np.ndarray, level: float, threads: int) -> np.ndarray:
    flat = np.ascontiguousarray(relative).ravel()
    result = np.empty(flat.shape, np.int8)
    shared(lambda part: _classify(flat[part], level, result[part]), len(flat), threads, CODES)
    return result.reshape(relative.shape)


@compiled
def _classify(relative: Any, level: float, result: Any) -> None:
    for i in range(len(relative)):
        millionths = np.rint(np.float64(relative[i]) * 1e6)
        direction = np.int8(np.int8(millionths >= level) - np.int8(millionths <= -level))
        result[i] = direction if millionths == millionths else np.int8(NODATA)
