"""The log of the monitor's alarms: raised once, judged later, never changed; so its false alarms can be counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, insert, select

from practices.database.transactions import writing
from practices.errors import BadRecord
from practices.models import FATES, ORIGINS, SCOPES, Alarm, AlarmFate
from practices.results.publish import put_region
from practices.results.queries import Source, table
from practices.results.records import RegionRecord
from practices.results.rows import Row, TableColumns, plain, rows

ALARMS = TableColumns(
    "alarms",
    ("scope", "place", "variable", "date"),
    ("seen", "magnitude", "units", "strength", "images", "context", "confidence"),
    ("area_km2", "rain_z", "soil_moisture_z", "fate"),
)
#: Until a later image decides.
OPEN = "open"


@dataclass(frozen=True)
class Logged:
    """How many alarms were new, and how many verdicts."""

    raised: int
    judged: int


def log(engine: Any, region: RegionRecord, origin: str, method: str, alarms: pd.DataFrame) -> Logged:
    """Write the alarms of the monitor for one region into the log, in one transaction.

    Parameters
    ----------
    engine : Engine
        The database.
    region : RegionRecord
        The region.
    origin, method : str
        Origin of the data, and method of the monitor.
    alarms : pandas.DataFrame
        Columns scope (region or pixels), place, variable, date, seen, magnitude, units, strength, images, context,
        confidence, and where known area_km2, rain_z, soil_moisture_z; `fate` is open, confirmed or withdrawn.

    Returns
    -------
    Logged
        Numbers of new alarms and of new verdicts. An alarm of the same scope, place, variable, date and method is not
        raised again; a fate is written where it differs from the last.

    Raises
    ------
    BadRecord
        A value is not allowed; nothing was written.
    """
    if origin not in ORIGINS:
        raise BadRecord(f"alarms of {region.id}: origin {origin!r} is none of {', '.join(ORIGINS)}; correct it")
    found = rows(alarms, ALARMS, f"alarms of {region.id}")
    for row in found:
        row["seen"] = plain(row["seen"], "date")
        _check(row, region.id)
    whose = {"region_id": region.id, "origin": origin, "method": method}
    with writing(engine) as connection:
        put_region(connection, region)
        done = [_log_one(connection, whose, row) for row in found]
    return Logged(sum(new for new, _ in done), sum(judged for _, judged in done))


def _check(row: Row, region: str) -> None:
    whose = f"alarms of {region}, {row['date']}"
    for name, value, allowed in (("scope", row["scope"], SCOPES), ("fate", row["fate"] or OPEN, (OPEN, *FATES))):
        if value not in allowed:
            raise BadRecord(f"{whose}: {name} {value!r} is none of {', '.join(allowed)}; correct it")
    if row["date"] > row["seen"]:
        raise BadRecord(f"{whose}: the data end on {row['seen']}, before the alarm; correct `seen`")


def _log_one(connection: Connection, whose: Row, row: Row) -> tuple[bool, bool]:
    """Whether the alarm was new, and whether a verdict was."""
    fate = row["fate"] or OPEN
    values = {**whose, **{name: value for name, value in row.items() if name != "fate"}}
    key = {name: values[name] for name in ("region_id", "origin", "method", "scope", "place", "variable", "date")}
    alarm = connection.scalar(select(Alarm.id).filter_by(**key))
    new = alarm is None
    if alarm is None:
        alarm = connection.execute(insert(Alarm).values(**values).returning(Alarm.id)).scalar_one()
    last = connection.scalar(select(AlarmFate.fate).filter_by(alarm_id=alarm).order_by(AlarmFate.seen.desc()).limit(1))
    judged = fate not in (OPEN, last) and not connection.scalar(
        select(func.count()).select_from(AlarmFate).filter_by(alarm_id=alarm, seen=values["seen"])
    )
    if judged:
        verdict = {"alarm_id": alarm, "seen": values["seen"], "fate": fate, "strength": values["strength"]}
        connection.execute(insert(AlarmFate).values(**verdict))
    return new, judged


def alarms(source: Source) -> pd.DataFrame:
    """All alarms, newest first: what was said when they were raised, and the last `fate` (open, confirmed, withdrawn).

    `decided` is the last day of the data that decided it.
    """
    newest = select(AlarmFate.alarm_id, func.max(AlarmFate.seen).label("decided")).group_by(AlarmFate.alarm_id)
    last = newest.subquery()
    own = [column for column in Alarm.__table__.columns if column.name not in ("id", "region_id")]
    query = (
        select(Alarm.region_id.label("region"), *own, func.coalesce(AlarmFate.fate, OPEN).label("fate"), last.c.decided)
        .outerjoin(last, last.c.alarm_id == Alarm.id)
        .outerjoin(AlarmFate, (AlarmFate.alarm_id == Alarm.id) & (AlarmFate.seen == last.c.decided))
        .order_by(Alarm.date.desc(), Alarm.region_id, Alarm.scope)
    )
    return table(source, query)


def false_alarm_rate(source: Source) -> pd.DataFrame:
    """By origin, scope, context and confidence: alarms `open`, `confirmed`, `withdrawn`, and the `rate` of the latter.

    The rate is of the alarms that were decided; NaN where none was.
    """
    found = alarms(source)
    groups = ["origin", "scope", "context", "confidence"]
    counted = found.groupby([*groups, "fate"]).size().unstack("fate") if len(found) else pd.DataFrame()
    counted = counted.reindex(columns=[OPEN, *FATES]).fillna(0).astype(int)
    decided = counted["confirmed"] + counted["withdrawn"]
    counted["rate"] = counted["withdrawn"] / decided.where(decided > 0)
    return counted.reset_index() if len(found) else pd.DataFrame(columns=[*groups, OPEN, *FATES, "rate"])
