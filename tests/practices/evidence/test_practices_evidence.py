"""Evidence on generated panels: effects are found, nothing is found where nothing was done, and gaps do no harm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import SHAPE, START, YEARS, disc, panel
from scipy.stats import kstest

from practices.errors import NoEffect
from practices.evidence.difference_in_differences import did
from practices.evidence.judge import OUTCOMES, Design, Finding, Study, judge
from practices.evidence.panel import Panel, rain_removed
from practices.evidence.placebo import critical_value, moved, p_value, shifts

DESIGN = Design(buffer_km=2.0, caliper=1.5, places=39, controls=5, fewest_controls=3)
SITE = disc(12, 12, 3.2)


def with_effect(data: Panel, site: np.ndarray, size: float) -> Panel:
    """The panel with a constant gain at a site from the start on."""
    return replace(data, outcome=data.outcome + size * (YEARS >= START)[:, None] * site)


def found(data: Panel, site: np.ndarray = SITE, design: Design = DESIGN) -> list[Finding]:
    return judge(Study(data, START, site, design), site)


def test_a_planted_effect_is_found_in_both_outcomes() -> None:
    data = with_effect(panel(1), SITE, 0.06)
    results = found(data)
    assert tuple(each.outcome for each in results) == OUTCOMES
    for each in results:
        assert each.effect == pytest.approx(0.06, abs=0.015)
        assert each.low < 0.06 < each.high
        assert each.low > 0
        assert each.p == pytest.approx(1 / (1 + each.places))
        assert each.effect_percent == pytest.approx(100 * each.effect / each.mean_before)
        course = each.event_study.set_index("year")["effect"]
        assert START - 1 not in course.index
        assert course[course.index >= START].mean() > course[course.index < START].mean() + 0.04
        assert (each.event_study["low"] < each.event_study["high"]).all()
        assert each.treated + each.dropped == SITE.sum()
        assert each.minimum_detectable > 0


def test_the_effect_is_read_off_as_planted_and_nothing_else_changes() -> None:
    """Adding an effect at the site moves the estimate by just that: controls and places never see the site."""
    for plain, planted in zip(found(panel(2)), found(with_effect(panel(2), SITE, 0.03)), strict=True):
        assert planted.effect - plain.effect == pytest.approx(0.03, abs=1e-9)
        assert planted.high - planted.low == pytest.approx(plain.high - plain.low)
        assert planted.p_parallel == plain.p_parallel


def test_without_an_effect_p_values_are_uniform_and_intervals_hold_nought() -> None:
    """Forty landscapes without any practice: ranks among 39 places are spread evenly (Kolmogorov-Smirnov)."""
    design = replace(DESIGN, fewest_cells=5)
    ps, parallel, held = [], [], []
    rng = np.random.default_rng(11)
    for seed in range(100, 140):
        site = disc(rng.integers(8, SHAPE[0] - 8), rng.integers(6, 12), 3.2)
        data = replace(panel(seed), rain=None)
        try:
            (result,) = found(data, site, design)
        except NoEffect:
            continue
        ps.append(result.p)
        parallel.append(result.p_parallel)
        held.append(result.low <= 0 <= result.high)
    assert len(ps) >= 30
    assert kstest(ps, "uniform").pvalue > 0.02
    assert kstest(parallel, "uniform").pvalue > 0.02
    assert np.mean(held) >= 0.85


def test_courses_that_part_before_the_start_are_seen() -> None:
    """Opposite swings before the start, of the same mean and trend, cannot be matched away."""
    swing = np.where(YEARS < START, np.resize([0.05, -0.05, -0.05, 0.05], len(YEARS)), 0.0)
    data = panel(5)
    data = replace(data, outcome=data.outcome + swing[:, None] * SITE)
    assert all(each.p_parallel < 0.06 for each in found(data))


def test_rain_is_removed_and_its_noise_with_it() -> None:
    """A site where it rained less after the start: the loss is weather, and with rain removed there is little of it."""
    data = panel(6, noise=0.005)
    assert data.rain is not None
    dry = np.where((YEARS >= START)[:, None] & SITE[None, :], -60.0, 0.0)
    data = replace(data, rain=data.rain + dry, outcome=data.outcome + 4e-4 * dry)
    raw, adjusted = found(data)
    assert raw.effect == pytest.approx(-0.024, abs=0.005)
    assert abs(adjusted.effect) < 0.4 * abs(raw.effect)


def test_rain_removed_by_hand() -> None:
    """Two per mm of rain before; a gain of ten afterwards stays, whatever the rain does."""
    rain = np.array([[1.0], [2.0], [3.0], [5.0], [1.0]])
    before = np.array([True, True, True, False, False])
    outcome = 2 * rain + np.array([[0], [0], [0], [10], [10.0]])
    cleaned = rain_removed(outcome, rain, before)
    np.testing.assert_allclose(cleaned[:, 0], 2 * rain.mean() + np.array([0, 0, 0, 10, 10]))


def test_the_change_that_places_are_ranked_by_is_that_of_the_fit() -> None:
    study = Study(with_effect(panel(7), SITE, 0.02), START, SITE, DESIGN)
    matched = study.match(SITE)
    for outcome in OUTCOMES:
        fitted = float(did(study.sample(matched, outcome), study.after).coefficients[0])
        level = study.outcomes[outcome][~study.after][:, matched.treated].mean()
        assert study.contrast(matched, outcome).change == pytest.approx(fitted / level, rel=1e-9)


def test_gaps_and_years_after_the_end_are_left_out() -> None:
    data = with_effect(panel(12), SITE, 0.06)
    rng = np.random.default_rng(8)
    holey = replace(data, outcome=np.where(rng.random(data.outcome.shape) < 0.05, np.nan, data.outcome))
    for whole, part in zip(found(data), found(holey), strict=True):
        assert part.effect == pytest.approx(whole.effect, abs=0.015)
    later = replace(data, outcome=np.where((YEARS > 2013)[:, None] & SITE, 9.0, data.outcome))
    study = Study(later, START, SITE, DESIGN, end=2013)
    assert judge(study, SITE)[0].effect == pytest.approx(0.06, abs=0.02)
    assert judge(study, SITE)[0].event_study["year"].max() == 2013


def test_a_site_without_controls_has_no_effect_and_says_why() -> None:
    data = panel(9)
    lonely = replace(data, strata=np.where(SITE, 7, data.strata))
    with pytest.raises(NoEffect, match=r"0 of \d+ cells of the site find 3 controls that are like them; 19 are needed"):
        found(lonely)


def test_without_places_the_interval_is_that_of_clustered_errors() -> None:
    result = found(panel(10), design=replace(DESIGN, places=5))[0]
    assert result.interval == "clustered errors"
    assert result.high - result.effect > 1.95 * result.standard_error
    assert result.p > 1 / 7


@given(seed=st.integers(0, 1000), radius=st.floats(1, 4), count=st.integers(1, 50))
@settings(max_examples=30, deadline=None)
def test_laws_of_moved_shapes(seed: int, radius: float, count: int) -> None:
    """Moved shapes stay whole and on the grid, touch nothing forbidden, lie on usable ground, and differ."""
    rng = np.random.default_rng(seed)
    shape = disc(rng.integers(5, 30), rng.integers(5, 30), radius)
    forbidden, usable = disc(20, 20, 5) | shape, rng.random(shape.size) < 0.9
    grid = [each.reshape(SHAPE) for each in (shape, usable, forbidden)]
    places = shifts(grid[0], grid[1], grid[2], count=count, seed=1)
    assert len(places) <= count
    assert len({tuple(each) for each in places}) == len(places)
    for each in places:
        cells = moved(np.flatnonzero(shape), each, SHAPE)
        assert len(cells) == shape.sum()
        assert not forbidden[cells].any()
        assert usable[cells].mean() >= 0.8 - 0.5 / len(cells) - 1e-9
    np.testing.assert_array_equal(places, shifts(grid[0], grid[1], grid[2], count=count, seed=1))


@given(st.lists(st.integers(-50, 50), min_size=19, max_size=120), st.integers(0, 60))
def test_p_values_and_critical_values_agree(values: list[int], statistic: int) -> None:
    """Beyond the critical value p is at most 5 %, at it or within p is more."""
    places = np.array(values, float)
    p = p_value(statistic, places)
    assert 1 / (1 + len(places)) <= p <= 1
    assert (p <= 0.05) == (statistic > critical_value(places))


def test_too_few_places_have_no_critical_value() -> None:
    assert critical_value(np.arange(18.0)) == float("inf")
    assert critical_value(np.arange(19.0)) == 18.0
    assert np.isnan(p_value(1.0, np.array([])))
