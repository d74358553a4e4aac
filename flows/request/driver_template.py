"""Write the template of a table of drivers: headings, example rows, and what may be written."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from flows.request.driver_table import COLUMNS, EXAMPLE, KINDS, OPTIONAL, SHEET, BadDriverTable
from practices.database.files import replacing
from practices.report.palette import TABLE_HEAD
from series.own_drivers import OWN, VARIABLES

EXAMPLES = (
    (EXAMPLE, "herd_sheep", 2015, 412.5, "thousand head", "National Statistics Office, table 3, 2016", "open data", ""),
    (EXAMPLE, "water_withdrawal", 2015, 3.2, "million m3", "River basin authority, report of 2016", "", "wells only"),
    (EXAMPLE, "own_wells", 2015, 148, "wells", "Own survey, 2015", "", ""),
)


def write_template(path: Path) -> None:
    """Write a CSV or XLSX file to fill. Raises BadDriverTable for another kind, ExportFailed or DiskFull."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise BadDriverTable(
            f"template {path}: its kind {kind or 'without ending'} is not known; name it .csv or .xlsx"
        )
    replacing(path, _write_csv if kind == ".csv" else _write_xlsx)


def _write_csv(path: Path) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([list(COLUMNS), *EXAMPLES])


def _write_xlsx(path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": TABLE_HEAD})
    sheets: dict[str, Sequence[Sequence[str | float]]] = {
        SHEET: [list(COLUMNS), *EXAMPLES],
        "Columns": _columns(),
        "Variables": _variables(),
    }
    for name, lines in sheets.items():
        sheet = book.add_worksheet(name)
        for number, line in enumerate(lines):
            sheet.write_row(number, 0, line, head if number == 0 else None)
        sheet.set_column(0, len(COLUMNS), 22)
        sheet.freeze_panes(1, 0)
    book.close()


def _columns() -> list[list[str]]:
    needed = [[name, meaning, "" if name in OPTIONAL else "yes"] for name, meaning in COLUMNS.items()]
    return [["column", "meaning", "needed"], *needed]


def _variables() -> list[list[str]]:
    known = [[each.name, each.label, each.units, ", ".join(each.factors)] for each in VARIABLES.values()]
    own = [f"{OWN}…", "anything else that you have by year", "your own", "your own, the same in every year"]
    return [["variable", "meaning", "kept in", "units that may be given"], *known, own]
