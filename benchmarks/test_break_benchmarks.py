"""Breaks of many series: each kernel beside a peer in the same run, and how time grows with length and cores.

Series a second = number in the group's name over the time shown. Peers go series by series, so that they are given
fewer; the number stands in their own names.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from indicators.breaks import breakpoints, cusum, monitor, mosum, sup_f, tss_restrend_annual
from indicators.breaks.axis import axis_of, season_trend

YEARS = np.arange(2001, 2025)
ANNUAL = 40_000
LONG = 552


def annual(pixels: int, gaps: float = 0.0) -> xr.DataArray:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(24, pixels))
    values[rng.random(values.shape) < gaps] = np.nan
    return xr.DataArray(values, dims=("year", "x"), coords={"year": YEARS})


def composites(pixels: int, n: int = LONG, gaps: float = 0.0) -> xr.DataArray:
    rng = np.random.default_rng(1)
    t = 2001 + np.arange(n) / 23
    values = 0.4 + 0.2 * np.sin(2 * np.pi * t)[:, None] + 0.03 * rng.normal(size=(n, pixels))
    values[rng.random(values.shape) < gaps] = np.nan
    return xr.DataArray(values, dims=("time", "x"), coords={"time": t})


def harmonics(n: int = LONG) -> np.ndarray:
    return season_trend(axis_of(pd.Index(2001 + np.arange(n) / 23), 23)[1], 3)


def timed(benchmark: Any, work: Callable[[], Any], rounds: int = 5) -> None:
    work()  # compiled functions compile once
    benchmark.pedantic(work, rounds=rounds)


@pytest.mark.benchmark(group="tests of one break, 40,000 series of 24 years against a line")
@pytest.mark.parametrize("test", [cusum, mosum, sup_f], ids=["cusum", "mosum", "sup_f"])
def test_annual_tests(benchmark: Any, test: Callable[..., Any]) -> None:
    data, line = annual(ANNUAL), np.column_stack([np.ones(24), YEARS])
    timed(benchmark, lambda: test(data, line))


@pytest.mark.benchmark(group="tests of one break, 40,000 series of 24 years against a line")
def test_annual_peer_statsmodels_400_series(benchmark: Any) -> None:
    """OLS-CUSUM alone: statsmodels has no MOSUM and no sup F."""
    from statsmodels.stats.diagnostic import breaks_cusumolsresid

    values, line = annual(400).values, np.column_stack([np.ones(24), YEARS])
    q = np.linalg.qr(line)[0]

    def work() -> None:
        for series in values.T:
            breaks_cusumolsresid(series - q @ (q.T @ series), ddof=2)

    timed(benchmark, work)


@pytest.mark.benchmark(group="Bai-Perron, 40,000 series of 24 years, mean")
@pytest.mark.parametrize("gaps", [0.0, 0.05])
def test_annual_partitions(benchmark: Any, gaps: float) -> None:
    data = annual(ANNUAL, gaps)
    timed(benchmark, lambda: breakpoints(data))


@pytest.mark.benchmark(group="Bai-Perron, 40,000 series of 24 years, mean")
def test_annual_partitions_peer_rbeast_100_series(benchmark: Any) -> None:
    """Another method (Bayesian averaging over many models), the only peer in Python that does as much."""
    Rbeast = pytest.importorskip("Rbeast")
    values = annual(100).values

    def work() -> None:
        for series in values.T:
            Rbeast.beast(series, season="none", quiet=True, print_progress=False, print_options=False)

    timed(benchmark, work, rounds=2)


@pytest.mark.benchmark(group="Bai-Perron, one series of 24 years, mean")
@pytest.mark.parametrize("peer", [False, True], ids=["ours", "peer by trying every date with numpy, one break only"])
def test_one_series(benchmark: Any, peer: bool) -> None:
    series = annual(1).to_series().droplevel("x")
    values = series.to_numpy()

    def trying() -> float:
        parts = ((values[:i], values[i:]) for i in range(3, 22))
        return min(float(((a - a.mean()) ** 2).sum() + ((b - b.mean()) ** 2).sum()) for a, b in parts)

    timed(benchmark, trying if peer else lambda: breakpoints(series))


@pytest.mark.benchmark(group="monitoring, 2,000 series of 552 composites, three harmonics, ROC")
@pytest.mark.parametrize("gaps", [0.0, 0.2])
def test_monitor(benchmark: Any, gaps: float) -> None:
    data = composites(2000, gaps=gaps)
    timed(benchmark, lambda: monitor(data, 2019.0, frequency=23))


@pytest.mark.benchmark(group="monitoring, 2,000 series of 552 composites, three harmonics, ROC")
def test_monitor_peer_numpy_50_series(benchmark: Any) -> None:
    """The same, written for one series with numpy."""
    data = composites(50)
    series = [data[:, x].to_series() for x in range(50)]
    timed(benchmark, lambda: [monitor(each, 2019.0, frequency=23) for each in series])


@pytest.mark.benchmark(group="long series: 552 composites, 8 regressors")
def test_long_sup_f_2000_series(benchmark: Any) -> None:
    data, x = composites(2000), harmonics()
    timed(benchmark, lambda: sup_f(data, x))


@pytest.mark.benchmark(group="long series: 552 composites, 8 regressors")
def test_long_partitions_64_series(benchmark: Any) -> None:
    data, x = composites(64), harmonics()
    timed(benchmark, lambda: breakpoints(data, x), rounds=3)


@pytest.mark.benchmark(group="long series: 552 composites, 8 regressors")
def test_long_sup_f_peer_numpy_1_series(benchmark: Any) -> None:
    """Two regressions for every date."""
    values, x = composites(1).values[:, 0], harmonics()

    def work() -> float:
        return min(
            float(np.linalg.lstsq(x[:i], values[:i])[1].sum() + np.linalg.lstsq(x[i:], values[i:])[1].sum())
            for i in range(82, LONG - 82)
        )

    timed(benchmark, work, rounds=2)


@pytest.mark.benchmark(group="yearly decision tree, 20,000 pixels of 24 years")
def test_tree(benchmark: Any) -> None:
    green = annual(20_000)
    rain = green.copy(data=np.random.default_rng(2).normal(size=green.shape))
    timed(benchmark, lambda: tss_restrend_annual(green, rain))


@pytest.mark.benchmark(group="yearly decision tree, 20,000 pixels of 24 years")
def test_tree_peer_statsmodels_50_pixels(benchmark: Any) -> None:
    """Only its two regressions, with statsmodels."""
    import statsmodels.api as sm

    green, rain = annual(50).values, np.random.default_rng(2).normal(size=(24, 50))

    def work() -> None:
        for y, r in zip(green.T, rain.T, strict=True):
            vpr = sm.OLS(y, sm.add_constant(r)).fit()
            sm.OLS(vpr.resid, sm.add_constant(YEARS.astype(float))).fit().f_pvalue  # noqa: B018

    timed(benchmark, work)


@pytest.mark.benchmark(group="scaling with length: sup F of 2,000 series, 8 regressors")
@pytest.mark.parametrize("n", [138, 276, 552, 1104])
def test_scaling_with_length(benchmark: Any, n: int) -> None:
    data, x = composites(2000, n), harmonics(n)
    timed(benchmark, lambda: sup_f(data, x), rounds=3)


@pytest.mark.benchmark(group="scaling with cores: monitoring of 8,000 series of 552 composites in 8 blocks")
@pytest.mark.parametrize("cores", [1, 2, 4])
def test_scaling_with_cores(benchmark: Any, cores: int) -> None:
    data = composites(8000).chunk({"x": 1000})
    timed(
        benchmark,
        lambda: monitor(data, 2019.0, frequency=23).compute(scheduler="threads", num_workers=cores),
        rounds=2,
    )
