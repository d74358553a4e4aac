"""A record joined from a sensor that drifts and ends and one that follows, against the record without a seam."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr
from two_sensors import FIRST_OF_NEW, NAMES, ONSET, YEARS, TwoSensors, two_sensors

from indicators.change import change_model, posterior
from indicators.joined import (
    JoinRules,
    Relations,
    contrast_error,
    in_logarithms,
    join,
    join_covariance,
    mean_covariance,
    mean_relation,
    mean_trend,
    relate,
    seam_test,
    seams_of,
    slope_weights,
)

SEEDS = 400
WEIGHTS = {0: 1.0, 1: 1.0, 2: 1.0}
KNOWN = JoinRules(onset=ONSET)
WHOLE = ((2001, 2030),)


def related(world: TwoSensors, rules: JoinRules = KNOWN) -> Relations:
    return relate(world.old, world.new, world.strata, NAMES, rules)


def joined(world: TwoSensors, rules: JoinRules = KNOWN) -> tuple[xr.DataArray, Relations]:
    relations = related(world, rules)
    return join(world.old, world.new, world.strata, relations), relations


def concatenated(world: TwoSensors) -> xr.DataArray:
    """The old sensor to its end, and the new one as it is."""
    return xr.concat([world.old, world.new.sel(year=slice(2027, None))], "year")


def course_of(cube: xr.DataArray, where: xr.DataArray | bool = True) -> np.ndarray:
    return cube.where(where).mean(("y", "x")).values


@dataclass(frozen=True)
class Outcome:
    """Of one seed: error of the slope against the seamless record, what intervals held, and breaks at the seam."""

    bias: float
    naive_bias: float
    join_holds: bool
    trend_holds: bool
    breaks: bool
    breaks_without: bool


def outcome(seed: int) -> Outcome | None:
    """None where the join is refused. The new sensor drifts a little, as the prior of the error allows."""
    own = 0.0005 * np.random.default_rng(10_000 + seed).standard_normal()
    world = two_sensors(seed, drift_of_new=own, shape=(8, 30))
    record, relations = joined(world)
    if not all(each.joined for each in relations.strata):
        return None
    course, seamless = course_of(record), course_of(world.seamless)
    sensors = record["sensor"].values.tolist()
    covariance = mean_covariance(YEARS, sensors, [relations], WEIGHTS, course)
    slope = slope_weights(YEARS)
    # Against the very same years, single years of the new sensor differ, too, by what the overlap shows.
    single = np.diag(np.where(record["sensor"] == NAMES[1], mean_relation(relations, WEIGHTS).annual ** 2, 0.0))
    bias = float(slope @ (course - seamless))
    grass = world.strata == 1
    naive = course_of(concatenated(world), grass) - course_of(world.seamless, grass)
    trend = mean_trend(course, YEARS, covariance)
    (seam,) = seams_of(YEARS, sensors)
    return Outcome(
        bias=bias,
        naive_bias=float(slope @ naive),
        join_holds=abs(bias) < 1.96 * contrast_error(covariance + single, slope),
        trend_holds=trend.low < world.trend < trend.high,
        breaks=seam_test(course, YEARS, seam, covariance).is_break,
        breaks_without=seam_test(seamless, YEARS, seam).is_break,
    )


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [found for seed in range(SEEDS) if (found := outcome(seed)) is not None]


@pytest.mark.slow
def test_few_joins_are_refused(outcomes: list[Outcome]) -> None:
    """Some are: the new sensor drifts here, too, by 0.0005 NDVI a year (one standard deviation)."""
    assert len(outcomes) > 0.85 * SEEDS


@pytest.mark.slow
def test_the_trend_is_that_of_the_record_without_a_seam(outcomes: list[Outcome]) -> None:
    """Within 0.001 NDVI a year in every seed, and without a bias on the mean; sensors put end to end are off."""
    bias = np.array([each.bias for each in outcomes])
    naive = np.array([each.naive_bias for each in outcomes])
    assert np.abs(bias).max() < 0.001
    assert abs(bias.mean()) < 3 * bias.std() / np.sqrt(bias.size)
    assert abs(naive.mean()) > 3 * np.abs(bias).mean()


@pytest.mark.slow
def test_intervals_hold_the_trend_as_often_as_they_say(outcomes: list[Outcome]) -> None:
    """Of the trend beneath the weather, and of the difference from the record without a seam."""
    assert 0.93 <= np.mean([each.trend_holds for each in outcomes]) <= 0.97
    assert 0.93 <= np.mean([each.join_holds for each in outcomes]) <= 0.98


@pytest.mark.slow
def test_no_more_breaks_at_seams_than_by_chance(outcomes: list[Outcome]) -> None:
    chance = 0.05 + 1.64 * np.sqrt(0.05 * 0.95 / len(outcomes))
    assert np.mean([each.breaks for each in outcomes]) <= chance
    assert np.mean([each.breaks_without for each in outcomes]) <= chance


def test_a_drift_inside_the_overlap_makes_the_naive_relation_wrong() -> None:
    """Fitted to all years of the overlap, offsets take half of the drift; before it, they are those of the sensors."""
    for seed in range(5):
        world = two_sensors(seed, drift=-0.004)
        naive = relate(world.old, world.new, world.strata, NAMES, JoinRules(drift_limit=1.0))
        before = related(world)
        for stratum, (offset, gain) in enumerate([(0.01, 1.05), (0.02, 1.1), (-0.01, 0.95)]):
            level = float(world.seamless.where(world.strata == stratum).mean())
            errors = [
                abs(each.of(stratum).offset + each.of(stratum).gain * level - offset - gain * level) / gain
                for each in (naive, before)
            ]
            assert errors[0] > 0.005
            assert errors[1] < 4 * before.of(stratum).error + 0.001
        assert all("not stable" in each.reason for each in relate(world.old, world.new, world.strata, NAMES).strata)


@pytest.mark.parametrize("seed", range(5))
def test_the_onset_of_a_drift_is_found_where_nobody_knows_it(seed: int) -> None:
    world = two_sensors(seed, drift=-0.004)
    relations = related(world, JoinRules(onset="search"))
    assert relations.until is not None
    assert 2017 <= relations.until <= 2021
    assert relations.departure is not None
    assert relations.departure.slope == pytest.approx(0.004, abs=0.001)
    assert relations.departure.p < 0.01
    record = join(world.old, world.new, world.strata, relations)
    names = record["sensor"].sel(year=[relations.until - 1, relations.until]).values.tolist()
    assert names == list(NAMES)


@pytest.mark.slow
def test_without_a_drift_none_is_found_and_few_joins_are_refused() -> None:
    worlds = [two_sensors(seed, drift=0.0, shape=(6, 30)) for seed in range(60)]
    chance = 0.05 + 1.64 * np.sqrt(0.05 * 0.95 / 60)
    assert np.mean([related(world, JoinRules(onset="search")).until is not None for world in worlds]) <= chance
    refused = [any(not each.joined for each in related(world).strata) for world in worlds]
    assert np.mean(refused) <= chance


def judged(vi: xr.DataArray, covariance: np.ndarray | None = None) -> np.ndarray:
    """Pixels that `indicators.change` calls lost."""
    vi = vi.clip(min=0.01)
    rows, columns = np.meshgrid(vi["y"], vi["x"], indexing="ij")
    values = np.log(vi.values).reshape(len(vi), -1).T
    none = np.zeros((0, len(vi)))
    years = vi["year"].values.tolist()
    model = change_model(values, rows.ravel(), columns.ravel(), years, none, WHOLE, covariance)
    return posterior(vi, model, vi["y"].values, vi["x"].values, WHOLE)[0]["change_class"].values == -1


@pytest.mark.slow
def test_losses_are_found_as_well_as_without_a_seam() -> None:
    """F1 of lost pixels over eight seeds: within 0.02 of that of the seamless record; end to end it is far off."""
    counts = np.zeros((3, 3))
    for seed in range(8):
        world = two_sensors(seed, losses=8)
        record, relations = joined(world)
        course = course_of(record)
        covariance = mean_covariance(YEARS, record["sensor"].values.tolist(), [relations], WEIGHTS, course)
        maps = (
            judged(world.seamless),
            judged(record, in_logarithms(covariance, course)),
            judged(concatenated(world)),
        )
        for row, found in enumerate(maps):
            counts[row] += (world.lost & found).sum(), world.lost.sum(), found.sum()
    seamless, bridged, naive = 2 * counts[:, 0] / (counts[:, 1] + counts[:, 2])
    assert seamless > 0.95
    assert bridged > seamless - 0.02
    assert naive < seamless - 0.05


def test_a_join_is_as_uncertain_as_its_few_years_whatever_the_number_of_pixels() -> None:
    few, many = (related(two_sensors(3, shape=shape)) for shape in ((6, 30), (60, 60)))
    for stratum in range(3):
        assert 0.4 < few.of(stratum).error / many.of(stratum).error < 2.5
        assert many.of(stratum).years == tuple(range(FIRST_OF_NEW, ONSET))
    one = mean_relation(many, {0: 1.0})
    assert mean_relation(many, WEIGHTS).error > 0.5 * one.error


def test_the_covariance_is_a_step_a_slope_and_nothing_before_the_seam() -> None:
    world = two_sensors(4)
    record, relations = joined(world)
    found = join_covariance(YEARS, record["sensor"].values.tolist(), [relations])
    assert found.dims == ("stratum", "year", "other_year")
    before = found.sel(year=slice(None, ONSET - 1)).values
    assert (before == 0).all()
    own = found.sel(stratum=1, year=slice(ONSET, None), other_year=slice(ONSET, None)).values
    assert np.linalg.matrix_rank(own, tol=1e-12) == 2
    assert (np.diff(np.diag(own)) > 0).all()
    years = 8
    assert own[0, 0] > (years - 1) / (years - 3) * relations.of(1).error ** 2


def test_the_error_of_the_join_widens_trend_and_states() -> None:
    world = two_sensors(5)
    record, relations = joined(world)
    course = course_of(record)
    covariance = 25 * mean_covariance(YEARS, record["sensor"].values.tolist(), [relations], WEIGHTS, course)
    assert mean_trend(course, YEARS, covariance).error > 1.1 * mean_trend(course, YEARS).error


def test_a_real_break_at_the_seam_is_seen() -> None:
    """The land loses 0.08 NDVI in the year in which the sensor changes: both sensors see it, and so does the test."""
    world = two_sensors(6)
    fall = xr.DataArray(np.where(YEARS >= ONSET, -0.08, 0.0), {"year": YEARS}, ("year",))
    gains = xr.DataArray(np.array([1.05, 1.1, 0.95])[world.strata.values], world.strata.coords, ("y", "x"))
    old, new = world.old + fall, world.new + fall * gains
    relations = relate(old, new, world.strata, NAMES, KNOWN)
    record = join(old, new, world.strata, relations)
    course = course_of(record)
    covariance = mean_covariance(YEARS, record["sensor"].values.tolist(), [relations], WEIGHTS, course)
    found = seam_test(course, YEARS, ONSET, covariance)
    assert found.is_break
    assert found.size == pytest.approx(-0.08, abs=0.03)
    assert found.verdict.startswith("break at 2020")
