"""Evidence with all that it rests on: outcome, balance, event study, places; its origin bound to the assessment's.

Evidence that is there was never computed by a published version; it goes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table again."""
    op.drop_table("evidence")
    with op.batch_alter_table("assessment") as table:
        table.create_unique_constraint("uq_assessment_id_origin", ["id", "origin"])
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("origin", "method", "outcome")),
        sa.Column("revision", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("digest", "kind")),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("units", sa.String(), nullable=False),
        sa.Column("effect", sa.Double(), nullable=False),
        sa.Column("effect_percent", sa.Double(), nullable=True),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("low", "high")),
        sa.Column("interval", sa.String(), nullable=False),
        *(
            sa.Column(name, sa.Double(), nullable=True)
            for name in ("standard_error", "p", "p_parallel", "minimum_detectable")
        ),
        sa.Column("mean_before", sa.Double(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("treated", "dropped", "controls", "places")),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("balance", "event_study")),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint(
            "site_id",
            "assessment_id",
            "method",
            "outcome",
            "revision",
            name="uq_evidence_site_id_assessment_id_method_outcome_revision",
        ),
        sa.ForeignKeyConstraint(["site_id"], ["practice_site.id"], name="fk_evidence_site_id"),
        sa.ForeignKeyConstraint(
            ["assessment_id", "origin"],
            ["assessment.id", "assessment.origin"],
            name="fk_evidence_assessment_id_origin",
        ),
        sa.CheckConstraint(
            "outcome IN ('productivity', 'productivity_climate_adjusted')", name=op.f("ck_evidence_outcome")
        ),
        sa.CheckConstraint("kind IN ('satellite')", name=op.f("ck_evidence_kind")),
        sa.CheckConstraint("interval IN ('places', 'clustered errors')", name=op.f("ck_evidence_interval")),
        sa.CheckConstraint("low <= effect AND effect <= high", name=op.f("ck_evidence_bounds")),
    )


def downgrade() -> None:
    """Back to the small table, empty: what it could not say is not cut to its size."""
    op.drop_table("evidence")
    with op.batch_alter_table("assessment") as table:
        table.drop_constraint("uq_assessment_id_origin", type_="unique")
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        *(sa.Column(name, sa.Double(), nullable=False) for name in ("effect", "low", "high")),
        sa.Column("p", sa.Double(), nullable=True),
        sa.Column("controls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("site_id", "assessment_id", "method", name="uq_evidence_site_id_assessment_id_method"),
        sa.ForeignKeyConstraint(["site_id"], ["practice_site.id"], name="fk_evidence_site_id"),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name="fk_evidence_assessment_id"),
    )
