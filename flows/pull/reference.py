"""The fixed areas that performance is compared with.

The best land of a unit must not depend on the selected area: a district and its province must agree on every pixel.
A region of the catalogue is a natural unit and its own reference. In a user's own polygons each pixel is compared
within the catalogued region that it lies in, and elsewhere within its cell of a fixed lattice of `CELL` degrees
(about 200 km). These areas depend on the position of the pixel only. Vegetation from single scenes, of which every view
of every pixel is read, has no reference areas: 200 km of them cost 13 EECU-hours for eight years, and a region is then
compared with itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flows.pull.delivered import delivery_of
from flows.pull.left_out import note
from flows.pull.pulled import ReferenceArea
from flows.pull.sources import OpenSource
from flows.pull.steps import Step, cube_step
from flows.pull.variables import annual_kinds, cell_size, cube_of, years_read
from flows.request.assess import OVERVIEW_DEGREES, AssessRequest
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
#: First part of the keys of its steps.
KEY = "reference"


def reference_steps(
    region: Region, request: AssessRequest, available: dict[str, Dataset], source: OpenSource
) -> list[Step]:
    """The cubes of the reference areas of a region; none if it is its own, or if no profile has performance.

    They have the run's cell size, but are no finer than the regional overview, and all regions share them.
    """
    return [
        step
        for number in _numbers(region, request, available)
        for step in _area_steps(number, region, request, available, source)
    ]


def reference_areas(
    region: Region, request: AssessRequest, available: dict[str, Dataset], found: Mapping[tuple[str, ...], Path]
) -> tuple[ReferenceArea, ...]:
    """The reference areas of a region, from the results of `reference_steps`."""
    areas = []
    for number in _numbers(region, request, available):
        own = {key[2:]: path for key, path in found.items() if key[:2] == (KEY, str(number))}
        cubes = {variable: own["cube", variable] for variable in VARIABLES if ("cube", variable) in own}
        annual = {kind: own["annual", kind] for kind in annual_kinds(request)}
        outline = outline_of(number) if number in natural_regions() else None
        converted = {key[1]: path for key, path in own.items() if key[0] == "converted"}
        areas.append(ReferenceArea(number, outline, cubes, annual, converted))
    return tuple(areas)


def _numbers(region: Region, request: AssessRequest, available: dict[str, Dataset]) -> list[int]:
    """The numbers of the reference areas that a region needs."""
    if available["productivity"].scenes or not _compared(region, request):
        return []
    return numbers_inside(region, request, available)


def _compared(region: Region, request: AssessRequest) -> bool:
    """Whether the land of a region is compared with that around it."""
    return not is_natural(region) and any(get(name).performance is not None for name in request.profiles)


def note_reference(
    region: Region, request: AssessRequest, available: dict[str, Dataset], left_out: dict[str, str]
) -> None:
    """Note that a region whose vegetation is read from scenes is compared with itself."""
    productivity = available["productivity"]
    if productivity.scenes and _compared(region, request):
        reason = f"{productivity.key} reads every view of every pixel, and a reference area has 200 km of them"
        note(left_out, region.id, "reference area", reason)


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


def _area_steps(
    number: int, region: Region, request: AssessRequest, available: dict[str, Dataset], source: OpenSource
) -> list[Step]:
    natural = natural_regions().get(number)
    name = natural.id if natural else f"reference-{number}"
    area = region.model_copy(update={"id": name, "name": name, "geometry": outline_of(number)})
    store = request.data / "cubes" / name
    productivity = available["productivity"]

    def step(kind: str, dataset: Dataset, value: str, method: str | None, optional: str) -> Step:
        cell = max(cell_size(request, productivity, dataset), OVERVIEW_DEGREES)
        years = years_read(request, source, dataset)
        wanted = partial(cube_of, area, request, dataset, store, source, cell=cell, method=method, years=years)
        return cube_step((KEY, str(number), kind, value), wanted, optional, delivery_of(request))

    annual = [step("annual", productivity, kind, kind, "") for kind in annual_kinds(request)]
    others = [step("cube", available[v], v, None, f"reference {v}") for v in VARIABLES if v in available]
    after = source.continued
    converted = [] if after is None else [step("converted", after, kind, kind, "") for kind in annual_kinds(request)]
    return [*annual, *converted, *others]
