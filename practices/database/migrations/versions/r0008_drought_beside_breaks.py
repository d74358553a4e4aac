"""Drought beside every break: lowest indices of twelve months, the class in words, and whether rain explains it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NUMBERS = ("spi", "spei", "soil_moisture_z")


def upgrade() -> None:
    """Add the columns; breaks that are there get none of it, for nobody looked."""
    with op.batch_alter_table("break_point") as table:
        for name in NUMBERS:
            table.add_column(sa.Column(name, sa.Double(), nullable=True))
        table.add_column(sa.Column("drought", sa.String(), nullable=True))
        table.add_column(sa.Column("explained_by_rain", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Drop the columns; the breaks stay."""
    with op.batch_alter_table("break_point") as table:
        for name in ("explained_by_rain", "drought", *NUMBERS):
            table.drop_column(name)
