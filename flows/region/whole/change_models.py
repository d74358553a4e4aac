"""The model of change of a region, from a sample of its pixels that does not depend on the blocks of the assessment."""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from flows.region.job import weights
from flows.region.seams import join_covariance
from flows.run.progress import report
from flows.run.workers import in_order
from indicators.change import FEWEST_PIXELS, FEWEST_YEARS, ChangeModel, change_model, logarithms, standardised
from indicators.change.lattice import KM_PER_DEGREE
from indicators.change.reference import NODE_KM
from series.cubes.stored import open_cube
from series.cubes.tiles import tiles

if TYPE_CHECKING:
    from flows.region.job import Climate, Job
    from series.cubes.tiles import Tile

#: Pixels along a node of the references, in either direction, that are sampled at most.
PER_NODE = 2


def change_models(job: Job, workers: tuple[Executor, int]) -> dict[str, ChangeModel]:
    """The model by kind of annual value, for the profiles with a posterior probability; none for too few pixels."""
    kinds = dict.fromkeys(each.annual for each in job.profiles if each.productivity == "posterior")
    found = {kind: model_of(job, kind, workers) for kind in kinds}
    return {kind: model for kind, model in found.items() if model is not None}


def model_of(job: Job, kind: str, workers: tuple[Executor, int]) -> ChangeModel | None:
    """The model of one kind of annual value."""
    cube = job.annual[kind]
    assert cube.years is not None
    blocks = tiles(cube.shape)
    parts = []
    for done, part in enumerate(in_order(workers, partial(sampled_pixels, job, kind), blocks)):
        report(job.region.id, "references of unchanged land", done, len(blocks))
        parts.append(part)
    values, y, x = (np.concatenate(each) for each in zip(*parts, strict=True))
    if len(values) < FEWEST_PIXELS:
        return None
    windows = list(dict.fromkeys(period.trajectory for period in job.periods))
    years = [int(year) for year in cube.years]
    return change_model(values, y, x, years, weather_of(job.climate.get(kind), years), windows, join_covariance(cube))


def sampled_pixels(job: Job, kind: str, tile: Tile) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logarithms of the annual values (pixel, year) of every so many pixels of the region, and where they lie.

    The rows and columns sampled are those of the whole grid, whatever block they are in.
    """
    cube = job.annual[kind]
    step = max(1, round(NODE_KM / (PER_NODE * cube.cell_degrees * KM_PER_DEGREE)))
    rows = np.flatnonzero((np.arange(tile.y, tile.y + tile.height) + step // 2) % step == 0)
    columns = np.flatnonzero((np.arange(tile.x, tile.x + tile.width) + step // 2) % step == 0)
    inside = weights(job, tile)[np.ix_(rows, columns)] > 0
    values = logarithms(cube.window(tile).values[:, rows][:, :, columns][:, inside].T)
    y, x = np.meshgrid(cube.y[tile.window[0]][rows], cube.x[tile.window[1]][columns], indexing="ij")
    judged = np.isfinite(values).sum(axis=1) >= FEWEST_YEARS
    return values[judged], y[inside][judged], x[inside][judged]


def weather_of(climate: Climate | None, years: list[int]) -> np.ndarray:
    """Weather of the region (variable, year), standardised: the best sums of rain, as logarithms, and temperature.

    Years without a value have the mean. No variable without monthly rain.
    """
    if climate is None:
        return np.empty((0, len(years)))
    rain = open_cube(climate.rain.path).mean(("y", "x")).reindex(year=years)
    series = [logarithms(rain.values)]
    if climate.temperature is not None:
        series.append(climate.temperature.reindex(year=years).values)
    return standardised(series, len(years))
