"""The tables. A run is published whole or not at all; nothing published is changed afterwards."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ORIGINS = ("earth-engine", "offline-files", "simulated")


class Base(DeclarativeBase):
    """Base of all tables."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012


class Region(Base):
    """A region as it was when a run was published."""

    __tablename__ = "region"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    countries: Mapped[str]
    kind: Mapped[str]
    geometry: Mapped[dict[str, Any]]


class Run(Base):
    """One computation: what went in, by digest. `origin` keeps simulated and real results apart."""

    __tablename__ = "run"
    __table_args__ = (CheckConstraint("origin IN ('earth-engine', 'offline-files', 'simulated')", name="run_origin"),)
    digest: Mapped[str] = mapped_column(primary_key=True)
    origin: Mapped[str]
    datasets: Mapped[dict[str, Any]]
    package_version: Mapped[str]
    started: Mapped[datetime]
    finished: Mapped[datetime]


class Assessment(Base):
    """A region over a period by a method; a changed result is a further revision."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("region_id", "period", "method", "origin", "revision", name="assessment_revision"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"))
    run_digest: Mapped[str] = mapped_column(ForeignKey("run.digest"))
    period: Mapped[str]
    year_first: Mapped[int]
    year_last: Mapped[int]
    method: Mapped[str]
    origin: Mapped[str]
    revision: Mapped[int]
    trend_percent_decade: Mapped[float | None]
    trend_p: Mapped[float | None]


class Area(Base):
    """Area of one class of one indicator."""

    __tablename__ = "area"
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(primary_key=True)
    class_name: Mapped[str] = mapped_column(primary_key=True)
    area_km2: Mapped[float]
    valid_km2: Mapped[float]
    total_km2: Mapped[float]
    share: Mapped[float | None]


class Transition(Base):
    """Area of one land-cover transition."""

    __tablename__ = "transition"
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    from_class: Mapped[str] = mapped_column(primary_key=True)
    to_class: Mapped[str] = mapped_column(primary_key=True)
    area_km2: Mapped[float]


class Observation(Base):
    """A value of the region's series in a month."""

    __tablename__ = "observation"
    run_digest: Mapped[str] = mapped_column(ForeignKey("run.digest"), primary_key=True)
    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"), primary_key=True)
    variable: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[float]
    units: Mapped[str]


class BreakPoint(Base):
    """A break of the region's annual series, with its 95 % interval of years."""

    __tablename__ = "break_point"
    run_digest: Mapped[str] = mapped_column(ForeignKey("run.digest"), primary_key=True)
    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"), primary_key=True)
    variable: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    low: Mapped[int]
    high: Mapped[int]
    magnitude: Mapped[float]


class Practice(Base):
    """A documented practice; `record` holds all that is known of it, sources and caveats included."""

    __tablename__ = "practice"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    country: Mapped[str]
    start: Mapped[int | None]
    evidence_type: Mapped[str]
    confidence: Mapped[str]
    record: Mapped[dict[str, Any]]
