"""Break dates to the digits that strucchange prints, against brute force, and the same for a series and for pixels."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.breaks import ave_f, breakpoints, cusum, exp_f, mosum, sup_f
from indicators.breaks.fluctuation import chow, recursive_residuals
from indicators.breaks.kernels.rotations import squares_of_segments
from indicators.breaks.p_values import cusum_p, f_p, monitoring_critical, mosum_critical, mosum_p
from indicators.breaks.partitions import dated
from indicators.errors import IndicatorError

#: Yearly flow of the Nile at Aswan 1871-1970 (Cobb 1978).
NILE = [1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958,
        1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050,
        969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
        781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744,
        749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740]  # fmt: skip


def nile() -> pd.Series:
    return pd.Series(NILE, index=range(1871, 1971), dtype=float)


def test_nile_breaks_to_the_printed_digits() -> None:
    """strucchange's printed results for the Nile: it prints the last year before the break, 1898 (1895-1902)."""
    found = breakpoints(nile())
    row = found.breaks.iloc[0]
    assert (row["index"], row["date"], row["low"], row["high"]) == (28, 1899, 1896, 1903)
    assert (row["low_index"], row["high_index"]) == (25, 32)
    np.testing.assert_allclose(found.rss.iloc[:2], [2835156.7, 1597457.2], atol=0.06)
    np.testing.assert_allclose(found.bic, [1318.24, 1270.08, 1276.47, 1284.72, 1291.94, 1310.77], atol=0.005)
    np.testing.assert_allclose(found.segments["b0"], [1097.75, 849.9722], atol=5e-5)
    np.testing.assert_allclose(found.segments["rss"].sum(), found.rss[1])
    assert len(breakpoints(nile(), criterion="lwz").breaks) == 1


def test_nile_tests_to_the_printed_digits() -> None:
    """strucchange's sctest for the Nile: statistics and p."""
    statistic, p = mosum(nile())
    assert (statistic, p) == (pytest.approx(1.53093, abs=5e-6), 0.01)
    statistic, p = cusum(nile())
    assert (statistic, p) == (pytest.approx(2.95177, abs=5e-6), pytest.approx(5.41e-8, abs=5e-11))
    assert sup_f(nile()).statistic == pytest.approx(75.9298, abs=5e-5)
    assert (sup_f(nile()).date, cusum(nile()).date) == (1899, 1898)  # the sum ends with the last year before
    assert ave_f(nile()).statistic == pytest.approx(21.21466678, abs=5e-9)
    assert exp_f(nile()).statistic == pytest.approx(33.75897496, abs=5e-9)
    recursive = cusum(nile(), recursive=True)
    assert recursive.statistic == pytest.approx(2.066920889, abs=5e-10)
    assert recursive.p == pytest.approx(7.4869e-8, rel=1e-4)


def test_nile_tests_against_a_line_are_those_of_strucchange() -> None:
    """Year as regressor, windows and trimming of 0.2, computed with strucchange 1.5-3."""
    line = np.column_stack([np.ones(100), np.arange(1871.0, 1971)])
    for test, statistic, p in (
        (mosum, 1.424378883, 0.0223452389),
        (sup_f, 38.94790127, 1.128267e-07),
        (ave_f, 18.22667157, 7.295470e-05),
        (exp_f, 15.45953065, 5.779049e-07),
    ):
        found = test(nile(), line, 0.2)
        assert found.statistic == pytest.approx(statistic, rel=1e-9)
        assert found.p == pytest.approx(p, rel=1e-5)
    assert cusum(nile(), line).p == pytest.approx(0.02213861118, rel=1e-8)
    assert cusum(nile(), line, recursive=True).p == pytest.approx(0.09611615007, rel=1e-6)


def test_breaks_of_a_ramp_with_a_step_are_found_with_a_trend_as_regressor() -> None:
    t = np.arange(40.0)
    y = 0.01 * t + np.where(t >= 25, -0.5, 0.0) + np.random.default_rng(0).normal(scale=0.02, size=40)
    design = np.column_stack([np.ones(40), t])
    found = breakpoints(pd.Series(y, index=range(1980, 2020)), X=design, max_breaks=1)
    assert found.breaks["date"].tolist() == [2005]
    assert found.breaks["magnitude"].iloc[0] == pytest.approx(-0.5, abs=0.05)
    assert found.rss.iloc[1] == pytest.approx(least_squares_by_trying(y, design, 1, 6)[0])
    with pytest.raises(IndicatorError, match="use a longer series"):
        breakpoints(pd.Series(y[:5]))


def rss_of(y: np.ndarray, x: np.ndarray) -> float:
    return float(((y - x @ np.linalg.lstsq(x, y, rcond=None)[0]) ** 2).sum())


def least_squares_by_trying(y: np.ndarray, x: np.ndarray, breaks: int, shortest: int) -> tuple[float, tuple[int, ...]]:
    """Every partition tried: the least sum of squares and its ends."""
    best = (np.inf, ())
    for ends in combinations(range(shortest, len(y) - shortest + 1), breaks):
        edges = (0, *ends, len(y))
        if min(np.diff(edges)) >= shortest:
            total = sum(rss_of(y[a:b], x[a:b]) for a, b in pairwise(edges))
            best = min(best, (total, ends))
    return best


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), breaks=st.integers(1, 3), trend=st.booleans())
def test_dynamic_programming_finds_what_trying_every_partition_finds(seed: int, breaks: int, trend: bool) -> None:
    rng = np.random.default_rng(seed)
    y = rng.normal(size=22) + 2 * (np.arange(22) > 9)
    x = np.column_stack([np.ones(22), np.arange(22.0)]) if trend else np.ones((22, 1))
    found = breakpoints(pd.Series(y), x, h=4, max_breaks=breaks)
    total, _ = least_squares_by_trying(y, x, breaks, 4)
    assert found.rss[breaks] == pytest.approx(total, rel=1e-10)


def test_the_sums_of_squares_are_safe_where_prefix_sums_would_not_be() -> None:
    """Years as they are and values on a high level: rotations keep ten digits, sums of squares lose them all."""
    rng = np.random.default_rng(1)
    year = 1_000_000 + np.arange(60.0)
    y = 1e6 + 1e-3 * rng.normal(size=60)
    x = np.column_stack([np.ones(60), year])
    costs = squares_of_segments(x, y, 5)
    centred = np.column_stack([np.ones(60), year - year.mean()])
    exact = np.array([rss_of(y[i:50] - 1e6, centred[i:50]) for i in range(10)])
    np.testing.assert_allclose(costs[:10, 49], exact, rtol=1e-6)
    sums = [np.r_[0, v.cumsum()] for v in (year, y, year * year, year * y, y * y)]
    s = [v[50] - v[0] for v in sums]
    naive = s[4] - s[1] ** 2 / 50 - (s[3] - s[0] * s[1] / 50) ** 2 / (s[2] - s[0] ** 2 / 50)
    assert abs(naive - exact[0]) > exact[0]


def test_regressors_that_depend_on_each_other_leave_the_squares_as_they_are() -> None:
    """A column that others explain counts as not there, in any order."""
    rng = np.random.default_rng(2)
    y, t = rng.normal(size=40), np.arange(40.0)
    plain = squares_of_segments(np.column_stack([np.ones(40), t]), y, 6)
    double = squares_of_segments(np.column_stack([np.ones(40), t, 2 * t + 3]), y, 6)
    first = squares_of_segments(np.column_stack([2 * t + 3, t, np.ones(40)]), y, 6)
    np.testing.assert_allclose(double, plain, rtol=1e-9)
    np.testing.assert_allclose(first, plain, rtol=1e-9)


def test_gaps_are_left_out_and_their_dates_skipped() -> None:
    whole = nile()
    gappy = whole.copy()
    gappy.loc[[1875, 1899, 1940]] = np.nan
    found = breakpoints(gappy)
    short = breakpoints(whole.drop([1875, 1899, 1940]))
    pd.testing.assert_frame_equal(found.breaks, short.breaks)
    assert found.fitted.isna().sum() == 3
    assert mosum(gappy).statistic == mosum(whole.drop([1875, 1899, 1940])).statistic


def test_recursive_residuals_against_statsmodels() -> None:
    import statsmodels.api as sm

    x = np.column_stack([np.ones(100), np.arange(100.0)])
    peer = sm.RecursiveLS(np.array(NILE, float), x).fit().resid_recursive[2:]
    ours = recursive_residuals(np.array(NILE, float), x)
    np.testing.assert_allclose(ours, peer, rtol=1e-6)


def test_critical_values_are_those_published() -> None:
    """Kolmogorov 1.358; Andrews (1993), Table 1: sup F at 15 % trimming 8.85 and 11.79 for 1 and 2 regressors."""
    assert float(cusum_p(1.358)) == pytest.approx(0.05, abs=2e-4)
    for regressors, critical in ((1, 8.85), (2, 11.79)):
        assert float(f_p(critical, "sup", regressors, 0.15)) == pytest.approx(0.05, abs=0.006)
    assert monitoring_critical(0.25, 10, 0.05) == pytest.approx(1.3418245, abs=5e-8)
    assert float(mosum_p(mosum_critical(0.15)[1], 0.15)) == 0.05
    with pytest.raises(IndicatorError, match="levels"):
        monitoring_critical(0.25, 10, 0.2)


def test_tables_of_moving_sums_agree_with_simulation() -> None:
    """5 % of Brownian bridges, and of monitored ones, pass the tabulated values (2,000 paths of 500 steps)."""
    rng = np.random.default_rng(3)
    steps = rng.normal(size=(2000, 500)) / np.sqrt(500)
    bridge = np.c_[np.zeros(2000), (steps - steps.mean(1, keepdims=True)).cumsum(1)]
    for h in (0.15, 0.25):
        window = int(h * 500)
        largest = np.abs(bridge[:, window:] - bridge[:, :-window]).max(1)
        assert (largest > mosum_critical(h)[1]).mean() == pytest.approx(0.05, abs=0.02)
    walk = np.c_[np.zeros(2000), (rng.normal(size=(2000, 2000)) / np.sqrt(200)).cumsum(1)]
    residual = walk - walk[:, [200]] * (np.arange(2001) / 200)
    moving = np.abs(residual[:, 201:] - residual[:, 151:-50])
    time = np.arange(201, 2001) / 200
    boundary = np.sqrt(2 * np.where(time <= np.e, 1, np.log(time))) * monitoring_critical(0.25, 10, 0.05)
    assert (moving > boundary).any(1).mean() == pytest.approx(0.05, abs=0.02)


@pytest.mark.parametrize("functional", ["sup", "ave", "exp"])
def test_p_of_f_tests_never_rises_with_the_statistic(functional: str) -> None:
    for regressors in (1, 2, 8, 40):
        for trim in (0.05, 0.15, 0.33, 0.495):
            p = f_p(np.linspace(0, 300, 400), functional, regressors, trim)
            assert (np.diff(p) <= 1e-9).all()


def test_chow_against_statsmodels() -> None:
    """F of the unrestricted against the restricted regression."""
    import statsmodels.api as sm

    y, x = np.array(NILE, float), np.column_stack([np.ones(100), np.arange(100.0)])
    side = (np.arange(100) >= 28)[:, None]
    full = sm.OLS(y, np.column_stack([x, x * side])).fit()
    assert chow(y, x, 28) == pytest.approx(float(full.compare_f_test(sm.OLS(y, x).fit())[1]), rel=1e-8)
    assert np.isnan(chow(y, x, 2))


def cube(gaps: float, seed: int = 0) -> tuple[xr.DataArray, np.ndarray]:
    """36 pixels of 40 years with steps of several sizes, and a trend as regressor."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(40, 6, 6)) + 0.01 * np.arange(40)[:, None, None]
    values[22:] += np.linspace(-3, 3, 36).reshape(6, 6)
    values[rng.random(values.shape) < gaps] = np.nan
    values[:, 0, 0] = np.nan
    years = np.arange(1981, 2021)
    data = xr.DataArray(values, dims=("year", "y", "x"), coords={"year": years, "y": range(6), "x": range(6)})
    return data, np.column_stack([np.ones(40), years])


@pytest.mark.parametrize("gaps", [0.0, 0.1])
def test_pixels_have_what_their_series_alone_have(gaps: float) -> None:
    data, line = cube(gaps)
    found = breakpoints(data, line)
    tests = {test: test(data, line) for test in (mosum, cusum, sup_f, ave_f)}
    assert int(found["breaks"][0, 0]) == -1
    assert np.isnan(float(tests[sup_f]["p"][0, 0]))
    for y, x in [(y, x) for y in range(6) for x in range(6) if (y, x) != (0, 0)]:
        series = data[:, y, x].to_series()
        table = breakpoints(series, line).breaks
        pixel = found.isel(y=y, x=x)
        assert int(pixel["breaks"]) == len(table)
        for field in ("date", "low", "high", "magnitude"):
            np.testing.assert_allclose(pixel[field][: len(table)], table[field].to_numpy(float), rtol=1e-9)
        for test, result in tests.items():
            single = test(series, line)
            assert float(result["statistic"][y, x]) == pytest.approx(single.statistic, rel=1e-9)
            assert float(result["p"][y, x]) == pytest.approx(single.p, rel=1e-7, abs=1e-12)
        assert float(tests[sup_f]["date"][y, x]) == sup_f(series, line).date


def test_results_do_not_depend_on_chunks_or_neighbours() -> None:
    data, line = cube(0.1)
    whole = breakpoints(data, line)
    chunked = breakpoints(data.chunk({"y": 2, "x": 3}), line)
    assert chunked["date"].chunks is not None
    xr.testing.assert_identical(whole, chunked.compute())
    alone = breakpoints(data.isel(y=[2], x=[4]), line)
    xr.testing.assert_identical(whole.isel(y=[2], x=[4]), alone)
    with pytest.raises(IndicatorError, match="rechunk"):
        breakpoints(data.chunk({"year": 10}), line)


def test_a_cube_without_time_or_with_bad_regressors_is_refused() -> None:
    data, line = cube(0.0)
    with pytest.raises(IndicatorError, match="none of which is time"):
        breakpoints(data.rename(year="z"), line)
    with pytest.raises(IndicatorError, match="depend on each other"):
        sup_f(data, np.column_stack([line, line[:, 1] * 2]))
    with pytest.raises(IndicatorError, match="one row each"):
        mosum(data, line[:10])
    with pytest.raises(IndicatorError, match="criterion"):
        breakpoints(nile(), criterion="aic")  # type: ignore[arg-type]


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """5,000 pixels in one part or two, gaps in some: each is what it is alone."""
    rng = np.random.default_rng(2)
    values = rng.normal(size=(24, 50, 100))
    values[12:, ::2] += 3
    values[rng.random(values.shape) < 0.02] = np.nan
    cube = xr.DataArray(values, dims=("year", "y", "x"), coords={"year": np.arange(2001, 2025)})
    monkeypatch.setattr("numba.config.NUMBA_NUM_THREADS", threads)
    found = breakpoints(cube)
    for y, x in ((0, 0), (13, 77), (27, 31), (49, 99)):
        alone = breakpoints(cube[:, y, x : x + 1]).isel(x=0)
        xr.testing.assert_identical(found.isel(y=y, x=x).drop_attrs(), alone.drop_attrs())
    assert breakpoints(cube[:, :0]).sizes["y"] == 0


def test_the_first_date_after_is_the_next_observation() -> None:
    """A step from 2013 on with 2013 not observed: the last before is 2012, the first after 2014; pixels alike."""
    rng = np.random.default_rng(1)
    values = pd.Series(0.3 - 0.1 * (np.arange(24) >= 12) + 0.005 * rng.normal(size=24), np.arange(2001, 2025))
    values[2013] = np.nan
    found = breakpoints(values)
    (row,) = found.breaks.to_dict("records")
    assert (row["index"], row["date"], sup_f(values).date) == (12, 2014, 2014)
    assert row["low"] <= 2014 <= row["high"]
    cube = xr.DataArray(values.to_numpy()[:, None], {"year": values.index}, ("year", "x"))
    pixel = breakpoints(cube).isel({"x": 0, "break": 0})
    assert [int(pixel[name]) for name in ("date", "low", "high")] == [row[name] for name in ("date", "low", "high")]
    assert int(sup_f(cube)["date"][0]) == 2014


def test_the_interval_of_a_break_does_not_leave_the_series() -> None:
    years = pd.Index(range(2001, 2025))
    row = dated(years, 21, (0, 23))
    assert (row["date"], row["low"], row["high"]) == (2023, 2002, 2024)
    assert (row["index"], row["low_index"], row["high_index"]) == (22, 1, 24)
