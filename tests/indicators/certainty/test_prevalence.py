"""True shares in accord with a map: planted shares are held where the map's own share is far off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from indicators.certainty.prevalence import Accord, in_accord, lower_end, parted, shrunk, upper_end
from indicators.errors import IndicatorError
from indicators.profiles import PROFILES, get
from indicators.sdg15.assessment import whole_of
from indicators.sdg15.measures import PixelInputs, measure
from indicators.sdg15.periods import Period

#: Profiles that judge productivity by metrics; others have intervals of their own.
METRICS = [name for name, each in PROFILES.items() if each.productivity == "metrics"]

YEARS = np.arange(2001, 2025)
WHOLE = Period.whole(2001, 2024)


def falling(seed: int, fall: float, *, share: float = 0.25, pixels: int = 200, shared: float = 0.0) -> PixelInputs:
    """Grassland of NDVI 0.3, a share of which declines evenly; noise of 7 % of the level, `shared` of it everywhere."""
    rng = np.random.default_rng(seed)
    own, common = rng.normal(size=(24, 1, pixels)), rng.normal(size=(24, 1, 1))
    values = 0.3 + 0.02 * (np.sqrt(1 - shared) * own + np.sqrt(shared) * common)
    values[:, :, : round(pixels * share)] -= 0.3 * fall * np.arange(24)[:, None, None] / 23
    coords = {"year": YEARS, "y": [45.0], "x": np.arange(pixels) / 100}
    vi = xr.DataArray(values, coords=coords, dims=("year", "y", "x"))
    cover = xr.full_like(vi, 2, dtype=np.int8)
    zone = xr.full_like(vi.isel(year=0, drop=True), 4)
    return PixelInputs({"season_mean": vi, "calendar_mean": vi}, land_cover=cover, climate_zone=zone)


def accord(place: PixelInputs, profile: str = "ne-asia", seed: int = 0, weight: np.ndarray | None = None) -> Accord:
    whole = whole_of(measure(place, [WHOLE], [get(profile)]), [get(profile)], None)
    best = {kind: each for (kind, _), each in whole.best.items()}
    area = np.ones(place.vi["season_mean"].sizes["x"]) if weight is None else weight
    return in_accord(place, WHOLE, best, area, profile, draws=39, seed=seed)


@pytest.mark.parametrize("profile", METRICS)
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


def test_a_drought_at_the_end_is_taken_out_where_rain_is_known() -> None:
    """Nothing fell but the rain of the last three years: *state* calls most of the land degraded, rain says why."""
    rng = np.random.default_rng(7)
    still = falling(5, 0.0, share=0.0)
    wet = rng.normal(300, 40, size=24)
    wet[-3:] = 220
    rain = xr.zeros_like(still.vi["season_mean"]) + xr.DataArray(wet, {"year": YEARS}, "year")
    dry = {kind: vi + 0.0004 * (rain - 300) for kind, vi in still.vi.items()}
    told = replace(still, vi=dry, precipitation=rain)
    for profile in ("ne-asia", "trends-earth"):
        known, unknown = accord(told, profile), accord(replace(told, precipitation=None), profile)
        assert known.mapped > 0.4
        assert known.low < 0.02
        assert known.high < known.mapped
        assert unknown.low > 0.2
    # of two sums of rain the one that explains the annual value best is taken
    other = xr.zeros_like(rain) + xr.DataArray(rng.normal(300, 40, size=24), {"year": YEARS}, "year")
    best = replace(told, precipitation=other, rain_sums=dict.fromkeys(dry, rain))
    assert accord(best, "trends-earth") == known


def test_errors_of_estimates_are_not_taken_for_differences() -> None:
    rng = np.random.default_rng(3)
    true, error = rng.normal(2, 0.5, 4000), rng.uniform(0.3, 1.5, 4000)
    seen = true + error * rng.normal(size=4000)
    found = shrunk(seen, error**2)
    assert found.mean() == pytest.approx(2, abs=0.05)
    assert found.std() == pytest.approx(0.5, abs=0.05)
    assert seen.std() > 1
    alike = shrunk(2 + error * rng.normal(size=4000), error**2)
    assert alike.std() < 0.1
    np.testing.assert_allclose(shrunk(true, np.zeros(4000)), true)


def test_rain_that_has_nothing_to_do_with_it_changes_little() -> None:
    place = falling(1, 0.2)
    noise = np.random.default_rng(9).normal(300, 40, size=24)
    rain = xr.zeros_like(place.vi["season_mean"]) + xr.DataArray(noise, {"year": YEARS}, "year")
    plain, beside = accord(place), accord(replace(place, precipitation=rain))
    assert beside.low == pytest.approx(plain.low, abs=0.08)
    assert beside.high == pytest.approx(plain.high, abs=0.15)


@pytest.mark.parametrize(("first", "last"), [(2, 6), (2, 3), (3, 2)])
def test_what_land_cover_or_carbon_says_stays_degraded(first: int, last: int) -> None:
    """A fifth changed in 2003: grass to bare degrades by both, to crop by its carbon alone, crop to grass by cover."""
    place = falling(2, 0.0, share=0.0)
    assert place.land_cover is not None
    cover = place.land_cover.copy()
    cover[:2, :, :40], cover[2:, :, :40] = first, last
    cleared = accord(PixelInputs(place.vi, land_cover=cover, climate_zone=place.climate_zone))
    assert cleared.low == pytest.approx(0.2)
    assert 0.2 <= cleared.high < 0.5


def test_areas_weigh_and_land_without_area_takes_no_part() -> None:
    place = falling(1, 0.4)
    lost = np.arange(200) < 50
    none, much = (accord(place, weight=np.where(lost, area, 1.0)) for area in (0.0, 9.0))
    assert (none.pixels, much.pixels) == (150, 200)
    assert none.low == 0
    assert none.high < 0.25
    assert much.low <= 0.75 <= much.high
    assert much.mapped > 0.6


def told(rain_slope: float, trend: float = 0.0, wetter: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is known of 24 years of 2,000 pixels with noise of 0.02, the noise that is left, and their rain."""
    rng = np.random.default_rng(11)
    years = np.arange(24)[:, None]
    rain = 300 + 40 * rng.normal(size=(24, 2000)) + wetter * years
    values = 0.3 + rain_slope * (rain - 300) + trend * years + 0.02 * rng.normal(size=rain.shape)
    known, noise = parted(values, YEARS, rain if rain_slope or wetter else None)
    return known, noise, rain


@pytest.mark.parametrize(("rain_slope", "wetter"), [(0.0, 0.0), (0.0004, 0.0), (0.0004, 3.0)])
def test_noise_is_as_large_as_it_was_and_rain_keeps_its_years(rain_slope: float, wetter: float) -> None:
    """Also where the land falls while rain rises, which would hide the answer to rain from who asks for rain alone.

    All pixels answer alike, so that next to no degree of freedom goes into it; noise comes out 2 % too large.
    """
    known, noise, rain = told(rain_slope, -0.004, wetter)
    assert np.abs(noise.mean(axis=0)).max() < 1e-12
    assert noise.std() == pytest.approx(0.02 * (1.02 if rain_slope else 1), rel=0.01)
    answer, wet = (each - each.mean(axis=0) for each in (known, rain))
    assert (answer * wet).sum() / (wet**2).sum() == pytest.approx(rain_slope, abs=1e-5)


def test_rain_that_says_nothing_of_any_pixel_is_no_answer() -> None:
    """Each pixel's own slope spreads by chance alone; that is no difference between places."""
    known, _, rain = told(0.0, wetter=1e-9)
    assert known.std(axis=0).mean() < 0.25 * 0.02 / np.sqrt(24)
    assert rain.std() > 30


def test_the_same_seed_gives_the_same_and_nothing_judged_is_said() -> None:
    assert accord(falling(4, 0.2)) == accord(falling(4, 0.2))
    gone = falling(4, 0.2)
    blank = {kind: xr.full_like(vi, np.nan) for kind, vi in gone.vi.items()}
    with pytest.raises(IndicatorError, match="no pixel of the sample can be judged"):
        accord(PixelInputs(blank, land_cover=gone.land_cover, climate_zone=gone.climate_zone))


@given(st.floats(0, 1))
def test_ends_are_read_off_between_the_shares_that_were_tried(mapped: float) -> None:
    true, shown = np.array([0.1, 0.5, 1.0]), np.array([0.2, 0.2, 0.7])
    low, high = lower_end(true, shown, mapped), upper_end(true, shown, mapped)
    assert 0.1 <= low <= 1.0
    assert high == (pytest.approx(mapped / 0.7) if mapped < 0.2 else max(low, high))
    if 0.2 < mapped < 0.7:
        assert low == high == pytest.approx(0.5 + (mapped - 0.2))
        assert upper_end(true, shown, min(mapped + 0.1, 1.0)) >= high


def test_a_map_that_shows_the_same_for_every_truth_tells_nothing() -> None:
    true, shown = np.array([0.0, 0.5, 1.0]), np.array([1.0, 1.0, 1.0])
    assert (lower_end(true, shown, 1.0), upper_end(true, shown, 1.0)) == (0.0, 1.0)
