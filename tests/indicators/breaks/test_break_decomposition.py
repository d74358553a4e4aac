"""BFAST and its relatives: the printed digits of R for the harvest series, and planted breaks in generated ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from break_series import harvest, seasonal

from indicators.breaks import DRYLAND_TYPES, TYPES, bfast, bfast01, bfastlite, classify, classify_dryland
from indicators.breaks.axis import axis_of, dummies, harmonics, regular
from indicators.breaks.one_break import OneBreak
from indicators.breaks.season_start import periodic_season
from indicators.errors import IndicatorError


def test_harvest_to_the_printed_digits_of_bfast() -> None:
    """R bfast 1.7.2, harmonic season, h 0.15: trend breaks 33, 105, 136, 165; the largest −0.25178842 at 105."""
    series = harvest()
    assert (len(series), round(series.sum(), 2)) == (199, 133.54)
    found = bfast(series, "harmonic", h=0.15)
    assert found.trend_breaks["index"].tolist() == [33, 105, 136, 165]
    assert found.season_breaks.empty
    assert found.largest is not None
    assert found.largest["index"] == 105
    assert found.largest["magnitude"] == pytest.approx(-0.25178842, abs=5e-9)


def test_harvest_as_yearly_values_is_what_bfast_prints() -> None:
    """Published output of bfast's example: h 0.23, no season: 45 (44-52), 105 (104-106), 153 (152-154)."""
    found = bfast(pd.Series(harvest().to_numpy(), index=range(2006, 2205)), None, h=0.23, max_iter=1)
    table = found.trend_breaks[["low_index", "index", "high_index"]].to_numpy(int)
    assert table.tolist() == [[44, 45, 52], [104, 105, 106], [152, 153, 154]]


def test_harvest_has_one_break_of_type_8() -> None:
    """bfast01: 109 (107-110), type 8; drylands typology 6.4."""
    found = bfast01(harvest())
    assert found.breaks == 1
    assert found.candidate[["low_index", "index", "high_index"]].tolist() == [107, 109, 110]
    assert classify(found, percent_stable=0.25)["type"] == 8
    assert classify_dryland(found)[["type", "subtype"]].tolist() == [6, 4]


def test_planted_trend_breaks_are_found_with_their_sizes() -> None:
    found = bfast(seasonal(steps={80: -0.15, 160: 0.2}), "harmonic")
    assert found.trend_breaks["index"].tolist() == [80, 160]
    np.testing.assert_allclose(found.trend_breaks["magnitude"], [-0.15, 0.2], atol=0.02)
    parts = found.components
    np.testing.assert_allclose(parts["observed"], parts[["trend", "season", "remainder"]].sum(axis=1), atol=1e-12)
    assert parts["remainder"].std() < 0.025
    assert len(found.trend_segments) == 3


@pytest.mark.parametrize("season", ["harmonic", "dummy"])
def test_a_change_of_the_season_is_a_season_break(season: str) -> None:
    """From the 120th value on the season has half its amplitude; the level does not change.

    MOSUM of residuals hardly sees what averages out over a year, so the season's test is set to let everything in.
    """
    series = seasonal(noise=0.01)
    half = series.copy()
    half.iloc[120:] = 0.4 + (series.iloc[120:] - 0.4) / 2
    found = bfast(half, season, h=0.25, level=(0.05, 1.0))  # type: ignore[arg-type]
    assert len(found.season_breaks) == 1
    row = found.season_breaks.iloc[0]
    assert abs(row["index"] - 120) <= 3
    assert row["amplitude_after"] == pytest.approx(row["amplitude_before"] / 2, rel=0.1)
    assert (found.trend_breaks["magnitude"].abs() < 0.05).all()


def test_no_break_is_found_where_none_is() -> None:
    alarms = [len(bfast(seasonal(seed=seed), "harmonic").trend_breaks) > 0 for seed in range(20)]
    assert sum(alarms) <= 2


def test_gaps_do_not_move_the_breaks() -> None:
    """A tenth of the values gone, three in a row among them: the same two breaks, at the same dates."""
    whole = seasonal(steps={80: -0.15, 160: 0.2})
    gappy = whole.copy()
    rng = np.random.default_rng(4)
    gappy.iloc[np.r_[rng.choice(np.arange(5, 225), 20, replace=False), 50:53]] = np.nan
    found = bfast(gappy, "harmonic")
    dates = whole.index[[80, 160]]
    np.testing.assert_allclose(found.trend_breaks["date"], dates, atol=1.5 / 23)
    assert found.components["trend"].isna().sum() == gappy.isna().sum()


def test_season_of_stl_is_that_of_r() -> None:
    """stl(harvest, "periodic") of R 4.2.2, first five values."""
    expected = [0.0147468917696, 0.0227194254843, 0.0313802361868, 0.0317298820605, 0.0496788289950]
    np.testing.assert_allclose(periodic_season(harvest().to_numpy(), 23)[:5], expected, atol=5e-13)


def test_season_of_stl_is_that_of_statsmodels() -> None:
    """An even frequency, which statsmodels takes; its seasons averaged as R does."""
    from statsmodels.tsa.seasonal import STL

    values = seasonal(120, 12).to_numpy()
    peer = STL(
        values, period=12, seasonal=1201, trend=19, low_pass=13, seasonal_deg=0, trend_deg=1, low_pass_deg=1,
        seasonal_jump=121, trend_jump=2, low_pass_jump=2,
    ).fit(inner_iter=2, outer_iter=0).seasonal  # fmt: skip
    means = np.array([peer[i::12].mean() for i in range(12)])
    np.testing.assert_allclose(periodic_season(values, 12), np.tile(means, 10), atol=1e-12)


def test_season_with_a_few_gaps_is_close_to_the_season_without() -> None:
    values = seasonal(noise=0.01).to_numpy()
    gappy = values.copy()
    gappy[[20, 77, 78, 150]] = np.nan
    np.testing.assert_allclose(periodic_season(gappy, 23), periodic_season(values, 23), atol=0.01)
    with pytest.raises(IndicatorError, match="at least two years"):
        periodic_season(values[:30], 23)
    with pytest.raises(IndicatorError, match="fill the gaps"):
        periodic_season(np.where(np.arange(24) % 12 < 7, np.nan, 1.0), 12)


def test_bfast_of_a_light_kind_dates_a_step_in_trend_and_season() -> None:
    found = bfastlite(seasonal(steps={110: -0.2}))
    assert found.breaks["index"].tolist() == [110]
    assert found.bic.name == "lwz"
    assert found.breaks["magnitude"].iloc[0] == pytest.approx(-0.2, abs=0.04)


def test_every_kind_of_series_and_index_is_read() -> None:
    """Dates, months, decimal years and xarray: the same axis."""
    months = pd.date_range("2001-01-01", periods=48, freq="MS")
    values = np.arange(48.0)
    for index in (months, months.to_period("M"), 2001 + np.arange(48) / 12):
        y, axis = regular(pd.Series(values, index=index))
        assert (axis.frequency, len(axis.time)) == (12, 48)
        np.testing.assert_allclose(axis.time, 2001 + np.arange(48) / 12)
        np.testing.assert_array_equal(y, values)
    y, axis = regular(xr.DataArray(values, dims="time", coords={"time": months}))
    assert axis.labels[0] == months[0]
    days = pd.DatetimeIndex([f"{year}-01-01" for year in (2001, 2002, 2003)]).repeat(23) + pd.to_timedelta(
        np.tile(np.arange(23) * 16, 3), unit="D"
    )
    y, axis = regular(pd.Series(np.arange(69.0), index=days).drop(days[[4, 30]]))
    assert (axis.frequency, len(y), np.isnan(y).sum()) == (23, 69, 2)
    assert axis.cycle[23] == 1
    np.testing.assert_array_equal(axis.labels[[4, 30]], days[[4, 30]])
    with pytest.raises(IndicatorError, match="not a time"):
        regular(pd.Series(values, index=[str(i) for i in range(48)]))
    with pytest.raises(IndicatorError, match="average"):
        regular(pd.Series(values, index=pd.date_range("2001", periods=48, freq="D")))


def test_seasonal_columns() -> None:
    _, axis = axis_of(pd.period_range("2001-01", periods=24, freq="M"))
    assert harmonics(axis, 3).shape == (24, 6)
    assert harmonics(axis, 9).shape == (24, 18)
    _, quarters = axis_of(pd.Index(2001 + np.arange(16) / 4))
    assert harmonics(quarters, 2).shape == (16, 3)
    contrasts = dummies(axis)
    assert contrasts.shape == (24, 11)
    np.testing.assert_allclose(contrasts.sum(axis=0), 0)


def one_break(slopes: list[float], p: list[float], step: float) -> OneBreak:
    """A result with these slopes, p and step."""
    segments = pd.DataFrame({"slope": slopes, "p": p, "percent": [s * 100 for s in slopes]})
    return OneBreak(len(slopes) - 1, {}, pd.Series(dtype=float), segments, step, pd.DataFrame())


@pytest.mark.parametrize(
    ("slopes", "step", "kind"),
    [
        ([1], 0, 1), ([-1], 0, 2), ([1, 1], 1, 3), ([-1, -1], -1, 4),
        ([1, 1], -1, 5), ([-1, -1], 1, 6), ([1, -1], 1, 7), ([-1, 1], -1, 8),
    ],
)  # fmt: skip
def test_the_eight_types(slopes: list[float], step: float, kind: int) -> None:
    found = classify(one_break(slopes, [0.01] * len(slopes), step), percent_stable=50)
    assert (found["type"], found["meaning"]) == (kind, TYPES[kind - 1])
    assert found["stability"] == 0


@pytest.mark.parametrize(
    ("slopes", "p", "kind", "subtype", "significance"),
    [
        ([1], [0.2], 0, 0, 3), ([1], [0.01], 1, 0, 0), ([-1], [0.01], 2, 0, 0),
        ([2, 1], [0.01, 0.01], 3, 1, 0), ([1, 2], [0.01, 0.2], 3, 2, 1), ([-2, -1], [0.2, 0.01], 4, 1, 2),
        ([-1, -2], [0.01, 0.01], 4, 2, 0), ([1, -1], [0.01, 0.2], 5, 3, 1), ([1, -1], [0.01, 0.01], 5, 4, 0),
        ([-1, 1], [0.2, 0.01], 6, 3, 2), ([-1, 1], [0.01, 0.01], 6, 4, 0), ([-1, 1], [0.2, 0.2], 0, 0, 3),
    ],
)  # fmt: skip
def test_the_dryland_types(slopes: list[float], p: list[float], kind: int, subtype: int, significance: int) -> None:
    found = classify_dryland(one_break(slopes, p, 0.1))
    assert found[["type", "subtype", "significance"]].tolist() == [kind, subtype, significance]
    assert found["meaning"] == DRYLAND_TYPES[kind]


def test_one_break_or_none_by_several_tests() -> None:
    names = ("mosum", "cusum", "sup_f", "ave_f", "exp_f", "bic")
    stepped = bfast01(seasonal(steps={120: -0.2}), test=names)
    quiet = bfast01(seasonal(seed=3), test=names, aggregate=any)
    assert stepped.breaks == 1
    assert all(stepped.tests.values())
    assert stepped.candidate["index"] == 120
    assert stepped.magnitude == pytest.approx(-0.2, abs=0.03)
    assert (quiet.breaks, quiet.magnitude) == (0, 0.0)
    with pytest.raises(IndicatorError, match="unknown"):
        bfast01(seasonal(), test="wald")  # type: ignore[arg-type]
    with pytest.raises(IndicatorError, match="lower order"):
        bfast01(seasonal(60))


def test_a_bad_choice_is_refused_with_the_mend() -> None:
    with pytest.raises(IndicatorError, match="'harmonic', 'dummy' or None"):
        bfast(seasonal(), "sine")  # type: ignore[arg-type]
    with pytest.raises(IndicatorError, match="at least one iteration"):
        bfast(seasonal(), max_iter=0)
    with pytest.raises(IndicatorError, match="at least 3"):
        bfast(pd.Series([1.0, np.nan, np.nan], index=[2001, 2002, 2003]), None)
