"""Long-running operations: exports in the background that can be listed, looked at and cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import BoundedSemaphore, Event, Lock, Thread, stack_size
from typing import Any

from offline.errors import EngineError

#: Operations that run at once; the rest wait.
AT_ONCE = 2
#: Room for the nested calls of a deep expression, bytes.
STACK_BYTES = 64 * 2**20
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


class Cancelled(BaseException):
    """Raised in a running operation that somebody cancelled; nothing on the way may take it for a failure."""


@dataclass
class Operation:
    """One export: its state in Earth Engine's words, how far it is, and what came of it."""

    name: str
    kind: str
    description: str
    state: str = "PENDING"
    progress: float = 0.0
    uris: list[str] = field(default_factory=list)
    error: str | None = None
    times: dict[str, str] = field(default_factory=dict)
    stop: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.mark("createTime")

    def mark(self, moment: str) -> None:
        """Note the time of a moment, and that something changed."""
        self.times[moment] = self.times["updateTime"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"

    def check(self) -> None:
        """Raises Cancelled where somebody wants it to stop."""
        if self.stop.is_set():
            raise Cancelled

    def report(self, progress: float) -> None:
        """Say how far it is, 0 to 1. Raises Cancelled where somebody wants it to stop."""
        self.check()
        self.progress = progress
        self.mark("updateTime")

    def json(self) -> dict[str, Any]:
        """As the protocol describes it."""
        body: dict[str, Any] = {
            "name": self.name,
            "metadata": {
                "@type": "type.googleapis.com/google.earthengine.v1.OperationMetadata",
                "state": self.state,
                "description": self.description,
                "type": self.kind,
                "priority": 100,
                "attempt": 1,
                "progress": self.progress,
                "destinationUris": self.uris,
                **self.times,
            },
            "done": self.state in ENDED,
        }
        if self.error is not None:
            body["error"] = {"code": 3 if self.state == "FAILED" else 1, "message": self.error}
        elif self.state == "SUCCEEDED":
            body["response"] = {"@type": "type.googleapis.com/google.protobuf.Empty"}
        return body


#: What an operation does: gets itself, to report to, and gives the URIs of what it wrote.
Work = Callable[[Operation], list[str]]


class Operations:
    """The operations of a server, in the order in which they were started."""

    def __init__(self) -> None:
        self._known: dict[str, Operation] = {}
        self._requests: dict[str, Operation] = {}
        self._threads: list[Thread] = []
        self._lock = Lock()
        self._free = BoundedSemaphore(AT_ONCE)

    def start(self, project: str, kind: str, description: str, request: str, work: Work) -> Operation:
        """A new operation that runs `work`; the one that is there already for a request that is sent twice."""
        with self._lock:
            if request in self._requests:
                return self._requests[request]
            operation = Operation(f"projects/{project}/operations/{uuid.uuid4().hex[:24].upper()}", kind, description)
            self._known[operation.name] = operation
            if request:
                self._requests[request] = operation
            before = stack_size(STACK_BYTES)
            thread = Thread(target=self._run, args=(operation, work), name=description, daemon=True)
            try:
                thread.start()
            finally:
                stack_size(before)
            self._threads.append(thread)
        return operation

    def _run(self, operation: Operation, work: Work) -> None:
        with self._free:
            try:
                operation.report(0.0)
                operation.state = "RUNNING"
                operation.mark("startTime")
                operation.uris = work(operation)
                operation.progress, operation.state = 1.0, "SUCCEEDED"
            except Cancelled:
                operation.error, operation.state = "Cancelled.", "CANCELLED"
            except EngineError as error:
                operation.error, operation.state = str(error), "FAILED"
            except Exception as error:
                operation.error, operation.state = f"Offline engine: {type(error).__name__}: {error}", "FAILED"
            operation.mark("endTime")

    def get(self, name: str) -> Operation:
        """An operation by name. Raises EngineError where there is none."""
        if name not in self._known:
            raise EngineError(f"Operation '{name}' not found.", 404)
        return self._known[name]

    def cancel(self, name: str) -> None:
        """Ask an operation to stop; one that has ended stays as it is."""
        operation = self.get(name)
        if operation.state not in ENDED:
            operation.state = "CANCELLING"
            operation.stop.set()

    def listed(self, project: str) -> list[Operation]:
        """All operations of a project, the newest first."""
        return [each for each in reversed(self._known.values()) if each.name.startswith(f"projects/{project}/")]

    def close(self) -> None:
        """Stop what runs and wait for it."""
        for operation in self._known.values():
            operation.stop.set()
        for thread in self._threads:
            thread.join()
