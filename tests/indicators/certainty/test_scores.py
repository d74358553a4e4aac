"""Scores against a known truth: values counted by hand, and that scores of maps add up."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indicators.certainty import confusion
from indicators.certainty.additive import ends, redrawn
from indicators.certainty.scores import GAINED, LOST, Confusion

areas = st.builds(Confusion, arrays(float, (3, 4), elements=st.floats(0, 1e6, allow_nan=False)))
TRUE = np.array([-1, -1, -1, 0, 0, 1, 1, 5])
MAPPED = np.array([-1, 0, 1, -1, 0, -1, 3, -1])
KM2 = np.array([1.0, 2, 4, 8, 16, 32, 64, 128])


def test_counted_by_hand() -> None:
    found = confusion(MAPPED, TRUE, KM2)
    assert found.land == 127  # the cell of another true class does not count
    assert found.sums[LOST].tolist() == [1, 2, 4, 0]
    assert found.precision(LOST) == 1 / 41
    assert found.recall(LOST) == 1 / 7
    assert found.f1(LOST) == pytest.approx(2 / (41 + 7))
    assert found.bias(LOST) == pytest.approx(41 / 7 - 1)
    assert found.sign_errors == 36 / 63
    assert found.accuracy == 17 / 63
    assert found.judged == 63 / 127
    assert found.mapped(GAINED) == 4 / 127
    assert found.true(GAINED) == 96 / 127  # not judged counts as missed
    assert found.recall(GAINED) == 0


def test_classes_may_be_many() -> None:
    found = confusion(np.array([1, 7, 4]), np.array([1, 6, 4]), np.ones(3), range(1, 8))
    assert found.sums.shape == (7, 8)
    assert found.accuracy == pytest.approx(2 / 3)


@given(areas, areas)
def test_maps_add_up(one: Confusion, other: Confusion) -> None:
    both = one + other
    assert np.array_equal(both.sums, (other + one).sums)
    assert both.land == pytest.approx(float(one.land + other.land))
    if one.sums[0, 0] > 1e-3 and other.sums[0, 0] > 1e-3:
        low, high = sorted((float(one.precision(LOST)), float(other.precision(LOST))))
        assert low - 1e-9 <= both.precision(LOST) <= high + 1e-9


@given(areas)
def test_f1_lies_between_precision_and_recall(score: Confusion) -> None:
    if score.sums[0, 0] > 1e-3:
        precision, recall = float(score.precision(LOST)), float(score.recall(LOST))
        assert min(precision, recall) - 1e-9 <= score.f1(LOST) <= max(precision, recall) + 1e-9
        assert score.f1(LOST) == pytest.approx(2 * precision * recall / (precision + recall))


def test_nothing_found_and_nothing_there_have_no_score() -> None:
    calm = confusion(np.zeros(4, int), np.zeros(4, int), np.ones(4))
    for value in (calm.precision(LOST), calm.recall(LOST), calm.f1(LOST), calm.bias(LOST)):
        assert math.isnan(value)
    assert calm.mapped(LOST) == 0
    missed = confusion(np.zeros(4, int), np.full(4, -1), np.ones(4))
    assert missed.recall(LOST) == missed.f1(LOST) == 0


def test_seeds_are_drawn_again_as_a_whole() -> None:
    good, bad = (
        confusion(np.full(3, -1), np.full(3, -1), np.ones(3)),
        confusion(np.zeros(3), np.full(3, -1), np.ones(3)),
    )
    drawn = redrawn([good, bad], draws=400)
    recalls = drawn.recall(LOST)
    assert recalls.shape == (400,)
    assert set(recalls.tolist()) == {0.0, 0.5, 1.0}
    assert ends(recalls) == (0.0, 1.0)
    assert np.allclose(drawn.land, 6)  # as many seeds in every draw
    same = redrawn([good, good, good], draws=50)
    assert ends(same.recall(LOST)) == (1.0, 1.0)


def test_a_measure_without_a_value_in_most_draws_has_no_interval() -> None:
    low, high = ends(np.array([0.5, np.nan, np.nan, np.nan]))
    assert math.isnan(low)
    assert math.isnan(high)
    assert ends(np.array([0.5, 0.5, 0.5, np.nan])) == (0.5, 0.5)
