"""Export and import of practices by the kind of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from practices.database.files import replacing
from practices.database.transactions import reading, writing
from practices.errors import UnknownPractice
from practices.exchange.example import EXAMPLE_RECORD
from practices.exchange.geojson import read_geojson, write_geojson
from practices.exchange.layout import rows_of
from practices.exchange.reading import BadImport, Entry, entries
from practices.exchange.sheets import read_csv, read_xlsx, write_csv, write_xlsx
from practices.models import Practice
from practices.record.draft import PracticeDraft
from practices.record.editing import append, as_stored, check_author, newest_revision, stored
from practices.record.problems import CellProblem

KINDS = (".csv", ".xlsx", ".geojson")


@dataclass(frozen=True)
class Read:
    """The contents of a file: records, problems, and the ids of all its practices, valid or not."""

    entries: tuple[Entry, ...]
    bad: tuple[CellProblem, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """The result of an import: ids of practices that were written or already stored unchanged, and what was bad."""

    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    bad: tuple[CellProblem, ...]


def write_drafts(path: Path, drafts: Sequence[tuple[PracticeDraft, int | None]]) -> None:
    """Write practices, each with its revision, to a CSV, XLSX or GeoJSON file, whole or not at all.

    Raises BadImport for another kind, ExportFailed or DiskFull.
    """
    kind = kind_of(path)
    rows = [row for draft, revision in drafts for row in rows_of(draft, revision)]
    if kind == ".geojson":
        replacing(path, lambda part: write_geojson(part, drafts))
    elif kind == ".csv":
        replacing(path, lambda part: write_csv(part, rows))
    else:
        replacing(path, lambda part: write_xlsx(part, rows))


def write_template(path: Path) -> None:
    """Write a file to fill, with one practice as an example."""
    write_drafts(path, [(EXAMPLE_RECORD, None)])


def export_practices(engine: Engine, path: Path, ids: Sequence[str] = ()) -> int:
    """Write the practices of those ids (none: all) with their newest revisions. Returns how many.

    Raises UnknownPractice.
    """
    query = select(Practice.id, Practice.record, Practice.revision).where(Practice.retired.is_(False))
    with reading(engine) as connection:
        found = connection.execute(query.order_by(Practice.country, Practice.id)).all()
    unknown = sorted(set(ids) - {row.id for row in found})
    if unknown:
        raise UnknownPractice(f"there is no practice {unknown[0]!r} to export; list them: drylands practices")
    chosen = [(stored(row.record), row.revision) for row in found if not ids or row.id in ids]
    write_drafts(path, chosen)
    return len(chosen)


def read_drafts(path: Path) -> Read:
    """The records of a file, and all that is wrong with them. Raises BadImport if it cannot be read at all."""
    kind = kind_of(path)
    if not path.is_file():
        raise BadImport(f"{path}: there is no such file; check its name")
    try:
        found, bad, ids = read_geojson(path) if kind == ".geojson" else entries(*_sheet(path, kind))
    except BadImport as error:
        said = str(error)
        raise BadImport(said if path.name in said else f"{path.name}: {said}") from error
    if not ids and not bad:
        raise BadImport(f"{path.name}: contains no practice; fill it in first")
    return Read(tuple(found), tuple(bad), tuple(ids))


def import_file(engine: Engine, path: Path, *, who: str, why: str = "", skip_bad: bool = False) -> Imported:
    """Take over the practices of a file in one transaction: all, or nothing if anything is wrong in it.

    A practice that exists is changed only where the file says which revision it is an edit of, and that is the
    newest; one equal to the stored record changes nothing. With `skip_bad` the good are written and the bad
    are listed. Raises BadImport with every problem by row and column, and BadRecord without an author.
    """
    check_author(who, why)
    read = read_drafts(path)
    if read.bad and not skip_bad:
        raise refused(path, read.bad)
    written: list[str] = []
    unchanged: list[str] = []
    bad = list(read.bad)
    with writing(engine) as connection:
        for each in read.entries:
            problem = _stale(connection, each)
            if isinstance(problem, CellProblem):
                bad.append(problem)
            elif problem:
                unchanged.append(each.draft.id)
            else:
                append(connection, each.draft, who=who, why=why or f"imported from {path.name}")
                written.append(each.draft.id)
        if bad and not skip_bad:
            raise refused(path, bad)
    return Imported(tuple(written), tuple(unchanged), tuple(sorted(bad, key=lambda each: each.row)))


def refused(path: Path, bad: Sequence[CellProblem]) -> BadImport:
    """The error that lists what is wrong in a file."""
    lines = "\n".join(f"  {each.text}" for each in bad)
    return BadImport(f"{path.name}: {len(bad)} problems, nothing was written:\n{lines}", tuple(bad))


def _stale(connection: Connection, each: Entry) -> CellProblem | bool:
    """The problem that forbids writing a record; without one, whether the same record is stored already."""
    newest = newest_revision(connection, each.draft.id)
    if newest is None:
        if each.base is None:
            return False
        return CellProblem(each.row, "revision", str(each.base), "nothing for a new practice", "empty it")
    if newest.retired:
        said = f"retired since revision {newest.revision}"
        return CellProblem(each.row, "id", each.draft.id, "a practice that is not retired", f"it is {said}: restore it")
    if newest.record == as_stored(each.draft):
        return True
    if each.base == newest.revision:
        return False
    value = "" if each.base is None else str(each.base)
    allowed = f"{newest.revision}, the newest, written by {newest.who}"
    return CellProblem(each.row, "revision", value, allowed, "export it again and edit that, or choose another id")


def _sheet(path: Path, kind: str) -> tuple[list[str], list[tuple[int, list[str | int | float | None]]]]:
    return read_csv(path) if kind == ".csv" else read_xlsx(path)


def kind_of(path: Path) -> str:
    """The ending of a file. Raises BadImport for one that is not known."""
    ending = path.suffix.lower()
    if ending not in KINDS:
        raise BadImport(f"{path.name}: its kind {ending or 'without ending'} is not known; name it {', '.join(KINDS)}")
    return ending
