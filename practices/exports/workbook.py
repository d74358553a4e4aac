"""The workbook: a read-me, the data dictionary, and the tables laid out for people."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd
import xlsxwriter

from practices.exports import practice_tables, schema
from practices.exports.columns import REGION_NAME
from practices.exports.formulas import FORMULA
from practices.exports.notes import DOCUMENTED, notes, simulated
from practices.exports.prais_forms import FORMS, heading, rank
from practices.report.headline import STATUS_CLASSES
from practices.report.headline_tables import KEY
from practices.report.palette import TABLE_HEAD, WARNING, WARNING_TEXT
from practices.report.shares import ASSESSMENT, STATUS
from practices.report.wording import SIMULATED
from practices.results.names import CLASSES, HEADLINE, INDICATORS

#: Indicators with a sheet of areas, by its title.
SHEETS = {HEADLINE: INDICATORS[HEADLINE], "status": "SDG 15.3.1 status"} | INDICATORS
#: What identifies an assessment, with the name of its region next to the identifier.
IDENTITY = [KEY[0], REGION_NAME, *KEY[1:]]
FORMATS = {"km2": "#,##0.0", "%": "0.0", "% per decade": "+0.0;-0.0;0.0"}
FORMATS |= dict.fromkeys(("1", "as the variable", "see units"), "0.000")
FORMATS |= {"whole": "0"}
#: Widest column, in characters; longer text is wrapped.
WIDEST = 70
#: Characters side by side on a printed page.
PAGE = 220
#: Second columns that stay in view next to an identifier.
NAMES = ("name", REGION_NAME)
#: Tallest row, points, that a workbook can have.
TALLEST = 409
#: Height of a line of text, points.
LINE = 15
#: Digests are shortened to the part that distinguishes runs; the CSV files have them whole.
DIGEST = 12


def write_workbook(path: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write all tables of an export (see `content`) as one XLSX file."""
    book = _Book(path, marked=simulated(tables))
    book.read_me(tables)
    book.sheet("Data dictionary", schema.dictionary())
    book.sheet(schema.SUMMARY.title, tables["summary"], schema.SUMMARY)
    for indicator, title in SHEETS.items():
        own = tables["areas"][tables["areas"]["indicator"] == indicator]
        if not own.empty:
            book.sheet(title, _wide(own), heading=f"{_titled(indicator)}: area of each class as mapped, km2")
    for table in (schema.STATISTICS, schema.COUNTRIES, schema.NATURE):
        book.sheet(table.title, tables[table.name], table)
    _report_sheets(book, tables["prais"], tables["summary"])
    detail_tables = (schema.RECODES, schema.PATCHES, schema.TRANSITIONS, schema.BREAKS, schema.SERIES, schema.SOURCES)
    for table in (*detail_tables, *practice_tables.TABLES, schema.RUNS):
        book.sheet(table.title, tables[table.name], table)
    book.close()


def _titled(indicator: str) -> str:
    """An indicator, and which of the two numbers of SDG 15.3.1 it is."""
    if indicator == "status":
        return f"{INDICATORS[HEADLINE]}, {STATUS}"
    return f"{INDICATORS[indicator]}, {ASSESSMENT}"


def _wide(areas: pd.DataFrame) -> pd.DataFrame:
    """One row for each assessment, one column for each class, and the share of the land of each."""
    km2 = areas.pivot_table(index=IDENTITY, columns="class_name", values="area_km2", sort=False)
    order = (*(each for names in STATUS_CLASSES.values() for each in names), *CLASSES)
    km2 = km2[[name for name in order if name in km2.columns]]
    share = areas.pivot_table(index=IDENTITY, columns="class_name", values="share", sort=False) * 100
    share = share[[name for name in order if name in share.columns]]
    total = areas.groupby(IDENTITY, sort=False)[["valid_km2", "total_km2"]].first()
    shares = share.add_suffix("_%_of_land")
    wide = km2.add_suffix("_km2").join([total, shares, _corrected(areas)]).reset_index()
    # Headings wrap at spaces only.
    return wide.rename(columns=lambda name: str(name).replace("_", " "))


def _corrected(areas: pd.DataFrame) -> pd.DataFrame:
    """Areas corrected by reference sites with their intervals, a column for each class; none without such sites."""
    own = areas[areas["corrected_km2"].notna()]
    named = {"corrected_km2": "corrected_km2", "low_km2": "corrected_low_km2", "high_km2": "corrected_high_km2"}
    parts = [
        own.pivot_table(index=IDENTITY, columns="class_name", values=value, sort=False).add_suffix(f"_{name}")
        for value, name in named.items()
    ]
    return pd.concat(parts, axis="columns")


def _report_sheets(book: _Book, prais: pd.DataFrame, summary: pd.DataFrame) -> None:
    """A sheet for every published PRAIS 4 table, its rows and columns as in the reporting form."""
    for table, title in FORMS.items():
        own = prais[prais["table_id"] == table]
        if own.empty:
            continue
        named = own.assign(column=[heading(*each) for each in zip(own["column_name"], own["units"], strict=True)])
        laid = named.pivot_table(index=[*IDENTITY, "row_name"], columns="column", values="value", sort=False)
        laid = laid[sorted(laid.columns, key=lambda name: (rank(str(name).rsplit(" ", 1)[0]), str(name)))].reset_index()
        ranked = laid.assign(rank=laid["row_name"].map(rank))
        ranked = ranked.sort_values([*IDENTITY, "rank"], kind="stable").drop(columns="rank")
        if table in ("SO1-4.T1", "SO1-4.T2"):
            ranked = ranked.merge(summary[[*KEY, "headline_is", "leads", "warning"]], on=KEY, how="left")
        book.sheet(table, ranked, heading=f"PRAIS 4, {table}: {title}")


def sheets() -> list[tuple[str, str]]:
    """What a row of each sheet is."""
    plain = [(table.title, table.row) for table in schema.TABLES if table not in (schema.AREAS, schema.PRAIS)]
    wide = [(title, "a region over a period, one column for each class") for title in SHEETS.values()]
    listed = [(f"Sheet “{title}”", f"One row: {row}.") for title, row in (*plain[:1], *wide, *plain[1:])]
    return [*listed, ("Sheets “SO…”", "Tables of PRAIS 4, strategic objectives 1, 3 and 4, by their ids.")]


class _Book:
    """A workbook under way: its formats, and one method for each kind of sheet."""

    def __init__(self, path: Path, *, marked: bool) -> None:
        # Strings are never read as formulas or links: they come from files that others wrote.
        options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": False}
        self._book = xlsxwriter.Workbook(str(path), options)
        self._simulated = marked
        self._formats: dict[str, Any] = {}
        self._title = self._book.add_format({"bold": True, "font_size": 14})
        self._head = self._book.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": TABLE_HEAD}
        )
        self._warning = self._book.add_format({"bold": True, "font_color": WARNING_TEXT, "bg_color": WARNING})
        self._text = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._word = self._book.add_format({"valign": "top", "align": "left", "indent": 1})
        self._quoted = self._book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self._date = self._book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left", "valign": "top"})

    def close(self) -> None:
        self._book.close()

    def read_me(self, tables: dict[str, pd.DataFrame]) -> None:
        """The first sheet: what this is, from which data, how to read it, how to cite it."""
        sheet = self._book.add_worksheet("Read me")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 32)
        sheet.set_column(1, 1, 96)
        sheet.write(0, 0, "Land degradation of North-East Asian drylands", self._title)
        if self._simulated:
            sheet.merge_range(1, 0, 1, 1, SIMULATED, self._warning)
        entries = [*notes(tables), *sheets()]
        bold = self._book.add_format({"bold": True, "valign": "top"})
        for line, (key, text) in enumerate(entries, start=2):
            sheet.set_row(line, LINE * _lines(text, 90))
            sheet.write_string(line, 0, key, bold)
            sheet.write_string(line, 1, text, self._text)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)

    def sheet(
        self, title: str, frame: pd.DataFrame, table: schema.Table | None = None, heading: str | None = None
    ) -> None:
        """A sheet with one table: frozen headings, a filter, number formats by units, columns wide enough."""
        sheet = self._book.add_worksheet(title)
        units = {c.name: "whole" if c.kind == "integer" else c.units for c in table.columns} if table else {}
        said = heading or (f"{table.title}: one row is {table.row}" if table else title)
        sheet.write(0, 0, said, self._title)
        if self._simulated and title != "Data dictionary":
            # Results have an origin; documented practices are in the same file and are not simulated.
            warned = "origin" in frame.columns
            sheet.write(1, 0, SIMULATED if warned else DOCUMENTED, self._warning if warned else None)
        top = 2
        for name in {"run", "source_digest"} & set(frame):
            frame = frame.assign(**{name: frame[name].str[:DIGEST]})
        widths = [_width(name, frame[name]) for name in frame.columns]
        for column, name in enumerate(frame.columns):
            sheet.set_column(column, column, widths[column])
            sheet.write_string(top, column, str(name), self._head)
            style = self._format(units.get(name) or _units_of(name))
            for row, value in enumerate(frame[name], start=top + 1):
                self._write(sheet, row, column, value, style)
        sheet.set_row(top, LINE * max(_lines(str(name), width) for name, width in zip(frame, widths, strict=True)))
        for row, height in enumerate(_heights(frame), start=top + 1):
            if height > 1:
                sheet.set_row(row, min(LINE * height, TALLEST))
        frozen_columns = 2 if len(frame.columns) > 1 and str(frame.columns[1]).replace(" ", "_") in NAMES else 1
        sheet.freeze_panes(top + 1, frozen_columns)
        if len(frame):
            sheet.autofilter(top, 0, top + len(frame), len(frame.columns) - 1)
        sheet.repeat_rows(top)
        sheet.set_landscape()
        # Wide tables continue on further pages: on one page they would be too small to read.
        sheet.fit_to_pages(-(-round(sum(widths)) // PAGE), 0)
        sheet.repeat_columns(0, frozen_columns - 1)

    def _write(self, sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
        if pd.isna(value):
            return
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self._time)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, value, self._date)
        elif isinstance(value, str):
            # Quoted, a text that begins like a formula stays text when the sheet is saved as CSV.
            style = self._quoted if FORMULA.match(value) else self._text if len(value) > WIDEST else self._word
            sheet.write_string(row, column, value, style)
        elif isinstance(value, bool | np.bool_):
            sheet.write_string(row, column, "yes" if value else "no", self._word)
        else:
            sheet.write_number(row, column, float(value), style)

    def _format(self, units: str) -> Any:
        if units not in self._formats:
            self._formats[units] = self._book.add_format({"num_format": FORMATS.get(units, "General"), "valign": "top"})
        return self._formats[units]


def _heights(frame: pd.DataFrame) -> list[int]:
    """Number of lines of each row when long text is wrapped; set by us because not all programs compute it."""
    long = [name for name in frame.columns if any(isinstance(v, str) and len(v) > WIDEST for v in frame[name])]
    return [max((_lines(str(row[name]), WIDEST) for name in long), default=1) for row in frame[long].to_dict("records")]


def _units_of(name: str) -> str:
    """The units in the name of a column."""
    if name.endswith(("_km2", " km2")):
        return "km2"
    return "%" if "%" in name else ""


def _lines(text: str, width: float) -> int:
    """How many lines `text` takes in a column."""
    return sum(len(wrap(line, int(width), break_on_hyphens=False)) or 1 for line in text.split("\n"))


def _width(name: str, values: pd.Series) -> float:
    """Width of a column in characters: its longest value, and its heading wrapped at spaces."""
    shown = [f"{v:,.1f}" if isinstance(v, float) else str(v) for v in values.head(500)]
    longest = max((len(text) for text in shown), default=0)
    return min(WIDEST, max(longest, max(map(len, name.split())), 8) + 2)
