"""The simulated landscape with its dense field of practice sites, pulled like any other source, for the score."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flows.pulling import pull_variable
from flows.sources import OpenSource, choose_datasets

if TYPE_CHECKING:
    from pathlib import Path

    from flows.request import AssessRequest
    from regions.model import Region

#: What the evidence for practices is computed from.
VARIABLES = (
    "productivity", "land_cover", "precipitation", "soil_taxonomy", "climate_zone", "aridity", "elevation",
)  # fmt: skip
#: Tells cubes of this landscape from those of the one that `drylands assess` pulls.
FINGERPRINT = "evidence"


@contextmanager
def opened_field() -> Iterator[OpenSource]:
    """Connect the Earth Engine client to the landscape with the field of sites."""
    from offline.server import serve
    from offline.sources.simulated import SimulatedSource
    from series.earth_engine import Connection, connect

    with serve(SimulatedSource(layout="evidence")) as server:
        connect(Connection(url=server.url))
        yield OpenSource("simulated", choose_datasets(None, {}), server, FINGERPRINT)


def pull_field(region: Region, request: AssessRequest, source: OpenSource) -> dict[str, Path]:
    """The cubes of a region in that landscape, by variable; what is stored already is not pulled again."""
    store = request.data / "cubes" / region.id
    productivity = source.datasets["productivity"]
    return {
        variable: pull_variable(region, request, source.datasets[variable], productivity, store, source)
        for variable in VARIABLES
    }
