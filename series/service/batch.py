"""Batch tasks of the service: begun once, looked at until they end, begun again where that may help.

A task has a record on disk, so that a run that was killed looks at the same operation.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ee

from series.errors import RequestFailed, SeriesError, TooBig, Unavailable
from series.service.earth_engine import call, connected
from series.service.failures import Passing, classify

#: Times that a task is begun in one run, the first included.
ATTEMPTS = 4
#: The longest wait between two looks, in units of `Connection.pace`, and how waits grow.
LONGEST_WAIT, GROWTH = 30.0, 1.5
#: The code of a cancelled operation.
CANCELLED = 1
_log = logging.getLogger("drylands")


@dataclass(eq=False)
class BatchTask:
    """A task with its record on disk. `begin` starts it under a request's id, and gives the service's operation.

    The id makes it safe to begin the same request twice: the service starts one operation.
    """

    record: Path
    begin: Callable[[str], dict[str, Any]]
    attempts: int = 1
    _state: dict[str, Any] = field(default_factory=dict)

    @property
    def request(self) -> str:
        """The id of the request; files that the task writes are named by it, too."""
        return str(self._state["request"])

    @property
    def operation(self) -> str:
        """The name of the operation on the service."""
        return str(self._state["operation"])

    @property
    def eecu_seconds(self) -> float | None:
        """The compute time that the service counts for it; None where it does not say."""
        return self._state.get("eecu_seconds")

    @property
    def too_big(self) -> bool:
        """Whether the service lacked memory or time for it."""
        return bool(self._state.get("too_big"))

    @property
    def ended(self) -> bool:
        """Whether it has succeeded, or is too big."""
        return self.too_big or "eecu_seconds" in self._state

    def start(self) -> None:
        """Begin it, or continue with what the record says. Raises the errors of the request layer."""
        if self.record.exists():
            self._state = json.loads(self.record.read_text(encoding="utf-8"))
        if not self._state:
            self._keep(request=uuid.uuid4().hex)
        if "operation" not in self._state:
            self._keep(operation=self._begun())

    def again(self, reason: str) -> None:
        """Begin it once more under a new id. Raises Unavailable after the last attempt."""
        if self.attempts >= ATTEMPTS:
            self.forget()
            raise Unavailable(
                f"Earth Engine ended an export {self.attempts} times, last because {reason}. Run the same command "
                f"again later: what is stored is not pulled again"
            )
        _log.warning("the export %s %s; it is started again", self.operation, reason)
        self.attempts += 1
        self.forget()
        self.start()

    def forget(self) -> None:
        """Remove the record: the next run starts a new task."""
        self.record.unlink(missing_ok=True)
        self._state = {}

    def look(self) -> bool:
        """Whether it has ended; one that may succeed the next time is begun again. Raises what the service says."""
        try:
            found = call(lambda: ee.data.getOperation(self.operation))
        except Unavailable:
            raise
        except RequestFailed as error:
            self.again(f"the service does not know it any more ({error})")
            return False
        if not found.get("done"):
            return False
        if "error" in found:
            return self._failed(found["error"])
        self._keep(eecu_seconds=found.get("metadata", {}).get("batchEecuUsageSeconds"))
        return True

    def _failed(self, error: dict[str, Any]) -> bool:
        said = str(error.get("message", ""))
        if error.get("code") == CANCELLED:
            self.again("it was cancelled")
            return False
        failure = classify(ee.EEException(said), connected().project)
        if isinstance(failure, Passing):
            self.again(f"the service failed: {said}")
            return False
        return self._lasting(failure)

    def _lasting(self, failure: SeriesError) -> bool:
        """What is too big is remembered; any other failure is raised, and the next run starts a new task."""
        if isinstance(failure, TooBig):
            self._keep(too_big=True)
            return True
        self.forget()
        raise failure

    def _begun(self) -> str:
        """The name of a new operation, or of the one that an earlier, unanswered request has begun."""
        request = self.request
        try:
            return str(call(lambda: self.begin(request))["name"])
        except Unavailable:
            raise
        except RequestFailed:
            for each in call(ee.data.listOperations):
                if request in each.get("metadata", {}).get("description", ""):
                    return str(each["name"])
            raise

    def _keep(self, **more: Any) -> None:
        self._state |= more
        unfinished = self.record.with_suffix(".part")
        unfinished.write_text(json.dumps(self._state), encoding="utf-8")
        unfinished.replace(self.record)


def ended(tasks: Sequence[BatchTask]) -> Iterator[BatchTask]:
    """The tasks as they end: all are started first, because the service runs a few and lets the others wait.

    A task may be begun again while it is in the hands of the caller (`again`): it then comes once more.
    """
    for task in tasks:
        task.start()
    left, pace = list(tasks), connected().pace
    wait = pace
    while left:
        over = [task for task in left if task.ended or task.look()]
        for task in over:
            yield task
        left = [task for task in left if not task.ended]
        if left and not over:
            time.sleep(wait)
            wait = min(wait * GROWTH, LONGEST_WAIT * pace)
