"""The posterior of change: the compiled kernel against independent densities, laws, and planted changes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from indicators.change import (
    FEWEST_YEARS,
    NEIGHBOURS,
    WEATHER,
    Common,
    block_terms,
    change_model,
    changed_share,
    courses,
    kernel,
    logarithms,
    posterior,
)
from indicators.change.noise import Noise
from indicators.codes import BELOW_DETECTABILITY
from indicators.errors import IndicatorError
from indicators.profiles import get
from indicators.sdg15.assessment import assess_together
from indicators.sdg15.measures import PixelInputs
from indicators.sdg15.periods import Period
from offline.landscape import of_geobox, truth
from offline.landscape.annual import annual_ndvi
from regions.catalogue import load
from regions.grid import geobox

YEARS = tuple(range(2001, 2025))
WINDOWS = ((2001, 2024), (2001, 2015), (2008, 2023))
Y, X = 45 + np.arange(24) / 60, 110 + np.arange(30) / 60


Window = tuple[slice, slice]


def region(
    seed: int, where: Window, change: np.ndarray, noise: float = 0.03, more: np.ndarray | float = 0.0
) -> xr.DataArray:
    """Annual values of a small region: weather in common, noise of pixels, and a planted change by year in a window.

    `more`: weather on top of that of the seed, to which pixels answer alike.
    """
    rng = np.random.default_rng(seed)
    weather = 0.15 * rng.standard_normal(len(YEARS)) + more
    slope = np.exp(0.2 * rng.standard_normal((len(Y), len(X))))
    logs = weather[:, None, None] * slope + noise * rng.standard_normal((len(YEARS), len(Y), len(X)))
    values = 0.3 * np.exp(logs)
    values[(slice(None), *where)] *= 1 + change[:, None, None]
    return xr.DataArray(values, {"year": list(YEARS), "y": Y, "x": X}, ("year", "y", "x"))


def judged(vi: xr.DataArray, weather: np.ndarray | None = None) -> list[xr.Dataset]:
    """The posterior of a region, its model made of all of its pixels."""
    rows, columns = np.meshgrid(vi["y"], vi["x"], indexing="ij")
    values = np.log(vi.values.reshape(len(YEARS), -1).T)
    rain = np.zeros((0, len(YEARS))) if weather is None else weather
    model = change_model(values, rows.ravel(), columns.ravel(), YEARS, rain, WINDOWS)
    return posterior(vi, model, vi["y"].values, vi["x"].values, WINDOWS)


def step(year: int, size: float) -> np.ndarray:
    return np.where(np.array(YEARS) >= year, size, 0.0)


PATCH = (slice(4, 9), slice(5, 11))


def test_the_courses_start_where_they_say_and_their_prior_adds_up() -> None:
    library = courses(24)
    assert library.prior.sum() == pytest.approx(1)
    assert (library.shapes.min(), library.shapes.max()) == (0, 1)
    for shape, onset in zip(library.shapes, library.onset, strict=True):
        assert np.flatnonzero(shape)[0] == onset
    steps = library.shapes[: 24 - 3]
    assert (steps.sum(axis=1) == np.arange(22, 1, -1)).all()  # every year but the first two and the last
    with pytest.raises(IndicatorError, match="7 years is too short"):
        courses(7)


def test_the_kernel_agrees_with_densities_of_contrasts() -> None:
    """Bayes factors and posterior sizes from the density of contrasts that mean and references do not touch."""
    rng = np.random.default_rng(5)
    years = 24
    noise = Noise(0.4, 0.6, 0.04**2)
    references = rng.standard_normal((2, years))
    library = courses(years)
    y = 0.1 * references[0] - 0.05 * references[1] - 0.2 * library.shapes[9] + 0.04 * rng.standard_normal(years)
    whitener = noise.whitener(years)
    rises = np.array([library.rises(0, 23), library.rises(7, 22)])
    found = kernel.pixels(
        y[None].copy(), references[None], np.zeros((1, 1), np.int64), np.ones((1, 1)), whitener,
        whitener @ library.shapes.T, np.log(library.prior), rises, library.abrupt, library.onset, np.zeros((2, 3)),
        noise.variance, np.log(0.25),
    )[0]  # fmt: skip
    variance = found[kernel.VARIANCE]
    apart = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
    correlation = np.where(apart == 0, 1.0, noise.lasting * noise.memory**apart)
    design = np.vstack([np.ones(years), references])
    contrasts = np.linalg.svd(design)[2][len(design) :]
    seen, plain = contrasts @ y, variance * contrasts @ correlation @ contrasts.T
    shapes = library.shapes @ contrasts.T
    null = multivariate_normal(cov=plain).logpdf(seen)
    factors = np.array(
        [multivariate_normal(cov=plain + kernel.SIZE**2 * np.outer(h, h)).logpdf(seen) - null for h in shapes]
    )
    weights = library.prior * np.exp(factors)
    changed = 0.25 * weights.sum() / (1 + 0.25 * weights.sum())
    assert found[kernel.CHANGED] == pytest.approx(changed, rel=1e-4)
    inverse = np.linalg.inv(plain)
    precision = np.einsum("jc,cd,jd->j", shapes, inverse, shapes) + 1 / kernel.SIZE**2
    sizes, spreads = shapes @ inverse @ seen / precision, 1 / np.sqrt(precision)
    share = weights / weights.sum()
    for window, rise in enumerate(rises):
        mean, spread = sizes * rise, np.maximum(spreads * abs(rise), 1e-12)
        start = kernel.FIXED + window * kernel.PER_WINDOW
        loss = changed * np.sum(share * norm.cdf((kernel.LOST - mean) / spread))
        assert found[start + kernel.LOSS] == pytest.approx(loss, abs=2e-3)
        assert found[start + kernel.MEAN] == pytest.approx(changed * np.sum(share * mean), abs=2e-4)


def test_a_patch_that_lost_a_fifth_is_found_with_its_year_and_the_rest_is_stable() -> None:
    vi = region(1, PATCH, step(2012, -0.2))
    whole, baseline, report = judged(vi)
    inside = np.zeros(vi.shape[1:], bool)
    inside[PATCH] = True
    for window in (whole, baseline, report):
        assert (window["change_class"].values == np.where(inside, -1, 0)).mean() > 0.995
    assert (np.abs(whole["step_year"].values[inside] - 2012) <= 1).mean() > 0.9
    assert whole["change"].values[inside].mean() == pytest.approx(-0.2, abs=0.02)
    covered = (whole["change_low"].values < -0.2) & (whole["change_high"].values > -0.2)
    assert covered[inside].mean() > 0.8
    assert (whole["evidence"].values == NEIGHBOURS).all()


def test_a_change_outside_a_window_is_none_of_the_window() -> None:
    vi = region(2, PATCH, step(2018, -0.3))
    whole, baseline, report = judged(vi)
    assert (whole["change_class"].values[PATCH] == -1).all()
    assert (report["change_class"].values[PATCH] == -1).all()
    assert (baseline["change_class"].values[PATCH] == 0).mean() > 0.9


def test_loss_and_gain_are_mirror_images() -> None:
    up, down = step(2010, 0.25), step(2010, 1 / 1.25 - 1)
    lost = judged(region(3, PATCH, down))[0]
    gained = judged(region(3, PATCH, up))[0]
    assert (lost["change_class"].values[PATCH] == -1).all()
    assert (gained["change_class"].values[PATCH] == 1).all()
    for window, sign in ((lost, -1), (gained, 1)):
        assert not (window["change_class"].values == -sign).any()


@settings(max_examples=15, deadline=None)
@given(factor=st.floats(0.5, 2.0), seed=st.integers(0, 50))
def test_the_unit_of_the_annual_values_does_not_matter(factor: float, seed: int) -> None:
    vi = region(seed, PATCH, step(2012, -0.2))
    for one, two in zip(judged(vi), judged(vi * factor), strict=True):
        xr.testing.assert_allclose(one, two, atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), size=st.floats(0.02, 0.3))
def test_what_the_years_do_to_all_land_alike_changes_no_class(seed: int, size: float) -> None:
    """Weather that no data set knows: the reference takes it out."""
    more = size * np.random.default_rng(seed).standard_normal(len(YEARS))
    change = step(2012, -0.25)
    one, two = (judged(region(seed % 50, PATCH, change, more=each))[0] for each in (0.0, more))
    assert (one["change_class"].values == two["change_class"].values).mean() > 0.995


def test_gaps_weaken_what_is_known_and_invent_nothing() -> None:
    vi = region(4, PATCH, step(2012, -0.2))
    rng = np.random.default_rng(0)
    holed = vi.where(rng.random(vi.shape) > 0.15)
    whole, thin = judged(vi)[0], judged(holed)[0]
    assert (whole["change_class"].values == thin["change_class"].values).mean() > 0.99
    inside = (slice(None), *PATCH)
    assert whole["loss_probability"].values.shape == thin["loss_probability"].values.shape
    assert thin["loss_probability"].values[PATCH].mean() > 0.9
    empty = vi.copy()
    empty[inside] = np.nan
    empty[:7, PATCH[0], PATCH[1]] = vi[:7, PATCH[0], PATCH[1]]
    missing = judged(empty)[0]
    assert (missing["change_class"].values[PATCH] == -128).all()
    assert np.isnan(missing["loss_probability"].values[PATCH]).all()
    assert (missing["onset_year"].values[PATCH] == -1).all()


def test_few_pixels_are_compared_with_the_weather() -> None:
    vi = region(6, (slice(0, 2), slice(0, 3)), step(2012, -0.35)).isel(y=slice(0, 6), x=slice(0, 8))
    rain = np.log(vi.isel(y=5, x=7).values)
    found = judged(vi, ((rain - rain.mean()) / rain.std())[None])[0]
    assert (found["evidence"].values == WEATHER).all()
    assert (found["change_class"].values[:2, :3] == -1).all()


def test_a_loss_of_the_whole_region_is_seen_by_its_own_course_alone() -> None:
    """Neighbours lose alike. Rain that explains the years leaves the loss; without one, nothing is added."""
    everywhere = (slice(None), slice(None))
    for size, is_lost in ((-0.45, True), (0.0, False)):
        vi = region(7, everywhere, step(2012, size), noise=0.02)
        # The weather of `region` is drawn first from its seed.
        rain = np.random.default_rng(7).standard_normal(len(YEARS))
        found = judged(vi, ((rain - rain.mean()) / rain.std())[None])[0]
        assert ((found["change_class"].values == -1).mean() > 0.95) == is_lost
        assert ((found["change_class"].values == 0).mean() > 0.95) == (not is_lost)


def test_land_that_is_too_faint_to_judge_has_no_probability() -> None:
    """Mean NDVI below 0.10 has no class; what neighbours say of it is not published either."""
    vi = region(10, (slice(12, 16), slice(2, 8)), step(2012, -0.3))
    vi[:, PATCH[0], PATCH[1]] *= 0.25
    inputs = PixelInputs({"season_mean": vi})
    found = assess_together(inputs, periods=[Period.whole(2001, 2024)], profiles=[get("ne-asia-2")])["ne-asia-2"]
    layers = found.isel(period=0)
    faint = np.zeros(vi.shape[1:], bool)
    faint[PATCH] = True
    np.testing.assert_array_equal(layers["productivity"].values == BELOW_DETECTABILITY, faint)
    for name in ("loss_probability", "gain_probability", "change", "step_probability"):
        np.testing.assert_array_equal(np.isnan(layers[name].values), faint)
    np.testing.assert_array_equal(layers["onset_year"].values == -1, faint)
    assert (layers["productivity"].values[12:16, 2:8] == -1).mean() > 0.9


def test_coarse_pixels_have_neighbours_too() -> None:
    """Half a degree: the nearest pixel is 55 km away. A pixel must not be its own reference."""
    fine = region(8, PATCH, step(2012, -0.3))
    vi = fine.assign_coords(y=30 + np.arange(len(Y)) / 2, x=90 + np.arange(len(X)) / 2)
    found = judged(vi)[0]
    assert (found["evidence"].values == NEIGHBOURS).all()
    assert (found["change_class"].values[PATCH] == -1).mean() > 0.9
    assert (found["change_class"].values == 0).sum() > 0.9 * (found["change_class"].size - 30)


def test_the_interval_of_a_share_adds_up_over_parts_of_a_region() -> None:
    rng = np.random.default_rng(9)
    probability, weight = rng.random((40, 50)) ** 3, np.full((40, 50), 0.8)
    probability[3, 4] = np.nan
    y, x = 45 - np.arange(40) / 60, 110 + np.arange(50) / 60
    whole = changed_share(block_terms(probability, weight, y, x))
    parts = [block_terms(probability[:, part], weight[:, part], y, x[part]) for part in (slice(0, 17), slice(17, None))]
    together = changed_share(pd.concat(parts))
    assert whole is not None
    assert together is not None
    assert whole.value == pytest.approx(np.nanmean(probability))
    assert [together.value, together.low, together.high] == pytest.approx([whole.value, whole.low, whole.high])
    assert whole.low < whole.value < whole.high


def test_a_certain_map_has_a_narrow_interval_and_no_land_has_none() -> None:
    y, x = 45 - np.arange(40) / 60, 110 + np.arange(50) / 60
    certain = changed_share(block_terms(np.zeros((40, 50)), np.ones((40, 50)), y, x))
    assert certain is not None
    assert (certain.value, certain.low) == (0, 0)
    assert certain.high < 0.005
    assert changed_share(block_terms(np.full((40, 50), np.nan), np.ones((40, 50)), y, x)) is None


def test_where_a_loss_of_the_whole_region_cannot_be_excluded_the_interval_reaches_to_it() -> None:
    y, x = 45 - np.arange(40) / 60, 110 + np.arange(50) / 60
    terms = block_terms(np.full((40, 50), 0.02), np.ones((40, 50)), y, x)
    likely, unlikely = (Common(loss, 0.0, loss * 1.25, -0.2, 0.1) for loss in (0.2, 0.01))
    far, near = changed_share(terms, likely), changed_share(terms, unlikely)
    assert far is not None
    assert near is not None
    assert far.high == pytest.approx(0.8)
    assert near.high < 0.1


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_planted_losses_of_the_landscape_are_found_in_every_period(seed: int) -> None:
    """World `real`, Uvs basin on coarse cells; scores over many regions and seeds are made by `drylands score`."""
    grid = geobox(load()["uvs-basin"], 1 / 40)
    scene = of_geobox(grid, seed, world="real")
    values = annual_ndvi(scene, YEARS)
    transform = grid.affine
    y = transform.f + transform.e * (np.arange(grid.shape[0]) + 0.5)
    x = transform.c + transform.a * (np.arange(grid.shape[1]) + 0.5)
    values[:, ~scene.land] = np.nan
    vi = xr.DataArray(values, {"year": list(YEARS), "y": y, "x": x}, ("year", "y", "x"))
    rows, columns = np.meshgrid(y, x, indexing="ij")
    logs = logarithms(values).reshape(len(YEARS), -1).T
    known = np.isfinite(logs).sum(axis=1) >= FEWEST_YEARS
    none = np.zeros((0, len(YEARS)))
    model = change_model(logs[known], rows.ravel()[known], columns.ravel()[known], YEARS, none, WINDOWS)
    for window, found in zip(WINDOWS, posterior(vi, model, y, x, WINDOWS), strict=True):
        change = truth(grid, window, seed, world="real")["change"].values
        classes = found["change_class"].values
        lost, mapped = (change < -0.1) & (classes != -128), classes == -1
        f1 = 2 * (lost & mapped).sum() / (lost.sum() + mapped.sum())
        assert f1 > 0.85
        likely = found["loss_probability"].values
        assert np.nanmean(likely) == pytest.approx(lost[classes != -128].mean(), abs=0.04)
