"""Parts of a region's page for the national report: PRAIS 4 tables, areas corrected by experts, areas by country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, select

from practices.charts.units import units_for_people
from practices.exports.prais_forms import FORMS, heading, rank
from practices.models import Recode, ReportValue, StoredRegion
from practices.numbers import number
from practices.report import headlines
from practices.results.by_region import Report
from practices.results.names import LAND

#: Name and units.
Column: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Form:
    """A PRAIS 4 table: its id, title and columns (with units), and its rows as a name and one cell for each column."""

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class CountryAreas:
    """Land by class (km²) of the regions of a country, added up; a region in several countries counts in full in each.

    `number` says which number of SDG 15.3.1 it is: in a reporting period the status, which the country reports.
    `shared_km2` is how much of the land comes from such regions. All are the latest revisions.
    """

    country: str
    regions: int
    number: str
    classes: dict[str, float]
    shared_km2: float

    @property
    def land_km2(self) -> float:
        """All of the land."""
        return sum(self.classes.values())


def forms(connection: Connection, report: Report) -> tuple[Form, ...]:
    """The published PRAIS 4 tables of a report, in the layout of the forms."""
    names = ("table_id", "row_name", "column_name", "units", "value")
    query = select(*(ReportValue.__table__.columns[name] for name in names))
    query = query.where(ReportValue.assessment_id == report.assessment_id)
    tables: dict[str, dict[tuple[str, Column], float]] = {}
    for table, row, column, units, value in connection.execute(query):
        tables.setdefault(table, {})[row, (column, units)] = value
    return tuple(_form(table, tables[table]) for table in FORMS if table in tables)


def _form(table: str, cells: dict[tuple[str, Column], float]) -> Form:
    columns = sorted({column for _, column in cells}, key=lambda column: (rank(column[0]), column))
    names = sorted({row for row, _ in cells}, key=lambda row: (rank(row), row))
    rows = [(row, tuple(number(cells.get((row, column))) for column in columns)) for row in names]
    return Form(
        table, FORMS[table], tuple(heading(name, units_for_people(units)) for name, units in columns), tuple(rows)
    )


def recodes(connection: Connection, report: Report) -> list[Row[Any]]:
    """The areas that experts corrected in a report, by name, with author, reason and effect of each."""
    own = [column for column in Recode.__table__.columns if column.name != "assessment_id"]
    query = select(*own).where(Recode.assessment_id == report.assessment_id)
    return list(connection.execute(query.order_by(Recode.name)))


def countries(connection: Connection, report: Report) -> list[CountryAreas]:
    """The headline of the countries that a region lies in: all their regions in the view of the report, added up."""
    found = headlines.of_view(connection, report.view)
    countries_of = {
        row.id: row.countries
        for row in connection.execute(select(StoredRegion.id, StoredRegion.countries))
        if row.id in found
    }
    made = []
    for country in report.countries:
        own = [region for region, there in countries_of.items() if country in there]
        classes = {name: sum(found[region].classes.get(name, 0.0) for region in own) for name in LAND}
        shared = sum(sum(found[region].classes.values()) for region in own if len(countries_of[region]) > 1)
        numbers = " and ".join(sorted({found[region].official.name for region in own}))
        if own:
            made.append(CountryAreas(country, len(own), numbers, classes, shared))
    return made
