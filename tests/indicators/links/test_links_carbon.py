"""Carbon in tonnes: known values, sums that close, and intervals from courses that share no code with the reference."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from indicators.errors import IndicatorError
from indicators.links import CARBON_TO_CO2, CarbonChange, carbon_change, factor_draws, interval, possible_losses
from indicators.links.possible_courses import FACTOR_ERROR, FactorDraws
from indicators.sdg15.cover_in_time import class_probabilities
from indicators.sdg15.cover_in_time.chain import draw
from indicators.sdg15.cover_in_time.rates import of_product
from indicators.sdg15.soil_carbon import CLIMATE_FACTOR, all_factors, stock

YEARS = range(2001, 2025)
RATES = of_product("igbp")
#: A change that lasts for fourteen years.
CERTAIN = "2" * 10 + "3" * 14


def of(labels: str) -> np.ndarray:
    return np.array([int(label) for label in labels], np.int8)


def drawn(labels: np.ndarray, draws: int, seed: int = 0) -> np.ndarray:
    lots = np.random.default_rng(seed).random((draws, len(labels) + 1))
    found = np.zeros((draws, len(labels)), np.int8)
    assert draw(labels, lots, *RATES.tables(), found)
    return found


def test_grassland_that_is_ploughed_loses_what_the_ipcc_table_says() -> None:
    """Dry temperate land (factor 0.80): 40 t/ha lose 8 in twenty years; two square kilometres lose 1,600 t."""
    cover = xr.DataArray([[[2]], *[[[3]]] * 20], {"year": range(2000, 2021)}, ("year", "y", "x"))
    found = carbon_change(stock(40.0, cover, 2), (2000, 2020), np.array([[2.0]]))
    assert found.net == found.lost == pytest.approx(-1600)
    assert found.gained == 0
    assert found.net * CARBON_TO_CO2 == pytest.approx(-1600 * 44 / 12)


def test_parts_add_up_and_gaps_count_as_unknown() -> None:
    rng = np.random.default_rng(1)
    values = rng.uniform(10, 60, (2, 6, 8))
    values[1, 2, 3] = np.nan
    stocks = xr.DataArray(values, {"year": [2001, 2024]}, ("year", "y", "x"))
    area = rng.uniform(0, 1, (6, 8))
    whole = carbon_change(stocks, (2001, 2024), area)
    parts = [carbon_change(stocks[:, rows], (2001, 2024), area[rows]) for rows in (slice(0, 2), slice(2, 6))]
    both = sum(parts, CarbonChange())
    assert (both.lost, both.gained, both.known_km2) == pytest.approx((whole.lost, whole.gained, whole.known_km2))
    assert whole.net == pytest.approx(np.nansum((values[1] - values[0]) * area) * 100)
    assert whole.known_km2 == pytest.approx(area.sum() - area[2, 3])


def test_a_year_without_stock_is_refused() -> None:
    stocks = xr.DataArray(np.ones((2, 1, 1)), {"year": [2001, 2024]}, ("year", "y", "x"))
    with pytest.raises(IndicatorError, match=r"no stock for \[2030\]; the stock has the years 2001-2024"):
        carbon_change(stocks, (2001, 2030), np.ones((1, 1)))


@pytest.mark.parametrize("labels", ["222222222222222222233333", "222336662222222222222233", "222000033333222222222222"])
def test_draws_have_the_probabilities_of_each_class_and_year(labels: str) -> None:
    """The forward and backward sums give the same marginals without any draw."""
    codes = of(labels)
    found = drawn(codes, 4000)
    expected = class_probabilities(xr.DataArray(codes, {"year": YEARS}, "year"), product="igbp").values
    for code in range(1, 8):
        np.testing.assert_allclose((found == code).mean(axis=0), expected[:, code - 1], atol=0.035)


def test_draws_are_whole_courses() -> None:
    """Land that may have changed in the last years changed in each draw, or in none of them: no flicker."""
    found = drawn(of("222222222222222222223333"), 500)
    changes = (np.diff(found, axis=1) != 0).sum(axis=1)
    assert (changes <= 1).mean() > 0.9
    assert 0.05 < (found[:, -1] == 3).mean() < 0.95


def test_one_class_has_one_course() -> None:
    lots = np.full((3, 6), 0.5)
    assert not draw(of("22222"), lots, *RATES.tables(), np.zeros((3, 5), np.int8))
    assert not draw(of("00000"), lots, *RATES.tables(), np.zeros((3, 5), np.int8))


def exact(draws: int) -> FactorDraws:
    """Factors and stocks without error."""
    return FactorDraws(np.broadcast_to(all_factors(), (draws, 13, 7, 7)).copy(), np.ones(draws))


def losses(labels: list[str], *, draws: int = 200, size: float = 0.01, factors: FactorDraws | None = None):  # type: ignore[no-untyped-def]
    cover = np.stack([of(each) for each in labels], axis=1)[:, None, :]
    shape = cover.shape[1:]
    place = np.array([44.0]), 110.0 + size * np.arange(shape[1])
    return possible_losses(
        cover, np.full(shape, 2.0), place, RATES, factors or exact(draws), [((0, 23), (0, 23))],
        first_stock=np.full(shape, 40.0), zone=np.full(shape, 2.0),
    )  # fmt: skip


def test_a_change_that_lasts_is_in_nearly_every_draw_with_the_stock_of_the_indicator() -> None:
    """In a few draws a label beside the change is wrong, or the pixel is mixed and all of it is confusion."""
    found = losses([CERTAIN], draws=2000)
    cover = xr.DataArray(of(CERTAIN)[:, None, None], {"year": YEARS}, ("year", "y", "x"))
    implied = carbon_change(stock(40.0, cover, 2), (2001, 2024), np.array([[2.0]])).net
    certain = np.isclose(found.carbon[:, 0], implied)
    assert certain.mean() > 0.8
    marginal = class_probabilities(xr.DataArray(of(CERTAIN), {"year": YEARS}, "year"), product="igbp")
    # hardly a course begins as cropland and ends as grassland
    both = float(marginal[0, 1] + marginal[-1, 2]) - 1
    assert (found.natural == 2.0).mean() == pytest.approx(both, abs=0.03)


def test_equal_labels_near_each_other_are_wrong_together_and_far_ones_are_not() -> None:
    doubtful = "222222222222222222222233"
    near, far = losses([doubtful] * 16, size=0.002), losses([doubtful] * 16, size=0.5)
    assert set(near.natural[:, 0]) == {0.0, 32.0}
    assert len(set(far.natural[:, 0])) > 4
    assert far.natural.mean() == pytest.approx(near.natural.mean(), rel=0.35)


def test_errors_of_factor_and_stock_have_the_size_of_the_ipcc() -> None:
    many = factor_draws(4000)
    for zone, value in CLIMATE_FACTOR.items():
        assert many.tables[:, zone, 1, 2].std() / value == pytest.approx(FACTOR_ERROR[value] / 2, rel=0.08)
    assert many.stock.std() == pytest.approx(0.45, rel=0.1)
    found = losses([CERTAIN] * 30, size=0.5, factors=factor_draws(1000))
    low, high = interval(found.carbon[:, 0] / 30)
    assert low < -1120 < high < 0  # fourteen of twenty years


def test_a_part_of_a_region_draws_what_the_whole_draws() -> None:
    labels = ["222222222222222222222233", "22222222226666" + "2" * 10, "2" * 12 + "3" * 12] * 3
    whole = losses(labels)
    cover = np.stack([of(each) for each in labels], axis=1)[:, None, :]
    x = 110.0 + 0.01 * np.arange(9)
    parts = [
        possible_losses(
            cover[:, :, some], np.full((1, len(x[some])), 2.0), (np.array([44.0]), x[some]), RATES, exact(200),
            [((0, 23), (0, 23))], first_stock=np.full((1, len(x[some])), 40.0), zone=np.full((1, len(x[some])), 2),
        )
        for some in (slice(0, 4), slice(4, 9))
    ]  # fmt: skip
    both = parts[0] + parts[1]
    np.testing.assert_allclose(both.carbon, whole.carbon)
    np.testing.assert_allclose(both.natural, whole.natural)


def test_without_stock_there_is_no_carbon_and_windows_must_lie_within_the_years() -> None:
    cover = of("2" * 12 + "3" * 12)[:, None, None]
    place = np.array([44.0]), np.array([110.0])
    found = possible_losses(cover, np.ones((1, 1)), place, RATES, exact(20), [((0, 23), (0, 23))])
    assert (found.carbon == 0).all()
    assert found.natural.max() == 1
    with pytest.raises(IndicatorError, match="outside 24 years of land cover"):
        possible_losses(cover, np.ones((1, 1)), place, RATES, exact(20), [((0, 24), (0, 23))])
