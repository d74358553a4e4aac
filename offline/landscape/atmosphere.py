"""The air above the landscape: its pressure, its humidity, and the sunshine that reaches the ground.

They follow the same rain and warmth as everything else, so that a dry month is sunny and its air is dry. Pressure is
that of the standard atmosphere; the sun is that of FAO Irrigation and Drainage Paper 56 (Allen et al. 1998, equations
7, 11 and 21 to 25, on the middle day of the month).
"""

from calendar import monthrange

import numpy as np

from offline.landscape.climate import Normals, share_of_month
from offline.landscape.noise import Floats
from offline.landscape.points import Points

SOLAR = 0.0820
"""Solar constant, MJ a square metre and minute."""

CLOUDIEST = 0.35
"""Least share of the sun at the top of the atmosphere that reaches the ground in a month."""

DRIEST, MOISTEST = 0.15, 0.95
"""Limits of the relative humidity of a month."""


def pressure(normal: Normals) -> Floats:
    """Pascals at the ground, the same all the time."""
    warm = np.float32(293.0)
    return np.asarray(101_325.0 * ((warm - np.float32(0.0065) * normal.height) / warm) ** 5.26, np.float32)


def humidity(normal: Normals, anomaly: Floats, month: int) -> Floats:
    """Relative humidity at 2 m, mean of a month, 0..1: higher where and when it rains, lowest in April."""
    wet = normal.rain / (normal.rain + np.float32(420.0))
    season = np.float32(-0.09 * np.cos(2 * np.pi * (month - 4) / 12.0))
    share = 0.34 + 0.45 * wet + season + 0.015 * anomaly
    return np.asarray(np.clip(share, DRIEST, MOISTEST), np.float32)


def dew_point(celsius: Floats, humidity: Floats) -> Floats:
    """Degrees Celsius at which air of a temperature and relative humidity is saturated (Tetens)."""
    vapour = np.log(humidity) + np.float32(17.27) * celsius / (celsius + np.float32(237.3))
    return np.asarray(237.3 * vapour / (17.27 - vapour), np.float32)


def sunshine(points: Points, normal: Normals, anomaly: Floats, year: int, month: int) -> Floats:
    """Joules of sunlight on a square metre of ground in a month: fewer the more it rains, in a place and in a month."""
    wet = normal.rain / (normal.rain + np.float32(420.0))
    rainy = share_of_month(normal, month) * np.float32(12.0) - np.float32(1.0)
    through = clear_sky(normal) - 0.10 - 0.20 * wet - 0.03 * wet * rainy - 0.015 * anomaly
    days = monthrange(year, month)[1]
    share = np.clip(through, CLOUDIEST, clear_sky(normal))
    return np.asarray(share * top_of_atmosphere(points, month) * np.float32(1e6 * days), np.float32)


def clear_sky(normal: Normals) -> Floats:
    """Share of the sun at the top of the atmosphere that a cloudless sky lets through; more the higher the ground."""
    return np.asarray(0.75 + 2e-5 * normal.height, np.float32)


def top_of_atmosphere(points: Points, month: int) -> Floats:
    """MJ a square metre and day above the atmosphere, in the middle of a month."""
    angle = 2 * np.pi * int(30.4 * month - 15) / 365.0
    nearness, declination = 1 + 0.033 * np.cos(angle), 0.409 * np.sin(angle - 1.39)
    latitude = np.radians(points.lat)
    sunset = np.arccos(np.clip(-np.tan(latitude) * np.tan(declination), -1, 1))
    height = sunset * np.sin(latitude) * np.sin(declination)
    height = height + np.cos(latitude) * np.cos(declination) * np.sin(sunset)
    return np.asarray(np.broadcast_to(24 * 60 / np.pi * SOLAR * nearness * height, points.shape), np.float32)
