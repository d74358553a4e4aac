"""True shares in accord with a map: planted shares are held where the map's own share is far off."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from indicators.assessment import whole_of
from indicators.errors import IndicatorError
from indicators.measures import Place, measure
from indicators.periods import Period
from indicators.prevalence import Accord, crossed, in_accord
from indicators.profiles import PROFILES, get

YEARS = np.arange(2001, 2025)
WHOLE = Period.whole(2001, 2024)


def falling(seed: int, fall: float, *, share: float = 0.25, pixels: int = 200, shared: float = 0.0) -> Place:
    """Grassland of NDVI 0.3, a share of which declines evenly; noise of 7 % of the level, `shared` of it everywhere."""
    rng = np.random.default_rng(seed)
    own, common = rng.normal(size=(24, 1, pixels)), rng.normal(size=(24, 1, 1))
    values = 0.3 + 0.02 * (np.sqrt(1 - shared) * own + np.sqrt(shared) * common)
    values[:, :, : round(pixels * share)] -= 0.3 * fall * np.arange(24)[:, None, None] / 23
    coords = {"year": YEARS, "y": [45.0], "x": np.arange(pixels) / 100}
    vi = xr.DataArray(values, coords=coords, dims=("year", "y", "x"))
    cover = xr.full_like(vi, 2, dtype=np.int8)
    zone = xr.full_like(vi.isel(year=0, drop=True), 4)
    return Place({"season_mean": vi, "calendar_mean": vi}, land_cover=cover, climate_zone=zone)


def accord(place: Place, profile: str = "ne-asia", seed: int = 0) -> Accord:
    whole = whole_of(measure(place, [WHOLE], [get(profile)]), [get(profile)], None)
    best = {kind: each for (kind, _), each in whole.best.items()}
    weight = np.ones(place.vi["season_mean"].sizes["x"])
    return in_accord(place, WHOLE, best, weight, profile, draws=39, seed=seed)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_planted_share_is_held_where_a_map_calls_more_or_less_degraded(profile: str) -> None:
    """A quarter of the land lost 20 %, noise is each pixel's own: FAO-WOCAT maps twice as much, SEPAL's second less."""
    found = [accord(falling(seed, 0.2), profile, seed) for seed in range(6)]
    assert sum(each.low <= 0.25 <= each.high for each in found) >= 5
    mapped = np.mean([each.mapped for each in found])
    if profile == "fao-wocat":
        assert mapped > 0.5
        assert all(each.high < each.mapped for each in found)
    if profile == "sepal-gpg2":
        assert mapped < 0.2


def test_shares_far_from_the_truth_are_left_out() -> None:
    few, many = accord(falling(1, 0.4, share=0.0)), accord(falling(1, 0.4, share=0.8))
    assert few.low == 0
    assert few.high < 0.25
    assert many.low > 0.4


def test_weather_that_all_pixels_share_leaves_little_told() -> None:
    """With half of the noise common, dry years at the end could have made the whole map."""
    own, common = accord(falling(3, 0.2)), accord(falling(3, 0.2, shared=0.5))
    assert common.high - common.low > 2 * (own.high - own.low)


def test_what_land_cover_says_stays_degraded() -> None:
    place = falling(2, 0.0, share=0.0)
    assert place.land_cover is not None
    cover = place.land_cover.copy()
    cover[12:, :, :40] = 6  # a fifth became bare
    cleared = accord(Place(place.vi, land_cover=cover, climate_zone=place.climate_zone))
    assert cleared.low == pytest.approx(0.2)
    assert 0.2 <= cleared.high < 0.5


def test_the_same_seed_gives_the_same_and_nothing_judged_is_said() -> None:
    assert accord(falling(4, 0.2)) == accord(falling(4, 0.2))
    gone = falling(4, 0.2)
    blank = {kind: xr.full_like(vi, np.nan) for kind, vi in gone.vi.items()}
    with pytest.raises(IndicatorError, match="no pixel of the sample can be judged"):
        accord(Place(blank, land_cover=gone.land_cover, climate_zone=gone.climate_zone))


@given(st.floats(0, 1))
def test_a_share_is_read_off_between_the_shares_that_were_tried(mapped: float) -> None:
    true, shown = np.array([0.1, 0.5, 1.0]), np.array([0.2, 0.2, 0.7])
    found = crossed(true, shown, mapped)
    assert 0.1 <= found <= 1.0
    if 0.2 < mapped < 0.7:
        assert found == pytest.approx(0.5 + (mapped - 0.2))
    assert crossed(true, shown, min(mapped + 0.1, 1.0)) >= found
