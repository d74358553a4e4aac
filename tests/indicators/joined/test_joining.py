"""Laws of joining: units, identity, order, gaps, refusals, and records that are joined backwards."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from two_sensors import NAMES, ONSET, YEARS, remembering, two_sensors

from indicators.change import WEATHER, change_model
from indicators.change.common import common_changes
from indicators.change.noise import Noise
from indicators.errors import IndicatorError
from indicators.joined import (
    JoinRules,
    convert,
    join,
    join_covariance,
    mean_covariance,
    mean_relation,
    mean_state,
    mean_trend,
    regression,
    relate,
    seam_test,
    seams_of,
)
from indicators.joined.deming import deming

KNOWN = JoinRules(onset=ONSET)
Y, X = np.arange(12.0), np.arange(15.0)


def cube(values: np.ndarray, first: int) -> xr.DataArray:
    years = np.arange(first, first + len(values))
    return xr.DataArray(values, {"year": years, "y": Y, "x": X}, ("year", "y", "x"), attrs={"units": "1"})


def land(seed: int, years: int = 20) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return 0.3 + 0.08 * rng.standard_normal((len(Y), len(X))) + 0.02 * rng.standard_normal((years, 1, 1))


ONE = xr.DataArray(np.zeros((12, 15), int), {"y": Y, "x": X}, ("y", "x"))


def test_a_record_joined_with_itself_is_unchanged() -> None:
    whole = cube(land(0), 2001)
    old, new = whole.sel(year=slice(2001, 2015)), whole.sel(year=slice(2006, None))
    relations = relate(old, new, ONE, NAMES)
    record = join(old, new, ONE, relations)
    np.testing.assert_allclose(record.values, whole.values, atol=1e-12)
    found = relations.of(0)
    assert (found.offset, found.gain) == pytest.approx((0, 1), abs=1e-9)
    assert found.stable
    covariance = join_covariance(record["year"].values, record["sensor"].values.tolist(), [relations])
    assert np.abs(covariance.values[:, :-5, :-5]).max() < 1e-12
    assert record.attrs == {"units": "1"}
    assert record["sensor"].values.tolist() == ["MODIS"] * 15 + ["VIIRS"] * 5


@settings(max_examples=20, deadline=None)
@given(gain=st.floats(0.5, 2.0), offset=st.floats(-0.2, 0.2), scale=st.sampled_from([1.0, 0.5, 1.8]))
def test_gain_and_offset_are_recovered_in_any_unit(gain: float, offset: float, scale: float) -> None:
    rng = np.random.default_rng(1)
    values = land(1)
    old = cube(values + 0.01 * rng.standard_normal(values.shape), 2001)
    new = cube(offset + gain * (values + 0.01 * rng.standard_normal(values.shape)), 2001)
    found = relate(old, new * scale, ONE, NAMES).of(0)
    assert found.gain / scale == pytest.approx(gain, rel=0.02)
    assert found.offset / scale + found.gain / scale * 0.3 == pytest.approx(offset + gain * 0.3, abs=0.004 * gain)
    record = join(old.sel(year=slice(2001, 2010)), new * scale, ONE, relate(old, new * scale, ONE, NAMES))
    assert float(np.abs(record - cube(values, 2001)).mean()) < 0.015


def test_errors_in_both_sensors_leave_the_slope_and_regression_makes_it_too_small() -> None:
    rng = np.random.default_rng(2)
    truth = 0.05 * rng.standard_normal(5000)
    x, y = truth + 0.03 * rng.standard_normal(5000), 1.2 * truth + 0.06 * rng.standard_normal(5000)
    y[:250] += 1.0
    assert deming(x, y, 4.0)[0] == pytest.approx(1.2, abs=0.08)
    assert np.polyfit(x[250:], y[250:], 1)[0] < 0.95


def test_the_order_and_the_numbers_of_strata_do_not_matter() -> None:
    world = two_sensors(1)
    renamed = xr.where(world.strata == 0, 7, xr.where(world.strata == 1, 3, 5))
    first, second = (relate(world.old, world.new, each, NAMES, KNOWN) for each in (world.strata, renamed))
    for number, other in ((0, 7), (1, 3), (2, 5)):
        a, b = first.of(number), second.of(other)
        assert (a.offset, a.gain, a.error) == pytest.approx((b.offset, b.gain, b.error), rel=1e-9)
    records = [join(world.old, world.new, strata, each) for strata, each in ((world.strata, first), (renamed, second))]
    np.testing.assert_allclose(*records, rtol=1e-9)
    turned = relate(world.old.isel(y=slice(None, None, -1)), world.new.isel(y=slice(None, None, -1)),
                    world.strata.isel(y=slice(None, None, -1)), NAMES, KNOWN)  # fmt: skip
    assert turned.of(1).offset == pytest.approx(first.of(1).offset, abs=1e-3)


def test_gaps_stay_gaps_and_change_no_other_pixel_much() -> None:
    world = two_sensors(2)
    holes = np.random.default_rng(0).random(world.new.shape) < 0.2
    holed = world.new.where(~holes)
    whole, thin = (relate(world.old, each, world.strata, NAMES, KNOWN) for each in (world.new, holed))
    for stratum in range(3):
        assert thin.of(stratum).offset == pytest.approx(whole.of(stratum).offset, abs=0.01)
        assert thin.of(stratum).gain == pytest.approx(whole.of(stratum).gain, abs=0.02)
    record = join(world.old, holed, world.strata, thin)
    after = record.sel(year=slice(ONSET, None))
    np.testing.assert_array_equal(np.isnan(after.values), holes[ONSET - 2012 :])
    empty = world.new.copy()
    empty.loc[{"year": 2014}] = np.nan
    found = relate(world.old, empty, world.strata, NAMES, KNOWN).of(0)
    assert found.years == (2012, 2013, 2015, 2016, 2017, 2018, 2019)
    outside = world.strata.where(world.strata != 2, -1)
    assert np.isnan(join(world.old, world.new, outside, relate(world.old, world.new, outside, NAMES, KNOWN))
                    .sel(year=2030).values[outside.values == -1]).all()  # fmt: skip


def test_what_cannot_be_joined_is_refused_with_the_reason() -> None:
    world = two_sensors(3)
    short = relate(world.old, world.new.sel(year=slice(2017, None)), world.strata, NAMES, KNOWN)
    assert short.of(0).reason == ("overlap of 3 years before the kept sensor drifts (2017–2019); at least 5 are needed")
    record = join(world.old, world.new, world.strata, short)
    assert np.isnan(record.sel(year=slice(ONSET, None)).values).all()
    assert np.isfinite(record.sel(year=2019).values).all()
    none = relate(world.old.sel(year=slice(None, 2011)), world.new, world.strata, NAMES)
    assert "overlap of 0 years (none)" in none.of(1).reason
    drifting = relate(world.old, world.new, world.strata, NAMES)
    assert "not stable: the difference drifts by +0.00" in drifting.of(2).reason
    assert not drifting.of(2).stable
    few = world.strata.copy()
    few[:2, :3] = 9
    assert relate(world.old, world.new, few, NAMES, KNOWN).of(9).reason == "6 pixels; at least 12 are needed"
    covariance = join_covariance([2019, 2020], list(NAMES), [short])
    assert np.isnan(covariance.values[0, 1, 1])
    assert covariance.values[0, 0, 0] == 0
    with pytest.raises(IndicatorError, match="stratum 0 is not joined"):
        mean_relation(short, {0: 1.0})
    alike = relate(cube(0.3 + 0 * land(0), 2001), cube(land(0), 2001), ONE, NAMES)
    assert "too alike to find the gain" in alike.of(0).reason


def test_a_stratum_of_few_pixels_takes_its_gain_from_the_others() -> None:
    world = two_sensors(4, shape=(24, 30))
    strata = world.strata.where(world.strata != 2, 1).copy()
    strata[:2, 12:19] = 8
    found = relate(world.old, world.new, strata, NAMES, KNOWN).of(8)
    assert found.pixels == 14
    assert found.joined
    assert found.gain == pytest.approx(1.05, abs=0.15)


def test_wrong_inputs_are_refused() -> None:
    world = two_sensors(5)
    with pytest.raises(IndicatorError, match="another x than MODIS"):
        relate(world.old, world.new.assign_coords(x=world.new["x"] + 1), world.strata, NAMES)
    with pytest.raises(IndicatorError, match="both sensors are named 'A'"):
        relate(world.old, world.new, world.strata, ("A", "A"))
    with pytest.raises(IndicatorError, match="dimensions"):
        relate(world.old.isel(y=0), world.new, world.strata, NAMES)
    with pytest.raises(IndicatorError, match="no stratum has a number"):
        relate(world.old, world.new, world.strata - 9, NAMES)
    with pytest.raises(IndicatorError, match="onset is 'find'"):
        JoinRules(onset="find")
    with pytest.raises(IndicatorError, match="fewest_years is 3"):
        JoinRules(fewest_years=3)
    relations = relate(world.old, world.new, world.strata, NAMES, KNOWN)
    with pytest.raises(IndicatorError, match=r"no relation for the strata \[3\]"):
        join(world.old, world.new, world.strata + 1, relations)
    with pytest.raises(IndicatorError, match="no stratum 11"):
        relations.of(11)
    with pytest.raises(IndicatorError, match="no relation for the sensor 'AVHRR'"):
        join_covariance([2001, 2002], ["AVHRR", "MODIS"], [relations])
    course = np.linspace(0.3, 0.4, 30)
    with pytest.raises(IndicatorError, match="2 years from the seam"):
        seam_test(course, YEARS, 2029)
    with pytest.raises(IndicatorError, match="one value and one row"):
        mean_trend(course, YEARS[:-1])
    with pytest.raises(IndicatorError, match="not known in some years"):
        mean_trend(course, YEARS, np.full((30, 30), np.nan))
    with pytest.raises(IndicatorError, match="depend on each other"):
        regression(course, np.ones((30, 2)), YEARS.astype(float))
    with pytest.raises(IndicatorError, match="4 years for 2 regressors"):
        regression(course[:4], np.ones((4, 2)), YEARS[:4].astype(float))


@pytest.mark.parametrize("seed", range(3))
def test_a_long_coarse_record_is_joined_backwards(seed: int) -> None:
    """GIMMS, 1982 to 2022, before MODIS from 2001 on: its years before 2001 are converted, and it keeps their trend."""
    rng = np.random.default_rng(seed)
    years = 43
    values = 0.3 + 0.08 * rng.standard_normal((len(Y), len(X)))
    values = values + (0.015 * remembering(rng, 0.4, years) + 0.001 * np.arange(years))[:, None, None]
    modis = cube(values + 0.005 * rng.standard_normal(values.shape), 1982).sel(year=slice(2001, None))
    yearly = 0.004 * rng.standard_normal((years, 1, 1))
    gimms = cube(0.08 + 0.85 * (values + yearly + 0.02 * rng.standard_normal(values.shape)), 1982)
    gimms = gimms.sel(year=slice(None, 2022))
    relations = relate(modis, gimms, ONE, ("MODIS", "GIMMS"))
    assert relations.of(0).joined
    assert relations.of(0).gain == pytest.approx(0.85, abs=0.03)
    record = join(modis, gimms, ONE, relations)
    sensors = record["sensor"].values.tolist()
    assert sensors == ["GIMMS"] * 19 + ["MODIS"] * 24
    assert seams_of(record["year"].values, sensors) == [2001]
    course = record.mean(("y", "x")).values
    seamless = values.mean(axis=(1, 2))
    covariance = join_covariance(record["year"].values, sensors, [relations]).values[0]
    assert covariance[0, 0] > 0
    assert (covariance[19:] == 0).all()
    slope = mean_trend(course, record["year"].values, covariance)
    assert slope.value == pytest.approx(mean_trend(seamless, record["year"].values).value, abs=0.0003)
    assert not seam_test(course, record["year"].values, 2001, covariance).is_break
    naive = np.concatenate([gimms.mean(("y", "x")).values[:19], course[19:]])
    assert abs(mean_trend(naive, record["year"].values).value - slope.value) > 0.0005
    late = mean_state(course, record["year"].values, (2010, 2024), covariance)
    assert late.low < seamless[28:].mean() - seamless[:28].mean() < late.high


def test_three_sensors_in_a_row_add_their_errors() -> None:
    rng = np.random.default_rng(7)
    values = land(7, 30)

    def seen(first: int, last: int, offset: float) -> xr.DataArray:
        yearly = 0.003 * rng.standard_normal((30, 1, 1))
        return cube(values + offset + yearly + 0.01 * rng.standard_normal(values.shape), 2001).sel(
            year=slice(first, last)
        )

    a, b, c = seen(2001, 2012, 0.0), seen(2005, 2022, 0.05), seen(2014, 2030, -0.03)
    first = relate(a, b, ONE, ("A", "B"))
    middle = convert(b, ONE, first)
    second = relate(middle, c, ONE, ("B", "C"))
    record = join(join(a, b, ONE, first), c, ONE, second)
    sensors = record["sensor"].values.tolist()
    assert sensors == ["A"] * 12 + ["B"] * 10 + ["C"] * 8
    assert float(np.abs(record - cube(values, 2001)).mean()) < 0.02
    variance = np.diag(mean_covariance(record["year"].values, sensors, [first, second], {0: 1.0}))
    assert variance[0] == 0
    assert 0 < variance[15] < variance[25]
    both = np.diag(mean_covariance(record["year"].values, sensors, [second, first], {0: 1.0}))
    np.testing.assert_allclose(variance, both)


def test_the_posterior_of_a_region_wide_change_is_weaker_where_the_join_is_uncertain() -> None:
    course = np.where(np.arange(30) >= 19, -0.25, 0.0) + 0.01 * np.random.default_rng(0).standard_normal(30)
    none = np.zeros((0, 30))
    after = (np.arange(30) >= 19).astype(float)
    sure = common_changes(course, none, [(0, 29)])[0]
    doubtful = common_changes(course, none, [(0, 29)], 0.3**2 * np.outer(after, after))[0]
    assert sure.loss > 0.9
    assert doubtful.loss < sure.loss - 0.3
    same = common_changes(course, none, [(0, 29)], np.zeros((30, 30)))[0]
    assert same == sure


@pytest.mark.slow
@pytest.mark.parametrize("memory", [0.0, 0.3, 0.5])
def test_the_test_of_seams_finds_no_more_breaks_than_it_says(memory: float) -> None:
    """Series without a break, with a trend and noise with a memory; 400 seeds."""
    breaks = 0
    for seed in range(400):
        rng = np.random.default_rng(1000 + seed)
        course = 0.3 + 0.001 * np.arange(30) + 0.02 * remembering(rng, memory, 30)
        breaks += seam_test(course, YEARS, 2020).is_break
    assert breaks / 400 <= 0.05 + 1.64 * np.sqrt(0.05 * 0.95 / 400)


def test_the_noise_of_pixels_without_neighbours_has_the_error_of_the_join() -> None:
    after = (np.arange(30) >= 19).astype(float)
    step = 0.04**2 * np.outer(after, after)
    noise = Noise(0.4, 0.6, 0.05**2, join=step)
    apart = np.abs(np.subtract.outer(np.arange(30), np.arange(30)))
    covariance = noise.variance * np.where(apart == 0, 1.0, 0.4 * 0.6**apart) + step
    whitener = noise.whitener(30)
    np.testing.assert_allclose(whitener @ covariance @ whitener.T, noise.variance * np.eye(30), atol=1e-9)
    vi = two_sensors(8, shape=(6, 9)).seamless.clip(min=0.05)
    rows, columns = np.meshgrid(vi["y"], vi["x"], indexing="ij")
    values, weather = np.log(vi.values).reshape(30, -1).T, np.random.default_rng(0).standard_normal((1, 30))
    model = change_model(values, rows.ravel(), columns.ravel(), YEARS.tolist(), weather, [(2001, 2030)], step)
    assert model.evidence == WEATHER
    np.testing.assert_array_equal(model.reference.noise.join, step)
