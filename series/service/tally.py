"""What requests cost: how many, how often repeated, and the compute time that the service counts for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import ee
from ee.apifunction import ApiFunction

#: Profiles that one request can ask for.
PROFILES_A_REQUEST = 100


@dataclass
class Tally:
    """The requests of some work: how many, how many of them were repetitions, and their profiles on the service."""

    requests: int = 0
    retries: int = 0
    profiles: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def count(self, *, again: bool) -> None:
        """Count a request; `again` if it repeats one that failed."""
        with self._lock:
            self.requests += 1
            self.retries += again

    def profiled(self) -> AbstractContextManager[Any]:
        """Have the service profile the requests inside the `with` block."""
        return ee.data.profiling(self.profiles.append)


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def counting() -> Iterator[Tally]:
    """Count the requests made inside the `with` block, in threads that see its context, too."""
    tally = Tally()
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)


@contextmanager
def counted(attempt: int) -> Iterator[None]:
    """Count the request made inside the `with` block, if anybody counts; `attempt` is 1 for the first."""
    tally = _tally.get()
    if tally is not None:
        tally.count(again=attempt > 1)
    with nullcontext() if tally is None else tally.profiled():
        yield


def profile_tables(profiles: list[str]) -> Iterator[Any]:
    """Expressions of the tables of some profiles, each for as many as one request can ask for."""
    lookup = ApiFunction.lookup("Profile.getProfiles")
    for first in range(0, len(profiles), PROFILES_A_REQUEST):
        yield lookup.call(ids=profiles[first : first + PROFILES_A_REQUEST])


def eecu_seconds(table: str) -> float:
    """The compute time in a table of profiles: the sum of its first column (EECU-seconds)."""
    return sum(float(number) for number in re.findall(r"^\s*(\d+(?:\.\d+)?)\s", table, re.M))
