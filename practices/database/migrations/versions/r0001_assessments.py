"""Runs, regions and what was found in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of runs and assessments."""
    op.create_table(
        "outline",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("geometry", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_outline"),
    )
    op.create_table(
        "region",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("outline_digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_region"),
        sa.ForeignKeyConstraint(["outline_digest"], ["outline.digest"], name="fk_region_outline_digest"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("content_digest", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("datasets", sa.JSON(), nullable=False),
        sa.Column("graph_digest", sa.String(), nullable=False),
        sa.Column("package_version", sa.String(), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=False),
        sa.Column("finished", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.UniqueConstraint("digest", "attempt", name="uq_run_digest_attempt"),
        sa.UniqueConstraint("id", "origin", name="uq_run_id_origin"),
        sa.CheckConstraint("origin IN ('earth-engine', 'offline-files', 'simulated')", name=op.f("ck_run_origin")),
        sa.CheckConstraint("state IN ('finished', 'failed')", name=op.f("ck_run_state")),
    )
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.String(), nullable=False),
        sa.Column("outline_digest", sa.String(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("year_first", sa.Integer(), nullable=False),
        sa.Column("year_last", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("trend_percent_decade", sa.Double(), nullable=True),
        sa.Column("trend_p", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_assessment"),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name="fk_assessment_region_id"),
        sa.ForeignKeyConstraint(["outline_digest"], ["outline.digest"], name="fk_assessment_outline_digest"),
        sa.ForeignKeyConstraint(["run_id", "origin"], ["run.id", "run.origin"], name="fk_assessment_run_id_origin"),
        sa.UniqueConstraint(
            "region_id",
            "period",
            "method",
            "origin",
            "revision",
            name="uq_assessment_region_id_period_method_origin_revision",
        ),
        sa.UniqueConstraint(
            "run_id", "region_id", "period", "method", name="uq_assessment_run_id_region_id_period_method"
        ),
        sa.CheckConstraint("year_first <= year_last", name=op.f("ck_assessment_years")),
    )
    op.create_table(
        "area",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.String(), nullable=False),
        sa.Column("class_name", sa.String(), nullable=False),
        sa.Column("area_km2", sa.Double(), nullable=False),
        sa.Column("valid_km2", sa.Double(), nullable=False),
        sa.Column("total_km2", sa.Double(), nullable=False),
        sa.Column("share", sa.Double(), nullable=True),
        sa.Column("low_km2", sa.Double(), nullable=True),
        sa.Column("high_km2", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("assessment_id", "indicator", "class_name", name="pk_area"),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name="fk_area_assessment_id"),
        sa.CheckConstraint("area_km2 >= 0 AND valid_km2 >= 0 AND total_km2 >= 0", name=op.f("ck_area_areas")),
    )
    op.create_table(
        "transition",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("from_class", sa.String(), nullable=False),
        sa.Column("to_class", sa.String(), nullable=False),
        sa.Column("area_km2", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("assessment_id", "from_class", "to_class", name="pk_transition"),
        sa.ForeignKeyConstraint(["assessment_id"], ["assessment.id"], name="fk_transition_assessment_id"),
        sa.CheckConstraint("area_km2 >= 0", name=op.f("ck_transition_area")),
    )
    op.create_table(
        "observation",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.String(), nullable=False),
        sa.Column("variable", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("units", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "region_id", "variable", "month", name="pk_observation"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_observation_run_id"),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name="fk_observation_region_id"),
    )
    op.create_table(
        "break_point",
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.String(), nullable=False),
        sa.Column("variable", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("low", sa.Date(), nullable=False),
        sa.Column("high", sa.Date(), nullable=False),
        sa.Column("cadence", sa.String(), nullable=False),
        sa.Column("magnitude", sa.Double(), nullable=False),
        sa.Column("test", sa.String(), nullable=True),
        sa.Column("p", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", "region_id", "variable", "date", name="pk_break_point"),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name="fk_break_point_run_id"),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name="fk_break_point_region_id"),
        sa.CheckConstraint("low <= date AND date <= high", name=op.f("ck_break_point_interval")),
    )


def downgrade() -> None:
    """Drop them, and what they hold."""
    for table in ("break_point", "observation", "transition", "area", "assessment", "run", "region", "outline"):
        op.drop_table(table)
