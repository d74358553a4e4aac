"""Publishing evidence: one transaction; a stored result changes nothing, another result is a further revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, insert, select

from practices.database.transactions import writing
from practices.errors import BadRecord
from practices.evidence.judge import METHOD, Finding
from practices.models import Assessment, Evidence, PracticeSite
from practices.results.rows import digest, plain

TABLES = ("balance", "event_study")


@dataclass(frozen=True)
class EvidenceRecord:
    """A finding for a site in an assessment (ids of the database); `note`: a caveat, or None."""

    site_id: int
    assessment_id: int
    start: int
    units: str
    finding: Finding
    demonstration: bool = False
    note: str | None = None


def publish_evidence(engine: Engine, records: Sequence[EvidenceRecord]) -> int:
    """Write findings, all of them or none; how many were new.

    Raises BadRecord for an unknown site or assessment, and where a number is infinite or missing.
    """
    rows = [_row(record) for record in records]
    if not rows:
        return 0
    with writing(engine) as connection:
        return sum(_put(connection, row) for row in rows)


def _row(record: EvidenceRecord) -> dict[str, Any]:
    fields = {name: value for name, value in vars(record.finding).items() if name not in TABLES}
    numbers = {name: plain(value) for name, value in fields.items()}
    lists = {name: _listed(getattr(record.finding, name)) for name in TABLES}
    row = {
        "site_id": record.site_id,
        "assessment_id": record.assessment_id,
        "method": METHOD,
        "kind": "satellite",
        "demonstration": record.demonstration,
        "start": record.start,
        "units": record.units,
        "effect_percent": plain(record.finding.effect_percent),
        "note": record.note,
        **numbers,
        **lists,
    }
    missing = [name for name in ("effect", "low", "high", "mean_before") if row[name] is None]
    if missing:
        raise BadRecord(f"evidence for site {record.site_id}: no {', '.join(missing)}; leave the finding out")
    return {**row, "digest": digest(row)}


def _listed(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def _put(connection: Connection, row: dict[str, Any]) -> int:
    """1 if the row was new, 0 if it is stored as the newest."""
    origin = connection.scalar(select(Assessment.origin).where(Assessment.id == row["assessment_id"]))
    site = connection.scalar(select(PracticeSite.id).where(PracticeSite.id == row["site_id"]))
    if origin is None or site is None:
        what = f"assessment {row['assessment_id']}" if origin is None else f"site {row['site_id']}"
        raise BadRecord(f"evidence: there is no {what} in the database; publish it first")
    identity = [Evidence.__table__.c[name] == row[name] for name in ("site_id", "assessment_id", "method", "outcome")]
    newest = connection.execute(
        select(Evidence.revision, Evidence.digest).where(*identity).order_by(Evidence.revision.desc()).limit(1)
    ).first()
    if newest is not None and newest.digest == row["digest"]:
        return 0
    revision = 1 if newest is None else newest.revision + 1
    connection.execute(insert(Evidence).values(**row, origin=origin, revision=revision))
    return 1
