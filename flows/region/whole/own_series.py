"""The user's own yearly series in a result: they take the place of series of the same name, and name their source."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from practices.results.names import OWN_TABLE
from series.own_drivers import ANNUAL, SOURCED, label

#: What is known of every own series.
KNOWN = {"uncertainty": "as the source states it", "trap": "numbers of the user's own table, shown as they were given"}
#: The columns of all series.
SERIES = SOURCED[:5]


def read_own(path: Path | None) -> pd.DataFrame:
    """The own series of a region, with their sources; without rows where there is no file."""
    if path is None:
        return pd.DataFrame(columns=SOURCED)
    return pd.read_csv(path, parse_dates=["month"], keep_default_na=False, na_values={"value": [""]})


def with_own(series: Sequence[pd.DataFrame], own: pd.DataFrame) -> list[pd.DataFrame]:
    """Tables of series without the variables that `own` has, and then its rows."""
    given = set(own["variable"])
    kept = [each[~each["variable"].isin(given)] for each in series] if given else list(series)
    return [*kept, own[SERIES]] if given else kept


def described(own: pd.DataFrame, others: Sequence[pd.DataFrame]) -> dict[str, dict[str, Any]]:
    """What a run records of each own variable: source, licence, period, and a sentence on what it replaces.

    `others`: the tables of series that were pulled. Texts have no semicolon, which parts data sets in the exports.
    """
    pulled = {str(name) for each in others for name in each["variable"]}
    return {
        str(variable).removesuffix(ANNUAL): {
            "key": OWN_TABLE,
            "asset": _sources(rows),
            "note": _sentence(str(variable), rows, pulled),
            "source": _listed(rows["source"]),
            "licence": _listed(rows["licence"]) or "not stated",
            "period": _period(rows),
            **KNOWN,
        }
        for variable, rows in own.groupby("variable", sort=True)
    }


def _listed(texts: pd.Series) -> str:
    return ", ".join(each for each in dict.fromkeys(texts) if each).replace(";", ",")


def _period(rows: pd.DataFrame) -> str:
    years = rows["month"].dt.year
    return f"{years.min()}–{years.max()}" if len(rows) > 1 else str(years.iloc[0])


def _sources(rows: pd.DataFrame) -> str:
    parts = []
    for source, group in rows.groupby("source", sort=False):
        licences = _listed(group["licence"])
        parts.append(f"{source}, licence: {licences}" if licences else str(source))
    return ", ".join(parts).replace(";", ",")


def _sentence(variable: str, rows: pd.DataFrame, pulled: set[str]) -> str:
    name = label(variable)
    instead = ", in place of the series from satellites" if variable in pulled else ""
    notes = [each for each in dict.fromkeys(rows["note"]) if each]
    more = f" ({', '.join(notes)})" if notes else ""
    said = f"{name[0].upper()}{name[1:]} {_period(rows)} from the user's own table{instead}{more}"
    return said.replace(";", ",").rstrip(".")
