"""Tables of a run (DataFrames) as rows of the database: columns, keys and numbers checked before anything is written.

Numbers that are missing become None; dates are days; the row order of the given table never matters.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from practices.errors import BadRecord

Row = dict[str, Any]


@dataclass(frozen=True)
class TableColumns:
    """Columns of a table: key, other required columns, and optional columns."""

    name: str
    key: tuple[str, ...]
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()


AREAS = TableColumns(
    "areas",
    ("indicator", "class_name"),
    ("area_km2", "valid_km2", "total_km2"),
    ("share", "corrected_km2", "low_km2", "high_km2"),
)
TRANSITIONS = TableColumns("transitions", ("from_class", "to_class"), ("area_km2",))
OBSERVATIONS = TableColumns("observations", ("region_id", "variable", "month"), ("value", "units"))
BREAKS = TableColumns(
    "breaks",
    ("region_id", "variable", "date"),
    ("low", "high", "cadence", "magnitude"),
    ("test", "p", "spi", "spei", "soil_moisture_z", "drought", "explained_by_rain", "series", "break_method"),
)
STATISTICS = TableColumns("statistics", ("name",), ("units", "note"), ("value", "low", "high", "p"))
RECODES = TableColumns(
    "recodes",
    ("name",),
    ("wrongly_shown_as", "should_be", "justification", "who", "date", "pixels", "area_km2", "before_km2"),
    ("prais_term",),
)
PATCHES = TableColumns(
    "patches",
    ("patch",),
    ("area_km2", "lat", "lon", "verdict", "sentence"),
    ("year", "low", "high", "loss", "probability", "driver", "r", "r_low", "r_high"),
)
REPORT = TableColumns("report", ("table_id", "row_name", "column_name", "units"), ("value",))
#: What callers call a column, and what the database does.
ALIASES = {
    "class": "class_name", "region": "region_id", "table": "table_id", "row": "row_name", "column": "column_name",
}  # fmt: skip
DATES = {"month", "date"}


def rows(frame: pd.DataFrame, shape: TableColumns, whose: str) -> list[Row]:
    """The rows of a table, sorted by key.

    Raises BadRecord if a column is missing, a key is empty or comes twice, or a needed number is none.
    """
    if frame.empty:
        return []
    table = frame.rename(columns=ALIASES)
    missing = [name for name in (*shape.key, *shape.needed) if name not in table.columns]
    if missing:
        raise BadRecord(f"{whose}: the {shape.name} have no column {', '.join(missing)}; add it before publishing")
    columns = [*shape.key, *shape.needed, *(name for name in shape.optional if name in table.columns)]
    found = [{name: plain(row[name], name) for name in columns} for row in table[columns].to_dict("records")]
    seen: set[tuple[Any, ...]] = set()
    for row in found:
        key = tuple(row[name] for name in shape.key)
        empty = [name for name in (*shape.key, *shape.needed) if row[name] is None]
        if empty:
            raise BadRecord(f"{whose}: {shape.name} {key} has no {', '.join(empty)}; leave the row out or fill it")
        if key in seen:
            raise BadRecord(f"{whose}: {shape.name} {key} comes twice; keep one row for each {', '.join(shape.key)}")
        seen.add(key)
    blank = dict.fromkeys(shape.optional)
    return sorted(({**blank, **row} for row in found), key=lambda row: tuple(str(row[name]) for name in shape.key))


def plain(value: Any, column: str = "") -> Any:
    """A value as the database takes it. Raises BadRecord for an infinite number."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        if math.isinf(value):
            raise BadRecord(f"{column} is infinite; leave it out or give a number")
        return None if math.isnan(value) else value
    return pd.Timestamp(value).date() if column in DATES else value


def break_rows(frame: pd.DataFrame, whose: str) -> list[Row]:
    """Rows of break points; a break is dated by `year` (annual series), or by `date` with low and high as dates."""
    yearly = "date" not in frame.columns and "year" in frame.columns
    table = frame.rename(columns={"year": "date"}) if yearly else frame.copy()
    if "cadence" not in table.columns:
        table["cadence"] = "yearly" if yearly else "monthly"
    for name in ("date", "low", "high"):
        if name in table.columns:
            days = [_day(value, yearly=yearly) for value in table[name]]
            table[name] = pd.Series(days, index=table.index, dtype=object)
    return rows(table, BREAKS, whose)


def _day(value: Any, *, yearly: bool) -> date | None:
    if pd.isna(value):
        return None
    return date(int(value), 1, 1) if yearly else pd.Timestamp(value).date()


def digest(value: Any) -> str:
    """Digest of anything made of dictionaries, lists and plain values, the same on every machine.

    Numbers are compared to nine digits: further ones depend on the processor.
    """
    return hashlib.sha256(json.dumps(_canonical(value), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _canonical(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(each) for each in value]
    if isinstance(value, float):
        return f"{value:.9g}"
    return value if isinstance(value, str | int | bool | None) else str(value)
