"""The HTTP server: Earth Engine's REST protocol on this machine's loopback address."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread, stack_size
from typing import Any

from offline.errors import EngineError
from offline.metering.latency import Latency
from offline.metering.limits import CONCURRENT, PER_MINUTE, Limits
from offline.metering.records import RequestLog
from offline.model.assets import Source
from offline.protocol.connection import HttpConnection
from offline.protocol.respond import Responder
from offline.protocol.routes import Engine
from offline.protocol.running import Server

__all__ = ["Server", "serve"]

#: Nested calls in a request: a graph of a few thousand operators in a row; Python's own limit is 1000.
DEEPEST = 20_000
STACK_BYTES = 64 * 2**20


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    # Prefect and xee open many connections at the same time; the default queue of five is too short.
    request_queue_size = 128
    responder: Responder

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


def _listener(host: str, port: int, listening: socket.socket | None) -> _Listener:
    """The server of an address, or of a socket that listens already. Raises EngineError if the port is in use."""
    if listening is not None:
        listener = _Listener(listening.getsockname(), HttpConnection, bind_and_activate=False)
        listener.socket.close()
        listener.socket = listening
        return listener
    try:
        return _Listener((host, port), HttpConnection)
    except OSError as error:
        raise EngineError(
            f"port {port} on {host} cannot be used ({error.strerror}); choose another with --port"
        ) from error


@contextmanager
def serve(
    source: Source,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    exports: Path | None = None,
    concurrent: int = CONCURRENT,
    per_minute: int = PER_MINUTE,
    latency: Latency | None = None,
    eecu_hours: float | None = None,
    restricted: bool = False,
    log: Path | None = None,
    listening: socket.socket | None = None,
) -> Iterator[Server]:
    """Serve a source until the `with` block ends; port 0 means any free port.

    `exports` is the folder that replaces Drive and buckets; without it exports are refused. `concurrent` requests are
    computed at the same time, `per_minute` come from a project in a minute; `latency` makes answers as slow as the
    service's. `eecu_hours` is the budget: used up, computing is refused, or slowed down if `restricted`. `log` is a
    file that gets a line of JSON for each request, and the sums at the end. `listening` is a socket to serve on instead
    of `host` and `port`.

    Point a client at it with `ee.Initialize(credentials, url=server.url, project="offline")`.
    Raises EngineError if the port is in use.
    """
    listener = _listener(host, port, listening)
    sys.setrecursionlimit(max(sys.getrecursionlimit(), DEEPEST))
    limits = Limits(concurrent, per_minute, eecu_hours, restricted)
    engine = Engine(source, exports=exports, limits=limits)
    url = f"http://{host}:{listener.socket.getsockname()[1]}"
    records = RequestLog(log) if log else None
    server = Server(url, source.origin, limits=limits, log=records, source=source.describe())
    listener.responder = Responder(engine, server, latency)
    thread = Thread(target=listener.serve_forever, args=(0.05,), name="offline-earth-engine", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
        engine.close()
        server.end_log()
