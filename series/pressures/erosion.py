"""Soil lost to wind in a year by the Revised Wind Erosion Equation (RWEQ), as an Earth Engine expression.

The equation (Fryrear et al. 1998, RWEQ, USDA ARS Technical Bulletin 1) is that of `indicators.weather.wind_erosion`,
which has it with its units and sources for arrays; a test compares both cell by cell. It was applied to the Eastern
Gobi (Talukdar et al. 2022, doi:10.3390/land11081204) and to Inner Mongolia (2025, doi:10.3390/rs17142365). Each month
and cell of ERA5-Land has a loss; those of twelve months add up. Where each factor comes from:

- Wind: mean of every day, by its two parts, at 10 m; at 2 m it is 0.748 of that, by the logarithmic profile over short
  grass (Allen et al. 1998, FAO-56, equation 47). A few windy days decide, so that days cannot be left out: with every
  third day a year's loss at three places of the simulated landscape was 1.2 to 2.6 times as large in the mean, and
  correlated by 0.2 to 0.9 with that of all days.
- Density of the air: from the month's pressure and temperature.
- Wetness of the soil: evapotranspiration by the equation's own formula, from the month's temperature and sunlight, and
  rain times the share of days with at least 1 mm. Nothing is irrigated. Months below -17.8 degrees Celsius have no
  evapotranspiration, and no loss.
- Snow: share of days on which more than 25.4 mm lie in the mean of a cell.
- Soil: sand, clay and organic carbon at the surface (OpenLandMap). No public map of carbonates is known: none is
  assumed, as for the Gobi.
- Leaves: cover from the NDVI of MOD13C1, good and marginal composites that begin in the month. Where there are none
  (snow, clouds), the lowest month of the year stands for them.
- Roughness: 1, smooth ground. Heights of cells of 10 km say nothing of clods and ridges.

The days of a month, and the months of a year, are bands of one image: each operation is written once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import ee

from series.datasets import DATASETS
from series.physical import in_months, mapped
from series.pressures.model import nothing

DAILY, MONTHLY = "ECMWF/ERA5_LAND/DAILY_AGGR", "ECMWF/ERA5_LAND/MONTHLY_AGGR"
CLAY = "OpenLandMap/SOL/SOL_CLAY-WFRACTION_USDA-3A1A1A_M/v02"
SAND = "OpenLandMap/SOL/SOL_SAND-WFRACTION_USDA-3A1A1A_M/v02"
CARBON = "OpenLandMap/SOL/SOL_ORGANIC-CARBON_USDA-6A1C_M/v02"
LEAVES = DATASETS["mod13c1-ndvi"]
OF_DAYS = ("snow_depth", "u_component_of_wind_10m", "v_component_of_wind_10m", "total_precipitation_sum")
OF_MONTHS = (
    "temperature_2m", "surface_solar_radiation_downwards_sum", "surface_pressure", "total_precipitation_sum",
)  # fmt: skip
MONTHS = [f"m{month:02d}" for month in range(1, 13)]
#: Day of December from which on the last composite of a year begins.
LAST_COMPOSITE = 17

#: Wind at 2 m over that at 10 m.
AT_TWO_METRES = 0.748
#: Wind at 2 m from which on soil moves, m/s; metres of rain in a day with rain; metres of snow that shield the ground.
THRESHOLD, RAINY, SHIELDING = 5.0, 0.001, 0.0254
#: Gas constant of dry air, J kg-1 K-1; gravity, m s-2.
DRY_AIR, GRAVITY = 287.05, 9.81
#: mm of water that a J m-2 of sunlight evaporates, in cal cm-2 and mm as the equation has it; zero, K, less 17.8.
EVAPORATED, COLDEST = 0.0162 / 58.5 / 41_840, 273.15 - 17.8
#: NDVI of bare soil and of closed leaves.
BARE, CLOSED = 0.05, 0.86
#: Organic matter, percent, of a stored unit of organic carbon: 5 g/kg, of 58 % carbon.
MATTER = 0.5 * 1.724
#: Metres from the edge of a field at which the loss is taken.
DISTANCE = 50.0

#: Sand, silt, clay, sand over clay, and organic matter for which the equation was fitted, percent.
SANDS, SILTS, CLAYS, RATIOS, MATTERS = (5.5, 93.6), (0.5, 69.5), (5.0, 39.3), (1.2, 53.0), (0.18, 4.79)


class _Read(NamedTuple):
    """Functions of collections: the bands of days and of months that are read, and NDVI of a span of time."""

    days: Callable[[Any], Any]
    months: Callable[[Any], Any]
    leaves: Callable[[date, date], Any]


def soil_lost(year: int, cell: float) -> Any:
    """Soil lost to wind in a year at cells of a size in degrees: kg m-2, one band.

    Masked where an image of the last month is not there yet, and where a month has no data.
    """
    read = _Read(
        mapped(lambda each: each.select([*OF_DAYS]).toFloat()),
        mapped(lambda each: each.select([*OF_MONTHS]).toFloat()),
        in_months(LEAVES, cell),
    )
    spans = [(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)) for month in range(1, 13)]
    days = [_days(read, *span) for span in spans]
    months = [_month(read, *span) for span in spans]
    leaves = [read.leaves(*span).merge(nothing(("value",))).mean() for span in spans]
    windy, rainy, snowy = (_bands(days, number) for number in range(3))
    warmth, sunlight, air, rain = (_bands(months, number) for number in range(4))
    evaporated = warmth.subtract(COLDEST).max(0).multiply(sunlight).multiply(EVAPORATED)
    dry = evaporated.subtract(rain.multiply(1000).multiply(rainy)).divide(evaporated.max(1e-6)).clamp(0, 1)
    density = air.divide(warmth.multiply(DRY_AIR))
    lengths = ee.Image.constant([(end - start).days for start, end in spans]).rename(MONTHS)
    weather = windy.multiply(lengths).multiply(density).divide(GRAVITY).multiply(dry).multiply(snowy.subtract(1).abs())
    ndvi = _bands(leaves, 0)
    cover = ndvi.unmask(ndvi.reduce(ee.Reducer.min())).subtract(BARE).divide(CLOSED - BARE).clamp(0, 1).multiply(100)
    lost = _loss(weather.multiply(_soil()).multiply(cover.multiply(-0.0438).exp()))
    # a month without data leaves the year without: a sum counts it as none
    known = lost.mask().reduce(ee.Reducer.min())
    return lost.reduce(ee.Reducer.sum()).updateMask(known).updateMask(ee.Image.constant(_complete(year)))


def _days(read: _Read, start: date, end: date) -> Any:
    """Means over the days of a month: wind's force at 2 m, m3 s-3; share with rain, and with snow that shields."""
    days = read.days(_between(DAILY, start, end)).merge(nothing(OF_DAYS)).toBands()
    snow, east, north, rain = (days.select([f".*_{name}"]) for name in OF_DAYS)
    wind = east.hypot(north)
    above = wind.subtract(THRESHOLD / AT_TWO_METRES).max(0)
    windy = wind.multiply(above).multiply(above).reduce(ee.Reducer.mean()).multiply(AT_TWO_METRES**3)
    shares = (each.reduce(ee.Reducer.mean()) for each in (rain.gte(RAINY), snow.gt(SHIELDING)))
    return ee.Image.cat([windy, *shares])


def _month(read: _Read, start: date, end: date) -> Any:
    """Temperature, K, sunlight, J m-2, pressure, Pa, and rain, m, of a month."""
    return read.months(_between(MONTHLY, start, end)).merge(nothing(OF_MONTHS)).mean()


def _bands(images: list[Any], number: int) -> Any:
    """The bands of that number of the images of months, named by the month."""
    return ee.Image.cat([image.select([number]) for image in images]).rename(MONTHS)


def _loss(factor: Any) -> Any:
    """The loss in a month, kg m-2, of the product of the factors, kg m-1."""
    # the distance over the critical field length, which is infinite where nothing moves
    apart = factor.pow(0.3711).multiply(DISTANCE / 150.71)
    squared = apart.multiply(apart)
    return factor.multiply(109.8).multiply(squared).multiply(2 / DISTANCE).multiply(squared.multiply(-1).exp())


def _soil() -> Any:
    """Erodible fraction times soil crust factor."""
    sand, clay, carbon = (ee.Image(asset).select(["b0"]).toFloat() for asset in (SAND, CLAY, CARBON))
    silt = sand.add(clay).multiply(-1).add(100).clamp(*SILTS)
    sand, clay, matter = sand.clamp(*SANDS), clay.clamp(*CLAYS), carbon.multiply(MATTER).clamp(*MATTERS)
    erodible = (
        sand.multiply(0.31)
        .add(silt.multiply(0.17))
        .add(sand.divide(clay).clamp(*RATIOS).multiply(0.33))
        .subtract(matter.multiply(2.59))
        .add(29.09)
        .divide(100)
    )
    crust = clay.multiply(clay).multiply(0.0066).add(matter.multiply(matter).multiply(0.021)).add(1)
    return erodible.divide(crust)


def _between(asset: str, start: date, end: date) -> Any:
    return ee.ImageCollection(asset).filterDate(start.isoformat(), end.isoformat())


def _complete(year: int) -> Any:
    """Whether the last month of weather and the last composite of a year are there."""
    after = date(year + 1, 1, 1)
    weather = _between(MONTHLY, date(year, 12, 1), after)
    leaves = _between(LEAVES.asset, date(year, 12, LAST_COMPOSITE), after)
    return weather.size().gt(0).And(leaves.size().gt(0))
