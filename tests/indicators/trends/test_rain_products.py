"""The trend without the effect of rain, by several rain products whose errors are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kendalltau

from indicators.trends import spread_of, theil_sen, trends_by_rain

YEARS = range(2001, 2025)
MONTHS = pd.date_range("1999-01-01", "2024-12-01", freq="MS")
#: Vegetation of September answers to the rain of three months, the last of which is one before.
MONTH, SUMMED, BEFORE = 9, 3, 1
DECLINE = -0.002


def landscape(seed: int) -> tuple[pd.Series, pd.Series]:
    """Monthly rain without a trend, and vegetation that answers to it and declines."""
    rng = np.random.default_rng(seed)
    rain = pd.Series(rng.gamma(4, 10, len(MONTHS)), MONTHS.rename("month"))
    sums = rain.rolling(SUMMED).sum().shift(BEFORE)
    own = {year: sums[pd.Timestamp(year, MONTH, 1)] for year in YEARS}
    values = {y: 0.3 + 0.001 * (own[y] - 120) + DECLINE * (y - 2013) + 0.002 * rng.standard_normal() for y in YEARS}
    return pd.Series(values).rename_axis("month"), rain  # as a table of months names its years


def drifting(rain: pd.Series, a_year: float) -> pd.Series:
    """A product that reads a share more (or less) every year."""
    return rain * (1 + a_year * (rain.index.year - 2013))


def test_the_true_rain_finds_the_decline_and_the_months_put_in() -> None:
    vegetation, rain = landscape(0)
    own = trends_by_rain(vegetation, {"true": rain}, month=MONTH)["true"]
    assert (own.months, own.before) == (SUMMED, BEFORE)
    assert own.years == tuple(YEARS)
    assert own.low < own.slope < own.high < 0
    assert own.slope == pytest.approx(DECLINE, abs=0.0008)
    assert own.p < 0.01
    assert 0.5 < own.r2 < 1
    value, low, high = own.percent
    assert value == pytest.approx(1000 * own.slope / vegetation.mean())
    assert low < value < high


def test_noise_in_a_product_takes_from_what_it_explains() -> None:
    vegetation, rain = landscape(1)
    noisy = rain * np.random.default_rng(9).lognormal(0, 0.4, len(rain))
    found = trends_by_rain(vegetation, {"true": rain, "noisy": noisy}, month=MONTH)
    assert found["noisy"].r2 < found["true"].r2
    assert found["noisy"].high - found["noisy"].low > found["true"].high - found["true"].low


def test_a_product_that_drifts_changes_the_trend_and_is_named() -> None:
    """A product that dries by 4 % a year explains the decline by rain: the products do not agree."""
    vegetation, rain = landscape(2)
    found = trends_by_rain(vegetation, {"true": rain, "dries": drifting(rain, -0.04)}, month=MONTH)
    spread = spread_of(found, "true")
    assert (spread.lowest, spread.highest) == ("true", "dries")
    assert spread.disagree in ("sign", "size")
    same = spread_of({"true": found["true"], "again": found["true"]}, "true")
    assert same.disagree == ""


def test_slope_and_p_are_those_of_the_residuals() -> None:
    """Against a regression of numpy and scipy's tau, for rain whose best sum is known to be a single month."""
    rng = np.random.default_rng(5)
    rain = pd.Series(0.0, MONTHS)
    rain[rain.index.month == MONTH] = rng.gamma(4, 10, len(rain) // 12)
    yearly = rain[rain.index.month == MONTH].loc["2001":].to_numpy()
    vegetation = pd.Series(0.3 + 0.002 * yearly + 0.01 * rng.standard_normal(len(YEARS)), YEARS)
    found = trends_by_rain(vegetation, {"one": rain}, month=MONTH)["one"]
    fit = np.polyfit(yearly, vegetation, 1)
    rest = vegetation - np.polyval(fit, yearly)
    assert found.slope == pytest.approx(float(theil_sen(rest)["slope"]), abs=1e-12)
    assert found.r2 == pytest.approx(np.corrcoef(yearly, vegetation)[0, 1] ** 2)
    assert found.p == pytest.approx(kendalltau(list(YEARS), rest, method="exact").pvalue, rel=1e-6)


def test_products_are_compared_over_the_years_that_all_of_them_reach() -> None:
    vegetation, rain = landscape(3)
    short, late = rain.loc[:"2020-12"], rain.loc["2019-01":]
    gap = rain.drop(pd.Timestamp(2010, 8, 1))
    found = trends_by_rain(vegetation, {"true": rain, "short": short, "gap": gap, "late": late}, month=MONTH)
    assert set(found) == {"true", "short", "gap"}
    assert {each.years for each in found.values()} == {tuple(y for y in range(2001, 2021) if y != 2010)}
    assert trends_by_rain(vegetation, {"late": late, "none": rain[:0]}, month=MONTH) == {}
