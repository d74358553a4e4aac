"""Every rule in which the profiles differ, against values worked out from their documents."""

from __future__ import annotations

import itertools
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.certainty.uncertainty import moving
from indicators.chance.detectability import detectable
from indicators.chance.significance import field
from indicators.codes import NODATA
from indicators.errors import IndicatorError
from indicators.profiles import PROFILES, get
from indicators.sdg15 import wocat
from indicators.sdg15.measures import PixelInputs, measure
from indicators.sdg15.periods import PRAIS, available
from indicators.sdg15.productivity import performance, state, trajectory
from indicators.trends.trajectory import judged, kendall_z, statistics

NAMES = ["ne-asia-2", "ne-asia", "trends-earth", "sepal-gpg1", "sepal-gpg2", "fao-wocat"]
PEERS = NAMES[2:]


def yearly(values: object, first: int = 2001) -> xr.DataArray:
    data = np.asarray(values, float)
    return xr.DataArray(data, dims="year", coords={"year": np.arange(first, first + len(data))})


def with_score(n: int, score: int, step: float = 0.01) -> xr.DataArray:
    """A series of n different values whose Mann–Kendall S is `score`; neighbours in rank lie `step` apart."""
    pairs = n * (n - 1) // 2
    inversions = (pairs - abs(score)) // 2
    ranks = list(range(n))
    before = 0
    for place in range(n):  # a permutation with that many inversions, spread evenly, from its Lehmer code
        after = before + n - 1 - place
        moved = inversions * after // pairs - inversions * before // pairs
        ranks.insert(place, ranks.pop(place + moved))
        before = after
    rising = np.array(ranks, float)
    return yearly(0.3 + step * (rising if score >= 0 else n - 1 - rising))


def s_of(series: xr.DataArray) -> int:
    values = series.values
    return int(sum(np.sign(b - a) for a, b in itertools.combinations(values, 2)))


def test_there_are_six_and_they_are_frozen() -> None:
    assert list(PROFILES) == NAMES
    with pytest.raises(FrozenInstanceError):
        get("ne-asia").annual = "calendar_mean"  # type: ignore[misc]
    with pytest.raises(IndicatorError, match="use one of ne-asia-2, ne-asia, trends-earth"):
        get("jrc")


@pytest.mark.parametrize(
    ("profile", "n", "finds", "misses"),
    [
        # exact two-sided 5 % values of S without ties
        ("ne-asia", 16, 46, 44),
        ("ne-asia", 24, 80, 78),
        # Trends.Earth's 95 % column
        ("trends-earth", 16, 36, 34),
        ("trends-earth", 24, 66, 64),
        # |z| > 1.96: at n = 16 from |S| = 43.5 on
        ("sepal-gpg1", 16, 44, 42),
        ("sepal-gpg2", 16, 44, 42),
        ("fao-wocat", 16, 36, 34),
    ],
)
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_smallest_score_that_is_a_trend(profile: str, n: int, finds: int, misses: int, sign: int) -> None:
    # one pixel: a false discovery rate over it would ask for more than the test itself
    choices = replace(get(profile), trajectory=replace(get(profile).trajectory, fdr=None))
    for score, expected in ((finds, sign), (misses, 0)):
        series = with_score(n, sign * score)
        assert s_of(series) == sign * score
        assert float(trajectory(series, profile=choices)["direction"]) == expected


def test_kendall_z_has_neither_ties_nor_continuity() -> None:
    z = kendall_z(xr.DataArray(43.5 / 120), xr.DataArray(16.0))
    assert float(z) == pytest.approx(1.9586, abs=1e-3)
    assert float(z) == pytest.approx(43.5 / np.sqrt(16 * 15 * 37 / 18))


@pytest.mark.parametrize(
    ("profile", "expected"), [("sepal-gpg1", 1), ("sepal-gpg2", 1), ("trends-earth", -1), ("fao-wocat", -1)]
)
def test_the_sign_of_a_trend_is_that_of_its_own_test(profile: str, expected: int) -> None:
    """Rising every year but the last, which pulls the line of least squares down: SEPAL asks z, others the line."""
    values = 0.4 + 0.001 * np.arange(24)
    values[-1] = -0.9
    assert int(trajectory(yearly(values), profile=profile)["direction"]) == expected


@pytest.mark.parametrize(
    ("profile", "slope", "expected"),
    [
        ("trends-earth", 0.0009, 0),
        ("trends-earth", 0.0011, 1),
        # 15 years of it are 4.5 and 5.5 % of the mean
        ("ne-asia", 0.0009, 0),
        ("ne-asia", 0.0011, 1),
        ("sepal-gpg1", 0.0001, 1),
        ("fao-wocat", 0.0001, 1),
    ],
)
def test_what_is_too_small_to_count(profile: str, slope: float, expected: int) -> None:
    series = yearly(0.3 + slope * (np.arange(16) - 7.5))
    assert float(trajectory(series, profile=profile)["direction"]) == expected


def test_bands_in_ndvi_are_for_ndvi_alone() -> None:
    series = yearly(0.3 + 0.0009 * (np.arange(16) - 7.5))
    assert float(trajectory(series, profile="trends-earth", quantity="gpp")["direction"]) == 1
    bare = yearly(0.08 + 0.002 * (np.arange(16) - 7.5))
    assert np.isnan(float(trajectory(bare, profile="ne-asia")["direction"]))
    assert float(trajectory(bare, profile="ne-asia", quantity="lai")["direction"]) == 1
    assert float(trajectory(bare, profile="trends-earth")["direction"]) == 1


def test_fewest_years() -> None:
    falling = 0.5 - 0.03 * np.arange(10)
    gappy = yearly(np.where(np.arange(10) < 3, np.nan, falling))
    assert np.isnan(float(trajectory(gappy, profile="ne-asia")["direction"]))
    for name in PEERS:
        assert float(trajectory(gappy, profile=name)["direction"]) == -1


def test_the_false_discovery_rate_only_takes_away() -> None:
    noise = np.random.default_rng(8).normal(0.3, 0.02, (20, 400))
    noise[:, :40] -= 0.008 * np.arange(20)[:, None]
    cube = xr.DataArray(noise, dims=("year", "x"), coords={"year": np.arange(2001, 2021)})
    found = trajectory(cube, profile="ne-asia")
    plain, sure = found["direction_plain"].values, found["direction"].values
    assert (sure[:40] == -1).all()
    assert (sure[sure != 0] == plain[sure != 0]).all()
    assert np.count_nonzero(plain[40:]) > np.count_nonzero(sure[40:])
    for name in PEERS:
        same = trajectory(cube, profile=name)
        np.testing.assert_array_equal(same["direction_plain"], same["direction"])


def test_state_of_trends_earth_and_ne_asia_by_hand() -> None:
    """Baseline 0.30 … 0.41 in steps of 0.01; with the pseudo-values, its deciles lie 0.011 apart in the middle."""
    base = 0.30 + 0.01 * np.arange(12)
    for recent, expected in ((0.32, -1), (0.40, 1), (0.35, 0)):
        series = yearly([*base, recent, recent, recent])
        found = state(series, (2001, 2012), (2013, 2015), "trends-earth")
        assert float(found["direction"]) == expected
    # The class moves, but by 0.008, within Trends.Earth's 0.01; our band is 5 % of 0.1055, which is less.
    narrow = 0.1 + 0.001 * np.arange(12)
    series = yearly([*narrow, *[0.0975] * 3])
    assert float(state(series, (2001, 2012), (2013, 2015), "trends-earth")["change"]) <= -2
    assert float(state(series, (2001, 2012), (2013, 2015), "trends-earth")["direction"]) == 0
    assert float(state(series, (2001, 2012), (2013, 2015), "ne-asia")["direction"]) == -1


def test_state_of_sepal_is_a_z_score() -> None:
    base = np.array([0.3, 0.32, 0.28, 0.31, 0.29, 0.3, 0.33, 0.27, 0.3, 0.3, 0.31, 0.29])
    edge = 1.96 * base.std() / np.sqrt(3)
    for shift, expected in ((-1.01 * edge, -1), (-0.99 * edge, 0), (0.99 * edge, 0), (1.01 * edge, 1)):
        series = yearly([*base, *[base.mean() + shift] * 3])
        found = state(series, (2001, 2012), (2013, 2015), "sepal-gpg1")
        assert float(found["change"]) == pytest.approx(shift / edge * 1.96)
        assert float(found["direction"]) == expected
    constant = state(yearly([0.3] * 15), (2001, 2012), (2013, 2015), "sepal-gpg2")
    assert float(constant["direction"]) == 0
    assert float(state(yearly([0.3] * 12 + [0.29] * 3), (2001, 2012), (2013, 2015), "sepal-gpg2")["direction"]) == -1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1, width=32), min_size=9, max_size=20))
def test_state_of_fao_wocat_compares_first_and_last_years(values: list[float]) -> None:
    series = yearly(values)
    last = 2000 + len(values)
    found = float(state(series, (2001, last - 3), (last - 2, last), "fao-wocat")["change"])
    deciles = np.percentile(series.values, range(10, 100, 10))
    means = [np.mean(series.values[:3]), np.mean(series.values[-3:])]
    if min(abs(mean - decile) for mean in means for decile in deciles) > 1e-12:
        first, second = (int((mean > deciles).sum()) for mean in means)
        assert found == second - first


#: Steadiness 1 … 4, then emerging state (D, S, I), then biomass (low, medium, high) -> class, as the codes are cut.
WOCAT = {
    1: "111 111 112",
    2: "222 223 333",
    3: "333 444 444",
    4: "444 555 555",
}


@pytest.mark.parametrize("number", range(1, 37))
def test_the_36_codes(number: int) -> None:
    steady, rest = divmod(number - 1, 9)
    change, mass = divmod(rest, 3)
    code = wocat.code(np.array([steady + 1]), np.array([change - 1]), np.array([mass + 1]))
    assert int(code[0]) == number
    assert int(wocat.classes(code)[0]) == int(WOCAT[steady + 1].split()[change][mass])


@pytest.mark.parametrize(
    ("trend", "mtid", "expected"),
    [(-1, -0.1, 1), (-1, 0.1, 2), (0, -0.1, 2), (0, 0.0, 2), (0, 0.1, 3), (1, -0.1, 3), (1, 0.1, 4), (np.nan, 0.1, 0)],
)
def test_steadiness(trend: float, mtid: float, expected: int) -> None:
    assert int(wocat.steadiness(np.array([trend]), np.array([mtid]))[0]) == expected


def test_mtid_biomass_and_desert() -> None:
    course = wocat.course(yearly([0.5, 0.7, 0.6, np.nan, 0.4, 0.3, 0.2]))
    assert float(course["first"]) == pytest.approx(0.6)
    assert float(course["largest"]) == pytest.approx(0.7)
    # last three: 0.3; less each of the six years there are
    assert float(course["mtid"]) == pytest.approx(6 * 0.3 - 2.7)
    choices = get("fao-wocat").biomass
    assert choices is not None
    assert wocat.biomass([0.4, 0.41, 0.7, 0.71, np.nan], choices, "ndvi").tolist() == [1, 2, 2, 3, 0]
    assert wocat.biomass([0.1, 5.0, np.nan], choices, "gpp").tolist() == [2, 2, 0]
    codes = np.array([1, 1, 36, 0])
    assert wocat.classes(codes, np.array([0.25, 0.26, 0.2, 0.2]), choices.desert).tolist() == [4, 1, 4, NODATA]


def test_deserts_are_told_by_the_largest_composite() -> None:
    """Steppe of 0.2 on the year's average that greens up to 0.4 is no desert, and its fall counts; where 0.25 is the
    most, it is one. The same under other orders of the years, of which an interval is made."""
    fall = np.linspace(0.22, 0.16, 16)[:, None, None] * np.ones((1, 1, 2))
    dims, years = ("year", "y", "x"), {"year": np.arange(2001, 2017)}
    vi = xr.DataArray(fall, years, dims)
    peaks = vi.copy(data=np.full(fall.shape, 0.1) + np.array([0.15, 0.3]) * (np.arange(16) == 3)[:, None, None])
    profile, period = get("fao-wocat"), available(range(2001, 2017))[0]
    known = PixelInputs({"calendar_mean": vi, "maximum": peaks})
    assert measure(known, [period], [profile]).methods["fao-wocat"][0]["lpd"].values.tolist() == [[4, 1]]
    moved = moving(vi.values, known, period, profile)
    assert moved["lpd"].tolist() == [[4, 1]]
    alone = PixelInputs({"calendar_mean": vi})
    assert measure(alone, [period], [profile]).methods["fao-wocat"][0]["lpd"].values.tolist() == [[4, 4]]
    assert "mean_maximum" not in measure(known, [period], [profile]).land[0]


def test_low_and_medium_biomass_never_differ() -> None:
    """So a quantity without cuts for biomass loses nothing in land that is not lush."""
    for steady, change in itertools.product(range(1, 5), (-1, 0, 1)):
        low, medium = (int(wocat.classes(wocat.code([steady], [change], [mass]))[0]) for mass in (1, 2))
        assert low == medium


def test_performance_at_the_threshold_and_without_a_best() -> None:
    level = np.full((3, 200), 0.4)
    level[:, 0], level[:, 1] = 0.2, 0.2001
    vi = xr.DataArray(level, dims=("year", "x"), coords={"year": [2001, 2002, 2003]})
    units = xr.zeros_like(vi.isel(year=0))
    found = performance(vi, units)
    assert found["direction"].values[:3].tolist() == [-1, 0, 0]
    nothing = xr.zeros_like(vi)
    assert performance(nothing, units, profile="sepal-gpg1")["direction"].values.tolist() == [-1] * 200
    assert np.isnan(performance(nothing, units, profile="trends-earth")["direction"]).all()
    assert np.isnan(performance(vi, units, profile="fao-wocat")["direction"]).all()


def test_small_units_fall_back_to_the_coarser_one_and_say_so() -> None:
    rng = np.random.default_rng(3)
    vi = xr.DataArray(rng.uniform(0.1, 0.5, (4, 600)), dims=("year", "x"), coords={"year": range(2001, 2005)})
    cover = xr.DataArray(np.repeat([2, 3], 300), dims="x")
    soil = xr.DataArray(np.r_[np.repeat(1, 250), np.repeat(2, 50), np.repeat(1, 300)], dims="x")
    found = performance(vi, soil * 10 + cover, coarser=[cover])
    assert found.attrs["units_merged"] == 1
    level = found["level"].values
    assert set(level[250:300]) == {1}
    assert set(np.delete(level, range(250, 300))) == {0}
    mean = vi.mean("year").values
    np.testing.assert_allclose(found["ratio"][250:300], mean[250:300] / np.percentile(mean[:300], 90), rtol=1e-6)
    np.testing.assert_allclose(found["ratio"][300:], mean[300:] / np.percentile(mean[300:], 90), rtol=1e-6)


def test_windows_of_prais_and_of_the_preset() -> None:
    baseline, first, second = PRAIS
    assert [each.cover_window("prais") for each in PRAIS] == [(2001, 2015), (2016, 2019), (2016, 2022)]
    assert [each.cover_window("trends-earth") for each in PRAIS] == [(2001, 2015), (2015, 2019), (2015, 2022)]
    assert (baseline.trajectory, first.trajectory, second.trajectory) == ((2001, 2015), (2004, 2019), (2008, 2023))
    assert [each.name for each in available(range(2001, 2020))] == ["2001-2019", "baseline", "report-1"]


@pytest.mark.parametrize("profile", NAMES)
def test_reversing_series_negates_their_trends(profile: str) -> None:
    choices = get(profile).trajectory
    values = np.random.default_rng(12).integers(2000, 4000, (16, 500)) * 1e-4 - 0.004 * np.arange(16)[:, None]
    cube = xr.DataArray(values, dims=("year", "x"), coords={"year": np.arange(2001, 2017)})
    forward, backward = (
        judged(statistics(each, choices.slope), choices) for each in (cube, cube.copy(data=values[::-1]))
    )
    np.testing.assert_array_equal(forward["significance"], -backward["significance"])
    np.testing.assert_allclose(forward["slope"], -backward["slope"], atol=1e-12)
    assert set(np.unique(forward["direction"])) >= {-1, 0}


def test_a_year_that_is_not_there_is_a_gap() -> None:
    """A record without 2010 at all is one with nothing in 2010: the change is that from the first year to the last."""
    rng = np.random.default_rng(4)
    fall = np.linspace(0, 0.03, 200) * np.arange(24)[:, None] / 23
    whole = xr.DataArray(
        0.3 - fall + 0.003 * rng.normal(size=(24, 200)), {"year": np.arange(2001, 2025)}, ("year", "x")
    )
    gap, absent = whole.where(whole["year"] != 2010), whole.sel(year=whole["year"] != 2010)
    for profile in PROFILES:
        xr.testing.assert_equal(trajectory(absent, profile=profile), trajectory(gap, profile=profile))
        shares = [field(each, profile, permutations=19).share for each in (gap, absent)]
        assert shares[0] == shares[1]


def test_one_series_comes_as_pandas() -> None:
    values = pd.Series(0.3 - 0.004 * np.arange(24) + 0.003 * np.sin(np.arange(24.0)), np.arange(2001, 2025))
    cube = values.rename_axis("year").to_xarray()
    rain = 200 + 10 * np.cos(np.arange(24.0)) + 0 * values
    ends = (2001, 2021), (2022, 2024)
    for profile in PROFILES:
        xr.testing.assert_identical(trajectory(values, profile=profile), trajectory(cube, profile=profile))
        told = trajectory(values, rain, "restrend", profile)
        xr.testing.assert_identical(told, trajectory(cube, rain.rename_axis("year").to_xarray(), "restrend", profile))
        assert int(told["direction"]) == -1
        xr.testing.assert_identical(state(values, *ends, profile), state(cube, *ends, profile))
    assert field(values, permutations=19).share == field(cube, permutations=19).share == 1
    assert detectable(values, permutations=5).curve.equals(detectable(cube, permutations=5).curve)
    with pytest.raises(IndicatorError, match="do not increase"):
        state(cube[::-1], *ends)
