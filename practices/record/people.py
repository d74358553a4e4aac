"""People who may edit the practices: passwords as Argon2 hashes, and sessions that a database keeps.

A session's token is known to the browser alone; the database holds its digest. An unknown name takes as
long to check as a wrong password.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

import pandas as pd
from sqlalchemy import Connection, Engine, delete, insert, select, update

from practices.database.transactions import reading, writing
from practices.errors import BadPerson
from practices.models import Person, SignIn
from practices.record.editing import check_author
from practices.results.queries import table

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: Shortest and longest password, characters.
SHORTEST, LONGEST = 12, 200
#: Longest name, characters.
LONGEST_NAME = 100


@dataclass(frozen=True)
class SignedIn:
    """Who a session belongs to, and the token that its forms carry."""

    person: str
    form_token: str


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _dummy_hash() -> str:
    """Hash against which an unknown name is checked."""
    return _hasher().hash(secrets.token_hex())


def add(engine: Engine, name: str, password: str) -> None:
    """Add a user who may edit. Raises BadPerson for a name that is taken or not allowed, and for a weak password."""
    name = name.strip()
    check_author(name, "")
    if len(name) > LONGEST_NAME:
        raise BadPerson(f"name: {len(name)} characters of at most {LONGEST_NAME}; shorten it")
    hashed = _hashed(name, password)
    with writing(engine) as connection:
        if connection.execute(select(Person.name).where(Person.name == name)).first():
            raise BadPerson(
                f"{name}: a user with that name exists already; change the password, or choose another name"
            )
        connection.execute(insert(Person).values(name=name, password_hash=hashed, added=_now(), active=True))


def change_password(engine: Engine, name: str, password: str) -> None:
    """Change the password of a user, activate the user again, and end all sessions of the user."""
    hashed = _hashed(name, password)
    with writing(engine) as connection:
        done = connection.execute(
            update(Person).where(Person.name == name).values(password_hash=hashed, active=True)
        ).rowcount
        if not done:
            raise BadPerson(f"{name}: there is no such user; add the user first")
        connection.execute(delete(SignIn).where(SignIn.person == name))


def deactivate(engine: Engine, name: str) -> None:
    """Remove the editing right of a user; earlier revisions keep the name. Raises BadPerson."""
    with writing(engine) as connection:
        if not connection.execute(update(Person).where(Person.name == name).values(active=False)).rowcount:
            raise BadPerson(f"{name}: there is no such user; list the users")
        connection.execute(delete(SignIn).where(SignIn.person == name))


def people(engine: Engine) -> pd.DataFrame:
    """Everybody: name, added, active."""
    return table(engine, select(Person.name, Person.added, Person.active).order_by(Person.name))


def password_matches(engine: Engine, name: str, password: str) -> bool:
    """Whether an active user of that name has that password."""
    from argon2.exceptions import VerifyMismatchError

    # No name has a control character, and PostgreSQL refuses a query with one.
    name = name if name.isprintable() else ""
    with reading(engine) as connection:
        row = connection.execute(select(Person.password_hash, Person.active).where(Person.name == name)).first()
    try:
        _hasher().verify(row.password_hash if row else _dummy_hash(), password[: LONGEST + 1])
    except VerifyMismatchError:
        return False
    return bool(row and row.active)


def sign_in(engine: Engine, name: str, *, seconds: int) -> str:
    """Begin a session of a person who is known; its token. Sessions that have ended are removed."""
    token = secrets.token_urlsafe(32)
    now = _now()
    with writing(engine) as connection:
        connection.execute(delete(SignIn).where(SignIn.ends < now))
        values = {"person": name, "form_token": secrets.token_urlsafe(32), "started": now}
        connection.execute(
            insert(SignIn).values(token_digest=_digest(token), ends=now + timedelta(seconds=seconds), **values)
        )
    return token


def signed_in(source: Engine | Connection, token: str) -> SignedIn | None:
    """The session of a token; None if it is unknown or has ended, or the user is not active."""
    query = (
        select(SignIn.person, SignIn.form_token, SignIn.ends)
        .join(Person, Person.name == SignIn.person)
        .where(SignIn.token_digest == _digest(token), Person.active)
    )
    with reading(source) as connection:
        row = connection.execute(query).first()
    return SignedIn(row.person, row.form_token) if row and row.ends > _now() else None


def sign_out(engine: Engine, token: str) -> None:
    """End a session."""
    with writing(engine) as connection:
        connection.execute(delete(SignIn).where(SignIn.token_digest == _digest(token)))


def _hashed(name: str, password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise BadPerson(
            f"{name}: a password has {SHORTEST} to {LONGEST} characters, this one {len(password)}; choose another"
        )
    if password.casefold() in (name.casefold(), "password1234", "123456789012") or len(set(password)) < 5:
        raise BadPerson(f"{name}: this password is easy to guess; choose another")
    return _hasher().hash(password)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
