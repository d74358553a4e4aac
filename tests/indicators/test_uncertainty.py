"""Areas with intervals: the worked example of Olofsson et al. (2014), coverage by sampling, and resampled years."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from indicators.errors import IndicatorError
from indicators.uncertainty import Windows, resampled, stratified_areas

NAMES = ["deforestation", "forest gain", "stable forest", "stable non-forest"]
#: Olofsson et al. (2014), Table 8: sample counts; mapped areas in pixels of 30 m.
EXAMPLE = pd.DataFrame(
    [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]], index=NAMES, columns=NAMES
)
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
WINDOWS = Windows((2001, 2024), (2001, 2021), (2022, 2024))


def parts(pixels: int) -> xr.Dataset:
    quiet = xr.DataArray(np.zeros(pixels), dims="pixel")
    return xr.Dataset({"performance": quiet, "land_cover": quiet, "soil_organic_carbon": quiet})


def noisy(seed: int, pixels: int, fall: float, noise: float) -> xr.DataArray:
    rng = np.random.default_rng(seed)
    values = 0.3 + noise * rng.normal(size=(24, pixels))
    values[:, : pixels // 4] -= 0.3 * fall * np.arange(24)[:, None] / 23
    return xr.DataArray(values, coords={"year": YEARS}, dims=("year", "pixel"))


def test_resampled_intervals_hold_the_map_and_narrow_where_all_is_clear() -> None:
    weight = np.ones(80)
    clear = resampled(noisy(1, 80, 0.4, 0.005), WINDOWS, parts(80), weight, draws=19)
    hazy = resampled(noisy(1, 80, 0.4, 0.05), WINDOWS, parts(80), weight, draws=19)
    for table in (clear, hazy):
        assert (table["low"] <= table["share"]).all()
        assert (table["share"] <= table["high"]).all()
        assert table.groupby("indicator")["share"].sum().tolist() == pytest.approx([1, 1])
    width = [(t["high"] - t["low"]).sum() for t in (clear, hazy)]
    assert width[0] < width[1]
    degraded = clear.set_index(["indicator", "class"]).loc[("sdg", "degraded")]
    assert degraded["share"] == pytest.approx(0.25, abs=0.05)


def test_resampling_is_repeatable() -> None:
    vi = noisy(3, 40, 0.2, 0.02)
    first, again = (resampled(vi, WINDOWS, parts(40), np.ones(40), draws=9, seed=5) for _ in range(2))
    pd.testing.assert_frame_equal(first, again)
