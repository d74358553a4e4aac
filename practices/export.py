"""Exports for people without the database: a workbook, and tidy CSV files with a data dictionary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import Engine

from practices import schema
from practices.content import content
from practices.errors import unwritable
from practices.workbook import write_workbook

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
        _replace(path, lambda part, table=table: table.to_csv(part, index=False, encoding="utf-8-sig"))  # type: ignore[misc]
        written.append(path)
    book = folder / WORKBOOK
    _replace(book, lambda part: write_workbook(part, tables))
    return book, written


def _replace(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file beside `path` and put it in its place when it is whole."""
    part: Path | None = None
    try:
        with NamedTemporaryFile(dir=path.parent, suffix=path.suffix, delete=False) as temporary:
            part = Path(temporary.name)
        write(part)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
