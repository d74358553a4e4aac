"""What a table of an export is made of: columns with units and meaning, and what identifies a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

#: Column with the name of a region; `region` is its identifier.
REGION_NAME = "region_name"

Kind = Literal["string", "integer", "number", "date", "datetime", "boolean"]


@dataclass(frozen=True)
class Column:
    """A column: its name (with units where it has some), kind of value, units, meaning, allowed words."""

    name: str
    kind: Kind
    units: str
    meaning: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table: its name in files, its title for people, what a row is, its columns, and those that identify a row."""

    name: str
    title: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The columns of this table, from a frame that has them and perhaps others, each of its own kind."""
        return pd.DataFrame({column.name: _typed(frame[column.name], column.kind) for column in self.columns})


def region_name() -> Column:
    """The column with the name of a row's region."""
    return Column(REGION_NAME, "string", "", "name of the region, in its own script")


def _typed(values: pd.Series, kind: Kind) -> pd.Series:
    values = values.reset_index(drop=True)
    if kind == "integer":
        # A whole number stays an integer in a column with gaps.
        return pd.to_numeric(values).astype("Int64")
    if kind == "boolean":
        return values.astype("boolean")
    if kind == "number":
        return pd.to_numeric(values).astype("float64")
    if kind == "string":
        return values.astype(object).where(values.notna(), None)
    times = pd.to_datetime(values)
    return times.dt.date.astype(object).where(times.notna(), None) if kind == "date" else times
