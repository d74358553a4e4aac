"""Soil lost to wind in a month by the Revised Wind Erosion Equation (RWEQ).

Transport at its most is Qmax = 109.8 F (kg m-1), and the critical field length s = 150.71 F^-0.3711 (m), of the
product F = WF EF SCF K' C (kg m-1) of weather, erodible fraction, soil crust, roughness and cover. At a distance z from
the edge of a field the ground has lost, down the wind, ::

    SL = 2 z / s**2 * Qmax * exp(-(z / s)**2)      kg m-2

which grows with F up to F = 62 kg m-1 at z = 50 m (`GREATEST`); beyond that transport is saturated before it reaches z,
and the loss there falls.

Constants of published programs differ: some have 105.71 in place of 150.71, or exp(-0.00483 SC) in place of
exp(-0.0438 SC). Those of Fryrear et al. stand here. The loss grows faster than in proportion to F, so that one of a
month is more than the sum of its halves, for which the equation was made.

References
----------
.. [1] Fryrear, D. W., et al. (1998). Revised Wind Erosion Equation (RWEQ). USDA ARS, Technical Bulletin 1.
.. [2] Fryrear, D. W., Krammes, C. A., Williamson, D. L., Zobeck, T. M. (1994). Computing the wind erodible fraction of
   soils. Journal of Soil and Water Conservation 49, 183-188.
.. [3] Talukdar, I. N., et al. (2022). Vegetation drastically reduces wind erosion: an implementation of the RWEQ in the
   Mongolian Gobi steppe. Land 11, 1204. doi:10.3390/land11081204
.. [4] Spatiotemporal dynamics and driving factors of soil wind erosion in Inner Mongolia, China (2025). Remote Sensing
   17, 2365. doi:10.3390/rs17142365
.. [5] Allen, R. G., et al. (1998). Crop evapotranspiration. FAO Irrigation and Drainage Paper 56, equation 47.
.. [6] Gutman, G., Ignatov, A. (1998). The derivation of the green vegetation fraction from NOAA/AVHRR data.
   International Journal of Remote Sensing 19, 1533-1543. doi:10.1080/014311698215333
.. [7] Montandon, L. M., Small, E. E. (2008). The impact of soil reflectance on the quantification of the green
   vegetation fraction from NDVI. Remote Sensing of Environment 112, 1835-1845. doi:10.1016/j.rse.2007.09.007
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Wind at 2 m from which on soil moves, m/s, and gravity, m s-2.
THRESHOLD, GRAVITY = 5.0, 9.81
#: Wind at 2 m over that at 10 m above short grass: 4.87 / ln(67.8 * 10 - 5.42).
AT_TWO_METRES = 0.748
#: Gas constant of dry air, J kg-1 K-1.
DRY_AIR = 287.05
#: Metres from the edge of a field at which the loss is taken.
DISTANCE = 50.0
#: Product of the factors, kg m-1, from which on the loss at `DISTANCE` falls: there (z / s)**2 is 1.7422 / 0.7422.
GREATEST = (150.71 / DISTANCE * (1.7422 / 0.7422) ** 0.5) ** (1 / 0.3711)
#: Ranges of the soils that the erodible fraction was fitted on, percent; sand over clay is a ratio.
SAND, SILT, CLAY, SAND_OVER_CLAY = (5.5, 93.6), (0.5, 69.5), (5.0, 39.3), (1.2, 53.0)
ORGANIC_MATTER, LIME = (0.18, 4.79), (0.0, 25.2)
#: NDVI of bare soil and of closed leaves. Soils have 0.05 to 0.3 (0.2 in the mean of a library [7]_): sparse cover is
#: too large, the more the brighter the soil in the near infrared; constants make the years of a place comparable.
BARE, CLOSED = 0.05, 0.86

Values = NDArray[np.float64]


def soil_loss(factor: ArrayLike, distance: float = DISTANCE) -> Values:
    """Soil lost to wind in a month.

    Parameters
    ----------
    factor : array_like
        Product of weather factor (kg m-1), erodible fraction, soil crust factor, roughness and vegetation factor; any
        shape, 0 or more.
    distance : float
        Metres from the edge of a field.

    Returns
    -------
    ndarray
        kg m-2, 0 where `factor` is 0; NaN where it is NaN.

    Examples
    --------
    >>> soil_loss([0.0, 1.0, 10.0]).round(3).tolist()
    [0.0, 0.433, 14.538]
    """
    product = np.asarray(factor, float)
    # distance over critical field length, which is infinite where nothing moves
    apart = distance / 150.71 * product**0.3711
    return 2 / distance * apart**2 * 109.8 * product * np.exp(-(apart**2))


def wind_force(speed: ArrayLike) -> Values:
    """Force of the wind that moves soil, u (u - 5)**2 of the wind u at 2 m.

    Parameters
    ----------
    speed : array_like
        Wind at 10 m, m/s.

    Returns
    -------
    ndarray
        m3 s-3; 0 below 6.68 m/s at 10 m.

    Examples
    --------
    >>> wind_force([6.0, 10.0]).round(2).tolist()
    [0.0, 46.0]
    """
    wind = AT_TWO_METRES * np.asarray(speed, float)
    return wind * np.maximum(wind - THRESHOLD, 0) ** 2


def air_density(pressure: ArrayLike, temperature: ArrayLike) -> Values:
    """Density of dry air, kg m-3, from its pressure (Pa) and temperature (K)."""
    return np.asarray(pressure, float) / (DRY_AIR * np.asarray(temperature, float))


def evapotranspiration(sunlight: ArrayLike, temperature: ArrayLike) -> Values:
    """Potential evapotranspiration as RWEQ has it, 0.0162 (SR / 58.5) (T + 17.8).

    Parameters
    ----------
    sunlight : array_like
        Sunlight on the ground in the month, J m-2; SR is in cal cm-2.
    temperature : array_like
        Mean temperature, K; T is in degrees Celsius.

    Returns
    -------
    ndarray
        mm in the month; 0 below -17.8 degrees Celsius.
    """
    warm = np.maximum(np.asarray(temperature, float) - 273.15 + 17.8, 0)
    return 0.0162 * (np.asarray(sunlight, float) / 41_840 / 58.5) * warm


def soil_wetness(evaporated: ArrayLike, rain: ArrayLike, rainy: ArrayLike) -> Values:
    """Soil wetness factor SW, (ETp - R Rd / Nd) / ETp, without irrigation.

    Parameters
    ----------
    evaporated, rain : array_like
        Potential evapotranspiration, and rain, mm in the month.
    rainy : array_like
        Days with rain over days of the month, 0..1.

    Returns
    -------
    ndarray
        0 (wet, or nothing evaporates) to 1 (dry).

    Examples
    --------
    >>> soil_wetness([100.0, 10.0, 0.0], [40.0, 40.0, 0.0], [0.25, 0.5, 0.0]).tolist()
    [0.9, 0.0, 0.0]
    """
    potential = np.asarray(evaporated, float)
    left = potential - np.asarray(rain, float) * np.asarray(rainy, float)
    return np.clip(left / np.maximum(potential, 1e-6), 0, 1)


def weather_factor(
    force: ArrayLike, days: ArrayLike, density: ArrayLike, wetness: ArrayLike, snow: ArrayLike
) -> Values:
    """Weather factor WF of a month, Wf (rho / g) SW SD.

    Parameters
    ----------
    force : array_like
        Mean of `wind_force` over the month, m3 s-3; Wf is that of all its `days`.
    days : array_like
        Days of the month.
    density : array_like
        Density of the air, kg m-3.
    wetness : array_like
        `soil_wetness`, 0..1.
    snow : array_like
        Share of days on which more than 25.4 mm of snow lie, 0..1; SD is 1 less this.

    Returns
    -------
    ndarray
        kg m-1.
    """
    blown = np.asarray(force, float) * np.asarray(days, float) * np.asarray(density, float) / GRAVITY
    return blown * np.asarray(wetness, float) * (1 - np.asarray(snow, float))


def erodible_fraction(sand: ArrayLike, silt: ArrayLike, clay: ArrayLike, organic: ArrayLike, lime: ArrayLike) -> Values:
    """Wind-erodible fraction EF of the soil [2]_.

    Parameters
    ----------
    sand, silt, clay, organic, lime : array_like
        Sand, silt, clay, organic matter and calcium carbonate, percent by mass. What lies outside of the ranges of the
        fit (`SAND` …) is taken to their edge.

    Returns
    -------
    ndarray
        0..1.

    Examples
    --------
    >>> round(float(erodible_fraction(60, 25, 15, 2, 1)), 4)
    0.4713
    """
    of_sand, of_clay = _within(sand, SAND), _within(clay, CLAY)
    percent = 29.09 + 0.31 * of_sand + 0.17 * _within(silt, SILT) + 0.33 * _within(of_sand / of_clay, SAND_OVER_CLAY)
    return (percent - 2.59 * _within(organic, ORGANIC_MATTER) - 0.95 * _within(lime, LIME)) / 100


def crust_factor(clay: ArrayLike, organic: ArrayLike) -> Values:
    """Soil crust factor SCF, 1 / (1 + 0.0066 CL**2 + 0.021 OM**2), of clay and organic matter, percent, 0..1."""
    return 1 / (1 + 0.0066 * _within(clay, CLAY) ** 2 + 0.021 * _within(organic, ORGANIC_MATTER) ** 2)


def cover_of(ndvi: ArrayLike) -> Values:
    """Vegetation cover, percent, between the NDVI of bare soil and of closed leaves [6]_."""
    return 100 * np.clip((np.asarray(ndvi, float) - BARE) / (CLOSED - BARE), 0, 1)


def vegetation_factor(cover: ArrayLike) -> Values:
    """Vegetation factor C, exp(-0.0438 SC), of the cover in percent: 1 on bare ground."""
    return np.exp(-0.0438 * np.asarray(cover, float))


def _within(values: ArrayLike, limits: tuple[float, float]) -> Values:
    return np.clip(np.asarray(values, float), *limits)
