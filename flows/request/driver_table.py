"""Read the user's own table of drivers: yearly values by region, each with its source."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import pandas as pd

from flows.errors import FlowError
from practices.exchange.layout import Cell
from practices.exchange.reading import BadImport
from practices.exchange.sheets import read_csv, read_xlsx
from practices.record.problems import CellProblem
from series.own_drivers import ANNUAL, OWN, SOURCED, VARIABLES, is_own_name, unit_of

#: Columns of the table and what they hold; the last two may be left out, or empty.
COLUMNS = {
    "region": "id of the region, as drylands regions lists it or as the run names it",
    "variable": "name of the variable, see the sheet Variables",
    "year": "the year of the value, such as 2015",
    "value": "a number with a decimal point",
    "unit": "unit of the value, see the sheet Variables",
    "source": "where the value is from: authority, table, date",
    "licence": "terms of use of the source",
    "note": "what else to know of the value",
}
OPTIONAL = ("licence", "note")
#: Name of the sheet in a workbook, and of the region in a template's example rows.
SHEET, EXAMPLE = "Drivers", "example-region"
KINDS = (".csv", ".xlsx")
TEMPLATE = "drylands drivers template drivers.xlsx"
#: First and last year that a value may have.
YEARS = (1850, 2100)


class BadDriverTable(FlowError):
    """A table of drivers that cannot be used; `problems` are those of its cells."""

    def __init__(self, message: str, problems: Sequence[CellProblem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(message)


@dataclass(frozen=True, eq=False)
class DriverTable:
    """Own series of regions: region, variable (with `_annual`), month (1 January), value, units, source, licence, note.

    Rows are sorted by region, variable and year; values are in the units of `series.own_drivers`.
    """

    rows: pd.DataFrame

    @property
    def regions(self) -> list[str]:
        """The regions that have a value."""
        return list(dict.fromkeys(self.rows["region"]))

    def of(self, region: str) -> pd.DataFrame:
        """The rows of a region."""
        return self.rows[self.rows["region"] == region].reset_index(drop=True)

    def notes(self, regions: Iterable[str]) -> list[str]:
        """A line for each region of the table that is not among `regions`."""
        known = list(regions)
        lines = []
        for stranger in (each for each in self.regions if each not in known):
            near = get_close_matches(stranger, known, n=1)
            fix = f"; did you mean {near[0]}?" if near else ""
            lines.append(f"table of drivers: region {stranger} is not in this run, its rows are not used{fix}")
        return lines


def read_driver_table(path: Path) -> DriverTable:
    """The series of a CSV or XLSX file.

    Raises BadDriverTable with everything that is wrong, by row and column, and how to fix it.
    """
    try:
        changed = path.stat()
    except OSError as error:
        raise BadDriverTable(f"drivers {path}: no such file; check its name, or start with: {TEMPLATE}") from error
    return _read(path, changed.st_mtime_ns, changed.st_size)


# a run asks once for each region
@lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int) -> DriverTable:
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise BadDriverTable(
            f"drivers {path}: its kind {kind or 'without ending'} is not known; save it as CSV or XLSX"
        )
    try:
        header, rows = read_csv(path, TEMPLATE) if kind == ".csv" else read_xlsx(path, TEMPLATE, SHEET)
    except BadImport as error:
        raise BadDriverTable(f"drivers {error}") from error
    return DriverTable(driver_rows(path.name, [name.lower() for name in header], rows))


def driver_rows(file: str, header: Sequence[str], rows: Iterable[tuple[int, Sequence[Cell]]]) -> pd.DataFrame:
    """Numbered rows of a table as those of `DriverTable`. Raises BadDriverTable."""
    _require_columns(file, header)
    problems: list[CellProblem] = []
    found: list[dict[str, object]] = []
    seen: dict[tuple[str, str, int], int] = {}
    units: dict[tuple[str, str], tuple[str, int]] = {}
    for number, cells in rows:
        row = {name: _text(cell) for name, cell in zip(header, cells, strict=True)}
        if not any(row.values()):
            continue
        read, wrong = _row(number, row)
        if not wrong:
            wrong = [*_again(number, read, seen), *_other_unit(number, read, units)]
        problems += wrong
        found.append(read)
    if problems:
        lines = "\n".join(f"  {each.text}" for each in problems)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        raise BadDriverTable(f"drivers {file}: {count}, nothing was computed:\n{lines}", problems)
    if not found:
        raise BadDriverTable(f"drivers {file}: has no row with a value; fill it in, or leave --drivers out")
    table = pd.DataFrame(found, columns=SOURCED)
    return table.sort_values(["region", "variable", "month"], ignore_index=True)


def _require_columns(file: str, header: Sequence[str]) -> None:
    wrong = []
    for name in header:
        if name not in COLUMNS:
            near = get_close_matches(name, list(COLUMNS), n=1)
            wrong.append(f"column {name[:60]!r} is not known; {f'did you mean {near[0]}?' if near else 'remove it'}")
    wrong += [f"column {name} comes twice; remove one" for name in COLUMNS if list(header).count(name) > 1]
    wrong += [f"column {name} is missing; add it" for name in COLUMNS if name not in (*header, *OPTIONAL)]
    if wrong:
        lines = "\n".join(f"  row 1: {each}" for each in wrong)
        raise BadDriverTable(
            f"drivers {file}: the headings are wrong; those of a template are right ({TEMPLATE}):\n{lines}"
        )


def _row(number: int, row: Mapping[str, str]) -> tuple[dict[str, object], list[CellProblem]]:
    """One row as read, and what is wrong in it."""
    wrong = [
        CellProblem(number, name, "", COLUMNS[name], "fill it in") for name in ("region", "source") if not row[name]
    ]
    if row["region"] == EXAMPLE:
        wrong.append(
            CellProblem(number, "region", EXAMPLE, "regions of your own", "this is the example: remove its row")
        )
    name, known = row["variable"], VARIABLES.get(row["variable"])
    if known is None and not is_own_name(name):
        wrong.append(_unknown_variable(number, name))
    year = _year(row["year"])
    if year is None:
        allowed = f"a year from {YEARS[0]} to {YEARS[1]}"
        wrong.append(CellProblem(number, "year", _shown(row["year"]), allowed, "write it like 2015"))
    value = _number(row["value"])
    if value is None:
        fix = "leave the row out where the value is not known" if not row["value"] else "write it like 1234.5"
        wrong.append(CellProblem(number, "value", _shown(row["value"]), "a number with a decimal point", fix))
    elif known is not None and value < 0:
        wrong.append(CellProblem(number, "value", row["value"], "0 or more", "correct it"))
    unit = unit_of(row["unit"]) if known is not None else row["unit"]
    if not unit:
        allowed = ", ".join(known.factors) if known is not None else "the unit of the value"
        wrong.append(CellProblem(number, "unit", "", allowed, "fill it in"))
    elif known is not None and unit not in known.factors:
        fix = f"convert the value to {known.units}"
        wrong.append(CellProblem(number, "unit", _shown(row["unit"]), ", ".join(known.factors), fix))
    if wrong:
        return {}, wrong
    assert value is not None
    assert year is not None
    return {
        "region": row["region"],
        "variable": f"{name}{ANNUAL}",
        "month": pd.Timestamp(year, 1, 1),
        # rounded, so that a converted value is the same as one given in the unit itself
        "value": value if known is None else float(f"{value * known.factors[unit]:.12g}"),
        "units": unit if known is None else known.units,
        **{name: row.get(name, "") for name in ("source", *OPTIONAL)},
    }, []


def _unknown_variable(number: int, name: str) -> CellProblem:
    allowed = f"{', '.join(VARIABLES)}, or a name that begins with {OWN}"
    near = get_close_matches(name.removesuffix(ANNUAL), list(VARIABLES), n=1)
    own = "small letters, digits and underscores after own_, without _annual"
    fix = f"did you mean {near[0]}?" if near else own if name.startswith(OWN) else f"name it {OWN}…, with its own unit"
    return CellProblem(number, "variable", _shown(name), allowed, fix if name else "fill it in")


def _again(number: int, read: Mapping[str, object], seen: dict[tuple[str, str, int], int]) -> list[CellProblem]:
    """The problem of a value that another row gives already."""
    month = read["month"]
    assert isinstance(month, pd.Timestamp)
    key = (str(read["region"]), str(read["variable"]), month.year)
    if key not in seen:
        seen[key] = number
        return []
    allowed = f"one value for each region, variable and year; row {seen[key]} has one"
    return [CellProblem(number, "year", str(month.year), allowed, "remove one of the two rows")]


def _other_unit(
    number: int, read: Mapping[str, object], units: dict[tuple[str, str], tuple[str, int]]
) -> list[CellProblem]:
    """The problem of an invented variable whose unit is another one than in an earlier row."""
    key = (str(read["region"]), str(read["variable"]))
    unit = str(read["units"])
    first, row = units.setdefault(key, (unit, number))
    if unit == first:
        return []
    allowed = f"{first}, as in row {row}"
    return [CellProblem(number, "unit", _shown(unit), allowed, "give one variable the same unit in every year")]


def _text(cell: Cell) -> str:
    """Text of a cell; a spreadsheet makes a number of a year or an id that is written as text."""
    if cell is None:
        return ""
    return f"{cell:.0f}" if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _year(text: str) -> int | None:
    year = int(text) if text.isascii() and text.isdigit() else None
    return year if year is not None and YEARS[0] <= year <= YEARS[1] else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _shown(text: str) -> str:
    return repr(text[:60]) if text else ""
