"""Composites as Earth Engine expressions: nothing is computed here.

The annual value of the `ne-asia` profile is the growing-season mean: every composite weighs as many days as it has
inside the season, and a year counts where at least 60 % of the season's days are covered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import Any

import ee

from series.climate_zones import climate_zones
from series.datasets import CADENCE_DAYS, IMAGES_A_MONTH, Dataset
from series.physical import AVERAGED_FROM, gap, in_months, physical, pixels_touched, stored, timed
from series.stack import Stack, Values

#: Share of the season's days that must be covered by good pixels.
COVERED = 0.6
DAY = 86_400_000
Season = tuple[int, int]
#: From a day to before a day.
Span = tuple[date, date]


def season_bounds(year: int, season: Season) -> tuple[date, date]:
    """First day of a season and the day after its last; a season over New Year ends in `year`."""
    first, last = season
    start = date(year - 1 if first > last else year, first, 1)
    return start, date(year + last // 12, last % 12 + 1, 1)


def between(dataset: Dataset, start: date, end: date, cell: float | None = None) -> Any:
    """Physical images that cover any day from `start` to before `end`; of scenes, the means of spans."""
    if dataset.scenes:
        return ee.ImageCollection.fromImages(means_of_spans(dataset, start, end, cell))
    days = dataset.covers_days or CADENCE_DAYS[dataset.cadence] or 0
    opening = ee.Date(start.isoformat()).advance(-max(days - 1, 0), "day")
    return timed(stored(dataset, opening, end.isoformat()), dataset, cell).merge(gap(start))


def means_of_spans(dataset: Dataset, start: date, end: date, cell: float | None = None) -> list[Any]:
    """The mean of the clear views in each span of a time; a span without any is masked."""
    images = in_months(dataset, cell)
    means = []
    for first, last in spans_of(dataset, start, end):
        mean = images(first, last).merge(gap(first)).mean()
        means.append(mean.toFloat().set("system:time_start", ee.Date(first.isoformat()).millis()))
    return means


def spans_of(dataset: Dataset, start: date, end: date) -> list[Span]:
    """Spans as long as the cadence, or up to half a span longer or shorter, that fill the days to before `end`."""
    days = CADENCE_DAYS[dataset.cadence]
    assert days
    count = max(round((end - start).days / days), 1)
    limits = [start + timedelta(days=(end - start).days * number // count) for number in range(count + 1)]
    return list(pairwise(limits))


def mean_of_scenes(dataset: Dataset, start: date, end: date, cell: float | None = None) -> Any:
    """Mean of the spans by their days; masked where too few of the days have a clear view in their span.

    A plain mean of the views would follow their dates: there are more in dry weeks than in wet ones, and twice as many
    from 2017 and again from 2021 on, so that years would be means of other dates. With spans, the number of views
    changes the noise only. In 16 days one Landsat passes everywhere once. No view outside the season counts.

    Clouds are most frequent when most grows, so that a span without a clear view is not left out: it lies on the line
    between the spans before and after it, and beyond the first or the last one it has their value. Where tiles overlap,
    a view counts once for each, within its span.
    """
    spans = spans_of(dataset, start, end)
    own = []
    for number, value in enumerate(means_of_spans(dataset, start, end, cell)):
        own.append(value.addBands(ee.Image.constant(number).toFloat().updateMask(value.mask()).rename(["span"])))
    before, after = list(accumulate(own, _latter)), list(accumulate(reversed(own), _latter))[::-1]
    total, seen = [], []
    for number, (first, last) in enumerate(spans):
        low, high = _latter(after[number], before[number]), _latter(before[number], after[number])
        part = ee.Image.constant(number).subtract(low.select(["span"]))
        part = part.divide(high.select(["span"]).subtract(low.select(["span"])).max(1))
        value = high.select(["value"]).subtract(low.select(["value"])).multiply(part).add(low.select(["value"]))
        days = (last - first).days
        total.append(value.multiply(days).toFloat())
        seen.append(own[number].select(["value"]).mask().multiply(days).toFloat())
    length = (end - start).days
    covered = ee.ImageCollection.fromImages(seen).sum().gte(COVERED * length)
    return ee.ImageCollection.fromImages(total).sum().divide(length).updateMask(covered).rename(["value"])


def _latter(one: Any, other: Any) -> Any:
    """The pixels of the second image, and those of the first one where it has none."""
    return ee.ImageCollection([one, other]).mosaic()


def weighted_mean(dataset: Dataset, start: date, end: date, cell: float | None = None) -> Any:
    """Mean of the composites weighted by their days from `start` to before `end`; masked where too few are good."""
    if dataset.scenes:
        return mean_of_scenes(dataset, start, end, cell)
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
    if dataset.hours:
        begin = begin.divide(DAY).floor().multiply(DAY)
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
        return (math.ceil((end - first).days / step) + 1) * (dataset.views or 1)
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
    return timed(stored(dataset, start.isoformat(), end.isoformat()), dataset, cell)


def in_time(dataset: Dataset, spans: Iterable[Span], values: Callable[[], Values], cell: float | None = None) -> Stack:
    """The images of a data set in the order of time; those of each span (from a day, to before a day) are a part.

    `values` gives the days on which the images of each span begin.
    """
    parts = tuple(sequence(dataset, start, end, cell) for start, end in spans)
    days = CADENCE_DAYS[dataset.cadence]
    usual = round(365.25 / days) * (dataset.views or 1) if days else 12 * IMAGES_A_MONTH.get(dataset.cadence, 1)
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
