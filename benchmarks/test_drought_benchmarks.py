"""The standardised precipitation index beside its peers, 40 years of months. Shown, asserted nowhere."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from indicators.weather.drought import spei, spi

MONTHS = 480
GROUP = "SPI-12, 40 years"


def rain(pixels: int) -> xr.DataArray:
    rng = np.random.default_rng(0)
    season = 1.2 + np.sin(np.arange(MONTHS) / 12 * 2 * np.pi)[:, None]
    values = rng.gamma(2, 10, (MONTHS, pixels)) * (rng.random((MONTHS, pixels)) < 0.85) * season
    dates = pd.date_range("1981-01-01", periods=MONTHS, freq="MS")
    return xr.DataArray(values, {"time": dates}, ("time", "x"), attrs={"units": "mm/day"})


def timed(benchmark: Any, work: Callable[[], Any], pixels: int, rounds: int = 3) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work()
        benchmark.pedantic(work, rounds=rounds)
    if benchmark.stats:
        benchmark.extra_info["pixel_years_per_second"] = round(pixels * MONTHS / 12 / benchmark.stats["median"])


@pytest.mark.benchmark(group=GROUP)
def test_spi_10_thousand(benchmark: Any) -> None:
    precip = rain(10_000)
    timed(benchmark, lambda: spi(precip, 12), 10_000)


@pytest.mark.benchmark(group=GROUP)
def test_spi_peer_climate_indices_thousand(benchmark: Any) -> None:
    from climate_indices import compute, indices

    logging.disable(logging.CRITICAL)
    columns = np.ascontiguousarray(rain(1000).values.T)
    calibration = (1981, 1981, 2010, compute.Periodicity.monthly)

    def work() -> list[Any]:
        return [indices.spi(each, 12, indices.Distribution.gamma, *calibration) for each in columns]

    timed(benchmark, work, 1000)
    logging.disable(logging.NOTSET)


@pytest.mark.benchmark(group=GROUP)
def test_spi_peer_xclim_500(benchmark: Any) -> None:
    from xclim.indices import standardized_precipitation_index

    precip = rain(500)
    choices = {"dist": "gamma", "method": "APP", "fitkwargs": {"floc": 0}}
    period = {"cal_start": "1981-01-01", "cal_end": "2010-12-31"}

    def work() -> Any:
        return standardized_precipitation_index(precip, freq="MS", window=12, **choices, **period).compute()

    timed(benchmark, work, 500)


@pytest.mark.benchmark(group=GROUP)
def test_spei_10_thousand(benchmark: Any) -> None:
    balance = rain(10_000) - 20
    timed(benchmark, lambda: spei(balance, scale=12), 10_000)
