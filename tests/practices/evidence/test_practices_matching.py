"""Matching: exact in class, within the caliper, away from sites; and balance that says what it did."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import SHAPE, START, disc, panel
from scipy.spatial.distance import mahalanobis

from practices.evidence.judge import Design, Study
from practices.evidence.matching import ControlPool, balance, choose, whitened


def test_distances_are_mahalanobis_distances() -> None:
    rng = np.random.default_rng(1)
    covariates = rng.normal(size=(200, 3)) @ np.array([[1, 0.5, 0], [0, 2, 0.3], [0, 0, 0.1]])
    pool = np.arange(200) > 20
    points = whitened(covariates, pool)
    inverse = np.linalg.inv(np.cov(covariates[pool], rowvar=False))
    for a, b in pairwise(range(30)):
        expected = mahalanobis(covariates[a], covariates[b], inverse)
        assert np.linalg.norm(points[a] - points[b]) == pytest.approx(expected, rel=1e-5)


def test_a_covariate_that_does_not_vary_is_left_out() -> None:
    covariates = np.column_stack([np.arange(10.0), np.full(10, 3.0)])
    assert whitened(covariates, np.ones(10, bool)).shape == (10, 1)
    assert whitened(covariates[:, 1:], np.ones(10, bool)).shape == (10, 1)


@given(seed=st.integers(0, 10_000), caliper=st.floats(0.05, 2.0), controls=st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_laws_of_matching(seed: int, caliper: float, controls: int) -> None:
    """Controls come from the pool and the stratum, lie within the caliper, are the nearest, and weigh one together."""
    rng = np.random.default_rng(seed)
    points, strata = rng.normal(size=(150, 2)), rng.integers(-1, 3, 150)
    pool, banned = rng.random(150) < 0.6, rng.random(150) < 0.2
    cells = rng.choice(150, 20, replace=False)
    found = ControlPool.of(points, strata, pool).nearest(cells, caliper=caliper)
    for cell, row in zip(cells, found, strict=True):
        own = row[row >= 0]
        away = np.linalg.norm(points[own] - points[cell], axis=1)
        assert (np.diff(away) >= -1e-12).all()
        assert (away < caliper).all()
        assert (pool[own] & (strata[own] == strata[cell]) & (own != cell)).all()
        alike = pool & (strata == strata[cell]) & (np.arange(150) != cell) & (strata[cell] >= 0)
        assert len(own) == min((np.linalg.norm(points[alike] - points[cell], axis=1) < caliper).sum(), 64)
    matched = choose(cells, found, banned, controls=controls, fewest=1)
    assert not banned[matched.controls].any()
    assert len(matched.treated) + matched.dropped == len(cells)
    assert matched.weights.sum() == pytest.approx(len(matched.treated))
    assert len(np.unique(matched.controls)) == len(matched.controls)


def test_no_control_is_in_the_buffer_or_in_another_site_or_of_another_kind() -> None:
    data = panel(3)
    site, other = disc(10, 10, 4), disc(24, 30, 4)
    study = Study(data, START, site | other, Design(buffer_km=3.0, caliper=1.5))
    matched = study.match(site)
    assert len(matched.treated) > 20
    rows, columns = np.divmod(matched.controls, SHAPE[1])
    for mask in (site, other):
        own_rows, own_columns = np.divmod(np.flatnonzero(mask), SHAPE[1])
        apart = np.hypot(rows[:, None] - own_rows, columns[:, None] - own_columns)
        assert apart.min() > 3.0
    assert set(data.strata[matched.controls]) <= set(data.strata[matched.treated])
    for each in study.placebos(site):
        assert not (site | other)[np.concatenate([each.treated, each.controls])].any()
        own = np.divmod(each.treated, SHAPE[1])
        theirs = np.divmod(each.controls, SHAPE[1])
        assert np.hypot(*(a[:, None] - b for a, b in zip(own, theirs, strict=True))).min() > 3.0


def test_cells_that_find_too_few_controls_are_dropped_and_counted() -> None:
    points, strata = np.zeros((8, 1)), np.array([0, 0, 0, 0, 1, 1, 2, 2])
    pool = np.arange(8) > 0
    found = ControlPool.of(points, strata, pool).nearest(np.array([0, 4, 6]), caliper=1.0)
    matched = choose(np.array([0, 4, 6]), found, np.zeros(8, bool), controls=8, fewest=3)
    assert (matched.treated.tolist(), matched.dropped) == ([0], 2)
    assert matched.weights == pytest.approx([1 / 3] * 3)


def test_balance_by_hand() -> None:
    """Treated 2, 4; pool 0, 2, 4, 6; controls 2 (weight 1.5) and 6 (0.5): means of 3; spread sqrt((1 + 5) / 2)."""
    table = pd.DataFrame({"x": [2.0, 4.0, 0.0, 2.0, 4.0, 6.0]})
    matched = choose(np.array([0, 1]), np.array([[3, -1], [3, 5]]), np.zeros(6, bool), controls=2, fewest=1)
    row = balance(table, matched, np.array([False, False, True, True, True, True])).iloc[0]
    assert (row["treated"], row["pool"], row["controls"]) == (3.0, 3.0, 3.0)
    assert (row["difference_before"], row["difference_after"]) == (0.0, 0.0)
    assert row["variance_ratio"] == pytest.approx(1 / 3)
    shifted = balance(table.assign(x=[3.0, 5.0, 0.0, 2.0, 4.0, 6.0]), matched, np.arange(6) > 1).iloc[0]
    assert shifted["difference_before"] == pytest.approx(1 / np.sqrt(3))


def test_matching_makes_a_site_on_rich_land_comparable() -> None:
    data = panel(4)
    best = data.outcome[:8].mean(axis=0) > np.quantile(data.outcome[:8].mean(axis=0), 0.8)
    site = best & disc(18, 20, 16)
    study = Study(data, START, site, Design(buffer_km=1.0, reach_km=200.0, caliper=1.5))
    table = balance(study.covariates, study.match(site), study.pool).set_index("covariate")
    assert table.loc["mean_before", "difference_before"] > 1.0
    assert abs(table.loc["mean_before", "difference_after"]) < 0.4 * table.loc["mean_before", "difference_before"]
