"""What an export holds: every table of the schema, read from the database in one state of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from sqlalchemy import Engine

from practices import queries, schema
from practices.errors import NothingToExport
from practices.transactions import reading


def content(engine: Engine, *, regions: Sequence[str] = (), origin: str | None = None) -> dict[str, pd.DataFrame]:
    """The tables by name, of the regions and the origin that are asked for (none: all).

    Raises NothingToExport where nothing is published that answers.
    """
    with reading(engine) as connection:
        found = {
            "summary": queries.summary(connection),
            "areas": queries.areas(connection),
            "statistics": queries.statistics(connection),
            "prais": queries.report(connection),
            "recodes": queries.recodes(connection),
            "transitions": queries.transitions(connection),
            "breaks": queries.breaks(connection),
            "series": queries.observations(connection),
        }
        published = sorted(set(found["summary"]["region"]))
        known = queries.regions(connection)
        runs = queries.runs(connection).rename(columns={"digest": "run"})
        practices = queries.practices(connection)
    unknown = sorted(set(regions) - set(published))
    if unknown:
        raise NothingToExport(
            f"region {unknown[0]!r}: nothing is published for it; there are results for "
            f"{', '.join(published) or 'no region'}. Assess it first: drylands assess {unknown[0]}"
        )
    found = {name: _chosen(table, regions, origin) for name, table in found.items()}
    if found["summary"].empty:
        what = f"of origin {origin!r} " if origin else ""
        raise NothingToExport(f"the database holds no result {what}to export; make some with: drylands assess")
    runs = runs[runs["run"].isin(found["summary"]["run"])]
    found["countries"] = queries.by_country(found["areas"], known)
    found |= {"runs": runs.assign(datasets=runs["datasets"].map(_datasets)), "practices": practices}
    return {table.name: table.of(found[table.name]) for table in schema.TABLES}


def _chosen(table: pd.DataFrame, regions: Sequence[str], origin: str | None) -> pd.DataFrame:
    keep = pd.Series(True, index=table.index)
    if regions:
        keep &= table["region"].isin(regions)
    if origin:
        keep &= table["origin"] == origin
    return table[keep]


def _datasets(described: dict[str, Any]) -> str:
    """The data sets of a run as text: `variable: key (asset)`."""
    return "; ".join(f"{variable}: {each['key']} ({each['asset']})" for variable, each in sorted(described.items()))
