"""How sure assessments are, what experts set right, and the tables of PRAIS 4."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of statistics, recoded areas and report values."""
    op.create_table(
        "statistic",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("p", sa.Double(), nullable=True),
        sa.Column("units", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("assessment_id", "name", name="pk_statistic"),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name="fk_statistic_assessment_id"),
    )
    op.create_table(
        "recode",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("wrongly_shown_as", sa.String(), nullable=False),
        sa.Column("should_be", sa.String(), nullable=False),
        sa.Column("justification", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("prais_term", sa.String(), nullable=True),
        sa.Column("pixels", sa.Integer(), nullable=False),
        sa.Column("area_km2", sa.Double(), nullable=False),
        sa.Column("before_km2", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("assessment_id", "name", name="pk_recode"),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name="fk_recode_assessment_id"),
        sa.CheckConstraint("wrongly_shown_as <> should_be", name=op.f("ck_recode_change")),
        sa.CheckConstraint("pixels >= 0 AND area_km2 >= 0 AND before_km2 >= area_km2", name=op.f("ck_recode_areas")),
    )
    op.create_table(
        "report_value",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("table_id", sa.String(), nullable=False),
        sa.Column("row_name", sa.String(), nullable=False),
        sa.Column("column_name", sa.String(), nullable=False),
        sa.Column("units", sa.String(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint(
            "assessment_id", "table_id", "row_name", "column_name", "units", name="pk_report_value"
        ),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name="fk_report_value_assessment_id"),
    )


def downgrade() -> None:
    """Drop them; areas and transitions stay."""
    for table in ("report_value", "recode", "statistic"):
        op.drop_table(table)
