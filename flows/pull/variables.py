"""One variable of one region as a cube: its cells, its kind of annual value, its years."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flows.pull.own_files import require_years as require_files
from flows.pull.sources import OpenSource
from flows.request.assess import OVERVIEW_DEGREES, AssessRequest
from indicators.profiles import get
from indicators.sdg15.measures import PEAK
from regions.catalogue import is_natural
from regions.grid import geobox
from series.composites import annual, static
from series.cubes.naming import Cube
from series.datasets import require_years

if TYPE_CHECKING:
    from indicators.sdg15.periods import Years
    from regions.model import Region
    from series.datasets import Dataset


def read_at(request: AssessRequest, source: OpenSource) -> OpenSource:
    """The source with the product of productivity that is read at the cells of a request."""
    productivity = source.datasets["productivity"]
    product = source.product(productivity, cell_size(request, productivity, productivity))
    if product is productivity:
        return source
    return replace(source, datasets={**source.datasets, "productivity": product})


def years_read(request: AssessRequest, source: OpenSource, dataset: Dataset) -> Years:
    """First and last year that are read of a data set.

    Vegetation of two sensors is read for the years of each. A map of land cover that has ended stands for later years.
    """
    first, last = request.span
    parts = [] if source.continued is None else [source.datasets["productivity"].key, source.continued.key]
    if dataset.variable == "land_cover" or dataset.key in parts:
        return max(first, dataset.first_year), min(last, dataset.last_year)
    return first, last


def cell_size(request: AssessRequest, productivity: Dataset, dataset: Dataset) -> float:
    """Cell size in degrees at which `dataset` is pulled: never finer than its own cells or those of the request.

    Population is read at its own cells, because people are counted by cell.
    """
    if dataset.variable == "population":
        return dataset.resolution
    if request.resolution == "native":
        wanted = productivity.resolution
    elif request.resolution == "overview":
        wanted = max(OVERVIEW_DEGREES, productivity.resolution)
    else:
        wanted = request.resolution
    return max(wanted, dataset.resolution)


def annual_kinds(request: AssessRequest) -> tuple[str, ...]:
    """The kinds of annual value that the profiles of a request need, that of the first one first."""
    return tuple(dict.fromkeys(get(name).annual for name in request.profiles))


def peak_kinds(request: AssessRequest, productivity: Dataset) -> tuple[str, ...]:
    """The largest composite of each year, if a profile of the request identifies deserts by it. NDVI only."""
    needed = any(get(name).biomass is not None for name in request.profiles)
    composites = productivity.quantity == "ndvi" and productivity.cadence != "yearly"
    return (PEAK,) if needed and composites else ()


def why_lacking(region: Region, dataset: Dataset, source: OpenSource) -> str:
    """Why the source has no values of a data set for the region; empty where it has some."""
    (_, south, _, north), (lowest, highest) = region.geometry.bounds, dataset.latitudes
    outside = north <= lowest or south >= highest
    reach = f"{dataset.asset} covers latitudes {lowest:g} to {highest:g} only" if outside else ""
    return next(filter(None, map(source.absence, dataset.assets)), "") or reach


def cube_of(
    region: Region,
    request: AssessRequest,
    dataset: Dataset,
    store: Path,
    source: OpenSource,
    *,
    cell: float,
    method: str | None = None,
    years: Years | None = None,
) -> Cube:
    """The cube of one variable of one region with cells of `cell` degrees, over the years of the request.

    `method` is the kind of annual value of productivity; a data set that has one value a year gives that. Where the
    source has a product of the same series with cells of that size, it is read. `years` are the first and the last one,
    those of the request by default. Raises OutsideDataset, or UnusableFiles, for years that the data set, or the files,
    lack.
    """
    dataset = source.product(dataset, cell).near(region.geometry.bounds)
    first, last = years or request.span
    every = tuple(range(first, last + 1))
    if dataset.cadence == "static":
        stack = source.memory.once(("static", dataset.key, cell), partial(static, dataset, cell))
    else:
        require_years(dataset, first, last, region=region.id)
        if source.files is not None:
            require_files(source.files, dataset, first, last, region=region.id)
        compose = partial(annual, dataset, every, region.growing_season, method, cell)
        key = ("annual", dataset.key, dataset.within, every, region.growing_season, method, cell)
        stack = source.memory.once(key, compose)
    return Cube(
        stack,
        # a name of its own: this is not the annual value of a profile
        name=f"{dataset.variable}_{PEAK}" if method == PEAK else dataset.variable,
        geobox=geobox(region, cell),
        dataset=dataset,
        store=store,
        origin=source.origin,
        fingerprint=source.fingerprint,
        kind=method,
        outline=region.geometry,
        shared=shared_blocks(region, store),
    )


def shared_blocks(region: Region, store: Path) -> Path | None:
    """The folder of pixel blocks that small regions share, next to `store`; None for a region of the catalogue.

    What a region reads depends on the region only, not on the others of the run.
    """
    return None if is_natural(region) else store.parent / ".blocks"
