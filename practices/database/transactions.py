"""The two kinds of transaction on the database.

Writers take turns (SQLite: BEGIN IMMEDIATE; PostgreSQL: an advisory lock), so that two publishers lose nothing.
Readers see one state from the first query to the last (SQLite: write-ahead log; PostgreSQL: repeatable read).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from practices.database.failures import explained

#: Seconds that a writer waits for another.
PATIENCE_S = 30.0
#: Any number will do, so long as every publisher asks for the same.
WRITER_LOCK = 15_3_1


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction of the only writer: all of it is kept, or nothing. Raises DatabaseLocked, DiskFull."""
    try:
        with engine.execution_options(writes=True).begin() as connection:
            if connection.dialect.name == "postgresql":
                wait = round(connection.get_execution_options().get("patience_s", PATIENCE_S) * 1000)
                connection.execute(text(f"SET LOCAL lock_timeout = {wait}"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})"))
            yield connection
    except DBAPIError as error:
        raise explained(error, engine.url) from error


@contextmanager
def reading(source: Engine | Connection) -> Iterator[Connection]:
    """A connection that sees one state of the database throughout; one that is given is used as it is."""
    if isinstance(source, Connection):
        yield source
        return
    whole = source.execution_options(isolation_level="REPEATABLE READ") if _is_postgresql(source) else source
    try:
        with whole.begin() as connection:
            yield connection
    except DBAPIError as error:
        raise explained(error, source.url) from error


def _is_postgresql(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"
