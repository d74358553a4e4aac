"""Attribution of change: the published pixel, parts that were put in and come back, a series against pixels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import xarray as xr
from scipy.stats import combine_pvalues, linregress, spearmanr, theilslopes
from test_tss_restrend import RAIN, VI, rabbit, yearly

from indicators.breaks import PARTS, attribute_change, attribute_months, tss_restrend, tss_restrend_annual
from indicators.breaks.residuals.annual_peaks import annual_peaks
from indicators.breaks.residuals.attribution import land_p, spearman_p
from indicators.breaks.residuals.carbon_dioxide import GLOBAL_MEAN, response, without_fertilisation
from indicators.errors import IndicatorError
from indicators.trends.theil_sen import theil_sen_mann_kendall

YEARS = np.arange(2001, 2025)


def longer(values: np.ndarray) -> xr.DataArray:
    """Rain of 1982 to 2024 (year, x)."""
    return xr.DataArray(values, dims=("year", "x"), coords={"year": np.arange(1982, 2025)})


def test_the_response_to_carbon_dioxide_by_hand() -> None:
    """400 ppm: 280 within, (280 − 40)/(280 + 80) = 2/3; 338.9 ppm: 197.23/317.23; together 7.2 % more."""
    assert float(response(400.0, 338.9)) == pytest.approx((2 / 3) / (197.23 / 317.23))
    vi = xr.DataArray([[0.3], [0.3]], dims=("year", "x"))
    years = np.array([1980, 2024])
    told = without_fertilisation(vi, years, GLOBAL_MEAN, dim="year")
    assert told[0, 0] == pytest.approx(0.3)
    gain = float(response(422.79, 338.91))
    assert told[1, 0] == pytest.approx(0.3 / gain)
    half = without_fertilisation(vi, years, GLOBAL_MEAN, dim="year", c4_fraction=0.5)
    assert half[1, 0] == pytest.approx(0.15 + 0.15 / gain)
    with pytest.raises(IndicatorError, match="no value for 2050"):
        without_fertilisation(vi, np.array([2024, 2050]), GLOBAL_MEAN, dim="year")
    with pytest.raises(IndicatorError, match="is not a share"):
        without_fertilisation(vi, years, GLOBAL_MEAN, dim="year", c4_fraction=2)
    with pytest.raises(IndicatorError, match="compensation point"):
        response(4.1e-4, 338.9)


def test_p_values_are_those_of_scipy() -> None:
    rng = np.random.default_rng(1)
    values = np.round(rng.normal(size=(24, 30)) + np.arange(24)[:, None] / 20, 1)
    values[rng.random(values.shape) < 0.1] = np.nan
    found = spearman_p(values)
    for x in range(values.shape[1]):
        known = np.isfinite(values[:, x])
        assert found[x] == pytest.approx(spearmanr(np.arange(24)[known], values[known, x]).pvalue, rel=1e-9)
    assert spearman_p(np.ones((9, 1)))[0] == 1
    assert spearman_p(np.arange(9.0)[:, None])[0] == 0
    assert np.isnan(spearman_p(np.array([[1.0], [2.0]]))[0])
    p = [np.array([0.01]), np.array([0.2])]
    joint = combine_pvalues([0.02, 0.4], method="fisher").pvalue
    assert land_p(*p, np.array([True]))[0] == pytest.approx(joint)
    assert land_p(*p, np.array([False]))[0] == 0.01


def test_the_demonstration_pixel_has_the_published_change_by_land_use() -> None:
    """0.1974363 without carbon dioxide; rain by the printed slope; with it part of the greening is its own."""
    found = attribute_change(yearly(VI), yearly(RAIN)).isel(x=0)
    assert float(found["land_use"]) == pytest.approx(0.1974363, abs=5e-8)
    assert float(found["land_use_p"]) == pytest.approx(3.68e-08, abs=5e-11)
    assert float(found["co2"]) == 0
    slope = float(theil_sen_mann_kendall(yearly(RAIN))["slope"][0])
    assert float(found["climate"]) == pytest.approx(0.0011790158 * slope * 31, abs=1e-7)
    assert found["climate_change"].isnull()
    rest = found["observed"] - found["land_use"] - found["climate"]
    assert float(found["other"]) == pytest.approx(float(rest))
    fed = attribute_change(yearly(VI), yearly(RAIN), co2=GLOBAL_MEAN).isel(x=0)
    assert 0.02 < float(fed["co2"]) < 0.05
    assert float(fed["land_use"]) == pytest.approx(0.1974 - float(fed["co2"]), abs=0.01)
    assert bool(fed["other_valid"])


def test_rabbits_by_month_have_the_published_change_by_land_use() -> None:
    found = attribute_months(*rabbit())
    assert float(found["land_use"]) == pytest.approx(0.09300777, abs=5e-9)
    told = tss_restrend(*rabbit())
    assert float(found["land_use_p"]) == pytest.approx(
        combine_pvalues([2 * told.residual_p, min(1, 2 * told.vpr_break_p)]).pvalue
    )
    parts = sum(float(found[name]) for name in ("land_use", "climate", "other"))
    assert float(found["observed"]) == pytest.approx(parts)


def test_climate_of_a_broken_relation_is_that_of_its_sides_without_the_step() -> None:
    """Rabbits again, by statsmodels: each side with its own window of rain; the step stands under land use alone."""
    vi, rain = rabbit()
    told = tss_restrend(vi, rain)
    assert told.method == "segmented_vpr"
    assert told.sides is not None
    peaks = annual_peaks(vi)
    ends = pd.PeriodIndex(vi.index)[peaks["place"].to_numpy()]
    side = (peaks["year"] >= told.break_year).to_numpy(float)
    z = []
    for offset, length in told.sides:
        sums = np.array([rain.loc[end - offset - length + 1 : end - offset].sum() for end in ends])
        z.append((sums - sums.mean()) / sums.std(ddof=1))
    own = np.where(side > 0, z[1], z[0])
    model = sm.OLS(peaks["value"].to_numpy(), np.column_stack([np.ones(32), own, side, own * side])).fit()
    assert told.height_change == pytest.approx(model.params[2])
    for p, part in ((told.before_p, side == 0), (told.after_p, side == 1)):
        assert p == pytest.approx(linregress(np.arange(32)[part], model.resid[part]).pvalue)
    climate = model.fittedvalues - model.params[2] * side
    found = attribute_months(vi, rain)
    assert float(found["climate"]) == pytest.approx(theilslopes(climate, np.arange(32)).slope * 31)
    assert float(found["climate_p"]) == pytest.approx(spearmanr(np.arange(32), climate).pvalue, rel=1e-6)


def planted(pixels: int, dries: float = 0.0, seed: int = 0) -> tuple[xr.DataArray, xr.DataArray, np.ndarray]:
    """Quarters of the pixels: rain alone; carbon dioxide; a slow loss; a loss at once. Rain loses `dries` mm a year."""
    rng = np.random.default_rng(seed)
    drying = np.where(np.arange(1982, 2025) < 2000, 0.0, -(np.arange(1982, 2025) - 2000) * dries)
    rain = 200 + drying[:, None] + 25 * rng.normal(size=(43, pixels))
    kind = np.arange(pixels) % 4
    green = 0.15 + 0.001 * rain[-24:] + 0.008 * rng.normal(size=(24, pixels))
    fed = response(GLOBAL_MEAN.loc[YEARS].to_numpy(), float(GLOBAL_MEAN.loc[1980]))[:, None]
    green = np.where(kind == 1, green * fed, green)
    green -= np.where(kind == 2, 0.003, 0.0) * np.arange(24)[:, None]
    green[12:] -= np.where(kind == 3, 0.08, 0.0)
    return yearly(green, 2001), longer(rain), kind


def medians(found: xr.Dataset, kind: np.ndarray) -> pd.DataFrame:
    """Median of each part (rows) by what was planted (columns)."""
    return pd.DataFrame({k: {name: float(found[name][kind == k].median()) for name in PARTS} for k in range(4)})


def test_what_was_put_in_comes_back() -> None:
    """100 pixels each, rain without a trend: slow loss −0.069, found −0.066; loss at once −0.080, found −0.081.

    The Theil–Sen change of a loss at once is −0.115: what is too much of it stands under `other`.
    """
    green, rain, kind = planted(400)
    found = medians(attribute_change(green, rain), kind)
    assert found.loc["land_use", 0] == pytest.approx(0, abs=0.002)
    assert found.loc["land_use", 2] == pytest.approx(-0.069, abs=0.008)
    assert found.loc["land_use", 3] == pytest.approx(-0.080, abs=0.012)
    assert (found.loc[["climate", "climate_change", "climate_variability"]].abs() < 0.02).all(axis=None)
    fed = medians(attribute_change(green, rain, co2=GLOBAL_MEAN), kind)
    expected = 0.35 * np.ptp(response(GLOBAL_MEAN.loc[YEARS].to_numpy(), 338.9))
    assert fed.loc["co2", 1] == pytest.approx(expected, rel=0.15)
    assert fed.loc["land_use", 1] == pytest.approx(0, abs=0.006)
    # carbon dioxide that did not act is taken for a loss of land as large
    assert fed.loc["land_use", 0] == pytest.approx(-fed.loc["co2", 0], abs=0.008)


def test_drying_takes_a_part_of_a_slow_loss() -> None:
    """Rain that loses 46 mm: where nothing else happened the climate explains all; of a slow loss land use
    keeps 71 %, for RESTREND cannot tell two trends apart that run side by side (Wessels et al. 2012); a loss at once is
    told.
    """
    green, rain, kind = planted(400, dries=2.0)
    found = medians(attribute_change(green, rain), kind)
    assert found.loc["land_use", 0] == pytest.approx(0, abs=0.002)
    assert found.loc["climate", 0] == pytest.approx(-0.046, abs=0.008)
    change = float(rain.rolling(year=20).mean().sel(year=[2001, 2024]).mean("x").diff("year")[0])
    assert found.loc["climate_change", 0] == pytest.approx(0.001 * change, abs=0.008)
    assert -0.06 < found.loc["land_use", 2] < -0.04
    assert found.loc["land_use", 3] == pytest.approx(-0.080, abs=0.012)
    assert found.loc["observed", 2] == pytest.approx(found.loc[["land_use", "climate"], 2].sum(), abs=0.01)


@pytest.mark.parametrize("gaps", [0.0, 0.06])
def test_pixels_are_what_each_series_alone_gives(gaps: float) -> None:
    green, rain, _ = planted(24, 2.0, seed=3)
    green = green.where(np.random.default_rng(0).random(green.shape) >= gaps)
    green[:, 5] = np.nan
    whole = attribute_change(green, rain, co2=GLOBAL_MEAN)
    xr.testing.assert_allclose(
        whole, attribute_change(green.chunk({"x": 7}), rain.chunk({"x": 7}), co2=GLOBAL_MEAN).compute(), rtol=1e-10
    )
    for x in (0, 1, 2, 3, 5, 11):
        alone = attribute_change(green[:, x], rain[:, x], co2=GLOBAL_MEAN)
        xr.testing.assert_allclose(whole.isel(x=x), alone, rtol=1e-9)
    assert int(whole["method"][5]) == -1
    assert whole["observed"][5].isnull()


@pytest.mark.parametrize("chunks", [None, {"x": 7}])
def test_what_is_left_out_or_known_before_changes_no_part(chunks: dict[str, int] | None) -> None:
    green, rain, _ = planted(24, 2.0, seed=4)
    green = green.where(np.random.default_rng(1).random(green.shape) >= 0.06)
    green[:, 5] = np.nan
    whole = attribute_change(green, rain)
    assert {f"{part}_p" for part in PARTS[:-1]} <= set(whole)
    cut, wet = (each if chunks is None else each.chunk(chunks) for each in (green, rain))
    tree = tss_restrend_annual(cut, wet.sel(year=YEARS))
    found = attribute_change(cut, wet, significance=False, tree=tree).compute()
    assert int((found["method"] > 1).sum()) > 0  # breaks, whose rows must be found again
    xr.testing.assert_identical(found, whole[list(found)])
    assert set(found) == {*PARTS, "method", "other_valid"}
    with pytest.raises(IndicatorError, match="leave out `tree` or `co2`"):
        attribute_change(green, rain, co2=GLOBAL_MEAN, tree=tree)


def test_months_and_years_agree_where_the_window_is_the_year() -> None:
    """Greenness of one month a year that follows the rain of its twelve months."""
    rng = np.random.default_rng(6)
    rainy = pd.period_range("1980-01", "2024-12", freq="M")
    rain = pd.Series(rng.gamma(4, 5, len(rainy)) * (1 + (rainy.month > 5)), rainy)
    year = rain.rolling(12).sum()
    months = pd.period_range("2001-01", "2024-12", freq="M")
    wave = np.where(months.month == 12, 1.0, 0.4)
    green = pd.Series(wave * (0.1 + 0.001 * year.reindex(months)) - 0.002 * (months.year - 2001), months)
    green += 0.002 * rng.normal(size=len(green))
    by_month = attribute_months(green, rain)
    ends = pd.PeriodIndex([pd.Period(year=y, month=12, freq="M") for y in range(1982, 2025)])
    annual = xr.DataArray(year.reindex(ends).to_numpy(), dims="year", coords={"year": ends.year})
    peaks = green[green.index.month == 12]
    vi = xr.DataArray(peaks.to_numpy(), dims="year", coords={"year": YEARS})
    by_year = attribute_change(vi, annual)
    for name in ("observed", "climate", "climate_change", "climate_variability"):
        assert float(by_month[name]) == pytest.approx(float(by_year[name]), rel=1e-6), name
    assert float(by_month["land_use"]) == pytest.approx(-0.046, abs=0.005)


def test_rain_that_does_not_reach_is_refused() -> None:
    green, rain, _ = planted(4)
    with pytest.raises(IndicatorError, match="not all years of the"):
        attribute_change(green, rain.sel(year=slice(1982, 2023)))
    short = attribute_change(green, rain.sel(year=slice(1990, 2024)))
    assert short["climate_change"].isnull().all()
    assert short["climate"].notnull().all()
