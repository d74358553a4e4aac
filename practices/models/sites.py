"""Practices, every revision of their records, and the places where they are."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from practices.models.base import Base


class Practice(Base):
    """A documented practice in its newest revision; `record` is the whole record.

    A retired practice stays, with its history, and is shown on request only.
    """

    __tablename__ = "practice"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    country: Mapped[str]
    start: Mapped[int | None]
    end: Mapped[int | None]
    evidence_type: Mapped[str]
    confidence: Mapped[str]
    record: Mapped[dict[str, Any]]
    revision: Mapped[int]
    retired: Mapped[bool]


class PracticeRevision(Base):
    """A record as it was written: by whom, when (UTC) and why. Never changed, never removed."""

    __tablename__ = "practice_revision"
    __table_args__ = (CheckConstraint("revision >= 1", name="revision"),)
    practice_id: Mapped[str] = mapped_column(ForeignKey("practice.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    who: Mapped[str]
    at: Mapped[dt.datetime]
    why: Mapped[str]
    retired: Mapped[bool]
    record: Mapped[dict[str, Any]]


class PracticeSite(Base):
    """Where a practice is: a point with a guessed radius, and an outline only where one is known.

    A site that changes is a new row, since evidence belongs to the place that it was computed for: `since` is the
    first revision of the practice that has it, `until` the first that has not; current sites have no `until`.
    """

    __tablename__ = "practice_site"
    __table_args__ = (
        UniqueConstraint("practice_id", "name", "since"),
        CheckConstraint("until IS NULL OR until > since", name="until"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    practice_id: Mapped[str] = mapped_column(ForeignKey("practice.id"))
    name: Mapped[str]
    since: Mapped[int]
    until: Mapped[int | None]
    lat: Mapped[float]
    lon: Mapped[float]
    radius_km: Mapped[float | None]
    coord_basis: Mapped[str]
    coord_precision_km: Mapped[float | None]
    note: Mapped[str | None]
    outline_digest: Mapped[str | None] = mapped_column(ForeignKey("outline.digest"))
