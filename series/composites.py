"""Composites as Earth Engine expressions: nothing is computed here.

The annual value of the `ne-asia` profile is the growing-season mean: every composite weighs as many days as it has
inside the season, and a year counts where at least 60 % of the season's days are covered.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import ee

from series.datasets import CADENCE_DAYS, Dataset

#: Share of the season's days that must be covered by good pixels.
COVERED = 0.6
DAY = 86_400_000
Season = tuple[int, int]


def season_bounds(year: int, season: Season) -> tuple[date, date]:
    """First day of a season and the day after its last; a season over New Year ends in `year`."""
    first, last = season
    start = date(year - 1 if first > last else year, first, 1)
    return start, date(year + last // 12, last % 12 + 1, 1)


def physical(image: Any, dataset: Dataset) -> Any:
    """The band in physical units, bad pixels masked."""
    read = image.resample("bilinear") if dataset.resampling == "bilinear" else image
    band = read.select([dataset.band])
    if dataset.across is not None:
        band = band.hypot(read.select([dataset.across]))
    if dataset.quality == "modis-summaryqa":
        band = band.updateMask(image.select("SummaryQA").lte(1))
    if dataset.scale != 1.0:
        band = band.multiply(dataset.scale)
    if dataset.offset != 0.0:
        band = band.add(dataset.offset)
    return band.rename(["value"])


def gap(start: date) -> Any:
    """A collection of one wholly masked image: beside it, a reduction of no images has its band all the same."""
    blank = ee.Image.constant(0).toFloat().updateMask(0).rename(["value"])
    return ee.ImageCollection([blank.set("system:time_start", ee.Date(start.isoformat()).millis())])


def between(dataset: Dataset, start: date, end: date) -> Any:
    """Physical images whose time stands for any day from `start` to before `end`."""
    days = CADENCE_DAYS[dataset.cadence] or 0
    opening = ee.Date(start.isoformat()).advance(-max(days - 1, 0), "day")
    found = ee.ImageCollection(dataset.asset).filterDate(opening, end.isoformat())
    timed = found.map(lambda image: physical(image, dataset).set("system:time_start", image.get("system:time_start")))
    return timed.merge(gap(start))


def weighted_mean(dataset: Dataset, start: date, end: date) -> Any:
    """Mean of the composites weighted by their days from `start` to before `end`; masked where too few are good."""
    opening, closing = (ee.Number(ee.Date(day.isoformat()).millis()) for day in (start, end))
    days = CADENCE_DAYS[dataset.cadence]

    def weighed(image: Any) -> Any:
        begin = ee.Number(image.get("system:time_start"))
        finish = begin.add(days * DAY) if days else ee.Date(begin).advance(1, "month").millis()
        weight = ee.Number(finish).min(closing).subtract(begin.max(opening)).divide(DAY)
        weights = ee.Image.constant(weight).toFloat().updateMask(image.mask()).rename(["weight"])
        return image.multiply(weight).addBands(weights)

    total = between(dataset, start, end).map(weighed).sum()
    weight = total.select(["weight"])
    covered = weight.gte(COVERED * (end - start).days)
    return total.select(["value"]).divide(weight).updateMask(covered)


def one_year(dataset: Dataset, year: int, season: Season, method: str) -> Any:
    """One image of one band, `value`, for a year."""
    start, end = season_bounds(year, season)
    if method == "as_is" or dataset.cadence == "yearly":
        start, end = date(year, 1, 1), date(year + 1, 1, 1)
        yearly = ee.ImageCollection(dataset.asset).filterDate(start.isoformat(), end.isoformat()).first()
        return physical(ee.Image(yearly), dataset)
    if method.startswith("calendar") or method == "maximum":
        start, end = date(year, 1, 1), date(year + 1, 1, 1)
    if method == "season_mean":
        return weighted_mean(dataset, start, end)
    if method == "season_integral":
        return weighted_mean(dataset, start, end).multiply((end - start).days)
    inside = ee.Filter.And(
        ee.Filter.gte("system:time_start", ee.Date(start.isoformat()).millis()),
        ee.Filter.lt("system:time_start", ee.Date(end.isoformat()).millis()),
    )
    images = between(dataset, start, end).filter(inside)
    reduced = {"calendar_mean": images.mean, "maximum": images.max}.get(method, images.sum)()
    return reduced.rename(["value"])


def annual(dataset: Dataset, years: Iterable[int], season: Season, method: str | None = None) -> Any:
    """An image collection with one image a year, band `value`, in the data set's units."""
    images = [
        one_year(dataset, year, season, method or dataset.annual)
        .toFloat()
        .set({"system:time_start": ee.Date(f"{year}-01-01").millis(), "year": year})
        for year in years
    ]
    return ee.ImageCollection.fromImages(images)


def sequence(dataset: Dataset, start: date, end: date) -> Any:
    """The images of a data set that begin from `start` to before `end`: band `value`, in the data set's units."""
    images = ee.ImageCollection(dataset.asset).filterDate(start.isoformat(), end.isoformat())

    def timed(image: Any) -> Any:
        return physical(image, dataset).toFloat().set("system:time_start", image.get("system:time_start"))

    return images.map(timed)


def static(dataset: Dataset) -> Any:
    """An image collection of the one image of a static data set, band `value`.

    That is the image's first band, or, of a data set of a single year, the band of that year.
    """
    image = ee.Image(dataset.asset).select([dataset.band if dataset.first_year == dataset.last_year else 0])
    if dataset.scale != 1.0:
        image = image.multiply(dataset.scale)
    image = image.rename(["value"]).toFloat().set("system:time_start", 0)
    return ee.ImageCollection.fromImages([image])


def months(dataset: Dataset, years: Iterable[int]) -> Any:
    """One image with a band `y<year>m<month>` for every month: its mean, or its sum for monthly rain."""
    bands = []
    for year, month in ((year, month) for year in years for month in range(1, 13)):
        start, end = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
        images = ee.ImageCollection(dataset.asset).filterDate(start.isoformat(), end.isoformat())
        mean = images.map(lambda image: physical(image, dataset)).merge(gap(start)).mean()
        bands.append(mean.rename([f"y{year}m{month:02d}"]).toFloat())
    return ee.Image.cat(bands)
