"""p-values of several tests at once, beside statsmodels, and how often chance passes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from indicators.chance import holm


@pytest.mark.parametrize("count", [1, 2, 5, 30])
def test_they_are_those_of_statsmodels(count: int) -> None:
    # few: statsmodels collects all garbage of the process at each call
    p = np.random.default_rng(count).uniform(size=count) ** 3
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1], atol=1e-12)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_they_are_those_of_the_definition(p: list[float]) -> None:
    """The adjusted p of a test is the largest of (n − rank) p of those that are as small or smaller, at most 1."""
    order = sorted(range(len(p)), key=lambda each: p[each])
    found = holm(p)
    for place, test in enumerate(order):
        largest = max((len(p) - rank) * p[order[rank]] for rank in range(place + 1))
        assert found[test] == pytest.approx(min(largest, 1.0))


def test_none_are_none() -> None:
    assert holm([]).size == 0


def test_chance_passes_as_often_as_it_may() -> None:
    p = np.random.default_rng(1).uniform(size=(2000, 15))
    assert 0.035 < np.mean([holm(each).min() < 0.05 for each in p]) < 0.065
