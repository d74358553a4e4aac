"""Alarms of the monitor, and what became of them; neither is ever changed, a later verdict is a further row."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from practices.models.base import Base, one_of
from practices.models.runs import ORIGINS

SCOPES = ("region", "pixels")
FATES = ("confirmed", "withdrawn")


class Alarm(Base):
    """A change that the monitor signalled in a region's mean, or in an area (km²) of its pixels.

    `place` is `whole`, or latitude and longitude of the cell that alarmed first; `date` is that of the first image
    that crossed the boundary, `seen` the last day of the data when it was raised; `strength` the mean deviation
    since, in standard deviations of the history; z-scores are of the months before.
    """

    __tablename__ = "alarm"
    __table_args__ = (
        UniqueConstraint("region_id", "origin", "scope", "place", "variable", "date", "method"),
        CheckConstraint(one_of("origin", ORIGINS), name="origin"),
        CheckConstraint(one_of("scope", SCOPES), name="scope"),
        CheckConstraint("date <= seen", name="seen"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    region_id: Mapped[str] = mapped_column(ForeignKey("region.id"))
    origin: Mapped[str]
    scope: Mapped[str]
    place: Mapped[str]
    variable: Mapped[str]
    date: Mapped[dt.date]
    method: Mapped[str]
    seen: Mapped[dt.date]
    magnitude: Mapped[float]
    units: Mapped[str]
    area_km2: Mapped[float | None]
    strength: Mapped[float]
    images: Mapped[int]
    rain_z: Mapped[float | None]
    soil_moisture_z: Mapped[float | None]
    context: Mapped[str]
    confidence: Mapped[str]


class AlarmFate(Base):
    """What later images made of an alarm, seen up to a day."""

    __tablename__ = "alarm_fate"
    __table_args__ = (CheckConstraint(one_of("fate", FATES), name="fate"),)
    alarm_id: Mapped[int] = mapped_column(ForeignKey("alarm.id"), primary_key=True)
    seen: Mapped[dt.date] = mapped_column(primary_key=True)
    fate: Mapped[str]
    strength: Mapped[float]
