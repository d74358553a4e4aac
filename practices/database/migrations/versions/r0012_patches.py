"""Degraded patches, and what their loss is associated with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of degraded patches."""
    op.create_table(
        "degraded_patch",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("patch", sa.Integer(), nullable=False),
        sa.Column("area_km2", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("low", sa.Integer(), nullable=True),
        sa.Column("high", sa.Integer(), nullable=True),
        sa.Column("loss", sa.Double(), nullable=True),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("driver", sa.String(), nullable=True),
        sa.Column("r", sa.Double(), nullable=True),
        sa.Column("r_low", sa.Double(), nullable=True),
        sa.Column("r_high", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("assessment_id", "patch", name="pk_degraded_patch"),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name="fk_degraded_patch_assessment_id"),
        sa.CheckConstraint("area_km2 >= 0", name=op.f("ck_degraded_patch_area")),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("degraded_patch")
