"""Precision, recall and F1 of areas: their algebra, and values counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.certainty.scores import Detection, detection

areas = st.floats(0, 1e6, allow_nan=False)
detections = st.builds(Detection, areas, areas, areas)


def test_counted_by_hand() -> None:
    found = np.array([[True, True, False], [False, True, False]])
    true = np.array([[True, False, True], [False, True, False]])
    weight = np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]])
    scored = detection(found, true, weight)
    assert scored == Detection(hit_km2=17.0, false_km2=2.0, missed_km2=4.0)
    assert scored.precision == 17 / 19
    assert scored.recall == 17 / 21
    assert scored.f1 == pytest.approx(2 / (19 / 17 + 21 / 17))


@given(detections, detections)
def test_regions_add_up(one: Detection, other: Detection) -> None:
    both = one + other
    assert both.hit_km2 == one.hit_km2 + other.hit_km2
    assert both == other + one
    if one.hit_km2 > 1e-3 and other.hit_km2 > 1e-3:
        low, high = sorted((one.precision, other.precision))
        assert low - 1e-9 <= both.precision <= high + 1e-9


@given(detections)
def test_f1_lies_between_and_is_the_harmonic_mean(scored: Detection) -> None:
    if scored.hit_km2 > 1e-3:
        low, high = sorted((scored.precision, scored.recall))
        assert low - 1e-9 <= scored.f1 <= high + 1e-9
        assert scored.f1 == pytest.approx(2 * low * high / (low + high))


def test_nothing_found_and_nothing_there_have_no_score() -> None:
    nothing = np.zeros((2, 2), bool)
    scored = detection(nothing, nothing, np.ones((2, 2)))
    assert all(math.isnan(value) for value in (scored.precision, scored.recall, scored.f1))
    assert detection(nothing, ~nothing, np.ones((2, 2))).recall == 0
