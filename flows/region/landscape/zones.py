"""The climate zones of the landscape, cell by cell those that Earth Engine computes from the simulated ERA5-Land.

`series.climate_zones` and `series.evapotranspiration` have the rules and their sources, as expressions of the service.
Here are the same rules for arrays: a region is scored without a server. The limits are read from there.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from offline.sources.simulated import bands
from series.climate_zones import COOL, FROSTLESS, HOT, MOIST, MONTANE, SUMMER, WARM, WET
from series.evapotranspiration import OVERCAST, WIND

if TYPE_CHECKING:
    from offline.landscape import Scene
    from offline.sources.simulated.bands import Stored

Values = NDArray[np.float64]
#: Fields of the bands of the formula `ipcc-zones`, in their order.
FIELDS = (bands.temperature, bands.dew_point, bands.sunlight, bands.surface_pressure, bands.precipitation)


@dataclass(frozen=True)
class Month:
    """Means of one month over years: temperature and dew point (K), sunlight (J m-2), pressure (Pa), rain (m)."""

    temperature: Values
    dew_point: Values
    sunlight: Values
    pressure: Values
    rain: Values


def climate_zones(scene: Scene, years: tuple[int, int], height: Callable[[], NDArray[np.float32]]) -> Stored:
    """Climate zones, 1 to 12, of the means over years, and where there is land.

    Parameters
    ----------
    scene
        The landscape at the centres of the cells.
    years
        First and last year of the means.
    height
        Gives the elevation of the cells (m); asked for where there are tropical cells only.

    Returns
    -------
    tuple of numpy.ndarray
        uint8 and bool, both of the shape of the scene.
    """
    months = [_mean_month(scene, years, number) for number in range(1, 13)]
    # the service adds up numbers of four bytes, as here
    celsius = np.stack([np.float32(month.temperature - 273.15) for month in months]).astype(float)
    rain = np.sum([np.float32(month.rain * 1000) for month in months], axis=0, dtype=float)
    latitude = np.radians(np.broadcast_to(scene.points.lat, scene.points.shape).astype(float))
    grass = [np.float32(month_of_grass(month, latitude, number)) for number, month in enumerate(months, start=1)]
    dry = rain <= np.sum(grass, axis=0, dtype=float)
    mean = celsius.mean(axis=0)
    conditions = [mean > WARM, mean > COOL, celsius.max(axis=0) < SUMMER]
    zones = np.select(conditions, [dry + 1, dry + 3, dry + 5], dry + 7)
    tropical = (mean > HOT) & (celsius.min(axis=0) >= FROSTLESS)
    if tropical.any():
        wetness = np.where(height() >= MONTANE, 9, 10 + (rain <= MOIST) + (rain <= WET))
        zones = np.where(tropical, wetness, zones)
    return zones.astype(np.uint8), scene.land


def _mean_month(scene: Scene, years: tuple[int, int], number: int) -> Month:
    """The mean of a month of the year over years."""
    first, last = years
    sums = [np.zeros(scene.points.shape) for _ in FIELDS]
    for year in range(first, last + 1):
        for total, field in zip(sums, FIELDS, strict=True):
            total += field(scene, date(year, number, 1))[0]
    return Month(*(total / (last - first + 1) for total in sums))


def month_of_grass(month: Month, latitude: Values, number: int) -> Values:
    """Evapotranspiration of reference grass in a month of a common year, mm, 0 or more; latitude in radians."""
    days = monthrange(2001, number)[1]
    celsius, pressure = month.temperature - 273.15, month.pressure / 1000
    sunlight = month.sunlight / 1e6 / days
    saturated, vapour = _vapour(celsius), _vapour(month.dew_point - 273.15)
    height = (1 - (pressure / 101.3) ** (1 / 5.26)) * 293 / 0.0065
    clear = (0.75 + 2e-5 * height) * _sun_above(latitude, number)
    cloudless = np.clip(sunlight / np.maximum(clear, 1e-6), OVERCAST, 1)
    warmth = 4.903e-9 * (celsius + 273.16) ** 4 * (0.34 - 0.14 * np.sqrt(vapour))
    net = 0.77 * sunlight - warmth * (1.35 * cloudless - 0.35)
    slope, psychrometric = 4098 * saturated / (celsius + 237.3) ** 2, 0.665e-3 * pressure
    blown = psychrometric * 900 / (celsius + 273) * WIND * (saturated - vapour)
    grass = (0.408 * slope * net + blown) / (slope + psychrometric * (1 + 0.34 * WIND))
    return np.asarray(np.maximum(grass, 0) * days)


def _vapour(celsius: Values) -> Values:
    """Pressure of saturated vapour, kPa."""
    return np.asarray(0.6108 * np.exp(17.27 * celsius / (celsius + 237.3)))


def _sun_above(latitude: Values, number: int) -> Values:
    """Sunlight at the top of the atmosphere in the middle of a month, MJ m-2 a day."""
    angle = np.floor(30.4 * number - 15) * 2 * np.pi / 365
    nearness, declination = 1 + 0.033 * np.cos(angle), 0.409 * np.sin(angle - 1.39)
    sunset = np.arccos(np.clip(-np.tan(latitude) * np.tan(declination), -1, 1))
    height = sunset * np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.sin(sunset)
    return np.asarray(24 * 60 / np.pi * 0.0820 * nearness * height)
