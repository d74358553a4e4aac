"""ISO 8601 as Earth Engine reads it, and the time zones of the IANA data base."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from offline.errors import EngineError

#: A year, and as much of month, day, time and offset as there is; one digit will do where two are usual.
ISO = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?"
    r"(?:[T ](?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<part>\d+))?)?)?)?"
    r"\s*(?P<offset>Z|[-+]\d{2}:?\d{2})?"
)


def zone_of(name: str | None) -> tzinfo:
    """A time zone by its name (`Asia/Shanghai`) or offset (`+08:00`); UTC without one.

    Raises EngineError for a name that the data base does not have.
    """
    if name is None or name in ("UTC", "Zulu", "Z"):
        return UTC
    if offset := re.fullmatch(r"([-+])(\d{2}):?(\d{2})", name):
        minutes = int(offset[2]) * 60 + int(offset[3])
        return timezone(timedelta(minutes=minutes if offset[1] == "+" else -minutes))
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise EngineError(f"Date: time zone '{name}' is not known; use a name such as 'Asia/Shanghai'.") from error


# a map over a collection reads the same few days again for each of its elements
@lru_cache(maxsize=4096)
def iso_moment(text: str, zone: tzinfo = UTC) -> datetime:
    """The instant that a text shows, in `zone` unless it names an offset itself.

    Raises EngineError if it is none.
    """
    match = ISO.fullmatch(text.strip())
    if match is None:
        raise EngineError(f"Date: '{text}' is no date; write it as 2020-07-31 or 2020-07-31T12:00:00.")
    fields = {name: int(match[name] or least) for name, least in FIELDS.items()}
    part = timedelta(seconds=float(f"0.{match['part'] or 0}"))
    offset = match["offset"]
    try:
        return datetime(**fields, tzinfo=zone_of(offset) if offset else zone) + part
    except ValueError as error:
        raise EngineError(f"Date: '{text}': {error}.") from error


FIELDS = {"year": 1, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}
