"""Inputs that break statistics: constants, exact fits, infinities, offsets, wrong times. A right answer, or why not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from indicators import breaks
from indicators.chance.significance import field
from indicators.errors import IndicatorError
from indicators.sdg15.state import state
from indicators.sdg15.wocat import course
from indicators.trends.theil_sen import false_discovery_rate, mann_kendall, theil_sen
from indicators.trends.trajectory import trajectory
from indicators.weather.drivers import Bootstrap, attribute
from indicators.weather.drought import spi
from indicators.weather.geodetector import factors

N = 60
PLACE = np.arange(N)
LINE = np.column_stack([np.ones(N), PLACE + 1.0])


def cube(*series: np.ndarray) -> xr.DataArray:
    columns = np.column_stack(series)
    return xr.DataArray(columns, dims=("time", "x"), coords={"time": np.arange(len(columns))})


def noisy(step: float = 2.0, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=N) + step * (PLACE >= N // 2)


@pytest.mark.parametrize("level", [0.3, 0.1, 1e-9, 123456.7, 0.0])
@pytest.mark.parametrize("slope", [0.0, 0.01])
def test_what_fits_exactly_has_no_break(level: float, slope: float) -> None:
    y = level * (1 + slope * PLACE)
    for found in (breaks.sup_f(pd.Series(y), LINE), breaks.ave_f(pd.Series(y), LINE), breaks.exp_f(pd.Series(y), LINE)):
        assert found.statistic == pytest.approx(0, abs=1e-12)
        assert found.p == 1.0
    for found in (breaks.cusum(pd.Series(y), LINE), breaks.cusum(pd.Series(y), LINE, recursive=True)):
        assert (found.statistic, found.p) == (0.0, 1.0)
    assert breaks.mosum(pd.Series(y), LINE).p == 1.0
    assert breaks.breakpoints(pd.Series(y), LINE).breaks.empty
    pixels = cube(y, y)
    for test in (breaks.sup_f, breaks.ave_f, breaks.cusum, breaks.mosum):
        found = test(pixels, LINE)
        assert (found["statistic"] == 0).all(), test.__name__
        assert (found["p"] == 1).all(), test.__name__
    assert (breaks.breakpoints(pixels, LINE)["breaks"] == 0).all()


def test_a_step_without_noise_is_one_break() -> None:
    y = np.where(PLACE < 25, 0.1, 0.3)
    found = breaks.breakpoints(pd.Series(y))
    assert found.breaks["index"].tolist() == [25]
    assert found.breaks[["low_index", "high_index"]].to_numpy().tolist() == [[25, 25]]
    pixels = breaks.breakpoints(cube(y, noisy()))
    assert pixels["breaks"].values.tolist() == [1, 1]
    assert pixels["date"][0, 0] == 25
    tested = breaks.sup_f(cube(y, noisy()))
    assert tested["statistic"][0] == np.inf
    assert tested["p"][0] == 0.0
    assert breaks.sup_f(pd.Series(y)).p == 0.0


def test_a_history_without_noise_lets_only_itself_pass() -> None:
    times = 2000 + np.arange(120) / 12
    still, moved = np.full(120, 0.3), np.where(np.arange(120) < 100, 0.3, 0.25)
    for history in ("roc", "all"):
        assert breaks.monitor(pd.Series(still, times), 2007.0, history=history).break_time is None
        alarm = breaks.monitor(pd.Series(moved, times), 2007.0, history=history)
        assert alarm.delay == 17
        assert alarm.strength == np.inf
    pixels = xr.DataArray(np.column_stack([still, moved]), dims=("time", "x"), coords={"time": times})
    found = breaks.monitor(pixels, 2007.0)
    assert found["delay"].values.tolist() == [0, 17]
    assert found["strength"].values.tolist() == [0.0, np.inf]


def test_constants_have_neither_trend_nor_season_nor_response_to_rain() -> None:
    dates = pd.date_range("2000-01-01", periods=144, freq="MS")
    rain = pd.Series(np.random.default_rng(0).gamma(2, 20, 200), pd.date_range("1997-01-01", periods=200, freq="MS"))
    for level in (0.3, 0.0):
        flat = pd.Series(np.full(144, level), dates)
        found = breaks.bfast(flat)
        assert found.trend_breaks.empty
        assert found.season_breaks.empty
        one = breaks.bfast01(flat)
        assert one.breaks == 0
        assert one.segments["p"].tolist() == [1.0]
        assert breaks.classify(one, percent_stable=0.25)["stability"] == breaks.SIGNIFICANCE.index("no part")
        assert breaks.tss_restrend(flat, rain).method == "indeterminate"
    years = np.arange(1990, 2020)
    drawn = np.random.default_rng(0).gamma(5, 40, (30, 2))
    wet = xr.DataArray(drawn, dims=("year", "x"), coords={"year": years})
    still = breaks.tss_restrend_annual(wet * 0 + 0.3, wet)
    assert (still["method"] == breaks.METHODS.index("indeterminate")).all()
    assert (still["total_change"] == 0).all()
    stepped = breaks.tss_restrend_annual(0.1 + 0.001 * wet - 0.1 * (wet["year"] > 2005), wet)
    assert (stepped["break_year"] == 2006).all()
    assert stepped["total_change"].values == pytest.approx([-0.1, -0.1])


@pytest.mark.filterwarnings("error")
def test_intervals_of_unlike_parts_do_not_overflow() -> None:
    rng = np.random.default_rng(0)
    y = np.r_[rng.normal(size=30) * 1e-9, 5 + rng.normal(size=30)]
    found = breaks.breakpoints(pd.Series(y)).breaks
    assert found["index"].iloc[0] == 30
    assert found["low_index"].iloc[0] in (29, 30)
    mirrored = breaks.breakpoints(pd.Series(y[::-1].copy())).breaks
    assert mirrored["index"].iloc[-1] == 30
    assert mirrored["high_index"].iloc[-1] in (30, 31)


def test_scale_and_offset_change_no_result() -> None:
    y = noisy()
    plain = breaks.breakpoints(pd.Series(y)).breaks
    for other in (y * 1e-12, y * 1e12, y + 1e9):
        found = breaks.breakpoints(pd.Series(other)).breaks
        assert found[["index", "low_index", "high_index"]].equals(plain[["index", "low_index", "high_index"]])
        assert breaks.sup_f(pd.Series(other)).statistic == pytest.approx(breaks.sup_f(pd.Series(y)).statistic, rel=1e-5)
        assert float(breaks.cusum(cube(other))["statistic"][0]) == pytest.approx(
            breaks.cusum(pd.Series(y)).statistic, rel=1e-5
        )


def test_a_line_through_times_far_from_zero_is_a_line() -> None:
    near, far = (np.column_stack([np.ones(N), PLACE + start]) for start in (1.0, 1e6))
    y = pd.Series(noisy() + 0.1 * PLACE)
    found, expected = (breaks.breakpoints(y, x).breaks["index"].tolist() for x in (far, near))
    assert found == expected
    assert len(found) > 0
    assert breaks.sup_f(y, far).statistic == pytest.approx(breaks.sup_f(y, near).statistic, rel=1e-6)


def test_short_pixels_are_tested_as_their_series() -> None:
    y = np.array([1.0, 2.0, 4.0])
    assert float(breaks.cusum(cube(y))["statistic"][0]) == pytest.approx(breaks.cusum(pd.Series(y)).statistic)


MONTHS = pd.date_range("2005-01-01", periods=N, freq="MS")


@pytest.mark.parametrize(
    ("index", "said"),
    [
        (MONTHS.where(PLACE != 7), "have no time"),
        (np.where(PLACE == 3, np.nan, 2005 + PLACE / 12), "have no time"),
        (MONTHS.astype(str), "is not a time"),
        (pd.MultiIndex.from_arrays([MONTHS, PLACE]), "is not a time"),
        (pd.DatetimeIndex([MONTHS[0]] * N), "cannot be determined from a single time"),
    ],
)
def test_times_that_are_none_are_refused(index: Any, said: str) -> None:
    with pytest.raises(IndicatorError, match=said):
        breaks.bfast(pd.Series(noisy(), index))


def test_order_zone_and_kind_of_times() -> None:
    y = noisy()
    plain = breaks.bfast(pd.Series(y, MONTHS), None).trend_breaks
    for index in (MONTHS.tz_localize("Asia/Ulaanbaatar"), MONTHS.to_period("M")):
        assert breaks.bfast(pd.Series(y, index), None).trend_breaks["date"].tolist() == plain["date"].tolist()
    turned = pd.Series(y, MONTHS)[::-1]
    assert breaks.bfast(turned, None).trend_breaks["date"].tolist() == plain["date"].tolist()
    for series in (turned, turned.to_xarray().rename(index="time").expand_dims(x=2)):
        with pytest.raises(IndicatorError, match="do not increase"):
            breaks.breakpoints(series)
    empty = xr.DataArray(np.zeros((0, 2)), dims=("time", "x"))
    with pytest.raises(IndicatorError, match="no values along 'time'"):
        breaks.sup_f(empty)


@pytest.mark.parametrize(
    "call",
    [
        lambda y: breaks.breakpoints(y, h=np.nan),
        lambda y: breaks.breakpoints(y, max_breaks=-1),
        lambda y: breaks.breakpoints(y, max_breaks=1.5),
        lambda y: breaks.breakpoints(cube(y, y), max_breaks=0),
        lambda y: breaks.breakpoints(y * 1e200),
        lambda y: breaks.breakpoints(y, np.column_stack([LINE, 2 * PLACE])),
        lambda y: breaks.sup_f(y, h=-0.1),
        lambda y: breaks.mosum(cube(y, y), h=np.nan),
        lambda y: breaks.mosum(y, np.zeros((N, 1))),
        lambda y: breaks.monitor(pd.Series(y.to_numpy(), MONTHS), None),
        lambda y: breaks.monitor(pd.Series(y.to_numpy(), MONTHS), "soon"),
        lambda y: breaks.monitor(pd.Series(y.to_numpy(), MONTHS), (2008, 13)),
        lambda y: breaks.tss_restrend(pd.Series([], pd.DatetimeIndex([])), y),
        lambda y: theil_sen(pd.Series(y.to_numpy(), MONTHS)),
        lambda y: theil_sen(pd.Series(y.to_numpy(), MONTHS.to_period("M"))),
        lambda y: theil_sen(y[:0]),
        lambda y: false_discovery_rate([0.2, 1.2]),
        lambda y: false_discovery_rate([0.2], q=-1),
        lambda y: spi(pd.Series(np.abs(y.to_numpy()), MONTHS), 1.5, None),
    ],
)
def test_bad_choices_are_refused(call: Any) -> None:
    with pytest.raises(IndicatorError):
        call(pd.Series(noisy()))


def test_a_negative_variance_gives_no_p() -> None:
    # pymannkendall 1.4.3 has NaN for them as well; a variance of nearly nothing would make p zero
    y = np.array([-1.1, 0.8, -0.6, 0.0, 0.2, 0.4, 1.4, -0.2, 1.3, 1.4])
    found = mann_kendall(pd.Series(y), correction="hamed-rao")
    assert np.isnan(float(found["p"]))
    assert np.isnan(float(found["z"]))


def test_infinite_years_are_gaps() -> None:
    years = np.arange(1990, 2020)
    values = 0.4 + 0.02 * np.random.default_rng(3).normal(size=(30, 4)) - 0.005 * np.arange(30)[:, None]
    gap = xr.DataArray(values, dims=("year", "x"), coords={"year": years}).where(lambda v: v["year"] != 2001)
    infinite = gap.fillna(np.inf)
    for profile in ("trends-earth", "sepal-gpg1", "fao-wocat", "ne-asia"):
        assert trajectory(infinite, profile=profile).equals(trajectory(gap, profile=profile))
        ends = (1990, 2004), (2017, 2019)
        assert state(infinite, *ends, profile).equals(state(gap, *ends, profile))
    assert course(infinite).equals(course(gap))
    assert field(infinite, permutations=19).share == field(gap, permutations=19).share == 1.0
    nothing = trajectory(gap, gap * 0, "rue")
    assert nothing["direction"].isnull().all()


@pytest.mark.parametrize("profile", ["trends-earth", "sepal-gpg1", "fao-wocat", "ne-asia"])
def test_a_constant_stays_what_it_is(profile: str) -> None:
    levels = np.arange(1, 60) / 7
    flat = xr.DataArray(
        np.repeat(levels[None], 20, 0), dims=("year", "x"), coords={"year": np.arange(2000, 2020)}
    ).where(lambda v: v["year"] != 2001)
    assert (state(flat, (2000, 2014), (2017, 2019), profile)["direction"] == 0).all()


def test_a_baseline_that_never_varied_is_infinitely_far_from_any_other_level() -> None:
    levels = np.arange(1, 60) / 7
    years = xr.DataArray(np.arange(2000, 2020), dims="year", coords={"year": np.arange(2000, 2020)})
    lower = xr.DataArray(levels, dims="x") - 0.02 * (years > 2016)
    found = state(lower, (2000, 2016), (2017, 2019), "sepal-gpg1")
    assert (found["change"] == -np.inf).all()
    assert (found["direction"] == -1).all()


def test_drivers_of_any_scale_order_and_level() -> None:
    rng = np.random.default_rng(2)
    years = pd.Index(np.arange(1990, 2015))
    table = pd.DataFrame({"rain": rng.normal(size=25), "heat": rng.normal(size=25)}, index=years)
    y = pd.Series(table["rain"] + rng.normal(size=25), years)
    few = Bootstrap(repeats=50)
    plain = attribute(y, table, few)
    sizes = pd.Series({"rain": 1e12, "heat": 1e-12})
    scaled = attribute(y, table * sizes, few)
    assert scaled["p"].to_numpy() == pytest.approx(plain["p"].to_numpy(), rel=1e-6, nan_ok=True)
    own = (scaled["coefficient"] * sizes)[["rain", "heat"]].to_numpy()
    assert own == pytest.approx(plain["coefficient"][["rain", "heat"]].to_numpy())
    lifted = attribute(y, table + 1e6, few)
    assert lifted["p"].to_numpy() == pytest.approx(plain["p"].to_numpy(), rel=1e-6, nan_ok=True)
    turned = attribute(y[::-1], table.sample(frac=1, random_state=0), few)
    assert turned["variance_share_low"].to_numpy() == pytest.approx(plain["variance_share_low"].to_numpy())
    with pytest.raises(IndicatorError, match="twice"):
        attribute(pd.concat([y, y[:1]]), table, few)


def test_factors_of_a_constant_and_of_rows_in_another_order() -> None:
    zone = pd.Series(np.arange(20) % 3, np.arange(2000, 2020))
    y = pd.Series(np.random.default_rng(0).normal(size=20), zone.index)
    with pytest.raises(IndicatorError, match="does not vary"):
        factors(np.full(20, 0.3), zone.to_frame("zone"))
    with pytest.raises(IndicatorError, match="does not vary"):
        factors(np.where(zone == 1, 0.3, 0.1 + 0.2), zone.to_frame("zone"))  # the last digit is none
    plain = factors(y, zone.to_frame("zone"))
    mixed = factors(y, zone.to_frame("zone").sample(frac=1, random_state=1))
    assert mixed["q"].to_numpy() == pytest.approx(plain["q"].to_numpy())
