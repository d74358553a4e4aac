"""Profiles: what the parts of a computation cost, as `ee.profilePrinting()` of the client shows them."""

from __future__ import annotations

import uuid
from collections import OrderedDict, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from offline.errors import EngineError
from offline.metering.meter import PER_REQUEST, PIXELS_A_SECOND, Meter

#: Rows that a profile has unless more are asked for, as the client's own list of algorithms says; those that are kept.
ENTRIES, MOST_ENTRIES = 200, 1000
#: Profiles that are remembered; the oldest go first.
REMEMBERED = 1000
HEADING = " EECU·s PeakMem Count  Description"
LOADING, MERGED = "Loading assets: ", "(...)"


@dataclass(frozen=True)
class ProfileRow:
    """One row: EECU-seconds and bytes (0: nothing), how often it was done, and what."""

    eecu_seconds: float
    memory: int
    count: int
    description: str


def rows_of(meter: Meter) -> list[ProfileRow]:
    """The rows of one request: its assets, its own part, and its algorithms, whose cost this engine does not split."""
    loading = [
        ProfileRow(use.pixels / PIXELS_A_SECOND, use.largest, use.count, f"{LOADING}{asset}")
        for asset, use in meter.assets.items()
    ]
    own = ProfileRow(PER_REQUEST, 0, 1, "(plumbing)")
    algorithms = [ProfileRow(0.0, 0, count, f"Algorithm {name}") for name, count in meter.calls.items()]
    return limited([*loading, own, *algorithms], MOST_ENTRIES)


def limited(rows: Iterable[ProfileRow], most: int) -> list[ProfileRow]:
    """Rows of one description as one, the most costly first; images of a collection as one where there are too many.

    What is still too many becomes one last row.
    """
    summed = _summed(rows, lambda text: text)
    if len(summed) > most:
        summed = _summed(summed, _of_collection)
    if len(summed) > most:
        rest = [ProfileRow(row.eecu_seconds, row.memory, row.count, MERGED) for row in summed[most - 1 :]]
        summed = [*summed[: most - 1], *_summed(rest, lambda text: text)]
    return summed


def _summed(rows: Iterable[ProfileRow], name: Any) -> list[ProfileRow]:
    groups: defaultdict[str, list[ProfileRow]] = defaultdict(list)
    for row in rows:
        groups[name(row.description)].append(row)
    summed = [
        ProfileRow(sum(r.eecu_seconds for r in g), max(r.memory for r in g), sum(r.count for r in g), description)
        for description, g in groups.items()
    ]
    return sorted(summed, key=lambda row: (-row.eecu_seconds, -row.count, row.description))


def _of_collection(description: str) -> str:
    return f"{description.rpartition('/')[0]}/{MERGED}" if description.startswith(LOADING) else description


def as_text(rows: list[ProfileRow]) -> str:
    """The table; its first column, in thousandths, sums to the rounded sum of the rows."""
    thousandths = rounded([1000 * row.eecu_seconds for row in rows])
    lines = [
        f"{f'{number / 1000:.3f}' if row.eecu_seconds else '-':>7} {amount(row.memory):>7} {row.count:>5}  "
        f"{row.description}"
        for number, row in zip(thousandths, rows, strict=True)
    ]
    return "\n".join([HEADING, *lines]) + "\n"


def rounded(numbers: list[float]) -> list[int]:
    """Whole numbers that sum to the rounded sum: those that lose most by cutting get one more."""
    cut = [int(number) for number in numbers]
    missing = round(sum(numbers)) - sum(cut)
    for index in sorted(range(len(numbers)), key=lambda i: cut[i] - numbers[i])[:missing]:
        cut[index] += 1
    return cut


def amount(size: int) -> str:
    """Bytes as the service writes them: 352, 59k, 1.1M; `-` for none."""
    if not size:
        return "-"
    for unit, letter in ((2**30, "G"), (2**20, "M"), (2**10, "k")):
        if size >= unit:
            number = size / unit
            return f"{number:.1f}{letter}" if number < 10 and letter != "k" else f"{number:.0f}{letter}"
    return str(size)


class Profiles:
    """The profiles of the last requests that asked for one, under their ids."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, list[ProfileRow]] = OrderedDict()
        self._lock = Lock()

    def add(self, meter: Meter) -> str:
        """Keep the profile of a request; its id."""
        name = uuid.uuid4().hex
        with self._lock:
            self._kept[name] = rows_of(meter)
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return name

    def written(self, ids: list[str], file_format: str, entries: int | None) -> Any:
        """Profiles as one: a text, or for `json` an object with `columns` and `rows`.

        Raises EngineError for an unknown id or format and a number of entries below 1.
        """
        most = ENTRIES if entries is None else int(entries)
        if file_format not in ("text", "json"):
            raise EngineError(f"Profile.getProfiles: format '{file_format}' is neither 'text' nor 'json'.")
        if most < 1:
            raise EngineError(f"Profile.getProfiles: maxEntries {most} must be at least 1.")
        with self._lock:
            missing = [name for name in ids if name not in self._kept]
            found = [row for name in ids if name in self._kept for row in self._kept[name]]
        if missing:
            raise EngineError(f"Profile.getProfiles: profile '{missing[0]}' not found or forgotten.")
        rows = limited(found, most)
        if file_format == "text":
            return as_text(rows)
        columns = ["eecuSeconds", "peakMemoryBytes", "count", "description"]
        return {"columns": columns, "rows": [[r.eecu_seconds, r.memory, r.count, r.description] for r in rows]}
