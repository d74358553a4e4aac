"""Exports for people without the database: workbook, tidy CSV, GeoPackage, Frictionless data package, printed pages.

All contain the tables of `practices.exports.schema`, read from one state of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pandas as pd
from sqlalchemy import Engine

from practices.database.files import together
from practices.database.transactions import reading
from practices.errors import BadExport
from practices.exports import schema
from practices.exports.content import Geometry, content, geometry
from practices.exports.datapackage import write_package
from practices.exports.formulas import guard
from practices.exports.geopackage import write_geopackage
from practices.exports.workbook import write_workbook
from practices.models import ORIGINS
from practices.report import brief

WORKBOOK = "drylands.xlsx"
GEOPACKAGE = "drylands.gpkg"
FORMATS = ("xlsx", "csv", "gpkg", "package", "brief")
NO_MORE: Mapping[str, Callable[[Path], list[Path]]] = MappingProxyType({})
#: Folder of the pages made for printing.
BRIEFS = "briefs"


@dataclass(frozen=True)
class _Tables:
    tables: dict[str, pd.DataFrame]
    geometry: Geometry


def export(
    engine: Engine,
    folder: Path,
    *,
    regions: Sequence[str] = (),
    origin: str | None = None,
    formats: Sequence[str] = FORMATS,
    more: Mapping[str, Callable[[Path], list[Path]]] = NO_MORE,
) -> dict[str, list[Path]]:
    """Write what is published into `folder` in some formats. Returns the files of each format.

    `csv` is one file for each table and the data dictionary; `package` adds a `datapackage.json` that describes them;
    `brief` is a page for printing of each region and each practice. `more`: formats that need more than the database,
    by name, with what writes their files into a folder that holds the others. All files appear together when the last
    one is complete.
    Raises BadExport for another format or origin, NothingToExport, DiskFull or ExportFailed.
    """
    allowed = (*FORMATS, *more)
    unknown = [name for name in formats if name not in allowed]
    if unknown:
        raise BadExport(f"format {unknown[0]!r}: not known; allowed: {', '.join(allowed)}, or all")
    if origin is not None and origin not in ORIGINS:
        raise BadExport(f"origin {origin!r}: not known; allowed: {', '.join(ORIGINS)}")
    with reading(engine) as connection:
        contents = _Tables(content(connection, regions=regions, origin=origin), geometry(connection, regions=regions))
    exported_regions = list(dict.fromkeys(contents.tables["summary"]["region"]))
    pages = brief.documents(engine, regions=exported_regions, origin=origin) if "brief" in formats else {}
    with together(folder) as draft:
        written = {name: WRITERS[name](draft, contents) for name in WRITERS if name in formats}
        if "brief" in formats:
            written["brief"] = brief.write_documents(draft / BRIEFS, pages)
        written |= {name: write(draft) for name, write in more.items() if name in formats}
    return {name: [folder / path.relative_to(draft) for path in paths] for name, paths in written.items()}


def _csv(folder: Path, contents: _Tables) -> list[Path]:
    written = []
    for name, table in {"data-dictionary": schema.dictionary(), **contents.tables}.items():
        path = folder / f"{name}.csv"
        write_csv(path, table)
        written.append(path)
    return written


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV: UTF-8 with a mark for spreadsheets, times as ISO 8601, no text that would be run."""
    plain = {
        name: values.dt.strftime("%Y-%m-%dT%H:%M:%SZ") if values.dtype.kind == "M" else values.map(guard)
        for name, values in table.items()
    }
    pd.DataFrame(plain, columns=table.columns).to_csv(path, index=False, encoding="utf-8-sig")


def _xlsx(folder: Path, contents: _Tables) -> list[Path]:
    path = folder / WORKBOOK
    write_workbook(path, contents.tables)
    return [path]


def _gpkg(folder: Path, contents: _Tables) -> list[Path]:
    path = folder / GEOPACKAGE
    write_geopackage(path, contents.tables, contents.geometry)
    return [path]


def _package(folder: Path, contents: _Tables) -> list[Path]:
    described = _csv(folder, contents)
    path = folder / "datapackage.json"
    write_package(path, contents.tables)
    return [path, *described]


WRITERS: dict[str, Callable[[Path, _Tables], list[Path]]] = {
    "xlsx": _xlsx,
    "csv": _csv,
    "gpkg": _gpkg,
    "package": _package,
}
