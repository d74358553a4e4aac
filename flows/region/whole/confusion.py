"""How often the land cover of a region is confused: rates from a sample of its pixels, before blocks are measured."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING, Any

from flows.region.blocks import to_classes
from flows.region.job import weights
from flows.region.sampling import gathered, pick
from flows.run.progress import report
from flows.run.workers import in_order
from indicators.sdg15.cover_in_time import Rates, rates_of
from indicators.sdg15.measures import PixelInputs
from series.cubes.tiles import tiles

if TYPE_CHECKING:
    from flows.region.job import Job
    from flows.region.sampling import Picked
    from indicators.profiles import Profile
    from series.cubes.tiles import Tile


def cover_rates(job: Job, workers: tuple[Executor, int]) -> Rates | None:
    """Rates of the confusion of land cover; None if there is no land cover, or no profile filters it.

    The sample, and so the rates, do not depend on how the region is cut into blocks.
    """
    if "land_cover" not in job.cubes or all(each.cover_filter == "none" for each in job.profiles):
        return None
    blocks = tiles(job.grid.shape)
    parts = []
    for done, part in enumerate(in_order(workers, partial(labels_of_block, job), blocks)):
        report(job.region.id, "confusion of land cover", done, len(blocks))
        parts.append(part)
    cover = gathered(parts).place.land_cover
    assert cover is not None
    return rates_of(cover, job.cover_product)


def labels_of_block(job: Job, tile: Tile) -> Picked:
    """The land cover of the pixels of a block that may be in the sample."""
    y, x = job.grid.y[tile.window[0]], job.grid.x[tile.window[1]]
    cover = to_classes(job.cubes["land_cover"].near(y, x), job.legend)
    return pick(PixelInputs({}, land_cover=cover), weights(job, tile), tile, job.grid.shape)


def filter_summary(job: Job, profile: Profile) -> dict[str, Any]:
    """How a profile filters land cover, for the summary: product and rates of the region; {} without a filter."""
    if profile.cover_filter == "none" or job.cover_rates is None:
        return {}
    return {"filter": profile.cover_filter, "product": job.cover_product, "rates": job.cover_rates.plain()}
