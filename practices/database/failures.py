"""Meaning of a database's error and how to fix it: one place for SQLite's codes and PostgreSQL's states."""

from __future__ import annotations

import sqlite3

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from practices.errors import BadRecord, DatabaseLocked, DatabaseUnusable, DiskFull, PracticeError

KINDS: dict[str, tuple[type[PracticeError], str]] = {
    "locked": (DatabaseLocked, "another program is writing to it; try again when that has ended"),
    "full": (DiskFull, "there is no space left and nothing was written; free some and try again"),
    "disk": (
        DiskFull,
        "the disk is full, over its quota, or failing, and nothing was written; fix that and try again",
    ),
    "readonly": (DatabaseUnusable, "it may not be written to; check its permissions, or name another"),
    "cannot open": (DatabaseUnusable, "it cannot be opened; check the path and its permissions"),
    "no database": (
        DatabaseUnusable,
        "the file is not a SQLite database, or is damaged; restore a copy, or name another",
    ),
    "unreachable": (DatabaseUnusable, "the server does not answer as asked; check host, name, user and password"),
    "refused": (BadRecord, "a record breaks a rule of the database and nothing was written; correct it"),
}
#: Primary result codes of SQLite (the lowest byte) by kind.
SQLITE = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_IOERR: "disk",
    sqlite3.SQLITE_READONLY: "readonly",
    sqlite3.SQLITE_CANTOPEN: "cannot open",
    sqlite3.SQLITE_NOTADB: "no database",
    sqlite3.SQLITE_CORRUPT: "no database",
    sqlite3.SQLITE_CONSTRAINT: "refused",
}
#: First characters of PostgreSQL's SQLSTATE by kind; no state at all means that no server answered.
POSTGRESQL = {
    "55P03": "locked",
    "40P01": "locked",
    "53100": "full",
    "25006": "readonly",
    "42501": "readonly",
    "23": "refused",
    "08": "unreachable",
    "28": "unreachable",
    "3D": "unreachable",
    "57P": "unreachable",
}


def explained(error: DBAPIError, url: URL) -> PracticeError:
    """The error to raise in place of the driver's, with what to do; the password is never shown."""
    kind, fix = KINDS.get(_kind(error.orig), (DatabaseUnusable, "see the message of the database"))
    said = " ".join(str(error.orig).split())
    return kind(f"database {shown(url)}: {fix} ({said})")


def shown(url: URL) -> str:
    """How a database may be named to people: by its file, or by its URL without the password."""
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _kind(cause: BaseException | None) -> str:
    if isinstance(cause, sqlite3.Error):
        return SQLITE.get((getattr(cause, "sqlite_errorcode", 0) or 0) & 0xFF, "")
    state = getattr(cause, "sqlstate", None)
    if state is None:
        return "unreachable"
    return next((kind for start, kind in POSTGRESQL.items() if state.startswith(start)), "")
