"""People who may edit, their sessions, and the index by which a map finds its assessments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the index."""
    op.create_table(
        "person",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("added", sa.DateTime(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_person"),
    )
    op.create_table(
        "sign_in",
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("form_token", sa.String(), nullable=False),
        sa.Column("started", sa.DateTime(), nullable=False),
        sa.Column("ends", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name="pk_sign_in"),
        sa.ForeignKeyConstraint(["person"], ["person.name"], name="fk_sign_in_person"),
    )
    op.create_index("ix_sign_in_person", "sign_in", ["person"])
    op.create_index("ix_assessment_period", "assessment", ["period", "method", "origin"])


def downgrade() -> None:
    """Drop them; results and practices stay."""
    op.drop_index("ix_assessment_period", "assessment")
    op.drop_index("ix_sign_in_person", "sign_in")
    op.drop_table("sign_in")
    op.drop_table("person")
