"""Limits of the service: requests at the same time, requests a minute, and a monthly budget of compute time."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from offline.errors import EngineError

#: Requests of a project that are computed at the same time, and requests of a project in a minute, as the service has
#: them (100 a second, counted by the minute).
CONCURRENT, PER_MINUTE = 40, 6000
#: Requests at the same time of a project in restricted mode. The service does not publish its number.
RESTRICTED = 2
MINUTE = 60.0
TOO_MANY = "Too many concurrent aggregations."
TOO_FAST = (
    "Quota exceeded for quota metric 'Number of read requests' and limit 'Number of read requests per minute per user' "
    "of service 'earthengine.googleapis.com' for consumer 'project_number:1234'."
)
MONTH_USED_UP = "Quota exceeded for quota metric 'Noncommercial EECU-seconds per month'."


@dataclass
class Limits:
    """What a server allows, and how much of that is in use.

    `eecu_hours` None means no budget. A project that has used up its budget is refused; with `restricted` it is
    slowed down instead, as the service does since 2026-04-27: fewer requests at the same time.
    """

    concurrent: int = CONCURRENT
    per_minute: int = PER_MINUTE
    eecu_hours: float | None = None
    restricted: bool = False
    used: float = 0.0
    running: int = 0
    most_running: int = 0
    _arrivals: defaultdict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque), repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def arrive(self, project: str) -> None:
        """Count a request of a project. Raises EngineError for more of them than are allowed in a minute."""
        now = time.monotonic()
        with self._lock:
            arrivals = self._arrivals[project]
            while arrivals and arrivals[0] <= now - MINUTE:
                arrivals.popleft()
            if len(arrivals) >= self.per_minute:
                raise EngineError(TOO_FAST, 429)
            arrivals.append(now)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Compute one request. Raises EngineError if as many as are allowed are computed already."""
        with self._lock:
            if self.running >= self.allowed:
                raise EngineError(TOO_MANY, 429)
            self.running += 1
            self.most_running = max(self.most_running, self.running)
        try:
            yield
        finally:
            with self._lock:
                self.running -= 1

    @property
    def allowed(self) -> int:
        """Requests at the same time."""
        return min(self.concurrent, RESTRICTED) if self.is_restricted else self.concurrent

    @property
    def is_used_up(self) -> bool:
        """Whether nothing is left of the budget."""
        return self.eecu_hours is not None and self.used >= 3600 * self.eecu_hours

    @property
    def is_restricted(self) -> bool:
        """Whether requests are slowed down because the budget is used up."""
        return self.restricted and self.is_used_up

    def check_budget(self) -> None:
        """Raises EngineError if the budget is used up and that means refusal."""
        if self.is_used_up and not self.restricted:
            raise EngineError(MONTH_USED_UP, 429)

    def charge(self, eecu_seconds: float) -> None:
        """Take the cost of a request or export that succeeded off the budget; failed ones are free, as there."""
        with self._lock:
            self.used += eecu_seconds

    def new_month(self) -> None:
        """Renew the budget."""
        with self._lock:
            self.used = 0.0
