"""Fields of further data sets: other satellites and models over the same landscape, so that they agree with it."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offline.landscape import Scene, cover
from offline.landscape.disturbance.rain_products import Product
from offline.landscape.noise import cell_hash, key, uniform
from offline.sources.simulated import bands
from offline.sources.simulated.bands import Stored

CHIRPS_NORTH, SRTM_NORTH = 50.0, 60.0
"""CHIRPS and SRTM end at these latitudes, degrees."""

WORLDCOVER = np.array([0, 10, 10, 10, 10, 10, 20, 20, 10, 30, 30, 90, 40, 50, 40, 70, 60, 80], np.uint8)
"""ESA WorldCover class of an IGBP class used as index."""

CCI = np.array([0, 70, 50, 80, 60, 90, 120, 120, 100, 110, 130, 180, 10, 190, 30, 220, 200, 210], np.uint8)
"""ESA CCI land-cover class of an IGBP class used as index."""

DRAINED = 900.0
"""Millimetres of water in a column of soil whose moisture is 1."""


def elevation(scene: Scene, start: date) -> Stored:
    """Metres; the sea is masked, and all from the 60th parallel on, where the shuttle did not look."""
    north = np.broadcast_to(scene.points.lat, scene.points.shape) < SRTM_NORTH
    return np.rint(scene.normal.height), scene.land & north


def world_cover(scene: Scene, start: date) -> Stored:
    """ESA WorldCover classes, 10 to 90."""
    return WORLDCOVER[scene.observed_cover(start.year)], scene.land


def cci_cover(year: int) -> Callable[[Scene, date], Stored]:
    """ESA CCI classes of a year; before 2001 those of 2001."""

    def field(scene: Scene, start: date) -> Stored:
        return CCI[scene.observed_cover(max(year, 2001))], scene.land

    return field


def _covered(scene: Scene, north: float = CHIRPS_NORTH) -> NDArray[np.bool_]:
    return np.asarray(scene.land & (np.broadcast_to(scene.points.lat, scene.points.shape) < north))


def pentad_rain(scene: Scene, start: date, product: Product = "chirps", north: float = CHIRPS_NORTH) -> Stored:
    """Millimetres in five days (three to six at the end of a month): its share of the month; none from a latitude."""
    days_of_month = monthrange(start.year, start.month)[1]
    days = 5 if start.day < 26 else days_of_month - 25
    rain, _ = bands.precipitation(scene, start.replace(day=1), product)
    return rain * np.float32(1000 * days / days_of_month), _covered(scene, north)


def yearly_rain(year: int) -> Callable[[Scene, date], Stored]:
    """Millimetres in a year; none from 50 N."""

    def field(scene: Scene, start: date) -> Stored:
        months = [bands.precipitation(scene, date(year, month, 1), "chirps")[0] for month in range(1, 13)]
        return np.rint(np.sum(months, axis=0) * 1000), _covered(scene)

    return field


def rain_rate(scene: Scene, start: date) -> Stored:
    """Millimetres an hour, mean of the month."""
    rain, valid = bands.precipitation(scene, start, "imerg")
    return rain * np.float32(1000 / (24 * monthrange(start.year, start.month)[1])), valid


def monthly_rain(scene: Scene, start: date) -> Stored:
    """Millimetres in a month."""
    rain, valid = bands.precipitation(scene, start, "terraclimate")
    return np.rint(rain * 1000), valid


def warmest(scene: Scene, start: date) -> Stored:
    """Daily maximum, tenths of a degree Celsius."""
    kelvin, valid = bands.temperature(scene, start)
    return np.rint((kelvin - np.float32(273.15) + 6) * 10), valid


def coldest(scene: Scene, start: date) -> Stored:
    """Daily minimum, tenths of a degree Celsius."""
    kelvin, valid = bands.temperature(scene, start)
    return np.rint((kelvin - np.float32(273.15) - 6) * 10), valid


def evaporative_demand(scene: Scene, start: date) -> Stored:
    """Reference evapotranspiration, tenths of a millimetre in a month."""
    metres, valid = bands.potential_evaporation(scene, start)
    return np.rint(-metres * 1e4), valid


def soil_column(scene: Scene, start: date) -> Stored:
    """Water in the soil, tenths of a millimetre."""
    share, valid = bands.soil_water(scene, start, "terraclimate")
    return np.rint(share * np.float32(10 * DRAINED)), valid


def water_occurrence(scene: Scene, start: date) -> Stored:
    """Per cent of the time that there was water; masked where there never was any."""
    water = (scene.original_cover == cover.WATER) & scene.land
    share = 70 + 30 * uniform(cell_hash(scene.points, key(scene.seed, 96)))
    return np.rint(np.where(water, share, 0)), water


def water_months(scene: Scene, start: date) -> Stored:
    """Months with water; lakes freeze over and count all the same."""
    share, water = water_occurrence(scene, start)
    return np.rint(share * 0.12), water


def night_lights(scene: Scene, start: date) -> Stored:
    """nW / (cm2 sr): towns and mines shine, fields a little, the rest is dark."""
    classes = scene.land_cover(start.year)
    spread = uniform(cell_hash(scene.points, key(scene.seed, 97)))
    light = [8 + 40 * spread, 0.4 + spread]
    bright = np.select([classes == cover.URBAN, classes == cover.CROPLAND], light, 0.05 * spread)
    return bright.astype(np.float32) + scene.marks.lights(start.year), scene.land


def mean_of_year(year: int) -> Callable[[Scene, date], Stored]:
    """NDVI x 10,000: mean of the good and marginal composites of a calendar year."""

    def field(scene: Scene, start: date) -> Stored:
        total = np.zeros(scene.points.shape, np.float32)
        count = np.zeros(scene.points.shape, np.float32)
        for step in range(23):
            view = scene.view(date(year, 1, 1) + timedelta(days=16 * step))
            good = view.quality <= 1
            total += np.where(good, view.ndvi, 0)
            count += good
        mean: Any = np.rint(total / np.maximum(count, 1))
        return mean, scene.seen & (count > 0)

    return field
