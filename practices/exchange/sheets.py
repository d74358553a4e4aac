"""Tables in CSV and XLSX files, written and read cell by cell, with limits on what is read.

In CSV a text that a spreadsheet would run as a formula gets an apostrophe in front, which is removed on import.
In XLSX text is text; it is marked as such, so that it stays harmless when the sheet is saved as CSV.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from practices.exchange.layout import BY_NAME, COLUMNS, Cell, Row
from practices.exchange.reading import BadImport
from practices.exports.formulas import FORMULA, guard, unguard
from practices.record.vocabularies import VOCABULARIES
from practices.report.palette import TABLE_HEAD

#: Largest file that is read, and largest content of one that is packed, bytes.
MOST_BYTES, MOST_UNPACKED = 20_000_000, 200_000_000
#: Most rows and columns that are read.
MOST_ROWS, MOST_COLUMNS = 20_000, 500
#: Longest text in one cell; a longer one continues in a column `name (2)`.
CELL = 30_000
SHEET = "Practices"
#: The command that writes a file to start from.
TEMPLATE = "drylands practices template practices.xlsx"


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as CSV in UTF-8 with a mark, as spreadsheets need it."""
    header, table = _table(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([guard(_number(cell)) for cell in row] for row in table)


def read_csv(path: Path, template: str = TEMPLATE) -> tuple[list[str], list[tuple[int, list[Cell]]]]:
    """Heading and numbered rows of a CSV file in UTF-8, separated by comma, semicolon or tab. Raises BadImport.

    `template`: the command that writes a file to start from, for the message of an empty one.
    """
    data = _bytes(path)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadImport(f"{path.name}: line {line} is not UTF-8; save it as CSV UTF-8 and try again") from error
    if "\0" in text:
        raise BadImport(
            f"{path.name}: contains NUL characters (bytes of value 0) and is not a CSV file; save it as CSV UTF-8"
        )
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows: list[tuple[int, list[Cell]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, cells in enumerate(reader, start=1):
            _limit(path, number, len(cells))
            rows.append((number, [unguard(cell) for cell in cells]))
    except csv.Error as error:
        raise BadImport(
            f"{path.name}: line {reader.line_num}: {error}; open it in a spreadsheet and save it"
        ) from error
    return _headed(path, rows, template)


def write_xlsx(path: Path, rows: Sequence[Row]) -> None:
    """Write rows as a workbook: the practices, what the columns mean, and the words that may be used."""
    import xlsxwriter

    header, table = _table(rows)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": TABLE_HEAD})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    quoted = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
    sheet = book.add_worksheet(SHEET)
    for place, name in enumerate(header):
        sheet.write_string(0, place, name, head)
        column = BY_NAME.get(name)
        long = name in ("description", "outcome") or name.endswith(("_note", "_title", "_url"))
        sheet.set_column(place, place, 40 if long else max(12, len(name) + 2))
        if column is not None and column.words is not None and column.kind != "codes":
            allowed = {"validate": "list", "source": list(column.words.codes), "error_type": "warning"}
            sheet.data_validation(1, place, MOST_ROWS, place, allowed)
    for number, row in enumerate(table, start=1):
        for place, cell in enumerate(row):
            exact = _number(cell)
            if isinstance(exact, str):
                sheet.write_string(number, place, exact, quoted if FORMULA.match(exact) else plain)
            elif exact is not None:
                sheet.write_number(number, place, exact, plain)
    sheet.freeze_panes(1, 1)
    for title, lines in (("Columns", _columns()), ("Words", _words())):
        other = book.add_worksheet(title)
        other.set_column(0, 1, 26)
        other.set_column(2, 3, 60, plain)
        for number, line in enumerate(lines):
            other.write_row(number, 0, line, head if number == 0 else plain)
        other.freeze_panes(1, 0)
    book.close()


def _columns() -> list[list[str]]:
    below = {"list": "one a row", "pairs": "one a row", "group": "one a row"}
    lines = [[c.name, "number" if c.number else "text", c.meaning, below.get(c.kind, "")] for c in COLUMNS]
    return [["column", "kind", "meaning", "further ones in the rows below"], *lines]


def _words() -> list[list[str]]:
    return [
        ["list", "code", "meaning", "group"],
        *([each.name, term.code, term.label, term.group] for each in VOCABULARIES.values() for term in each.terms),
    ]


def read_xlsx(
    path: Path, template: str = TEMPLATE, name: str = SHEET
) -> tuple[list[str], list[tuple[int, list[Cell]]]]:
    """Heading and numbered rows of a workbook's sheet of this name, else of its first. Raises BadImport.

    `template`: as in `read_csv`.
    """
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    data = _bytes(path)
    damaged = f"{path.name}: is not a workbook (XLSX), or is damaged; save it again as Excel workbook"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(each.file_size for each in packed.infolist())
        if unpacked > MOST_UNPACKED:
            raise BadImport(
                f"{path.name}: unpacks to {unpacked} bytes of at most {MOST_UNPACKED}; leave out what is not needed"
            )
        book = load_workbook(io.BytesIO(data), read_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, InvalidFileException, OSError) as error:
        raise BadImport(damaged) from error
    try:
        sheet = book[name] if name in book.sheetnames else book[book.sheetnames[0]]
        rows: list[tuple[int, list[Cell]]] = []
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            _limit(path, number, len(cells))
            rows.append((number, [_cell(path, cell) for cell in cells]))
    except BadImport:
        raise
    except Exception as error:  # a damaged sheet may raise any error
        raise BadImport(damaged) from error
    finally:
        book.close()
    while rows and all(cell is None for cell in rows[-1][1]):
        rows.pop()
    return _headed(path, rows, template)


def _cell(path: Path, cell: Any) -> Cell:
    value = cell.value
    if getattr(cell, "data_type", "") in ("f", "e"):
        said = "contains a formula" if cell.data_type == "f" else "contains an error"
        raise BadImport(f"{path.name}: cell {cell.coordinate} {said}: {str(value)[:40]}; paste its value in its place")
    if isinstance(value, datetime):
        return value.date().isoformat() if (value.hour, value.minute) == (0, 0) else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str | int | float | None) else str(value)


def _headed(
    path: Path, rows: list[tuple[int, list[Cell]]], template: str
) -> tuple[list[str], list[tuple[int, list[Cell]]]]:
    if not rows:
        raise BadImport(f"{path.name}: is empty; start from a template ({template})")
    header = [str(cell).strip() if cell is not None else "" for cell in rows[0][1]]
    while header and not header[-1]:
        header.pop()
    width = len(header)
    even = []
    for number, cells in rows[1:]:
        if any(cell not in (None, "") for cell in cells[width:]):
            raise BadImport(
                f"{path.name}: row {number} has {len(cells)} cells of {width} that the heading names; look for a "
                "separator inside a text that is not in quotes"
            )
        even.append((number, [*cells[:width], *[None] * (width - len(cells))]))
    return header, even


def _limit(path: Path, rows: int, columns: int) -> None:
    if rows > MOST_ROWS or columns > MOST_COLUMNS:
        raise BadImport(
            f"{path.name}: more than {MOST_ROWS} rows or {MOST_COLUMNS} columns; divide it into several files"
        )


def _bytes(path: Path) -> bytes:
    """The content of a file that is not too large."""
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise BadImport(f"{path.name}: has {size} bytes of at most {MOST_BYTES}; divide it into several files")
        return path.read_bytes()
    except OSError as error:
        raise BadImport(f"{path}: cannot be read ({error.strerror}); look at its name and permissions") from error


def _table(rows: Sequence[Row]) -> tuple[list[str], list[list[Cell]]]:
    """Heading and cells, texts that are too long for a cell continued in further columns."""
    header: list[str] = []
    for column in COLUMNS:
        longest = max((len(str(row[column.name])) for row in rows if row[column.name] is not None), default=0)
        header.append(column.name)
        header += [f"{column.name} ({number})" for number in range(2, -(-longest // CELL) + 1)]
    return header, [list(_pieces(row, header)) for row in rows]


def _pieces(row: Row, header: Sequence[str]) -> Iterable[Cell]:
    for name in header:
        base, _, number = name.removesuffix(")").partition(" (")
        cell = row[base]
        start = CELL * (int(number) - 1) if number else 0
        piece = cell[start : start + CELL] if isinstance(cell, str) else (cell if not number else None)
        yield piece or None if isinstance(piece, str) else piece


def _number(cell: Cell) -> Cell:
    """A number as text where a workbook, which keeps 16 digits, would change it."""
    if isinstance(cell, float) and float(f"{cell:.16G}") != cell:
        return repr(cell)
    return cell
