"""Monitoring: one series and many pixels agree, alarms come after planted damage, and seldom without."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from break_series import seasonal
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.breaks import monitor
from indicators.errors import IndicatorError


def pixels(count: int, gaps: float = 0.0, n: int = 260, seed: int = 0) -> xr.DataArray:
    """Season, noise and for every second pixel damage at the 215th of 16-day values; the first has nothing at all."""
    series = seasonal(n, noise=0.0)
    rng = np.random.default_rng(seed)
    values = series.to_numpy()[:, None] + 0.03 * rng.normal(size=(n, count))
    values[215:, ::2] -= 0.12
    values[:70, ::3] += 0.15
    values[rng.random(values.shape) < gaps] = np.nan
    values[:, 0] = np.nan
    return xr.DataArray(values, dims=("time", "x"), coords={"time": series.index.to_numpy()})


@pytest.mark.parametrize("history", ["roc", "bp", "all"])
@pytest.mark.parametrize("gaps", [0.0, 0.15])
def test_pixels_have_what_their_series_alone_have(history: str, gaps: float) -> None:
    data = pixels(12, gaps)
    start = float(data["time"][207])
    found = monitor(data, start, history=history, frequency=23)
    assert np.isnan(float(found["magnitude"][0]))
    assert int(found["history_observations"][0]) == -1
    for x in range(1, 12):
        single = monitor(data[:, x].to_series(), start, history=history, frequency=23)  # type: ignore[arg-type]
        pixel = found.isel(x=x)
        assert float(pixel["magnitude"]) == pytest.approx(single.magnitude, rel=1e-9)
        assert float(pixel["strength"]) == pytest.approx(single.strength, rel=1e-9)
        assert (int(pixel["delay"]), int(pixel["observations"])) == (single.delay, single.observations)
        assert float(pixel["history_start"]) == pytest.approx(single.history[0])
        if single.delay:
            assert float(pixel["break_time"]) == pytest.approx(single.time)
        else:
            assert single.break_time is None
            assert np.isnan(float(pixel["break_time"]))


def test_the_history_leaves_out_what_was_before_a_change() -> None:
    """The level changes at the 70th value: a reverse CUSUM and the last Bai-Perron break both see it, all does not."""
    series = pixels(4)[:, 3].to_series()
    starts = {h: monitor(series, (2009, 1), history=h).history[0] for h in ("roc", "bp", "all")}  # type: ignore[arg-type]
    assert starts["all"] == series.index[0]
    for history in ("roc", "bp"):
        assert series.index[55] < starts[history] < series.index[100]


def test_values_of_a_history_worked_out_by_strucchange() -> None:
    """Five years of months with a planted fall, through efp, mefp and monitor of strucchange 1.5-3 (R 4.2.2).

    The series is deterministic, so that it can be written here: residuals are a sine of a high frequency.
    """
    n = 100
    t = 2000 + np.arange(n) / 12
    y = 0.5 + 0.2 * np.sin(2 * np.pi * t) + 0.05 * np.sin(12.9898 * np.arange(n) ** 1.5) - 0.15 * (np.arange(n) >= 78)
    found = monitor(pd.Series(y, index=t), (2005, 11))
    assert (found.delay, found.observations, found.history[0]) == (11, 30, 2000.0)
    assert found.magnitude == pytest.approx(-0.111910631096, abs=5e-13)


def test_false_alarms_are_about_as_many_as_the_level_says() -> None:
    """400 pixels of noise over two and a half years: 5 % over ten times the history is fewer over this part."""
    rng = np.random.default_rng(5)
    t = 2000 + np.arange(300) / 23
    data = xr.DataArray(rng.normal(size=(300, 400)), dims=("time", "x"), coords={"time": t})
    found = monitor(data, float(t[240]), history="all", frequency=23)
    assert 0 < float(found["break_time"].notnull().mean()) < 0.06


def test_damage_is_seen_within_a_few_composites() -> None:
    """A fall of four standard deviations: all pixels, within half a year; of six: sooner."""
    delays = {}
    for size in (0.12, 0.24):
        data = pixels(60)[:, 1:]
        data[215:] -= xr.where(data["x"] % 2 == 1, size - 0.12, size)
        found = monitor(data, float(data["time"][215]), frequency=23)
        assert bool(found["break_time"].notnull().all())
        delays[size] = float(found["delay"].median())
        np.testing.assert_allclose(found["magnitude"], -size, atol=0.06)
    assert delays[0.24] < delays[0.12] <= 12


def test_results_do_not_depend_on_chunks_and_dates_come_back_as_dates() -> None:
    data = pixels(12, 0.1)
    days = [np.datetime64(f"{2000 + i // 23}-01-01") + np.timedelta64(16 * (i % 23), "D") for i in range(260)]
    data = data.assign_coords(time=np.array(days, "datetime64[ns]"))
    whole = monitor(data, "2009-01-01")
    chunked = monitor(data.chunk({"x": 5}), "2009-01-01")
    xr.testing.assert_identical(whole, chunked.compute())
    assert whole["break_time"].dtype == np.dtype("datetime64[ns]")
    alarms = whole["break_time"].dropna("x").values
    assert len(alarms) >= 5
    assert (alarms >= np.datetime64("2009-05-01")).all()
    single = monitor(data[:, 2].to_series(), pd.Timestamp("2009-01-01"))
    assert single.break_time == pd.Timestamp(whole["break_time"].values[2])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), masked=st.integers(1, 11))
def test_masking_one_pixel_never_changes_another(seed: int, masked: int) -> None:
    data = pixels(12, 0.1, seed=seed)
    start = float(data["time"][207])
    before = monitor(data, start, frequency=23)
    gone = data.copy()
    gone[:, masked] = np.nan
    after = monitor(gone, start, frequency=23)
    xr.testing.assert_identical(before.drop_isel(x=masked), after.drop_isel(x=masked))


@settings(max_examples=20, deadline=None)
@given(scale=st.floats(0.1, 100), shift=st.floats(-50, 50))
def test_units_do_not_matter(scale: float, shift: float) -> None:
    series = pixels(4)[:, 2].to_series()
    plain, other = monitor(series, (2009, 1)), monitor(scale * series + shift, (2009, 1))
    assert (plain.break_time, plain.delay) == (other.break_time, other.delay)
    assert other.magnitude == pytest.approx(scale * plain.magnitude, rel=1e-6)
    assert other.strength == pytest.approx(plain.strength, rel=1e-6)


def test_a_bad_choice_is_refused_with_the_mend() -> None:
    series = pixels(2)[:, 1].to_series()
    with pytest.raises(IndicatorError, match="'roc', 'bp' or 'all'"):
        monitor(series, 2009.0, history="best")  # type: ignore[arg-type]
    with pytest.raises(IndicatorError, match="not for h"):
        monitor(series, 2009.0, h=0.3)
    with pytest.raises(IndicatorError, match="choose another start"):
        monitor(series, 2000.2)
    with pytest.raises(IndicatorError, match="since, for"):
        monitor(series, 2019.0)
    twice = pixels(2).assign_coords(time=np.repeat(2000 + np.arange(130) / 23, 2))
    with pytest.raises(IndicatorError, match="average them"):
        monitor(twice, 2005.0, frequency=23)


def test_regressors_take_drought_out_and_correlated_errors_widen_the_boundary() -> None:
    """Rain-driven greenness in a drought: an alarm without rain, none with it; pixels and series agree."""
    rng = np.random.default_rng(8)
    t = 2000 + np.arange(300) / 23
    rain = np.convolve(rng.normal(size=330), np.ones(31) / 5.5, "valid")[:300]
    rain[240:] = -2.5 + 0.3 * rain[240:]
    values = (0.5 + 0.1 * np.sin(2 * np.pi * t) + 0.05 * rain)[:, None] + 0.02 * rng.normal(size=(300, 6))
    data = xr.DataArray(values, dims=("time", "x"), coords={"time": t})
    start = float(t[240])
    without = monitor(data, start, history="all", frequency=23)
    told = monitor(data, start, history="all", frequency=23, X=rain)
    wide = monitor(data, start, history="all", frequency=23, correlated=True)
    assert bool(without["break_time"].notnull().all())
    assert float(told["break_time"].notnull().mean()) <= 1 / 6
    assert (wide["strength"] < 0.7 * without["strength"]).all()
    for settings_of, cube in (({"X": rain}, told), ({"correlated": True}, wide)):
        single = monitor(data[:, 3].to_series(), start, history="all", frequency=23, **settings_of)  # type: ignore[arg-type]
        assert float(cube["strength"][3]) == pytest.approx(single.strength, rel=1e-9)
        assert float(cube["magnitude"][3]) == pytest.approx(single.magnitude, rel=1e-8)
    with pytest.raises(IndicatorError, match="one row for each"):
        monitor(data[:, 3].to_series(), start, X=rain[:10])
