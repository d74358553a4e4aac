"""Opening the database: a SQLite file by default, PostgreSQL by URL, brought to the newest schema."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from practices.errors import DatabaseUnusable

#: Milliseconds that a writer waits for another.
PATIENCE_MS = 30_000


def open_database(place: str | Path) -> Engine:
    """The engine of the database at a path or URL, its schema made or brought up to date.

    Raises DatabaseUnusable where it cannot be opened or was made by a newer version.
    """
    url = f"sqlite:///{place}" if isinstance(place, Path) else place.replace("postgresql://", "postgresql+psycopg://")
    try:
        engine = create_engine(url)
    except (ArgumentError, NoSuchModuleError) as error:
        raise DatabaseUnusable(
            f"database {url!r}: not a database URL; write sqlite:///FILE or postgresql://USER@HOST/NAME"
        ) from error
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    try:
        migrate(engine)
    except (OperationalError, DatabaseError) as error:
        engine.dispose()
        raise DatabaseUnusable(
            f"database {url}: cannot be opened ({error.orig}); check the path or the server"
        ) from error
    except Exception:
        engine.dispose()
        raise
    return engine


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling would start writers as readers, who then collide.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", f"busy_timeout={PATIENCE_MS}", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to a revision. Raises DatabaseUnusable where the database is newer than this program."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        try:
            if revision == "base":
                command.downgrade(config, revision)
            else:
                command.upgrade(config, revision)
        except CommandError as error:
            raise DatabaseUnusable(
                f"database {engine.url.render_as_string()}: made by a newer version of drylands "
                f"({error}); update drylands"
            ) from error
