"""How much of the key biodiversity areas of a region do protected areas cover, by year? Statistics and SO4-3 of PRAIS.

Mean over the key areas of the share of each that lies in protected areas: SDG 15.1.2, which countries report as SO4-3
(UNCCD, PRAIS 4 Reporting Manual, 4.3). A key area counts if at least half of it lies in the region, so that none counts
in two regions that do not overlap; of one that crosses the outline, the part inside is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from shapely import unary_union

from flows.region.population import statistic
from indicators.sdg15.prais import KEY_AREAS_TABLE
from series.areas.catalogue import AREAS
from series.areas.stored import read_areas

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

    from flows.region.job import Job
    from series.areas.stored import OutlinedArea

#: Share of a key area that must lie in a region for it to count there.
HALF = 0.5
#: Identifier of a key area: its rows are one area.
IDENTIFIER = "SitRecID"
COLUMN = "mean coverage by protected areas"
COUNTED = (
    "key biodiversity areas of which at least half lies in the region, by their present outlines; others belong to a "
    "neighbour. {terms}"
)
COVERED = (
    "mean over the {count} key biodiversity area(s) of the region of the part that lay in protected areas in {year} "
    "(SDG 15.1.2; SO4-3 of PRAIS), as far as the tables have them. Other effective conservation measures (OECM) are "
    "not in it. No interval: outlines are taken as they are. {terms}"
)


@dataclass(frozen=True)
class KeyAreaCover:
    """The number of key areas that count, and the mean share of them (0 … 1) in protected areas by year."""

    count: int
    by_year: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyAreaTables:
    """Statistics by period, and rows of the PRAIS table of the whole record."""

    statistics: pd.DataFrame = field(default_factory=pd.DataFrame)
    prais: pd.DataFrame = field(default_factory=pd.DataFrame)


def key_area_tables(job: Job, areas: Mapping[str, Path]) -> KeyAreaTables:
    """The coverage of key areas, where both tables of outlines were read; empty otherwise."""
    if not {"protected", "key_areas"} <= set(areas):
        return KeyAreaTables()
    whole = job.periods[0]
    years = range(min(each.trajectory[0] for each in job.periods), max(each.trajectory[1] for each in job.periods) + 1)
    found = key_area_cover(read_areas(areas["protected"]), read_areas(areas["key_areas"]), job.region.geometry, years)
    notes = [each.notes for each in AREAS if each.key in ("protected", "key_areas")]
    terms = "; ".join(f"{each.source}; licence: {each.licence}; {each.trap}" for each in notes)
    rows = [
        {**row, "period": period.name} for period in job.periods for row in _statistics(found, period.trajectory, terms)
    ]
    prais = pd.DataFrame(
        [
            {"table": KEY_AREAS_TABLE, "period": whole.name, "row": str(year), "column": COLUMN,
             "value": 100 * found.by_year[year], "units": "%"}
            for year in range(whole.trajectory[0], whole.trajectory[1] + 1)
            if found.count
        ]
    )  # fmt: skip
    return KeyAreaTables(pd.DataFrame(rows), prais)


def _statistics(found: KeyAreaCover, ends: tuple[int, int], terms: str) -> list[dict[str, Any]]:
    """The number of key areas, and their coverage in the first and last year of a period."""
    rows = [statistic("key_areas", found.count, units="areas", note=COUNTED.format(terms=terms))]
    if not found.count:
        return rows
    for end, year in zip(("first", "last"), ends, strict=True):
        note = COVERED.format(count=found.count, year=year, terms=terms)
        rows.append(statistic(f"key_areas_covered_{end}", found.by_year[year], note=note))
    return rows


def key_area_cover(
    protected: Sequence[OutlinedArea], key_areas: Sequence[OutlinedArea], region: BaseGeometry, years: Sequence[int]
) -> KeyAreaCover:
    """Mean share of the key areas of a region that lies in protected areas, by year.

    Parameters
    ----------
    protected : sequence of OutlinedArea
        Protected areas with the year of their status; one without a year counts always.
    key_areas : sequence of OutlinedArea
        Key areas; rows with the same identifier are one.
    region : BaseGeometry
        Outline of the region. All outlines are in longitude and latitude.
    years : sequence of int
        Years to give.

    Returns
    -------
    KeyAreaCover
        Without years where no key area counts.
    """
    parts = []
    for whole in _united(key_areas):
        part = whole.intersection(region)
        if _area(part) > 0 and _area(part) >= HALF * _area(whole):
            parts.append(part)
    if not parts:
        return KeyAreaCover(0)
    since = next(each.since for each in AREAS if each.key == "protected")
    waiting = [(int(each.properties.get(since) or 0), each.geometry) for each in protected]
    whole_km2 = np.array([_area(part) for part in parts])
    covered = np.zeros(len(parts))
    land: BaseGeometry = shapely.Polygon()
    by_year = {}
    for year in sorted(years):
        new = [geometry for start, geometry in waiting if start <= year]
        waiting = [each for each in waiting if each[0] > year]
        if new:
            land = unary_union([land, *new])
            covered = np.array([_area(part.intersection(land)) for part in parts])
        by_year[year] = float(np.minimum(covered / whole_km2, 1.0).mean())
    return KeyAreaCover(len(parts), by_year)


def _united(areas: Sequence[OutlinedArea]) -> list[BaseGeometry]:
    """The outlines of areas, rows of one area put together."""
    rows: dict[object, list[BaseGeometry]] = {}
    for number, each in enumerate(areas):
        rows.setdefault(each.properties.get(IDENTIFIER) or ("row", number), []).append(each.geometry)
    return [unary_union(parts) for parts in rows.values()]


def _area(geometry: BaseGeometry) -> float:
    """Area of an outline in degrees on an equal-area cylinder: only shares of it are used."""
    flat = shapely.transform(geometry, lambda xy: np.column_stack([xy[:, 0], np.sin(np.radians(xy[:, 1]))]))
    return float(flat.area)
