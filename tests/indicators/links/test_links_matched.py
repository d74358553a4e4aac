"""Shares inside and outside: what only follows from dry or wet land is no difference; intervals hold what is true."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

from indicators.errors import IndicatorError
from indicators.links import Comparison, compared, compared_terms
from indicators.links.matched import FEWEST_BLOCKS, SUMS, strata

SHAPE = (120, 160)
Y, X = 46 - 0.02 * np.arange(SHAPE[0]), 100 + 0.03 * np.arange(SHAPE[1])


def landscape(seed: int, effect: float = 0.0, smooth: float = 3.0) -> pd.DataFrame:
    """Terms of a landscape that is drier in the south and more degraded there; areas lie in the wet north."""
    rng = np.random.default_rng(seed)
    rain = np.broadcast_to(np.linspace(400, 150, SHAPE[0])[:, None], SHAPE)
    inside = gaussian_filter(rng.standard_normal(SHAPE), 6) + 0.02 * (rain - 280) / 120 > 0.03
    chance = np.clip((420 - rain) / 400, 0, 1) + effect * inside
    noise = gaussian_filter(rng.standard_normal(SHAPE), smooth)
    level = np.argsort(np.argsort(noise.ravel())).reshape(SHAPE) / noise.size
    degraded = level < chance
    cover = np.full(SHAPE, 2)
    area = np.ones(SHAPE)
    return compared_terms(
        degraded, area * inside, area * ~inside, strata(cover, rain, None, np.full(SHAPE[0], 44.2)), Y, X
    )


@pytest.fixture(scope="module")
def plain() -> list[Comparison]:
    return [compared(landscape(seed), draws=99) for seed in range(40)]


def test_a_difference_that_rain_makes_goes_when_land_is_matched(plain: list[Comparison]) -> None:
    raw = np.mean([each.inside[0] - each.outside[0] for each in plain])
    matched = np.mean([each.matched[0] for each in plain])
    assert raw < -0.05
    assert abs(matched) < 0.02


def test_intervals_hold_the_truth_although_neighbours_are_alike(plain: list[Comparison]) -> None:
    held = np.mean([each.matched[1] <= 0 <= each.matched[2] for each in plain])
    assert held >= 0.85
    cells = 120 * 160 / 2
    alone = 2 * 1.96 * np.sqrt(2 * 0.25 / cells)  # of independent cells
    assert np.median([each.matched[2] - each.matched[1] for each in plain]) > 2 * alone


def test_an_effect_of_protection_is_found() -> None:
    found = [compared(landscape(seed, effect=-0.15, smooth=1.0), draws=99) for seed in range(8)]
    assert np.mean([each.matched[0] for each in found]) == pytest.approx(-0.15, abs=0.04)
    assert all(each.matched[2] < 0 for each in found)


def test_inside_and_outside_close_to_the_whole_whatever_the_parts() -> None:
    terms = landscape(3)
    found = compared(terms)
    whole = terms[SUMS].sum()
    bad = found.inside[0] * found.inside_km2 + found.outside[0] * found.outside_km2
    assert found.inside_km2 + found.outside_km2 == pytest.approx(SHAPE[0] * SHAPE[1])
    assert bad == pytest.approx(whole["inside_degraded_km2"] + whole["outside_degraded_km2"])
    cut = pd.concat([terms.iloc[::2], terms.iloc[1::2]])
    assert compared(cut) == found


def test_few_blocks_have_no_interval_and_unlike_land_no_difference() -> None:
    y, x = np.array([44.0, 43.99]), np.array([110.0, 110.01])
    degraded = np.array([[True, False], [False, False]])
    inside = np.array([[1.0, 1.0], [0, 0]])
    found = compared(compared_terms(degraded, inside, 1 - inside, np.array([[1, 1], [2, 2]]), y, x))
    assert (found.inside[0], found.outside[0], found.alike) == (0.5, 0.0, 0.0)
    assert np.isnan([found.matched[0], *found.inside[1:], *found.outside[1:]]).all()
    assert min(found.blocks) < FEWEST_BLOCKS


def test_land_of_unknown_kind_is_counted_and_never_matched() -> None:
    y, x = np.array([44.0]), np.array([110.0, 110.01])
    found = compared(
        compared_terms(
            np.array([[True, False]]), np.array([[1.0, 0]]), np.array([[0, 1.0]]), np.array([[-1, -1]]), y, x
        )
    )
    assert (found.inside[0], found.outside[0]) == (1.0, 0.0)
    assert np.isnan(found.matched[0])


def test_an_area_without_land_has_no_share() -> None:
    y, x = np.array([44.0]), np.array([110.0, 110.01])
    terms = compared_terms(np.zeros((1, 2), bool), np.zeros((1, 2)), np.ones((1, 2)), np.ones((1, 2), np.int64), y, x)
    found = compared(terms)
    assert np.isnan(found.inside[0])
    assert found.inside_km2 == 0
    with pytest.raises(IndicatorError, match="the table has no column stratum"):
        compared(terms.drop(columns="stratum"))


def test_strata_keep_kinds_of_land_apart() -> None:
    cover = np.array([[2, 2, 3, 2, 0, 2]])
    rain = np.array([[300.0, 301, 300, 340, 300, np.nan]])
    height = np.array([[1000.0, 1010, 1000, 1000, 1000, 1000]])
    found = strata(cover, rain, height, np.array([44.0]))[0]
    assert found[0] == found[1]
    assert len(set(found[[0, 2, 3]])) == 3
    assert (found[[4, 5]] == -1).all()
    low, high = (strata(np.array([[2]]), None, np.array([[metres]]), np.array([44.0])) for metres in (-20.0, 20.0))
    assert low != high  # below the sea is another class than above
