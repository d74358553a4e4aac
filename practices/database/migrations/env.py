"""Run by Alembic; the connection comes from `practices.database.migrations.migrate`."""

from __future__ import annotations

from alembic import context

from practices.database.migrations import VERSION_TABLE
from practices.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
