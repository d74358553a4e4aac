"""The tables. A run is published whole or not at all; nothing published is changed afterwards.

Times are UTC without a zone. Areas are in km². `origin` is part of what identifies a result, and a foreign key binds
it to that of the run, so that a simulated result can never stand among real ones.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ORIGINS = ("earth-engine", "offline-files", "simulated")
STATES = ("finished", "failed")


def one_of(column: str, values: tuple[str, ...]) -> str:
    """The SQL condition that a column holds one of some words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Base(DeclarativeBase):
    """Base of all tables; constraints have names, so that a migration can drop them on every server."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: JSON, list[str]: JSON}  # noqa: RUF012


class Outline(Base):
    """An outline (GeoJSON, WGS84) by its digest: an assessment keeps the one it was made with."""

    __tablename__ = "outline"
    digest: Mapped[str] = mapped_column(primary_key=True)
    geometry: Mapped[dict[str, Any]]


class Region(Base):
    """A region under its id; name, countries (ISO 3166 alpha-3) and outline are those last published."""

    __tablename__ = "region"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    countries: Mapped[list[str]]
    kind: Mapped[str]
    outline_digest: Mapped[str] = mapped_column(ForeignKey("outline.digest"))


class Run(Base):
    """One computation. `digest` names what went in; a further `attempt` came to another result from the same."""

    __tablename__ = "run"
    __table_args__ = (
        UniqueConstraint("digest", "attempt"),
        UniqueConstraint("id", "origin"),
        CheckConstraint(one_of("origin", ORIGINS), name="origin"),
        CheckConstraint(one_of("state", STATES), name="state"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]
    attempt: Mapped[int]
    content_digest: Mapped[str]
    origin: Mapped[str]
    datasets: Mapped[dict[str, Any]]
    graph_digest: Mapped[str]
    package_version: Mapped[str]
    started: Mapped[dt.datetime]
    finished: Mapped[dt.datetime]
    state: Mapped[str]


class Assessment(Base):
    """A region over a period by a method; each further run of the same is a further revision."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("region_id", "period", "method", "origin", "revision"),
        UniqueConstraint("run_id", "region_id", "period", "method"),
        ForeignKeyConstraint(["run_id", "origin"], ["run.id", "run.origin"]),
        CheckConstraint("year_first <= year_last", name="years"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"))
    outline_digest: Mapped[str] = mapped_column(ForeignKey("outline.digest"))
    run_id: Mapped[int]
    origin: Mapped[str]
    period: Mapped[str]
    year_first: Mapped[int]
    year_last: Mapped[int]
    method: Mapped[str]
    revision: Mapped[int]
    trend_percent_decade: Mapped[float | None]
    trend_p: Mapped[float | None]


class Area(Base):
    """Area of one class of one indicator; `low` and `high` bound it (95 %) where that is known."""

    __tablename__ = "area"
    __table_args__ = (CheckConstraint("area_km2 >= 0 AND valid_km2 >= 0 AND total_km2 >= 0", name="areas"),)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(primary_key=True)
    class_name: Mapped[str] = mapped_column(primary_key=True)
    area_km2: Mapped[float]
    valid_km2: Mapped[float]
    total_km2: Mapped[float]
    share: Mapped[float | None]
    low_km2: Mapped[float | None]
    high_km2: Mapped[float | None]


class Transition(Base):
    """Area that went from one land-cover class to another over the assessment's land-cover window."""

    __tablename__ = "transition"
    __table_args__ = (CheckConstraint("area_km2 >= 0", name="area"),)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    from_class: Mapped[str] = mapped_column(primary_key=True)
    to_class: Mapped[str] = mapped_column(primary_key=True)
    area_km2: Mapped[float]


class Observation(Base):
    """A value of a region's series; `month` is the first day of the month, or of the year of an annual value."""

    __tablename__ = "observation"
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"), primary_key=True)
    variable: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[dt.date] = mapped_column(primary_key=True)
    value: Mapped[float]
    units: Mapped[str]


class BreakPoint(Base):
    """The last date before a break, with its 95 % interval; `cadence` tells how finely the series is dated."""

    __tablename__ = "break_point"
    __table_args__ = (CheckConstraint("low <= date AND date <= high", name="interval"),)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id"), primary_key=True)
    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"), primary_key=True)
    variable: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    low: Mapped[dt.date]
    high: Mapped[dt.date]
    cadence: Mapped[str]
    magnitude: Mapped[float]
    test: Mapped[str | None]
    p: Mapped[float | None]


class Practice(Base):
    """A documented practice; `record` holds all that is known of it, sources and caveats included."""

    __tablename__ = "practice"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    country: Mapped[str]
    start: Mapped[int | None]
    end: Mapped[int | None]
    evidence_type: Mapped[str]
    confidence: Mapped[str]
    record: Mapped[dict[str, Any]]


class PracticeSite(Base):
    """Where a practice is: a point with a guessed radius, and an outline only where one is known."""

    __tablename__ = "practice_site"
    __table_args__ = (UniqueConstraint("practice_id", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    practice_id: Mapped[str] = mapped_column(ForeignKey("practice.id"))
    name: Mapped[str]
    lat: Mapped[float]
    lon: Mapped[float]
    radius_km: Mapped[float | None]
    coord_basis: Mapped[str]
    coord_precision_km: Mapped[float | None]
    outline_digest: Mapped[str | None] = mapped_column(ForeignKey("outline.digest"))


class Evidence(Base):
    """Effect of a practice at a site against matched controls, with its interval, in one assessment."""

    __tablename__ = "evidence"
    __table_args__ = (UniqueConstraint("site_id", "assessment_id", "method"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("practice_site.id"))
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"))
    method: Mapped[str]
    effect: Mapped[float]
    low: Mapped[float]
    high: Mapped[float]
    p: Mapped[float | None]
    controls: Mapped[int]
