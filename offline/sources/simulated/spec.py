"""What a simulated asset is made of: bands with the fields that fill them, native grids, and days of images."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from offline.landscape import Scene
from offline.model.assets import Policy

Pixels = tuple[np.ndarray, np.ndarray]
Field = Callable[[Scene, date], tuple[NDArray[Any], NDArray[np.bool_]]]
"""(scene, first day of the image) -> values as stored, and where they are valid; both of the scene's shape.

Where a day has several images, a `datetime`: the moment at which the image begins."""

SINUSOIDAL = "SR-ORG:6974"
"""MODIS sinusoidal (sphere of radius 6,371,007.181 m), as Earth Engine names it."""

MODIS_WEST, MODIS_NORTH = -20015109.354, 10007554.677003
MODIS_250 = (231.65635826395825, 0.0, MODIS_WEST, 0.0, -231.65635826395834, MODIS_NORTH)
MODIS_500 = (463.3127165279165, 0.0, MODIS_WEST, 0.0, -463.3127165279167, MODIS_NORTH)
ERA5_LAND = (0.1, 0.0, -180.05, 0.0, -0.1, 90.05)
DAY = 86_400_000
"""Milliseconds."""
SOILGRIDS = (1 / 480, 0.0, -180.0, 0.0, -1 / 480, 90.0)
FIVE_MINUTES = (1 / 12, 0.0, -180.0, 0.0, -1 / 12, 90.0)
HALF_MINUTE = (1 / 120, 0.0, -180.0, 0.0, -1 / 120, 90.0)


@dataclass(frozen=True)
class StoredBand:
    """A band: what is stored, and the field that gives it."""

    name: str
    dtype: str
    field: Field
    pyramiding: Policy = "MEAN"
    """how a coarser pixel is made: classes by MODE, words of bits and days of the year by SAMPLE"""
    coarser: int = 1
    """how many cells of the data set's grid a cell of this band is wide"""


@dataclass(frozen=True)
class Grid:
    """A native grid, as Earth Engine reports it."""

    crs: str
    transform: tuple[float, ...]
    shape: tuple[int, int]

    def by(self, times: int) -> "Grid":
        """The grid with cells wider by a factor."""
        a, b, c, d, e, f = self.transform
        shape = (self.shape[0] // times, self.shape[1] // times)
        return Grid(self.crs, (a * times, b, c, d, e * times, f), shape)


@dataclass(frozen=True)
class SceneTile:
    """A small area of which there are scenes of its own."""

    name: str
    lon: float
    lat: float
    grid: Grid
    footprint: Any
    """shapely polygon, longitude and latitude; None for the globe"""


MODIS_250_GRID = Grid(SINUSOIDAL, MODIS_250, (172800, 86400))
MODIS_500_GRID = Grid(SINUSOIDAL, MODIS_500, (86400, 43200))
ERA5_GRID = Grid("EPSG:4326", ERA5_LAND, (3601, 1801))


@dataclass(frozen=True)
class Spec:
    """A data set; `starts` are the first days of its images (empty: a single image)."""

    id: str
    title: str
    grid: Grid
    bands: tuple[StoredBand, ...]
    starts: tuple[date, ...] = ()
    index: str = "%Y_%m_%d"
    ends: Callable[[date], date] | None = None
    tiles: tuple[SceneTile, ...] = ()
    """of scenes: each has all dates, and its name replaces `{}` in the index"""
    tile_is_band: bool = False
    """whether the images of a tile have only the band of its name"""
    extra: Callable[[SceneTile, date, int], dict[str, Any]] | None = None
    """further properties of a scene, from its tile, day and the seed"""
    absent: Callable[[date], frozenset[str]] = lambda _day: frozenset()
    """bands that the images of a day lack"""
    goes_on: Callable[[date, date], tuple[date, ...]] | None = None
    """first days of the images from a day to a day, for what goes on after the last of `starts`"""
    hours: tuple[float, ...] = (0,)
    """hours (UTC) at which the images of a day begin"""

    def moments(self, day: date) -> tuple[date, ...]:
        """What fills the images of a day: the day where there is one of them, else the moments at which they begin."""
        if len(self.hours) == 1:
            return (day,)
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return tuple(midnight + timedelta(hours=hour) for hour in self.hours)

    def period(self, moment: date) -> tuple[int, int]:
        """When the image of a moment begins and ends, milliseconds since 1970."""
        assert self.ends is not None
        if isinstance(moment, datetime):
            begin = round(moment.timestamp() * 1000)
            return begin, begin + DAY // len(self.hours)
        return milliseconds(moment) + round(3_600_000 * self.hours[0]), milliseconds(self.ends(moment))

    def lacking(self, day: date | None, tile: SceneTile | None) -> frozenset[str]:
        """The bands that an image of a tile that begins on a day lacks."""
        absent = self.absent(day) if day is not None else frozenset()
        if tile is None or not self.tile_is_band:
            return absent
        return absent | {band.name for band in self.bands if band.name != tile.name}

    def bands_of(self, day: date | None, tile: SceneTile | None = None) -> tuple[StoredBand, ...]:
        """The bands of an image of a tile that begins on a day."""
        lacking = self.lacking(day, tile)
        return tuple(band for band in self.bands if band.name not in lacking)


def milliseconds(day: date) -> int:
    """The beginning of a day (UTC), since 1970."""
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def next_month(day: date) -> date:
    """The first of the next month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def next_year(day: date) -> date:
    """The same day a year later."""
    return day.replace(year=day.year + 1)


def years(first: int, last: int) -> tuple[date, ...]:
    """New Year's days."""
    return tuple(date(year, 1, 1) for year in range(first, last + 1))


def every_day(first: date, last: date) -> tuple[date, ...]:
    """All days of a span."""
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def months(first: int, last: int) -> tuple[date, ...]:
    """First days of all months of some years."""
    return tuple(date(year, month, 1) for year in range(first, last + 1) for month in range(1, 13))


def every_month(first: date, last: date) -> tuple[date, ...]:
    """First days of the months that begin in a span."""
    return tuple(day for day in months(first.year, last.year) if first <= day <= last)


def every_year(first: date, last: date) -> tuple[date, ...]:
    """New Year's days of a span."""
    return tuple(day for day in years(first.year, last.year) if first <= day <= last)


def pentads(first: date, last: date) -> tuple[date, ...]:
    """First days of the pentads that begin in a span: six in a month."""
    days = (m.replace(day=day) for m in months(first.year, last.year) for day in (1, 6, 11, 16, 21, 26))
    return tuple(day for day in days if first <= day <= last)
