"""Reading what is published: tables (DataFrames) of finished runs, never of one that failed or is under way.

Each takes an engine or an open connection (see `transactions.reading`) and, unless all revisions are requested, gives
the latest of each region, period, method and origin. Every row has its origin. Rows outside a `ResultFilter` are
not read.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Engine, Executable, Select, exists, func, select, union_all

from practices.database.transactions import reading
from practices.models import (
    Area,
    Assessment,
    BreakPoint,
    DegradedPatch,
    Observation,
    Recode,
    ReportValue,
    Run,
    Statistic,
    StoredRegion,
    Transition,
)
from practices.results.names import AGREEMENT

Source = Engine | Connection
#: What an assessment has many of.
Part = Area | Transition | Statistic | Recode | ReportValue | DegradedPatch


@dataclass(frozen=True)
class ResultFilter:
    """What is read of the results: those of some regions (none named: all), of one origin (None: any)."""

    regions: tuple[str, ...] = ()
    origin: str | None = None

    def conditions(self, region: ColumnElement[str], origin: ColumnElement[str]) -> list[ColumnElement[bool]]:
        """The conditions on a query's columns of region and origin."""
        wanted = [region.in_(self.regions)] if self.regions else []
        return [*wanted, *([origin == self.origin] if self.origin else [])]


EVERYTHING = ResultFilter()


def table(source: Source, query: Executable) -> pd.DataFrame:
    """The rows of a query, missing values as NaN or None."""
    with reading(source) as connection:
        result = connection.execute(query)
        return pd.DataFrame.from_records([tuple(row) for row in result], columns=list(result.keys()))


def runs(source: Source, ids: Collection[int] | None = None) -> pd.DataFrame:
    """Finished runs (those of some ids, None: all), oldest first."""
    query = select(*Run.__table__.columns).where(Run.state == "finished").order_by(Run.finished, Run.id)
    return table(source, query if ids is None else query.where(Run.id.in_(ids)))


def is_assessed() -> ColumnElement[bool]:
    """The condition on `StoredRegion` that it has a published result; others were monitored, or their runs failed."""
    return exists().where(Assessment.region_id == StoredRegion.id, Run.id == Assessment.run_id, Run.state == "finished")


def regions(source: Source) -> pd.DataFrame:
    """Regions that a result is published for: region, name, countries, kind, outline_digest."""
    shown = select(
        StoredRegion.id.label("region"),
        StoredRegion.name,
        StoredRegion.countries,
        StoredRegion.kind,
        StoredRegion.outline_digest,
    )
    found = table(source, shown.where(is_assessed()).order_by(StoredRegion.id))
    return found.assign(countries=lambda t: t["countries"].map(" ".join))


def latest(*, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> Select[Any]:
    """Query of the assessments of finished runs: the latest revision of each, or all."""
    identity = (Assessment.region_id, Assessment.period, Assessment.method, Assessment.origin)
    highest = func.max(Assessment.revision).over(partition_by=identity).label("highest")
    ranked = (
        select(*Assessment.__table__.columns, Run.digest, Run.finished, highest)
        .join(Run, Run.id == Assessment.run_id)
        .where(
            Run.state == "finished", *within.conditions(Assessment.__table__.c.region_id, Assessment.__table__.c.origin)
        )
        .subquery()
    )
    shown = select(
        ranked.c.region_id.label("region"),
        *(ranked.c[name] for name in ("period", "year_first", "year_last", "method", "origin", "revision")),
        *(ranked.c[name] for name in ("trend_percent_decade", "trend_p", "finished", "run_id")),
        ranked.c.digest.label("run"),
        ranked.c.id.label("assessment_id"),
    ).order_by(
        ranked.c.region_id, ranked.c.year_first, ranked.c.period, ranked.c.method, ranked.c.origin, ranked.c.revision
    )
    return shown if all_revisions else shown.where(ranked.c.revision == ranked.c.highest)


def assessments(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """One row an assessment: region, period, years, method, origin, revision, trend, run, and ids to join by."""
    return table(source, latest(all_revisions=all_revisions, within=within))


def areas(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """Area of every class of every indicator of every assessment.

    Parameters
    ----------
    source : Engine or Connection
        The database.
    all_revisions : bool
        Whether earlier revisions are included.
    within : ResultFilter
        Regions and origin to read.

    Returns
    -------
    pandas.DataFrame
        One row for each class: region, period, year_first, year_last, method, origin, revision, run, indicator,
        class_name, areas in km² on the ellipsoid, and `share` (0 to 1) of the land.
    """
    return _of_assessments(source, Area, all_revisions=all_revisions, within=within)


def transitions(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """Area of every land-cover transition of every assessment."""
    return _of_assessments(source, Transition, all_revisions=all_revisions, within=within)


def statistics(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """How sure every assessment is, and who lives on degraded land: name, value, low, high, p, units, note."""
    return _of_assessments(source, Statistic, all_revisions=all_revisions, within=within)


def recodes(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """Areas that experts corrected, with their justification and the effect of each in every assessment."""
    return _of_assessments(source, Recode, all_revisions=all_revisions, within=within)


def patches(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """Degraded patches of every assessment: where and how large, since when, and what their loss goes with."""
    return _of_assessments(source, DegradedPatch, all_revisions=all_revisions, within=within)


def report(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """PRAIS 4 tables of every assessment, a row for each cell: table_id, row_name, column_name, units, value."""
    return _of_assessments(source, ReportValue, all_revisions=all_revisions, within=within)


def countries(source: Source) -> pd.DataFrame:
    """Areas by country: the regions that lie in it added up, class by class, with the number of regions.

    A region that lies in several countries counts in full in each of them, since outlines of regions do not follow
    borders: `shared_km2` is how much of the area comes from such regions. Countries must therefore not be added up.
    """
    with reading(source) as connection:
        return by_country(areas(connection), regions(connection))


def by_country(area: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Areas of regions added up by country; `known`: region and its countries, parted by spaces."""
    names = known.set_index("region")["countries"]
    found = area.assign(country=area["region"].map(names).str.split()).explode("country").dropna(subset="country")
    several = found["region"].map(names).str.contains(" ")
    found = found.assign(shared_km2=found["area_km2"].where(several, 0.0))
    key = ["country", "period", "method", "origin", "indicator", "class_name"]
    sums = {name: (name, "sum") for name in ("area_km2", "valid_km2", "total_km2", "shared_km2")}
    return found.groupby(key, as_index=False).agg(regions=("region", "nunique"), **sums)


def _of_assessments(source: Source, model: type[Part], *, all_revisions: bool, within: ResultFilter) -> pd.DataFrame:
    chosen = latest(all_revisions=all_revisions, within=within).order_by(None).subquery()
    own = [column for column in model.__table__.columns if column.name != "assessment_id"]
    identity = ("region", "period", "year_first", "year_last", "method", "origin", "revision", "run")
    query = (
        select(*(chosen.c[name] for name in identity), *own)
        .join(model, model.assessment_id == chosen.c.assessment_id)
        .order_by(*(chosen.c[name] for name in identity), *(column for column in own if column.primary_key))
    )
    return table(source, query)


def observations(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """The series of each region in its last run: region, origin, run, variable, month, value, units."""
    return _of_runs(source, Observation, ("variable", "month"), all_revisions=all_revisions, within=within)


def breaks(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """Breaks of each region in its last run: region, origin, run, variable, date, low, high, cadence, magnitude, …"""
    return _of_runs(source, BreakPoint, ("variable", "date"), all_revisions=all_revisions, within=within)


def _of_runs(
    source: Source,
    model: type[Observation | BreakPoint],
    order: tuple[str, ...],
    *,
    all_revisions: bool,
    within: ResultFilter,
) -> pd.DataFrame:
    own = [column for column in model.__table__.columns if column.name not in ("run_id", "region_id")]
    query = (
        select(model.region_id.label("region"), Run.origin, Run.digest.label("run"), *own, model.run_id)
        .join(Run, Run.id == model.run_id)
        .where(Run.state == "finished", *within.conditions(model.__table__.c.region_id, Run.__table__.c.origin))
        .order_by(model.region_id, Run.origin, Run.id, *(model.__table__.columns[name] for name in order))
    )
    if not all_revisions:
        # A last run without breaks has no breaks: those of an earlier run must not replace them. An agreement of
        # methods has no series of its own and does not count as the last run.
        pairs = union_all(
            select(Assessment.region_id, Assessment.run_id).where(Assessment.method != AGREEMENT),
            select(Observation.region_id, Observation.run_id),
        ).subquery()
        newest = (
            select(pairs.c.region_id, Run.origin, func.max(Run.id).label("run_id"))
            .join(Run, Run.id == pairs.c.run_id)
            .where(Run.state == "finished")
            .group_by(pairs.c.region_id, Run.origin)
            .subquery()
        )
        query = query.join(newest, (newest.c.region_id == model.region_id) & (newest.c.run_id == Run.id))
    return table(source, query)
