"""Headlines of published assessments, read from the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from practices.models import Area, Statistic
from practices.report.headline import NAMES, Headline, headline
from practices.report.headline_tables import INDICATORS, Key, gathered
from practices.results.by_region import Report
from practices.results.names import AGREEMENT
from practices.results.published_views import View
from practices.results.queries import latest


@dataclass(frozen=True)
class RegionHeadline:
    """The headline of one assessment: its region, view and years."""

    region: str
    view: View
    year_first: int
    year_last: int
    headline: Headline


def of_view(connection: Connection, view: View) -> dict[str, Headline]:
    """Headlines by region in one view, latest revisions."""
    return {each.region: each.headline for each in _read(connection, vars(view))}


def of_region(connection: Connection, region: str, origin: str) -> list[RegionHeadline]:
    """Headlines of a region by every period and method of one origin, latest revisions, in the order of years."""
    return _read(connection, {"region": region, "origin": origin})


def of_report(report: Report, statistics: Iterable[Any]) -> Headline:
    """The headline of a report with its statistics (objects with name, value, low and high)."""
    areas: dict[str, dict[str, float]] = {}
    for each in report.areas:
        areas.setdefault(each.indicator, {})[each.class_name] = each.area_km2
    return headline(areas, {each.name: (each.value, each.low, each.high) for each in statistics})


def _read(connection: Connection, where: dict[str, Any]) -> list[RegionHeadline]:
    chosen = latest().order_by(None).subquery()
    wanted: list[ColumnElement[bool]] = [chosen.c[name] == value for name, value in where.items()]
    wanted.append(chosen.c.method != AGREEMENT)
    identity = [chosen.c[name] for name in ("region", "year_first", "year_last", "period", "method", "origin")]

    def rows(query: Select[Any]) -> list[tuple[Key, Sequence[Any]]]:
        size = len(identity)
        return [(tuple(row[:size]), tuple(row[size:])) for row in connection.execute(query)]

    areas = (
        select(*identity, Area.indicator, Area.class_name, Area.area_km2)
        .join(Area, Area.assessment_id == chosen.c.assessment_id)
        .where(*wanted, Area.indicator.in_(INDICATORS))
        .order_by(*identity)
    )
    statistics = (
        select(*identity, Statistic.name, Statistic.value, Statistic.low, Statistic.high)
        .join(Statistic, Statistic.assessment_id == chosen.c.assessment_id)
        .where(*wanted, Statistic.name.in_(NAMES))
    )
    return [
        RegionHeadline(region, View(period, method, origin), first, last, found)
        for (region, first, last, period, method, origin), found in gathered(rows(areas), rows(statistics)).items()
    ]
