"""Evidence: what satellites say of a practice at a site, in one assessment."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from practices.models.base import Base


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
