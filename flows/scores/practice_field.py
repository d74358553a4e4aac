"""The simulated landscape with its dense field of practice sites, pulled like any other source, for the score."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flows.pull.sources import OpenSource, choose_datasets
from flows.pull.variables import cell_size, cube_of
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from series.cubes.pull import pull
from series.service.earth_engine import Connection, connect

if TYPE_CHECKING:
    from pathlib import Path

    from flows.request.assess import AssessRequest
    from offline.landscape import Layout
    from regions.model import Region

#: What the evidence for practices is computed from.
VARIABLES = (
    "productivity", "land_cover", "precipitation", "soil_taxonomy", "climate_zone", "aridity", "elevation",
)  # fmt: skip


@contextmanager
def opened_field(layout: Layout) -> Iterator[OpenSource]:
    """Connect the Earth Engine client to the landscape with the field of sites, or to the same one without."""
    with serve(SimulatedSource(layout=layout)) as server:
        connect(Connection(url=server.url))
        yield OpenSource("simulated", choose_datasets(None, {}), server, f"layout {layout}")


def pull_field(
    region: Region, request: AssessRequest, source: OpenSource, variables: tuple[str, ...] = VARIABLES
) -> dict[str, Path]:
    """The cubes of a region, by variable; what is stored already is not pulled again."""
    store = request.data / "cubes" / region.id
    productivity = source.datasets["productivity"]
    wanted = {variable: source.datasets[variable] for variable in variables}
    return {
        variable: pull(cube_of(region, request, each, store, source, cell=cell_size(request, productivity, each)))
        for variable, each in wanted.items()
    }
