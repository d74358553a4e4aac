"""A rough service: a third of the requests fail, three may run at a time, the quota ends in the middle. Same bytes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
import zarr
from shapely import box

from flows.pull.pulled import Pulled
from flows.pull.region import pull_region
from flows.pull.sources import OpenSource, choose_datasets
from flows.request.assess import AssessRequest
from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from regions.model import Region
from series.errors import QuotaUsedUp
from series.service.earth_engine import Connection, connect

HERE = Region(id="here", name="Here", geometry=box(112, 43, 113.5, 44), source="test")
#: Everything that passes when it is tried again, smaller, or later.
FAULTS = (
    "quota", "rate", "internal", "bad-gateway", "unavailable", "capacity", "memory-capacity", "truncated", "reset",
    "wrong-shape", "memory", "timeout", "deadline",
)  # fmt: skip


@contextmanager
def served(**options: int) -> Iterator[tuple[OpenSource, Server]]:
    """The simulated landscape behind an engine with limits of its own."""
    with serve(SimulatedSource(), **options) as server:  # type: ignore[arg-type]
        connect(Connection(url=server.url, pace=0.002, deadline=120))
        yield OpenSource("simulated", choose_datasets(None, {}), server), server


def contents(pulled: Pulled) -> dict[str, str]:
    """Digests of the pixels of all cubes, and of the tables."""
    cubes = [*pulled.cubes.values(), *pulled.annual.values(), *filter(None, pulled.months)]
    found = {
        path.name: sha256(zarr.open_array(path / path.name.rsplit("-", 1)[0], mode="r")[...].tobytes()).hexdigest()
        for path in cubes
    }
    tables = filter(None, [pulled.monthly, pulled.pressures])
    return found | {path.name: sha256(path.read_bytes()).hexdigest() for path in tables}


def request(folder: Path) -> AssessRequest:
    return AssessRequest(regions=("here",), data=folder, years=(2010, 2015), resolution=1 / 120)


@pytest.mark.slow
def test_the_same_bytes_from_a_rough_service(tmp_path: Path) -> None:
    with served() as (source, server):
        calm = contents(pull_region(HERE, request(tmp_path / "calm"), source))
        needed = server.count("pixels") + server.count("features")
    assert len(calm) >= 13
    with served(concurrent=3) as (source, server):
        for name in FAULTS:
            for kind in ("pixels", "features", "value", "asset"):
                if kind in ("pixels", "features") or name != "wrong-shape":
                    server.inject(name, 10_000, kind=kind, rate=0.03)
        server.inject("eecu-month", 1, kind="pixels", skip=12)
        with pytest.raises(QuotaUsedUp):
            pull_region(HERE, request(tmp_path / "rough"), source)
        pulled = pull_region(HERE, request(tmp_path / "rough"), source)
        statuses = Counter(each.status for each in server.requests)
    assert pulled.left_out == {}
    assert contents(pulled) == calm
    failed = sum(count for status, count in statuses.items() if status >= 400)
    assert failed > 0.2 * sum(statuses.values())
    assert statuses[429] > 0
    # what was answered is not requested again, but in pieces where it was too big
    answered = sum(each.status == 200 for each in server.requests if each.kind in ("pixels", "features"))
    assert answered < 3 * needed
