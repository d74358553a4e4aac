"""Breaks are dated by the first date after, and say which series was searched, by which method.

Breaks published before were dated by the last date before: the last year of a yearly series, the last month of a
monthly one. They move by one year or one month, with their intervals, so that the column has one meaning. Regions say
how far their outlines may be off.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd
import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NEW = ("series", "break_method")
BREAKS = sa.table(
    "break_point",
    sa.column("run_id", sa.Integer), sa.column("region_id", sa.String), sa.column("variable", sa.String),
    sa.column("date", sa.Date), sa.column("low", sa.Date), sa.column("high", sa.Date), sa.column("cadence", sa.String),
)  # fmt: skip


def upgrade() -> None:
    """Add the columns, empty for what is there, and move the dates of breaks."""
    with op.batch_alter_table("region") as table:
        table.add_column(sa.Column("roughness_km", sa.Double(), nullable=True))
    with op.batch_alter_table("break_point") as table:
        for name in NEW:
            table.add_column(sa.Column(name, sa.String(), nullable=True))
    _move(1)


def downgrade() -> None:
    """Drop the columns and move the dates back."""
    _move(-1)
    with op.batch_alter_table("break_point") as table:
        for name in reversed(NEW):
            table.drop_column(name)
    with op.batch_alter_table("region") as table:
        table.drop_column("roughness_km")


def _move(steps: int) -> None:
    """Move all breaks by years or months; the farthest first, since the date is part of the key."""
    connection = op.get_bind()
    order = BREAKS.c.date.desc() if steps > 0 else BREAKS.c.date.asc()
    rows = connection.execute(sa.select(BREAKS).order_by(order)).mappings().all()
    for row in rows:
        key = [BREAKS.c[name] == row[name] for name in ("run_id", "region_id", "variable", "date")]
        dates = {name: moved(row[name], row["cadence"], steps) for name in ("date", "low", "high")}
        connection.execute(sa.update(BREAKS).where(*key).values(**dates))


def moved(day: dt.date, cadence: str, steps: int) -> dt.date:
    """A date moved by years for a yearly series, else by months."""
    offset = pd.DateOffset(years=steps) if cadence == "yearly" else pd.DateOffset(months=steps)
    return (pd.Timestamp(day) + offset).date()
