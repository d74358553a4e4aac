"""Dates and date ranges, in UTC unless a time zone is given."""

from __future__ import annotations

import calendar
import math
from datetime import UTC, datetime, timedelta
from typing import Any

from offline.algorithms.value.date_patterns import date_text, read_date
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.iso_dates import zone_of
from offline.model.values import Date, DateRange, within

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
#: From the shortest to the longest.
UNITS = (*SECONDS, "month", "year")
#: Mean lengths in days, for fractions of months and years.
YEAR_DAYS, MONTH_DAYS = 365.25, 30.4375


def unit_of(name: str) -> str:
    """A unit in the singular. Raises EngineError for one that is none."""
    unit = name.rstrip("s") if name not in ("s",) else name
    if unit not in UNITS:
        raise EngineError(f"Date: '{name}' is not a unit; use year, month, week, day, hour, minute or second.")
    return unit


@algorithm("Date")
def date(value: Any, zone: str | None) -> Date:
    """A date from milliseconds or ISO text."""
    return Date.parse(value, zone_of(zone))


@algorithm("Date.fromYMD")
def from_ymd(year: int, month: int, day: int, zone: str | None) -> Date:
    """Midnight of a year, month and day in a time zone."""
    return Date.of(datetime(int(year), int(month), int(day), tzinfo=zone_of(zone)))


@algorithm("Date.millis")
def millis(moment: Date) -> int:
    """Milliseconds since 1970."""
    return moment.millis


@algorithm("Date.advance")
def advance(moment: Date, delta: float, unit: str, zone: str | None) -> Date:
    """A date later by whole months or years, or by any number of shorter units.

    Whole days and weeks keep the time that clocks of the time zone show.
    """
    name, time_zone = unit_of(unit), zone_of(zone)
    if name in SECONDS and not (time_zone is not UTC and name in ("day", "week") and float(delta).is_integer()):
        return Date(moment.millis + round(delta * SECONDS[name] * 1000))
    start = moment.at(time_zone)
    if name in SECONDS:
        return Date.of(start + timedelta(seconds=int(delta) * SECONDS[name]))
    months = int(delta * (12 if name == "year" else 1))
    position = start.year * 12 + start.month - 1 + months
    year, month = divmod(position, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return Date.of(start.replace(year=year, month=month + 1, day=day))


@algorithm("Date.difference")
def difference(moment: Date, start: Date, unit: str) -> float:
    """Time from `start` to the date, in units; months and years by their mean length."""
    name = unit_of(unit)
    seconds = SECONDS.get(name) or {"year": YEAR_DAYS, "month": MONTH_DAYS}[name] * 86400
    return (moment.millis - start.millis) / 1000 / seconds


@algorithm("Date.get")
def get(moment: Date, unit: str, zone: str | None) -> int:
    """One field of a date; weeks are those of ISO 8601."""
    name, when = unit_of(unit), moment.at(zone_of(zone))
    return when.isocalendar().week if name == "week" else int(getattr(when, name))


@algorithm("Date.getRelative")
def get_relative(moment: Date, unit: str, within: str, zone: str | None) -> int:
    """Position of the date inside a larger unit, from zero (`day` in `year`); 0 in one that is not larger."""
    name, larger = unit_of(unit), unit_of(within)
    when = moment.at(zone_of(zone))
    if UNITS.index(name) >= UNITS.index(larger):
        return 0
    if name == "month":
        return when.month - 1
    # Clocks that are put forward or back leave the count of days as it is.
    passed = when.replace(tzinfo=UTC) - _floor(moment, larger, zone).at(zone_of(zone)).replace(tzinfo=UTC)
    return passed // timedelta(seconds=SECONDS[name])


def _floor(moment: Date, unit: str, zone: str | None) -> Date:
    """The beginning of the unit that holds the date."""
    when = moment.at(zone_of(zone))
    if unit in ("second", "minute"):
        size = SECONDS[unit] * 1000
        return Date(moment.millis // size * size)
    if unit == "hour":
        return Date.of(when.replace(minute=0, second=0, microsecond=0))
    midnight = when.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "day":
        return Date.of(midnight)
    if unit == "week":
        return Date.of(midnight - timedelta(days=midnight.weekday()))
    first = midnight.replace(day=1)
    return Date.of(first.replace(month=1) if unit == "year" else first)


@algorithm("Date.getFraction")
def get_fraction(moment: Date, unit: str, zone: str | None) -> float:
    """How much of the unit has passed, 0 to 1."""
    span = get_range(moment, unit, zone)
    assert span.start is not None
    assert span.end is not None
    return (moment.millis - span.start.millis) / (span.end.millis - span.start.millis)


@algorithm("Date.getRange")
def get_range(moment: Date, unit: str, zone: str | None) -> DateRange:
    """The whole unit that holds the date."""
    start = _floor(moment, unit_of(unit), zone)
    return DateRange(start, advance(start, 1, unit, zone))


@algorithm("Date.format")
def format_date(moment: Date, pattern: str | None, zone: str | None) -> str:
    """A date as text; ISO 8601 without a pattern."""
    return date_text(moment.at(zone_of(zone)), pattern or "YYYY-MM-dd'T'HH:mm:ss")


@algorithm("Date.parse")
def parse(pattern: str, text: str, zone: str | None) -> Date:
    """The date that a text shows by a pattern."""
    return Date.of(read_date(pattern, text, zone_of(zone)))


@algorithm("Date.update")
def update(moment: Date, *fields: Any) -> Date:
    """The date with some of its fields set."""
    names = ("year", "month", "day", "hour", "minute", "second")
    given = {n: int(v) for n, v in zip(names, fields[:6], strict=True) if v is not None}
    return Date.of(moment.at(zone_of(fields[6])).replace(**given))  # type: ignore[arg-type]


@algorithm("Date.unitRatio")
def unit_ratio(one: str, other: str) -> float:
    """How many of one unit make the other."""
    lengths = {**SECONDS, "year": YEAR_DAYS * 86400, "month": MONTH_DAYS * 86400}
    return lengths[unit_of(one)] / lengths[unit_of(other)]


@algorithm("DateRange")
def date_range(start: Any, end: Any, zone: str | None) -> DateRange:
    """From a date to another, the end not included; one millisecond without an end.

    A range alone stays as it is: the client makes one of the first argument of `filterDate`. Raises EngineError if
    an end is given beside a range.
    """
    if isinstance(start, DateRange):
        if end is not None:
            raise EngineError("DateRange: give a DateRange alone, or a start and an end; here a DateRange and an end.")
        return start
    first = Date.parse(start, zone_of(zone))
    return DateRange(first, Date(first.millis + 1) if end is None else Date.parse(end, zone_of(zone)))


@algorithm("DateRange.start")
def range_start(span: DateRange) -> Date | None:
    """The first instant."""
    return span.start


@algorithm("DateRange.end")
def range_end(span: DateRange) -> Date | None:
    """The instant after the last."""
    return span.end


@algorithm("DateRange.contains")
def range_contains(span: DateRange, other: Any) -> bool:
    """Whether an instant lies inside; the end does not."""
    return within(span, Date.parse(other))


def _spans(span: DateRange) -> tuple[float, float]:
    return (
        span.start.millis if span.start is not None else -math.inf,
        span.end.millis if span.end is not None else math.inf,
    )


def _span(start: float, end: float) -> DateRange:
    return DateRange(Date(int(start)) if math.isfinite(start) else None, Date(int(end)) if math.isfinite(end) else None)


@algorithm("DateRange.unbounded")
def unbounded() -> DateRange:
    """All dates."""
    return DateRange(None, None)


@algorithm("DateRange.isUnbounded")
def is_unbounded(span: DateRange) -> bool:
    """Whether it holds all dates."""
    return span.start is None and span.end is None


@algorithm("DateRange.isEmpty")
def is_empty(span: DateRange) -> bool:
    """Whether it holds none."""
    start, end = _spans(span)
    return start >= end


@algorithm("DateRange.intersection")
def intersection(span: DateRange, other: DateRange) -> DateRange:
    """The dates in both."""
    (a, b), (c, d) = _spans(span), _spans(other)
    return _span(max(a, c), max(min(b, d), max(a, c)))


@algorithm("DateRange.intersects")
def intersects(span: DateRange, other: DateRange) -> bool:
    """Whether a date is in both."""
    return not is_empty(intersection(span, other))


@algorithm("DateRange.union")
def union(span: DateRange, other: DateRange) -> DateRange:
    """From the first to the last date of either."""
    (a, b), (c, d) = _spans(span), _spans(other)
    return _span(min(a, c), max(b, d))
