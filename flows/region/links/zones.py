"""The land that is compared with other land: protected and key areas by period, and ranges of species."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from shapely import unary_union
from shapely.geometry import Polygon

from regions.grid import coverage, geobox
from series.areas.catalogue import AREAS
from series.areas.stored import read_areas

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from flows.region.job import Job
    from indicators.sdg15.periods import Period
    from series.areas.model import AreaSource
    from series.areas.stored import OutlinedArea
    from series.cubes.tiles import Tile

NOTHING = Polygon()
#: Tables of outlines inside which land is compared with land outside.
COMPARED = ("protected", "key_areas")


@dataclass(frozen=True)
class ComparedZone:
    """Land inside a region, by period: `inside`, and `later`, which became such an area within the period.

    `source` is its table of outlines; None for the range of the species `name`.
    """

    key: str
    name: str
    inside: Mapping[str, BaseGeometry]
    later: Mapping[str, BaseGeometry]
    source: AreaSource | None = None


def zones_of(job: Job, areas: Mapping[str, Path]) -> tuple[ComparedZone, ...]:
    """The zones of a region: its areas of the tables that were pulled, and the ranges of species of its request."""
    region = job.region.geometry
    found = [_of_areas(each, read_areas(areas[each.key]), job) for each in AREAS if each.key in areas_compared(areas)]
    for habitat in job.options.habitats:
        inside = habitat.geometry.intersection(region)
        always = {period.name: inside for period in job.periods}
        found.append(ComparedZone(f"habitat_{habitat.key}", habitat.species, always, dict.fromkeys(always, NOTHING)))
    return tuple(found)


def areas_compared(areas: Mapping[str, Path]) -> tuple[str, ...]:
    """Those of the pulled tables of outlines inside which land is compared."""
    return tuple(key for key in COMPARED if key in areas)


def _of_areas(source: AreaSource, areas: Sequence[OutlinedArea], job: Job) -> ComparedZone:
    inside, later = {}, {}
    for period in job.periods:
        inside[period.name], later[period.name] = by_year(source, areas, period, job.region.geometry)
    return ComparedZone(source.key, source.name, inside, later, source)


def by_year(
    source: AreaSource, areas: Sequence[OutlinedArea], period: Period, region: BaseGeometry
) -> tuple[BaseGeometry, BaseGeometry]:
    """Land in areas of the first year of a period, and land that came into one later in it; both inside the region.

    An area without a year counts as one of the first year.
    """
    first, last = period.trajectory
    years = [int(each.properties.get(source.since) or 0) if source.since else 0 for each in areas]
    early = unary_union([each.geometry for each, year in zip(areas, years, strict=True) if year <= first])
    new = unary_union([each.geometry for each, year in zip(areas, years, strict=True) if first < year <= last])
    return early.intersection(region), new.difference(early).intersection(region)


def area_in(geometry: BaseGeometry, job: Job, tile: Tile, most: np.ndarray) -> np.ndarray:
    """Area (y, x) in km² of the part of each cell inside a geometry, at most `most`."""
    if geometry.is_empty:
        return np.zeros_like(most)
    share = coverage(geometry, geobox(job.region, job.grid.cell_degrees)[tile.window]).values.astype(float)
    return np.minimum(share * job.area[tile.window[0]][:, None], most)
