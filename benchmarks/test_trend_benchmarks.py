"""Trends of many pixels, beside everything else that makes them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import pymannkendall
import pytest
import xarray as xr
from scipy.stats import theilslopes

from indicators.trends.rain_accumulation import best_accumulation
from indicators.trends.theil_sen import mann_kendall, theil_sen_mann_kendall

YEARS = np.arange(2001, 2025)
GAPS = "Theil-Sen and Mann-Kendall, pixels of 24 years, 5 % gaps"
CORRECTED = "Mann-Kendall corrected after Hamed and Rao, pixels of 40 years"


def cube(pixels: int, years: np.ndarray = YEARS, gaps: float = 0.05) -> xr.DataArray:
    rng = np.random.default_rng(24)
    values = (0.3 + 0.02 * rng.normal(size=(len(years), pixels))).astype(np.float32)
    values[rng.random(values.shape) < gaps] = np.nan
    return xr.DataArray(values, dims=("year", "x"), coords={"year": years})


def timed(benchmark: Any, work: Callable[[], Any], pixels: int, rounds: int = 5) -> None:
    """Median of a few rounds after one that compiles; pixels a second go into the report's extra information."""
    work()
    benchmark.pedantic(work, rounds=rounds)
    if benchmark.stats:
        benchmark.extra_info["pixels_per_second"] = round(pixels / benchmark.stats["median"])


@pytest.mark.benchmark(group=GAPS)
def test_this_million(benchmark: Any) -> None:
    values = cube(1_000_000)
    timed(benchmark, lambda: theil_sen_mann_kendall(values), 1_000_000)


@pytest.mark.benchmark(group=GAPS)
def test_this_million_of_ties(benchmark: Any) -> None:
    """NDVI of four decimals: nearly every pixel has ties, so its groups are counted too."""
    values = cube(1_000_000).round(4)
    timed(benchmark, lambda: theil_sen_mann_kendall(values), 1_000_000)


@pytest.mark.benchmark(group=GAPS)
def test_this_million_lazy(benchmark: Any) -> None:
    values = cube(1_000_000).chunk(x=100_000)
    timed(benchmark, lambda: theil_sen_mann_kendall(values).compute(), 1_000_000)


@numba.njit(parallel=True, cache=True)
def pair_loop(y: Any, t: Any, slope: Any, intercept: Any, s: Any) -> None:
    """The straightforward way: a pixel at a time, all its pairs, a sort."""
    n, pixels = y.shape
    for pixel in numba.prange(pixels):
        slopes, rest = np.empty(n * (n - 1) // 2), np.empty(n)
        count, known, score = 0, 0, 0
        for i in range(n):
            if np.isnan(y[i, pixel]):
                continue
            for j in range(i + 1, n):
                if not np.isnan(y[j, pixel]):
                    d = np.float64(y[j, pixel]) - y[i, pixel]
                    score += (d > 0) - (d < 0)
                    slopes[count] = d / (t[j] - t[i])
                    count += 1
        s[pixel] = score
        slope[pixel] = np.median(slopes[:count]) if count else np.nan
        for i in range(n):
            if not np.isnan(y[i, pixel]):
                rest[known] = y[i, pixel] - slope[pixel] * t[i]
                known += 1
        intercept[pixel] = np.median(rest[:known]) if known else np.nan


@pytest.mark.benchmark(group=GAPS)
def test_peer_numba_pair_loop_100_thousand(benchmark: Any) -> None:
    values, times = cube(100_000).values, YEARS.astype(float)
    out = np.empty((3, 100_000))
    timed(benchmark, lambda: pair_loop(values, times, *out), 100_000)
    found = theil_sen_mann_kendall(cube(100_000))
    np.testing.assert_allclose(out, [found["slope"], found["intercept"], found["s"]], atol=1e-9)


@pytest.mark.benchmark(group=GAPS)
def test_peer_scipy_and_pymannkendall_thousand(benchmark: Any) -> None:
    values = cube(1000)

    def work() -> None:
        for pixel in values.values.T:
            known = np.isfinite(pixel)
            theilslopes(pixel[known], YEARS[known])
            pymannkendall.original_test(pixel)

    timed(benchmark, work, 1000, 3)


@pytest.mark.benchmark(group=GAPS)
def test_peer_pymannkendall_thousand(benchmark: Any) -> None:
    """Its test gives the slope too."""
    values = cube(1000)
    timed(benchmark, lambda: [pymannkendall.original_test(pixel) for pixel in values.values.T], 1000, 3)


@pytest.mark.benchmark(group=GAPS)
def test_peer_xarray_mann_kendall_thousand(benchmark: Any) -> None:
    from xarrayMannKendall import Mann_Kendall_test

    values = cube(1000).values.reshape(24, 1, 1000)
    coords = {"time": YEARS.astype(float), "y": [0.0], "x": np.arange(1000.0)}
    data = xr.DataArray(values, coords, ("time", "y", "x"))

    def work() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = {"time": "time", "x": "x", "y": "y"}
            Mann_Kendall_test(data, "time", MK_modified=False, method="linregress", coords_name=names).compute()

    timed(benchmark, work, 1000, 3)


@pytest.mark.benchmark(group=CORRECTED)
def test_hamed_rao_20_thousand(benchmark: Any) -> None:
    values = cube(20_000, np.arange(1980, 2020), 0)
    timed(benchmark, lambda: mann_kendall(values, correction="hamed-rao"), 20_000)


@pytest.mark.benchmark(group=CORRECTED)
def test_hamed_rao_peer_pymannkendall_200(benchmark: Any) -> None:
    values = cube(200, np.arange(1980, 2020), 0)

    def work() -> list[Any]:
        with np.errstate(invalid="ignore"):  # where its corrected variance is negative
            return [pymannkendall.hamed_rao_modification_test(pixel) for pixel in values.values.T]

    timed(benchmark, work, 200, 3)


@pytest.mark.benchmark(group="best of 48 sums of rain, 10,000 climate cells of 24 years")
def test_best_accumulation(benchmark: Any) -> None:
    rng = np.random.default_rng(2)
    dates = np.arange("1999-01", "2025-01", dtype="datetime64[M]").astype("datetime64[ns]")
    rain = xr.DataArray(rng.gamma(2, 10, (len(dates), 10_000)), {"time": dates}, ("time", "x"))
    timed(benchmark, lambda: best_accumulation(cube(10_000), rain), 10_000)


@pytest.mark.benchmark(group="best of 48 sums of rain, 10,000 climate cells of 24 years")
def test_best_accumulation_peer_numpy(benchmark: Any) -> None:
    """The same search, all cells of one sum at once; no gaps."""
    rng = np.random.default_rng(2)
    rain, vi = rng.gamma(2, 10, (312, 10_000)), rng.normal(size=(24, 10_000))
    last = np.arange(24) * 12 + 31

    def work() -> np.ndarray:
        centred = vi - vi.mean(0)
        scores = []
        for offset in range(4):
            for length in range(1, 13):
                x = sum(rain[last - offset - k] for k in range(length))
                x = x - x.mean(0)
                product = (centred * x).sum(0)
                scores.append(np.where(product > 0, product**2 / (x**2).sum(0) / (centred**2).sum(0), -1))
        return np.argmax(scores, axis=0)

    timed(benchmark, work, 10_000)
