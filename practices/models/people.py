"""People who may edit, and their sessions. What they edited carries their name (see `PracticeRevision.who`)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from practices.models.base import Base


class Person(Base):
    """A user who may edit; of the password only an Argon2 hash is stored."""

    __tablename__ = "person"
    name: Mapped[str] = mapped_column(primary_key=True)
    password_hash: Mapped[str]
    added: Mapped[dt.datetime]
    active: Mapped[bool]


class SignIn(Base):
    """A session: the digest of its token, never the token, and the token that its forms carry."""

    __tablename__ = "sign_in"
    token_digest: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(ForeignKey("person.name"), index=True)
    form_token: Mapped[str]
    started: Mapped[dt.datetime]
    ends: Mapped[dt.datetime]
