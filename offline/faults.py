"""Faults to order: what the service does on a bad day, so that clients can be tried against it."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

#: Name of a fault → HTTP status and message, in the service's own words.
FAULTS = {
    "quota": (429, "Too many concurrent aggregations."),
    "internal": (500, "An internal error has occurred."),
    "unavailable": (503, "The service is currently unavailable."),
    "memory": (400, "User memory limit exceeded."),
    "timeout": (400, "Computation timed out."),
    "denied": (403, "Caller does not have required permission."),
    #: The answer is cut off in the middle; no status of its own.
    "truncated": (200, ""),
    #: The answer comes after `delay` seconds.
    "slow": (200, ""),
}


@dataclass
class Fault:
    """A fault that strikes the next `times` requests of a kind (any kind for None)."""

    name: str
    times: int = 1
    kind: str | None = None
    delay: float = 0.0
    skip: int = 0

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise ValueError(f"fault {self.name!r} is unknown; use one of {', '.join(FAULTS)}")


class FaultPlan:
    """The faults still to come, in order."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()

    def add(self, fault: Fault) -> None:
        """Put a fault at the end of the plan."""
        with self._lock:
            self._faults.append(fault)

    def next(self, kind: str) -> Fault | None:
        """The fault that strikes a request of this kind, if one is due."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and fault.kind in (None, kind):
                    if fault.skip > 0:
                        fault.skip -= 1
                        return None
                    fault.times -= 1
                    return fault
        return None
