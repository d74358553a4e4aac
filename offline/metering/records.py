"""The log of requests: a record of each, what they sum to, and a file of JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any


@dataclass(frozen=True)
class RequestRecord:
    """One request as the log keeps it; `kind` is pixels, value, features, asset, tile, thumbnail, …

    `status` is that of HTTP, 0 where the connection was closed without an answer; `size` the bytes of the answer;
    `started` seconds since 1970; `seconds` the time until the answer was ready, waits included. A request that failed
    costs no EECU-seconds, as on the service.
    """

    method: str
    path: str
    kind: str
    status: int = 200
    size: int = 0
    started: float = 0.0
    seconds: float = 0.0
    input_pixels: int = 0
    computed_pixels: int = 0
    eecu_seconds: float = 0.0

    @property
    def ended(self) -> float:
        """When the answer was ready, seconds since 1970."""
        return self.started + self.seconds


@dataclass(frozen=True)
class Usage:
    """What requests sum to; `refused` are those that were not answered with 200, `concurrent` the most at one time."""

    requests: int = 0
    refused: int = 0
    size: int = 0
    seconds: float = 0.0
    input_pixels: int = 0
    computed_pixels: int = 0
    eecu_seconds: float = 0.0
    concurrent: int = 0


def usage_of(records: Iterable[RequestRecord]) -> Usage:
    """The sums over some requests."""
    kept = list(records)
    return Usage(
        requests=len(kept),
        refused=sum(record.status not in (200, 206) for record in kept),
        size=sum(record.size for record in kept),
        seconds=sum(record.seconds for record in kept),
        input_pixels=sum(record.input_pixels for record in kept),
        computed_pixels=sum(record.computed_pixels for record in kept),
        eecu_seconds=sum(record.eecu_seconds for record in kept),
        concurrent=most_at_one_time(kept),
    )


def most_at_one_time(records: Iterable[RequestRecord]) -> int:
    """The largest number of requests that were under way at one time."""
    # An end at the moment of a beginning comes first.
    events = sorted(event for each in records for event in ((each.started, 1), (each.ended, -1)))
    most = running = 0
    for _, change in events:
        running += change
        most = max(most, running)
    return most


class RequestLog:
    """A file with a line of JSON for each request, and one more with the sums when it ends."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8", buffering=1)
        self._lock = Lock()

    def write(self, record: RequestRecord) -> None:
        """Add a request; after the end nothing is written."""
        self._line(asdict(record))

    def end(self, usage: Usage, charged: float) -> None:
        """Write the sums, and the EECU-seconds of requests and exports together, and close the file, once."""
        self._line({"summary": asdict(usage) | {"charged": charged}})
        with self._lock:
            self._file.close()

    def _line(self, content: dict[str, Any]) -> None:
        with self._lock:
            if not self._file.closed:
                self._file.write(json.dumps(content) + "\n")
