"""Difference-in-differences and event study: the same numbers as statsmodels with every dummy laid out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from practices.evidence.difference_in_differences import Sample, did, event_study, joint_test, minimum_detectable

YEARS, CELLS = 9, 40
AFTER = np.arange(YEARS) >= 5


def sample(seed: int, *, gaps: float = 0.0, effect: float = 0.05) -> Sample:
    """A weighted panel in twelve blocks, errors alike within a block."""
    rng = np.random.default_rng(seed)
    treated = np.arange(CELLS) < 12
    blocks = rng.integers(0, 12, CELLS) * 7
    shared = rng.normal(0, 0.02, (YEARS, 90))[:, blocks]
    series = rng.normal(0.3, 0.05, CELLS) + rng.normal(0, 0.02, (YEARS, 1)) + shared
    series = series + rng.normal(0, 0.01, (YEARS, CELLS)) + effect * AFTER[:, None] * treated
    series[rng.random(series.shape) < gaps] = np.nan
    weights = np.where(treated, 1.0, rng.uniform(0.1, 2.0, CELLS))
    return Sample(series, weights, treated, blocks)


def with_dummies(data: Sample, columns: np.ndarray[Any, Any]) -> Any:
    """Weighted least squares with a dummy for every cell and year; the last coefficients are those of `columns`."""
    year, cell = np.nonzero(np.isfinite(data.outcome))
    cells = pd.get_dummies(cell).to_numpy(float)
    years = pd.get_dummies(year, drop_first=True).to_numpy(float)
    own = columns[year] * data.treated[cell][:, None]
    model = sm.WLS(data.outcome[year, cell], np.hstack([cells, years, own]), weights=data.weights[cell])
    return model, data.blocks[cell]


@pytest.mark.parametrize("gaps", [0.0, 0.15])
def test_effect_and_clustered_error_are_those_of_statsmodels(gaps: float) -> None:
    data = sample(1, gaps=gaps)
    found = did(data, AFTER)
    model, groups = with_dummies(data, AFTER.astype(float)[:, None])
    peer = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    assert found.coefficients[0] == pytest.approx(peer.params[-1], rel=1e-9)
    count, clusters, parameters = int(np.isfinite(data.outcome).sum()), len(np.unique(data.blocks)), YEARS
    factor = clusters / (clusters - 1) * (count - 1) / (count - parameters)
    assert found.errors[0] == pytest.approx(peer.bse[-1] * np.sqrt(factor), rel=1e-9)
    assert found.clusters == clusters
    plain = model.fit()
    assert np.sqrt(found.classical[0, 0]) == pytest.approx(plain.bse[-1], rel=1e-9)
    assert found.residual_df == plain.df_resid


@pytest.mark.parametrize("gaps", [0.0, 0.1])
def test_event_study_and_its_joint_test_are_those_of_statsmodels(gaps: float) -> None:
    data = sample(2, gaps=gaps)
    found, places = event_study(data, AFTER)
    assert places.tolist() == [0, 1, 2, 3, 5, 6, 7, 8]
    columns = np.eye(YEARS)[:, places]
    model, groups = with_dummies(data, columns)
    peer = model.fit()
    np.testing.assert_allclose(found.coefficients, peer.params[-len(places) :], rtol=1e-8)
    leads = ~AFTER[places]
    statistic, p = joint_test(found, leads, clustered=False)
    rows = np.eye(len(peer.params))[-len(places) :][leads]
    test = peer.f_test(rows)
    assert (statistic, p) == pytest.approx((float(test.fvalue), float(test.pvalue)), rel=1e-6)
    clustered = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    np.testing.assert_allclose(
        found.errors / found.errors[0], clustered.bse[-len(places) :] / clustered.bse[-len(places)], rtol=1e-8
    )


def test_joint_test_with_clustered_errors_is_that_of_statsmodels() -> None:
    data = sample(3)
    found, places = event_study(data, AFTER)
    leads = ~AFTER[places]
    model, groups = with_dummies(data, np.eye(YEARS)[:, places])
    peer = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    rows = np.eye(len(peer.params))[-len(places) :][leads]
    count, clusters, parameters = int(np.isfinite(data.outcome).sum()), found.clusters, YEARS - 1 + len(places)
    factor = clusters / (clusters - 1) * (count - 1) / (count - parameters)
    statistic, _ = joint_test(found, leads)
    assert statistic == pytest.approx(float(peer.f_test(rows).fvalue) / factor, rel=1e-6)


def test_fewer_clusters_than_coefficients_have_no_joint_test() -> None:
    data = sample(4)
    few = Sample(data.outcome, data.weights, data.treated, data.blocks % 3)
    found, places = event_study(few, AFTER)
    assert all(np.isnan(value) for value in joint_test(found, ~AFTER[places]))


@given(
    seed=st.integers(0, 10_000),
    level=st.floats(-5, 5),
    tilt=st.floats(-1, 1),
    factor=st.floats(0.1, 10),
    gaps=st.sampled_from([0.0, 0.1]),
)
@settings(max_examples=25, deadline=None)
def test_effect_is_untouched_by_what_all_cells_or_all_years_share(
    seed: int, level: float, tilt: float, factor: float, gaps: float
) -> None:
    """Adding a course that all share, or a level to each cell, changes nothing; units only scale."""
    data = sample(seed, gaps=gaps)
    rng = np.random.default_rng(seed)
    shifted = data.outcome + level * rng.normal(size=CELLS) + tilt * np.arange(YEARS)[:, None] ** 2
    first = did(data, AFTER)
    moved = did(Sample(shifted * factor, data.weights, data.treated, data.blocks), AFTER)
    assert moved.coefficients[0] == pytest.approx(first.coefficients[0] * factor, abs=1e-7 * factor)
    assert moved.errors[0] == pytest.approx(first.errors[0] * factor, rel=1e-4)


def test_no_noise_gives_the_effect_itself() -> None:
    treated = np.arange(CELLS) < 12
    series = np.linspace(0.1, 0.5, CELLS) + np.sin(np.arange(YEARS))[:, None] + 0.07 * AFTER[:, None] * treated
    found = did(Sample(series, np.ones(CELLS), treated, np.arange(CELLS)), AFTER)
    assert found.coefficients[0] == pytest.approx(0.07, abs=1e-12)
    assert found.errors[0] == pytest.approx(0, abs=1e-12)


def test_smallest_detectable_effect_is_found_four_times_in_five() -> None:
    """Bloom (1995): 2.80 standard errors for 80 % power at 5 %, two-sided."""
    assert minimum_detectable(1.0) == pytest.approx(2.80, abs=0.005)
    draws = np.random.default_rng(5).normal(minimum_detectable(0.3), 0.3, 200_000)
    assert (np.abs(draws) > 1.959964 * 0.3).mean() == pytest.approx(0.80, abs=0.005)
