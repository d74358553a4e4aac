"""A region measured block by block, and numbers of the whole: false discovery rate, best of each unit, sums."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from flows.region.blocks import BlockSums, means_of, measure_block
from flows.region.job import Job
from flows.region.whole.change_models import change_models
from flows.region.whole.confusion import cover_rates
from flows.region.whole.rain_sums import climates
from flows.region.whole.reference_best import best_in_areas
from flows.request.assess import AssessRequest
from flows.request.choices import own_legend, periods_of
from flows.request.options import options_of
from flows.run.progress import report
from flows.run.workers import in_order, side_by_side, workforce
from indicators.area.areas import cell_area
from indicators.chance.false_discovery import largest_discovery, together
from indicators.sdg15.cover_in_time import product_of
from indicators.sdg15.findings import Whole
from indicators.sdg15.performance import Best, best_of
from series.cubes.stored import look
from series.cubes.tiles import tiles

if TYPE_CHECKING:
    from flows.pull.pulled import Pulled, ReferenceArea
    from indicators.profiles import Profile
    from indicators.sdg15.periods import Period
    from regions.model import Region
    from series.cubes.stored import CubeFile
    from series.cubes.tiles import Tile

Chunk = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Work:
    """A region whose blocks are measured: its blocks, their sums, and the numbers of the whole region.

    `started`: when measuring began, UTC.
    """

    job: Job
    inside: tuple[Tile, ...]
    sums: BlockSums
    whole: Whole
    workers: tuple[Executor, int]
    started: datetime


@contextmanager
def measured(
    region: Region, pulled: Pulled, request: AssessRequest, profiles: Sequence[Profile], side: int
) -> Iterator[Work]:
    """Measure a region by several profiles in one pass; its measures are on disk while the `with` block runs."""
    started = datetime.now(UTC)
    job = job_of(region, pulled, request, profiles)
    shutil.rmtree(job.scratch, ignore_errors=True)
    job.scratch.mkdir(parents=True)
    try:
        with workforce(request.dask, regions=request.workers) as workers:
            job = replace(job, climate=climates(job, pulled, workers), cover_rates=cover_rates(job, workers))
            job = replace(job, change=change_models(job, workers))
            blocks = tiles(job.grid.shape, side)
            parts = reported(job, len(blocks), in_order(workers, partial(measure_block, job), blocks))
            here, sums = summed(parts)
            inside = tuple(tile for tile, lies in zip(blocks, here, strict=True) if lies)
            yield Work(job, inside, sums, whole_of(job, inside, sums, pulled.reference), workers, started)
    finally:
        shutil.rmtree(job.scratch, ignore_errors=True)


def job_of(region: Region, pulled: Pulled, request: AssessRequest, profiles: Sequence[Profile]) -> Job:
    """What a worker needs to know of a region."""
    annual = {kind: look(pulled.productivity[kind]) for kind in pulled.kinds(profiles)}
    grid = next(iter(annual.values()))
    assert grid.years is not None
    lattice = xr.Dataset(coords={"y": grid.y, "x": grid.x}, attrs={"cell_degrees": grid.cell_degrees})
    cubes = {name: look(path) for name, path in pulled.cubes.items() if name != "productivity"}
    named = pulled.datasets["land_cover"].legend if "land_cover" in pulled.datasets else None
    return Job(
        region=region,
        annual=annual,
        cubes=cubes,
        quantity=pulled.datasets["productivity"].quantity,
        legend=own_legend(request) or named or "unccd",
        cover_product=product_of(named),
        periods=periods_covered(request, grid, cubes.get("land_cover")),
        profiles=tuple(profiles),
        area=cell_area(lattice).values,
        options=options_of(request),
        scratch=(request.data / "results" / region.id / ".measures.part").absolute(),
    )


def periods_covered(request: AssessRequest, grid: CubeFile, cover: CubeFile | None) -> tuple[Period, ...]:
    """The periods of a request; where land cover ends before the record, its last map stands for the later years."""
    assert grid.years is not None
    periods = periods_of(request, (int(year) for year in grid.years))
    last = None if cover is None or cover.years is None else int(cover.years[-1])
    return tuple(period if last is None else period.cover_until(last) for period in periods)


def reported(job: Job, total: int, parts: Iterator[BlockSums]) -> Iterator[BlockSums]:
    """The parts as they come, with a word on how far it is."""
    for done, part in enumerate(parts):
        report(job.region.id, "computing indicators", done, total)
        yield part


def whole_of(job: Job, inside: Sequence[Tile], sums: BlockSums, reference: Sequence[ReferenceArea]) -> Whole:
    """Thresholds and best units of a region whose blocks are measured."""
    rates = {each.name: each.trajectory.fdr for each in job.profiles}
    thresholds = {key: largest_discovery(p, rates[key[0]] or 0.0) for key, p in sums.p.items()}
    kinds = {each.annual for each in job.profiles if each.performance is not None}
    wanted = [(kind, number) for kind in kinds for number in range(len(job.periods))]

    def best(of: tuple[str, int]) -> Best:
        if reference:
            return best_in_areas(job, reference, *of)
        return best_of(partial(own_means, job, inside, *of))

    return Whole(thresholds, dict(zip(wanted, side_by_side(best, wanted), strict=True)))


def own_means(job: Job, inside: Sequence[Tile], kind: str, number: int) -> Iterator[Chunk]:
    """Means and units of the pixels of the region itself, block by block."""
    for tile in inside:
        yield means_of(job.scratch, tile, kind, number)


def summed(parts: Iterator[BlockSums]) -> tuple[list[bool], BlockSums]:
    """Which blocks are inside the region, and the sums of all of them."""
    inside: list[bool] = []
    total = BlockSums(True, {}, {}, {})
    for part in parts:
        inside.append(part.inside)
        for key, p in part.p.items():
            total.p[key] = together([total.p[key], p]) if key in total.p else p
        for name, (value, area) in part.series.items():
            old = total.series.get(name, (0.0, 0.0))
            total.series[name] = (old[0] + value, old[1] + area)
        for name, extent in part.extents.items():
            total.extents.setdefault(name, []).extend(extent)
        total.sample.extend(part.sample)
        for window, changes in part.transitions.items():
            total.transitions[window] = total.transitions.get(window, np.zeros((8, 8))) + changes
    return inside, total
