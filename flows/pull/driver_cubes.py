"""The cubes of drivers that attribution compares in degraded patches and in land without loss."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flows.pull.sources import OpenSource
from flows.pull.steps import Step, cube_step
from flows.pull.variables import cell_size, shared_blocks
from flows.request.assess import AssessRequest
from indicators.causes.verdict import FEWEST
from regions.grid import geobox
from series.cubes.naming import Cube
from series.pressures import CELL_DRIVERS, CellDriver

if TYPE_CHECKING:
    from regions.model import Region
    from series.cubes.delivery import Delivery
    from series.datasets import Dataset

#: How the keys of the steps, and the names of what is left out, begin.
CELLS = "cells of"


def wants_patches(request: AssessRequest) -> bool:
    """Whether degraded patches are attributed: on request, with enough years to see a change."""
    first, last = request.span
    return request.patches and last - first + 1 >= FEWEST


def driver_steps(
    region: Region,
    request: AssessRequest,
    productivity: Dataset,
    store: Path,
    source: OpenSource,
    delivery: Delivery,
) -> list[Step]:
    """A step for each driver that the source has; none without attribution."""
    if not wants_patches(request):
        return []
    years = range(request.span[0], request.span[1] + 1)
    wanted = cell_size(request, productivity, productivity)
    steps = []
    for each in CELL_DRIVERS:
        if source.has(each.source.asset) and each.source.within(years):
            cube = partial(driver_cube, region, request, each, wanted, store, source)
            steps.append(cube_step((CELLS, each.name), cube, f"{CELLS} {each.name}", delivery))
    return steps


def driver_cube(
    region: Region, request: AssessRequest, driver: CellDriver, wanted: float, store: Path, source: OpenSource
) -> Cube:
    """The cube of a driver over the years that its asset may have."""
    cell = driver.cell(wanted)
    years = tuple(driver.source.within(range(request.span[0], request.span[1] + 1)))
    stack = source.memory.once(("driver", driver.name, years, cell), partial(driver.stack, years, cell))
    return Cube(
        stack,
        name=driver.name,
        geobox=geobox(region, cell),
        dataset=driver.dataset(cell),
        store=store,
        origin=source.origin,
        fingerprint=source.fingerprint,
        outline=region.geometry,
        shared=shared_blocks(region, store),
    )
