"""Middleware: size limits of requests, security headers and ETags of answers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, MutableMapping
from typing import Any, TypeAlias

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
#: Makes an answer of a request's scope, a status and a text.
Answer: TypeAlias = Callable[[Scope, int, str], Response]
#: Bytes of a too large request that are read and discarded before the answer.
THROWN_AWAY = 30_000_000
#: A length in HTTP: ASCII digits only, no sign and no space (RFC 9110, 8.6).
LENGTH = re.compile(r"[0-9]+")
#: Digits of the largest length that is parsed; a longer one exceeds every limit.
DIGITS = 18
NO_LENGTH = "The Content-Length of the request is not a number of bytes; send it again with the length of its body."
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=()",
}


class SecurityHeaders:
    """Adds the headers above to every answer; over https also Strict-Transport-Security."""

    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        self._app = app
        self._headers = dict(HEADERS)
        if secure:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class BodyLimit:
    """Refuses a request whose body is larger than allowed, by its announced length or as it arrives.

    `answer` makes what is sent then, of the request's scope, a status and a text; by default plain text.
    """

    def __init__(
        self, app: ASGIApp, *, bytes_: int, uploads: str, upload_bytes: int, answer: Answer | None = None
    ) -> None:
        self._app = app
        self._answer = answer or _plain
        self._bytes = bytes_
        self._uploads = uploads
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A form around a file takes some room of its own.
        allowed = self._upload_bytes + 20_000 if scope["path"] == self._uploads else self._bytes
        announced = Headers(scope=scope).get("content-length", "0")
        if LENGTH.fullmatch(announced) is None:
            await self._answer(scope, 400, NO_LENGTH)(scope, receive, send)
            return
        if len(announced) > DIGITS or int(announced) > allowed:
            await self._refuse(scope, receive, send, allowed)
            return
        # Read before the application sees it, so that the application never keeps more than is allowed.
        body = bytearray()
        more = scope["method"] not in ("GET", "HEAD", "OPTIONS")
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > allowed:
                await self._refuse(scope, receive if more else _nothing, send, allowed)
                return
        given = False

        async def replay() -> MutableMapping[str, Any]:
            nonlocal given
            if given or scope["method"] in ("GET", "HEAD", "OPTIONS"):
                return await receive()
            given = True
            return {"type": "http.request", "body": bytes(body), "more_body": False}

        await self._app(scope, replay, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, allowed: int) -> None:
        # A client that still sends does not read the answer: discard its data for a while.
        thrown, more = 0, True
        while more and thrown < THROWN_AWAY:
            message = await receive()
            thrown += len(message.get("body", b""))
            more = message.get("more_body", False)
        said = f"The request is larger than the {allowed:,} bytes that are allowed here; divide it into smaller ones."
        await self._answer(scope, 413, said)(scope, receive, send)


def _plain(_scope: Scope, status: int, said: str) -> Response:
    return PlainTextResponse(f"{said}\n", status_code=status)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


class EntityTags:
    """Gives every whole answer to GET an ETag of its content, and serves HEAD.

    The answer is 304 if the client already has that version.
    Answers that say no-store (forms, with their tokens) go through as they are.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        start: Message = {}
        body = bytearray()

        async def gather(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await self._answer(scope, start, bytes(body), send, head=head)

        await self._app({**scope, "method": "GET"}, receive, gather)

    async def _answer(self, scope: Scope, start: Message, body: bytes, send: Send, *, head: bool) -> None:
        headers = MutableHeaders(scope=start)
        if start["status"] == 200 and "no-store" not in headers.get("cache-control", ""):
            tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            headers["ETag"] = tag
            headers.setdefault("Cache-Control", "no-cache")
            asked = Headers(scope=scope).get("if-none-match", "")
            if tag in (each.strip().removeprefix("W/") for each in asked.split(",")) or asked.strip() == "*":
                for name in ("content-length", "content-type"):
                    del headers[name]
                await send({"type": "http.response.start", "status": 304, "headers": headers.raw})
                await send({"type": "http.response.body", "body": b""})
                return
        await send(start)
        await send({"type": "http.response.body", "body": b"" if head else body})
