"""The wind erosion equation: values worked out by hand, and what must hold whatever the numbers."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.weather import wind_erosion
from indicators.weather.wind_erosion import (
    AT_TWO_METRES,
    GREATEST,
    air_density,
    cover_of,
    crust_factor,
    erodible_fraction,
    evapotranspiration,
    soil_loss,
    soil_wetness,
    vegetation_factor,
    weather_factor,
    wind_force,
)

#: Winds up to 12 m/s in all of a month keep below the greatest loss (`GREATEST`).
PERCENT = st.floats(0, 100)
SHARE = st.floats(0, 1)


def month(
    wind: float = 9.0, rain: float = 5.0, rainy: float = 0.1, snow: float = 0.1, cover: float = 10.0, days: int = 30
) -> float:
    """The loss in a month on loam (40 % sand, 20 % clay, 1 % organic matter), kg m-2."""
    wetness = soil_wetness(80.0, rain, rainy)
    weather = weather_factor(wind_force(wind), days, 1.1, wetness, snow)
    soil = erodible_fraction(40, 40, 20, 1, 0) * crust_factor(20, 1)
    return float(soil_loss(weather * soil * vegetation_factor(cover)))


def test_the_loss_of_one_and_ten() -> None:
    """F = 1: s = 150.71 m, Qmax = 109.8 kg/m. F = 10: s = 64.13 m, Qmax = 1,098 kg/m."""
    assert soil_loss(1.0) == pytest.approx(2 * 50 / 150.71**2 * 109.8 * exp(-((50 / 150.71) ** 2)), rel=1e-12)
    assert soil_loss(10.0) == pytest.approx(2 * 50 / 64.13**2 * 1098 * exp(-((50 / 64.13) ** 2)), rel=1e-3)
    assert soil_loss(10.0, distance=100) == pytest.approx(
        2 * 100 / 64.13**2 * 1098 * exp(-((100 / 64.13) ** 2)), rel=1e-3
    )


def test_the_factors_by_hand() -> None:
    # 10 m/s at 10 m are 7.48 at 2 m: 7.48 * 2.48**2
    assert wind_force(10.0) == pytest.approx(46.0050, abs=1e-3)
    assert pytest.approx(4.87 / log(67.8 * 10 - 5.42), abs=5e-4) == AT_TWO_METRES
    # 29.09 + 18.6 + 4.25 + 1.32 - 5.18 - 0.95 = 47.13 %
    assert erodible_fraction(60, 25, 15, 2, 1) == pytest.approx(0.4713)
    # 1 + 0.0066 * 225 + 0.021 * 4 = 2.569
    assert crust_factor(15, 2) == pytest.approx(1 / 2.569)
    assert vegetation_factor(50) == pytest.approx(exp(-2.19))
    assert cover_of([-0.1, 0.05, 0.455, 0.86, 0.9]).tolist() == pytest.approx([0, 0, 50, 100, 100])
    # dry air of 101,325 Pa at 15 degrees Celsius
    assert air_density(101_325, 288.15) == pytest.approx(1.225, abs=1e-3)
    # 20 degrees Celsius and 500 cal cm-2 a day: 0.0162 * 500 / 58.5 * 37.8 = 5.23 mm a day
    assert evapotranspiration(30 * 500 * 41_840, 293.15) == pytest.approx(30 * 5.2338, abs=1e-2)
    # 46 m3 s-3 on each of 30 days, air of 1.09 kg m-3, half of the evaporation made up for, a fifth under snow
    assert weather_factor(46, 30, 1.09, 0.5, 0.2) == pytest.approx(46 * 30 * 1.09 / 9.81 * 0.4)


def test_soils_outside_of_the_fit_are_taken_to_its_edge() -> None:
    assert erodible_fraction(99, 0, 1, 0, 60) == erodible_fraction(93.6, 0.5, 5.0, 0.18, 25.2)
    assert erodible_fraction(40, 20, 40, 9, 0) == erodible_fraction(40, 20, 39.3, 4.79, 0)
    assert crust_factor(80, 20) == crust_factor(39.3, 4.79)


@given(sand=PERCENT, silt=PERCENT, clay=PERCENT, organic=st.floats(0, 60), lime=PERCENT)
def test_soil_factors_are_shares(sand: float, silt: float, clay: float, organic: float, lime: float) -> None:
    assert -0.07 < erodible_fraction(sand, silt, clay, organic, lime) < 0.88
    assert 0 < crust_factor(clay, organic) <= 1


@given(one=st.floats(0, GREATEST), two=st.floats(0, GREATEST))
def test_more_of_any_factor_is_more_loss(one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert 0 <= soil_loss(low) <= soil_loss(high)


def test_beyond_the_greatest_loss_transport_is_saturated() -> None:
    around = soil_loss(GREATEST * np.array([0.9, 0.99, 1.0, 1.01, 1.1]))
    assert around.argmax() == 2
    assert pytest.approx(61.73, abs=0.01) == GREATEST


@given(st.floats(0, 12), st.floats(0, 12))
def test_more_wind_is_more_loss(one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert month(wind=low) <= month(wind=high)
    assert month(wind=min(low, 6.68)) == 0


@given(PERCENT, PERCENT)
def test_less_cover_is_more_loss(one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert month(cover=high) <= month(cover=low)


@given(wind=st.floats(0, 12), rain=st.floats(80, 500), snow=SHARE)
def test_wet_soil_and_snow_lose_nothing(wind: float, rain: float, snow: float) -> None:
    assert month(wind=wind, rain=rain, rainy=1.0, snow=snow) == 0
    assert month(wind=wind, snow=1.0) == 0
    assert month(wind=wind, rain=0.0, snow=snow) >= month(wind=wind, rain=rain, rainy=0.5, snow=snow)


@given(rain=st.floats(0, 500), rainy=SHARE)
def test_where_nothing_evaporates_the_soil_is_wet(rain: float, rainy: float) -> None:
    assert soil_wetness(0.0, rain, rainy) == 0
    assert evapotranspiration(1e9, 255.0) == 0


def test_values_that_are_missing_stay_missing() -> None:
    assert np.isnan(soil_loss([np.nan, 1.0])).tolist() == [True, False]


def test_arrays_keep_their_shape() -> None:
    assert soil_loss(np.ones((2, 3))).shape == (2, 3)
    assert wind_erosion.wind_force(np.ones((4, 1))).shape == (4, 1)
