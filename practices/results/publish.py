"""Publishing a run: one transaction, idempotent by the run's digest, nothing ever replaced.

A run whose digest is stored with the same result changes nothing. Anything else under the same region, period, method
and origin is the next revision; the earlier ones stay readable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, Table, func, insert, select, update

from practices import models
from practices.database.transactions import writing
from practices.errors import BadRecord
from practices.models import ORIGINS, STATES, Assessment, Outline, Run, StoredRegion
from practices.results.records import AssessmentRecord, Published, RegionRecord, RunRecord
from practices.results.rows import (
    AREAS,
    OBSERVATIONS,
    PATCHES,
    RECODES,
    REPORT,
    STATISTICS,
    TRANSITIONS,
    Row,
    TableColumns,
    break_rows,
    digest,
    plain,
    rows,
)

#: Tables of an assessment: the field of its record, the shape of it, and where it goes.
PARTS: dict[str, tuple[TableColumns, type[models.Base]]] = {
    "areas": (AREAS, models.Area),
    "transitions": (TRANSITIONS, models.Transition),
    "statistics": (STATISTICS, models.Statistic),
    "recodes": (RECODES, models.Recode),
    "report": (REPORT, models.ReportValue),
    "patches": (PATCHES, models.DegradedPatch),
}


def publish(
    engine: Engine,
    run: RunRecord,
    assessments: Sequence[AssessmentRecord],
    observations: pd.DataFrame,
    breaks: pd.DataFrame,
    *,
    regions: Sequence[RegionRecord] = (),
) -> Published:
    """Write a run as a whole, or nothing.

    Parameters
    ----------
    engine : Engine
        The database (`practices.database.open.open_database`).
    run : RunRecord
        The run; the same digest with the same content changes nothing.
    assessments : sequence of AssessmentRecord
        One for each region, period and method.
    observations : pandas.DataFrame
        Columns region, variable, month, value, units.
    breaks : pandas.DataFrame
        Columns region, variable, magnitude, then year, low and high (years), or date, low and high (dates); where known
        test, p and the drought around a break (see `models.BreakPoint`).
    regions : sequence of RegionRecord
        Regions that have observations or breaks and no assessment.

    Returns
    -------
    Published
        Whether anything was written, the highest revision, and the row of the run.

    Raises
    ------
    BadRecord, DatabaseLocked, DiskFull
        The database is unchanged.
    """
    content = _content(run, assessments, observations, breaks, regions)
    with writing(engine) as connection:
        earlier = connection.execute(
            select(Run.id, Run.attempt, Run.content_digest)
            .where(Run.digest == run.digest)
            .order_by(Run.attempt.desc())
            .limit(1)
        ).first()
        if earlier is not None and earlier.content_digest == content.digest:
            return Published(False, _highest_revision(connection, earlier.id), earlier.id)
        run_id = _insert_run(connection, run, content.digest, 1 if earlier is None else earlier.attempt + 1)
        outlines = {each.id: put_region(connection, each) for each in content.regions}
        for record, found in content.assessments:
            _insert_assessment(connection, record, found, run_id, run.origin, outlines[record.region.id])
        _insert_rows(connection, models.Observation, content.observations, run_id=run_id)
        _insert_rows(connection, models.BreakPoint, content.breaks, run_id=run_id)
        return Published(True, _highest_revision(connection, run_id), run_id)


@dataclass(frozen=True)
class _RunRows:
    """A run as rows, checked; `digest` is that of what was found, whenever it was computed."""

    digest: str
    regions: tuple[RegionRecord, ...]
    assessments: tuple[tuple[AssessmentRecord, dict[str, list[Row]]], ...]
    observations: list[Row]
    breaks: list[Row]


def _content(
    run: RunRecord,
    assessments: Sequence[AssessmentRecord],
    observations: pd.DataFrame,
    breaks: pd.DataFrame,
    regions: Sequence[RegionRecord],
) -> _RunRows:
    whose = f"run {run.digest[:12]}"
    for field, value, allowed in (("origin", run.origin, ORIGINS), ("state", run.state, STATES)):
        if value not in allowed:
            raise BadRecord(f"{whose}: {field} {value!r} is none of {', '.join(allowed)}; correct it")
    if not run.digest:
        raise BadRecord("run: its digest is empty; give one that names everything that the run follows from")
    known = {each.id: each for each in (*regions, *(record.region for record in assessments))}
    found = tuple((record, _found(record, whose)) for record in assessments)
    keys = [(record.region.id, record.period, record.method) for record in assessments]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise BadRecord(f"{whose}: the assessment {', '.join(twice)} comes twice; give each once")
    series, dates = rows(observations, OBSERVATIONS, whose), break_rows(breaks, whose)
    strangers = sorted({row["region_id"] for row in (*series, *dates)} - set(known))
    if strangers:
        raise BadRecord(f"{whose}: nothing says what region {strangers[0]!r} is; give it an assessment or a record")
    identity = [
        [*key, list(record.years), record.region.geometry, plain(record.trend_percent_decade), plain(record.trend_p), f]
        for key, (record, f) in sorted(zip(keys, found, strict=True), key=lambda pair: pair[0])
    ]
    content = {"origin": run.origin, "state": run.state, "found": identity, "series": series, "breaks": dates}
    return _RunRows(digest(content), tuple(known.values()), found, series, dates)


def _found(record: AssessmentRecord, whose: str) -> dict[str, list[Row]]:
    who = f"{whose}, region {record.region.id}, period {record.period}"
    return {name: rows(getattr(record, name), shape, who) for name, (shape, _) in PARTS.items()}


def _insert_run(connection: Connection, run: RunRecord, content_digest: str, attempt: int) -> int:
    values = {**vars(run), "started": utc(run.started), "finished": utc(run.finished)}
    added = insert(Run).values(**values, attempt=attempt, content_digest=content_digest).returning(Run.id)
    return int(connection.execute(added).scalar_one())


def put_region(connection: Connection, region: RegionRecord) -> str:
    """Write a region, or bring it up to date. Returns the digest of its outline."""
    outline = put_outline(connection, region.geometry)
    values: dict[str, Any] = {
        "name": region.name,
        "countries": list(region.countries),
        "kind": region.kind,
        "outline_digest": outline,
        "roughness_km": region.roughness_km,
    }
    done = connection.execute(update(StoredRegion).where(StoredRegion.id == region.id).values(**values))
    if not done.rowcount:
        connection.execute(insert(StoredRegion).values(id=region.id, **values))
    return outline


def put_outline(connection: Connection, geometry: dict[str, Any]) -> str:
    """Write an outline (GeoJSON) unless it is stored already. Returns its digest."""
    name = digest(geometry)
    if connection.execute(select(Outline.digest).where(Outline.digest == name)).first() is None:
        connection.execute(insert(Outline).values(digest=name, geometry=geometry))
    return name


def _insert_assessment(
    connection: Connection,
    record: AssessmentRecord,
    found: dict[str, list[Row]],
    run_id: int,
    origin: str,
    outline: str,
) -> None:
    identity = {"region_id": record.region.id, "period": record.period, "method": record.method, "origin": origin}
    earlier = connection.scalar(select(func.max(Assessment.revision)).filter_by(**identity)) or 0
    added = insert(Assessment).values(
        **identity,
        run_id=run_id,
        outline_digest=outline,
        year_first=record.years[0],
        year_last=record.years[1],
        revision=earlier + 1,
        trend_percent_decade=plain(record.trend_percent_decade),
        trend_p=plain(record.trend_p),
    )
    assessment_id = connection.execute(added.returning(Assessment.id)).scalar_one()
    for name, (_, model) in PARTS.items():
        _insert_rows(connection, model, found[name], assessment_id=assessment_id)


def _insert_rows(connection: Connection, model: type[models.Base], found: list[Row], **whose: int) -> None:
    if found:
        table = model.__table__
        assert isinstance(table, Table)
        connection.execute(insert(table), [{**whose, **row} for row in found])


def _highest_revision(connection: Connection, run_id: int) -> int:
    return connection.scalar(select(func.max(Assessment.revision)).where(Assessment.run_id == run_id)) or 0


def utc(time: datetime) -> datetime:
    """A time as UTC without a zone, as the database keeps it; one without a zone is UTC already."""
    return time.astimezone(UTC).replace(tzinfo=None) if time.tzinfo else time
