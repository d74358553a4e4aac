"""Which drought or other driver is a change associated with?"""

from indicators.weather.alarms import Watch, regional, with_context
from indicators.weather.break_context import breaks_with_drought, drought_indices
from indicators.weather.drivers import attribute
from indicators.weather.drought import classes, spei, spi, ssmi
from indicators.weather.geodetector import best_strata, factors, interactions
from indicators.weather.wind_erosion import (
    crust_factor,
    erodible_fraction,
    soil_loss,
    vegetation_factor,
    weather_factor,
)
from indicators.weather.winters import winter_means

__all__ = [
    "Watch",
    "attribute",
    "best_strata",
    "breaks_with_drought",
    "classes",
    "crust_factor",
    "drought_indices",
    "erodible_fraction",
    "factors",
    "interactions",
    "regional",
    "soil_loss",
    "spei",
    "spi",
    "ssmi",
    "vegetation_factor",
    "weather_factor",
    "winter_means",
    "with_context",
]
