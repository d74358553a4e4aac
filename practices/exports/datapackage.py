"""A description of the CSV files as a Frictionless data package: the data dictionary as its schema.

Form: Data Package and Table Schema of https://specs.frictionlessdata.io, as the `frictionless` framework validates.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from practices.exports import notes, schema
from practices.exports.columns import Column, Table
from practices.report.wording import SIMULATED
from practices.results.names import OWN_TABLE

#: Types of Table Schema by the kinds of the data dictionary.
TYPES = {kind: {"type": kind} for kind in ("string", "integer", "number", "boolean", "date", "datetime")}
LICENCE = {
    "name": "Apache-2.0",
    "path": "https://www.apache.org/licenses/LICENSE-2.0",
    "title": "Apache License 2.0, as of drylands; data sets have licences of their own, see sources",
}
CATALOGUE = "https://developers.google.com/earth-engine/datasets/catalog/"
GUARDED = "In the CSV files a text that begins like a formula has an apostrophe in front, so that nothing runs it."


def write_package(path: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write the description of the CSV files in the same folder."""
    path.write_text(json.dumps(package(tables), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def package(tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """The description of an export: what it is, from where, under which licence, and the schema of every table."""
    marked = notes.simulated(tables)
    said = [f"{heading}: {text}" for heading, text in notes.notes(tables)]
    return {
        "profile": "data-package",
        "name": "drylands-simulated" if marked else "drylands",
        "title": "Land degradation of North-East Asian drylands" + (" (SIMULATED DATA)" if marked else ""),
        "description": "\n\n".join([*([SIMULATED] if marked else []), *said, GUARDED]),
        "created": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "version": notes.listed(tables["runs"]["package_version"]),
        "origin": sorted(set(tables["summary"]["origin"])),
        "simulated": marked,
        "licenses": [LICENCE],
        "sources": [_source(text) for text in notes.datasets(tables) if ": left out: " not in text],
        "keywords": ["desertification", "land degradation", "SDG 15.3.1", "UNCCD", "WOCAT"],
        "resources": [_resource(table, marked) for table in schema.TABLES],
    }


def _source(text: str) -> dict[str, str]:
    """A data set; those of Earth Engine's public catalogue have a page."""
    found = None if f": {OWN_TABLE} (" in text else re.search(r"\(([A-Z0-9_]+(?:/[A-Za-z0-9_.-]+)+)\)$", text)
    return {"title": text} | ({"path": CATALOGUE + found[1].replace("/", "_")} if found else {})


def _resource(table: Table, marked: bool) -> dict[str, Any]:
    has_origin = any(column.name == "origin" for column in table.columns)
    described: dict[str, Any] = {"fields": [_field(column) for column in table.columns]}
    if table.key:
        described["primaryKey"] = list(table.key)
    if table.name in ("sites", "evidence"):  # the history includes retired practices
        reference = {"resource": "practices", "fields": ["practice"]}
        described["foreignKeys"] = [{"fields": ["practice"], "reference": reference}]
    return {
        "name": table.name,
        "type": "table",
        "path": f"{table.name}.csv",
        "title": table.title,
        "description": f"One row: {table.row}." + (f" {SIMULATED}." if marked and has_origin else ""),
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "schema": described,
    }


def _field(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {"name": column.name, **TYPES[column.kind], "description": column.meaning}
    if column.units:
        described["unit"] = column.units
    if column.words:
        described["constraints"] = {"enum": list(column.words)}
    return described
