"""A filled database, the page over it, and a server on a free port of this machine."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sample import NAME, PASSWORD, fill
from sqlalchemy import Engine

from practices.database.open import open_database
from practices.record.people import add
from practices.web.app import create_app
from practices.web.settings import WebSettings


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with published results, the documented practices, and somebody who may edit; never written to."""
    path = tmp_path_factory.mktemp("filled") / "practices.sqlite"
    engine = open_database(path)
    fill(engine)
    add(engine, NAME, PASSWORD)
    engine.dispose()
    return path


@pytest.fixture
def own(filled: Path, tmp_path: Path) -> Iterator[Engine]:
    """A copy of the filled database, to write to."""
    path = tmp_path / "practices.sqlite"
    shutil.copy(filled, path)
    engine = open_database(path)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def engine(filled: Path) -> Iterator[Engine]:
    """The filled database, to read from."""
    opened = open_database(filled)
    yield opened
    opened.dispose()


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """A real server of an application on a free port of this machine; its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        for _ in range(400):
            if server.started:
                break
            time.sleep(0.025)
        else:
            raise RuntimeError("the server did not start within 10 s")
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listening.close()


@pytest.fixture(scope="session")
def serving() -> Callable[[FastAPI], AbstractContextManager[str]]:
    """The server of an application, for fixtures that live longer than a test."""
    return running


@pytest.fixture
def serve() -> Iterator[Callable[[FastAPI], str]]:
    """Serve an application until the test ends; its address."""
    with ExitStack() as servers:
        yield lambda app: servers.enter_context(running(app))


@pytest.fixture(scope="session")
def address(engine: Engine) -> Iterator[str]:
    """Address of the read-only page."""
    with running(create_app(engine)) as found:
        yield found


@pytest.fixture(scope="session")
def client(address: str) -> Iterator[httpx.Client]:
    """Asks the read-only page."""
    with httpx.Client(base_url=address) as made:
        yield made


@pytest.fixture
def editing(own: Engine, serve: Callable[[FastAPI], str]) -> Iterator[httpx.Client]:
    """Asks a page with editing, over a database of the test's own; nobody is signed in."""
    with httpx.Client(base_url=serve(create_app(own, WebSettings(editing=True)))) as made:
        yield made
