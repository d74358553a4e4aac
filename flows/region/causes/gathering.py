"""The yearly series of every patch and of the land to compare with, gathered block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from shapely import contains_xy

from flows.region.blocks import to_classes
from flows.region.job import weights
from flows.run.workers import in_order

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from flows.region.causes.found_patches import FoundPatches
    from flows.region.job import Job
    from flows.region.measuring import Work
    from indicators.profiles import Profile
    from series.cubes.stored import CubeFile
    from series.cubes.tiles import Tile

#: Variables that the classes of land cover give: the share of a patch in them.
BARE, LIGHTS = "bare", "night_lights"
COVER = {"cropland": (3,), BARE: (5, 6)}
#: UNCCD classes, 1 to 7, in the first year; and the share of the cells in the outlines of mines.
FIRST_COVER, MINES = "first_cover", "mines"
#: Bare land and lamps in the outlines of mines.
MINE_BARE, MINE_LIGHTS = "mine_bare", "mine_lights"
CLASSES = np.arange(1, 8)
#: Weather that is compared cell by cell.
WEATHER = ("precipitation", "soil_moisture")


@dataclass(frozen=True)
class PatchSeries:
    """One variable: its `years`, means of patches (patch, year), and values at the cells of the pool (cell, year)."""

    years: np.ndarray
    patches: np.ndarray
    pool: np.ndarray

    def of_patch(self, number: int) -> pd.Series:
        """The series of a patch, counted from 1."""
        return pd.Series(self.patches[number - 1], self.years)

    def of_pool(self, cells: np.ndarray) -> pd.Series:
        """The mean of some cells of the pool by year; NaN where none has a value."""
        values = self.pool[cells]
        known = np.isfinite(values)
        total = np.where(known, values, 0).sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return pd.Series(total / known.sum(axis=0), self.years)


@dataclass(frozen=True)
class Gathered:
    """All series by variable, and km² of each patch inside the region."""

    series: Mapping[str, PatchSeries]
    km2: np.ndarray


@dataclass(frozen=True)
class BlockPart:
    """Of one block: sums of value × area and of area (patch, year) by variable, pool values, and km² by patch."""

    sums: dict[str, tuple[np.ndarray, np.ndarray]]
    pool: dict[str, np.ndarray]
    cells: np.ndarray
    numbers: np.ndarray
    km2: np.ndarray
    years: dict[str, np.ndarray]


def gather(work: Work, profile: Profile, patches: FoundPatches, drivers: Drivers) -> Gathered:
    """Read every block once, and add up what it has of each patch."""
    sums: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    pool: dict[str, np.ndarray] = {}
    years: dict[str, np.ndarray] = {}
    km2 = np.zeros(patches.count)
    tiles = [tile for tile in work.inside if patches.numbers[tile.window].any() or len(patches.pool_in(tile.window))]
    read = partial(block_part, work.job, profile, patches, drivers)
    for part in in_order(work.workers, read, tiles):
        km2[part.numbers - 1] += part.km2
        years |= part.years
        for name, (value, area) in part.sums.items():
            if name not in sums:
                wide = len(part.years[name])
                sums[name] = np.zeros((patches.count, wide)), np.zeros((patches.count, wide))
                pool[name] = np.full((len(patches.rows), wide), np.nan, np.float32)
            for total, own in zip(sums[name], (value, area), strict=True):
                total[part.numbers - 1] += own
            pool[name][part.cells] = part.pool[name]
    with np.errstate(invalid="ignore", divide="ignore"):
        means = {name: value / area for name, (value, area) in sums.items()}
    return Gathered({name: PatchSeries(years[name], means[name], pool[name]) for name in sums}, km2)


@dataclass(frozen=True)
class Drivers:
    """What is read beside the cubes of a result: yearly cubes of drivers by name, and the outlines of mines."""

    cubes: Mapping[str, CubeFile]
    mines: BaseGeometry | None = None


def block_part(job: Job, profile: Profile, patches: FoundPatches, drivers: Drivers, tile: Tile) -> BlockPart:
    """What one block has of the patches and of the pool."""
    numbers = patches.numbers[tile.window]
    weight = np.where(numbers > 0, weights(job, tile), 0.0)
    inside = weight > 0
    own, places = np.unique(numbers[inside], return_inverse=True)
    area = weight[inside]
    matrix = csr_array((area, (places, np.arange(len(area)))), shape=(len(own), len(area)))
    cells = patches.pool_in(tile.window)
    rows, columns = patches.rows[cells] - tile.y, patches.columns[cells] - tile.x
    sums, pool, years = {}, {}, {}
    for name, when, values in layers_of(job, profile, drivers, tile):
        flat = values[:, inside].T
        known = np.isfinite(flat)
        sums[name] = matrix @ np.where(known, flat, 0.0), matrix @ known.astype(float)
        pool[name] = values[:, rows, columns].T.astype(np.float32)
        years[name] = when
    return BlockPart(sums, pool, cells, own, np.bincount(places, area, len(own)), years)


def layers_of(job: Job, profile: Profile, drivers: Drivers, tile: Tile) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """The variables of a block one after the other: name, years, values (year, y, x)."""
    y, x = job.grid.y[tile.window[0]], job.grid.x[tile.window[1]]
    green = job.annual[profile.annual].window(tile)
    yield "productivity", green["year"].values, green.values
    dated = {name: job.cubes[name] for name in WEATHER if name in job.cubes} | dict(drivers.cubes)
    mined = None if drivers.mines is None else np.asarray(contains_xy(drivers.mines, *np.meshgrid(x, y)))
    for name, cube in dated.items():
        if cube.years is None:
            continue
        values = cube.near(y, x).values
        yield name, cube.years, values
        if name == LIGHTS and mined is not None:
            yield MINE_LIGHTS, cube.years, np.where(mined, values, np.nan)
    if "land_cover" in job.cubes:
        cover = to_classes(job.cubes["land_cover"].near(y, x), job.legend)
        classes: np.ndarray = cover.values
        years = cover["year"].values
        known = np.isin(classes, CLASSES)
        for name, chosen in COVER.items():
            values = np.where(known, np.isin(classes, chosen), np.nan)
            yield name, years, values
            if name == BARE and mined is not None:
                yield MINE_BARE, years, np.where(mined, values, np.nan)
        first = classes[0]
        shown = np.stack([first == number for number in CLASSES])
        yield FIRST_COVER, CLASSES, np.where(np.isin(first, CLASSES), shown, np.nan)
    if mined is not None:
        yield MINES, np.zeros(1, int), mined[None].astype(float)
