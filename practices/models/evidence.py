"""Evidence: what satellites say of a practice at a site, in one assessment."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from practices.models.base import Base, one_of

OUTCOMES = ("productivity", "productivity_climate_adjusted")
#: How an effect is known; what is reported or measured on the ground stays with the practice's record.
KINDS = ("satellite",)
INTERVALS = ("places", "clustered errors")


class Evidence(Base):
    """Effect of a practice at a site on one outcome against matched controls, in one assessment.

    `effect`, `low`, `high` (95 %), `standard_error` and `minimum_detectable` are in the outcome's units,
    `effect_percent` is of the treated cells' mean before the start. Another result for the same is a further
    revision. `demonstration`: computed on a circle around a point, no evidence. `origin` is that of the assessment.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        UniqueConstraint("site_id", "assessment_id", "method", "outcome", "revision"),
        ForeignKeyConstraint(["assessment_id", "origin"], ["assessment.id", "assessment.origin"]),
        CheckConstraint(one_of("outcome", OUTCOMES), name="outcome"),
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("interval", INTERVALS), name="interval"),
        CheckConstraint("low <= effect AND effect <= high", name="bounds"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("practice_site.id"))
    assessment_id: Mapped[int]
    origin: Mapped[str]
    method: Mapped[str]
    outcome: Mapped[str]
    revision: Mapped[int]
    digest: Mapped[str]
    kind: Mapped[str]
    demonstration: Mapped[bool]
    start: Mapped[int]
    units: Mapped[str]
    effect: Mapped[float]
    effect_percent: Mapped[float | None]
    low: Mapped[float]
    high: Mapped[float]
    interval: Mapped[str]
    standard_error: Mapped[float | None]
    p: Mapped[float | None]
    p_parallel: Mapped[float | None]
    minimum_detectable: Mapped[float | None]
    mean_before: Mapped[float]
    treated: Mapped[int]
    dropped: Mapped[int]
    controls: Mapped[int]
    places: Mapped[int]
    balance: Mapped[list[dict[str, Any]]]
    event_study: Mapped[list[dict[str, Any]]]
    note: Mapped[str | None]
