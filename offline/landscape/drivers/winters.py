"""Winters: how cold and how snowy they are, and where snow lies on a day.

A winter is that of its January: November of the year before to March. Snow lies where a day of the season is colder
than the snow line of its sixteen days, in the month's own warmth, and as far as enough of it has fallen.
"""

from calendar import monthrange
from datetime import date, timedelta

import numpy as np

from offline.landscape import climate
from offline.landscape.noise import Floats
from offline.landscape.scene import Scene

MONTHS = (-2, -1, 0, 1, 2)
"""November to March, counted from January."""

COVERING = 8.0
"""Millimetres of a winter's snow that leave about a third of the ground bare."""

SNOWFALL_DAYS = 180
"""Days from the first of October until all of a winter's snow has fallen."""

STEADY_DAYS = 8
"""Days for which the depth of snow stays the same."""

LOOSE = 5.0
"""How much deeper snow is than its water."""

MILD_SPREAD = 0.37
"""Standard deviation of the mean warmth of five months, which hang together."""


def months_of(year: int) -> list[date]:
    """First days of the months of a winter."""
    return [date(year - 1, 11, 1), date(year - 1, 12, 1), *(date(year, month, 1) for month in (1, 2, 3))]


def warmth(scene: Scene, year: int) -> Floats:
    """Standardised temperature of a winter, warm is positive."""
    total = sum(scene.weather.warmth(12 * year + month) for month in MONTHS)
    return np.asarray(total / np.float32(len(MONTHS) * MILD_SPREAD), np.float32)


def severity(scene: Scene, year: int) -> Floats:
    """How hard a winter is for herds, standard deviation about 1: cold and snowy, after a summer of little grass."""
    grass = scene.weather.moisture(12 * (year - 1) + 8.0)
    hard = 0.55 * scene.weather.winter(year) - 0.75 * warmth(scene, year) - 0.35 * grass
    return np.asarray(hard, np.float32)


def snow_share(scene: Scene, day: date) -> Floats:
    """Part of the ground under snow on a day, 0..1."""
    period = date(day.year, 1, 1).toordinal() + (day.timetuple().tm_yday - 1) // 16 * 16
    line = scene.camera.snow_line(date.fromordinal(period))
    month = day.month - 1 + (day.day - 0.5) / monthrange(day.year, day.month)[1]
    anomaly = scene.weather.warmth(12 * day.year + month - 0.5)
    colder = line - climate.temperature_at(scene.normal, anomaly, month, day.year)
    share = np.clip(np.float32(0.5) + colder / np.float32(4), 0, 1) * _lying(scene, day.year + (day.month > 6))
    return np.asarray(share * scene.land, np.float32)


def depth(scene: Scene, day: date) -> Floats:
    """How deep snow lies on a day in the mean over all ground, metres: it grows from October to March.

    The same for all of the eight days that a day lies in, counted from the first of October.
    """
    winter = day.year + (day.month > 9)
    passed = (day - date(winter - 1, 10, 1)).days // STEADY_DAYS * STEADY_DAYS

    def lies() -> Floats:
        there = _fallen(scene, winter) * np.float32(min(passed / SNOWFALL_DAYS, 1.0) * LOOSE / 1000)
        return np.asarray(snow_share(scene, date(winter - 1, 10, 1) + timedelta(passed)) * there, np.float32)

    found: Floats = scene.kept.get(("depth of snow", winter, passed), lies)
    return found


def _lying(scene: Scene, year: int) -> Floats:
    """Part of cold ground that a winter's snow covers, 0..1."""
    return np.asarray(1 - np.exp(-_fallen(scene, year) / np.float32(COVERING)), np.float32)


def _fallen(scene: Scene, year: int) -> Floats:
    """Precipitation of a winter, mm."""

    def total() -> Floats:
        share = sum(climate.share_of_month(scene.normal, month % 12 + 1) for month in MONTHS)
        return np.asarray(
            scene.normal.rain * share * np.exp(scene.normal.spread * scene.weather.winter(year)), np.float32
        )

    found: Floats = scene.kept.get(("precipitation of a winter", year), total)
    return found
