"""Greenness: NDVI = soil + amplitude x season x weather x what people did, and what a satellite sees of it."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numba import njit
from numpy.typing import NDArray

from offline.landscape import climate, cover
from offline.landscape.climate import Normals
from offline.landscape.noise import (
    SECOND_LATTICE,
    Floats,
    Hashes,
    Stencil,
    cell_hash,
    gaussian,
    key,
    quantiles,
    scramble,
    value_noise,
)
from offline.landscape.points import Points
from offline.landscape.sensors import TERRA, Sensor, hours_early
from offline.landscape.world import SensorErrors

GOOD, MARGINAL, SNOW, CLOUDY = 0, 1, 2, 3
"""SummaryQA of MOD13Q1."""

SCALE = 1e-4
SEASON_DAYS = tuple(range(128, 273, 16))
"""Days of the year that stand for the growing season May to September."""

DENSE, DENSEST = 0.8, 0.93
"""NDVI from which a canopy saturates, and that it never reaches."""

SWATH_WIDTH, CALIBRATED = 5.0, 2000
"""Degrees over which view angles are alike, and the year in which the calibration has not drifted yet."""

LEAST_GREEN = 0.1
"""However strong the damage, this part of the green signal stays."""

_ABUNDANCE = np.ones(18, np.float32)
_ABUNDANCE[[cover.CROPLAND, cover.CROP_MOSAIC]] = 1.12, 1.1
_ABUNDANCE[[cover.URBAN, cover.BARREN, cover.SNOW, cover.WATER]] = 0.45, 0.6, 0.05, 0.0
_ABUNDANCE[[cover.WETLAND, cover.OPEN_SHRUBLAND]] = 1.15, 0.95


@dataclass(frozen=True)
class Canopy:
    """Properties of the vegetation; float32, shape of the points."""

    soil: Floats
    """NDVI of the bare ground"""
    amplitude: Floats
    """NDVI that vegetation adds at its peak under mean weather"""
    green_up: Floats
    """day of year at half of the rise"""
    senescence: Floats
    """day of year at half of the fall"""
    response: Floats
    """change of the logarithm of the green signal per standard deviation of past rain"""
    leverage: Floats
    """growing-season NDVI over its green part: turns a change of NDVI into one of the green part"""
    season_mean: Floats
    """growing-season mean NDVI under mean weather, nothing planted"""


def canopy(points: Points, normal: Normals, classes: NDArray[np.uint8], seed: int) -> Canopy:
    """Vegetation of the points before anything planted."""
    wet = 1 - np.exp(-((normal.aridity / 0.55) ** 1.25))
    texture = 0.10 * value_noise(points, 0.03, key(seed, 51)) + 0.09 * value_noise(points, 0.2, key(seed, 52))
    texture += np.float32(0.06) * gaussian(cell_hash(points, key(seed, 53)))
    abundance = _ABUNDANCE[classes]
    irrigated = (classes == cover.CROPLAND) & (normal.aridity < 0.3)
    amplitude = np.where(irrigated, 0.42, 0.80 * wet * abundance) * np.exp(texture)
    bare = 0.078 + 0.05 * wet + 0.010 * value_noise(points, 0.35, key(seed, 54))
    soil = np.where(classes == cover.WATER, -0.10, np.maximum(bare, 0.04))
    # the days on which the mean temperature rises above and falls below 5 degrees
    warm_half = np.arccos(np.clip((normal.temperature - 5.0) / normal.swing, -0.95, 0.95))
    cold_days = (np.pi - warm_half) * np.float32(365.0 / (2 * np.pi))
    green_up = 20 + 182.5 - cold_days + 14
    senescence = 20 + 182.5 + cold_days - 12
    ground, peak, rise, fall = (
        np.asarray(v, np.float32) for v in (soil, np.minimum(amplitude, 0.82), green_up, senescence)
    )
    response = np.asarray(0.11 + 0.26 * np.exp(-normal.aridity / 0.3), np.float32)
    season = np.zeros(points.shape, np.float32)
    for day in SEASON_DAYS:
        season += phenology(day, rise, fall)
    green = peak * season / np.float32(len(SEASON_DAYS))
    mean = ground + green
    leverage = np.where(green > 0.004, mean / np.maximum(green, 0.004), 0.0)
    return Canopy(ground, peak, rise, fall, response, np.asarray(leverage, np.float32), mean)


def phenology(day: float, green_up: Floats, senescence: Floats) -> Floats:
    """Fraction of the peak on a day of the year, 0..1: two logistic curves and a July maximum."""
    rise = np.exp((green_up - np.float32(day)) * np.float32(1 / 11.0))
    fall = np.exp((np.float32(day) - senescence) * np.float32(1 / 13.0))
    july = np.float32(0.78 + 0.22 * np.exp(-(((day - 212) / 38.0) ** 2)))
    return july / ((1 + rise) * (1 + fall))


def saturate(ndvi: Floats) -> Floats:
    """Bend values above `DENSE` (in place), so that none reaches `DENSEST`: leaves hide other leaves."""
    dense = ndvi > DENSE
    room = np.float32(DENSEST - DENSE)
    ndvi[dense] = np.float32(DENSE) + room * np.tanh((ndvi[dense] - np.float32(DENSE)) / room)
    return ndvi


def green_factor(leverage: Floats, level: Floats) -> Floats:
    """Factor on the green signal that changes growing-season NDVI by the fraction `level`."""
    factor = leverage * level
    factor += np.float32(1.0)
    return np.maximum(factor, np.float32(LEAST_GREEN), out=factor)


@dataclass(frozen=True)
class Composite:
    """One 16-day composite; int16 NDVI scaled by 1e-4, int8 SummaryQA."""

    ndvi: NDArray[np.int16]
    quality: NDArray[np.int8]


class Camera:
    """A satellite over fixed points: what every date needs is computed once."""

    def __init__(self, points: Points, normal: Normals, seed: int, sensor: SensorErrors) -> None:
        self.seed = seed
        self._sensor = sensor
        self._swath = Stencil.of(points, SWATH_WIDTH) if sensor.swath else None
        self._cells = cell_hash(points, key(seed, 81))
        self._clouds = (Stencil.of(points, 1.4), Stencil.of(points, 1.4 * SECOND_LATTICE))
        self._snow = Stencil.of(points, 0.5)
        self._patchwork = Stencil.of(points, 0.08)
        rainy = [climate.rain_of_month(normal, np.zeros(1, np.float32), m) for m in range(1, 13)]
        # threshold of cloudiness: a month of 100 mm is cloudy in one composite of six, a dry one in 50
        self._cloud_limit = [np.asarray(2.1 - 1.1 * np.minimum(r / 0.1, 1.2), np.float32) for r in rainy]
        # what falls in a desert's winter is blown away: it lies in severe cold only
        self._snow_depth = np.asarray(2.0 - 24.0 * np.exp(-normal.rain / 100.0), np.float32)

    def year_noise(self, year: int) -> Floats:
        """Fluctuation from year to year that no weather explains (grazing, pests), standard deviation 1."""
        return self._patchwork.noise(key(self.seed, 82, year))

    def snow_line(self, start: date) -> Floats:
        """Degrees Celsius of the season below which snow lies in the 16 days from a date."""
        line = self._snow.noise(key(self.seed, 84, start.toordinal()))
        line *= np.float32(2.0)
        line += self._snow_depth
        line -= np.float32(4.0)
        return line

    def view(self, ndvi: Floats, start: date, celsius: Floats, sensor: Sensor = TERRA) -> Composite:
        """What a sensor sees of an NDVI after its response: with snow, cloud, view noise and drifts."""
        # every sensor has draws of its own; those of Terra are as old as the landscape
        step = (start.toordinal(), *((sensor.stream,) if sensor.stream else ()))
        errors = self._sensor
        if self._swath is not None:
            view = self._swath.noise(key(self.seed, 87, *step))
            view *= np.float32(errors.swath)
            drift = 0.0 if sensor.calibrated else errors.drift
            view += np.float32(1 + drift * (start.year + start.month / 12 - CALIBRATED) / 10)
            ndvi = ndvi * view
        if errors.orbit_drift and not sensor.calibrated:
            early = hours_early(start.year + (start.timetuple().tm_yday + 7) / 365.25)
            ndvi = ndvi * np.float32(1 + errors.orbit_drift * early)
        score = self._clouds[0].noise(key(self.seed, 85, *step))
        score += self._clouds[1].noise(key(self.seed, 86, *step))
        draws = scramble(self._cells ^ key(self.seed, 83, *step))
        limit = self._cloud_limit[start.month - 1]
        parts = (each.ravel() for each in (ndvi, celsius, self.snow_line(start), score, limit, draws, scramble(draws)))
        scaled, quality = seen(*parts, quantiles(), errors.pixel * sensor.noise, errors.pixel_floor * sensor.noise)
        return Composite(scaled.reshape(ndvi.shape), quality.reshape(ndvi.shape))


@njit(cache=True, nogil=True)
def seen(
    ndvi: Floats,
    celsius: Floats,
    snow: Floats,
    clouds: Floats,
    limit: Floats,
    draws: Hashes,
    others: Hashes,
    normal: Floats,
    relative: float,
    floor: float,
) -> tuple[NDArray[np.int16], NDArray[np.int8]]:  # pragma: no cover - compiled
    """NDVI x 10,000 and SummaryQA of pixels: `snow` lies where it is colder than this;
    clouds are over what scores above 0, `limit` being what takes from the score; `normal` are quantiles;
    the noise of a pixel is `relative` to its NDVI, and `floor` beside."""
    scaled, quality = np.empty(ndvi.size, np.int16), np.empty(ndvi.size, np.int8)
    for n in range(ndvi.size):
        noise = normal[draws[n] >> 20]
        value = ndvi[n] * (1 + relative * noise) + floor * noise
        state = GOOD
        snowy = celsius[n] < snow[n]
        if snowy:
            value = 0.02 + 0.25 * value
        score = 0.55 * clouds[n] + 0.65 * normal[others[n] >> 20] - limit[n]
        if score > -0.75:
            # A third number of the same pixel, from bits that the two normal values left over.
            value *= 1 - 0.07 * ((draws[n] ^ (others[n] << 8)) & 0xFFFFF) / 0x100000
            state = MARGINAL
        if score > 0:
            value *= 0.55
            state = CLOUDY
        elif snowy:
            state = SNOW
        scaled[n], quality[n] = np.rint(min(max(value, -0.2), 1.0) / SCALE), state
    return scaled, quality


def middle(start: date) -> tuple[int, float, float]:
    """Year, day of year and month (0 at New Year, fractions) of the middle of a 16-day composite."""
    centre = start + timedelta(days=8)
    day = float(centre.timetuple().tm_yday)
    return centre.year, day, day / 365.25 * 12.0
