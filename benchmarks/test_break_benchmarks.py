"""Break dates beside a peer in the same run. Shown by `make bench`, asserted nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import xarray as xr

from indicators.breaks import breakpoints

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
