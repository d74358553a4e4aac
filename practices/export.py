"""Exports for people without the database: a workbook, and tidy CSV files with a data dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Engine

from practices import schema
from practices.content import content
from practices.errors import unwritable
from practices.workbook import write_workbook
from practices.writing import replacing

WORKBOOK = "drylands.xlsx"


def export(
    engine: Engine, folder: Path, *, regions: Sequence[str] = (), origin: str | None = None
) -> tuple[Path, list[Path]]:
    """Write the workbook and one CSV file a table into `folder`; the workbook, and the other files.

    Each file appears whole or not at all. Raises NothingToExport, DiskFull or ExportFailed.
    """
    tables = content(engine, regions=regions, origin=origin)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error
    written = []
    for name, table in {"data-dictionary": schema.dictionary(), **tables}.items():
        path = folder / f"{name}.csv"
        replacing(path, lambda part, table=table: table.to_csv(part, index=False, encoding="utf-8-sig"))  # type: ignore[misc]
        written.append(path)
    book = folder / WORKBOOK
    replacing(book, lambda part: write_workbook(part, tables))
    return book, written
