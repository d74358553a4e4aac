"""Reference evapotranspiration from ERA5-Land, as an Earth Engine expression: FAO-56 Penman-Monteith, in mm a month.

Why this formula, for the SPEI of drylands:

- ERA5-Land's own `potential_evaporation_sum` is that of open water ("pan evaporation") in air which the water does not
  moisten; its description warns of unrealistic values in dry air. Over France it is 1,700 mm a year beside 800 of ERA5,
  so that Météo-France computes FAO-56 instead (forum.ecmwf.int/t/1153).
- Penman-Monteith is the formula of the global data set by the authors of the SPEI (Beguería et al. 2014,
  doi:10.1002/joc.3887), and of the hourly data set made from ERA5-Land by Singer et al. (2021,
  doi:10.1038/s41597-021-01003-9). Formulas of temperature alone overstate the effect of warming on drought (Sheffield
  et al. 2012, doi:10.1038/nature11575).
- Hargreaves needs means of daily extremes of temperature. The `_min` and `_max` bands of the monthly asset are the
  extremes of the whole month.
- TerraClimate's `pet` is Penman-Monteith, too, but follows other weather than the rain does here, and ends a year late.

What is simplified, because the monthly asset lacks it:

- Wind is 2 m/s, as FAO-56 (chapter 3) advises where it is not known. The asset has means of the components of the wind;
  the speed of a mean wind is below the mean speed, because directions cancel (forum.ecmwf.int/t/1629). Besides, trends
  of wind in reanalyses are not those of stations (Fan et al. 2021, doi:10.1175/JAMC-D-20-0037.1).
- Saturation is that of the mean temperature, not of daily extremes: the result is some percent lower.
- The heat that goes into the soil is left out: over twelve months it cancels.

At Wichita, 1980-2011, this formula gives 82 % of FAO-56 with measured wind and daily extremes, and the SPEI-12 of both
correlate by 0.995; a test repeats it (data of the R package SPEI).

Equations in brackets: Allen et al. (1998), FAO Irrigation and Drainage Paper 56, www.fao.org/4/x0490e/x0490e00.htm.
"""

from __future__ import annotations

from math import pi
from typing import Any

import ee

from series.datasets import FORMULA_BANDS

#: Wind speed at 2 m, m/s, where it is not known (FAO-56, chapter 3).
WIND = 2.0
#: Share of the clear sky's sunlight at least: that of an overcast sky, also where the sun does not rise.
OVERCAST = 0.3

#: Sunlight at the top of the atmosphere, MJ m-2 a day (21).
_ABOVE = (
    "24 * 60 / 3.14159265358979 * 0.0820 * nearness"
    " * (sunset * sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * sin(sunset))"
)
#: Sunlight under a clear sky (37), with the height from the pressure of the standard atmosphere (7).
_CLEAR = "(0.75 + 2e-5 * (1 - pow(pressure / 101.3, 1 / 5.26)) * 293 / 0.0065) * above"
#: Vapour pressure in kPa at a temperature (11, 14), its slope (13), and the psychrometric constant (8).
_VAPOUR = "0.6108 * exp(17.27 * celsius / (celsius + 237.3))"
_SLOPE = "4098 * saturated / pow(celsius + 237.3, 2)"
_PSYCHROMETRIC = "0.665e-3 * pressure"
#: Net sunlight of grass (38) less net heat radiation (39), MJ m-2 a day.
_NET = (
    "0.77 * sunlight - 4.903e-9 * pow(celsius + 273.16, 4) * (0.34 - 0.14 * sqrt(vapour)) * (1.35 * cloudless - 0.35)"
)
#: Evapotranspiration of the reference grass, mm a day (6), without the heat that goes into the soil.
_GRASS = (
    "(0.408 * slope * net + psychrometric * 900 / (celsius + 273) * wind * (saturated - vapour))"
    " / (slope + psychrometric * (1 + 0.34 * wind))"
)


def reference_evapotranspiration(image: Any, start: Any) -> Any:
    """Evapotranspiration of reference grass in a month, mm, 0 or more.

    Parameters
    ----------
    image
        Image with the bands of ERA5-Land's monthly asset.
    start
        First day of the month (`ee.Date`).

    Returns
    -------
    ee.Image
        One band; masked where a band of the image is.
    """
    temperature, dew_point, sun_on_ground, pascals = (image.select([name]) for name in FORMULA_BANDS["fao-56"])
    days = ee.Image.constant(start.advance(1, "month").difference(start, "day"))
    celsius, pressure = temperature.subtract(273.15), pascals.divide(1000)
    sunlight = sun_on_ground.divide(1e6).divide(days)
    saturated = celsius.expression(_VAPOUR, {"celsius": celsius})
    vapour = celsius.expression(_VAPOUR, {"celsius": dew_point.subtract(273.15)})
    clear = pressure.expression(_CLEAR, {"pressure": pressure, "above": _sun_above(ee.Number(start.get("month")))})
    cloudless = sunlight.divide(clear.max(1e-6)).clamp(OVERCAST, 1)
    light = {"sunlight": sunlight, "celsius": celsius, "vapour": vapour, "cloudless": cloudless}
    net = celsius.expression(_NET, light)
    slope = celsius.expression(_SLOPE, {"saturated": saturated, "celsius": celsius})
    grass = celsius.expression(
        _GRASS,
        {
            "slope": slope,
            "net": net,
            "psychrometric": pressure.expression(_PSYCHROMETRIC, {"pressure": pressure}),
            "celsius": celsius,
            "wind": ee.Image.constant(WIND),
            "saturated": saturated,
            "vapour": vapour,
        },
    )
    return grass.max(0).multiply(days)


def _sun_above(month: Any) -> Any:
    """Sunlight at the top of the atmosphere in the middle of a month (`ee.Number`, 1 to 12), MJ m-2 a day."""
    # day of the year (22); distance and declination of the sun (23, 24); hour angle of sunset (25)
    angle = month.multiply(30.4).subtract(15).floor().multiply(2 * pi / 365)
    nearness = ee.Image.constant(angle.cos().multiply(0.033).add(1))
    declination = ee.Image.constant(angle.subtract(1.39).sin().multiply(0.409))
    latitude = ee.Image.pixelLonLat().select(["latitude"]).multiply(pi / 180)
    # the sun does not set, or does not rise, where this is beyond 1
    sunset = latitude.tan().multiply(declination.tan()).multiply(-1).clamp(-1, 1).acos()
    sun = {"nearness": nearness, "sunset": sunset, "latitude": latitude, "declination": declination}
    return latitude.expression(_ABOVE, sun)
