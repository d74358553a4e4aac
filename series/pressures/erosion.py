"""Soil lost to wind in a year by the Revised Wind Erosion Equation (RWEQ), as an Earth Engine expression.

The equation (Fryrear et al. 1998, RWEQ, USDA ARS Technical Bulletin 1) is that of `indicators.weather.wind_erosion`,
which has it with its units and sources for arrays; a test compares both cell by cell. It was applied to the Eastern Gobi
(Talukdar et al. 2022, doi:10.3390/land11081204) and to Inner Mongolia (2025, doi:10.3390/rs17142365). Each month and cell
of ERA5-Land has a loss; those of twelve months add up. Where each factor comes from:

- Wind: mean of every third day, by its two parts, at 10 m; at 2 m it is 0.748 of that, by the logarithmic profile over
  short grass (Allen et al. 1998, FAO-56, equation 47). Days of weather last longer than a day, so that a third of them
  says nearly as much; the sum is that of all days of the month.
- Density of the air: from the month's pressure and temperature.
- Wetness of the soil: evapotranspiration of reference grass (`series.evapotranspiration`), and rain times the share of
  days with at least 1 mm. Nothing is irrigated.
- Snow: share of days on which more than 25.4 mm lie in the mean of a cell.
- Soil: sand, clay and organic carbon at the surface (OpenLandMap). No public map of carbonates is known: none is
  assumed, as for the Gobi.
- Leaves: cover from the NDVI of MOD13C1, good and marginal composites that begin in the month. Where there are none
  (snow, clouds), the lowest of the year stands for them.
- Roughness: 1, smooth ground. Heights of cells of 10 km say nothing of clods and ridges.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import reduce
from typing import Any, NamedTuple

import ee

from series.composites import in_months, mapped
from series.datasets import DATASETS
from series.evapotranspiration import reference_evapotranspiration
from series.pressures.model import Pressure, nothing

DAILY, MONTHLY = "ECMWF/ERA5_LAND/DAILY_AGGR", "ECMWF/ERA5_LAND/MONTHLY_AGGR"
CLAY = "OpenLandMap/SOL/SOL_CLAY-WFRACTION_USDA-3A1A1A_M/v02"
SAND = "OpenLandMap/SOL/SOL_SAND-WFRACTION_USDA-3A1A1A_M/v02"
CARBON = "OpenLandMap/SOL/SOL_ORGANIC-CARBON_USDA-6A1C_M/v02"
LEAVES = DATASETS["mod13c1-ndvi"]
OF_DAYS = ("u_component_of_wind_10m", "v_component_of_wind_10m", "total_precipitation_sum", "snow_depth")
OF_MONTHS = (
    "temperature_2m",
    "dewpoint_temperature_2m",
    "surface_solar_radiation_downwards_sum",
    "surface_pressure",
    "total_precipitation_sum",
)
#: Day of December from which on the last composite of a year begins.
LAST_COMPOSITE = 17

#: Wind at 2 m over that at 10 m.
AT_TWO_METRES = 0.748
#: Wind at 2 m from which on soil moves, m/s; metres of rain in a day with rain; metres of snow that shield the ground.
THRESHOLD, RAINY, SHIELDING = 5.0, 0.001, 0.0254
#: Gas constant of dry air, J kg-1 K-1; gravity, m s-2.
DRY_AIR, GRAVITY = 287.05, 9.81
#: NDVI of bare soil and of closed leaves.
BARE, CLOSED = 0.05, 0.86
#: Organic matter, percent, of a stored unit of organic carbon: 5 g/kg, of 58 % carbon.
MATTER = 0.5 * 1.724
#: Metres from the edge of a field at which the loss is taken.
DISTANCE = 50.0

#: Sand, silt, clay, sand over clay, and organic matter for which the equation was fitted, percent.
SANDS, SILTS, CLAYS, RATIOS, MATTERS = (5.5, 93.6), (0.5, 69.5), (5.0, 39.3), (1.2, 53.0), (0.18, 4.79)


class _Read(NamedTuple):
    """The images of spans of time: bands of days, of months, and NDVI."""

    days: Callable[[Any], Any]
    months: Callable[[Any], Any]
    leaves: Callable[[date, date], Any]


def soil_lost(pressure: Pressure, year: int, cell: float) -> Any:
    """Soil lost to wind in a year at cells of a size in degrees: kg m-2, one band.

    Masked where an image of the last month is not there yet, and where the landscape has no data.
    """
    read = _Read(mapped(_day), mapped(_month), in_months(LEAVES, cell))
    lowest = read.leaves(date(year, 1, 1), date(year + 1, 1, 1)).merge(nothing(("value",))).min()
    soil = _soil()
    months = [_lost_in_month(pressure, year, month, read, lowest, soil) for month in range(1, 13)]
    # a month without data leaves the year without: a sum by a reducer would count it as none
    return reduce(lambda total, month: total.add(month), months).updateMask(ee.Image.constant(_complete(year)))


def _lost_in_month(pressure: Pressure, year: int, month: int, read: _Read, lowest: Any, soil: Any) -> Any:
    start, end = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
    chosen = [day for day in pressure.chosen(year) if day.month == month]
    daily = _between(DAILY, start, end).filter(pressure.among(chosen))
    of_days = read.days(daily).merge(nothing(("windy", "rainy", "snowy"))).mean()
    of_month = read.months(_between(MONTHLY, start, end)).merge(nothing(("evaporated", "rain", "density"))).mean()
    ndvi = read.leaves(start, end).merge(nothing(("value",))).mean().unmask(lowest)
    evaporated = of_month.select(["evaporated"])
    left = evaporated.subtract(of_month.select(["rain"]).multiply(of_days.select(["rainy"])))
    dry = left.divide(evaporated.max(1e-6)).clamp(0, 1)
    open_ground = of_days.select(["snowy"]).multiply(-1).add(1)
    blown = of_days.select(["windy"]).multiply((end - start).days).multiply(of_month.select(["density"]))
    weather = blown.divide(GRAVITY).multiply(dry).multiply(open_ground)
    cover = ndvi.subtract(BARE).divide(CLOSED - BARE).clamp(0, 1).multiply(100)
    return _loss(weather.multiply(soil).multiply(cover.multiply(-0.0438).exp()))


def _loss(factor: Any) -> Any:
    """The loss in a month, kg m-2, of the product of the factors, kg m-1."""
    # the distance over the critical field length, which is infinite where nothing moves
    apart = factor.pow(0.3711).multiply(DISTANCE / 150.71)
    squared = apart.multiply(apart)
    return factor.multiply(109.8).multiply(squared).multiply(2 / DISTANCE).multiply(squared.multiply(-1).exp())


def _day(image: Any) -> Any:
    """Of a day: wind's force at 2 m, m3 s-3; 1 where it rained, and 1 where snow shields the ground, else 0."""
    east, north, rain, snow = (image.select([name]) for name in OF_DAYS)
    wind = east.hypot(north).multiply(AT_TWO_METRES)
    above = wind.subtract(THRESHOLD).max(0)
    bands = ee.Image.cat([wind.multiply(above).multiply(above), rain.gte(RAINY), snow.gt(SHIELDING)])
    return bands.rename(["windy", "rainy", "snowy"]).toFloat()


def _month(image: Any) -> Any:
    """Of a month: evapotranspiration and rain, mm, and the density of the air, kg m-3."""
    evaporated = reference_evapotranspiration(image, ee.Date(image.get("system:time_start")))
    rain = image.select(["total_precipitation_sum"]).multiply(1000)
    density = image.select(["surface_pressure"]).divide(image.select(["temperature_2m"]).multiply(DRY_AIR))
    return ee.Image.cat([evaporated, rain, density]).rename(["evaporated", "rain", "density"]).toFloat()


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
