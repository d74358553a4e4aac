"""Reducers beyond the common ones, against scipy, statsmodels and values worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ee
import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from offline.algorithms.reducer import distributions, histograms
from offline.model.values import Reducer
from offline.protocol.server import Server

Values = Callable[..., list[list[float]]]
SCALE = 55_659.745


def over(reducer: ee.Reducer, *columns: list[float]) -> Any:
    """The reducer over columns of numbers, as a dictionary."""
    names = [f"c{index}" for index in range(len(columns))]
    rows = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    table = ee.FeatureCollection([ee.Feature(None, row) for row in rows])
    return table.reduceColumns(reducer, names).getInfo()


def test_shapes_of_a_distribution(few: Server) -> None:
    values = [1.0, 2, 2, 3, 9, 14]
    assert over(ee.Reducer.skew(), values)["skew"] == pytest.approx(stats.skew(values))
    assert over(ee.Reducer.kurtosis(), values)["kurtosis"] == pytest.approx(stats.kurtosis(values))
    assert over(ee.Reducer.intervalMean(20, 80), values)["mean"] == pytest.approx(np.mean([2, 2, 3, 9]))


def test_angles_runs_and_bits(few: Server) -> None:
    north = [0.1, -0.1, 0.3, -0.3]
    assert over(ee.Reducer.circularMean(), north)["mean"] == pytest.approx(0)
    assert over(ee.Reducer.circularVariance(), north)["variance"] == pytest.approx(stats.circvar(north))
    assert over(ee.Reducer.circularStddev(), north)["stdDev"] == pytest.approx(stats.circstd(north))
    assert over(ee.Reducer.countRuns(), [1, 1, 2, 2, 1, 3])["count"] == 4
    assert over(ee.Reducer.bitwiseAnd(), [7, 3, 11]) == {"bitwiseAnd": 3}
    assert over(ee.Reducer.bitwiseOr(), [4, 1, 8]) == {"bitwiseOr": 13}


def test_rank_correlation_is_scipys(few: Server) -> None:
    x, y = [1.0, 2, 2, 4, 5, 9], [2.0, 1, 4, 4, 8, 7]
    found = over(ee.Reducer.spearmansCorrelation(), x, y)
    expected = stats.spearmanr(x, y)
    assert found["correlation"] == pytest.approx(expected.statistic)
    assert found["p-value"] == pytest.approx(expected.pvalue)


def test_histograms_hold_every_value(few: Server) -> None:
    values = [0.0, 1, 1, 2, 5, 7]
    found = over(ee.Reducer.histogram(8, 1), values)["histogram"]
    assert found["bucketWidth"] == 1
    assert found["histogram"] == [1, 2, 1, 0, 0, 1, 0, 1]
    assert found["bucketMeans"][1] == 1
    rows = over(ee.Reducer.autoHistogram(8, 1), values)["histogram"]
    assert rows[:3] == [[0, 1], [1, 2], [2, 1]]
    grown = over(ee.Reducer.autoHistogram(8, 1, cumulative=True), values)["histogram"]
    assert [row[1] for row in grown] == [1, 3, 4, 4, 4, 5, 5, 6]
    square = over(ee.Reducer.fixed2DHistogram(0, 4, 2, 0, 4, 2), [0.5, 1, 3, 9], [0.5, 3, 3, 0])["histogram"]
    assert square == [[1, 1], [0, 1]]


def test_copies_for_every_name(few: Server) -> None:
    spread = ee.Reducer.minMax().forEach(["x", "y"])
    assert over(spread, [1, 5], [3, 2]) == {"x_min": 1, "x_max": 5, "y_min": 2, "y_max": 3}
    assert over(ee.Reducer.mean().forEach(["x", "y"]), [1, 5], [3, 2]) == {"x": 3, "y": 2.5}
    assert over(ee.Reducer.mean().splitWeights(), [10, 20], [3, 1])["mean"] == 12.5


def regressors(count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(8)
    x = np.column_stack([np.ones(count), rng.normal(size=(count, 2))])
    return x, x @ [2.0, -1.0, 0.5] + 0.1 * rng.normal(size=count)


def test_least_squares_is_statsmodels(few: Server) -> None:
    x, y = regressors()
    found = over(ee.Reducer.linearRegression(3, 1), *x.T.tolist(), y.tolist())
    fitted = sm.OLS(y, x).fit()
    np.testing.assert_allclose(np.ravel(found["coefficients"]), fitted.params, rtol=1e-9)
    assert found["residuals"][0] == pytest.approx(np.sqrt(fitted.mse_resid))
    ridged = over(ee.Reducer.ridgeRegression(2, 1, 5.0), *x[:, 1:].T.tolist(), y.tolist())
    centred = x[:, 1:] - x[:, 1:].mean(0)
    slopes = np.linalg.solve(centred.T @ centred + 5 * np.eye(2), centred.T @ (y - y.mean()))
    np.testing.assert_allclose(np.ravel(ridged["coefficients"])[1:], slopes, rtol=1e-9)


def test_an_outlier_does_not_move_the_robust_line(few: Server) -> None:
    x, y = regressors()
    y[3] += 100
    found = over(ee.Reducer.robustLinearRegression(3, 1), *x.T.tolist(), y.tolist())
    np.testing.assert_allclose(np.ravel(found["coefficients"]), [2, -1, 0.5], atol=0.06)
    plain = over(ee.Reducer.linearRegression(3, 1), *x.T.tolist(), y.tolist())
    assert np.abs(np.ravel(plain["coefficients"]) - [2, -1, 0.5]).max() > 1


def test_a_region_regressed(few: Server, first: ee.Image) -> None:
    """`b` is a quarter of `a`: 1 on a constant and `a` gives 0 and 0.25."""
    bands = ee.Image(1).addBands(first.select("a")).addBands(first.select("b"))
    region = ee.Geometry.Rectangle([100, 44, 102, 45])
    found = bands.reduceRegion(ee.Reducer.linearRegression(2, 1), region, SCALE).getInfo()
    np.testing.assert_allclose(found["coefficients"], [[0], [0.25]], atol=1e-9)
    with pytest.raises(ee.EEException, match="at least one"):
        bands.reduceRegion(ee.Reducer.linearRegression(0, 1), region, SCALE).getInfo()


@given(st.lists(st.integers(-5, 5), min_size=3, max_size=12), st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_what_has_no_weight_does_not_count(values: list[int], extra: int) -> None:
    """Adding values of weight zero changes nothing."""
    given_values = np.array(values, float)
    more = np.concatenate([given_values, np.full(extra, 77.0)])
    weights = np.concatenate([np.ones(len(values)), np.zeros(extra)])
    reducers: list[Reducer] = [make() for name, make in distributions.SIMPLE.items() if name != "countEvery"]
    for reducer in [*reducers, distributions.interval_mean(10, 90), histograms.auto_histogram(8, None, None, False)]:
        one = reducer.reduce([given_values], np.ones(len(values)))
        two = reducer.reduce([more], weights)
        for (a, found), (b, also) in zip(one, two, strict=True):
            assert bool(np.all(found)) == bool(np.all(also))
            if reducer.name == "circularMean":  # −π and π are one direction
                a, b = np.cos([a, np.subtract(a, np.pi / 2)]), np.cos([b, np.subtract(b, np.pi / 2)])
            np.testing.assert_allclose(np.asarray(a, float), np.asarray(b, float), atol=1e-7)
