"""The contents of an export: every table of the schema, read from one state of the database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING, Any

import pandas as pd
from shapely.geometry import shape
from sqlalchemy import Connection, Engine, select

from practices.database.transactions import reading
from practices.errors import NothingToExport
from practices.exports import schema
from practices.exports.columns import REGION_NAME, Table
from practices.models import Outline, StoredRegion
from practices.record.editing import changed_fields
from practices.report.nature.country_table import nature_table
from practices.report.summary import summary
from practices.results import practice_queries, queries
from practices.results.names import own_tables

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True)
class Geometry:
    """Geometries (shapely, WGS84) of regions by id, and of sites with an outline by practice and site."""

    regions: dict[str, BaseGeometry]
    sites: dict[tuple[str, str], BaseGeometry]


def geometry(source: Engine | Connection, *, regions: Sequence[str] = ()) -> Geometry:
    """Outlines of regions (none named: all), as last published, and of sites of practices."""
    query = select(StoredRegion.id, Outline.geometry).join(Outline, Outline.digest == StoredRegion.outline_digest)
    with reading(source) as connection:
        outlines = connection.execute(query).all()
        sites = practice_queries.sites(connection)
    known = sites[sites["has_polygon"]]
    return Geometry(
        {row.id: shape(row.geometry) for row in outlines if not regions or row.id in regions},
        {(str(p), str(s)): shape(g) for p, s, g in known[["practice", "site", "polygon"]].to_numpy()},
    )


def content(
    source: Engine | Connection,
    *,
    regions: Sequence[str] = (),
    origin: str | None = None,
    practices: Collection[str] | None = None,
) -> dict[str, pd.DataFrame]:
    """The tables by name, for the given regions, origin and practices (ids); by default all.

    Raises NothingToExport if no published result matches.
    """
    within = queries.ResultFilter(tuple(regions), origin)
    with reading(source) as connection:
        known = queries.regions(connection)
        _refuse_unknown(regions, known["region"].tolist())
        found = {name: read(connection, within=within) for name, read in READ.items()}
        if found["summary"].empty:
            what = f"of origin {origin!r} " if origin else ""
            raise NothingToExport(f"the database has no result {what}to export; make some with: drylands assess")
        # Text, not a boolean: a boolean column could not also mean “unknown”.
        found["breaks"]["explained_by_rain"] = found["breaks"]["explained_by_rain"].map({True: "yes", False: "no"})
        # Runs are chosen by number, because several runs may have the same digest.
        tables = (queries.assessments(connection, within=within), found["series"], found["breaks"])
        used = {int(run) for table in tables for run in table["run_id"]}
        runs = queries.runs(connection, used).rename(columns={"digest": "run"})
        found["series"] = _sourced(found["series"], runs)
        found |= {
            "countries": queries.by_country(found["areas"], known),
            "nature": nature_table(connection, regions=regions, origin=origin),
            "sources": _sources(runs),
            "runs": runs.assign(datasets=runs["datasets"].map(_datasets)),
            "practices": practice_queries.practices(connection, ids=practices),
            "sites": practice_queries.sites(connection, ids=practices),
            "history": _history(practice_queries.practice_revisions(connection, practices)),
        }
    names = known.set_index("region")["name"]
    return {table.name: table.of(_named(found[table.name], table, names)) for table in schema.TABLES}


#: The tables of results, by the query of each.
READ: dict[str, Callable[..., pd.DataFrame]] = {
    "summary": summary,
    "areas": queries.areas,
    "statistics": queries.statistics,
    "prais": queries.report,
    "recodes": queries.recodes,
    "patches": queries.patches,
    "transitions": queries.transitions,
    "breaks": queries.breaks,
    "series": queries.observations,
    "evidence": practice_queries.evidence,
}


def _named(rows: pd.DataFrame, table: Table, names: pd.Series) -> pd.DataFrame:
    """Rows with the names of their regions, where the table has a column for them."""
    wanted = any(column.name == REGION_NAME for column in table.columns)
    return rows.assign(**{REGION_NAME: rows["region"].map(names)}) if wanted else rows


def _refuse_unknown(regions: Sequence[str], published: Sequence[str]) -> None:
    unknown = sorted(set(regions) - set(published))
    if unknown:
        raise NothingToExport(
            f"region {unknown[0]!r}: nothing is published for it; there are results for "
            f"{', '.join(published) or 'no region'}. Assess it first: drylands assess {quote(unknown[0])}"
        )


def _history(revisions: pd.DataFrame) -> pd.DataFrame:
    """Revisions with the fields that each changed, in place of the whole record."""
    before = revisions.groupby("practice")["record"].shift()
    changed = [
        ", ".join(changed_fields(old, new)) if isinstance(old, dict) else ""
        for old, new in zip(before, revisions["record"], strict=True)
    ]
    return revisions.assign(changed=changed)


def _sourced(series: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Series with the sources of those that are from users' own tables."""
    own = {
        (run, variable): source
        for run, datasets in zip(runs["id"], runs["datasets"], strict=True)
        for variable, source in own_tables(datasets).items()
    }
    sources = [own.get(key) for key in zip(series["run_id"], series["variable"], strict=True)]
    return series.assign(source=pd.Series(sources, index=series.index, dtype=object))


def _sources(runs: pd.DataFrame) -> pd.DataFrame:
    """The sources of drivers of some runs: those data sets that state what to know of them."""
    named = [column.name for column in schema.SOURCES.columns]
    rows = [
        {**dict.fromkeys(named, ""), **each, "variable": variable, "run": run, "origin": origin}
        for run, origin, datasets in zip(runs["run"], runs["origin"], runs["datasets"], strict=True)
        for variable, each in sorted(datasets.items())
        if each.get("trap")
    ]
    return pd.DataFrame(rows, columns=named)


def _datasets(described: dict[str, Any]) -> str:
    """The data sets of a run as text: `variable: key (asset)`, or `variable: left out: reason`."""
    said = {
        variable: f"left out: {each['left_out']}" if "left_out" in each else f"{each['key']} ({each['asset']})"
        for variable, each in sorted(described.items())
    }
    return "; ".join(f"{variable}: {text}" for variable, text in said.items())
