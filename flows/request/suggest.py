"""Commands that messages suggest; each can be pasted into a shell as it is printed."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from flows.defaults import DEFAULT_DATA
from practices.database.open import database_url

#: Environment variable that takes the place of `--database`.
DATABASE = "DRYLANDS_DATABASE"


def command(*words: str, data: Path | None = None, database: str | None = None) -> str:
    """A `drylands` command with its data folder and database, quoted for a shell.

    A database is left out if its URL has a password (see `hint`) or if the environment names it.
    """
    folder = [] if data in (None, DEFAULT_DATA) else ["--data", str(data)]
    named = [] if database is None or from_environment(database) or secret(database) else ["--database", database]
    return shlex.join(["drylands", *words, *folder, *named])


def hint(database: str | None) -> str:
    """What to do before a command without the database; empty if nothing is needed."""
    if database is None or from_environment(database) or not secret(database):
        return ""
    return f"First put the URL of the database into the variable {DATABASE}; it has a password and is not printed."


def from_environment(database: str) -> bool:
    """Whether commands find the database without an option."""
    return os.environ.get(DATABASE) == database


def secret(database: str) -> bool:
    """Whether a path or URL of a database has a password."""
    url = database_url(database)
    return url.password is not None or "password" in url.query
