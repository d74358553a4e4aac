"""Field significance and detectability against what is known: noise, planted trends, and the profile itself."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from indicators.chance.detectability import course, crossing, detectable
from indicators.chance.permuted import degraded_by_order
from indicators.chance.significance import field
from indicators.errors import IndicatorError
from indicators.profiles import get
from indicators.sdg15.productivity import trajectory

YEARS = np.arange(2001, 2025)


def region(
    seed: int, *, pixels: int = 120, shared: float = 0.0, falling: float = 0.0, fall: float = 0.2, gaps: float = 0.05
) -> xr.DataArray:
    """NDVI of 0.3 with noise of 0.02, of which a share is the same everywhere; some pixels fall over the record."""
    rng = np.random.default_rng(seed)
    own, common = rng.normal(size=(len(YEARS), pixels)), rng.normal(size=(len(YEARS), 1))
    noise = own * np.sqrt(1 - shared) + common * np.sqrt(shared)
    values = 0.3 + 0.02 * noise
    values[:, : round(falling * pixels)] -= 0.3 * fall * ((YEARS - 2001) / 23)[:, None]
    values[rng.random(values.shape) < gaps] = np.nan
    return xr.DataArray(values, coords={"year": YEARS}, dims=("year", "pixel"))


@pytest.mark.parametrize("profile", ["ne-asia", "trends-earth", "sepal-gpg1", "fao-wocat"])
@pytest.mark.parametrize("rounded", [False, True])
def test_every_order_gives_what_the_profile_itself_says(profile: str, rounded: bool) -> None:
    """The matrix product against trajectory on the reordered map: with gaps, ties, bare pixels and unequal areas."""
    vi = region(1, falling=0.3)
    vi = (vi.round(2) if rounded else vi) * np.where(np.arange(vi.sizes["pixel"]) < 5, 0.2, 1.0)
    vi[:, 7] = np.nan
    vi[:20, 8] = np.nan
    vi[-1, 9:15] -= 3.0  # the line of least squares falls with them, whatever the other years do
    rng = np.random.default_rng(2)
    area = rng.random(vi.sizes["pixel"])
    drawn = np.stack([np.arange(24), *(rng.permutation(24) for _ in range(12))])
    shares = degraded_by_order(vi.values, YEARS, drawn, area, get(profile), "ndvi")
    for order, share in zip(drawn, shares, strict=True):
        way = trajectory(vi.copy(data=vi.values[order]), profile=profile)["direction"].values
        assert share == pytest.approx(((way == -1) * area).sum() / (np.isfinite(way) * area).sum(), abs=1e-12)
    assert shares[0] > 0.15


def test_a_planted_decline_is_significant_and_its_reverse_is_not() -> None:
    vi = region(3, falling=0.3, shared=0.2)
    found = field(vi, permutations=199)
    assert found.share > 0.2
    assert found.p == pytest.approx(1 / 200)
    turned = field(vi.copy(data=vi.values[::-1]), permutations=199)
    assert (turned.share, turned.p) == (0.0, 1.0)


def test_the_same_seed_gives_the_same_answer_and_weights_count() -> None:
    vi = region(4, falling=0.1)
    first, again = (field(vi, "trends-earth", permutations=99, seed=7) for _ in range(2))
    assert (first.p, first.share) == (again.p, again.share)
    np.testing.assert_array_equal(first.distribution, again.distribution)
    weight = np.where(np.arange(vi.sizes["pixel"]) < 12, 0.0, 1.0)
    assert field(vi, "trends-earth", permutations=9, weight=weight).share < first.share
    assert field(vi, "trends-earth", permutations=9, weight=weight).pixels == 108


@pytest.mark.parametrize("shared", [0.0, 0.6])
def test_without_any_trend_p_values_are_as_they_should_be(shared: float) -> None:
    """Of regions of nothing but noise, 5 % may come out significant at 5 %, however alike neighbours are."""
    maps = [region(100 + n, pixels=60, shared=shared) for n in range(80)]
    p = np.array([field(vi, "trends-earth", permutations=39, seed=n).p for n, vi in enumerate(maps)])
    # 80 draws at 5 %: 4 expected, 11 or more happen with a probability below 0.002
    assert (p <= 0.05).sum() <= 10
    assert p.mean() > 0.4


def test_memory_bounded_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vi = region(5, falling=0.2)
    whole = field(vi, permutations=19)
    monkeypatch.setattr("indicators.chance.permuted.BLOCK", 276 * 7)
    monkeypatch.setattr("indicators.chance.permuted.CASES", 3)
    np.testing.assert_allclose(field(vi, permutations=19).distribution, whole.distribution, atol=1e-12)


def test_what_cannot_be_judged_says_so() -> None:
    with pytest.raises(IndicatorError, match="no pixel has the 8 years"):
        field(region(6).isel(year=slice(0, 6)), permutations=9)
    with pytest.raises(IndicatorError, match="no pixel of the region has a value"):
        field(region(6), weight=np.zeros(120), permutations=9)
    with pytest.raises(IndicatorError, match="0 permutations; at least 1 is needed"):
        field(region(6), permutations=0)
    with pytest.raises(IndicatorError, match="119 values for 120 pixels"):
        field(region(6), weight=np.ones(119), permutations=9)


def test_larger_declines_are_found_more_often_and_noise_hides_them() -> None:
    quiet = detectable(region(8, gaps=0), permutations=12, pixels=60)
    loud = detectable(region(8, gaps=0) * 3 - 0.6, permutations=12, pixels=60)
    for found in (quiet, loud):
        for _, curve in found.curve.groupby(["scale", "shape"]):
            assert curve["found"].is_monotonic_increasing or curve["found"].diff().min() > -0.1
    assert 0.1 < quiet.smallest("pixel", "ramp") < 0.4
    # the mean of independent pixels is far less noisy than any of them
    assert quiet.smallest("region", "ramp") < quiet.smallest("pixel", "ramp")
    assert np.isnan(loud.smallest("pixel", "ramp")) or loud.smallest("pixel") > quiet.smallest("pixel")
    assert quiet.false_alarms < 0.02


def test_false_alarms_of_trends_earth_are_what_its_critical_values_make() -> None:
    """Its 95 % value for 24 years has a two-sided p of 0.107 (exact), so one pixel in nineteen falls by chance."""
    loud = 0.3 + 5 * (region(9, gaps=0) - 0.3)  # slopes by chance are well above the band of 0.001 a year
    found = detectable(loud, "trends-earth", permutations=100, pixels=120)
    assert found.false_alarms == pytest.approx(0.107 / 2, abs=0.01)


def test_what_is_found_is_what_trajectory_says_of_the_declines() -> None:
    """Without noise every decline beyond the dead-band of 5 % is found, and none below it."""
    still = region(10, pixels=4, gaps=0) * 0 + 0.3
    still = still + np.linspace(0, 1e-6, 24)[:, None]  # ties would have no trend
    found = detectable(still, permutations=2, pixels=4, affected=0.5)
    ramp = found.curve[(found.curve["scale"] == "pixel") & (found.curve["shape"] == "ramp")]
    assert ramp.set_index("decline")["found"].loc[[0.0, 0.1, 0.2, 0.4]].tolist() == [0, 1, 1, 1]


def test_the_smallest_decline_lies_between_the_sizes() -> None:
    sizes = np.array([0.0, 0.05, 0.1, 0.2, 0.4])
    assert crossing(sizes, np.array([0, 0.1, 0.6, 1.0, 1.0]), 0.8) == pytest.approx(0.15)
    assert crossing(sizes, np.array([0.9, 1, 1, 1, 1.0]), 0.8) == 0
    assert np.isnan(crossing(sizes, np.array([0, 0.1, 0.2, 0.3, 0.79]), 0.8))


def test_a_ramp_falls_evenly_and_a_step_comes_in_the_middle() -> None:
    years = np.arange(2001, 2025)
    assert course("ramp", years) == pytest.approx(np.arange(24) / 23)
    assert course("step", years).tolist() == [0.0] * 12 + [1.0] * 12
    # years, not places: 2010 lies beyond the middle of 2001 to 2016, though it is the third of five
    sparse = np.array([2001, 2002, 2010, 2015, 2016])
    assert course("step", sparse).tolist() == [0, 0, 1, 1, 1]
    assert course("ramp", sparse) == pytest.approx((sparse - 2001) / 15)
