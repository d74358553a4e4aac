"""Practices and the places where they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from practices.models.base import Base


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
