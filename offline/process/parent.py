"""The engine in a process of its own, as the process sees it that starts it.

Threads of one process wait for each other in Python; an engine that computes for many regions at the same time would
make the run wait that pulls from it. This module imports nothing slow: the engine starts while its user still imports.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict
from tempfile import TemporaryFile
from threading import Thread
from typing import Any

from offline.errors import EngineError
from offline.metering.records import RequestRecord, Usage
from offline.protocol.faults import Fault

#: Seconds that an answer to a control request may take; a process that starts takes some.
PATIENCE = 60.0
#: Seconds that the process may take to end.
LAST_SECONDS = 5.0


class RemoteEngine:
    """An engine in another process of this machine: its log of requests and its faults, as `Server` has them.

    The log leaves the first `skip` requests out.
    """

    def __init__(self, url: str, skip: int = 0) -> None:
        self.url = url.rstrip("/")
        self._skip = skip
        self._requests: list[RequestRecord] = []
        self.faults = RemoteFaults(self)

    @property
    def origin(self) -> str:
        """Where its data come from: `simulated` or `offline-files`."""
        return str(self.control("GET", "origin")["origin"])

    @property
    def described(self) -> dict[str, Any]:
        """What its source is, for provenance: origin, and of a simulated landscape seed, layout and world."""
        return self.control("GET", "origin")

    @property
    def requests(self) -> list[RequestRecord]:
        """The requests that were answered so far."""
        new = self.control("GET", f"requests?since={self._skip + len(self._requests)}")["requests"]
        self._requests += [RequestRecord(**record) for record in new]
        return list(self._requests)

    def count(self, kind: str) -> int:
        """The number of requests of a kind so far."""
        return sum(record.kind == kind for record in self.requests)

    def usage(self) -> Usage:
        """What the requests so far sum to."""
        found = self.control("GET", "usage")
        return Usage(**{name: value for name, value in found.items() if name != "charged"})

    def inject(self, name: str, times: int = 1, **more: Any) -> None:
        """Order a fault for the next requests; see `Server.inject`."""
        self.faults.add(Fault(name, times, **more))

    def control(self, method: str, name: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer of a control path. Raises EngineError where the engine refuses or does not answer."""
        data = None if body is None else json.dumps(dict(body)).encode()
        asked = urllib.request.Request(f"{self.url}/offline/{name}", data, method=method)
        # no proxy stands between two processes of one machine
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(asked, timeout=PATIENCE) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            with error:
                raise EngineError(json.load(error)["error"]["message"], error.code) from error
        except OSError as error:
            raise EngineError(f"the offline engine at {self.url} {self._state()}: {error}", 503) from error

    def _state(self) -> str:
        return "does not answer"


class EngineProcess(RemoteEngine):
    """An engine that this process starts in a process of its own.

    `source` says what it serves: `{"folder": PATH}`, or `{"outlines": [[name, country, geometry, properties], …],
    "world": NAME, "seed": NUMBER, "today": "2027-03-15"}` for a simulated landscape, with the faults of delivery
    `vanished`, `late` and `lacking` of `SimulatedSource` if wanted; `options` are those of `serve` that JSON can hold.
    The address is known immediately; requests wait until the process answers. It ends with `end`, or when this
    process ends, however it ends.
    """

    def __init__(self, source: Mapping[str, Any], **options: Any) -> None:
        self._ending = False
        with socket.create_server(("127.0.0.1", 0), backlog=128) as listening, TemporaryFile("w+") as order:
            json.dump({"source": dict(source), "options": options}, order)
            order.seek(0)
            super().__init__(f"http://127.0.0.1:{listening.getsockname()[1]}")
            self._process = subprocess.Popen(
                [sys.executable, "-m", "offline.process.child", str(listening.fileno()), str(order.fileno())],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                pass_fds=[listening.fileno(), order.fileno()],
                start_new_session=True,
                env={name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
            )
        Thread(target=self._watch, name="offline-engine-process", daemon=True).start()

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def _state(self) -> str:
        code = self._process.poll()
        return "does not answer" if code is None else f"has ended with exit code {code}"

    def end(self) -> None:
        """End the process."""
        self._ending = True
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(LAST_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> EngineProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def _watch(self) -> None:
        """Say so where the process ends before its time: requests would only find nobody there."""
        code = self._process.wait()
        if not self._ending:
            logging.getLogger("drylands").error(
                "the process of the offline engine ended with exit code %s; -9 is mostly a lack of memory: free some, "
                "then run the same command again",
                code,
            )


class RemoteFaults:
    """The faults still to come of an engine in another process."""

    def __init__(self, engine: RemoteEngine) -> None:
        self._engine = engine

    def add(self, fault: Fault) -> None:
        """Put a fault at the end of the plan."""
        self._engine.control("POST", "faults", asdict(fault))

    def clear(self) -> None:
        """Forget the faults still to come."""
        self._engine.control("DELETE", "faults")

    def json(self) -> list[dict[str, Any]]:
        """The faults still to come."""
        return list(self._engine.control("GET", "faults")["faults"])
