"""How fast the kernels are, each beside a peer in the same run. Shown by `make bench`, asserted nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pymannkendall
import pytest
import statsmodels.api as sm
import xarray as xr
from scipy.stats import theilslopes

from indicators.breaks import breakpoints
from indicators.sdg import one_out_all_out
from indicators.trend import mann_kendall, theil_sen

YEARS = np.arange(2001, 2025)


def cube(pixels: int) -> xr.DataArray:
    """24 years with 5 % gaps."""
    rng = np.random.default_rng(24)
    values = 0.3 + 0.02 * rng.normal(size=(24, pixels))
    values[rng.random(values.shape) < 0.05] = np.nan
    return xr.DataArray(values, dims=("year", "x"), coords={"year": YEARS})


def timed(benchmark: Any, work: Callable[[], Any]) -> None:
    work()  # compiled functions compile once
    benchmark.pedantic(work, rounds=5)


@pytest.mark.benchmark(group="Theil-Sen and Mann-Kendall, 1,000 pixels of 24 years, 5 % gaps")
def test_trend(benchmark: Any) -> None:
    values = cube(1000)
    timed(benchmark, lambda: (theil_sen(values), mann_kendall(values)))


@pytest.mark.benchmark(group="Theil-Sen and Mann-Kendall, 1,000 pixels of 24 years, 5 % gaps")
def test_trend_peer_pymannkendall_scipy(benchmark: Any) -> None:
    values = cube(1000)

    def work() -> None:
        for pixel in values.values.T:
            known = np.isfinite(pixel)
            theilslopes(pixel[known], YEARS[known])
            pymannkendall.original_test(pixel)

    timed(benchmark, work)


@pytest.mark.benchmark(group="break dates, one series of 24 years")
def test_breaks(benchmark: Any) -> None:
    series = pd.Series(cube(1).fillna(0.3).values[:, 0], index=YEARS)
    timed(benchmark, lambda: breakpoints(series))


@pytest.mark.benchmark(group="break dates, one series of 24 years")
def test_breaks_peer_statsmodels(benchmark: Any) -> None:
    """One break only, by trying every date: statsmodels has the regressions, but no search for several breaks."""
    values = cube(1).fillna(0.3).values[:, 0]
    ones = np.ones(24)

    def work() -> float:
        return min(
            sm.OLS(values[:place], ones[:place]).fit().ssr + sm.OLS(values[place:], ones[place:]).fit().ssr
            for place in range(3, 22)
        )

    timed(benchmark, work)


@pytest.mark.benchmark(group="one out, all out, 4 million pixels")
def test_one_out_all_out(benchmark: Any) -> None:
    rng = np.random.default_rng(1)
    parts = [xr.DataArray(rng.integers(-1, 2, (2000, 2000)).astype(np.int8), dims=("y", "x")) for _ in range(3)]
    timed(benchmark, lambda: one_out_all_out(*parts))


@pytest.mark.benchmark(group="one out, all out, 4 million pixels")
def test_one_out_all_out_peer_numpy(benchmark: Any) -> None:
    rng = np.random.default_rng(1)
    parts = rng.integers(-1, 2, (3, 2000, 2000)).astype(np.int8)

    def work() -> np.ndarray:
        return np.where((parts == -1).any(0), -1, np.where((parts == 1).any(0), 1, 0))

    timed(benchmark, work)
