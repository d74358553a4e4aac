"""Reading what is published: tables (DataFrames) of finished runs, never of one that failed or is under way.

Each takes an engine or an open connection (see `transactions.reading`) and, unless all revisions are asked for, gives
the latest of each region, period, method and origin. Every row says its origin. What lies outside a `ResultFilter` is
not read at all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Engine, Executable, Select, and_, exists, func, select, union_all

from practices.database.transactions import reading
from practices.models import (
    Area,
    Assessment,
    BreakPoint,
    Evidence,
    Observation,
    Outline,
    Practice,
    PracticeRevision,
    PracticeSite,
    Recode,
    ReportValue,
    Run,
    Statistic,
    StoredRegion,
    Transition,
)
from practices.results.names import AGREEMENT

#: Lists of codes that a record has.
CODES = ("land_use", "degradation", "measures", "slm_groups", "goals", "purposes")

Source = Engine | Connection
#: What an assessment has many of.
Part = Area | Transition | Statistic | Recode | ReportValue


@dataclass(frozen=True)
class ResultFilter:
    """What is read of the results: those of some regions (none named: all), of one origin (None: any)."""

    regions: tuple[str, ...] = ()
    origin: str | None = None

    def holds(self, region: ColumnElement[str], origin: ColumnElement[str]) -> list[ColumnElement[bool]]:
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
        .where(Run.state == "finished", *within.holds(Assessment.__table__.c.region_id, Assessment.__table__.c.origin))
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
    """Area of every class of every indicator of every assessment; `share` (0…1) is of the land."""
    return _of_assessments(source, Area, all_revisions=all_revisions, within=within)


def transitions(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """Area of every land-cover transition of every assessment."""
    return _of_assessments(source, Transition, all_revisions=all_revisions, within=within)


def statistics(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """How sure every assessment is, and who lives on degraded land: name, value, low, high, p, units, note."""
    return _of_assessments(source, Statistic, all_revisions=all_revisions, within=within)


def recodes(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """Areas that experts set right, with their justification, and what each changed in every assessment."""
    return _of_assessments(source, Recode, all_revisions=all_revisions, within=within)


def report(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """PRAIS 4 tables of every assessment, a row a cell: table_id, row_name, column_name, units, value."""
    return _of_assessments(source, ReportValue, all_revisions=all_revisions, within=within)


def countries(source: Source) -> pd.DataFrame:
    """Areas by country: the regions that lie in it added up, class by class, with the number of regions.

    A region that lies in several countries counts whole in each of them, for outlines of regions say nothing of
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
        .where(Run.state == "finished", *within.holds(model.__table__.c.region_id, Run.__table__.c.origin))
        .order_by(model.region_id, Run.origin, Run.id, *(model.__table__.columns[name] for name in order))
    )
    if not all_revisions:
        # A last run without breaks has none: those of an earlier run must not stand in for them. An agreement of
        # methods, which follows their runs, has no series of its own and is no last run.
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


def practices(source: Source, *, retired: bool = False, ids: Collection[str] | None = None) -> pd.DataFrame:
    """Documented practices (those of some ids, None: all) by country, as their newest revision tells them.

    One row each, what is known as text: codes and words of lists are separated by spaces; `titles` has those in other
    languages; retired practices come only if asked for.
    """
    query = select(*Practice.__table__.columns).order_by(Practice.country, Practice.start.nulls_last(), Practice.id)
    query = query if ids is None else query.where(Practice.id.in_(ids))
    found = table(source, query if retired else query.where(Practice.retired.is_(False)))
    records = found["record"]
    return pd.DataFrame(
        {
            "practice": found["id"],
            **{name: found[name] for name in ("title", "country", "start", "end")},
            "titles": ["; ".join(f"{k}: {v}" for k, v in r["title"].items() if k != "en") for r in records],
            "place": [", ".join(r["admin"]) for r in records],
            **{name: [r[name] for r in records] for name in ("scope", "scale", "area_km2")},
            **{name: [" ".join(r[name]) for r in records] for name in CODES},
            **{name: [r[name] for r in records] for name in ("codes_basis", "description", "outcome")},
            "evidence_type": found["evidence_type"],
            "confidence": found["confidence"],
            "satellite_fit": [": ".join(filter(None, (r["satellite_fit"], r["satellite_fit_why"]))) for r in records],
            "caveats": [" ".join(r["caveats"]) for r in records],
            "sources": ["; ".join(_cited(each) for each in r["sources"]) for r in records],
            "revision": found["revision"],
            "retired": found["retired"],
        }
    )


def _cited(source: dict[str, Any]) -> str:
    return ", ".join(filter(None, (source["title"], source["publisher"], source["date"], source["url"])))


def sites(source: Source, *, retired: bool = False, ids: Collection[str] | None = None) -> pd.DataFrame:
    """Sites of practices as they hold now: site_id, practice, site, lat, lon, radius, basis, precision, polygon, note.

    `ids` are those of practices (None: all). `polygon` is GeoJSON or None; without one the radius is a guess and no
    boundary.
    """
    kept = [column for column in PracticeSite.__table__.columns if column.name not in ("id", "practice_id", "name")]
    query = (
        select(
            PracticeSite.id.label("site_id"),
            PracticeSite.practice_id.label("practice"),
            PracticeSite.name.label("site"),
            *kept,
            Outline.geometry.label("polygon"),
        )
        .join(Practice, Practice.id == PracticeSite.practice_id)
        .outerjoin(Outline, Outline.digest == PracticeSite.outline_digest)
        .where(PracticeSite.until.is_(None))
        .order_by(PracticeSite.practice_id, PracticeSite.id)
    )
    query = query if ids is None else query.where(PracticeSite.practice_id.in_(ids))
    found = table(source, query if retired else query.where(Practice.retired.is_(False)))
    return found.assign(has_polygon=found["outline_digest"].notna())


def practice_revisions(source: Source, ids: Collection[str] | None = None) -> pd.DataFrame:
    """Every revision of some practices (None: all): practice, revision, who, at (UTC), why, retired, record."""
    columns = PracticeRevision.__table__.columns
    query = select(*columns).order_by(PracticeRevision.practice_id, PracticeRevision.revision)
    query = query if ids is None else query.where(PracticeRevision.practice_id.in_(ids))
    return table(source, query).rename(columns={"practice_id": "practice"})


def evidence(source: Source, *, all_revisions: bool = False, within: ResultFilter = EVERYTHING) -> pd.DataFrame:
    """What satellites say of practices at their sites, by practice, site, region and outcome.

    `profile` is the method of the assessment, `method` that of the evidence. A row that is a `demonstration` was
    computed on a circle around a point and is no evidence. Unless all revisions are asked for: the newest result in
    the latest assessment, for the sites that hold.
    """
    chosen = latest(all_revisions=all_revisions, within=within).order_by(None).subquery()
    left_out = ("id", "site_id", "assessment_id", "digest", "origin")
    own = [column for column in Evidence.__table__.columns if column.name not in left_out]
    identity = (Evidence.site_id, Evidence.assessment_id, Evidence.method, Evidence.outcome)
    newest = (
        select(*identity, func.max(Evidence.revision).label("revision")).group_by(*identity).subquery("newest_evidence")
    )
    query = (
        select(
            PracticeSite.practice_id.label("practice"),
            PracticeSite.name.label("site"),
            *(chosen.c[name] for name in ("region", "period", "origin", "run")),
            chosen.c.method.label("profile"),
            *own,
        )
        .join(PracticeSite, PracticeSite.id == Evidence.site_id)
        .join(Practice, Practice.id == PracticeSite.practice_id)
        .join(chosen, chosen.c.assessment_id == Evidence.assessment_id)
        .order_by(PracticeSite.practice_id, PracticeSite.name, chosen.c.region, chosen.c.period, chosen.c.origin)
        .order_by(chosen.c.method, Evidence.method, Evidence.outcome, Evidence.revision)
    )
    if not all_revisions:
        same = [newest.c[column.key] == column for column in (*identity, Evidence.revision)]
        query = query.join(newest, and_(*same)).where(PracticeSite.until.is_(None), Practice.retired.is_(False))
    return table(source, query)
