"""Probabilities against what is observed, intervals against the truth, break maps, and changes of a mean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from indicators.certainty import break_map, calibration, held, mean_change
from indicators.certainty.break_scores import MeanChange


def test_probabilities_that_are_right_have_no_error() -> None:
    rng = np.random.default_rng(1)
    said = rng.random(200_000)
    right = calibration(said, rng.random(200_000) < said, np.ones(200_000))
    assert right.error < 0.01
    assert right.brier == pytest.approx(1 / 6, abs=0.003)  # the integral of p (1 - p)
    assert np.allclose(right.said, np.arange(0.05, 1, 0.1), atol=0.005)
    too_sure = calibration(said, rng.random(200_000) < 0.25 + said / 2, np.ones(200_000))
    assert too_sure.error == pytest.approx(0.125, abs=0.01)
    assert too_sure.brier > right.brier


def test_area_weighs_and_cells_without_a_probability_do_not_count() -> None:
    said, true = np.array([0.04, 1.0, np.nan, 0.06]), np.array([False, True, True, True])
    found = calibration(said, true, np.array([3.0, 1.0, 50.0, 1.0]))
    assert found.area.tolist() == [4, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert found.observed[0] == 0.25
    assert found.said[0] == pytest.approx(0.045)
    assert found.observed[9] == 1
    assert math.isnan(found.observed[5])
    assert found.error == pytest.approx((0.82 + 0) / 5)


def test_intervals_hold_their_ends() -> None:
    found = held(0.1, 0.2, 0.2) + held(0.1, 0.2, 0.1) + held(0.1, 0.4, 0.41)
    assert found.count == 3
    assert found.coverage == pytest.approx(2 / 3)
    assert found.width == pytest.approx(0.5 / 3)


def test_breaks_counted_by_hand() -> None:
    planted = np.array([2010, 2010, 2010, 2010, 2010, 0, 0, 2012])
    size = np.array([-0.3, 0.2, -0.3, -0.3, -0.1, 0, 0, -0.05])
    year = np.array([2010, 2011, 2013, 0, 2010, 2010, 0, -1], np.int16)
    found = break_map(year, planted, size, np.full(8, 2.0))
    assert found.sums.tolist() == [6, 4, 2, 2, 2]
    assert found.precision == 6 / 10  # a smaller change is not what is asked for …
    assert found.precision_any == 8 / 10  # … but no false alarm either
    assert found.recall == 6 / 8
    assert found.year_right == 4 / 6
    unjudged = break_map(np.full(1, -1), np.array([2010]), np.array([0.4]), np.ones(1))
    assert unjudged.recall == 0


def test_change_of_a_stock_is_weighted_by_it() -> None:
    mapped, planted = np.array([-0.1, 0.0, np.nan]), np.array([-0.2, 0.1, -0.5])
    found = mean_change(mapped, planted, np.array([100.0, 300.0, 999.0]))
    assert found.mapped == pytest.approx(-10 / 400)
    assert found.planted == pytest.approx(10 / 400)
    assert found.distance == pytest.approx(20 / 400)
    both = found + mean_change(np.array([0.0]), np.array([-0.01]), np.array([400.0]))
    assert both.mapped == pytest.approx(-10 / 800)
    assert both.distance == pytest.approx((0.05 + 0.01) / 2)
    nothing = mean_change(np.array([np.nan]), np.array([0.0]), np.array([1.0]))
    assert isinstance(nothing, MeanChange)
    assert math.isnan(nothing.mapped)
