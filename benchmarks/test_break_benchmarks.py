"""Breaks of many series: each kernel beside peers in the same run, and how time grows with length and cores.

Series a second = number in the group's name over the time shown. Peers go series by series, so that they are given
fewer; the number stands in their own names. R's strucchange is a peer where R and that package are installed; R waits
beside the run, so that its start is not timed.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from indicators.breaks import (
    GLOBAL_MEAN,
    attribute_change,
    breakpoints,
    cusum,
    monitor,
    mosum,
    sup_f,
    tss_restrend_annual,
)
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


#: Series that R is given, one after the other: 24 years and a line, or 552 composites and 8 regressors.
IN_R = """
suppressMessages(library(strucchange)); set.seed(1)
short <- matrix(rnorm(24 * 200), 24); line <- 2001:2024
t <- 2001 + (0:551) / 23; w <- 2 * pi * t
long <- 0.4 + 0.2 * sin(w) + 0.03 * rnorm(552)
x <- cbind(1:552, cos(w), sin(w), cos(2 * w), sin(2 * w), cos(3 * w), sin(3 * w))
"""


@pytest.fixture(scope="module")
def in_r() -> Iterator[Callable[[str], None]]:
    """Runs a line of R and waits for its end; skipped without R and strucchange."""
    if shutil.which("R") is None:
        pytest.skip("R is not installed")
    there = subprocess.run(["Rscript", "-e", "library(strucchange)"], capture_output=True, check=False)
    if there.returncode:
        pytest.skip("R has no package strucchange")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(["R", "--vanilla", "--no-echo"], text=True, **pipes) as r:
        assert r.stdin is not None
        assert r.stdout is not None

        def run(line: str) -> None:
            r.stdin.write(f"{line}\ncat('done\\n')\n")
            r.stdin.flush()
            while (said := r.stdout.readline()) != "done\n":
                assert said, f"R ended at: {line}"

        run(IN_R)
        yield run
        r.stdin.close()


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


@pytest.mark.benchmark(group="tests of one break, 40,000 series of 24 years against a line")
@pytest.mark.parametrize(
    "test",
    [
        "efp(y ~ line, type = 'OLS-CUSUM')",
        "efp(y ~ line, type = 'OLS-MOSUM', h = 0.15)",
        "Fstats(y ~ line, from = 0.15)",
    ],
    ids=["cusum", "mosum", "sup_f"],
)
def test_annual_peer_r_200_series(benchmark: Any, in_r: Callable[[str], None], test: str) -> None:
    timed(benchmark, lambda: in_r(f"for (i in 1:200) {{ y <- short[, i]; sctest({test}) }}"), rounds=3)


@pytest.mark.benchmark(group="Bai-Perron, 40,000 series of 24 years, mean")
def test_annual_partitions_peer_r_200_series(benchmark: Any, in_r: Callable[[str], None]) -> None:
    timed(benchmark, lambda: in_r("for (i in 1:200) breakpoints(short[, i] ~ 1, h = 0.15)"), rounds=3)


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


@pytest.mark.benchmark(group="long series: 552 composites, 8 regressors")
@pytest.mark.parametrize(
    "test", ["Fstats(long ~ x, from = 0.15)", "breakpoints(long ~ x, h = 0.15)"], ids=["sup_f", "bp"]
)
def test_long_peer_r_1_series(benchmark: Any, in_r: Callable[[str], None], test: str) -> None:
    timed(benchmark, lambda: in_r(test), rounds=2)


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


@pytest.mark.benchmark(group="parts of a change, 20,000 pixels of 24 years")
@pytest.mark.parametrize("co2", [False, True], ids=["rain", "rain and carbon dioxide"])
def test_attribution(benchmark: Any, co2: bool) -> None:
    green = 5 + annual(20_000)
    rain = xr.DataArray(np.random.default_rng(2).normal(size=(43, 20_000)), dims=("year", "x"))
    rain = rain.assign_coords(year=np.arange(1982, 2025))
    timed(benchmark, lambda: attribute_change(green, rain, co2=GLOBAL_MEAN if co2 else None), rounds=3)


@pytest.mark.benchmark(group="parts of a change, 20,000 pixels of 24 years")
def test_attribution_peer_scipy_200_pixels(benchmark: Any) -> None:
    """Only the slopes and ranks of its five series, with scipy."""
    from scipy.stats import spearmanr, theilslopes

    green = annual(200).values.T

    def work() -> None:
        for series in np.repeat(green, 5, axis=0):
            theilslopes(series, YEARS)
            spearmanr(YEARS, series)

    timed(benchmark, work, rounds=2)


@pytest.mark.benchmark(group="scaling with length: sup F of 2,000 series, 8 regressors")
@pytest.mark.parametrize("n", [138, 276, 552, 1104])
def test_scaling_with_length(benchmark: Any, n: int) -> None:
    data, x = composites(2000, n), harmonics(n)
    timed(benchmark, lambda: sup_f(data, x), rounds=3)


@pytest.mark.benchmark(group="scaling with length: Bai-Perron of 64 series, 8 regressors")
@pytest.mark.parametrize("n", [138, 276, 552])
def test_partitions_with_length(benchmark: Any, n: int) -> None:
    data, x = composites(64, n), harmonics(n)
    timed(benchmark, lambda: breakpoints(data, x), rounds=3)


@pytest.mark.benchmark(group="scaling with cores: monitoring of 8,000 series of 552 composites in 8 blocks")
@pytest.mark.parametrize("cores", [1, 2, 4])
def test_scaling_with_cores(benchmark: Any, cores: int) -> None:
    data = composites(8000).chunk({"x": 1000})
    timed(
        benchmark,
        lambda: monitor(data, 2019.0, frequency=23).compute(scheduler="threads", num_workers=cores),
        rounds=2,
    )


@pytest.mark.benchmark(group="scaling with cores: Bai-Perron of 40,000 series of 24 years in memory")
@pytest.mark.parametrize("cores", [1, 2, 4])
def test_scaling_in_memory(benchmark: Any, cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("numba.config.NUMBA_NUM_THREADS", cores)
    data = annual(ANNUAL)
    timed(benchmark, lambda: breakpoints(data), rounds=3)
