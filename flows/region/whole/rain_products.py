"""The trend of a region without the effect of rain, by each rain product: statistics of an assessment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from flows.region.population import statistic
from flows.region.whole.rain_sums import region_rain
from indicators.trends.rain_products import spread_of, trends_by_rain
from series.cubes.stored import open_cube

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.pull.pulled import Pulled
    from indicators.trends import ProductTrend, RainSpread
    from regions.model import Region

COLUMNS = ["name", "value", "low", "high", "p", "units", "note", "period"]
UNITS = "% decade-1"
#: The reason why products disagree, in words.
DISAGREE = {
    "sign": "the sign of the trend of productivity without the effect of rain depends on the rain product",
    "size": (
        "the trend of productivity without the effect of rain depends on the rain product by more than the interval of "
        "the trend says"
    ),
}


def rain_by_product(region: Region, pulled: Pulled) -> dict[str, pd.Series]:
    """Mean monthly rain of the region by key of the product, that of the result first; {} without other products."""
    if pulled.rain_products is None or "precipitation" not in pulled.datasets:
        return {}
    own = pulled.datasets["precipitation"]
    if pulled.rain_months is not None:
        chosen = region_rain(region, open_cube(pulled.rain_months)).to_series()
    elif pulled.monthly is not None:
        chosen = _series(pd.read_csv(pulled.monthly, parse_dates=["month"]), "precipitation")
    else:
        return {}
    table = pd.read_csv(pulled.rain_products, parse_dates=["month"])
    others = {each.key: _series(table, name) for name, each in pulled.beside.items() if name.startswith(own.variable)}
    return {own.key: chosen, **others}


def _series(table: pd.DataFrame, variable: str) -> pd.Series:
    return table[table["variable"] == variable].set_index("month")["value"]


def rain_statistics(
    vegetation: pd.Series, rain: Mapping[str, pd.Series], period: str, *, last_month: int
) -> pd.DataFrame:
    """Trend and explained share of each rain product, and their spread, as statistics; none without two products.

    `vegetation`: annual values of the region by year; `rain`: as from `rain_by_product`, that of the result first;
    `last_month` of the season that the annual value is measured in. Rows: `rain_trend_KEY` and `rain_share_KEY` for
    every product, `spread_of_rain_products`, and `disagreeing_rain_products` where the answer depends on the product.
    """
    found = trends_by_rain(vegetation, rain, month=last_month) if len(rain) > 1 else {}
    chosen = next(iter(rain), "")
    if len(found) < 2 or chosen not in found:
        return pd.DataFrame(columns=COLUMNS)
    rows = [row for key, each in found.items() for row in _of_product(key, each, chosen=key == chosen)]
    rows += _of_spread(found, spread_of(found, chosen), chosen)
    return pd.DataFrame(rows).assign(period=period)[COLUMNS]


def _of_product(key: str, each: ProductTrend, *, chosen: bool) -> list[dict[str, Any]]:
    value, low, high = each.percent
    whose = "rain of this result" if chosen else "for comparison"
    summed = f"{each.months} month{'s' if each.months > 1 else ''} ending {each.before} before the measurement"
    which = f"{key} ({whose}), {summed}; {span(each)}"
    return [
        statistic(
            f"rain_trend_{key}", value, low=low, high=high, p=each.p, units=UNITS,
            note=f"Theil-Sen trend of the region's yearly mean without the effect of rain by {which}; 95 % interval; "
            "p of Mann-Kendall",
        ),
        statistic(
            f"rain_share_{key}", each.r2,
            note=f"share of the variance of the region's yearly mean that rain explains, by {which}",
        ),
    ]  # fmt: skip


def _of_spread(found: Mapping[str, ProductTrend], spread: RainSpread, chosen: str) -> list[dict[str, Any]]:
    low, high = found[spread.lowest].percent[0], found[spread.highest].percent[0]
    between = f"{signed(low)} ({spread.lowest}) to {signed(high)} ({spread.highest}) % a decade, {span(found[chosen])}"
    rows = [
        statistic(
            "spread_of_rain_products", high - low, low=low, high=high, units=UNITS,
            note=f"difference of the highest and the lowest trend by {len(found)} rain products: {between}",
        )
    ]  # fmt: skip
    if spread.disagree:
        _, own_low, own_high = found[chosen].percent
        own = f"; by the rain of this result ({chosen}) 95 %: {signed(own_low)} to {signed(own_high)}"
        said = f"{DISAGREE[spread.disagree]}: {between}{own}"
        rows.append(statistic("disagreeing_rain_products", high - low, low=low, high=high, units=UNITS, note=said))
    return rows


def span(each: ProductTrend) -> str:
    """First and last year of a trend."""
    return f"{each.years[0]}-{each.years[-1]}"


def signed(value: float) -> str:
    """A trend with its sign, two decimals: small ones are compared."""
    return f"{value:+.2f}".replace("-", "−")
