"""The digest of the code that computed a run, beside the version of the package."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; it is empty for earlier runs, whose code is known by the package version alone."""
    with op.batch_alter_table("run") as table:
        table.add_column(sa.Column("source_digest", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("run") as table:
        table.alter_column("source_digest", server_default=None)


def downgrade() -> None:
    """Drop the column."""
    with op.batch_alter_table("run") as table:
        table.drop_column("source_digest")
