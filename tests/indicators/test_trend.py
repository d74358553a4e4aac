"""Trends against independent implementations, published values and algebraic laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pymannkendall
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, theilslopes

from indicators.areas import class_table, zone_area
from indicators.breaks import breakpoints
from indicators.errors import IndicatorError
from indicators.productivity import least_squares, trajectory
from indicators.trend import exact_p, false_discovery_rate, mann_kendall, theil_sen

#: Smallest |S| that is significant at 10, 5, 1 % (two-sided, exact), by enumeration of all orders.
EXACT = {12: (26, 30, 38), 13: (28, 34, 44), 15: (35, 41, 53), 16: (38, 46, 58), 17: (42, 50, 64),
         20: (52, 62, 80), 23: (65, 75, 99), 24: (68, 80, 104), 25: (72, 86, 110)}  # fmt: skip
#: Yearly flow of the Nile at Aswan 1871-1970 (Cobb 1978).
NILE = [1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958,
        1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020, 1050,
        969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796, 1040, 759,
        781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874, 848, 890, 744,
        749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740]  # fmt: skip

series = st.lists(st.floats(-100, 100, allow_nan=False), min_size=4, max_size=30)


def yearly(values: list[float]) -> xr.DataArray:
    return xr.DataArray(np.array(values, float), dims="year", coords={"year": np.arange(2001, 2001 + len(values))})


@pytest.mark.parametrize("n", EXACT)
def test_exact_critical_values(n: int) -> None:
    p = exact_p(n)
    parity = n * (n - 1) // 2 % 2
    found = tuple(next(s for s in range(parity, len(p), 2) if p[s] <= level) for level in (0.10, 0.05, 0.01))
    assert found == EXACT[n]


@settings(max_examples=60, deadline=None)
@given(series)
def test_theil_sen_equals_scipy(values: list[float]) -> None:
    found = theil_sen(yearly(values))
    expected = theilslopes(values, np.arange(2001, 2001 + len(values)))
    assert float(found["slope"]) == pytest.approx(expected.slope, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(series)
def test_mann_kendall_equals_pymannkendall_and_scipy(values: list[float]) -> None:
    found = mann_kendall(yearly(values))
    peer = pymannkendall.original_test(values)
    assert float(found["s"]) == peer.s
    if peer.var_s > 0:
        assert float(found["z"]) == pytest.approx(peer.z, abs=1e-9)
        assert float(found["tau"]) == pytest.approx(kendalltau(range(len(values)), values).statistic)


@settings(max_examples=40, deadline=None)
@given(series)
def test_reversing_a_series_negates_its_trend(values: list[float]) -> None:
    forward, backward = yearly(values), yearly(values[::-1])
    assert float(theil_sen(forward)["slope"]) == pytest.approx(-float(theil_sen(backward)["slope"]), abs=1e-9)
    assert float(mann_kendall(forward)["s"]) == -float(mann_kendall(backward)["s"])
    assert float(mann_kendall(forward)["p"]) == pytest.approx(float(mann_kendall(backward)["p"]))


def test_gaps_are_left_out_and_empty_series_have_no_trend() -> None:
    values = yearly([1, np.nan, 3, 4, np.nan, 6])
    assert float(theil_sen(values)["slope"]) == 1
    assert float(mann_kendall(values)["s"]) == 6
    assert np.isnan(theil_sen(yearly([np.nan] * 5))["slope"])
    assert np.isnan(mann_kendall(yearly([np.nan] * 5))["p"])


def test_dask_chunks_and_pandas_series_give_the_same() -> None:
    values = np.random.default_rng(1).normal(size=(24, 6, 5))
    array = xr.DataArray(values, dims=("year", "y", "x"), coords={"year": np.arange(2001, 2025)})
    for function in (theil_sen, mann_kendall):
        xr.testing.assert_allclose(function(array), function(array.chunk({"y": 2, "x": 3})).compute())
    pandas = pd.Series(values[:, 0, 0], index=range(2001, 2025))
    assert float(theil_sen(pandas)["slope"]) == float(theil_sen(array)["slope"][0, 0])


def test_hamed_rao_equals_pymannkendall() -> None:
    noise = np.random.default_rng(4).normal(size=40)
    values = np.cumsum(noise) * 0.3 + noise
    peer = pymannkendall.hamed_rao_modification_test(values)
    found = mann_kendall(yearly(list(values)), correction="hamed-rao")
    assert float(found["p"]) == pytest.approx(peer.p, rel=1e-6)


def test_prewhitening_equals_pymannkendall_where_the_autocorrelation_is_significant() -> None:
    """Yue et al. 2002 pre-whiten only a significant lag-one autocorrelation; the peer always does."""
    rng = np.random.default_rng(2)
    noise = rng.normal(size=40)
    for i in range(1, 40):
        noise[i] += 0.7 * noise[i - 1]
    peer = pymannkendall.trend_free_pre_whitening_modification_test(noise)
    found = mann_kendall(yearly(list(noise)), correction="tfpw")
    assert float(found["s"]) == pytest.approx(peer.s, abs=2)
    white = rng.normal(size=40)
    assert float(mann_kendall(yearly(list(white)), correction="tfpw")["s"]) == float(
        mann_kendall(yearly(list(white)))["s"]
    )


def test_bad_input_says_how_to_mend_it() -> None:
    with pytest.raises(IndicatorError, match="rename the time dimension"):
        theil_sen(xr.DataArray([1.0, 2.0], dims="time"))
    with pytest.raises(IndicatorError, match="do not increase"):
        theil_sen(xr.DataArray([1.0, 2.0], dims="year", coords={"year": [2002, 2001]}))
    with pytest.raises(IndicatorError, match="unknown"):
        mann_kendall(yearly([1, 2, 3]), correction="other")  # type: ignore[arg-type]


def test_false_discovery_rate_of_the_published_example() -> None:
    """Benjamini & Hochberg 1995, section 3.2: of 15 p-values four are rejected at q = 0.05."""
    p = np.array([0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
                  0.6528, 0.7590, 1.0])  # fmt: skip
    assert false_discovery_rate(p, 0.05).sum() == 4
    assert false_discovery_rate(p, 0.05, "by").sum() == 3
    assert not false_discovery_rate(np.array([np.nan]), 0.05).any()


def test_restrend_of_32_years() -> None:
    """The stdRESTREND pixel of TSS.RESTREND's demonstration, simplified to a planted rain response."""
    rain = yearly(list(np.random.default_rng(3).uniform(50, 250, 32)))
    vi = 0.2 + 0.001 * rain - 0.004 * (rain["year"] - 2001)
    found = trajectory(vi, rain, "restrend")
    assert float(found["direction"]) == -1
    slope, _ = least_squares(vi, rain)
    residual = vi - slope * rain
    assert float(found["slope"]) == pytest.approx(float(theil_sen(residual)["slope"]), rel=1e-6)


def test_nile_breaks_to_the_printed_digits() -> None:
    """strucchange's printed results for the Nile: one break in 1898, interval 1895-1902."""
    found = breakpoints(pd.Series(NILE, index=range(1871, 1971), dtype=float))
    row = found.breaks.iloc[0]
    assert (row["index"], row["date"], row["low"], row["high"]) == (28, 1898, 1895, 1902)
    np.testing.assert_allclose(found.rss.iloc[:2], [2835156.7, 1597457.2], atol=0.06)
    np.testing.assert_allclose(found.bic, [1318.24, 1270.08, 1276.47, 1284.72, 1291.94, 1310.77], atol=0.005)
    np.testing.assert_allclose(found.segments["b0"], [1097.75, 849.9722], atol=5e-5)
    assert len(breakpoints(pd.Series(NILE, dtype=float), criterion="lwz").breaks) == 1


def test_breaks_of_a_ramp_with_a_step_are_found_with_a_trend_as_regressor() -> None:
    t = np.arange(40.0)
    y = 0.01 * t + np.where(t >= 25, -0.5, 0.0) + np.random.default_rng(0).normal(scale=0.02, size=40)
    design = np.column_stack([np.ones(40), t])
    found = breakpoints(pd.Series(y, index=range(1980, 2020)), X=design, max_breaks=1)
    assert found.breaks["date"].tolist() == [2004]
    assert found.breaks["magnitude"].iloc[0] == pytest.approx(-0.5, abs=0.05)

    def squares(part: slice) -> float:
        return float(np.linalg.lstsq(design[part], y[part], rcond=None)[1][0])

    brute = min(squares(slice(0, i)) + squares(slice(i, 40)) for i in range(6, 35))
    assert found.rss.iloc[1] == pytest.approx(brute)
    with pytest.raises(IndicatorError, match="use a longer series"):
        breakpoints(pd.Series(y[:5]))


@pytest.mark.parametrize(
    ("latitude", "area"),
    [
        (0, 12308.463893800426),
        (40, 9412.851604188456),
        (45, 8686.494956672137),
        (50, 7892.218858008073),
    ],
)
def test_area_of_a_degree(latitude: float, area: float) -> None:
    assert zone_area(latitude, latitude + 1) / 360 == pytest.approx(area, rel=1e-10)


def test_area_of_the_globe() -> None:
    assert zone_area(-90, 90) == pytest.approx(510065621.721676, rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from([-1, 0, 1, 2, 3, -128]), min_size=12, max_size=12),
    st.integers(0, 1000),
)
def test_tables_close_and_split_regions_add_up(codes: list[int], seed: int) -> None:
    classes = xr.DataArray(np.array(codes, np.int8).reshape(3, 4), dims=("y", "x"))
    share = xr.DataArray(np.random.default_rng(seed).uniform(size=(3, 4)), dims=("y", "x"))
    area = xr.DataArray([2.0, 1.5, 1.0], dims="y")
    table = class_table(classes, area, {"part": share, "rest": 1 - share, "whole": xr.ones_like(share)})
    assert (table.groupby("region")["area_km2"].sum() - table.groupby("region")["total_km2"].first()).abs().max() < 1e-9
    by = table.pivot(index="class", columns="region", values="area_km2")
    np.testing.assert_allclose(by["part"] + by["rest"], by["whole"])
