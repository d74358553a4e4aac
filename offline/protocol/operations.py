"""Long-running operations: exports in the background that can be listed, looked at and cancelled."""

from __future__ import annotations

import heapq
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock, Thread, current_thread, stack_size
from typing import Any

from offline.errors import EngineError
from offline.metering.meter import Meter, metered

#: Operations that run at the same time; the others wait, a higher priority shortens the wait.
AT_ONCE = 2
#: Operations that may wait, as the service has it, and those that are remembered when they have ended.
MOST_WAITING, MOST_ENDED = 3000, 1000
#: Priority of an operation that is given none, as the service has it.
PRIORITY, MOST_PRIORITY = 100, 9999
#: Room for the nested calls of a deep expression, bytes.
STACK_BYTES = 64 * 2**20
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")
#: States in which the compute time is shown; of what failed the service shows none.
METERED = ("RUNNING", "CANCELLING", "SUCCEEDED")
CANCELLED = "Cancelled."


class Cancelled(BaseException):
    """Raised in a cancelled operation; a BaseException, so that no handler treats it as a failure."""


@dataclass
class Operation:
    """One export: its state in Earth Engine's words, its progress and its result."""

    name: str
    kind: str
    description: str
    priority: int = PRIORITY
    state: str = "PENDING"
    progress: float = 0.0
    uris: list[str] = field(default_factory=list)
    error: str | None = None
    times: dict[str, str] = field(default_factory=dict)
    stop: Event = field(default_factory=Event)
    meter: Meter = field(default_factory=Meter)

    def __post_init__(self) -> None:
        self.mark("createTime")

    def mark(self, moment: str) -> None:
        """Record the time of an event, and of the last change."""
        self.times[moment] = self.times["updateTime"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"

    def check(self) -> None:
        """Raises Cancelled if it was cancelled."""
        if self.stop.is_set():
            raise Cancelled

    def report(self, progress: float) -> None:
        """Record the progress, 0 to 1. Raises Cancelled if it was cancelled."""
        self.check()
        self.progress = progress
        self.mark("updateTime")

    def json(self) -> dict[str, Any]:
        """As the protocol describes it."""
        used = {"batchEecuUsageSeconds": self.meter.eecu_seconds} if self.state in METERED else {}
        body: dict[str, Any] = {
            "name": self.name,
            "metadata": {
                "@type": "type.googleapis.com/google.earthengine.v1.OperationMetadata",
                "state": self.state,
                "description": self.description,
                "type": self.kind,
                "priority": self.priority,
                "attempt": 1,
                "progress": self.progress,
                "destinationUris": self.uris,
                **used,
                **self.times,
            },
            "done": self.state in ENDED,
        }
        if self.error is not None:
            body["error"] = {"code": 3 if self.state == "FAILED" else 1, "message": self.error}
        elif self.state == "SUCCEEDED":
            body["response"] = {"@type": "type.googleapis.com/google.protobuf.Empty"}
        return body


#: What an operation does: takes the operation, reports to it, and returns the URIs of the files.
Work = Callable[[Operation], list[str]]


class Operations:
    """The operations of a server: those that wait, a few that run, and those that have ended.

    `charge` is called with the EECU-seconds of each that succeeds.
    """

    def __init__(self, charge: Callable[[float], None] = lambda _: None) -> None:
        self._charge = charge
        self._known: dict[str, Operation] = {}
        self._requests: dict[str, str] = {}
        self._waiting: list[tuple[int, int, Operation, Work]] = []
        self._started = 0
        self._workers: set[Thread] = set()
        self._lock = Lock()

    def start(
        self, project: str, kind: str, description: str, request: str, work: Work, priority: int = PRIORITY
    ) -> dict[str, Any]:
        """A new operation that runs `work`, as JSON; the one that is there already for a request that is sent twice.

        Raises EngineError if too many wait.
        """
        with self._lock:
            if request and request in self._requests:
                return self._known[self._requests[request]].json()
            if len(self._waiting) >= MOST_WAITING:
                raise EngineError(f"Too many tasks already in the queue ({MOST_WAITING}). Wait for some of them.", 429)
            name = f"projects/{project}/operations/{uuid.uuid4().hex[:24].upper()}"
            operation = Operation(name, kind, description, priority)
            self._known[name] = operation
            if request:
                self._requests[request] = name
            self._started += 1
            heapq.heappush(self._waiting, (-priority, self._started, operation, work))
            if len(self._workers) < AT_ONCE:
                self._add_worker()
            return operation.json()

    def _add_worker(self) -> None:
        before = stack_size(STACK_BYTES)
        worker = Thread(target=self._serve, name="offline-export", daemon=True)
        try:
            worker.start()
        finally:
            stack_size(before)
        self._workers.add(worker)

    def _serve(self) -> None:
        """Run what waits until nothing does."""
        while True:
            with self._lock:
                if not self._waiting:
                    # Under the lock: whoever starts an operation after this sees that a worker is missing.
                    self._workers.remove(current_thread())
                    return
                _, _, operation, work = heapq.heappop(self._waiting)
                if operation.state in ENDED:
                    continue
                operation.state = "RUNNING"
                operation.mark("startTime")
            self._run(operation, work)

    def _run(self, operation: Operation, work: Work) -> None:
        uris, state, error = operation.uris, "FAILED", None
        try:
            operation.report(0.0)
            with metered(operation.meter):
                uris, state = work(operation), "SUCCEEDED"
            self._charge(operation.meter.eecu_seconds)
        except Cancelled:
            state, error = "CANCELLED", CANCELLED
        except EngineError as failure:
            error = str(failure)
        except MemoryError:
            error = "User memory limit exceeded."
        except RecursionError:
            error = "The expression is nested too deeply."
        except Exception as failure:
            error = f"Offline engine: {type(failure).__name__}: {failure}"
        with self._lock:
            if state == "SUCCEEDED":
                operation.progress = 1.0
            operation.uris = uris
            self._end(operation, state, error)

    def _end(self, operation: Operation, state: str, error: str | None) -> None:
        """An operation is over; the oldest of those that are may be forgotten. Called under the lock."""
        operation.state, operation.error = state, error
        operation.mark("endTime")
        ended = [name for name, each in self._known.items() if each.state in ENDED]
        for name in ended[:-MOST_ENDED]:
            del self._known[name]
        self._requests = {request: name for request, name in self._requests.items() if name in self._known}

    def get(self, name: str) -> dict[str, Any]:
        """An operation by name, as JSON. Raises EngineError if there is none."""
        with self._lock:
            return self._named(name).json()

    def _named(self, name: str) -> Operation:
        if name not in self._known:
            raise EngineError(f"Operation '{name}' not found.", 404)
        return self._known[name]

    def cancel(self, name: str) -> None:
        """Ask an operation to stop; one that waits ends immediately, one that has ended does not change."""
        with self._lock:
            operation = self._named(name)
            operation.stop.set()
            if operation.state == "PENDING":
                self._end(operation, "CANCELLED", CANCELLED)
            elif operation.state == "RUNNING":
                operation.state = "CANCELLING"

    def listed(self, project: str, size: int, token: str = "") -> dict[str, Any]:
        """A page of the operations of a project as JSON, the newest first; `token` is that of the page before.

        Raises EngineError for a token that no page gave.
        """
        with self._lock:
            mine = [each for each in reversed(self._known.values()) if each.name.startswith(f"projects/{project}/")]
            names = [each.name for each in mine]
            if token and token not in names:
                raise EngineError(f"Page token '{token[:80]}' is not known.")
            start = names.index(token) if token else 0
            page = mine[start : start + max(1, size)]
            body: dict[str, Any] = {"operations": [each.json() for each in page]}
            if start + len(page) < len(mine):
                body["nextPageToken"] = names[start + len(page)]
            return body

    def close(self) -> None:
        """Stop what runs, forget what waits, and wait for the end."""
        with self._lock:
            self._waiting.clear()
            for operation in self._known.values():
                operation.stop.set()
            workers = list(self._workers)
        for worker in workers:
            worker.join()
