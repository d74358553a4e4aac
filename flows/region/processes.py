"""Processes that compute regions, for runs of many of them.

To compute a small region is mostly Python, of which a process runs one thread at a time, however many processors there
are. So each thread of a run with many regions has a process that computes for it. The thread itself waits, reports and
logs what the process sends. Pulling and publishing stay in the threads. Run as `python -m flows.region.processes`, this
module is such a process. It ends when its connection closes: when the run ends, however it ends.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import QueueHandler
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from flows.errors import FlowError
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.run.progress import report, sending
from flows.run.quiet import quiet

if TYPE_CHECKING:
    from flows.pull.pulled import Pulled
    from flows.request.assess import AssessRequest
    from regions.model import Region

#: Regions of a run from which on processes compute: each takes some seconds to start.
MANY = 8

Compute = Callable[["Region", "Pulled", "AssessRequest", str], tuple[RegionResult, ...]]


@contextmanager
def computing(request: AssessRequest, regions: int) -> Iterator[Compute]:
    """The function that computes a region of a run of so many: `compute_profiles`, here or in processes."""
    if regions < MANY or request.workers == 1 or request.dask is not None:
        yield compute_profiles
        return
    workers = _Workers()
    try:
        yield workers.compute
    finally:
        workers.end()


class _Workers:
    """Processes that are started when no other is idle; so there are as many as threads that compute."""

    def __init__(self) -> None:
        self._all: list[_Worker] = []
        self._idle: SimpleQueue[_Worker] = SimpleQueue()

    def compute(self, region: Region, pulled: Pulled, request: AssessRequest, origin: str) -> tuple[RegionResult, ...]:
        """`compute_profiles` in a process. Raises what it raises, and FlowError where the process ends."""
        try:
            worker = self._idle.get_nowait()
        except Empty:
            worker = _Worker()
            self._all.append(worker)
        try:
            return worker.compute(region, pulled, request, origin)
        finally:
            if worker.alive:
                self._idle.put(worker)

    def end(self) -> None:
        """End all processes."""
        for worker in self._all:
            worker.end()


class _Worker:
    """One process, and the connection to it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "flows.region.processes", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._connection = Connection(ours.detach())

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def compute(self, *arguments: Any) -> tuple[RegionResult, ...]:
        try:
            self._connection.send(arguments)
            while True:
                kind, content = self._connection.recv()
                if kind == "step":
                    report(*content)
                elif kind == "log":
                    _log(content)
                elif kind == "failed":
                    raise content
                else:
                    return tuple(content)
        except (EOFError, ConnectionError) as error:
            code = self._process.wait()
            raise FlowError(
                f"the process that computes {arguments[0].id} ended with exit code {code}; "
                f"-9 is mostly a lack of memory: free some, or give --workers 1; the same command continues"
            ) from error

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()
        self._connection.close()


def _log(record: logging.LogRecord) -> None:
    log = logging.getLogger(record.name)
    if log.isEnabledFor(record.levelno):
        log.handle(record)


class _Channel:
    """The connection of a worker process: jobs that arrive, and what is sent while they are done."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.jobs: SimpleQueue[tuple[Any, ...]] = SimpleQueue()

    def listen(self) -> None:
        """Keep the jobs that arrive. End this process when the connection closes, also in the middle of a job."""
        while True:
            try:
                self.jobs.put(self._connection.recv())
            except (EOFError, ConnectionError):
                os._exit(0)

    def send(self, kind: str, content: Any) -> None:
        with self._lock:
            self._connection.send((kind, content))

    def put_nowait(self, record: logging.LogRecord) -> None:
        """Send a message of the log; the name is that of a queue, for QueueHandler."""
        self.send("log", record)

    def step(self, *content: Any) -> None:
        self.send("step", content)


def sendable(error: Exception) -> Exception:
    """The error with its traceback as a note, or where it cannot be sent one that says the same."""
    error.add_note(traceback.format_exc())
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))
    except Exception:
        return FlowError(f"{type(error).__name__}: {error}")
    return error


def main() -> None:
    """Compute regions for the process at the other end of the socket whose number is the first argument."""
    quiet()
    channel = _Channel(Connection(int(sys.argv[1])))
    log = logging.getLogger("drylands")
    log.setLevel(logging.DEBUG)  # the run decides what is kept
    log.propagate = False
    log.addHandler(QueueHandler(channel))  # type: ignore[arg-type]
    threading.Thread(target=channel.listen, daemon=True).start()
    with sending(channel.step):
        while True:
            try:
                channel.send("done", compute_profiles(*channel.jobs.get()))
            except Exception as error:
                channel.send("failed", sendable(error))


if __name__ == "__main__":
    main()
