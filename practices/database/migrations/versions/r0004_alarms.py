"""Alarms of the monitor and their fates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the log of alarms."""
    op.create_table(
        "alarm",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("region_id", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("variable", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("seen", sa.Date(), nullable=False),
        sa.Column("magnitude", sa.Double(), nullable=False),
        sa.Column("units", sa.String(), nullable=False),
        sa.Column("area_km2", sa.Double(), nullable=True),
        sa.Column("strength", sa.Double(), nullable=False),
        sa.Column("images", sa.Integer(), nullable=False),
        sa.Column("rain_z", sa.Double(), nullable=True),
        sa.Column("soil_moisture_z", sa.Double(), nullable=True),
        sa.Column("context", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
        sa.UniqueConstraint(
            "region_id",
            "origin",
            "scope",
            "place",
            "variable",
            "date",
            "method",
            name="uq_alarm_region_id_origin_scope_place_variable_date_method",
        ),
        sa.CheckConstraint("origin IN ('earth-engine', 'offline-files', 'simulated')", name="ck_alarm_origin"),
        sa.CheckConstraint("scope IN ('region', 'pixels')", name="ck_alarm_scope"),
        sa.CheckConstraint("date <= seen", name="ck_alarm_seen"),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name="fk_alarm_region_id"),
    )
    op.create_table(
        "alarm_fate",
        sa.Column("alarm_id", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Date(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("strength", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("alarm_id", "seen", name="pk_alarm_fate"),
        sa.CheckConstraint("fate IN ('confirmed', 'withdrawn')", name="ck_alarm_fate_fate"),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name="fk_alarm_fate_alarm_id"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("alarm_fate")
    op.drop_table("alarm")
