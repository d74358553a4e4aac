"""Drought indices against the R package SPEI, climate-indices, xclim and scipy.stats; PRAIS classes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from checkout import SHARED
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma, genlogistic, norm

from indicators.area.areas import class_table
from indicators.codes import NODATA
from indicators.errors import IndicatorError
from indicators.weather.drought import CLASSES, classes, december, lowest, spei, spi, ssmi
from indicators.weather.drought_words import named
from indicators.weather.standardise import LIMIT, normal_quantile

SPEI_R = SHARED / "spei-r"


def monthly(values: np.ndarray, start: str = "1981-01-01") -> xr.DataArray:
    dates = pd.date_range(start, periods=len(values), freq="MS")
    dims = ("time", "y", "x")[: values.ndim]
    return xr.DataArray(values, dims=dims, coords={"time": dates}, attrs={"units": "mm"})


def rain(pixels: int = 20, years: int = 40, dry: float = 0.1) -> xr.DataArray:
    """A monsoon: sums of a gamma by month, some months dry."""
    rng = np.random.default_rng(30)
    wet = 1.2 - np.cos(2 * np.pi * np.arange(12 * years) / 12)[:, None]
    values = rng.gamma(2, 10, (12 * years, pixels)) * wet * (rng.random((12 * years, pixels)) > dry)
    return monthly(values.reshape(12 * years, pixels, 1))


@settings(max_examples=100, deadline=None)
@given(st.floats(1.5, 300), st.floats(-6, 8), st.integers(0, 20))
def test_spi_is_the_quantile_of_the_fitted_gamma_in_both_tails(shape: float, place: float, dry: int) -> None:
    """The last January is far from the sample of the reference years; the gamma is that of scipy.stats."""
    rng = np.random.default_rng(7)
    sample = rng.gamma(shape, 10 / shape, 40)
    sample[:dry] = 0
    last = max(10 + place * 10 / np.sqrt(shape), 0.01)
    values = np.ones(41 * 12)
    values[::12] = [*sample, last]
    z = float(spi(monthly(values), 1, (1981, 2020))[-12])
    wet = sample[dry:]
    spread = np.log(wet.mean()) - np.log(wet).mean()
    fitted_shape = (1 + np.sqrt(1 + 4 * spread / 3)) / (4 * spread)
    fitted = gamma(fitted_shape, scale=wet.mean() / fitted_shape)
    share = dry / 40
    below, above = share + (1 - share) * fitted.cdf(last), (1 - share) * fitted.sf(last)
    expected = norm.ppf(below) if below < above else norm.isf(above)
    assert z == pytest.approx(np.clip(expected, -LIMIT, LIMIT), rel=1e-9, abs=1e-11)


@settings(max_examples=300, deadline=None)
@given(st.floats(-15, -1e-3))
def test_normal_quantile_is_that_of_scipy_in_both_tails(exponent: float) -> None:
    p = 10.0**exponent
    assert normal_quantile(p, 1 - p) == pytest.approx(norm.ppf(p), rel=1e-13, abs=1e-14)
    assert normal_quantile(1 - p, p) == pytest.approx(norm.isf(p), rel=1e-13, abs=1e-14)


def test_certainty_has_a_finite_z() -> None:
    assert (normal_quantile(0.0, 1.0), normal_quantile(1.0, 0.0)) == (-LIMIT, LIMIT)


@pytest.mark.skipif(not SPEI_R.exists(), reason=f"no expected values of the R package at {SPEI_R}")
@pytest.mark.parametrize("scale", [1, 12])
def test_spei_is_that_of_the_r_package(scale: int) -> None:
    """Eleven cities, 1900 to 2007, the whole record as reference, as in the package's own test."""
    balance = pd.read_csv(SPEI_R / "balance.csv")
    expected = pd.read_csv(SPEI_R / f"spei_{scale}_matrix.csv").to_numpy(float)
    found = spei(monthly(balance.to_numpy(), "1900-01-01"), scale=scale, reference=None).values
    finite = np.isfinite(expected)
    np.testing.assert_allclose(found[finite], expected[finite], atol=2e-12)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    assert (found[np.isneginf(expected)] == -LIMIT).all()


def test_spei_of_known_parameters() -> None:
    """A large sample of a logistic distribution (k = 0): z is the normal quantile of its probability."""
    sample = genlogistic(1).rvs(12 * 4000, random_state=5)
    z = spei(monthly(sample, "1000-01-01"), scale=1, reference=None)
    expected = norm.ppf(genlogistic(1).cdf(sample))
    middle = np.abs(expected) < 2
    np.testing.assert_allclose(z.values[middle], expected[middle], atol=0.12)


@pytest.mark.filterwarnings("ignore::climate_indices.exceptions.GoodnessOfFitWarning")
@pytest.mark.parametrize("scale", [1, 3, 12])
def test_spi_is_that_of_climate_indices(scale: int) -> None:
    from climate_indices import compute, indices

    precip = rain()
    found = spi(precip, scale).values[:, :, 0]
    for pixel in range(precip.sizes["y"]):
        peer = indices.spi(
            precip.values[:, pixel, 0], scale, indices.Distribution.gamma, 1981, 1981, 2010, compute.Periodicity.monthly
        )
        inside = np.abs(peer) < 3.08  # the peer stops at 3.09
        np.testing.assert_allclose(found[inside, pixel], peer[inside], atol=1e-11)
        np.testing.assert_array_equal(np.isnan(found[:, pixel]), np.isnan(peer))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("scale", [1, 12])
def test_spi_is_that_of_xclim(scale: int) -> None:
    from xclim.indices import standardized_precipitation_index

    precip = rain()
    peer = standardized_precipitation_index(
        precip.assign_attrs(units="mm/day"), freq="MS", window=scale, dist="gamma", method="APP",
        fitkwargs={"floc": 0}, cal_start="1981-01-01", cal_end="2010-12-31",
    ).transpose("time", "y", "x")  # fmt: skip
    np.testing.assert_allclose(spi(precip, scale).values, peer.values, atol=1e-8)


def test_dry_months_by_both_rules() -> None:
    """Six of forty Januaries without rain: the probability of zero is 6/40, its centre of mass 7/82."""
    values = np.random.default_rng(3).gamma(2, 10, (480, 1, 1))
    values[np.arange(6) * 12] = 0
    for rule, probability in (("probability", 6 / 40), ("centre", 7 / 82)):
        z = spi(monthly(values), 1, None, zeros=rule)  # type: ignore[arg-type]
        assert float(z[0, 0, 0]) == pytest.approx(norm.ppf(probability))


def test_the_index_of_the_reference_is_standard_normal() -> None:
    for z in (spi(rain(dry=0.0), 12, None), spei(rain() - 40, scale=12, reference=None), ssmi(rain(), 3, None)):
        assert float(z.mean()) == pytest.approx(0, abs=0.03)
        assert float(z.std()) == pytest.approx(1, abs=0.05)


def test_units_and_offsets_do_not_matter() -> None:
    precip = rain()
    np.testing.assert_allclose(spi(precip * 25.4), spi(precip), atol=1e-9)
    np.testing.assert_allclose(spei(precip * 25.4 - 7), spei(precip), atol=1e-9)
    np.testing.assert_allclose(spei(precip, precip * 0.3), spei(precip * 0.7), atol=1e-9)


def test_masking_a_pixel_or_month_touches_only_what_it_must() -> None:
    precip = rain()
    holed = precip.copy()
    holed[:, 3] = np.nan
    holed[100, 5] = np.nan
    whole, found = spi(precip, 3), spi(holed, 3)
    others = [pixel for pixel in range(20) if pixel not in (3, 5)]
    xr.testing.assert_identical(found.isel(y=others), whole.isel(y=others))
    assert found.isel(y=3).isnull().all()
    assert np.isnan(found.values[:, 5, 0]).nonzero()[0].tolist() == [0, 1, 100, 101, 102]


def test_dask_pandas_and_turned_dimensions_give_the_same() -> None:
    precip = rain()
    whole = spi(precip, 6)
    xr.testing.assert_identical(spi(precip.chunk({"time": 100, "y": 7}), 6).compute(), whole)
    xr.testing.assert_identical(spi(precip.transpose("y", "x", "time"), 6).transpose(*whole.dims), whole)
    series = precip[:, 0, 0].to_series()
    np.testing.assert_array_equal(spi(series, 6).values, whole.values[:, 0, 0])
    series.index = series.index.to_period("M")
    np.testing.assert_array_equal(spi(series, 6).values, whole.values[:, 0, 0])
    assert whole.attrs["comment"] == "SPI-6, gamma distribution, reference 1981-2010"


def test_too_few_values_give_none() -> None:
    always_dry = rain()
    always_dry[::12] = 0
    z = spi(always_dry, 1)
    assert z[::12].isnull().all()
    assert z[1::12].notnull().all()
    assert spei(monthly(np.ones(480)), scale=1).isnull().all()


@pytest.mark.parametrize("calendar", ["noleap", "360_day", "proleptic_gregorian"])
def test_calendars_of_climate_models_give_the_same_index(calendar: str) -> None:
    plain = rain()
    first = f"{int(plain.time.dt.year[0])}-{int(plain.time.dt.month[0]):02d}-01"
    dates = xr.date_range(first, periods=plain.sizes["time"], freq="MS", calendar=calendar, use_cftime=True)
    model = plain.assign_coords(time=dates)
    expected, found = spi(plain, 3), spi(model, 3)
    assert np.array_equal(found.values, expected.values, equal_nan=True)
    assert isinstance(found.indexes["time"], xr.CFTimeIndex)
    assert np.array_equal(december(found), december(expected), equal_nan=True)
    with pytest.raises(IndicatorError, match="out of order after"):
        spi(model.isel(time=[*range(5), *range(7, 400)]))
    with pytest.raises(IndicatorError, match="need dates along `time`; its values are of type int64"):
        spi(plain.assign_coords(time=np.arange(plain.sizes["time"])))


def test_bad_input_says_how_to_mend_it() -> None:
    with pytest.raises(IndicatorError, match="negative"):
        spi(rain() - 50)
    with pytest.raises(IndicatorError, match="out of order after 1981-05"):
        spi(rain().isel(time=[*range(5), *range(7, 400)]))
    with pytest.raises(IndicatorError, match="need dates"):
        spi(rain().rename(time="day"))
    with pytest.raises(IndicatorError, match="fewer than 10 years of the reference 1951-1980"):
        spi(rain(), reference=(1951, 1980))
    with pytest.raises(IndicatorError, match="scale 0"):
        spi(rain(), 0)


def test_classes_at_their_bounds() -> None:
    """PRAIS 4, table 19: moderate is -1.0 to -1.49, and so on; exactly 0 is no drought; no z is no class."""
    z = [0.5, 0.0, -1e-9, -0.9999999, -1.0, -1.4999999, -1.5, -1.9999999, -2.0, -9.0, np.nan]
    found = classes(z).values
    assert found.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, NODATA]
    for each in (-1.0, -1.49, -1.5, -1.99, -2.0, -9.0):
        assert named(each) == CLASSES[int(classes([each])[0])]
    assert (named(-0.99), named(np.nan)) == ("no drought", None)
    # as shown with two decimals: -1.00 and -1.50, never "no drought (SPI -1.00)"
    assert (named(-0.996), named(-1.496)) == ("moderate drought", "severe drought")


def test_the_fourth_year_counts_and_no_data_never_wins() -> None:
    annual = xr.DataArray(
        [[-0.5, np.nan], [0.2, np.nan], [np.nan, np.nan], [-2.5, np.nan], [-9.0, 1.0]],
        dims=("year", "x"), coords={"year": range(2000, 2005)},
    )  # fmt: skip
    found = lowest(annual, [(2000, 2003)])
    assert float(found["z"][0, 0]) == -2.5
    assert found["year"].values.tolist() == [[2003, 0]]
    xr.testing.assert_identical(lowest(annual.chunk({"year": 2}), [(2000, 2003)]).compute(), found)
    with pytest.raises(IndicatorError, match="no year of 1990-1993"):
        lowest(annual, [(1990, 1993)])


def test_december_of_the_twelve_month_scale_makes_a_table_that_closes() -> None:
    z = december(spi(rain(), 12))
    assert z["year"].values.tolist() == list(range(1981, 2021))
    coded = classes(z.sel(year=2005, drop=True))
    area = xr.DataArray(np.linspace(1, 2, 20), dims="y")
    table = class_table(coded, area, meanings=CLASSES, unjudged={NODATA})
    assert table["class"].tolist() == [*CLASSES.values(), "no data"]
    assert table["area_km2"].sum() == pytest.approx(float(area.sum()))
    assert table["share"].sum() == pytest.approx(1)
