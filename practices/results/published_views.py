"""The views that results are published for, and the one that pages show first.

A view is a period, a method and an origin: results of different origins are never shown in one picture.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from practices.models import ORIGINS, Assessment, Run
from practices.results.names import AGREEMENT

#: Method shown first where several are published.
FIRST_METHOD = "ne-asia-2"


@dataclass(frozen=True)
class View:
    """Which results are looked at."""

    period: str
    method: str
    origin: str

    @property
    def simulated(self) -> bool:
        """Whether they are of a virtual landscape."""
        return self.origin == "simulated"


@dataclass(frozen=True)
class Choice:
    """A view with published results."""

    view: View
    year_first: int
    year_last: int


def choices(connection: Connection, region: str | None = None) -> list[Choice]:
    """The published views, the one to show first at the head: real data, longest period."""
    columns = (Assessment.period, Assessment.method, Assessment.origin, Assessment.year_first, Assessment.year_last)
    query = select(*columns).join(Run, Run.id == Assessment.run_id).where(Run.state == "finished").distinct()
    query = query.where(Assessment.method != AGREEMENT)
    if region is not None:
        query = query.where(Assessment.region_id == region)
    widest: dict[View, tuple[int, int]] = {}
    for row in connection.execute(query):
        view = View(row.period, row.method, row.origin)
        first, last = widest.get(view, (row.year_first, row.year_last))
        widest[view] = min(first, row.year_first), max(last, row.year_last)
    found = [Choice(view, first, last) for view, (first, last) in widest.items()]
    return sorted(found, key=preference)


def preference(choice: Choice) -> tuple[Any, ...]:
    """What to sort views by for the one to show first: real data, longest period, the method made for the drylands."""
    view = choice.view
    length = choice.year_last - choice.year_first
    return ORIGINS.index(view.origin), -length, view.method != FIRST_METHOD, view.method, view.period


def chosen(
    found: Sequence[Choice], *, period: str | None = None, method: str | None = None, origin: str | None = None
) -> Choice | None:
    """The first view that matches; None as an argument matches all. None where no view matches."""
    asked = {"period": period, "method": method, "origin": origin}
    wanted = {name: value for name, value in asked.items() if value}
    return next(
        (each for each in found if all(getattr(each.view, name) == value for name, value in wanted.items())), None
    )


def published(connection: Connection) -> tuple[int, dt.datetime | None]:
    """The number of finished runs, and the end of the last one."""
    row = connection.execute(select(func.count(Run.id), func.max(Run.finished)).where(Run.state == "finished")).one()
    return int(row[0]), row[1]
