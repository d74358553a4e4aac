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
from indicators.months import Monthly, consecutive_months, month_numbers
from indicators.weather.drought_words import BOUNDS, CLASSES, NORMAL
from indicators.weather.standardise import standardise

Distribution = Literal["gamma", "logistic"]
PRAIS = "PRAIS 4 manual, strategic objective 3 (UNCCD 2021)"
#: The four-year periods that are reported, both years included.
PERIODS = ((2000, 2003), (2004, 2007), (2008, 2011), (2012, 2015), (2016, 2019), (2020, 2023))


def spi(
    precip: Monthly,
    scale: int = 12,
    reference: tuple[int, int] | None = (1981, 2010),
    *,
    zeros: Literal["probability", "centre"] = "probability",
) -> xr.DataArray:
    """Standardised precipitation index: how unusual the precipitation of the last `scale` months is.

    Parameters
    ----------
    precip
        Monthly precipitation, mm, 0 or more: pandas series by date, or DataArray (time or month, ...), in memory or
        dask. Every month is present; unknown ones are NaN.
    scale
        Months that are summed.
    reference
        First and last year, both included, to which the distribution is fitted; None takes all years.
    zeros
        z of a dry sum: `probability` takes the probability of zero, `centre` the centre of its mass (Stagge et al.
        2015).

    Returns
    -------
    xarray.DataArray
        z (no unit) with the dimensions of `precip`, −8.21 to 8.21. NaN for the first `scale` − 1 months, where a month
        of the sum is missing, and for a calendar month with fewer than 10 reference values or fewer than 4 above zero.

    Raises
    ------
    IndicatorError
        Precipitation is negative, months are missing or out of order, `scale` is not allowed, or the data cover fewer
        than 10 reference years.

    References
    ----------
    McKee et al. (1993); Thom (1958); Stagge et al. (2015), doi:10.1002/joc.4267; WMO-No. 1090.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = pd.date_range("1981-01-01", "2020-12-01", freq="MS")
    >>> rain = pd.Series(np.random.default_rng(0).gamma(2.0, 20.0, len(months)), index=months)
    >>> rain["2020"] = rain["2020"] / 3
    >>> bool(spi(rain, scale=12)[-1] < -2)
    True
    """
    data, dim = consecutive_months(precip)
    if data.chunks is None and bool((data < 0).any()):
        raise IndicatorError(
            f"precipitation is negative (minimum {float(data.min()):g}, allowed: 0 or more); set no-data values to NaN"
        )
    return _index(
        data, dim, scale, reference, ("gamma", False, zeros == "centre"), ("standardised precipitation", "SPI")
    )


def spei(
    balance: Monthly,
    pet: Monthly | None = None,
    *,
    scale: int = 12,
    reference: tuple[int, int] | None = (1981, 2010),
) -> xr.DataArray:
    """Standardised precipitation-evapotranspiration index, by a log-logistic distribution.

    Parameters
    ----------
    balance
        Monthly precipitation, or precipitation minus potential evapotranspiration if `pet` is None; mm; as `precip` of
        `spi`, but of any sign.
    pet
        Monthly potential evapotranspiration, mm, or None.
    scale, reference
        As in `spi`.

    Returns
    -------
    xarray.DataArray
        z (no unit) as in `spi`; NaN for a calendar month with fewer than 10 reference values or without spread.

    Raises
    ------
    IndicatorError
        As in `spi`, but negative values are allowed.

    References
    ----------
    Vicente-Serrano et al. (2010), doi:10.1175/2009JCLI2909.1, with the unbiased probability-weighted moments of the R
    package SPEI.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = pd.date_range("1981-01-01", "2020-12-01", freq="MS")
    >>> balance = pd.Series(np.random.default_rng(0).normal(-20.0, 30.0, len(months)), index=months)
    >>> balance["2020"] = -60.0
    >>> bool(spei(balance, scale=12)[-1] < -2)
    True
    """
    data, dim = consecutive_months(balance)
    if pet is not None:
        data = data - consecutive_months(pet)[0]
    names = ("standardised precipitation-evapotranspiration", "SPEI")
    return _index(data, dim, scale, reference, ("logistic", False, False), names)


def ssmi(soil_moisture: Monthly, scale: int = 12, reference: tuple[int, int] | None = (1981, 2010)) -> xr.DataArray:
    """Standardised soil-moisture index: the mean of `scale` months, by a generalised logistic distribution.

    Parameters
    ----------
    soil_moisture
        Monthly soil moisture in any units; as `precip` of `spi`.
    scale, reference
        As in `spi`.

    Returns
    -------
    xarray.DataArray
        z (no unit) as in `spei`.

    Raises
    ------
    IndicatorError
        As in `spei`.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> months = pd.date_range("1981-01-01", "2020-12-01", freq="MS")
    >>> moisture = pd.Series(np.random.default_rng(0).normal(0.20, 0.03, len(months)), index=months)
    >>> moisture["2020"] = 0.15
    >>> bool(ssmi(moisture, scale=12)[-1] < -2)
    True
    """
    data, dim = consecutive_months(soil_moisture)
    return _index(data, dim, scale, reference, ("logistic", True, False), ("standardised soil moisture", "SSMI"))


def _index(
    data: xr.DataArray,
    dim: str,
    scale: int,
    reference: tuple[int, int] | None,
    choices: tuple[Distribution, bool, bool],
    names: tuple[str, str],
) -> xr.DataArray:
    months = month_numbers(data, dim)
    years = 1970 + months // 12
    if not (1 <= scale <= len(months) and scale == int(scale)):
        raise IndicatorError(f"scale {scale} is not an integer from 1 to {len(months)}, the months of the data")
    first, last = reference or (int(years[0]), int(years[-1]))
    inside = (years >= first) & (years <= last)
    if len(np.unique(years[inside])) < 10:
        raise IndicatorError(
            f"the data cover {years[0]}-{years[-1]}, fewer than 10 years of the reference {first}-{last}; change "
            f"`reference`"
        )
    distribution, mean, centred = choices
    kernel = partial(
        standardise, reference=inside, scale=scale, mean=mean, logistic=distribution == "logistic", centred=centred
    )
    z = blocks.apply(dim, len(months), kernel, data).rename(layer=dim)
    z = z.assign_coords({dim: data[dim]}).transpose(*data.dims)
    return z.assign_attrs(
        long_name=f"{names[0]} index, {scale} months",
        units="1",
        comment=f"{names[1]}-{scale}, {distribution} distribution, reference {first}-{last}",
    )


def december(z: xr.DataArray, month: int = 12) -> xr.DataArray:
    """The value of December (or another month) of each year: `year` in place of the dates."""
    z, dim = consecutive_months(z)
    picked = z.isel({dim: np.flatnonzero(z[dim].dt.month.values == month)})
    return picked.assign_coords({dim: picked[dim].dt.year.values}).rename({dim: "year"})


def classes(z: Any) -> xr.DataArray:
    """Drought class of z.

    Parameters
    ----------
    z
        Index of any shape.

    Returns
    -------
    xarray.DataArray
        int8: 0 none (z ≥ 0), 1 mild, 2 moderate (z ≤ −1), 3 severe (≤ −1.5), 4 extreme (≤ −2); `NODATA` where z is NaN.
        A z equal to a bound belongs to the drier class.

    References
    ----------
    PRAIS 4 Reporting Manual, table 19; WMO-No. 1090.

    Examples
    --------
    >>> classes([0.2, -0.5, -1.0, -2.3]).values.tolist()
    [0, 1, 2, 4]
    """
    data = z if isinstance(z, xr.DataArray) else xr.DataArray(z)
    codes = (data < NORMAL).astype(np.int8) + sum((data <= bound).astype(np.int8) for bound in BOUNDS)
    coded = xr.where(data.isnull(), NODATA, codes).astype(np.int8)
    return coded.assign_attrs(attributes("drought class", CLASSES, PRAIS))


def class_areas(annual: xr.DataArray, weight: xr.DataArray) -> pd.DataFrame:
    """Area of each drought class by year.

    Parameters
    ----------
    annual
        Classes (year, y, x).
    weight
        Area of each cell inside the region, km² (y, x).

    Returns
    -------
    pandas.DataFrame
        `year`, `class` (name), `area_km2`.
    """
    area = np.nan_to_num(weight.transpose("y", "x").values)
    rows = [
        (int(year), name, float(area[of_year == code].sum()))
        for year, of_year in zip(annual["year"].values, annual.transpose("year", "y", "x").values, strict=True)
        for code, name in CLASSES.items()
    ]
    return pd.DataFrame(rows, columns=["year", "class", "area_km2"])


def lowest(annual: xr.DataArray, periods: Sequence[tuple[int, int]] = PERIODS) -> xr.Dataset:
    """Lowest z of each period of years.

    Parameters
    ----------
    annual
        z (year, ...).
    periods
        First and last year of each period, both included.

    Returns
    -------
    xarray.Dataset
        `z` and its `year` (period, ...), with names such as "2000-2003". Missing years take no part; a pixel without
        any has NaN, and year 0.

    Raises
    ------
    IndicatorError
        The data have no year of a period.
    """
    layers = []
    for first, last in periods:
        part = annual.sel(year=(annual.year >= first) & (annual.year <= last))
        if not part.sizes["year"]:
            span = f"{int(annual.year.min())}-{int(annual.year.max())}"
            raise IndicatorError(f"drought: no year of {first}-{last}; the data cover {span}; choose other periods")
        part = part.chunk(year=-1) if part.chunks is not None else part
        driest = part.fillna(np.inf).argmin("year")
        year = part.year.copy(data=part.year.values)[driest].drop_vars("year")
        known = part.notnull().any("year")
        layers.append(xr.Dataset({"z": part.min("year"), "year": year.where(known, 0).astype(np.int16)}))
    names = [f"{first}-{last}" for first, last in periods]
    result = xr.concat(layers, dim="period").assign_coords(period=names)
    result["z"].attrs = {**annual.attrs, "long_name": "lowest value of the period"}
    result["year"].attrs = {"long_name": "year of the lowest value", "units": "1"}
    return result
