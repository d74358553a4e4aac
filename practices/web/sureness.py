"""How sure a result is: the same region by other periods and methods, and the statistics published with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from practices.models import Area, Assessment, Run
from practices.regional import ClassArea, Report, View, percent_degraded
from practices.regional import area_columns as columns


@dataclass(frozen=True)
class Beside:
    """Degraded share of the land, in percent, of one region by one period and method."""

    view: View
    years: str
    percent: float | None


def beside(connection: Connection, region: str, origin: str) -> list[Beside]:
    """The headline of a region by every period and method of one origin, latest revisions."""
    query = (
        select(
            Assessment.period, Assessment.method, Assessment.year_first, Assessment.year_last, Assessment.revision,
            *columns(),
        )
        .join(Area, Area.assessment_id == Assessment.id)
        .join(Run, Run.id == Assessment.run_id)
        .where(Assessment.region_id == region, Assessment.origin == origin, Run.state == "finished")
        .where(Area.indicator == "sdg")
        .order_by(Assessment.year_first, Assessment.period, Assessment.method, Assessment.revision)
    )  # fmt: skip
    found: dict[View, tuple[int, str, dict[str, ClassArea]]] = {}
    for period, method, first, last, revision, *values in connection.execute(query):
        view = View(period, method, origin)
        if view not in found or found[view][0] < revision:
            found[view] = (revision, f"{first}–{last}", {})
        each = ClassArea(*values)
        found[view][2][each.class_name] = each
    return [Beside(view, years, percent_degraded(classes)) for view, (_, years, classes) in found.items()]


@dataclass(frozen=True)
class Statistic:
    """A number that says how sure a result is."""

    name: str
    said: str


def statistics(_connection: Connection, _report: Report) -> list[Statistic]:
    """The statistics published with an assessment, in words."""
    return []
