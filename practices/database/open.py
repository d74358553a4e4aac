"""Opening the database: a SQLite file by default, PostgreSQL by URL, brought to the newest schema.

What is done inside is done in the transactions of `practices.database.transactions`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from practices.database.failures import explained
from practices.database.migrations import migrate
from practices.database.spatial import prepare
from practices.database.transactions import PATIENCE_S
from practices.errors import BadDatabaseUrl, DatabaseUnusable


def open_database(place: str | Path, *, patience_s: float = PATIENCE_S) -> Engine:
    """Open the database at a path or URL; its schema is created or brought up to date.

    Parameters
    ----------
    place : str or Path
        A file of SQLite, or a URL of SQLite or PostgreSQL.
    patience_s : float
        Seconds that a writer waits for another.

    Returns
    -------
    Engine
        Dispose of it when done.

    Raises
    ------
    BadDatabaseUrl, DatabaseLocked, SchemaTooNew, DatabaseUnusable
        Each message says what to do.
    """
    url = database_url(place)
    engine = create_engine(url, execution_options={"patience_s": patience_s})
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, patience_s)
    try:
        with engine.connect() as connection:
            _refuse_foreign(connection, url)
        migrate(engine)
        prepare(engine)
    except DBAPIError as error:
        engine.dispose()
        raise explained(error, engine.url) from error
    except BaseException:
        engine.dispose()
        raise
    return engine


def database_url(place: str | Path) -> URL:
    """The URL of a path or URL. Raises BadDatabaseUrl for anything that is neither SQLite nor PostgreSQL."""
    forms = "give a path, sqlite:///FILE or postgresql://USER@HOST/NAME"
    if isinstance(place, Path) or "://" not in place:
        url = URL.create("sqlite", database=str(place))
    else:
        try:
            url = make_url(place)
            url.get_dialect()
        except (ArgumentError, NoSuchModuleError, ValueError) as error:
            raise BadDatabaseUrl(f"database {place.split('@')[-1]!r}: not a database URL; {forms}") from error
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise BadDatabaseUrl(f"database {url}: {url.get_backend_name()} cannot be used; {forms}")
    if url.database in (None, "", ":memory:"):
        raise BadDatabaseUrl("database: one in memory is lost at the end; give the path of a file")
    folder = Path(str(url.database)).absolute().parent
    if not folder.is_dir():
        raise BadDatabaseUrl(f"database {url.database}: there is no folder {folder}; make it, or name another path")
    return url


def _prepare_sqlite(engine: Engine, patience_s: float) -> None:
    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        # The driver's own transaction handling would start writers as readers, who then collide.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={round(patience_s * 1000)}")
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        writes = options.get("writes", False)
        # It has no effect inside a transaction, so it has to come before; every transaction sets what it needs.
        connection.exec_driver_sql(f"PRAGMA foreign_keys={options.get('foreign_keys', 'on')}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _refuse_foreign(connection: Connection, url: URL) -> None:
    tables = inspect(connection).get_table_names()
    if connection.dialect.name == "sqlite" and tables and "drylands_version" not in tables:
        raise DatabaseUnusable(
            f"database {url.database}: contains other tables ({', '.join(sorted(tables)[:3])}); name another file"
        )
