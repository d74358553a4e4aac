"""Which stored images of a data set are read, and what becomes of them: physical units, good pixels only.

Every image is cast with `toFloat()`: the service keeps a value range with the type of a band, and refuses to reduce
images whose types or ranges differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from functools import reduce
from typing import Any

import ee

from series.datasets import FORMULA_BANDS, Counterpart, Dataset
from series.evapotranspiration import reference_evapotranspiration
from series.quality import good

#: From this number of native cells across a cell upward, the service reads stored averages, clouds included.
AVERAGED_FROM = 1.5
#: Pixels that the service combines in one cell at most.
MOST_PIXELS = 65_536


def physical(image: Any, dataset: Dataset, cell: float | None = None) -> Any:
    """The band in physical units, bad pixels masked.

    `cell` is the size in degrees at which it will be read. Where it is coarser than the data set, pixels are masked at
    their own size and averaged then: a quality flag read from an average says nothing about the pixels in it.
    """
    read = image.resample("bilinear") if dataset.resampling == "bilinear" else image
    if dataset.formula is None:
        band = read.select([dataset.band])
    elif dataset.formula == "hls-ndvi":
        # reflectance below 0 is an error of the correction, and gives indices beyond -1 and 1
        nir, red = (read.select([name]).toFloat() for name in FORMULA_BANDS[dataset.formula])
        band = nir.subtract(red).divide(nir.add(red)).updateMask(nir.gt(0).And(red.gt(0)))
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


def stored(dataset: Dataset, start: Any, end: Any, counterpart: Counterpart | None = None) -> Any:
    """The stored images that begin from a moment to before another, as far as they are read.

    Of several images of a day, that of the hours of the data set; of scenes, those that meet its box. The bands of a
    `counterpart`, whose images are given in that case, get the names of the data set's own.
    """
    found = ee.ImageCollection(counterpart.asset if counterpart else dataset.asset).filterDate(start, end)
    if dataset.hours:
        found = found.filter(ee.Filter.calendarRange(*dataset.hours, "hour"))
    if dataset.within:
        found = found.filterBounds(ee.Geometry.BBox(*dataset.within))
    return found.select(list(counterpart.bands), list(dataset.bands)) if counterpart else found


def timed(images: Any, dataset: Dataset, cell: float | None) -> Any:
    """The images in physical units, with their times."""
    return images.map(_timed_image(dataset, cell))


def _timed_image(dataset: Dataset, cell: float | None) -> Callable[[Any], Any]:
    def one(image: Any) -> Any:
        return physical(image, dataset, cell).set("system:time_start", image.get("system:time_start"))

    return one


def mapped(one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`ImageCollection.map` of one function over many collections; the client makes and encodes the function once."""
    function = ee.CustomFunction.create(lambda image: one(ee.Image(image, None)), "Object", ["Object"])
    return lambda images: ee.ImageCollection(ee.ApiFunction.call_("Collection.map", images, function, None))


def in_months(dataset: Dataset, cell: float | None) -> Callable[[date, date], Any]:
    """`timed` of the images that begin from a day to before another, for many spans of time, counterparts included.

    The function that is mapped is one object, which the client makes and encodes once. The expression is that of `map`.
    """
    physically = mapped(_timed_image(dataset, cell))

    def images(start: date, end: date) -> Any:
        found = [
            physically(stored(dataset, start.isoformat(), end.isoformat(), counterpart))
            for counterpart in (None, *dataset.counterparts)
        ]
        return reduce(lambda one, other: one.merge(other), found)

    return images
