"""What a view has on land, climate and nature by region: the numbers that are added up by country."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Subquery, func, select

from practices.models import Area, DegradedPatch, Outline, Run, Statistic, StoredRegion
from practices.results.names import HEADLINE, LAND
from practices.results.published_views import View
from practices.results.queries import ResultFilter, latest


@dataclass(frozen=True)
class PublishedStatistic:
    """A statistic with its 95 % interval and p-value, where it has them."""

    value: float | None
    low: float | None = None
    high: float | None = None
    p: float | None = None


@dataclass(frozen=True)
class RegionNature:
    """What a region has in one view, latest revision.

    `land`: km² by class of SDG 15.3.1 (assessment of the period alone); `patches`: km² of degraded patches by verdict;
    `outline`: GeoJSON, as last published; `datasets`: those of the run.
    """

    id: str
    name: str
    countries: tuple[str, ...]
    outline: Mapping[str, Any]
    land: Mapping[str, float] = field(default_factory=dict)
    statistics: Mapping[str, PublishedStatistic] = field(default_factory=dict)
    patches: Mapping[str, float] = field(default_factory=dict)
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def of_view(
    connection: Connection, view: View, names: Collection[str], *, regions: Sequence[str] = ()
) -> tuple[RegionNature, ...]:
    """The regions (none named: all) with a result in a view, by id, with the statistics of these names."""
    chosen = latest(within=ResultFilter(tuple(regions), view.origin)).order_by(None).subquery()
    chosen = select(chosen).where(chosen.c.period == view.period, chosen.c.method == view.method).subquery()
    query = (
        select(
            chosen.c.assessment_id, StoredRegion.id, StoredRegion.name, StoredRegion.countries, Outline.geometry,
            Run.datasets,
        )
        .join(StoredRegion, StoredRegion.id == chosen.c.region)
        .join(Outline, Outline.digest == StoredRegion.outline_digest)
        .join(Run, Run.id == chosen.c.run_id)
        .order_by(StoredRegion.id)
    )  # fmt: skip
    land, statistics = _land(connection, chosen), _statistics(connection, chosen, names)
    patches: dict[int, dict[str, float]] = {}
    for key, verdict, area in connection.execute(
        select(DegradedPatch.assessment_id, DegradedPatch.verdict, func.sum(DegradedPatch.area_km2))
        .join(chosen, chosen.c.assessment_id == DegradedPatch.assessment_id)
        .group_by(DegradedPatch.assessment_id, DegradedPatch.verdict)
    ):
        patches.setdefault(key, {})[verdict] = area
    return tuple(
        RegionNature(
            row.id, row.name, tuple(row.countries), row.geometry, land.get(row.assessment_id, {}),
            statistics.get(row.assessment_id, {}), patches.get(row.assessment_id, {}), row.datasets,
        )
        for row in connection.execute(query)
    )  # fmt: skip


def _land(connection: Connection, chosen: Subquery) -> dict[int, dict[str, float]]:
    query = (
        select(Area.assessment_id, Area.class_name, Area.area_km2)
        .join(chosen, chosen.c.assessment_id == Area.assessment_id)
        .where(Area.indicator == HEADLINE, Area.class_name.in_(LAND))
    )
    found: dict[int, dict[str, float]] = {}
    for key, name, area in connection.execute(query):
        found.setdefault(key, {})[name] = area
    return found


def _statistics(
    connection: Connection, chosen: Subquery, names: Collection[str]
) -> dict[int, dict[str, PublishedStatistic]]:
    columns = (Statistic.assessment_id, Statistic.name, Statistic.value, Statistic.low, Statistic.high, Statistic.p)
    query = (
        select(*columns)
        .join(chosen, chosen.c.assessment_id == Statistic.assessment_id)
        .where(Statistic.name.in_(sorted(names)))
    )
    found: dict[int, dict[str, PublishedStatistic]] = {}
    for key, name, *numbers in connection.execute(query):
        found.setdefault(key, {})[name] = PublishedStatistic(*numbers)
    return found
