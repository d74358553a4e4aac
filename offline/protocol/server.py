"""The HTTP server: Earth Engine's REST protocol on this machine's loopback address."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import BoundedSemaphore, Thread, stack_size
from typing import Any, cast
from urllib.parse import unquote, urlsplit

from offline.errors import EngineError
from offline.model.assets import Source
from offline.protocol.answers import Answer, error_answer, misshapen
from offline.protocol.faults import FAULTS, HEADER, LONGEST_DELAY, BadFault, Fault, FaultPlan, fault_of_header
from offline.protocol.routes import Engine

#: Nested calls in a request: a graph of a few thousand operators in a row; Python's own limit is 1000.
DEEPEST = 20_000
STACK_BYTES = 64 * 2**20
#: Limits of the service: requests answered at the same time, and bytes of a request.
CONCURRENT = 40
LARGEST_REQUEST = 10 * 2**20
#: Only pages of this machine may post; otherwise a page on the internet could start exports here.
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class RequestRecord:
    """One request as the log keeps it; `kind` is pixels, value, features, asset, tile, thumbnail, …"""

    method: str
    path: str
    kind: str


@dataclass
class Server:
    """A running engine: its address, the requests that came, and the faults that are ordered."""

    url: str
    origin: str
    requests: list[RequestRecord] = field(default_factory=list)
    faults: FaultPlan = field(default_factory=FaultPlan)

    def inject(
        self,
        name: str,
        times: int = 1,
        *,
        kind: str | None = None,
        delay: float = 0.0,
        skip: int = 0,
        rate: float = 1.0,
        path: str = "",
    ) -> None:
        """Order a fault for the next requests; see `offline.protocol.faults`."""
        self.faults.add(Fault(name, times, kind, delay, skip, rate, path))

    def count(self, kind: str) -> int:
        """The number of requests of a kind so far."""
        return sum(record.kind == kind for record in self.requests)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    # Prefect and xee open many connections at the same time; the default queue of five is too short.
    request_queue_size = 128
    engine: Engine
    server_record: Server
    free: BoundedSemaphore

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, with a stack for `DEEPEST` nested calls."""
        earlier_size = stack_size(STACK_BYTES)
        try:
            super().process_request(request, client_address)
        finally:
            stack_size(earlier_size)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print what failed in a connection; a client that leaves is no failure."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # A small answer would otherwise wait for the client's delayed acknowledgement.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(None)

    def do_POST(self) -> None:
        origin = self.headers.get("Origin")
        if origin is not None and urlsplit(origin).hostname not in LOOPBACK:
            self.close_connection = True
            self._send(error_answer(EngineError(f"Requests from pages of {origin} are refused.", 403)))
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
        if self._body() is not None:
            self._answer(None)

    do_PUT = do_PATCH = do_DELETE = do_CONNECT = _refuse  # noqa: N815 - names that http.server calls

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
        listener = cast(_Listener, self.server)
        path = unquote(urlsplit(self.path).path).rstrip("/")
        kind = listener.engine.kind(path)
        listener.server_record.requests.append(RequestRecord(self.command, path, kind))
        try:
            fault = self._fault(kind, path)
        except BadFault as error:
            self._send(error_answer(EngineError(str(error))))
            return
        in_body = fault is not None and fault.name == "slow-body"
        if fault is not None and fault.delay and not in_body:
            time.sleep(fault.delay)
        if fault is not None and FAULTS[fault.name][0] != 200:
            code, message = FAULTS[fault.name]
            self._send(error_answer(EngineError(message, code)))
            return
        if fault is not None and fault.name == "reset":
            self.close_connection = True
            return
        if fault is not None and fault.name == "silent":
            self._hold()
            return
        if not listener.free.acquire(blocking=False):
            code, message = FAULTS["quota"]
            self._send(error_answer(EngineError(message, code)))
            return
        try:
            answer = listener.engine.answer(self.command, path, urlsplit(self.path).query, body, self._base())
            if fault is not None and fault.name == "wrong-shape":
                answer = misshapen(answer)
        except EngineError as error:
            answer = error_answer(error)
        finally:
            listener.free.release()
        pause = fault.delay if fault is not None and in_body else 0.0
        self._send(answer, cut=fault is not None and fault.name == "truncated", pause=pause)

    def _hold(self) -> None:
        """Keep the connection open without an answer until the client leaves."""
        self.close_connection = True
        self.connection.settimeout(LONGEST_DELAY)
        with suppress(OSError):
            self.connection.recv(1)

    def _fault(self, kind: str, path: str) -> Fault | None:
        """The fault that the header of this request names, or the next one of the plan."""
        named = self.headers.get(HEADER)
        if named:
            return fault_of_header(named)
        return cast(_Listener, self.server).server_record.faults.next(kind, path)

    def _base(self) -> str:
        return f"http://{self.headers.get('Host', 'localhost')}"

    def _send(self, answer: Answer, *, cut: bool = False, pause: float = 0.0) -> None:
        first_part = len(answer.body) // 2 if cut or pause else len(answer.body)
        try:
            self.send_response(answer.code)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            if answer.file_name:
                self.send_header("Content-Disposition", f'attachment; filename="{answer.file_name}"')
            # Maps in a notebook fetch tiles from another port than the page's.
            self.send_header("Access-Control-Allow-Origin", "*")
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


@contextmanager
def serve(source: Source, *, host: str = "127.0.0.1", port: int = 0, exports: Path | None = None) -> Iterator[Server]:
    """Serve a source until the `with` block ends; port 0 means any free port.

    `exports` is the folder that replaces Drive and buckets; without it exports are refused.

    Point a client at it with `ee.Initialize(credentials, url=server.url, project="offline")`.
    Raises EngineError if the port is in use.
    """
    try:
        listener = _Listener((host, port), _Handler)
    except OSError as error:
        raise EngineError(
            f"port {port} on {host} cannot be used ({error.strerror}); choose another with --port"
        ) from error
    sys.setrecursionlimit(max(sys.getrecursionlimit(), DEEPEST))
    listener.engine = Engine(source, exports=exports)
    listener.free = BoundedSemaphore(CONCURRENT)
    listener.server_record = Server(f"http://{host}:{listener.server_address[1]}", source.origin)
    thread = Thread(target=listener.serve_forever, args=(0.05,), name="offline-earth-engine", daemon=True)
    thread.start()
    try:
        yield listener.server_record
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
        listener.engine.close()
