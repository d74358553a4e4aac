"""Faults on order: failures of the service, to test how clients handle them.

They are ordered from Python (`server.inject`), from a file of rules (`drylands offline --faults FILE`), or by a
request itself, with the header `X-Offline-Fault: quota`, or `slow 2.5` with the seconds of the delay.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from threading import Lock
from typing import Any

from offline.metering.limits import MONTH_USED_UP, TOO_FAST, TOO_MANY

#: Header of a request that asks for a fault by name.
HEADER = "X-Offline-Fault"
#: Seconds that a header may ask for.
LONGEST_DELAY = 600
#: Name of a fault → HTTP status and message, in the service's own words.
FAULTS: dict[str, tuple[int, str]] = {
    "quota": (429, TOO_MANY),
    "rate": (429, TOO_FAST),
    "internal": (500, "An internal error has occurred."),
    "bad-gateway": (502, "Bad Gateway"),
    "unavailable": (503, "The service is currently unavailable."),
    "capacity": (503, "Earth Engine capacity exceeded."),
    "memory-capacity": (503, "Earth Engine memory capacity exceeded."),
    "deadline": (504, "Deadline Exceeded"),
    "memory": (400, "User memory limit exceeded."),
    "timeout": (400, "Computation timed out."),
    "request-size": (400, "Total request size (50331649 bytes) must be less than or equal to 50331648 bytes."),
    "output-size": (400, "Output of image computation is too large (50331649 bytes)."),
    "reprojection": (400, "Reprojection output too large (8192x8192 pixels)."),
    "many-pixels": (400, "Image.reduceRegions: Too many pixels in the region. Found 10000001, but maxPixels allows only"
                    " 10000000."),
    "eecu-day": (429, "Your usage exceeded the custom quota for 'earthengine.googleapis.com/daily_eecu_usage_time',"
                 " which is adjustable by your administrator in the Google Cloud console:"
                 " https://console.cloud.google.com/quotas/?project=_."),
    "eecu-month": (429, MONTH_USED_UP),
    "denied": (403, "Caller does not have required permission."),
    "unregistered": (403, "Project 'offline' is not registered to use Earth Engine."),
    "api-disabled": (403, "Google Earth Engine API has not been used in project 1234 before or it is disabled."),
    "service-usage": (403, "Caller does not have required permission to use project offline. Grant the caller the"
                      " roles/serviceusage.serviceUsageConsumer role (permission serviceusage.services.use)."),
    #: The answer is cut off in the middle; no status of its own.
    "truncated": (200, ""),
    #: The answer comes after `delay` seconds.
    "slow": (200, ""),
    #: Half of the answer comes immediately, the rest after `delay` seconds.
    "slow-body": (200, ""),
    #: The connection is closed without an answer.
    "reset": (200, ""),
    #: The connection stays open without an answer, until the client leaves it.
    "silent": (200, ""),
    #: Pixels with one row less than requested; other answers are empty JSON.
    "wrong-shape": (200, ""),
}  # fmt: skip


class BadFault(ValueError):
    """A fault, or a file of them, cannot be used; the message says where and how to fix it."""


@dataclass
class Fault:
    """A fault that strikes the next `times` requests of a kind (any kind for None) whose path contains `path`.

    The first `skip` of them pass; with a `rate` below 1 each is struck with that probability only.
    """

    name: str
    times: int = 1
    kind: str | None = None
    delay: float = 0.0
    skip: int = 0
    rate: float = 1.0
    path: str = ""

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise BadFault(f"fault {self.name!r} is unknown; use one of {', '.join(FAULTS)}")
        if not 0 < self.rate <= 1:
            raise BadFault(f"fault {self.name!r}: rate {self.rate} is not above 0 and at most 1")


def fault_of_header(text: str) -> Fault:
    """The fault that a header names, with its delay in seconds where that is given, 1 without.

    Raises BadFault for an unknown name and a delay that is not a number.
    """
    name, _, delay = text.strip().partition(" ")
    try:
        seconds = float(delay or name.startswith("slow"))
    except ValueError as error:
        raise BadFault(f"{HEADER}: delay {delay!r} is no number of seconds") from error
    if not 0 <= seconds <= LONGEST_DELAY:
        raise BadFault(f"{HEADER}: delay {delay!r} is not between 0 and {LONGEST_DELAY} seconds")
    return Fault(name, delay=seconds)


class FaultPlan:
    """The faults still to come, in order. Which requests a rate strikes follows from the seed."""

    def __init__(self, seed: int = 0) -> None:
        self._faults: list[Fault] = []
        self._lock = Lock()
        self._dice = random.Random(seed)

    def add(self, fault: Fault) -> None:
        """Put a fault at the end of the plan."""
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Forget the faults still to come."""
        with self._lock:
            self._faults.clear()

    def next(self, kind: str, path: str = "") -> Fault | None:
        """The fault that strikes a request of this kind and path, if one is due."""
        with self._lock:
            for fault in self._faults:
                if fault.times > 0 and fault.kind in (None, kind) and fault.path in path:
                    if fault.skip > 0:
                        fault.skip -= 1
                        return None
                    if fault.rate < 1 and self._dice.random() >= fault.rate:
                        continue
                    fault.times -= 1
                    return fault
        return None

    def json(self) -> list[dict[str, Any]]:
        """The faults still to come, as a file of rules has them."""
        with self._lock:
            return [asdict(fault) for fault in self._faults if fault.times > 0]


def read_rules(path: Path) -> list[Fault]:
    """The faults of a JSON file: a list of objects with the fields of `Fault`.

    Raises BadFault naming the file, the rule and the fix.
    """
    try:
        rules = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadFault(f"{path}: cannot be read as JSON ({error})") from error
    if not isinstance(rules, list):
        raise BadFault(f'{path}: must be a list of rules, such as [{{"name": "quota", "rate": 0.1, "times": 1000}}]')
    known = {each.name for each in fields(Fault)}
    faults = []
    for number, rule in enumerate(rules, start=1):
        unknown = sorted(set(rule) - known) if isinstance(rule, dict) else ["not an object"]
        if unknown:
            raise BadFault(f"{path}: rule {number}: {unknown[0]!r} is unknown; use {', '.join(sorted(known))}")
        try:
            faults.append(Fault(**rule))
        except (TypeError, BadFault) as error:
            raise BadFault(f"{path}: rule {number}: {error}") from error
    return faults
