"""Joda-Time patterns, in which Earth Engine writes and reads dates."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from offline.errors import EngineError
from offline.values import Date

#: A quoted text, or one letter repeated; what is neither stands for itself.
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


def date_text(moment: Date, pattern: str) -> str:
    """A date by a pattern. Raises EngineError for a letter that has no meaning here."""
    when = moment.moment

    def part(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1].replace("''", "'") or "'"
        letter, length = found[0][0], len(found[0])
        if letter == "M" and length >= 3:
            name = MONTHS[when.month - 1]
            return name if length > 3 else name[:3]
        if letter == "E":
            name = DAYS[when.weekday()]
            return name if length > 3 else name[:3]
        if letter == "a":
            return "AM" if when.hour < 12 else "PM"
        if letter == "S":
            return f"{when.microsecond:06d}"[:length].ljust(length, "0")
        if letter in ("z", "Z"):
            return "UTC" if letter == "z" else ("+0000" if length == 1 else "+00:00")
        if letter not in NUMBERS:
            raise EngineError(f"Date.format: Illegal pattern component: {found[0]}")
        number = NUMBERS[letter](when)
        if letter in "Yyx" and length == 2:
            return f"{number % 100:02d}"
        return str(number).zfill(length)

    return PART.sub(part, pattern)


def read_date(pattern: str, text: str) -> Date:
    """The date that a text shows; fields that the pattern lacks are those of 1970-01-01.

    Raises EngineError where the text does not fit, or for a letter that cannot be read here.
    """
    fields: list[str] = []
    expression, end = "", 0
    for found in PART.finditer(pattern):
        expression += re.escape(pattern[end : found.start()])
        end = found.end()
        if found[1] is not None:
            expression += re.escape(found[1].replace("''", "'") or "'")
            continue
        letter, length = found[0][0], len(found[0])
        if letter not in "YyMdDHms" or (letter == "M" and length > 2) or (letter in "Yy" and length == 2):
            raise EngineError(f"Date.parse: pattern component '{found[0]}' is not supported offline.")
        fields.append(letter.lower() if letter == "Y" else letter)
        expression += rf"(\d{{{length}}})" if length > 1 else r"(\d+)"
    expression += re.escape(pattern[end:])
    match = re.fullmatch(expression, text)
    if match is None:
        raise EngineError(f"Date.parse: Invalid format: '{text}' does not fit '{pattern}'.")
    read = {name: int(value) for name, value in zip(fields, match.groups(), strict=True)}
    try:
        when = datetime(
            read.get("y", 1970),
            read.get("M", 1),
            read.get("d", 1),
            read.get("H", 0),
            read.get("m", 0),
            read.get("s", 0),
            tzinfo=UTC,
        )
    except ValueError as error:
        raise EngineError(f"Date.parse: '{text}': {error}.") from error
    days = read.get("D", 1) - 1
    return Date(Date.of(when).millis + days * 86_400_000)
