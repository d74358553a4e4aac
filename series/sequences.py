"""Images in the order of their time, pulled span by span, so that stored images are never requested again.

Whole years of the past are a cube each; from the year that is watched on, a cube is a month: a new month is a new
cube, and the old ones stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from pathlib import Path

import ee
import xarray as xr
from odc.geo.geobox import GeoBox

from series.composites import Span, in_time
from series.cubes.naming import Cube
from series.cubes.pull import Progress, pull
from series.cubes.stored import open_cube
from series.datasets import Dataset
from series.errors import OutsideDataset
from series.physical import stored
from series.service.earth_engine import call
from series.service.many import at_the_same_time

#: Days of a span of more than a month.
LONGEST_MONTH = 32
#: Years from today in which the last scene is searched: a simulated landscape may be ahead of today.
LATER = 6


def spans(first: date, watched: date, end: date) -> Iterator[Span]:
    """Years from `first` up to that of `watched`, then months, up to before `end` (all first days of months)."""
    start = first
    while start < end:
        yearly = start.month == 1 and start.year < watched.year
        stop = date(start.year + 1, 1, 1) if yearly else next_month(start)
        yield start, min(stop, end)
        start = stop


def times_of(dataset: Dataset, start: date, end: date) -> tuple[date, ...]:
    """The days on which the images of a span begin."""
    images = stored(dataset, start.isoformat(), end.isoformat())
    stamps: list[int] = call(lambda: images.aggregate_array("system:time_start").getInfo(), small=True)
    return tuple(datetime.fromtimestamp(stamp / 1000, UTC).date() for stamp in sorted(stamps))


def last_day(dataset: Dataset) -> date:
    """The day on which the last image of a data set begins. Raises OutsideDataset where there is none."""
    if dataset.scenes:
        return _last_with_scenes(dataset)
    stamp: int | None = call(_last(dataset).getInfo, small=True)
    if stamp is None:
        raise OutsideDataset(f"{dataset.asset} has no images; choose another data set with --dataset")
    return datetime.fromtimestamp(stamp / 1000, UTC).date()


def _last(dataset: Dataset) -> ee.ComputedObject:
    return ee.ImageCollection(dataset.asset).aggregate_max("system:time_start")


def _last_with_scenes(dataset: Dataset) -> date:
    """The last day with a scene, found by year, month and day: whether a span has any is a small question.

    The largest time of a collection of millions of scenes is not. Three requests.
    """
    span = date(dataset.first_year, 1, 1), date(datetime.now(UTC).year + LATER, 1, 1)
    for step in ("year", "month", "day"):
        parts = list(_divided(*span, step))
        seen: list[int] = call(ee.List([_any_scene(dataset, part) for part in parts]).getInfo, small=True)
        there = [part for part, count in zip(parts, seen, strict=True) if count]
        if not there:
            raise OutsideDataset(f"{dataset.asset} has no images; choose another data set with --dataset")
        span = there[-1]
    return span[0]


def require_scenes(dataset: Dataset, first: int, last: int, *, region: str) -> None:
    """Refuse a place of which a data set of scenes, with its box, has no scene in some years; one request.

    Raises OutsideDataset with what to do.
    """
    count: int = call(_any_scene(dataset, (date(first, 1, 1), date(last + 1, 1, 1))).getInfo, small=True)
    if not count:
        raise OutsideDataset(
            f"Region {region}: {' and '.join(dataset.assets)} have no scene there in {first}-{last}. Choose a region "
            f"that has some (the simulated landscape has them around its practice sites only), or another sensor with "
            f"--sensor"
        )


def _any_scene(dataset: Dataset, span: Span) -> ee.Number:
    """More than 0 if a scene begins in a span, of the data set or its counterparts."""
    first, end = (day.isoformat() for day in span)
    counts = [stored(dataset, first, end, counterpart).limit(1).size() for counterpart in (None, *dataset.counterparts)]
    return ee.List(counts).reduce(ee.Reducer.max())


def _divided(first: date, end: date, step: str) -> Iterator[Span]:
    """The years, months or days from a day to before another."""
    start = first
    while start < end:
        if step == "day":
            after = start + timedelta(days=1)
        else:
            after = date(start.year + 1, 1, 1) if step == "year" else next_month(start)
        yield start, after
        start = after


def next_month(day: date) -> date:
    """The first day of the month after that of a day."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def pull_sequence(
    dataset: Dataset,
    geobox: GeoBox,
    wanted: list[Span],
    *,
    store: Path,
    origin: str,
    fingerprint: str = "",
    progress: Progress | None = None,
) -> xr.DataArray:
    """All images of some spans on one grid, (time, y, x) in the data set's units, NaN where masked.

    Spans that are stored are read, others pulled and stored; spans without an image are left out. A span of a month
    is pulled again when the source has more images of it than before. Raises OutsideDataset where no span has any,
    and the errors of `pull`.
    """

    def cube(span: Span) -> Cube:
        """The cube of the images of a span."""
        days = cache(partial(times_of, dataset, *span))
        # the days name a cube that still grows
        growing = days() if (span[1] - span[0]).days < LONGEST_MONTH else ()
        stack = in_time(dataset, [span], lambda: (days(),), abs(geobox.affine.a))
        named = f"{fingerprint}{growing or ''}"
        return Cube(stack, dataset.variable, geobox, dataset, store, origin, named)

    def pulled(span: Span) -> Path | None:
        """The cube of a span, or None where it has no image."""
        asked = cube(span)
        return pull(asked) if asked.path.exists() or asked.stack.values()[0] else None

    paths: dict[Span, Path] = {}
    for done, (span, path) in enumerate(at_the_same_time(pulled, wanted), start=1):
        if path is not None:
            paths[span] = path
        if progress is not None:
            progress(done, len(wanted))
    if not paths:
        raise OutsideDataset(
            f"{dataset.asset} has no image from {wanted[0][0]} to before {wanted[-1][1]}; choose other dates"
        )
    parts = [open_cube(paths[span]) for span in wanted if span in paths]
    return xr.concat(parts, "time").assign_attrs(parts[0].attrs)
