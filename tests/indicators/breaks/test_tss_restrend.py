"""The decision tree of TSS-RESTREND: published numbers, every branch, a series against pixels, and its error rates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from break_series import real

from indicators.breaks import METHODS, flag_trend, tss_restrend, tss_restrend_annual
from indicators.breaks.fluctuation import chow
from indicators.breaks.residuals.annual_peaks import annual_peaks
from indicators.breaks.residuals.rain import accumulate, best_pair, best_window, fit
from indicators.breaks.residuals.residual_trends import strongest
from indicators.errors import IndicatorError

#: Largest yearly NDVI and accumulated rain of the demonstration pixel stdRESTREND of TSS.RESTREND 0.3.2, 1982-2013.
VI = [0.389, 0.553, 0.414, 0.364, 0.502, 0.438, 0.297, 0.494, 0.446, 0.505, 0.451, 0.425, 0.368, 0.544, 0.454, 0.444,
      0.531, 0.342, 0.441, 0.554, 0.417, 0.553, 0.657, 0.482, 0.48, 0.675, 0.484, 0.535, 0.61, 0.52, 0.603,
      0.628]  # fmt: skip
RAIN = [91.471846, 193.704012, 197.32004, 129.176502, 221.715906, 123.391627, 55.604181, 162.689096, 189.989704,
        159.755777, 185.801546, 126.426723, 94.537812, 173.68782, 135.434905, 120.183843, 171.301613, 32.676435,
        103.606897, 175.269218, 110.86742, 180.78179, 212.395082, 129.634707, 119.319628, 149.595275, 94.984348,
        160.308387, 167.459297, 109.685205, 120.623127, 138.761089]  # fmt: skip


def yearly(values: object, first: int = 1982) -> xr.DataArray:
    array = np.asarray(values, float)
    array = array.reshape(len(array), *(array.shape[1:] or (1,)))
    return xr.DataArray(array, dims=("year", "x"), coords={"year": first + np.arange(len(array))})


def test_the_demonstration_pixel_to_the_printed_digits() -> None:
    """RESTREND, total change 0.1974363; slopes and R² as printed."""
    found = tss_restrend_annual(yearly(VI), yearly(RAIN)).isel(x=0)
    assert METHODS[int(found["method"])] == "restrend"
    assert float(found["total_change"]) == pytest.approx(0.1974363, abs=5e-8)
    assert float(found["vpr_slope"]) == pytest.approx(0.001179016, abs=5e-10)
    assert float(found["vpr_r2"]) == pytest.approx(0.325378, abs=5e-7)
    assert float(found["vpr_p"]) == pytest.approx(0.0006527, abs=5e-8)
    assert float(found["residual_p"]) == pytest.approx(3.68e-08, abs=5e-11)
    assert not bool(found["explained_by_rain"])


def rabbit() -> tuple[pd.Series, pd.Series]:
    """Vegetation and rain as the package's own example reads them.

    The files have no header, and read.csv takes the first value for one; of the vegetation 383 values are left, and
    the first of these is put at the end again to fill the 384 months from January 1982.
    """
    vi = np.loadtxt(real("series/rabbitVI.csv"))
    rain = np.loadtxt(real("series/rabbitRF.csv"))
    months = pd.period_range("1982-01", periods=384, freq="M")
    shifted = pd.Series(np.r_[vi[1:], vi[1]], index=months)
    return shifted, pd.Series(rain, index=pd.period_range(end="2013-12", periods=len(rain), freq="M"))


def test_rabbits_to_the_printed_digits() -> None:
    """Segmented VPR; total 0.09300777 = 0.04876584 (p 0.00215) + 0.04424193 (p 0.00103).

    TSS.RESTREND prints 1996, the last year before the break; the first year after it is 1997.
    """
    found = tss_restrend(*rabbit())
    assert (found.method, found.break_year) == ("segmented_vpr", 1997)
    assert found.total_change == pytest.approx(0.09300777, abs=5e-9)
    assert found.residual_change == pytest.approx(0.04876584, abs=5e-9)
    assert found.height_change == pytest.approx(0.04424193, abs=5e-9)
    assert (round(found.residual_p, 5), round(found.height_p, 5)) == (0.00215, 0.00103)
    assert 1996 <= found.break_low <= 1997 <= found.break_high  # type: ignore[operator]


def test_rabbits_read_without_losing_the_first_value() -> None:
    """The same year; the step no longer breaks the relation to rain (p 0.10), so that it is one of residuals."""
    vi = np.loadtxt(real("series/rabbitVI.csv"))
    months = pd.period_range("1982-01", periods=384, freq="M")
    found = tss_restrend(pd.Series(vi, index=months), rabbit()[1])
    assert (found.method, found.break_year) == ("segmented_restrend", 1997)
    assert found.total_change == pytest.approx(0.0911, abs=5e-5)


def months(years: int, first: int = 1990) -> pd.PeriodIndex:
    return pd.period_range(f"{first}-01", periods=12 * years, freq="M")


def landscape(
    years: int = 24, step: float = 0.0, slope: float = 0.0, rain_effect: float = 0.002, after: float | None = None
) -> tuple[pd.Series, pd.Series]:
    """Monthly rain with a summer maximum, and greenness that answers to the last three months of it.

    `step` from the thirteenth year on, `slope` a year; `after` is the effect of rain from then on.
    """
    rng = np.random.default_rng(7)
    long = months(years + 2, 1988)
    season = 1 + np.cos(2 * np.pi * (long.month - 7) / 12)
    year = rng.normal(1.0, 0.35, years + 2).clip(0.2).repeat(12)
    rain = pd.Series(20 * season * year * rng.uniform(0.6, 1.4, len(long)), index=long)
    three = rain.rolling(3).sum()[24:]
    late = np.arange(12 * years) >= 12 * 12
    effect = np.where(late & (after is not None), after or 0.0, rain_effect)
    green = 0.15 + effect * three + late * step + slope * np.arange(12 * years) / 12
    return green + rng.normal(0, 0.006, len(green)), rain


def test_every_branch_of_the_tree() -> None:
    steady = tss_restrend(*landscape())
    assert (steady.method, steady.total_change, steady.break_year) == ("restrend", 0.0, None)
    assert steady.explained_by_rain
    assert (steady.offset, steady.months) == (0, 3)
    sloping = tss_restrend(*landscape(slope=-0.004))
    assert sloping.method == "restrend"
    assert sloping.total_change == pytest.approx(-0.004 * 23, abs=0.03)
    assert not sloping.explained_by_rain
    stepped = tss_restrend(*landscape(step=-0.12))
    assert stepped.method in ("segmented_restrend", "segmented_vpr")
    assert (stepped.break_year, stepped.total_change) == (2002, pytest.approx(-0.12, abs=0.03))
    assert stepped.at == pytest.approx(-0.12, abs=0.03)
    broken = tss_restrend(*landscape(step=0.1, after=0.004))
    assert (broken.method, broken.break_year) == ("segmented_vpr", 2002)
    green, rain = landscape()
    rng = np.random.default_rng(0)
    lost = tss_restrend(pd.Series(0.3 + 0.02 * rng.normal(size=len(green)), index=green.index), rain)
    assert lost.method in ("indeterminate", "restrend")
    inverse = tss_restrend(0.8 - green, rain)
    dates = [str(pd.Period(date, "M")) for date in inverse.candidates["date"]]
    assert tss_restrend(0.8 - green, rain, exclude=dates).method == "negative_rain"


def test_dates_of_sensor_changes_can_be_excluded() -> None:
    green, rain = landscape(step=-0.12)
    first = tss_restrend(green, rain)
    date = str(pd.Period(first.candidates["date"].iloc[0], "M"))
    assert tss_restrend(green, rain, exclude=[date]).break_year is None


def test_temperature_is_kept_only_where_it_counts() -> None:
    green, rain = landscape()
    rng = np.random.default_rng(3)
    heat = pd.Series(10 + 5 * rng.normal(size=len(rain)), index=rain.index)
    windows, warmth = (accumulate(each, pd.PeriodIndex(green.index), 3, 2) for each in (rain, heat))
    assert best_pair(green.to_numpy(), windows, warmth, level=1e-4) is None
    warm = green + 0.004 * heat.reindex(green.index)
    pair = best_pair(warm.to_numpy(), windows, warmth)
    assert pair is not None
    assert (pair[1].offset, pair[1].months) == (0, 1)
    assert tss_restrend(warm, rain, heat, longest=3, offsets=2).vpr_r2 > tss_restrend(warm, rain).vpr_r2


def test_windows_of_accumulation_are_sums_of_past_months() -> None:
    rain = pd.Series(np.arange(60.0), index=months(5))
    windows = {(w.offset, w.months): w.values for w in accumulate(rain, months(2, 1993), 12, 4)}
    assert len(windows) == 48
    assert windows[0, 1][0] == 36
    assert windows[0, 3][0] == 36 + 35 + 34
    assert windows[2, 2][0] == 34 + 33
    with pytest.raises(IndicatorError, match="without gaps from 16 months before"):
        accumulate(rain, months(2, 1990), 12, 4)
    flat = accumulate(rain * 0, months(2, 1993), 2, 1)
    assert best_window(np.arange(24.0), flat).months == 1


def test_peaks_around_new_year_are_one_season() -> None:
    values = np.zeros(36)
    values[[5, 11, 12, 20, 30]] = [0.3, 0.5, 0.6, 0.4, 0.7]
    series = pd.Series(values, index=months(3))
    own = annual_peaks(series, "own")
    assert own["place"].tolist() == [12, 20, 30]
    assert own["value"].tolist() == [0.6, 0.4, 0.7]
    package = annual_peaks(series, "package")
    assert package["value"].tolist() == [0.6, 0.7, 0.7]


def test_gaps_and_short_climate_are_refused() -> None:
    green, rain = landscape()
    with pytest.raises(IndicatorError, match="without gaps"):
        tss_restrend(green.where(green.index != green.index[7]), rain)
    with pytest.raises(IndicatorError, match="climate has no value"):
        tss_restrend(green, rain[20:])
    with pytest.raises(IndicatorError, match="not of dates"):
        tss_restrend(pd.Series(green.to_numpy()), rain)
    with pytest.raises(IndicatorError, match="at least 4"):
        tss_restrend_annual(yearly(VI[:16]), yearly(RAIN[:16]))
    with pytest.raises(IndicatorError, match="different values"):
        tss_restrend_annual(yearly(VI), yearly(RAIN, 1990))
    with pytest.raises(IndicatorError, match="unknown"):
        tss_restrend_annual(yearly(VI), yearly(RAIN), screen="best")  # type: ignore[arg-type]


def fields(pixels: int = 300, years: int = 24, gaps: float = 0.0, seed: int = 0) -> tuple[xr.DataArray, xr.DataArray]:
    """Yearly vegetation and rain: thirds of the pixels with nothing, a step after the twelfth year, a slope."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(years, pixels))
    green = 0.3 + 0.03 * z + 0.02 * rng.normal(size=(years, pixels))
    third = np.arange(pixels) % 3
    green[12:] -= np.where(third == 1, 0.08, 0.0)
    green -= np.where(third == 2, 0.004, 0.0) * np.arange(years)[:, None]
    green[rng.random(green.shape) < gaps] = np.nan
    return yearly(green, 2001), yearly(150 + 40 * z, 2001)


@pytest.mark.parametrize("gaps", [0.0, 0.05])
def test_pixels_are_what_the_tree_makes_of_each_alone(gaps: float) -> None:
    """Candidates as found; everything after them by the plain functions of one series."""
    green, rain = fields(120, gaps=gaps)
    found = tss_restrend_annual(green, rain)
    years = green["year"].values.astype(float)
    for x in range(green.sizes["x"]):
        known = np.isfinite(green[:, x].to_numpy())
        y, r, t = green[known, x].to_numpy(), rain[known, x].to_numpy(), years[known]
        pixel = found.isel(x=x)
        vpr = fit(y, r)
        assert float(pixel["vpr_p"]) == pytest.approx(vpr.p, rel=1e-7)
        assert float(pixel["vpr_slope"]) == pytest.approx(vpr.beta[1], rel=1e-8)
        if np.isnan(float(pixel["break_year"])):
            trend = fit(vpr.residuals, t)
            assert float(pixel["residual_p"]) == pytest.approx(trend.p, rel=1e-6)
            assert float(pixel["residual_change"]) == pytest.approx(trend.fitted[-1] - trend.fitted[0], rel=1e-6)
            continue
        place = int((t < float(pixel["break_year"])).sum())
        lines = np.column_stack([np.ones(len(t)), t])
        if vpr.p <= 0.05:
            assert float(pixel["break_p"]) == pytest.approx(chow(vpr.residuals, lines, place))
        else:
            assert np.isnan(float(pixel["break_p"]))
        assert float(pixel["vpr_break_p"]) == pytest.approx(chow(y, np.column_stack([np.ones(len(t)), r]), place))
        if int(pixel["method"]) == 3:
            z, side = (r - r.mean()) / r.std(ddof=1), (t > t[place - 1]).astype(float)
            model = fit(y, z, side, z * side)
            assert float(pixel["height_change"]) == pytest.approx(model.beta[2], rel=1e-7)
            assert float(pixel["height_p"]) == pytest.approx(model.p_beta[2], rel=1e-6)
        left = vpr.residuals if int(pixel["method"]) == 2 else model.residuals
        for name, part in (("before_p", slice(place)), ("after_p", slice(place, None))):
            assert float(pixel[name]) == pytest.approx(fit(left[part], t[part]).p, rel=1e-6)
        parts = float(pixel["before"] + pixel["at"] + pixel["after"])
        assert parts == pytest.approx(float(pixel["residual_change"] + pixel["height_change"]), abs=1e-9)


def test_the_break_that_stands_longest() -> None:
    """Two candidates, one true: the other goes. Too short a side goes first."""
    rng = np.random.default_rng(0)
    t = np.arange(40.0)
    y = 0.1 * rng.normal(size=40) + (t >= 25)
    assert strongest(y, t, np.array([10, 25]))[::2] == (25, 1)
    assert strongest(y, t, np.array([2, 25]))[0] == 25
    assert strongest(y, t, np.array([], int))[0] == 0


def test_error_rates_of_the_yearly_tree() -> None:
    """900 pixels: steps of four standard deviations dated within a year, and few alarms without a step."""
    green, rain = fields(900)
    found = tss_restrend_annual(green, rain)
    broken = found["break_year"].notnull()
    third = np.arange(900) % 3
    assert float(broken[third == 1].mean()) > 0.65
    assert float(broken[third == 0].mean()) < 0.15
    dated = np.abs(found["break_year"][third == 1].dropna("x") - 2013)
    assert float((dated <= 1).mean()) > 0.9
    inside = (found["break_low"] <= 2013) & (found["break_high"] >= 2013)
    assert float(inside[(third == 1) & broken.values].mean()) > 0.85
    size = found["total_change"][(third == 1) & broken.values]
    assert float(size.median()) == pytest.approx(-0.08, abs=0.01)


def test_chunks_do_not_matter_and_no_data_is_said() -> None:
    green, rain = fields(30, gaps=0.05)
    green[:, 4] = np.nan
    whole = tss_restrend_annual(green, rain)
    chunked = tss_restrend_annual(green.chunk({"x": 7}), rain.chunk({"x": 7}))
    xr.testing.assert_identical(whole, chunked.compute())
    assert int(whole["method"][4]) == -1
    one = tss_restrend(green, rain)
    xr.testing.assert_identical(whole, one)


def test_noise_after_a_fall_is_no_reversal() -> None:
    """400 pixels that fall at once and stay: 2 % are called reversed, 24 % without the test of the slope since.

    Of 400 that grow back by two thirds 90 % are called reversed (99 %).
    """
    rng = np.random.default_rng(4)
    wet = rng.normal(size=(24, 800))
    green = 0.3 + 0.03 * wet + 0.02 * rng.normal(size=wet.shape)
    green[12:] -= 0.12
    green[12:, 400:] += 0.08 * np.linspace(0, 1, 12)[:, None]
    found = tss_restrend_annual(yearly(green, 2001), yearly(150 + 40 * wet, 2001))
    mean = yearly(green, 2001).mean("year")
    down = xr.full_like(mean, -1).astype(np.int8)
    told = flag_trend(down, found, mean)["flag"].values == 3
    untested = flag_trend(down, found, mean, level=1.0)["flag"].values == 3
    broken = found["break_year"].notnull().values
    stayed, regrown = broken & (np.arange(800) < 400), broken & (np.arange(800) >= 400)
    assert told[stayed].mean() < 0.05
    assert untested[stayed].mean() > 2 * told[stayed].mean()
    assert told[regrown].mean() > 0.5


def test_a_trend_class_that_a_break_denies_is_flagged() -> None:
    years = xr.DataArray(np.full(6, 2010.0), dims="x")
    found = xr.Dataset(
        {
            "break_year": years.where(years["x"] != 0),
            "total_change": ("x", [-0.1, -0.1, -0.1, 0.1, -0.1, -0.1]),
            "at": ("x", [0.0, -0.02, -0.09, 0.0, -0.1, -0.2]),
            "after": ("x", [0.0, -0.04, 0.0, 0.05, 0.0, 0.1]),
            "after_p": ("x", [np.nan, 0.01, 0.9, 0.01, 0.9, 0.01]),
        }
    )
    direction = xr.DataArray(np.array([-1, -1, -1, -1, 0, -1], np.int8), dims="x")
    flags = flag_trend(direction, found, xr.full_like(years, 0.3))
    assert flags["flag"].values.tolist() == [0, 1, 2, 3, 4, 3]
    assert flags["invalidated"].values.tolist() == [False, False, False, True, True, True]
    assert flags["corrected"].values.tolist() == [-1, -1, -1, 1, -1, -1]
    # the same growth since the break, but no better than chance: the class stands
    doubtful = flag_trend(direction, found.assign(after_p=found["after_p"] * 0 + 0.06), xr.full_like(years, 0.3))
    assert doubtful["flag"].values.tolist() == [0, 1, 2, 3, 4, 2]
    assert doubtful["corrected"].values.tolist() == [-1, -1, -1, 1, -1, -1]
    # a change of 6 % of the mean is one, of 4 % none
    small = found.assign(total_change=("x", [0.0, 0.018, -0.012, 0.018, -0.018, -0.012]))
    stable = flag_trend(xr.zeros_like(direction), small, xr.full_like(years, 0.3))
    assert stable["flag"].values.tolist() == [0, 4, 1, 4, 4, 1]
    bare = flag_trend(direction.where(direction["x"] != 1, 4).astype(np.int8), found, xr.full_like(years, 0.3))
    assert (int(bare["flag"][1]), int(bare["corrected"][1])) == (0, 4)
    with pytest.raises(IndicatorError, match="give after"):
        flag_trend(direction, found.drop_vars("after"), years)
