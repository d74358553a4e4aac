"""The best land of each unit in the reference areas; computed once for each area."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from shapely import from_wkb

from flows.region.blocks import to_classes
from indicators.sdg15.measures import cover_of, window_mean
from indicators.sdg15.performance import Best, best_of, labels
from indicators.sdg15.periods import Years
from regions.covered import SLIVER
from regions.grid import coverage, geobox
from series.cubes.stored import look
from series.cubes.tiles import tiles

if TYPE_CHECKING:
    from flows.pull.pulled import ReferenceArea
    from flows.region.job import Job

Chunk = tuple[np.ndarray, np.ndarray]
#: Tables that are kept: some kilobytes each.
MOST_KEPT = 1024


@dataclass(frozen=True)
class AreaOf:
    """All that the best of an area follows from: its cubes, which digests name, its number and the years.

    `outline` is well-known binary, None where all of the grid counts; `legend` a name, or pairs of codes and classes.
    """

    number: int
    outline: bytes | None
    productivity: Path
    cover: Path | None
    soil: Path | None
    legend: str | tuple[tuple[int, int], ...]
    years: Years

    @classmethod
    def of(cls, job: Job, area: ReferenceArea, kind: str, years: Years) -> AreaOf:
        """What the best of `area` follows from, of a kind of annual value over `years`."""
        legend = job.legend if isinstance(job.legend, str) else tuple(sorted(job.legend.items()))
        outline = None if area.outline is None else area.outline.wkb
        cover, soil = (area.cubes.get(name) for name in ("land_cover", "soil_taxonomy"))
        return cls(area.number, outline, area.annual[kind], cover, soil, legend, years)


def best_in_areas(job: Job, areas: Sequence[ReferenceArea], kind: str, number: int) -> Best:
    """The best of each unit in all `areas`, of a kind of annual value and a period by its number.

    Units include the number of their area, so each area has its own rows.
    """
    years = job.periods[number].performance
    found = [best_in(AreaOf.of(job, area, kind, years)) for area in areas]
    return Best(tuple(_joined(tables) for tables in zip(*(each.levels for each in found), strict=True)))


def _joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    known = [table for table in tables if len(table)]
    return pd.concat(known).sort_index() if known else tables[0]


@lru_cache(maxsize=MOST_KEPT)
def best_in(area: AreaOf) -> Best:
    """The best of each unit of one area."""
    return best_of(lambda: area_means(area))


def area_means(area: AreaOf) -> Iterator[Chunk]:
    """Means and units of the pixels of a reference area, block by block."""
    vi = look(area.productivity)
    cover, soil = (None if path is None else look(path) for path in (area.cover, area.soil))
    outline = None if area.outline is None else from_wkb(area.outline)
    legend = area.legend if isinstance(area.legend, str) else dict(area.legend)
    for tile in tiles(vi.shape):
        window = vi.window(tile)
        y, x = window["y"].values, window["x"].values
        mean = window_mean(window, area.years)
        first = None if cover is None else cover_of(cover.near(y, x), area.years[0])
        classes = None if first is None else to_classes(first, legend)
        ground = None if soil is None else soil.near(y, x)
        units = labels(np.full(mean.shape, area.number), ground, classes, mean.shape)
        here = np.isfinite(mean.values)
        if outline is not None:
            here &= coverage(outline, geobox(outline, vi.cell_degrees)[tile.window]).values > SLIVER
        yield mean.values[here], units[here]
