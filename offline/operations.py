"""Long-running operations: exports in the background that can be listed, looked at and cancelled."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Condition, Event, Thread, stack_size
from typing import Any

from offline.errors import EngineError, worded

#: Operations that run at once; the rest wait.
AT_ONCE = 2
#: Operations that may wait, as the service has it.
MOST_WAITING = 3000
#: Room for the nested calls of a deep expression, bytes.
STACK_BYTES = 64 * 2**20
PRIORITY = 100
ENDED = ("SUCCEEDED", "FAILED", "CANCELLED")


class Cancelled(BaseException):
    """Raised in a running operation that somebody cancelled; nothing on the way may take it for a failure."""


@dataclass
class Operation:
    """One export: its state in Earth Engine's words, how far it is, and what came of it."""

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

    def __post_init__(self) -> None:
        self.mark("createTime")

    def mark(self, *moments: str) -> None:
        """Note the time of moments, and that something changed. Replaced as a whole: others may be reading."""
        now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        self.times = {**self.times, **dict.fromkeys((*moments, "updateTime"), now)}

    def check(self) -> None:
        """Raises Cancelled where somebody wants it to stop."""
        if self.stop.is_set():
            raise Cancelled

    def report(self, progress: float) -> None:
        """Say how far it is, 0 to 1. Raises Cancelled where somebody wants it to stop."""
        self.check()
        self.progress = progress
        self.mark()

    def end(self, state: str, error: str | None = None) -> None:
        """Come to an end."""
        self.error, self.state = error, state
        self.mark("endTime")

    def json(self) -> dict[str, Any]:
        """As the protocol describes it."""
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
    """The operations of a server, in the order in which they were started; a few threads do the work."""

    def __init__(self) -> None:
        self._known: dict[str, Operation] = {}
        self._requests: dict[tuple[str, str], Operation] = {}
        self._waiting: list[tuple[Operation, Work]] = []
        self._threads: list[Thread] = []
        self._idle = 0
        self._closed = False
        #: Guards all of the above and the states of operations; told when there is work, or never will be.
        self._changed = Condition()

    def start(
        self, project: str, kind: str, description: str, request: str, work: Work, priority: int = PRIORITY
    ) -> dict[str, Any]:
        """A new operation that runs `work`, as JSON; the one that is there already for a request that is sent twice.

        Raises EngineError where too many wait.
        """
        with self._changed:
            if request and (project, request) in self._requests:
                return self._requests[project, request].json()
            if self._closed:
                raise EngineError("The service is currently unavailable.", 503)
            if len(self._waiting) >= MOST_WAITING:
                raise EngineError(
                    f"Too many tasks already in the queue ({MOST_WAITING}). Please wait for some of them to complete.",
                    429,
                )
            name = f"projects/{project}/operations/{uuid.uuid4().hex[:24].upper()}"
            operation = self._known[name] = Operation(name, kind, description, priority)
            if request:
                self._requests[project, request] = operation
            self._waiting.append((operation, work))
            if self._idle < len(self._waiting) and len(self._threads) < AT_ONCE:
                self._hire()
            self._changed.notify_all()
            return operation.json()

    def _hire(self) -> None:
        """One more thread, with a stack for deep expressions."""
        before = stack_size(STACK_BYTES)
        thread = Thread(target=self._serve, name=f"offline-export-{len(self._threads)}", daemon=True)
        try:
            thread.start()
        finally:
            stack_size(before)
        self._threads.append(thread)

    def _serve(self) -> None:
        while (taken := self._take()) is not None:
            self._run(*taken)

    def _take(self) -> tuple[Operation, Work] | None:
        """The waiting operation of the highest priority, the oldest of several; None when the server ends."""
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._idle -= 1
            if self._closed:
                return None
            chosen = max(self._waiting, key=lambda each: each[0].priority)
            self._waiting.remove(chosen)
            chosen[0].state = "RUNNING"
            chosen[0].mark("startTime")
            return chosen

    def _run(self, operation: Operation, work: Work) -> None:
        try:
            uris = work(operation)
        except Cancelled:
            with self._changed:
                operation.end("CANCELLED", "Cancelled.")
        except Exception as error:
            with self._changed:
                operation.end("FAILED", str(worded(error)))
        else:
            with self._changed:
                operation.uris, operation.progress = uris, 1.0
                operation.end("SUCCEEDED")

    def _find(self, name: str) -> Operation:
        if name not in self._known:
            raise EngineError(f"Operation '{name}' not found.", 404)
        return self._known[name]

    def get(self, name: str) -> dict[str, Any]:
        """An operation by name, as JSON. Raises EngineError where there is none."""
        with self._changed:
            return self._find(name).json()

    def cancel(self, name: str) -> None:
        """End an operation that waits, ask one that runs to stop; one that has ended stays as it is.

        Raises EngineError where there is none.
        """
        with self._changed:
            self._stop(self._find(name))

    def _stop(self, operation: Operation) -> None:
        operation.stop.set()
        if operation.state == "PENDING":
            self._waiting = [each for each in self._waiting if each[0] is not operation]
            operation.end("CANCELLED", "Cancelled.")
        elif operation.state == "RUNNING":
            operation.state = "CANCELLING"
            operation.mark()

    def listed(self, project: str, size: int, token: str = "") -> dict[str, Any]:
        """A page of the operations of a project, the newest first. Raises EngineError for a token that is none."""
        if token and not token.isdecimal():
            raise EngineError(f"Invalid page token '{token}'.")
        first, size = int(token or 0), max(1, size)
        with self._changed:
            # Counted from the oldest, so that what starts between two pages moves nothing.
            mine = [each for each in self._known.values() if each.name.startswith(f"projects/{project}/")]
            last = first or len(mine)
            page = mine[max(0, last - size) : last][::-1]
            body: dict[str, Any] = {"operations": [each.json() for each in page]}
        if last > size:
            body["nextPageToken"] = str(last - size)
        return body

    def close(self) -> None:
        """Stop what runs, begin nothing more, and wait for the threads."""
        with self._changed:
            self._closed = True
            for operation in self._known.values():
                self._stop(operation)
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
