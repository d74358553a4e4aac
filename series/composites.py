"""Composites as Earth Engine expressions: nothing is computed here.

Every image of a collection that is reduced is cast with `toFloat()`: the service keeps a value range with the type of
a band, and refuses to reduce images whose types or ranges differ.

The annual value of the `ne-asia` profile is the growing-season mean: every composite weighs as many days as it has
inside the season, and a year counts where at least 60 % of the season's days are covered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import ee

from series.climate_zones import climate_zones
from series.datasets import CADENCE_DAYS, IMAGES_A_MONTH, Dataset
from series.evapotranspiration import reference_evapotranspiration
from series.quality import good
from series.stack import Stack, Values

#: Share of the season's days that must be covered by good pixels.
COVERED = 0.6
DAY = 86_400_000
#: From this number of native cells across a cell upward, the service reads stored averages, clouds included.
AVERAGED_FROM = 1.5
#: Pixels that the service combines in one cell at most.
MOST_PIXELS = 65_536
Season = tuple[int, int]
#: From a day to before a day.
Span = tuple[date, date]


def season_bounds(year: int, season: Season) -> tuple[date, date]:
    """First day of a season and the day after its last; a season over New Year ends in `year`."""
    first, last = season
    start = date(year - 1 if first > last else year, first, 1)
    return start, date(year + last // 12, last % 12 + 1, 1)


def physical(image: Any, dataset: Dataset, cell: float | None = None) -> Any:
    """The band in physical units, bad pixels masked.

    `cell` is the size in degrees at which it will be read. Where it is coarser than the data set, pixels are masked at
    their own size and averaged then: a quality flag read from an average says nothing about the pixels in it.
    """
    read = image.resample("bilinear") if dataset.resampling == "bilinear" else image
    if dataset.formula is None:
        band = read.select([dataset.band])
    elif dataset.formula == "hourly-rate":
        start = ee.Date(image.get("system:time_start"))
        hours = start.advance(1, "month").difference(start, "hour")
        band = read.select([dataset.band]).multiply(ee.Image.constant(hours))
    else:
        band = reference_evapotranspiration(read, ee.Date(image.get("system:time_start")))
    if dataset.across is not None:
        band = band.hypot(read.select([dataset.across]))
    if dataset.quality is not None:
        band = band.updateMask(good(image, dataset.quality))
    if dataset.scale != 1.0:
        band = band.multiply(dataset.scale)
    if dataset.offset != 0.0:
        band = band.add(dataset.offset)
    band = band.rename(["value"]).toFloat()
    across = dataset.pixels_across(cell) if cell is not None and dataset.quality is not None else 1.0
    if across < AVERAGED_FROM:
        return band
    return band.reduceResolution(ee.Reducer.mean(), maxPixels=pixels_touched(across)).toFloat()


def pixels_touched(across: float) -> int:
    """How many pixels a cell may touch that is `across` of them wide: cells are not aligned with the pixels."""
    return min(MOST_PIXELS, 4 * (math.ceil(across) + 2) ** 2)


def gap(start: date) -> Any:
    """A collection of one wholly masked image: beside it, a reduction of no images has its band all the same."""
    blank = ee.Image.constant(0).toFloat().updateMask(0).rename(["value"])
    return ee.ImageCollection([blank.set("system:time_start", ee.Date(start.isoformat()).millis())])


def between(dataset: Dataset, start: date, end: date, cell: float | None = None) -> Any:
    """Physical images that cover any day from `start` to before `end`."""
    days = dataset.covers_days or CADENCE_DAYS[dataset.cadence] or 0
    opening = ee.Date(start.isoformat()).advance(-max(days - 1, 0), "day")
    found = ee.ImageCollection(dataset.asset).filterDate(opening, end.isoformat())
    return timed(found, dataset, cell).merge(gap(start))


def timed(images: Any, dataset: Dataset, cell: float | None) -> Any:
    """The images in physical units, with their times."""
    return images.map(_timed_image(dataset, cell))


def _timed_image(dataset: Dataset, cell: float | None) -> Callable[[Any], Any]:
    def one(image: Any) -> Any:
        return physical(image, dataset, cell).set("system:time_start", image.get("system:time_start"))

    return one


def in_months(dataset: Dataset, cell: float | None) -> Callable[[date, date], Any]:
    """`timed` of the images that begin from a day to before another, for many spans of time.

    The function that is mapped is one object, which the client makes and encodes once.
    """
    physically = mapped(_timed_image(dataset, cell))

    def images(start: date, end: date) -> Any:
        return physically(ee.ImageCollection(dataset.asset).filterDate(start.isoformat(), end.isoformat()))

    return images


def mapped(one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`ImageCollection.map` of one function over many collections; the client makes and encodes the function once."""
    function = ee.CustomFunction.create(lambda image: one(ee.Image(image, None)), "Object", ["Object"])
    return lambda images: ee.ImageCollection(ee.ApiFunction.call_("Collection.map", images, function, None))


def weighted_mean(dataset: Dataset, start: date, end: date, cell: float | None = None) -> Any:
    """Mean of the composites weighted by their days from `start` to before `end`; masked where too few are good."""
    opening, closing = (ee.Number(ee.Date(day.isoformat()).millis()) for day in (start, end))

    def weighed(image: Any) -> Any:
        begin, finish = stands_for(dataset, ee.Number(image.get("system:time_start")))
        weight = ee.Number(finish).min(closing).subtract(begin.max(opening)).divide(DAY)
        if dataset.covers_days:  # an image that reaches into the season may stand for days outside it
            weight = weight.max(0)
        weights = ee.Image.constant(weight).toFloat().updateMask(image.mask()).rename(["weight"])
        return image.multiply(weight).toFloat().addBands(weights)

    total = between(dataset, start, end, cell).map(weighed).sum()
    weight = total.select(["weight"])
    covered = weight.gte(COVERED * (end - start).days)
    return total.select(["value"]).divide(weight).updateMask(covered)


def stands_for(dataset: Dataset, begin: Any) -> tuple[Any, Any]:
    """From when to before when an image counts that begins at a moment; moments are numbers of milliseconds.

    Where images overlap, each counts for the days in its middle, as many as lie between two images, so that no day
    counts twice; so does the last image of a year whose next one begins early, on New Year's Day.
    """
    days = CADENCE_DAYS[dataset.cadence]
    if dataset.covers_days and days:
        before = (dataset.covers_days - days) // 2 * DAY
        opening = begin.add(before)
        new_year = ee.Number(ee.Date.fromYMD(ee.Date(begin).get("year").add(1), 1, 1).millis())
        return opening, opening.add(days * DAY).min(new_year.add(before))
    if dataset.cadence == "half-month":
        next_half = ee.Date(begin).advance(16, "day")
        day = ee.Number(next_half.get("day")).gte(16).multiply(15).add(1)
        return begin, ee.Date.fromYMD(next_half.get("year"), next_half.get("month"), day).millis()
    if dataset.cadence == "pentad":
        next_month = ee.Date(begin).advance(1, "month")
        first = ee.Date.fromYMD(next_month.get("year"), next_month.get("month"), 1).millis()
        last = ee.Number(ee.Date(begin).get("day")).gte(26)
        return begin, ee.Number(begin.add(5 * DAY)).multiply(last.Not()).add(ee.Number(first).multiply(last))
    return begin, begin.add(days * DAY) if days else ee.Date(begin).advance(1, "month").millis()


def one_year(dataset: Dataset, year: int, season: Season, method: str, cell: float | None = None) -> Any:
    """One image of one band, `value`, for a year."""
    start, end = season_bounds(year, season)
    if method == "as_is" or dataset.cadence == "yearly":
        if dataset.yearly_bands:
            band = dataset.model_copy(update={"band": dataset.band_of(year)})
            return physical(ee.ImageCollection(dataset.asset).select([band.band]).mosaic(), band, cell)
        start, end = date(year, 1, 1), date(year + 1, 1, 1)
        yearly = ee.ImageCollection(dataset.asset).filterDate(start.isoformat(), end.isoformat()).first()
        return physical(ee.Image(yearly), dataset, cell)
    if method.startswith("calendar") or method == "maximum":
        start, end = date(year, 1, 1), date(year + 1, 1, 1)
    if method == "season_mean":
        return weighted_mean(dataset, start, end, cell)
    if method == "season_integral":
        return weighted_mean(dataset, start, end, cell).multiply((end - start).days)
    inside = ee.Filter.And(
        ee.Filter.gte("system:time_start", ee.Date(start.isoformat()).millis()),
        ee.Filter.lt("system:time_start", ee.Date(end.isoformat()).millis()),
    )
    images = between(dataset, start, end, cell).filter(inside)
    reduced = {"calendar_mean": images.mean, "maximum": images.max}.get(method, images.sum)()
    return reduced.rename(["value"])


def annual(
    dataset: Dataset, years: Iterable[int], season: Season, method: str | None = None, cell: float | None = None
) -> Stack:
    """An image for each year, band `value`, in the data set's units, for cells of `cell` degrees; each year a part."""
    kind = method or dataset.annual
    wanted = tuple(years)
    images = tuple(
        one_year(dataset, year, season, kind, cell)
        .toFloat()
        .set({"system:time_start": ee.Date(f"{year}-01-01").millis(), "year": year})
        for year in wanted
    )
    reads = images_a_year(dataset, season, kind) * bands_read(dataset)
    return Stack("year", images, lambda: tuple((year,) for year in wanted), reads, pixels_inside(dataset, cell))


def images_a_year(dataset: Dataset, season: Season, kind: str) -> int:
    """How many stored images an annual value of a `kind` is made of."""
    if kind == "as_is" or dataset.cadence in ("yearly", "static"):
        return 1
    first, end = (date(2001, 1, 1), date(2002, 1, 1))
    if kind.startswith("season"):
        first, end = season_bounds(2001, season)
    step = CADENCE_DAYS[dataset.cadence]
    if step:
        return math.ceil((end - first).days / step) + 1
    return round((end - first).days / 30.4) * IMAGES_A_MONTH[dataset.cadence]


def bands_read(dataset: Dataset) -> int:
    """How many stored bands of an image are read for one value."""
    return len(dataset.bands)


def pixels_inside(dataset: Dataset, cell: float | None) -> float:
    """How many stored pixels are read for a cell of `cell` degrees; one where the service reads a stored average."""
    across = dataset.pixels_across(cell) if cell is not None and dataset.quality is not None else 1.0
    return across**2 if across >= AVERAGED_FROM else 1.0


def sequence(dataset: Dataset, start: date, end: date, cell: float | None = None) -> Any:
    """The images of a data set that begin from `start` to before `end`: band `value`, in the data set's units."""
    return timed(ee.ImageCollection(dataset.asset).filterDate(start.isoformat(), end.isoformat()), dataset, cell)


def in_time(dataset: Dataset, spans: Iterable[Span], values: Callable[[], Values], cell: float | None = None) -> Stack:
    """The images of a data set in the order of time; those of each span (from a day, to before a day) are a part.

    `values` gives the days on which the images of each span begin.
    """
    parts = tuple(sequence(dataset, start, end, cell) for start, end in spans)
    days = CADENCE_DAYS[dataset.cadence]
    usual = round(365.25 / days) if days else 12 * IMAGES_A_MONTH.get(dataset.cadence, 1)
    return Stack("time", parts, values, bands_read(dataset), pixels_inside(dataset, cell), usual)


def static(dataset: Dataset, cell: float) -> Stack:
    """The one image of a static data set, band `value`, for cells of `cell` degrees.

    That is the image's first band, or, of a data set of a single year, the band of that year. Counts in pixels of a
    known area become counts in cells: their density times the area of the cell, as far as it has data.
    """
    reads = 1
    if dataset.formula == "ipcc-zones":
        image = climate_zones(dataset)
        reads = 12 * (dataset.last_year - dataset.first_year + 1) * bands_read(dataset) + 1  # and the elevation
    else:
        image = ee.Image(dataset.asset).select([dataset.band if dataset.first_year == dataset.last_year else 0])
    if dataset.pixel_km2 is not None:
        image = density(image, dataset.pixels_across(cell)).divide(dataset.pixel_km2 * 1e6)
        image = image.multiply(ee.Image.pixelArea())
    if dataset.scale != 1.0:
        image = image.multiply(dataset.scale)
    image = image.rename(["value"]).toFloat().set("system:time_start", 0)
    return Stack(None, (image,), lambda: ((None,),), reads)


def density(image: Any, across: float) -> Any:
    """The mean of counts in the pixels of a cell that is `across` of them wide; what has no data counts as nothing.

    The stored averages of the next finer level are shared out to the cells by area. Read as they are, at the centre of
    each cell, they would count some towns twice and others not at all.
    """
    together = 2 ** max(math.floor(math.log2(across)), 0)
    level = image.reproject(image.projection().scale(together, together))
    mean = level.reduceResolution(ee.Reducer.mean(), maxPixels=pixels_touched(across / together))
    return mean.multiply(mean.mask())


def months(dataset: Dataset, years: Iterable[int], cell: float | None = None) -> Any:
    """One image with a band `y<year>m<month>` for every month: its mean, or its sum for rain of parts of a month."""
    bands = []
    images = in_months(dataset, cell)
    for year, month in ((year, month) for year in years for month in range(1, 13)):
        start, end = date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)
        each = images(start, end).merge(gap(start))
        whole = each.sum() if dataset.annual == "season_sum" and dataset.cadence != "monthly" else each.mean()
        bands.append(whole.rename([f"y{year}m{month:02d}"]).toFloat())
    return ee.Image.cat(bands)
