"""Further results of an assessment: certainty, corrections by experts, degraded patches, and the tables of PRAIS 4."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from practices.models.base import Base


class Statistic(Base):
    """A number on an assessment, with its 95 % interval and p-value where it has them; `note` says how it was made."""

    __tablename__ = "statistic"
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    p: Mapped[float | None]
    units: Mapped[str]
    note: Mapped[str]


class Recode(Base):
    """An area that experts knew to be classed wrongly, and what setting it right changed in this assessment."""

    __tablename__ = "recode"
    __table_args__ = (
        CheckConstraint("wrongly_shown_as <> should_be", name="change"),
        CheckConstraint("pixels >= 0 AND area_km2 >= 0 AND before_km2 >= area_km2", name="areas"),
    )
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    wrongly_shown_as: Mapped[str]
    should_be: Mapped[str]
    justification: Mapped[str]
    who: Mapped[str]
    date: Mapped[dt.date]
    prais_term: Mapped[str | None]
    pixels: Mapped[int]
    area_km2: Mapped[float]
    before_km2: Mapped[float]


class DegradedPatch(Base):
    """A patch of degraded land: where it is, since when it lost how much, and what the loss is associated with.

    `year` is the first year of the loss with its 80 % interval; `loss` a fraction of productivity against matched land;
    `r` the rank correlation of productivity with the driver over the years, both against matched land.
    """

    __tablename__ = "degraded_patch"
    __table_args__ = (CheckConstraint("area_km2 >= 0", name="area"),)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    patch: Mapped[int] = mapped_column(primary_key=True)
    area_km2: Mapped[float]
    lat: Mapped[float]
    lon: Mapped[float]
    verdict: Mapped[str]
    sentence: Mapped[str]
    year: Mapped[int | None]
    low: Mapped[int | None]
    high: Mapped[int | None]
    loss: Mapped[float | None]
    probability: Mapped[float | None]
    driver: Mapped[str | None]
    r: Mapped[float | None]
    r_low: Mapped[float | None]
    r_high: Mapped[float | None]


class ReportValue(Base):
    """A cell of a PRAIS 4 table, named by the table's id, its row and its column."""

    __tablename__ = "report_value"
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    table_id: Mapped[str] = mapped_column(primary_key=True)
    row_name: Mapped[str] = mapped_column(primary_key=True)
    column_name: Mapped[str] = mapped_column(primary_key=True)
    units: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float]
