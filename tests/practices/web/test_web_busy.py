"""Many who ask for what takes long: they wait outside of the server's threads, and pages are answered meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, TypeAlias

import httpx
import pytest
from fastapi import FastAPI
from sample import NAME, PASSWORD
from sqlalchemy import Engine
from test_web_editing import hidden

from practices.record import people
from practices.web import downloads
from practices.web.accounts import AT_ONCE
from practices.web.app import create_app
from practices.web.settings import WebSettings

#: More than the threads of a server.
MANY = 60
Serve: TypeAlias = Callable[[FastAPI], str]


class Held:
    """Work that is not done before the test says so."""

    def __init__(self, work: Callable[..., Any]) -> None:
        self._work = work
        self.begun = threading.Semaphore(0)
        self.go_on = threading.Event()

    def __call__(self, *given: Any) -> Any:
        """Do the work when it may be done."""
        self.begun.release()
        assert self.go_on.wait(60)
        return self._work(*given)


Hold: TypeAlias = Callable[[Any, str], Held]


@pytest.fixture
def hold(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hold]:
    """Hold up a function of a module until the test says so, or ends."""
    made: list[Held] = []

    def held(module: Any, name: str) -> Held:
        made.append(Held(getattr(module, name)))
        monkeypatch.setattr(module, name, made[-1])
        return made[-1]

    yield held
    for each in made:
        each.go_on.set()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Readers who ask at the same time."""
    with ThreadPoolExecutor(MANY) as made:
        yield made


def answered(asked: list[Future[httpx.Response]]) -> list[httpx.Response]:
    """Those that are answered while the work is held up: all but those that have a turn."""
    done, _ = wait(asked, 30)
    return [each.result() for each in done]


def sent_away(answers: list[httpx.Response]) -> set[tuple[int, str]]:
    return {(each.status_code, each.headers["retry-after"]) for each in answers}


def test_pages_are_answered_while_many_ask_for_workbooks(
    engine: Engine, serve: Serve, hold: Hold, pool: ThreadPoolExecutor
) -> None:
    made = hold(downloads, "_book")
    address = serve(create_app(engine, WebSettings(patience_s=1.0)))
    first = pool.submit(httpx.get, f"{address}/regions/otindag/workbook.xlsx", timeout=60)
    assert made.begun.acquire(timeout=20)
    others = [pool.submit(httpx.get, f"{address}/regions/ordos/workbook.xlsx", timeout=60) for _ in range(MANY - 1)]
    for _ in range(20):
        assert httpx.get(f"{address}/about", timeout=10).status_code == 200
    answers = answered(others)
    assert (len(answers), sent_away(answers)) == (MANY - 1, {(503, "10")})
    assert "Other workbooks are being made; try again in a minute" in answers[0].text
    # Whoever asks for a region that there is not needs no turn.
    assert httpx.get(f"{address}/regions/nowhere/workbook.xlsx").status_code == 404
    made.go_on.set()
    assert first.result(60).status_code == 200
    assert httpx.get(f"{address}/regions/ordos/workbook.xlsx", timeout=60).status_code == 200


def test_pages_are_answered_while_many_sign_in(own: Engine, serve: Serve, hold: Hold, pool: ThreadPoolExecutor) -> None:
    checked = hold(people, "password_matches")
    address = serve(create_app(own, WebSettings(editing=True, patience_s=1.0, tries=MANY)))
    attempt = signing_in(address)
    first = [pool.submit(attempt) for _ in range(AT_ONCE)]
    assert all(checked.begun.acquire(timeout=20) for _ in first)
    others = [pool.submit(attempt) for _ in range(MANY - AT_ONCE)]
    for _ in range(20):
        assert httpx.get(f"{address}/about", timeout=10).status_code == 200
    answers = answered(others)
    assert (len(answers), sent_away(answers)) == (MANY - AT_ONCE, {(503, "10")})
    assert "Many people are signing in" in answers[0].text
    checked.go_on.set()
    assert [each.result(60).status_code for each in first] == [303] * AT_ONCE


def test_a_try_that_was_not_looked_at_does_not_count(
    own: Engine, serve: Serve, hold: Hold, pool: ThreadPoolExecutor
) -> None:
    checked = hold(people, "password_matches")
    attempt = signing_in(serve(create_app(own, WebSettings(editing=True, patience_s=0.05, tries=AT_ONCE + 1))))
    first = [pool.submit(attempt) for _ in range(AT_ONCE)]
    assert all(checked.begun.acquire(timeout=20) for _ in first)
    assert [attempt().status_code for _ in range(4)] == [503] * 4
    checked.go_on.set()
    assert [each.result(60).status_code for each in first] == [303] * AT_ONCE
    assert attempt().status_code == 303


def signing_in(address: str) -> Callable[[], httpx.Response]:
    """Sends the form of the login as somebody who may edit."""
    page = httpx.get(f"{address}/login")
    data = {"form_token": hidden(page, "form_token"), "name": NAME, "password": PASSWORD}
    cookie = "; ".join(f"{name}={value}" for name, value in page.cookies.items())
    return lambda: httpx.post(f"{address}/login", data=data, headers={"cookie": cookie}, timeout=60)
