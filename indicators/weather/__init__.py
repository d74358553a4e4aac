"""Which drought or other driver is a change associated with?"""

from indicators.weather.alarms import Watch, regional, with_context
from indicators.weather.break_context import breaks_with_drought, drought_indices
from indicators.weather.drivers import attribute
from indicators.weather.drought import classes, spei, spi, ssmi
from indicators.weather.geodetector import best_strata, factors, interactions
from indicators.weather.winters import winter_means

__all__ = [
    "Watch",
    "attribute",
    "best_strata",
    "breaks_with_drought",
    "classes",
    "drought_indices",
    "factors",
    "interactions",
    "regional",
    "spei",
    "spi",
    "ssmi",
    "winter_means",
    "with_context",
]
