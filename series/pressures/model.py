"""One pressure: an asset that one request reduces by year, its series, and what a reader must know of them."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import ee
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from series.notes import Notes as Notes
from series.tables import cell_for

#: Land, not light, is summed; a mean of a rate is a rate.
SQUARE_METRES = 1e6
EARTH_KM = 6371.007181
Span = Literal["year", "winter", "summer"]
#: First month and day of a span, the same after its last day, and the month in which its last images begin. A winter
#: is that of its January, and begins in the year before.
SPANS: dict[Span, tuple[tuple[int, int], tuple[int, int], int]] = {
    "year": ((1, 1), (1, 1), 12),
    "winter": ((11, 1), (4, 1), 3),
    "summer": ((6, 1), (10, 1), 9),
}


@dataclass(frozen=True)
class Measure:
    """A yearly series: its name and units.

    `days`: the value is a share of the days of the pressure's span, stored as days. `weights`: the series is a weighted
    sum of others, by name, and is not requested.
    """

    name: str
    units: str
    days: bool = False
    weights: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Beside:
    """Another asset that a pressure is made of: its bands, images a year, and stored pixels that a cell reads."""

    asset: str
    bands: tuple[str, ...]
    images_a_year: int = 1
    pixels: int = 1


@dataclass(frozen=True)
class Pressure:
    """A pressure: `value` turns an image into a band for each of `measures` that is read.

    Images of a year's span are combined to their mean, or greatest value; `every` (days) and `hour` (UTC) choose some
    of them, of which `images_a_year` are read. Then the region is reduced: `unit` "area" sums the square kilometres of
    cells times the value, "count" sums what native cells hold, "mean" averages. `first_year` and `ended` are years of
    the asset, None while it goes on; `cell` is its native cell in degrees. Values that are averages or densities
    (`averaged`) are read at coarser cells where the region is large.

    `years_apart`: years from one map to the next. `codes`: the asset has an image for each year and each of these codes
    (properties `year` and `threat_code`); their only bands are the measures, in this order. `earlier`: days by which
    images begin before the month that they are of. `images_needed`: a year with fewer images has no row; where it is
    more than one, the last month may lack its image once there are later ones. Regions smaller than `least_km2`, the
    land that a value is of, have no series.

    What is made of several assets (`besides`) has a function for the image of a year in place of `value`: `made`, of
    the year and cell, masked where the year is not complete. `corner` is the north-western one of the grid on which
    regions are reduced. `on_request`: it takes so long that only a request for it reads it.
    """

    name: str
    asset: str
    bands: tuple[str, ...]
    measures: tuple[Measure, ...]
    value: Callable[[Any], Any]
    first_year: int
    cell: float
    notes: Notes
    ended: int | None = None
    unit: Literal["area", "count", "mean"] = "mean"
    together: Literal["mean", "max"] = "mean"
    span: Span = "year"
    every: int | None = None
    hour: int | None = None
    images_a_year: int = 1
    averaged: bool = False
    years_apart: int = 1
    codes: tuple[str, ...] = ()
    earlier: int = 0
    images_needed: int = 1
    least_km2: float = 0.0
    besides: tuple[Beside, ...] = ()
    on_request: bool = False
    made: Callable[[int, float], Any] | None = None
    corner: tuple[float, float] = (-180.0, 90.0)

    @property
    def reads(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """All assets that it is made of, the main one first, and the bands that are read of each."""
        return ((self.asset, self.bands), *((each.asset, each.bands) for each in self.besides))

    @property
    def assets(self) -> tuple[str, ...]:
        """All assets that it is made of, the main one first."""
        return tuple(asset for asset, _ in self.reads)

    @property
    def layers(self) -> int:
        """Stored layers that a year is read from."""
        others = sum(each.images_a_year * len(each.bands) * each.pixels for each in self.besides)
        return self.images_a_year * len(self.codes or self.bands) + others

    @property
    def opened(self) -> int:
        """Images that a year is read from."""
        return self.images_a_year + sum(each.images_a_year for each in self.besides)

    @property
    def read(self) -> tuple[Measure, ...]:
        """The measures that are requested."""
        return tuple(each for each in self.measures if not each.weights)

    @property
    def period(self) -> str:
        """The years of the asset, as text."""
        apart = f", every {self.years_apart} years" if self.years_apart > 1 else ""
        return f"{self.first_year}–{self.ended or ''}{apart}"

    def within(self, years: Sequence[int]) -> list[int]:
        """Those of `years` that the asset may have: a year whose images are not there yet has no row."""
        apart = self.years_apart
        return [
            year
            for year in years
            if self.first_year <= year <= (self.ended or year) and (year - self.first_year) % apart == 0
        ]

    def is_of(self, outline: BaseGeometry) -> bool:
        """Whether an outline is large enough for the series."""
        return self.least_km2 == 0 or area_km2(outline) >= self.least_km2

    def cell_of(self, outline: BaseGeometry) -> float:
        """Size of the cells (degrees) at which an outline is read."""
        return cell_for(outline, self.cell) if self.averaged else self.cell

    def days_of(self, year: int) -> tuple[date, date, date]:
        """First day of the span of a year, first day of its last month, and the day after it."""
        (first_month, first_day), (month, day), last_month = SPANS[self.span]
        start = date(year - (self.span == "winter"), first_month, first_day)
        last, end = date(year, last_month, 1), date(year + (self.span == "year"), month, day)
        before = timedelta(days=self.earlier)
        return start - before, last - before, end - before

    def images(self, year: int) -> Any:
        """The images of a year."""
        if self.codes:
            return ee.ImageCollection(self.asset).filter(ee.Filter.eq("year", year))
        start, _, end = self.days_of(year)
        found = ee.ImageCollection(self.asset).filterDate(start.isoformat(), end.isoformat())
        if self.hour is not None:
            found = found.filter(ee.Filter.calendarRange(self.hour, self.hour, "hour"))
        if self.every is not None:
            found = found.filter(ee.Filter.inList("system:index", [f"{day:%Y_%m_%d}" for day in self.chosen(year)]))
        return found.select(list(self.bands))

    def chosen(self, year: int) -> list[date]:
        """The days of a year's span that `every` chooses: each so many days from New Year, or the span's first day."""
        start, _, end = self.days_of(year)
        assert self.every is not None
        first = start if start.year < year else date(year, 1, 1)
        days = (first + timedelta(days=n) for n in range(0, (end - first).days, self.every))
        return [day for day in days if day >= start]

    def image(self, year: int, cell: float | None = None) -> Any:
        """A band `NAME_y<year>` for each measure that is read, as it is reduced at cells of a size in degrees.

        Masked where an image of the last month of the span is not there: the year is not complete.
        """
        names = [each.name for each in self.read]
        if self.made is not None:
            made = self.made(year, cell or self.cell)
            return made.rename([f"{name}_y{year}" for name in names]).toFloat()
        images = self.images(year)
        found = self.whole(self._of_codes(images, names) if self.codes else self._combined(images, names), year)
        if self.unit == "area":
            found = found.multiply(ee.Image.pixelArea()).divide(SQUARE_METRES)
        elif self.unit == "count":
            found = found.multiply(((cell or self.cell) / self.cell) ** 2)
        return found.rename([f"{name}_y{year}" for name in names]).toFloat()

    def whole(self, image: Any, year: int) -> Any:
        """An image of a year, masked where the year is not complete."""
        if self.images_a_year == 1:
            return image
        images, (_, last, end) = self.images(year), self.days_of(year)
        complete = images.filterDate(last.isoformat(), end.isoformat()).size().gt(0)
        if self.images_needed > 1:
            # the last month may be one of those that will never come
            later = ee.ImageCollection(self.asset).filterDate(last.isoformat(), date(year + 1, 12, 31).isoformat())
            complete = later.size().gt(0).And(images.size().gte(self.images_needed))
        return image.updateMask(ee.Image.constant(complete))

    def _combined(self, images: Any, names: Sequence[str]) -> Any:
        """The mean, or the greatest value, of some images."""
        dated = images.map(lambda image: self.value(image).rename(names).toFloat()).merge(nothing(names))
        return dated.max() if self.together == "max" else dated.mean()

    def _of_codes(self, images: Any, names: Sequence[str]) -> Any:
        """The images of the codes, as bands."""
        # the name of their only band is not known for sure
        of = [
            self._combined(
                images.filter(ee.Filter.eq("threat_code", code)).map(lambda image: image.select([0])), [name]
            )
            for code, name in zip(self.codes, names, strict=True)
        ]
        return ee.Image.cat(of)

    def days(self, year: int) -> int:
        """Days of the span of a year."""
        start, _, end = self.days_of(year)
        return (end - start).days if self.span != "year" else 365 + isleap(year)


def area_km2(outline: BaseGeometry) -> float:
    """Area of an outline in longitude and latitude, on a sphere."""

    def flat(corners: NDArray[np.float64]) -> NDArray[np.float64]:
        lon, lat = np.radians(corners).T
        return np.column_stack([lon, np.sin(lat)])

    return float(shapely.transform(outline, flat).area) * EARTH_KM**2


def nothing(names: Sequence[str]) -> Any:
    """A collection of one wholly masked image: beside it, a reduction of no images has its bands all the same."""
    return ee.ImageCollection([ee.Image.constant([0] * len(names)).rename(list(names)).toFloat().updateMask(0)])
