"""A running engine as its user sees it: address, log of requests, limits, and ordered faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from offline.metering.limits import Limits
from offline.metering.records import RequestLog, RequestRecord, Usage, usage_of
from offline.protocol.faults import Fault, FaultPlan


@dataclass
class Server:
    """A running engine: its address, the requests that were answered, its limits, and the faults that are ordered."""

    url: str
    origin: str
    requests: list[RequestRecord] = field(default_factory=list)
    faults: FaultPlan = field(default_factory=FaultPlan)
    limits: Limits = field(default_factory=Limits)
    log: RequestLog | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    """what the source says of itself, for provenance"""

    def inject(
        self,
        name: str,
        times: int = 1,
        *,
        kind: str | None = None,
        delay: float = 0.0,
        skip: int = 0,
        rate: float = 1.0,
        path: str = "",
    ) -> None:
        """Order a fault for the next requests; see `offline.protocol.faults`."""
        self.faults.add(Fault(name, times, kind, delay, skip, rate, path))

    def count(self, kind: str) -> int:
        """The number of requests of a kind so far."""
        return sum(record.kind == kind for record in self.requests)

    def usage(self) -> Usage:
        """What the requests so far sum to; exports are in `limits.used`."""
        return usage_of(self.requests)

    def record(self, record: RequestRecord) -> None:
        """Add a request to the log."""
        self.requests.append(record)
        if self.log is not None:
            self.log.write(record)

    def end_log(self) -> None:
        """Write the sums to the file of the log, if there is one."""
        if self.log is not None:
            self.log.end(self.usage(), self.limits.used)
