"""Alembic migrations of the good-practice database, run from the program: there is no alembic.ini."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import text

from practices.database.transactions import reading, writing
from practices.errors import DatabaseUnusable, SchemaTooNew

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory
    from sqlalchemy import Connection, Engine

#: Where a database keeps the name of its schema; its own, as a PostgreSQL database may serve others too.
VERSION_TABLE = "drylands_version"


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema up or down to a revision (`base`: no tables), in one transaction.

    Raises SchemaTooNew if the database has a revision that this program does not know.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    script = ScriptDirectory.from_config(config)
    wanted = script.get_current_head() if revision == "head" else revision
    with reading(engine) as connection:
        if _known(connection, script) == (wanted if wanted != "base" else None):
            return
    with _loosened(engine) as connection:
        # Another process may have done it meanwhile.
        current = _known(connection, script)
        config.attributes["connection"] = connection
        below = {each.revision for each in script.iterate_revisions(current, "base")} if current else set()
        if revision == "base" or wanted in below:
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)


@contextmanager
def _loosened(engine: Engine) -> Iterator[Connection]:
    """A writing connection on which SQLite holds foreign keys at the end only: it rebuilds a table to change it.

    Raises DatabaseUnusable if a row refers to nothing afterwards; nothing is changed then.
    """
    if engine.dialect.name != "sqlite":
        with writing(engine) as connection:
            yield connection
        return
    own = engine.execution_options(foreign_keys="off")
    with writing(own) as connection:
        yield connection
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise DatabaseUnusable(
                f"database {engine.url.database}: after the change of its schema a row of {broken[0]} would refer to "
                f"nothing in {broken[2]}; nothing was changed. Restore a copy"
            )


def _known(connection: Connection, script: ScriptDirectory) -> str | None:
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    current = context.get_current_revision()
    known = {each.revision for each in script.walk_revisions()}
    if current is not None and current not in known:
        raise SchemaTooNew(
            f"database {connection.engine.url.render_as_string(hide_password=True)}: its schema is {current}, this "
            f"version of drylands knows up to {script.get_current_head()}; install a newer drylands"
        )
    return current
