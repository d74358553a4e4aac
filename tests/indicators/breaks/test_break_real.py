"""Breaks in real series: what the megadrought of Chile, blooms of the Atacama and changes of sensors look like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from break_series import real

from indicators.breaks import bfast, breakpoints, monitor


def chile(name: str) -> xr.DataArray:
    """NDVI of MODIS, 8 × 8 pixels, both satellites (R package npphen 2.0.1; Chávez et al. 2023)."""
    import rasterio

    with rasterio.open(real(f"modis-chile/{name}.tif")) as source:
        values = source.read().astype(float)
        values[values == source.nodata] = np.nan
        time = pd.DatetimeIndex(source.descriptions)
    return xr.DataArray(values * 1e-4, dims=("time", "y", "x"), coords={"time": time}).sortby("time")


def months_of(cube: xr.DataArray) -> pd.Series:
    return cube.mean(("y", "x")).to_series().resample("MS").mean()


def test_central_chile_dried_out_until_2015() -> None:
    """One break, the end of the drought's first part in September 2015; monitored from 2010 on, an alarm in 2012."""
    months = months_of(chile("central-chile"))
    found = bfast(months, "harmonic")
    assert [date.year for date in found.trend_breaks["date"]] == [2015]
    assert found.trend_breaks["magnitude"].iloc[0] == pytest.approx(0.096, abs=0.01)
    assert found.trend_segments["slope"].iloc[0] < 0
    alarm = monitor(months, "2010-01-01")
    assert alarm.break_time.year == 2012
    assert alarm.magnitude < 0
    years = chile("central-chile").groupby("time.year").mean().sel(year=slice(2001, 2020))
    pixels = breakpoints(years, h=0.2)
    assert (pixels["breaks"] >= 1).mean() > 0.9


def test_the_atacama_bloomed_in_two_winters() -> None:
    """Upward breaks before the blooms of 2011 and 2017, in ground of NDVI 0.10, with a fifth of the values missing."""
    months = months_of(chile("atacama"))
    found = bfast(months, "harmonic")
    assert [date.year for date in found.trend_breaks["date"]] == [2011, 2017]
    assert (found.trend_breaks["magnitude"] > 0.03).all()


def portal() -> pd.DataFrame:
    """Monthly NDVI by sensor of the Portal site, Chihuahuan desert (weecology/PortalData)."""
    table = pd.read_csv(real("portal-ndvi/ndvi.csv"), parse_dates=["date"])
    table = table[table["cloud_cover"].isna() | (table["cloud_cover"] < 50)]
    return table.groupby(["sensor", table["date"].dt.to_period("M")])["ndvi"].mean().unstack(0)


def spliced(first: pd.Series, then: pd.Series, month: pd.Period) -> pd.Series:
    """One sensor up to a month, another from then on."""
    joined = first.where(first.index < month, then)
    return joined.reindex(pd.period_range(joined.first_valid_index(), joined.last_valid_index(), freq="M"))


def test_a_change_of_sensor_passes_for_a_break() -> None:
    """GIMMS up to 2002, Landsat 7 from then on: the record breaks at the seam, by the difference of the sensors.

    In 173 months seen by both GIMMS reads 0.127 more; the break in December 2002 is one of -0.149, in an extreme
    drought. With the difference taken out none is left within five years of the seam. `tss_restrend` leaves out such
    months with `exclude`.
    """
    sensors = portal()
    month = pd.Period("2003-01", "M")
    found = bfast(spliced(sensors["GIMMSv0"], sensors["Landsat7"], month), "harmonic", h=0.15)
    apart = [abs((pd.Period(date, "M") - month).n) for date in found.trend_breaks["date"]]
    assert min(apart) <= 12
    size = found.trend_breaks["magnitude"].iloc[int(np.argmin(apart))]
    offset = (sensors["GIMMSv0"] - sensors["Landsat7"]).mean()
    assert offset == pytest.approx(0.127, abs=0.005)
    assert size == pytest.approx(-offset, abs=0.03)
    level = bfast(spliced(sensors["GIMMSv0"] - offset, sensors["Landsat7"], month), "harmonic", h=0.15)
    assert all(abs((pd.Period(date, "M") - month).n) > 60 for date in level.trend_breaks["date"])
