"""Publishing a run: one transaction, idempotent by the run's digest, nothing ever replaced."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session

from practices.errors import BadRecord
from practices.models import ORIGINS, Area, Assessment, BreakPoint, Observation, Region, Run, Transition
from practices.records import AssessmentRecord, Published, RegionRecord, RunRecord


def publish(
    engine: Engine,
    run: RunRecord,
    assessments: Sequence[AssessmentRecord],
    observations: pd.DataFrame,
    breaks: pd.DataFrame,
) -> Published:
    """Write a run whole, or nothing. A run whose digest is there already changes nothing.

    `observations`: region, variable, month, value, units. `breaks`: region, variable, year, low, high, magnitude.
    A new run for the same region, period, method and origin is the next revision. Raises BadRecord for an unknown
    origin.
    """
    if run.origin not in ORIGINS:
        raise BadRecord(f"run {run.digest[:12]}: origin {run.origin!r} is none of {', '.join(ORIGINS)}")
    with Session(engine) as session, session.begin():
        if session.get(Run, run.digest) is not None:
            highest = select(func.max(Assessment.revision)).where(Assessment.run_digest == run.digest)
            return Published(changed=False, revision=session.scalar(highest) or 0)
        session.add(Run(**vars(run)))
        for region in {each.region.id: each.region for each in assessments}.values():
            session.merge(_region(region))
        session.flush()
        revisions = [_assessment(session, run, each) for each in assessments]
        _rows(session, Observation, run, observations)
        _rows(session, BreakPoint, run, breaks)
        return Published(changed=True, revision=max(revisions, default=0))


def _region(region: RegionRecord) -> Region:
    return Region(
        id=region.id,
        name=region.name,
        countries=" ".join(region.countries),
        kind=region.kind,
        geometry=region.geometry,
    )


def _assessment(session: Session, run: RunRecord, each: AssessmentRecord) -> int:
    earlier = session.scalar(
        select(func.max(Assessment.revision)).where(
            Assessment.region_id == each.region.id,
            Assessment.period == each.period,
            Assessment.method == each.method,
            Assessment.origin == run.origin,
        )
    )
    row = Assessment(
        region_id=each.region.id,
        run_digest=run.digest,
        period=each.period,
        year_first=each.years[0],
        year_last=each.years[1],
        method=each.method,
        origin=run.origin,
        revision=(earlier or 0) + 1,
        trend_percent_decade=each.trend_percent_decade,
        trend_p=each.trend_p,
    )
    session.add(row)
    session.flush()
    areas = each.areas.rename(columns={"class": "class_name"})
    wanted = ["indicator", "class_name", "area_km2", "valid_km2", "total_km2", "share"]
    _insert(session, Area, [{"assessment_id": row.id, **record} for record in plain(areas[wanted])])
    _insert(session, Transition, [{"assessment_id": row.id, **record} for record in plain(each.transitions)])
    return row.revision


def _rows(session: Session, table: type, run: RunRecord, frame: pd.DataFrame) -> None:
    renamed = frame.rename(columns={"region": "region_id"})
    _insert(session, table, [{"run_digest": run.digest, **record} for record in plain(renamed)])


def _insert(session: Session, table: type, records: list[dict[str, Any]]) -> None:
    if records:
        session.execute(insert(table), records)


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries of plain values: NaN as None, time stamps as dates."""
    return [{str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.date()
    if isinstance(value, float):
        return None if math.isnan(value) else value
    return value.item() if hasattr(value, "item") else value
