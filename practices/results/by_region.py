"""What is published, as pages need it: one region by one view, and all regions by one indicator.

A view is a period, a method and an origin: what is shown together always has the same origin, so that simulated and
real results are never shown in one picture. All queries use keys, so that a page is as fast in a large database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from practices.models import (
    Area,
    Assessment,
    BreakPoint,
    DegradedPatch,
    Observation,
    Outline,
    Run,
    StoredRegion,
    Transition,
)
from practices.results.names import quantity_names
from practices.results.published_views import View

#: Classes that are not land, or not known.
NO_LAND = ("water", "no data")


@dataclass(frozen=True)
class ClassArea:
    """Area of a class as mapped in km², its share (0…1) of the land, and where known an interval (95 %).

    `corrected_km2` is the area corrected by reference sites; the interval is of that where it is given.
    """

    indicator: str
    class_name: str
    area_km2: float
    valid_km2: float
    total_km2: float
    share: float | None
    corrected_km2: float | None
    low_km2: float | None
    high_km2: float | None


@dataclass(frozen=True)
class Series:
    """Values of a variable by date."""

    variable: str
    units: str
    dates: tuple[dt.date, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Report:
    """All that is published of a region in one view, in one revision."""

    id: str
    name: str
    countries: tuple[str, ...]
    kind: str
    outline: dict[str, Any]
    roughness_km: float
    view: View
    year_first: int
    year_last: int
    revision: int
    revisions: tuple[Row[Any], ...]
    trend_percent_decade: float | None
    trend_p: float | None
    assessment_id: int
    run_id: int
    run: str
    finished: dt.datetime
    package_version: str
    datasets: dict[str, Any]
    areas: tuple[ClassArea, ...]
    transitions: tuple[Row[Any], ...]
    series: tuple[Series, ...]
    breaks: tuple[Row[Any], ...]
    patches: tuple[Row[Any], ...]

    def classes(self, indicator: str) -> dict[str, ClassArea]:
        """Areas of an indicator by class."""
        return {each.class_name: each for each in self.areas if each.indicator == indicator}

    def of(self, variable: str) -> Series | None:
        """The series of a variable."""
        return next((each for each in self.series if each.variable == variable), None)

    @property
    def quantity(self) -> tuple[str, str]:
        """What productivity measures: its short name, and its name for sentences."""
        annual = self.of("productivity_annual") or self.of("productivity")
        recorded = self.datasets.get("productivity", {}).get("quantity")
        return quantity_names(recorded, annual.units if annual else "1")

    @property
    def sensors(self) -> str:
        """Which sensors a joined record of vegetation is from; empty for one sensor."""
        return str(self.datasets.get("productivity", {}).get("sensors", ""))

    @property
    def searched(self) -> dict[str, str] | None:
        """Which series was searched for breaks (empty: too few years), and the method; None if not recorded."""
        recorded: dict[str, str] | None = self.datasets.get("productivity", {}).get("breaks")
        return recorded

    @property
    def newest(self) -> bool:
        """Whether this is the latest revision."""
        return self.revision == max(each.revision for each in self.revisions)


def land_km2(areas: Iterable[ClassArea]) -> float:
    """The land of an indicator: all classes but water and no data."""
    return sum(each.area_km2 for each in areas if each.class_name not in NO_LAND)


def percent_degraded(areas: dict[str, ClassArea]) -> float | None:
    """Degraded share of the land in percent; None if there is no land or nothing was judged."""
    land = land_km2(areas.values())
    return areas["degraded"].area_km2 / land * 100 if land and "degraded" in areas else None


def shares(connection: Connection, view: View, indicator: str) -> dict[str, dict[str, ClassArea]]:
    """Areas of one indicator by region and class, in the latest revision of one view."""
    query = (
        select(Assessment.region_id, Assessment.revision, *area_columns())
        .join(Area, Area.assessment_id == Assessment.id)
        .join(Run, Run.id == Assessment.run_id)
        .where(Assessment.period == view.period, Assessment.method == view.method, Assessment.origin == view.origin)
        .where(Area.indicator == indicator, Run.state == "finished")
        .order_by(Assessment.revision)
    )
    found: dict[str, tuple[int, dict[str, ClassArea]]] = {}
    for region, revision, *values in connection.execute(query):
        if region not in found or found[region][0] < revision:
            found[region] = (revision, {})
        each = ClassArea(*values)
        found[region][1][each.class_name] = each
    return {region: classes for region, (_, classes) in found.items()}


def area_columns() -> tuple[Any, ...]:
    """The columns of a ClassArea, in its order."""
    names = (
        "indicator", "class_name", "area_km2", "valid_km2", "total_km2", "share", "corrected_km2", "low_km2",
        "high_km2",
    )  # fmt: skip
    return tuple(Area.__table__.columns[name] for name in names)


def report(connection: Connection, region: str, view: View, *, revision: int | None = None) -> Report | None:
    """All that is published of a region in a view, in the latest or another revision; None if there is none."""
    query = (
        select(
            *(Assessment.__table__.columns[name] for name in _OF_ASSESSMENT),
            Run.digest, Run.finished, Run.package_version, Run.datasets,
        )
        .join(Run, Run.id == Assessment.run_id)
        .where(Assessment.region_id == region, Assessment.period == view.period)
        .where(Assessment.method == view.method, Assessment.origin == view.origin, Run.state == "finished")
        .order_by(Assessment.revision.desc())
    )  # fmt: skip
    rows: tuple[Row[Any], ...] = tuple(connection.execute(query))
    row = next((each for each in rows if revision in (None, each.revision)), None)
    if row is None:
        return None
    place = connection.execute(
        select(
            StoredRegion.name, StoredRegion.countries, StoredRegion.kind, StoredRegion.roughness_km, Outline.geometry
        )
        .join(Outline, Outline.digest == row.outline_digest)
        .where(StoredRegion.id == region)
    ).one()
    return Report(
        id=region,
        name=place.name,
        countries=tuple(place.countries),
        kind=place.kind,
        outline=place.geometry,
        roughness_km=place.roughness_km or 0.0,
        view=view,
        year_first=row.year_first,
        year_last=row.year_last,
        revision=row.revision,
        revisions=rows,
        trend_percent_decade=row.trend_percent_decade,
        trend_p=row.trend_p,
        assessment_id=row.id,
        run_id=row.run_id,
        run=row.digest,
        finished=row.finished,
        package_version=row.package_version,
        datasets=row.datasets,
        areas=_areas(connection, row.id),
        transitions=_transitions(connection, row.id),
        series=_series(connection, row.run_id, region),
        breaks=_breaks(connection, row.run_id, region),
        patches=_patches(connection, row.id),
    )


_OF_ASSESSMENT = (
    "id", "run_id", "outline_digest", "year_first", "year_last", "revision", "trend_percent_decade", "trend_p",
)  # fmt: skip


def _areas(connection: Connection, assessment: int) -> tuple[ClassArea, ...]:
    query = select(*area_columns()).where(Area.assessment_id == assessment).order_by(Area.indicator, Area.class_name)
    return tuple(ClassArea(*row) for row in connection.execute(query))


def _transitions(connection: Connection, assessment: int) -> tuple[Row[Any], ...]:
    query = select(Transition.from_class, Transition.to_class, Transition.area_km2)
    return tuple(connection.execute(query.where(Transition.assessment_id == assessment)))


def _series(connection: Connection, run: int, region: str) -> tuple[Series, ...]:
    query = (
        select(Observation.variable, Observation.units, Observation.month, Observation.value)
        .where(Observation.run_id == run, Observation.region_id == region)
        .order_by(Observation.variable, Observation.month)
    )
    found: dict[str, tuple[str, list[dt.date], list[float]]] = {}
    for variable, units, month, value in connection.execute(query):
        _, dates, values = found.setdefault(variable, (units, [], []))
        dates.append(month)
        values.append(value)
    return tuple(
        Series(name, units, tuple(dates), tuple(values)) for name, (units, dates, values) in sorted(found.items())
    )


def _patches(connection: Connection, assessment: int) -> tuple[Row[Any], ...]:
    own = [column for column in DegradedPatch.__table__.columns if column.name != "assessment_id"]
    query = select(*own).where(DegradedPatch.assessment_id == assessment)
    return tuple(connection.execute(query.order_by(DegradedPatch.patch)))


def _breaks(connection: Connection, run: int, region: str) -> tuple[Row[Any], ...]:
    names = (
        "variable", "date", "low", "high", "cadence", "magnitude", "test", "p",
        "spi", "spei", "soil_moisture_z", "drought", "explained_by_rain", "series", "break_method",
    )  # fmt: skip
    query = (
        select(*(BreakPoint.__table__.columns[name] for name in names))
        .where(BreakPoint.run_id == run, BreakPoint.region_id == region)
        .order_by(BreakPoint.variable, BreakPoint.date)
    )
    return tuple(connection.execute(query))
