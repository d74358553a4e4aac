"""Does the trend of a region depend on the rain product with which the effect of rain is removed?

Every product is treated alike: the sum of its months that explains the vegetation best (`best_accumulation`), the
residuals of the regression on it (`residual`), and their Theil–Sen slope with the interval of Sen (1968) and the
Mann–Kendall test. All products are compared over the same years, so that they differ by their rain alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import theilslopes

from indicators.trends.rain_accumulation import FEWEST_YEARS, best_accumulation
from indicators.trends.restrend import residual
from indicators.trends.theil_sen import theil_sen_mann_kendall

LEVEL = 0.95


@dataclass(frozen=True)
class ProductTrend:
    """The trend of vegetation without the effect of one product's rain.

    `slope`, its interval `low` … `high` (95 %): units of the vegetation a year; `p`: Mann–Kendall, two-sided; `r2`:
    share of the variance of the vegetation that the rain explains; `months`: how many are summed; `before`: months
    between the last of them and the measurement; `years`: the years used; `mean`: of the vegetation in them.
    """

    slope: float
    low: float
    high: float
    p: float
    r2: float
    months: int
    before: int
    years: tuple[int, ...]
    mean: float

    @property
    def percent(self) -> tuple[float, float, float]:
        """Trend and interval in percent of the mean, a decade."""
        slope, low, high = (1000 * each / self.mean for each in (self.slope, self.low, self.high))
        return slope, low, high


@dataclass(frozen=True)
class RainSpread:
    """The products with the lowest and the highest trend, and in what the products disagree; empty if in nothing.

    They disagree in `sign` if one trend falls and another rises, and in `size` if the difference of the two exceeds the
    width of the interval of the reference product's trend.
    """

    lowest: str
    highest: str
    disagree: Literal["", "sign", "size"]


def trends_by_rain(vegetation: pd.Series, rain: Mapping[str, pd.Series], *, month: int = 12) -> dict[str, ProductTrend]:
    """The trend of annual vegetation without the effect of rain, by each of several rain products.

    Parameters
    ----------
    vegetation
        Annual values by year, any units.
    rain
        Monthly rain of each product, mm, by the first day of the month. Months that are missing are gaps. Series should
        begin 15 months before the first measurement of the vegetation.
    month
        Calendar month in which the vegetation is measured: the last one of the season that it is a mean of.

    Returns
    -------
    dict
        A trend for each product, in the order of `rain`, over the years that all of them reach. A product that reaches
        fewer than 8 years is left out; none remains if they have fewer than 8 years in common.

    References
    ----------
    Evans & Geerken (2004), doi:10.1016/j.jaridenv.2003.03.001; Sen (1968), doi:10.1080/01621459.1968.10480934.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> months = pd.date_range("1999-01-01", "2020-12-01", freq="MS")
    >>> rain = pd.Series(rng.gamma(2.0, 20.0, len(months)), months)
    >>> summer = rain.rolling(3).sum()
    >>> ndvi = pd.Series({y: 0.1 + 0.001 * summer[f"{y}-08-01"] - 0.002 * (y - 2001) for y in range(2001, 2021)})
    >>> noisy = rain * rng.uniform(0.9, 1.1, len(months))
    >>> found = trends_by_rain(ndvi, {"a": rain, "b": noisy}, month=8)
    >>> {name: (each.months, len(each.years), each.slope < 0) for name, each in found.items()}
    {'a': (3, 20, True), 'b': (3, 20, True)}
    """
    known = vegetation.dropna().astype(float).rename_axis("year")
    years = {name: _years(known, each, month) for name, each in rain.items()}
    used = [name for name, reached in years.items() if len(reached) >= FEWEST_YEARS]
    common = sorted(set.intersection(*(set(years[name]) for name in used))) if used else []
    if len(common) < FEWEST_YEARS:
        return {}
    return {name: _trend(known.loc[common], rain[name], month) for name in used}


def spread_of(trends: Mapping[str, ProductTrend], reference: str) -> RainSpread:
    """How far the trends of several products are apart; `reference` is the product of the result.

    Examples
    --------
    >>> years = tuple(range(2001, 2011))
    >>> falls = ProductTrend(-0.002, -0.003, -0.001, 0.01, 0.5, 3, 0, years, 0.3)
    >>> rises = ProductTrend(0.001, -0.001, 0.003, 0.4, 0.4, 3, 0, years, 0.3)
    >>> spread_of({"a": falls, "b": rises}, "a")
    RainSpread(lowest='a', highest='b', disagree='sign')
    """
    lowest, highest = (choose(trends, key=lambda name: trends[name].slope) for choose in (min, max))
    low, high, own = trends[lowest].slope, trends[highest].slope, trends[reference]
    if low < 0 < high:
        return RainSpread(lowest, highest, "sign")
    return RainSpread(lowest, highest, "size" if high - low > own.high - own.low else "")


def _gapless(rain: pd.Series) -> pd.Series:
    """Monthly rain with every month from the first to the last known one; missing months are NaN."""
    return rain.dropna().sort_index().asfreq("MS").rename_axis("time")


def _years(vegetation: pd.Series, rain: pd.Series, month: int) -> list[int]:
    """The years of vegetation that the rain of a product reaches with its best sum."""
    if not rain.notna().any():
        return []
    sums = best_accumulation(vegetation, _gapless(rain), month=month)["rain"]
    return [int(year) for year in sums["year"].values[np.isfinite(sums.values)]]


def _trend(vegetation: pd.Series, rain: pd.Series, month: int) -> ProductTrend:
    best = best_accumulation(vegetation, _gapless(rain), month=month)
    rest = residual(vegetation.rename_axis("year").to_xarray(), best["rain"])
    found = theil_sen_mann_kendall(rest)
    known = np.isfinite(rest.values)
    slopes = theilslopes(rest.values[known], rest["year"].values[known].astype(float), LEVEL)
    return ProductTrend(
        float(found["slope"]),
        float(slopes[2]),
        float(slopes[3]),
        float(found["p"]),
        float(best["r2"]),
        int(best["accumulation"]),
        int(best["offset"]),
        tuple(int(year) for year in rest["year"].values[known]),
        float(vegetation.mean()),
    )
