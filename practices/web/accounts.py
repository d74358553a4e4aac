"""Signing in and out: session cookie, tokens of forms, and a limit on attempts."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import deque
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from practices.record import people
from practices.web.errors import Busy, Refused
from practices.web.page_helpers import Service, WebService, page, service_of
from practices.web.settings import WebSettings
from practices.web.work_limit import WorkLimit

router = APIRouter(include_in_schema=False)
#: Cookie that must match the token in the login form.
FORM_COOKIE = "drylands_form"
#: Passwords checked at the same time: each takes 64 MiB.
AT_ONCE = 2
#: Most addresses and names for which attempts are remembered.
KEPT = 10_000
Text = Annotated[str, Form(max_length=400)]


class SignInAttempts:
    """Attempts to sign in by address and name, and by address alone (four times as many), within a window of time.

    An attempt counts from its beginning, so that parallel attempts count like serial ones. A successful attempt, or
    one whose password was not checked, is removed.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._made: dict[tuple[str, ...], deque[float]] = {}
        self._lock = threading.Lock()

    def begin(self, address: str, name: str) -> bool:
        """Whether another attempt is allowed now; if so, it is counted."""
        with self._lock:
            if self._count((address, name)) >= self._most or self._count((address,)) >= 4 * self._most:
                return False
            for key in ((address, name), (address,)):
                if len(self._made) >= KEPT:
                    self._made.pop(next(iter(self._made)))
                self._made.setdefault(key, deque()).append(time.monotonic())
            return True

    def take_back(self, address: str, name: str) -> None:
        """Remove the last attempt of a name from an address."""
        with self._lock:
            for key in ((address, name), (address,)):
                if self._made.get(key):
                    self._made[key].pop()

    def _count(self, key: tuple[str, ...]) -> int:
        times = self._made.get(key)
        if times is None:
            return 0
        while times and times[0] < time.monotonic() - self._seconds:
            times.popleft()
        if not times:
            del self._made[key]
        return len(times)


def session_cookie(settings: WebSettings) -> str:
    """Name of the session's cookie; over https one that no other host and no plain http can set."""
    return "__Host-drylands" if settings.secure else "drylands_session"


class SessionReader:
    """Sets `request.state.person` (who is signed in) and `request.state.csrf` for every request."""

    def __init__(self, app: ASGIApp, *, service: WebService) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            token = HTTPConnection(scope).cookies.get(session_cookie(self._service.settings))
            found = await run_in_threadpool(people.signed_in, self._service.engine, token) if token else None
            state = scope.setdefault("state", {})
            state["person"], state["csrf"] = (found.person, found.form_token) if found else (None, "")
        await self._app(scope, receive, send)


def install(app: FastAPI) -> None:
    """Add what every request needs where people may sign in."""
    service: WebService = app.state.service
    app.state.tries = SignInAttempts(service.settings.tries, service.settings.tries_s)
    app.state.checking = WorkLimit(AT_ONCE, patience_s=service.settings.patience_s)
    app.add_middleware(SessionReader, service=service)


def editor(request: Request) -> str:
    """The name of the signed-in user. Raises Refused if nobody is signed in."""
    person: str | None = request.state.person
    if person is None:
        raise Refused("Nobody is signed in, or the session has ended; sign in and try again.", 401)
    return person


Editor = Annotated[str, Depends(editor)]


def form_checked(request: Request, _person: Editor, csrf: Text = "") -> None:
    """Raises Refused unless the form came from a page of this session."""
    if not hmac.compare_digest(csrf.encode(), request.state.csrf.encode()):
        raise Refused(
            "The form did not come from a page of this session; open the page again and send it from there.", 403
        )


@router.get("/login", response_class=HTMLResponse)
def login(request: Request, service: Service) -> HTMLResponse:
    """The form to sign in."""
    return _form(request, service)


def _form(request: Request, service: WebService, *, wrong: str = "", name: str = "", status: int = 200) -> HTMLResponse:
    token = secrets.token_urlsafe(32)
    answer = page(request, "login.html", private=True, form_token=token, wrong=wrong, name=name, status=status)
    answer.set_cookie(
        FORM_COOKIE, token, httponly=True, samesite="strict", secure=service.settings.secure, path="/login"
    )
    return answer


@router.post("/login")
async def signing_in(
    request: Request, service: Service, name: Text = "", password: Text = "", form_token: Text = ""
) -> Response:
    """Sign in: name and password, from a form of ours, not too often."""
    tries: SignInAttempts = request.app.state.tries
    address = request.client.host if request.client else ""
    name = name.strip()
    if not hmac.compare_digest(form_token.encode(), request.cookies.get(FORM_COOKIE, "").encode()) or not form_token:
        return _form(
            request, service, wrong="The form was too old, or cookies are off; try again.", name=name, status=403
        )
    if not tries.begin(address, name):
        minutes = round(service.settings.tries_s / 60)
        wrong = f"Too many attempts; wait {minutes} minutes."
        return _form(request, service, wrong=wrong, name=name, status=429)
    checking: WorkLimit = request.app.state.checking
    try:
        async with checking.slot("Many people are signing in; go back and send the form again in a moment."):
            token = await run_in_threadpool(_new_session_token, service, name, password)
    except Busy:
        tries.take_back(address, name)
        raise
    if token is None:
        return _form(request, service, wrong="Name or password is wrong.", name=name, status=401)
    tries.take_back(address, name)
    answer = RedirectResponse("/edit", status_code=303)
    answer.set_cookie(
        session_cookie(service.settings), token, httponly=True, samesite="lax", secure=service.settings.secure,
        path="/", max_age=service.settings.session_s,
    )  # fmt: skip
    answer.delete_cookie(FORM_COOKIE, path="/login")
    return answer


def _new_session_token(service: WebService, name: str, password: str) -> str | None:
    """The token of a new session; None if name or password is wrong."""
    if not people.password_matches(service.engine, name, password):
        return None
    return people.sign_in(service.engine, name, seconds=service.settings.session_s)


@router.post("/logout", dependencies=[Depends(form_checked)])
def signing_out(request: Request) -> Response:
    """End the session."""
    service = service_of(request)
    cookie = session_cookie(service.settings)
    people.sign_out(service.engine, request.cookies.get(cookie, ""))
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(cookie, path="/", httponly=True, samesite="lax", secure=service.settings.secure)
    return answer
