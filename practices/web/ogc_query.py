"""The parameters `bbox` and `datetime` of OGC API - Features, Part 1: reading them, and which features they choose."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Any, TypeAlias

from shapely import box as rectangle
from shapely.geometry import shape

from practices.web.errors import Refused
from practices.web.ogc_layers import Years

#: West, south, east, north.
Box: TypeAlias = tuple[float, float, float, float]
#: First and last instant, UTC; None if that end is open.
Span: TypeAlias = tuple[dt.datetime | None, dt.datetime | None]
#: A date, or a date with a time and a zone (RFC 3339).
INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d))?")


def box(text: str) -> Box:
    """A box of four numbers, or of six with heights. Raises Refused."""
    try:
        numbers = [float(each) for each in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or numbers[1] > numbers[3]:
        raise Refused(f"bbox {text!r}: give west,south,east,north in degrees, such as 90,35,120,50")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def meets(geometry: dict[str, Any], wanted: Box) -> bool:
    """Whether a geometry has a point in a box; one whose west lies east of its east crosses 180°."""
    west, south, east, north = wanted
    halves = [wanted] if west <= east else [(west, south, 180.0, north), (-180.0, south, east, north)]
    return any(shape(geometry).intersects(rectangle(*half)) for half in halves)


def span(text: str) -> Span:
    """An instant, or an interval of which one end may be open (`..` or nothing). Raises Refused."""
    parts = text.split("/")
    if len(parts) == 1 and (known := _instant(text)):
        return known
    if len(parts) == 2:
        ends = [(None, None) if each in ("", "..") else _instant(each) for each in parts]
        first, last = (ends[0] or (None, None))[0], (ends[1] or (None, None))[1]
        ordered = first is None or last is None or first <= last
        if None not in ends and (first or last) and ordered:
            return first, last
    raise Refused(
        f"datetime {text!r}: give a date or time (2010-01-01, 2010-01-01T00:00:00Z) or an interval FROM/TO; `..` is an "
        f"open end"
    )


def _instant(text: str) -> Span | None:
    """The first and the last instant that a text means: one, or those of a day; None for any other text."""
    if INSTANT.fullmatch(text) is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is not None:
        return moment, moment
    start = moment.replace(tzinfo=dt.UTC)
    return start, start.replace(hour=23, minute=59, second=59, microsecond=999_999)


def overlaps(years: Years | None, wanted: Span) -> bool:
    """Whether years and a span have an instant in common; a feature without time is in every span."""
    if years is None:
        return True
    first, last = years
    after = wanted[1] is not None and first is not None and wanted[1] < dt.datetime(first, 1, 1, tzinfo=dt.UTC)
    before = wanted[0] is not None and last is not None and wanted[0] >= dt.datetime(last + 1, 1, 1, tzinfo=dt.UTC)
    return not (after or before)
