"""Joda-Time patterns, in which Earth Engine writes and reads dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

from offline.errors import EngineError

#: A quoted text, or one letter repeated; all other text is literal.
PART = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*")
MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
NUMBERS: dict[str, Callable[[datetime], int]] = {
    "C": lambda when: when.year // 100,
    "Y": lambda when: when.year,
    "y": lambda when: when.year,
    "x": lambda when: when.isocalendar().year,
    "w": lambda when: when.isocalendar().week,
    "e": lambda when: when.isoweekday(),
    "M": lambda when: when.month,
    "d": lambda when: when.day,
    "D": lambda when: when.timetuple().tm_yday,
    "H": lambda when: when.hour,
    "k": lambda when: when.hour or 24,
    "h": lambda when: when.hour % 12 or 12,
    "K": lambda when: when.hour % 12,
    "m": lambda when: when.minute,
    "s": lambda when: when.second,
}


def date_text(when: datetime, pattern: str) -> str:
    """A date as clocks of its time zone show it, by a pattern.

    Raises EngineError for a letter that has no meaning here.
    """

    def part(part_match: re.Match[str]) -> str:
        if part_match[1] is not None:
            return part_match[1].replace("''", "'") or "'"
        letter, length = part_match[0][0], len(part_match[0])
        if letter in WORDS:
            return WORDS[letter](when, length)
        if letter == "M" and length >= 3:
            return _name(MONTHS[when.month - 1], length)
        if letter not in NUMBERS:
            raise EngineError(f"Date.format: Illegal pattern component: {part_match[0]}")
        number = NUMBERS[letter](when)
        if letter in "Yyx" and length == 2:
            return f"{number % 100:02d}"
        return str(number).zfill(length)

    return PART.sub(part, pattern)


def _name(name: str, length: int) -> str:
    return name if length > 3 else name[:3]


def _zone_name(when: datetime, length: int) -> str:
    """Short names only; the long ones of zones other than UTC are words of a language that are not at hand."""
    short = when.tzname() or ""
    if length < 4:
        return short
    if short != "UTC":
        raise EngineError("Date.format: 'zzzz' is known for UTC only; use 'z', or 'ZZZ' for the identifier.")
    return "Coordinated Universal Time"


def _offset(when: datetime, length: int) -> str:
    """The offset from UTC; three letters are the identifier of the time zone."""
    if length > 2:
        return str(when.tzinfo)
    text = when.strftime("%z")
    return text if length == 1 else f"{text[:3]}:{text[3:5]}"


WORDS: dict[str, Callable[[datetime, int], str]] = {
    "G": lambda when, _length: "AD",
    "E": lambda when, length: _name(DAYS[when.weekday()], length),
    "a": lambda when, _length: "AM" if when.hour < 12 else "PM",
    "S": lambda when, length: f"{when.microsecond:06d}"[:length].ljust(length, "0"),
    "z": _zone_name,
    "Z": _offset,
}
#: Letters that are read.
READ = "YyMdDHmsS"


def read_date(pattern: str, text: str, zone: tzinfo) -> datetime:
    """The instant that a text shows; fields that the pattern lacks are those of 1970-01-01.

    A field may have fewer digits than the pattern has letters, unless another field follows directly. Two digits of a
    year are those of the hundred years that end 19 years from now. Raises EngineError if the text does not fit, or
    for a letter that cannot be read here.
    """
    fields: list[str] = []
    expression, end = "", 0
    for part_match in PART.finditer(pattern):
        expression += re.escape(pattern[end : part_match.start()])
        end = part_match.end()
        if part_match[1] is not None:
            expression += re.escape(part_match[1].replace("''", "'") or "'")
            continue
        letter, length = part_match[0][0], len(part_match[0])
        if letter not in READ:
            raise EngineError(f"Date.parse: pattern component '{part_match[0]}' is not supported offline.")
        named = letter == "M" and length > 2
        fields.append("name" if named else "short" if letter in "Yy" and length == 2 else letter.replace("Y", "y"))
        closed = pattern[end : end + 1] in tuple(READ)
        expression += r"([^\W\d]+)" if named else rf"(\d{{{length}}})" if closed else r"(\d+)"
    expression += re.escape(pattern[end:])
    match = re.fullmatch(expression, text)
    if match is None:
        raise EngineError(f"Date.parse: Invalid format: '{text}' does not fit '{pattern}'.")
    return _moment(dict(zip(fields, match.groups(), strict=True)), text, zone)


def _moment(words: dict[str, str], text: str, zone: tzinfo) -> datetime:
    name = words.pop("name", None)
    part = words.pop("S", "0")
    read = {field: int(value) for field, value in words.items()}
    if name is not None:
        months = [n for n, month in enumerate(MONTHS, 1) if name.lower() in (month.lower(), month[:3].lower())]
        if not months:
            raise EngineError(f"Date.parse: Invalid format: '{name}' in '{text}' is no month.")
        read["M"] = months[0]
    if "short" in read:
        latest = datetime.now(UTC).year + 19
        read["y"] = latest - (latest - read["short"]) % 100
    try:
        when = datetime(
            read.get("y", 1970),
            read.get("M", 1),
            read.get("d", 1),
            read.get("H", 0),
            read.get("m", 0),
            read.get("s", 0),
            tzinfo=zone,
        )
    except ValueError as error:
        raise EngineError(f"Date.parse: '{text}': {error}.") from error
    return when + timedelta(days=read.get("D", 1) - 1, seconds=float(f"0.{part}"))
