"""Records from rows, each problem with its row and column."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from practices.errors import PracticeError
from practices.exchange.layout import BELOW, BY_NAME, COLUMNS, Cell, Row, TemplateColumn
from practices.record.draft import PracticeDraft, checked
from practices.record.problems import BadDraft, CellProblem, Problem

#: Id of the record in a template; it is never taken over.
EXAMPLE = "example-practice"


@dataclass(frozen=True)
class Entry:
    """A record that was read: the revision that it is an edit of, and its first row in the file."""

    draft: PracticeDraft
    base: int | None
    row: int


@dataclass
class RecordRows:
    """The rows of one practice on their way to a record; `where` maps each path in the record to its cell."""

    row: int
    values: dict[str, Any] = field(default_factory=dict)
    where: dict[tuple[str | int, ...], tuple[int, str]] = field(default_factory=dict)
    bad: list[CellProblem] = field(default_factory=list)

    def put(self, column: TemplateColumn, row: int, cell: Cell) -> None:
        """Take over a cell that is not empty."""
        place: tuple[str | int, ...] = column.place
        if column.kind == "codes":
            codes = [code for code in re.split(r"[\s,;]+", str(cell)) if code]
            self.values[column.field] = codes
            self.where |= {(column.field, number): (row, column.name) for number in range(len(codes))}
        elif column.kind == "list":
            members = self.values.setdefault(column.field, [])
            place = (column.field, len(members))
            members.append(_text(cell))
        elif column.kind == "pairs":
            key, colon, value = _text(cell).partition(":")
            if not colon:
                allowed, fix = "a name, a colon and an id", "write it like wocat: technologies_1419"
                self.bad.append(CellProblem(row, column.name, repr(cell), allowed, fix))
            self.values.setdefault(column.field, {})[key.strip()] = value.strip()
            place = (column.field, key.strip())
        elif column.kind == "title":
            self.values.setdefault("title", {})[column.member] = _text(cell)
        else:
            self.values[column.field] = cell if column.number else _text(cell)
        self.where[place] = (row, column.name)
        self.where.setdefault(place[:1], (row, column.name))

    def put_member(self, cells: dict[TemplateColumn, Cell], row: int) -> None:
        """Take over a site, source or indicator: its cells of one row."""
        first = next(iter(cells))
        members = self.values.setdefault(first.field, [])
        number = len(members)
        values: dict[str, Any] = {}
        for column, cell in cells.items():
            self.where[(column.field, number, column.member)] = (row, column.name)
            values[column.member] = cell if column.number else _text(cell)
            if column.member == "polygon" and isinstance(cell, str):
                values["polygon"] = self._polygon(column, cell, row)
        self.where[(first.field, number)] = (row, first.name)
        self.where.setdefault((first.field,), (row, first.name))
        members.append(values)

    def _polygon(self, column: TemplateColumn, cell: str, row: int) -> Any:
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            allowed, fix = "a GeoJSON geometry as text", "copy the geometry of the outline, braces included"
            self.bad.append(CellProblem(row, column.name, repr(cell[:40]), allowed, fix))
            return None

    def cell(self, place: tuple[str | int, ...]) -> tuple[int, str]:
        """Row and column of a place in the record; of the nearest place above it where it has no cell."""
        for end in range(len(place), 0, -1):
            if place[:end] in self.where:
                row, column = self.where[place[:end]]
                below = [each.name for each in COLUMNS if each.place == (place[0], place[-1]) and len(place) > end]
                return row, below[0] if below else column
        names = [each.name for each in COLUMNS if place and each.field == place[0]]
        return self.row, names[0] if names else "id"

    def problems(self, found: Iterable[Problem]) -> list[CellProblem]:
        """Problems of the record as those of its cells."""
        return [CellProblem(*self.cell(each.place), each.value, each.allowed, each.fix) for each in found]


def entry(block: RecordRows, who: str) -> Entry | list[CellProblem]:
    """The record of a block, or all that is wrong with it."""
    base = block.values.pop("revision", None)
    if who == EXAMPLE:
        allowed = "records of your own"
        return [CellProblem(block.row, "id", EXAMPLE, allowed, "this is the example: remove its rows, or fill them")]
    bad = list(block.bad)
    try:
        number = None if base is None else int(base)
    except (TypeError, ValueError):
        number = None
        at = block.cell(("revision",))
        bad.append(CellProblem(*at, repr(base), "the number of a revision, or nothing", "leave it as it was exported"))
    try:
        draft = checked(block.values, whose=who)
    except BadDraft as error:
        return [*bad, *block.problems(error.problems)]
    return bad or Entry(draft, number, block.row)


def entries(
    header: Sequence[str], rows: Iterable[tuple[int, Sequence[Cell]]]
) -> tuple[list[Entry], list[CellProblem], list[str]]:
    """Records of a table, what is wrong in it, and the ids of all practices in it.

    Raises BadImport if the columns themselves are wrong.
    """
    columns = _columns(header)
    bad: list[CellProblem] = []
    blocks: dict[str, RecordRows] = {}
    for number, cells in rows:
        joined = _joined(header, cells)
        row = {column: joined[column.name] for column in columns if not _empty(joined[column.name])}
        if not row:
            continue
        who = _text(row.get(BY_NAME["id"], "")).strip()
        if not who:
            fix = "write the practice's id on each of its rows"
            bad.append(CellProblem(number, "id", "", "an id", fix))
        elif who in blocks:
            _below(blocks[who], row, number)
        else:
            blocks[who] = RecordRows(number)
            _take(blocks[who], row, number)
    found: list[Entry] = []
    for who, block in blocks.items():
        result = entry(block, who)
        if isinstance(result, Entry):
            found.append(result)
        else:
            bad += result
    return found, sorted(bad, key=lambda each: each.row), list(blocks)


def _take(block: RecordRows, row: dict[TemplateColumn, Cell], number: int) -> None:
    groups: dict[str, dict[TemplateColumn, Cell]] = {}
    for column, cell in row.items():
        if column.kind == "group":
            groups.setdefault(column.field, {})[column] = cell
        else:
            block.put(column, number, cell)
    for cells in groups.values():
        block.put_member(cells, number)


def _below(block: RecordRows, row: dict[TemplateColumn, Cell], number: int) -> None:
    """A further row of a practice; single values may be repeated on it, but not differ."""
    further = {column: cell for column, cell in row.items() if column.name in BELOW}
    again = RecordRows(number)
    for column, cell in row.items():
        if column not in further:
            again.put(column, number, cell)
            once, twice = block.values, again.values
            if column.kind == "title":
                once, twice = block.values.get("title", {}), again.values["title"]
            name = column.member or column.field
            if once.get(name) != twice[name]:
                allowed = f"what row {block.row} says, or nothing"
                fix = "empty it, or give the row an id of its own"
                block.bad.append(CellProblem(number, column.name, repr(cell)[:60], allowed, fix))
    _take(block, further, number)


def _columns(header: Sequence[str]) -> list[TemplateColumn]:
    """The columns of a heading, those that continue another (`name (2)`) left out."""
    names = [name for name in header if re.sub(r" \(\d+\)$", "", name) == name or name.split(" (")[0] not in header]
    if "id" not in names:
        raise BadImport(
            "row 1: there is no column id; use the headings of a template (drylands practices template practices.xlsx)"
        )
    for name in names:
        if name not in BY_NAME:
            near = get_close_matches(name, list(BY_NAME), n=1)
            fix = f"did you mean {near[0]}?" if near else "remove it"
            raise BadImport(f"row 1: {name[:60]!r} is not a column of a record; {fix}")
        if names.count(name) > 1:
            raise BadImport(f"row 1: column {name} comes twice; remove one")
    return [BY_NAME[name] for name in names]


def _joined(header: Sequence[str], cells: Sequence[Cell]) -> Row:
    """The cells of a row by column, those of columns like `name (2)` put behind the text of `name`."""
    found: Row = {}
    for name, cell in zip(header, cells, strict=True):
        base = re.sub(r" \(\d+\)$", "", name)
        found[base] = f"{found[base]}{cell}" if base in found and not _empty(cell) else found.get(base, cell)
    return found


def _empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _text(cell: Cell) -> str:
    """Text of a cell; a spreadsheet makes a number of an id or a year that is written as text."""
    return f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell)


class BadImport(PracticeError):
    """A file of practices that cannot be taken over; nothing was written. `problems` are those of its cells."""

    def __init__(self, message: str, problems: tuple[CellProblem, ...] = ()) -> None:
        self.problems = problems
        super().__init__(message)
