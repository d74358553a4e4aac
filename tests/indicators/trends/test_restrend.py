"""RESTREND against statsmodels, the values of TSS.RESTREND, and responses put in on purpose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import xarray as xr

from indicators.errors import IndicatorError
from indicators.trends.rain_accumulation import best_accumulation, chosen_sums, on_climate_cells
from indicators.trends.regression import least_squares
from indicators.trends.restrend import residuals, total_change

YEARS = np.arange(2001, 2025)
#: The 32 annual values (largest NDVI, accumulated rain) of the demonstration pixel of TSS.RESTREND 0.3.2, from 1982.
PIXEL = np.array([
    0.389, 91.471846, 0.553, 193.704012, 0.414, 197.32004, 0.364, 129.176502, 0.502, 221.715906, 0.438, 123.391627,
    0.297, 55.604181, 0.494, 162.689096, 0.446, 189.989704, 0.505, 159.755777, 0.451, 185.801546, 0.425, 126.426723,
    0.368, 94.537812, 0.544, 173.68782, 0.454, 135.434905, 0.444, 120.183843, 0.531, 171.301613, 0.342, 32.676435,
    0.441, 103.606897, 0.554, 175.269218, 0.417, 110.86742, 0.553, 180.78179, 0.657, 212.395082, 0.482, 129.634707,
    0.48, 119.319628, 0.675, 149.595275, 0.484, 94.984348, 0.535, 160.308387, 0.61, 167.459297, 0.52, 109.685205,
    0.603, 120.623127, 0.628, 138.761089,
]).reshape(32, 2)  # fmt: skip


def annual(values: np.ndarray, years: np.ndarray = YEARS) -> xr.DataArray:
    return xr.DataArray(values, dims=("year", "y", "x")[: values.ndim], coords={"year": years})


def climate(cells: int = 1, years: int = 26) -> xr.DataArray:
    """Monthly rain from 1999 on, in a row of cells."""
    rain = np.random.default_rng(5).gamma(2, 10, (12 * years, 1, cells))
    dates = pd.date_range("1999-01-01", periods=12 * years, freq="MS")
    coords = {"time": dates, "y": [45.0], "x": 100 + np.arange(cells) * 1.0}
    return xr.DataArray(rain, coords, ("time", "y", "x"), attrs={"units": "mm"})


def summed(rain: xr.DataArray, length: int, offset: int, month: int = 8) -> xr.DataArray:
    """Sums of `length` months that end `offset` before `month`, by pandas."""
    total = rain.to_series().unstack(["y", "x"]).rolling(length).sum().shift(offset)
    found = total[total.index.month == month].loc["2001":"2024"]
    return xr.DataArray(found.to_numpy()[:, None, :], {"year": YEARS, "y": rain.y, "x": rain.x}, ("year", "y", "x"))


@pytest.mark.parametrize(("length", "offset"), [(1, 0), (4, 1), (12, 3), (7, 2)])
def test_the_sum_that_vegetation_responds_to_is_found(length: int, offset: int) -> None:
    rain = climate(3)
    truth = summed(rain, length, offset)
    vi = 0.1 + 0.002 * truth + 0.001 * np.random.default_rng(1).normal(size=truth.shape)
    found = best_accumulation(vi, rain)
    assert (found["accumulation"] == length).all()
    assert (found["offset"] == offset).all()
    np.testing.assert_allclose(found["rain"], truth)
    for x in range(3):
        fit = sm.OLS(vi[:, 0, x].values, sm.add_constant(truth[:, 0, x].values)).fit()
        assert float(found["r2"][0, x]) == pytest.approx(fit.rsquared)
        assert float(found["slope"][0, x]) == pytest.approx(fit.params[1])


def test_a_positive_response_is_wanted() -> None:
    """Vegetation falls with this year's rain and rises a little with last autumn's: the rise is chosen."""
    rain = climate()
    noise = 0.02 * np.random.default_rng(2).normal(size=(24, 1, 1))
    vi = 0.5 - 0.01 * summed(rain, 1, 0) + 0.004 * summed(rain, 3, 3) + noise
    found = best_accumulation(vi, rain)
    assert found["slope"].item() > 0
    assert (found["accumulation"].item(), found["offset"].item()) != (1, 0)


def test_it_is_chosen_by_climate_cell_and_not_by_pixel() -> None:
    rain = climate(2)
    truth = summed(rain, 5, 1)
    fine = truth.reindex(y=[45.2, 45.0, 44.8], x=np.arange(99.6, 101.5, 0.1), method="nearest", tolerance=0.7)
    vi = 0.2 + 0.002 * fine + 0.05 * np.random.default_rng(3).normal(size=fine.shape)
    np.testing.assert_allclose(on_climate_cells(fine, rain), truth)
    found = best_accumulation(vi, rain)
    assert found["accumulation"].shape == (1, 2)
    assert (found["accumulation"] == 5).all()
    assert (found["offset"] == 1).all()


def test_lazy_single_series_and_short_records() -> None:
    rain = climate(3)
    vi = 0.1 + 0.002 * summed(rain, 4, 1)
    found = best_accumulation(vi, rain)
    lazy = best_accumulation(vi.chunk(x=1, year=10), rain.chunk(x=1, time=50))
    assert lazy["r2"].chunks is not None
    xr.testing.assert_identical(lazy.compute(), found)
    one = best_accumulation(vi[:, 0, 0].to_series(), rain[:, 0, 0].to_series())
    assert int(one["accumulation"]) == 4
    assert best_accumulation(vi[:7], rain)["r2"].isnull().all()
    late = best_accumulation(vi, rain.sel(time=slice("2002-01", None)))  # rain begins after the vegetation
    assert (late["accumulation"] == 4).all()
    assert late["rain"].sel(year=2001).isnull().all()


def test_bad_input_says_how_to_mend_it() -> None:
    with pytest.raises(IndicatorError, match="month 13"):
        best_accumulation(annual(np.ones((24, 1, 1))), climate(), month=13)
    with pytest.raises(IndicatorError, match="missing or out of order"):
        best_accumulation(annual(np.ones((24, 1, 1))), climate().isel(time=slice(None, None, 2)))


@pytest.mark.parametrize("response", [0.0, 0.05])
def test_temperature_stays_only_where_it_counts(response: float) -> None:
    rng = np.random.default_rng(8)
    rain, warmth = annual(rng.gamma(2, 50, (24, 5, 40))), annual(rng.normal(15, 1, (24, 5, 40)))
    vi = 0.2 + 0.002 * rain + response * warmth + 0.02 * annual(rng.normal(size=(24, 5, 40)))
    vi[3, 0, 0], warmth[7, 1, 1] = np.nan, np.nan
    found = residuals(vi, rain, warmth)
    used = found["temperature_slope"] != 0
    assert float(used.mean()) == 1.0 if response else 0.01 <= float(used.mean()) <= 0.1
    for y, x in [(0, 0), (1, 1), (2, 3), (4, 39)]:
        columns = [rain[:, y, x].values, warmth[:, y, x].values]
        fit = sm.OLS(vi[:, y, x].values, sm.add_constant(np.column_stack(columns)), missing="drop").fit()
        assert bool(used[y, x]) == (fit.pvalues[2] < 0.05)
        if not used[y, x]:
            fit = sm.OLS(vi[:, y, x].values, sm.add_constant(columns[0]), missing="drop").fit()
        assert float(found["r2"][y, x]) == pytest.approx(fit.rsquared)
        assert float(found["p"][y, x]) == pytest.approx(fit.f_pvalue)
        left = found["residual"][:, y, x].dropna("year").values
        np.testing.assert_allclose(left - left.mean(), fit.resid, atol=1e-12)
        assert left.mean() == pytest.approx(fit.model.endog.mean())


def test_residuals_are_lazy_and_free_of_rain() -> None:
    rng = np.random.default_rng(9)
    rain = annual(rng.gamma(2, 50, (24, 4, 6)))
    vi = (0.2 + 0.002 * rain + 0.01 * annual(rng.normal(size=(24, 4, 6)))).assign_attrs(units="1", sensor="MODIS")
    found = residuals(vi, rain)
    assert float(np.abs(xr.corr(found["residual"], rain, "year")).max()) < 1e-10
    assert found["residual"].attrs["sensor"] == "MODIS"
    lazy = residuals(vi.chunk(y=2), rain.chunk(y=2))
    assert lazy["residual"].chunks is not None
    xr.testing.assert_allclose(lazy.compute(), found)
    one = residuals(vi, rain[:, 0, 0].drop_vars(["y", "x"], errors="ignore"))  # one rain series for all pixels
    xr.testing.assert_allclose(one["residual"][:, 0, 0], found["residual"][:, 0, 0])


def test_restrend_of_the_demonstration_pixel() -> None:
    """The package prints slope 0.001179016, R² 0.325378, p 0.0006527; trend 0.006368912, R² 0.641516; 0.1974363."""
    vi, rain = (annual(column, np.arange(1982, 2014)) for column in PIXEL.T)
    left = residuals(vi, rain)
    assert float(left["slope"]) == pytest.approx(0.0011790158, abs=5e-11)
    assert float(left["r2"]) == pytest.approx(0.3253778, abs=5e-8)
    assert float(left["p"]) == pytest.approx(0.0006527, abs=5e-8)
    trend = total_change(left["residual"])
    assert float(trend["slope"]) == pytest.approx(0.0063689118, abs=5e-11)
    assert float(trend["r2"]) == pytest.approx(0.6415157, abs=5e-8)
    assert float(trend["p"]) == pytest.approx(3.68e-8, abs=5e-11)
    assert float(trend["total"]) == pytest.approx(0.1974362647, abs=5e-10)
    rng = np.random.default_rng(0)
    assert float(total_change(annual(rng.normal(size=24)))["total"]) == 0  # p above 0.10


def test_least_squares_equals_statsmodels() -> None:
    rng = np.random.default_rng(4)
    y = annual(rng.normal(size=(24, 3, 4)))
    y[5, 1] = np.nan
    y[:, 2, 3] = np.nan
    found = least_squares(y, y["year"])
    for pixel in [(0, 0), (1, 2)]:
        fit = sm.OLS(y[:, *pixel].values, sm.add_constant(YEARS.astype(float)), missing="drop").fit()
        assert float(found["slope"][pixel]) == pytest.approx(fit.params[1])
        assert float(found["intercept"][pixel]) == pytest.approx(fit.params[0])
        assert float(found["r2"][pixel]) == pytest.approx(fit.rsquared)
        assert float(found["p"][pixel]) == pytest.approx(fit.pvalues[1])
        assert int(found["n"][pixel]) == fit.nobs
    assert np.isnan(found["slope"][2, 3])
    assert np.isnan(least_squares(y, xr.ones_like(y))["slope"]).all()
    xr.testing.assert_identical(least_squares(y.chunk(y=1), y["year"]).compute(), found)


def test_sums_chosen_in_some_years_are_those_of_others_too() -> None:
    """The sums of the years of the choice come out again, cell by cell; before the rain begins there are none."""
    rng = np.random.default_rng(9)
    time = pd.date_range("1990-01-01", "2012-12-01", freq="MS")
    rain = xr.DataArray(rng.gamma(3, 10, (len(time), 2, 3)), {"time": time}, ("time", "y", "x"))
    rain = rain.assign_coords(y=[1.0, 2.0], x=[1.0, 2.0, 3.0])
    vi = xr.DataArray(
        rng.normal(size=(12, 2, 3)), {"year": np.arange(2001, 2013), "y": rain.y, "x": rain.x}, ("year", "y", "x")
    )
    vi[:, 1, 2] = np.nan
    chosen = best_accumulation(vi, rain, month=9)
    again = chosen_sums(chosen, rain, range(1990, 2013), month=9)
    xr.testing.assert_allclose(again.sel(year=vi.year), chosen["rain"].transpose("year", "y", "x"))
    assert again[:, 1, 2].isnull().all()
    length, back = (int(chosen[name][0, 0]) for name in ("accumulation", "offset"))
    end = pd.Timestamp(1995, 9 - back, 1)
    by_hand = rain[:, 0, 0].sel(time=slice(end - pd.DateOffset(months=length - 1), end)).sum()
    assert float(again.sel(year=1995)[0, 0]) == pytest.approx(float(by_hand))
    early = chosen_sums(chosen, rain.sel(time=slice("1991-05", None)), [1990, 1995], month=9)
    assert early.sel(year=1990).isnull().all()
    assert float(early.sel(year=1995)[0, 0]) == pytest.approx(float(by_hand))
