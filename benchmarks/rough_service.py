"""How much time a rough service costs: the same pull on a calm one, on one with few places, and on a failing one.

    python benchmarks/rough_service.py

The offline engine answers each request after 2 s and a microsecond for each stored pixel that it reads (an
assumption). Rough: three requests at the same time, and 30 % of the requests fail in one of the ways that pass when
they are tried again, smaller, or later. The peer is the calm service in the same run; waits are those of a real run.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table
from shapely import box

from flows.pull.region import pull_region
from flows.pull.sources import OpenSource, choose_datasets
from flows.request.assess import AssessRequest
from offline.metering.latency import Latency
from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from regions.model import Region
from series.service.earth_engine import Connection, connect

HERE = Region(id="here", name="Here", countries=("CHN",), geometry=box(112, 43, 113.5, 44), source="benchmark")
FAULTS = (
    "quota", "rate", "internal", "bad-gateway", "unavailable", "capacity", "memory-capacity", "truncated", "reset",
    "memory", "timeout", "deadline",
)  # fmt: skip
FAILING = 0.3


def nothing(_server: Server) -> None:
    """A calm service."""


def failing(server: Server) -> None:
    """Let `FAILING` of the requests fail, by all faults alike."""
    for name in FAULTS:
        server.inject(name, 100_000, rate=FAILING / len(FAULTS))


def measured(concurrent: int, prepare: Callable[[Server], None]) -> tuple[float, int, int]:
    """Seconds of a pull, its requests, and how many of them failed."""
    latency = Latency(fixed=2.0, per_input_pixel=1e-6)
    with (
        serve(SimulatedSource(), concurrent=concurrent, latency=latency) as server,
        tempfile.TemporaryDirectory() as to,
    ):
        connect(Connection(url=server.url))
        prepare(server)
        source = OpenSource("simulated", choose_datasets(None, {}), server)
        request = AssessRequest(regions=("here",), data=Path(to), years=(2010, 2015), resolution=1 / 120)
        started = time.monotonic()
        pull_region(HERE, request, source)
        took = time.monotonic() - started
        made = list(server.requests)
    return took, len(made), sum(each.status >= 400 or each.status == 0 for each in made)


def main() -> None:
    """Measure and print a table."""
    table = Table("service", "seconds", "times the calm one", "requests", "failed")
    calm = 0.0
    for name, concurrent, prepare in (
        ("40 at the same time, calm", 40, nothing),
        ("3 at the same time, calm", 3, nothing),
        (f"3 at the same time, {FAILING:.0%} fail", 3, failing),
    ):
        took, requests, failed = measured(concurrent, prepare)
        calm = calm or took
        table.add_row(name, f"{took:.0f}", f"{took / calm:.1f}", str(requests), str(failed))
    Console().print(table)


if __name__ == "__main__":
    main()
