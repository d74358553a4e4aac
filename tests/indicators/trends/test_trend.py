"""Trends against independent implementations, published values and algebraic laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pymannkendall
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, norm, theilslopes

from indicators.errors import IndicatorError
from indicators.sdg15.productivity import trends_earth_grade
from indicators.trends.exact_kendall import exact_p
from indicators.trends.theil_sen import false_discovery_rate, mann_kendall, theil_sen

#: Years; |S| that Trends.Earth asks for at 90, 95, 99 %; smallest |S| that is significant at 10, 5, 1 % (two-sided, by
#: enumeration of all orders; - where none is); and the two-sided p that Trends.Earth's 95 % value really has.
CRITICAL = """
 4   4   4   6   6   -   - 0.33333
 5   6   6   8   8  10   - 0.23333
 6   7   9  11  11  13  15 0.13611
 7   9  11  18  13  15  19 0.13611
 8  10  14  22  16  18  22 0.10868
 9  12  16  25  18  20  26 0.11944
10  15  19  29  21  23  29 0.10831
11  17  21  34  23  27  33 0.12097
12  18  24  38  26  30  38 0.11595
13  22  26  41  28  34  44 0.12885
14  23  31  47  33  37  47 0.10102
15  27  33  50  35  41  53 0.11425
16  28  36  56  38  46  58 0.11605
17  32  40  61  42  50  64 0.10886
18  35  43  65  45  53  69 0.11242
19  37  47  70  49  57  75 0.10817
20  40  50  76  52  62  80  0.1126
21  42  54  81  56  66  86 0.11013
22  45  59  87  61  71  91 0.10236
23  49  63  92  65  75  99 0.10193
24  52  66  98  68  80 104  0.1074
25  56  70 105  72  86 110 0.10756
26  59  75 111  77  91 117 0.10325
27  61  79 116  81  95 125 0.10433
28  66  84 124  86 100 130 0.10137
29  68  88 129  90 106 138 0.10303
30  73  93 135  95 111 145 0.10101
31  75  97 142  99 117 151 0.10307
32  80 102 150 104 122 160 0.10174
33  84 106 155 108 128 166 0.10408
34  87 111 163 113 133 175 0.10326
35  91 115 170 117 139 181 0.10578
36  94 120 176 122 146 190 0.10536
37  98 126 183 128 152 198 0.10234
38 103 131 191 133 157 205 0.10244
39 107 137 198 139 163 213 0.10015
40 110 142 206 144 170 222 0.10065
"""

series = st.lists(st.floats(-100, 100, allow_nan=False), min_size=4, max_size=30)


def yearly(values: list[float]) -> xr.DataArray:
    return xr.DataArray(np.array(values, float), dims="year", coords={"year": np.arange(2001, 2001 + len(values))})


@pytest.mark.parametrize("row", CRITICAL.strip().splitlines(), ids=lambda row: f"n={row.split()[0]}")
def test_critical_values(row: str) -> None:
    n, k90, k95, k99, *exact, p_at_95 = row.split()
    p = exact_p(int(n))
    parity = int(n) * (int(n) - 1) // 2 % 2
    for level, smallest in zip((0.10, 0.05, 0.01), exact, strict=True):
        found = next((s for s in range(parity, len(p), 2) if p[s] <= level), "-")
        assert str(found) == smallest
    assert p[int(k95)] == pytest.approx(float(p_at_95), abs=6e-6)
    sums = np.arange(int(k99) + 3)
    graded = trends_earth_grade(xr.DataArray(sums), xr.DataArray(np.full(sums.shape, int(n)))).values
    np.testing.assert_array_equal(graded, (sums > int(k90)) * (1 + (sums >= int(k95)) + (sums >= int(k99))))


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


def correlated(seed: int, phi: float, trend: float = 0.0, n: int = 40) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=n)
    for i in range(1, n):
        noise[i] += phi * noise[i - 1]
    return noise + trend * np.arange(n)


@pytest.mark.parametrize("decimals", [9, 0])
@pytest.mark.parametrize("seed", range(6))
def test_hamed_rao_equals_pymannkendall(seed: int, decimals: int) -> None:
    """With whole numbers, rounding decides which detrended values tie, and so their ranks: 1 % there."""
    values = correlated(seed, 0.6, 0.02 * seed).round(decimals)
    peer = pymannkendall.hamed_rao_modification_test(values)
    found = mann_kendall(yearly(list(values)), correction="hamed-rao")
    assert float(found["s"]) == peer.s
    assert float(found["z"]) == pytest.approx(peer.z, rel=1e-9 if decimals else 1e-2)
    assert float(found["p"]) == pytest.approx(2 * norm.sf(abs(float(found["z"]))), rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_prewhitening_equals_pymannkendall_where_the_autocorrelation_is_significant(seed: int) -> None:
    """Yue et al. 2002 pre-whiten only a significant lag-one autocorrelation; the peer always does."""
    values = correlated(seed, 0.8, 0.02 * seed)
    peer = pymannkendall.trend_free_pre_whitening_modification_test(values)
    found = mann_kendall(yearly(list(values)), correction="tfpw")
    assert float(found["s"]) == peer.s
    assert float(found["z"]) == pytest.approx(peer.z, rel=1e-12)


def test_white_noise_is_not_prewhitened() -> None:
    white = yearly(list(np.random.default_rng(2).normal(size=40)))
    xr.testing.assert_identical(mann_kendall(white, correction="tfpw"), mann_kendall(white))


@pytest.mark.parametrize("correction", [None, "hamed-rao", "tfpw"])
def test_few_values_none_constants_and_gaps(correction: str | None) -> None:
    """Below two values nothing is known; a constant has no trend; below four values no p reaches 5 %."""
    empty = mann_kendall(yearly([np.nan, 3.0, np.nan]), correction=correction)  # type: ignore[arg-type]
    assert np.isnan(empty["p"])
    assert np.isnan(empty["z"])
    constant = mann_kendall(yearly([2.0] * 9), correction=correction)  # type: ignore[arg-type]
    assert (float(constant["s"]), float(constant["z"]), float(constant["p"])) == (0, 0, 1)
    assert np.isnan(constant["tau"])
    for n in (2, 3):
        short = mann_kendall(yearly(list(range(n))), correction=correction)  # type: ignore[arg-type]
        assert float(short["p"]) > 0.05
        assert float(short["tau"]) == 1
    holes = correlated(3, 0.5, 0.05)
    holes[[4, 11, 12, 30]] = np.nan
    cube = xr.DataArray(np.stack([holes, holes[::-1]], 1), dims=("year", "x"), coords={"year": range(40)})
    found = mann_kendall(cube, correction=correction)  # type: ignore[arg-type]
    np.testing.assert_allclose(found["s"][0], -found["s"][1], atol=12 if correction == "tfpw" else 0)
    xr.testing.assert_identical(mann_kendall(cube.chunk(x=1), correction=correction).compute(), found)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(series)
def test_p_is_exact_without_ties_and_normal_with_them(values: list[float]) -> None:
    found = mann_kendall(yearly(values))
    if len(set(values)) == len(values):
        expected = kendalltau(range(len(values)), values, method="exact").pvalue
    else:
        expected = 2 * norm.sf(abs(float(found["z"])))
    assert float(found["p"]) == pytest.approx(expected, rel=1e-9)


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
