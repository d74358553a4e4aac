"""Areas corrected by reference sites, beside the mapped ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

#: Earlier runs kept the corrected area as a statistic only.
FILL = """
UPDATE area SET corrected_km2 = (
    SELECT statistic.value FROM statistic
    WHERE statistic.assessment_id = area.assessment_id AND statistic.name = 'corrected_area_' || area.class_name
)
WHERE area.indicator = 'sdg' AND area.class_name IN ('degraded', 'stable', 'improved')
"""


def upgrade() -> None:
    """Add the column, and fill it from the statistics of earlier runs."""
    with op.batch_alter_table("area") as table:
        table.add_column(sa.Column("corrected_km2", sa.Double(), nullable=True))
    op.execute(FILL)


def downgrade() -> None:
    """Drop the column; the statistics stay."""
    with op.batch_alter_table("area") as table:
        table.drop_column("corrected_km2")
