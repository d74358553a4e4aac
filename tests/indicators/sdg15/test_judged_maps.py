"""The classes that certainty counts are those that `findings.find` gives a map, entry for entry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

from indicators.chance.resampling import alone, discovered
from indicators.errors import IndicatorError
from indicators.profiles import PROFILES, get
from indicators.sdg15.assessment import whole_of
from indicators.sdg15.findings import Whole, find
from indicators.sdg15.judged_maps import judged_maps, land_performance, moving_layers
from indicators.sdg15.measures import Measured, PixelInputs, measure
from indicators.sdg15.periods import Period, available
from indicators.trends.theil_sen import false_discovery_rate

YEARS = np.arange(2001, 2025)


def place(maps: int, pixels: int, kind: str, seed: int) -> PixelInputs:
    """Random vegetation of many maps over the same pixels, with gaps, water and changes of land cover."""
    rng = np.random.default_rng(seed)
    dims = ("year", "y", "x")
    level = rng.uniform(0.02, 0.6, pixels)
    fall = rng.choice([-0.02, 0, 0.02], pixels) * (YEARS - YEARS[0])[:, None]
    vi = level * (1 + fall[:, None] + 0.1 * rng.normal(size=(len(YEARS), maps, pixels)))
    vi[:, :, rng.random(pixels) < 0.05] = np.nan
    classes = np.where(rng.random((len(YEARS), 1, pixels)) < 0.02, 5, rng.integers(1, 8, pixels))
    cover = np.broadcast_to(classes, (len(YEARS), maps, pixels)).astype(np.int8)
    coords = {"year": YEARS}
    zone = xr.DataArray(np.broadcast_to(rng.integers(0, 3, pixels), (maps, pixels)), dims=("y", "x"))
    climate = xr.DataArray(np.full((maps, pixels), 7.0), dims=("y", "x"))
    return PixelInputs(
        {kind: xr.DataArray(vi, coords, dims)},
        land_cover=xr.DataArray(cover, coords, dims),
        climate_zone=climate,
        zone=zone,
    )


def test_a_profile_with_probabilities_is_refused() -> None:
    profile = get("ne-asia-2")
    with pytest.raises(IndicatorError, match="judges productivity by a probability"):
        judged_maps({}, xr.Dataset(), np.zeros((1, 1), np.int8), profile)


@pytest.mark.parametrize("name", sorted(name for name, each in PROFILES.items() if each.productivity == "metrics"))
@pytest.mark.parametrize("number", [0, 1])
def test_classes_are_those_of_findings(name: str, number: int) -> None:
    profile = get(name)
    periods = available(YEARS)
    period: Period = periods[min(number, len(periods) - 1)]
    many = place(7, 300, profile.annual, seed=number)
    single = alone(profile)
    measured = measure(many, [period], [single])
    one = PixelInputs(**{field: row(held) for field, held in vars(many).items()})  # type: ignore[arg-type]
    one_measured = measure(one, [period], [single])
    whole = whole_of(one_measured, [single], None)
    best = {kind: each for (kind, _), each in whole.best.items()}
    moved = measured.methods[name][0]
    sure = discovered(moved["direction"].values, moved["p"].values, profile)
    land = one_measured.land[0].isel(y=np.zeros(7, int))
    judged = Measured((land,), {name: (moved.assign(direction=moved["direction"].copy(data=sure)),)})
    expected = find(judged, Whole(best=whole.best), [period], single)
    found = judged_maps(
        moving_layers(moved), one_measured.land[0], land_performance(one_measured.land[0], best, profile), profile
    )
    for indicator in ("productivity", "sdg"):
        np.testing.assert_array_equal(found[indicator], expected[indicator][0].values)
    assert len(np.unique(found["sdg"])) > 3


def row(held: object) -> object:
    """The first map of layers."""
    if isinstance(held, dict):
        return {key: row(layer) for key, layer in held.items()}
    return held.isel(y=[0]) if isinstance(held, xr.DataArray) else held


def test_the_rate_of_false_discoveries_is_held_over_each_map() -> None:
    profile = get("ne-asia")
    strict = replace(profile, trajectory=replace(profile.trajectory, fdr=1e-9))
    many = place(3, 200, profile.annual, seed=4)
    period = available(YEARS)[0]
    measured = measure(many, [period], [alone(profile)])
    land = measured.land[0].isel(y=[0])
    performance = land_performance(land, {}, profile)
    moved = moving_layers(measured.methods["ne-asia"][0])
    lax, none = (judged_maps(moved, land, performance, each)["productivity"] for each in (profile, strict))
    assert lax.shape == none.shape == (3, 200)
    assert lax.dtype == np.int8


def test_discoveries_of_many_maps_are_those_of_each_alone() -> None:
    profile = get("ne-asia")
    rate = profile.trajectory.fdr
    assert rate is not None
    rng = np.random.default_rng(3)
    p = np.round(rng.beta(0.5, 1.5, (6, 400)), 3)  # with ties, as of so many years
    p[rng.random(p.shape) < 0.1] = np.nan
    p[4], p[5] = np.nan, 0.9  # no test, no discovery
    direction = rng.choice(np.array([-1, 0, 1], np.int8), p.shape)
    found = discovered(direction, p, profile)
    for row, tests, way in zip(found, p, direction, strict=True):
        np.testing.assert_array_equal(row, np.where(false_discovery_rate(tests, rate), way, 0))
    assert [bool(row.any()) for row in found] == [True] * 4 + [False] * 2
