"""Runs and what they found: assessments with their areas and transitions, series and their breaks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from practices.models.base import Base, one_of

ORIGINS = ("earth-engine", "offline-files", "simulated")
STATES = ("finished", "failed")


class Outline(Base):
    """An outline (GeoJSON, WGS84) by its digest: an assessment keeps the one it was made with."""

    __tablename__ = "outline"
    digest: Mapped[str] = mapped_column(primary_key=True)
    geometry: Mapped[dict[str, Any]]


class StoredRegion(Base):
    """A region under its id; name, countries (ISO 3166 alpha-3) and outline are those last published.

    `roughness_km`: how far the outline may be off; empty: not recorded.
    """

    __tablename__ = "region"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    countries: Mapped[list[str]]
    kind: Mapped[str]
    outline_digest: Mapped[str] = mapped_column(ForeignKey("outline.digest"))
    roughness_km: Mapped[float | None]


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
    source_digest: Mapped[str]
    started: Mapped[dt.datetime]
    finished: Mapped[dt.datetime]
    state: Mapped[str]


class Assessment(Base):
    """A region over a period by a method; each further run of the same is a further revision."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("region_id", "period", "method", "origin", "revision"),
        UniqueConstraint("run_id", "region_id", "period", "method"),
        UniqueConstraint("id", "origin"),
        ForeignKeyConstraint(["run_id", "origin"], ["run.id", "run.origin"]),
        CheckConstraint("year_first <= year_last", name="years"),
        Index("ix_assessment_period", "period", "method", "origin"),
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
    """Area of one class of one indicator, as mapped.

    `corrected_km2` is the area corrected by reference sites, where such were given. `low_km2` and `high_km2` are the
    95 % interval of the corrected area where there is one, else of the mapped area, where that is known.
    """

    __tablename__ = "area"
    __table_args__ = (CheckConstraint("area_km2 >= 0 AND valid_km2 >= 0 AND total_km2 >= 0", name="areas"),)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    indicator: Mapped[str] = mapped_column(primary_key=True)
    class_name: Mapped[str] = mapped_column(primary_key=True)
    area_km2: Mapped[float]
    valid_km2: Mapped[float]
    total_km2: Mapped[float]
    share: Mapped[float | None]
    corrected_km2: Mapped[float | None]
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
    """The first date after a break, with its 95 % interval; `cadence`: the time step of the series.

    `series` is what was searched for breaks, in words, and `break_method` how; both are empty in results of before
    revision 0010 of the schema. A yearly series is dated by the first of January of the first year after the break.
    `spi`, `spei` and `soil_moisture_z` are the lowest of the twelve months that end with the first growing season to
    end after the break, `drought` the class that follows; all are empty where nothing is recorded.
    """

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
    spi: Mapped[float | None]
    spei: Mapped[float | None]
    soil_moisture_z: Mapped[float | None]
    drought: Mapped[str | None]
    explained_by_rain: Mapped[bool | None]
    series: Mapped[str | None]
    break_method: Mapped[str | None]
