"""A connection of a client: reads HTTP requests, writes answers."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol, cast
from urllib.parse import unquote, urlsplit

from offline.errors import EngineError
from offline.protocol.answers import Answer, error_answer
from offline.protocol.faults import LONGEST_DELAY
from offline.protocol.respond import Question, Reply, Responder

#: Bytes of a request, as the service has it.
LARGEST_REQUEST = 10 * 2**20
#: Only pages of this machine may post; otherwise a page on the internet could start exports here.
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Listening(Protocol):
    """What a connection needs of the server that it belongs to."""

    responder: Responder


class HttpConnection(BaseHTTPRequestHandler):
    """One connection, for as many requests as come."""

    protocol_version = "HTTP/1.1"
    # A small answer would otherwise wait for the client's delayed acknowledgement.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        if not self._is_of_this_machine():
            return
        text = self._body()
        if text is None:
            return
        # The client tunnels long GET requests through POST, with the query as a form.
        if self.headers.get("X-HTTP-Method-Override") == "GET":
            self._answer(None)
            return
        try:
            body = json.loads(text or b"{}")
        except RecursionError:
            self._send(error_answer(EngineError("Request body is nested too deeply.")))
        except ValueError as error:
            # Not JSON, not UTF-8, or a number of thousands of digits.
            self._send(error_answer(EngineError(f"Request body is not JSON: {error}")))
        else:
            if isinstance(body, dict):
                self._answer(body)
            else:
                self._send(error_answer(EngineError(f"Request body is a {type(body).__name__}, not an object.")))

    def _refuse(self) -> None:
        """Refuse to write; the body is read first, because the next request follows it on the connection."""
        if self._is_of_this_machine() and self._body() is not None:
            self._answer(None)

    do_PUT = do_PATCH = do_DELETE = do_CONNECT = _refuse  # noqa: N815 - names that http.server calls

    def _is_of_this_machine(self) -> bool:
        """Whether no page of the internet sent this request; if one did, it is refused."""
        origin = self.headers.get("Origin")
        if origin is None or urlsplit(origin).hostname in LOOPBACK:
            return True
        self.close_connection = True
        self._send(error_answer(EngineError(f"Requests from pages of {origin} are refused.", 403)))
        return False

    def _body(self) -> bytes | None:
        """The body of the request; None after an error answer if it is too large or has no valid length."""
        length = self.headers.get("Content-Length") or "0"
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            message = f"Request needs the length of its body as Content-Length; {length[:20]!r} is none."
        elif len(length) > 20 or int(length) > LARGEST_REQUEST:
            message = f"Request payload size exceeds the limit: {LARGEST_REQUEST} bytes."
        else:
            return self.rfile.read(int(length))
        self.close_connection = True
        self._send(error_answer(EngineError(message)))
        return None

    def _answer(self, body: dict[str, Any] | None) -> None:
        parts = urlsplit(self.path)
        question = Question(
            method=self.command,
            path=unquote(parts.path).rstrip("/"),
            query=parts.query,
            body=body,
            headers=cast("dict[str, str]", self.headers),
            base=f"http://{self.headers.get('Host', 'localhost')}",
            local=self.client_address[0] in LOOPBACK,
        )
        reply = cast(Listening, self.server).responder.reply(question)
        if reply.answer is not None:
            self._send(reply.answer, reply)
            return
        self.close_connection = True
        if reply.hold:
            self._hold()

    def _hold(self) -> None:
        """Keep the connection open without an answer until the client leaves."""
        self.connection.settimeout(LONGEST_DELAY)
        with suppress(OSError):
            self.connection.recv(1)

    def _send(self, answer: Answer, reply: Reply | None = None) -> None:
        cut, pause = (reply.cut, reply.pause) if reply else (False, 0.0)
        first_part = len(answer.body) // 2 if cut or pause else len(answer.body)
        try:
            self.send_response(answer.code)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            if answer.file_name:
                self.send_header("Content-Disposition", f'attachment; filename="{answer.file_name}"')
            # Maps in a notebook fetch tiles from another port than the page's.
            self.send_header("Access-Control-Allow-Origin", "*")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body[:first_part])
            if pause:
                time.sleep(pause)
                self.wfile.write(answer.body[first_part:])
        except (BrokenPipeError, ConnectionResetError):
            cut = True
        if cut:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the log is `Server.requests`."""
