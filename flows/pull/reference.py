"""The fixed areas that performance is compared with.

The best land of a unit must not depend on the selected area: a district and its province must agree on every pixel.
A region of the catalogue is a natural unit and its own reference. In a user's own polygons each pixel is compared
within the catalogued region that it lies in, and elsewhere within its cell of a fixed lattice of `CELL` degrees
(about 200 km). These areas depend on the position of the pixel only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.pull.left_out import optional
from flows.pull.pulled import ReferenceArea
from flows.pull.sources import OpenSource
from flows.pull.variables import annual_kinds, cell_size, pull_variable
from flows.request.assess import OVERVIEW_DEGREES, AssessRequest
from flows.run.progress import on_behalf_of
from indicators.profiles import get
from regions.catalogue import is_natural, natural_regions
from regions.covered import SLIVER
from regions.grid import coordinates, coverage, geobox
from regions.reference_areas import outline_of, zone_numbers
from series.cubes.tiles import tiles

if TYPE_CHECKING:
    from regions.model import Region
    from series.datasets import Dataset

#: What units of performance are made of.
VARIABLES = ("land_cover", "soil_taxonomy")


def pull_reference(
    region: Region,
    request: AssessRequest,
    available: dict[str, Dataset],
    source: OpenSource,
    left_out: dict[str, str] | None = None,
) -> tuple[ReferenceArea, ...]:
    """Pull the cubes of the reference areas of a region; none if it is its own, or if no profile has performance.

    They have the run's cell size, but are no finer than the regional overview, and all regions share them. What the
    source refuses is added to `left_out`.
    """
    if is_natural(region) or all(get(name).performance is None for name in request.profiles):
        return ()
    numbers = numbers_inside(region, request, available)
    with on_behalf_of(region.id):
        missing = {} if left_out is None else left_out
        return tuple(_pull_area(number, region, request, available, source, missing) for number in numbers)


def numbers_inside(region: Region, request: AssessRequest, available: dict[str, Dataset]) -> list[int]:
    """The numbers of the reference areas that the cells of a region lie in."""
    productivity = available["productivity"]
    grid = geobox(region, cell_size(request, productivity, productivity))
    found: set[int] = set()
    for tile in tiles(tuple(grid.shape)):
        part = grid[tile.window]
        inside = coverage(region, part).values > SLIVER
        centres = coordinates(part)
        found |= set(zone_numbers(region, centres["y"], centres["x"])[inside].tolist())
    return sorted(found)


def _pull_area(
    number: int,
    region: Region,
    request: AssessRequest,
    available: dict[str, Dataset],
    source: OpenSource,
    left_out: dict[str, str],
) -> ReferenceArea:
    natural = natural_regions().get(number)
    name = natural.id if natural else f"reference-{number}"
    area = region.model_copy(update={"id": name, "name": name, "geometry": outline_of(number)})
    store = request.data / "cubes" / name
    productivity = available["productivity"]

    def cell(dataset: Dataset) -> float:
        return max(cell_size(request, productivity, dataset), OVERVIEW_DEGREES)

    annual = {
        kind: pull_variable(area, request, productivity, store, source, cell=cell(productivity), method=kind)
        for kind in annual_kinds(request)
    }
    cubes = {}
    for variable in VARIABLES:
        if variable in available:
            dataset = available[variable]
            with optional(left_out, region.id, f"reference {variable}"):
                cubes[variable] = pull_variable(area, request, dataset, store, source, cell=cell(dataset))
    return ReferenceArea(number, area.geometry if natural else None, cubes, annual)
