"""Practices, their sites, and the evidence for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of practices."""
    op.create_table(
        "practice",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=True),
        sa.Column("end", sa.Integer(), nullable=True),
        sa.Column("evidence_type", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_practice"),
    )
    op.create_table(
        "practice_site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("practice_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("radius_km", sa.Double(), nullable=True),
        sa.Column("coord_basis", sa.String(), nullable=False),
        sa.Column("coord_precision_km", sa.Double(), nullable=True),
        sa.Column("outline_digest", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_practice_site"),
        sa.UniqueConstraint("practice_id", "name", name="uq_practice_site_practice_id_name"),
        sa.ForeignKeyConstraint(["practice_id"], ["practice.id"], name="fk_practice_site_practice_id"),
        sa.ForeignKeyConstraint(["outline_digest"], ["outline.digest"], name="fk_practice_site_outline_digest"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("effect", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.Column("p", sa.Double(), nullable=True),
        sa.Column("controls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("site_id", "assessment_id", "method", name="uq_evidence_site_id_assessment_id_method"),
        sa.ForeignKeyConstraint(["site_id"], ["practice_site.id"], name="fk_evidence_site_id"),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name="fk_evidence_assessment_id"),
    )


def downgrade() -> None:
    """Drop them; assessments stay."""
    for table in ("evidence", "practice_site", "practice"):
        op.drop_table(table)
