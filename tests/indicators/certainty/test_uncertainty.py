"""Areas with intervals: the worked example of Olofsson et al. (2014), coverage by sampling, and resampled years."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from indicators.certainty.uncertainty import resampled, spread, stratified_areas
from indicators.errors import IndicatorError
from indicators.profiles import PROFILES, get
from indicators.sdg15.assessment import whole_of
from indicators.sdg15.findings import find
from indicators.sdg15.measures import PixelInputs, measure
from indicators.sdg15.periods import Period

#: Profiles that judge productivity by metrics; others have intervals of their own.
METRICS = [name for name, each in PROFILES.items() if each.productivity == "metrics"]

NAMES = ["deforestation", "forest gain", "stable forest", "stable non-forest"]
#: Olofsson et al. (2014), Table 8: sample counts; mapped areas in pixels of 30 m.
EXAMPLE = pd.DataFrame([[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]], index=NAMES, columns=NAMES)
PIXELS = dict(zip(NAMES, (200_000, 150_000, 3_200_000, 6_450_000), strict=True))


def test_the_worked_example_of_olofsson_2014() -> None:
    """Adjusted areas in hectares with the half-width of their 95 % intervals, and accuracies, as printed there."""
    hectares = stratified_areas(EXAMPLE, {name: 0.09 * count for name, count in PIXELS.items()}).set_index("class")
    printed = {
        "deforestation": (21_158, 6_158),
        "forest gain": (11_686, 3_756),
        "stable forest": (285_770, 15_510),
        "stable non-forest": (581_386, 16_282),
    }
    for name, (area, half) in printed.items():
        row = hectares.loc[name]
        assert row["area_km2"] == pytest.approx(area, abs=0.5)
        assert (row["high_km2"] - row["low_km2"]) / 2 == pytest.approx(half, abs=1)
    assert hectares["users"].round(2).tolist() == [0.88, 0.73, 0.93, 0.96]
    assert hectares["producers"].round(2).tolist() == [0.75, 0.85, 0.93, 0.96]
    assert hectares["area_km2"].sum() == pytest.approx(900_000)


def test_intervals_from_samples_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(11)
    names = ["degraded", "stable", "improved"]
    right = np.array([[0.7, 0.25, 0.05], [0.1, 0.85, 0.05], [0.02, 0.18, 0.8]])
    mapped = np.array([200.0, 700.0, 100.0])
    truth = mapped @ right
    held = []
    for _ in range(400):
        counts = np.stack([rng.multinomial(75, row) for row in right])
        table = stratified_areas(
            pd.DataFrame(counts, index=names, columns=names), dict(zip(names, mapped, strict=True))
        )
        held.append((table["low_km2"] <= truth) & (truth <= table["high_km2"]))
    coverage = np.mean(held)
    assert 0.92 < coverage < 0.975


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.rename(index={"deforestation": "loss"}), "name the same classes in the same order"),
        (lambda t: t - 5, "missing or negative"),
        (lambda t: t * 0, "'deforestation' has 0 reference sites"),
        (lambda t: t.iloc[1:, 1:], "has no class 'deforestation'"),
    ],
)
def test_what_is_no_confusion_matrix_is_refused(change: object, message: str) -> None:
    with pytest.raises(IndicatorError, match=message):
        stratified_areas(change(EXAMPLE), PIXELS)  # type: ignore[operator]


def test_a_class_that_the_map_does_not_show_needs_no_sites() -> None:
    few = EXAMPLE.copy()
    few.loc["forest gain"] = 0
    found = stratified_areas(few, {**PIXELS, "forest gain": 0}).set_index("class")
    assert np.isfinite(found["area_km2"]).all()
    assert found["area_km2"].sum() == pytest.approx(sum(PIXELS.values()) - 150_000)


YEARS = np.arange(2001, 2025)
WHOLE = Period.whole(2001, 2024)


def noisy(seed: int, pixels: int, fall: float, noise: float, shared: float = 0.0) -> PixelInputs:
    """Grassland of NDVI 0.3, a quarter of which declines over the record; soil carbon does not change."""
    rng = np.random.default_rng(seed)
    own, common = rng.normal(size=(24, 1, pixels)), rng.normal(size=(24, 1, 1))
    values = 0.3 + noise * (np.sqrt(1 - shared) * own + np.sqrt(shared) * common)
    values[:, :, : pixels // 4] -= 0.3 * fall * np.arange(24)[:, None, None] / 23
    coords = {"year": YEARS, "y": [45.0], "x": np.arange(pixels) / 100}
    vi = xr.DataArray(values, coords=coords, dims=("year", "y", "x"))
    cover = xr.full_like(vi, 2, dtype=np.int8)
    zone = xr.full_like(vi.isel(year=0, drop=True), 4)
    return PixelInputs({"season_mean": vi, "calendar_mean": vi}, land_cover=cover, climate_zone=zone)


def intervals(place: PixelInputs, profile: str = "ne-asia", draws: int = 19, seed: int = 0) -> pd.DataFrame:
    measured = measure(place, [WHOLE], [get(profile)])
    best = whole_of(measured, [get(profile)], None).best
    kinds = {kind: each for (kind, _), each in best.items()}
    weight = np.ones(place.vi["season_mean"].sizes["x"])
    return resampled(place, WHOLE, kinds, weight, profile, draws=draws, seed=seed)


@pytest.mark.parametrize("profile", METRICS)
def test_resampled_intervals_hold_the_map_and_are_its_own(profile: str) -> None:
    place = noisy(1, 80, 0.4, 0.02)
    found = intervals(place, profile, draws=9).set_index(["indicator", "class"])
    assert (found["low"] <= found["share"]).all()
    assert (found["share"] <= found["high"]).all()
    measured = measure(place, [WHOLE], [get(profile)])
    plain = find(measured, whole_of(measured, [get(profile)], None), [WHOLE], get(profile))
    for indicator in ("productivity", "sdg"):
        codes = plain[indicator].values
        judged = np.isin(codes, (-1, 0, 1))
        assert found.loc[(indicator, "degraded"), "share"] == pytest.approx((codes == -1).sum() / judged.sum())
        assert found.loc[indicator, "share"].sum() == pytest.approx(1)


def test_intervals_narrow_where_all_is_clear_and_are_repeatable() -> None:
    clear, hazy = (intervals(noisy(1, 80, 0.4, noise)) for noise in (0.005, 0.05))
    assert (clear["high"] - clear["low"]).sum() < (hazy["high"] - hazy["low"]).sum()
    degraded = clear.set_index(["indicator", "class"]).loc[("sdg", "degraded")]
    assert degraded["share"] == pytest.approx(0.25, abs=0.05)
    pd.testing.assert_frame_equal(intervals(noisy(1, 80, 0.4, 0.005)), clear)


def test_intervals_hold_the_planted_share_where_years_are_shared() -> None:
    """A quarter of the land declines by 20 %; half of the noise is the same everywhere, as drought is."""
    held = []
    for seed in range(10):
        found = intervals(noisy(seed, 80, 0.2, 0.02, shared=0.5), seed=seed).set_index(["indicator", "class"])
        low, high = found.loc[("sdg", "degraded"), ["low", "high"]]
        held.append(low <= 0.25 <= high)
    assert sum(held) >= 8


def test_intervals_of_a_sample_become_those_of_the_region() -> None:
    found = pd.DataFrame([{"indicator": "sdg", "class": "degraded", "share": 0.2, "low": 0.1, "high": 0.5}])
    areas = pd.DataFrame(
        [("sdg", "degraded", 30.0), ("sdg", "stable", 70.0)], columns=["indicator", "class", "area_km2"]
    ).assign(valid_km2=100.0, share=[0.3, 0.7])
    bounded = spread(found, areas)
    assert bounded["low_km2"].tolist()[0] == pytest.approx(20)
    assert bounded["high_km2"].tolist()[0] == pytest.approx(60)
    assert np.isnan(bounded["low_km2"].tolist()[1])
