"""Drought: standardised precipitation, balance and soil-moisture indices, and the classes and tables of PRAIS 4 (SO3).

An index of scale k in month m is the normal quantile of the probability of the sum of the k months up to m, in a
distribution fitted for each calendar month to the reference years. Sources: McKee et al. (1993) for the SPI,
Vicente-Serrano et al. (2010) for the SPEI, WMO-No. 1090; PRAIS 4 manual, strategic objective 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import xarray as xr

from indicators.codes import NODATA, attributes
from indicators.errors import IndicatorError
from indicators.kernel import blocks
from indicators.months import consecutive_months, month_numbers
from indicators.weather.drought_words import BOUNDS, CLASSES, NORMAL
from indicators.weather.standardise import standardise

Distribution = Literal["gamma", "logistic"]
PRAIS = "PRAIS 4 manual, strategic objective 3 (UNCCD 2021)"
#: The four-year periods that are reported, both years included.
PERIODS = ((2000, 2003), (2004, 2007), (2008, 2011), (2012, 2015), (2016, 2019), (2020, 2023))


def spi(
    precip: Any,
    scale: int = 12,
    reference: tuple[int, int] | None = (1981, 2010),
    *,
    zeros: Literal["probability", "centre"] = "probability",
) -> xr.DataArray:
    """Standardised precipitation index of monthly sums (dimension `time` or `month`, no month left out).

    Gamma by Thom's estimate of the maximum likelihood, fitted to the years of `reference` (inclusive; None for all).
    `zeros`: a dry sum has the probability of zero, or the centre of its mass (Stagge et al. 2015). NaN for the first
    `scale` − 1 months, where a month of the sum is missing, and for a calendar month with fewer than 10 reference
    values or fewer than 4 above zero. Raises IndicatorError for negative rain and what the months do not allow.
    """
    data, dim = consecutive_months(precip)
    if data.chunks is None and bool((data < 0).any()):
        raise IndicatorError(f"precipitation is negative (least {float(data.min()):g}); mask no-data values as NaN")
    return _index(
        data, dim, scale, reference, ("gamma", False, zeros == "centre"), ("standardised precipitation", "SPI")
    )


def spei(
    balance: Any,
    pet: Any = None,
    *,
    scale: int = 12,
    reference: tuple[int, int] | None = (1981, 2010),
) -> xr.DataArray:
    """Standardised precipitation-evapotranspiration index of monthly sums of precipitation minus `pet`.

    `balance` is the difference itself where `pet` is left out. Log-logistic distribution by unbiased probability-
    weighted moments, as the R package SPEI; months and years as in `spi`.
    """
    data, dim = consecutive_months(balance)
    if pet is not None:
        data = data - consecutive_months(pet)[0]
    words = ("standardised precipitation-evapotranspiration", "SPEI")
    return _index(data, dim, scale, reference, ("logistic", False, False), words)


def ssmi(soil_moisture: Any, scale: int = 12, reference: tuple[int, int] | None = (1981, 2010)) -> xr.DataArray:
    """Standardised soil-moisture index of the mean over `scale` months; generalised logistic, months as in `spi`."""
    data, dim = consecutive_months(soil_moisture)
    return _index(data, dim, scale, reference, ("logistic", True, False), ("standardised soil moisture", "SSMI"))


def _index(
    data: xr.DataArray,
    dim: str,
    scale: int,
    reference: tuple[int, int] | None,
    choices: tuple[Distribution, bool, bool],
    words: tuple[str, str],
) -> xr.DataArray:
    months = month_numbers(data, dim)
    years = 1970 + months // 12
    if not (1 <= scale <= len(months) and scale == int(scale)):
        raise IndicatorError(f"scale {scale} is no whole number between 1 and the {len(months)} months of the data")
    first, last = reference or (int(years[0]), int(years[-1]))
    inside = (years >= first) & (years <= last)
    if len(np.unique(years[inside])) < 10:
        raise IndicatorError(
            f"the data cover {years[0]}-{years[-1]}, fewer than 10 years of the reference {first}-{last}; give another"
        )
    distribution, mean, centred = choices
    kernel = partial(
        standardise, reference=inside, scale=scale, mean=mean, logistic=distribution == "logistic", centred=centred
    )
    found = blocks.apply(dim, len(months), kernel, data).rename(layer=dim)
    found = found.assign_coords({dim: data[dim]}).transpose(*data.dims)
    return found.assign_attrs(
        long_name=f"{words[0]} index, {scale} months",
        units="1",
        comment=f"{words[1]}-{scale}, {distribution} distribution, reference {first}-{last}",
    )


def december(z: xr.DataArray, month: int = 12) -> xr.DataArray:
    """The value of December (or another month) of each year: `year` in place of the dates."""
    z, dim = consecutive_months(z)
    picked = z.isel({dim: np.flatnonzero(z[dim].dt.month.values == month)})
    return picked.assign_coords({dim: picked[dim].dt.year.values}).rename({dim: "year"})


def classes(z: Any) -> xr.DataArray:
    """Drought class of z: 0 none (z ≥ 0), 1 mild, 2 moderate (z ≤ −1), 3 severe (≤ −1.5), 4 extreme (≤ −2); int8.

    The classes are those of PRAIS 4 and WMO-No. 1090: a z equal to a bound belongs to the drier class. `NODATA` where z
    is NaN.
    """
    data = z if isinstance(z, xr.DataArray) else xr.DataArray(z)
    found = (data < NORMAL).astype(np.int8) + sum((data <= bound).astype(np.int8) for bound in BOUNDS)
    coded = xr.where(data.isnull(), NODATA, found).astype(np.int8)
    return coded.assign_attrs(attributes("drought class", CLASSES, PRAIS))


def class_areas(annual: xr.DataArray, weight: xr.DataArray) -> pd.DataFrame:
    """Area of each drought class by year: year, class, area_km2. `annual` (year, y, x) classes, `weight` km² (y, x)."""
    area = np.nan_to_num(weight.transpose("y", "x").values)
    rows = [
        (int(year), name, float(area[of_year == code].sum()))
        for year, of_year in zip(annual["year"].values, annual.transpose("year", "y", "x").values, strict=True)
        for code, name in CLASSES.items()
    ]
    return pd.DataFrame(rows, columns=["year", "class", "area_km2"])


def lowest(annual: xr.DataArray, periods: Sequence[tuple[int, int]] = PERIODS) -> xr.Dataset:
    """Lowest z of each period of years, both ends included: `z` and its `year`, by `period` ("2000-2003").

    Missing years take no part; a pixel without any has NaN, and year 0. Raises IndicatorError for a period of which
    the data have no year at all.
    """
    layers = []
    for first, last in periods:
        part = annual.sel(year=(annual.year >= first) & (annual.year <= last))
        if not part.sizes["year"]:
            span = f"{int(annual.year.min())}-{int(annual.year.max())}"
            raise IndicatorError(f"drought: no year of {first}-{last}; the data cover {span}")
        part = part.chunk(year=-1) if part.chunks is not None else part
        place = part.fillna(np.inf).argmin("year")
        year = part.year.copy(data=part.year.values)[place].drop_vars("year")
        known = part.notnull().any("year")
        layers.append(xr.Dataset({"z": part.min("year"), "year": year.where(known, 0).astype(np.int16)}))
    names = [f"{first}-{last}" for first, last in periods]
    result = xr.concat(layers, dim="period").assign_coords(period=names)
    result["z"].attrs = {**annual.attrs, "long_name": "lowest value of the period"}
    result["year"].attrs = {"long_name": "year of the lowest value", "units": "1"}
    return result
