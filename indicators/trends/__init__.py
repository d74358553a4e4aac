"""Is there a trend, how large is it, and which part does rain explain?"""

from indicators.trends.rain_accumulation import best_accumulation
from indicators.trends.rain_products import ProductTrend, RainSpread, spread_of, trends_by_rain
from indicators.trends.restrend import residual, residuals
from indicators.trends.theil_sen import false_discovery_rate, mann_kendall, theil_sen, theil_sen_mann_kendall

__all__ = [
    "ProductTrend",
    "RainSpread",
    "best_accumulation",
    "false_discovery_rate",
    "mann_kendall",
    "residual",
    "residuals",
    "spread_of",
    "theil_sen",
    "theil_sen_mann_kendall",
    "trends_by_rain",
]
