"""A Prefect server and a worker as a user starts them, and the server's API."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from checkout import ROOT
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_exponential

#: Loops of the server's services that would take minutes, in seconds; and runs are made further ahead than 100 days.
QUICK_LOOPS = {
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_SCHEDULED_TIME": "P400D",
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "3",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "5",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_AFTER_SECONDS": "1",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_LOOP_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_CANCELLING_TIMEOUT_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_FOREMAN_LOOP_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_FOREMAN_INACTIVITY_HEARTBEAT_MULTIPLE": "2",
    "PREFECT_SERVER_SERVICES_REPOSSESSOR_LOOP_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "2",
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "2",
    "PREFECT_WORKER_QUERY_SECONDS": "2",
}
#: What a log has where something went wrong.
WRONG = re.compile(r"Traceback|\bERROR\b|\bCRITICAL\b|\w+(?:Error|Exception): ")
#: Prefect reads and then writes in one transaction of SQLite, which refuses that at once where another one has written
#: in between. It is no fault of a version: Prefect tries again at the next loop or heartbeat.
RETRIED = "sqlite3.OperationalError: database is locked"
#: The server finds the channel of a worker closed while it reads or sends: the worker has ended, as this module ends
#: every worker. Prefect expects one of the exceptions that Starlette raises then (`WebSocketDisconnect`), not this one.
LEFT = "starlette.websockets.WebSocketDisconnected: "
HARMLESS = re.compile(f"{re.escape(RETRIED)}|{re.escape(LEFT)}")
#: The status of its answer to a request meanwhile.
BUSY = 503


def busy(error: BaseException) -> bool:
    """Whether the server refused a request because its database was locked."""
    return isinstance(error, urllib.error.HTTPError) and error.code == BUSY


@dataclass(frozen=True)
class Service:
    """A running server: its API, the environment of its clients, and a folder with its log."""

    api: str
    environment: dict[str, str]
    folder: Path

    def prefect(self, *words: str) -> str:
        """Run the `prefect` command in the root of the repository; what it prints."""
        command = [sys.executable, "-m", "prefect", "--no-prompt", *words]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
        return done.stdout

    # as Prefect's own client does
    @retry(retry=retry_if_exception(busy), wait=wait_exponential(), stop=stop_after_attempt(5), reraise=True)
    def ask(self, path: str, content: Any = None, method: str | None = None) -> Any:
        """What the API answers."""
        data = None if content is None else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.api}{path}", data=data, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or "null")

    def until(self, condition: Callable[[], Any], seconds: float, what: str, log: str = "server") -> Any:
        """The first true answer of `condition`, asked again and again."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                found = condition()
            except urllib.error.HTTPError:
                raise
            except OSError:  # nothing listens yet
                found = None
            if found:
                return found
            time.sleep(0.5)
        pytest.fail(f"{what} did not come in {seconds} s:\n{self.log(log)[-3000:]}")

    def log(self, name: str) -> str:
        """What the server or the worker has printed."""
        return (self.folder / f"{name}.log").read_text()

    def faults(self, name: str) -> list[str]:
        """Entries of a log, each from its time to the next, that speak of an error."""
        entries = re.split(r"(?m)^(?=\d\d:\d\d:\d\d\.\d{3} \|)", self.log(name))
        return [entry for entry in entries if WRONG.search(entry) and not HARMLESS.search(entry)]

    @contextmanager
    def running(self, name: str, *words: str) -> Iterator[None]:
        """A `prefect` command in the background, ended with the block; it prints into the log `name`."""
        with (self.folder / f"{name}.log").open("w") as out:
            command = [sys.executable, "-m", "prefect", *words]
            process = subprocess.Popen(command, env=self.environment, stdout=out, stderr=out, cwd=ROOT)
            try:
                yield
            finally:
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@contextmanager
def serving(folder: Path) -> Iterator[Service]:
    """`prefect server start` with its database in `folder`, and clients that use it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    others = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment = {
        **others,
        **QUICK_LOOPS,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "DRYLANDS_HOME": str(ROOT),
    }
    service = Service(environment["PREFECT_API_URL"], environment, folder)
    with service.running("server", "server", "start", "--port", str(port)):
        service.until(lambda: service.ask("/health"), 180, "the server")
        yield service
