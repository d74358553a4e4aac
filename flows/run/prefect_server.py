"""Prefect's API for one run of the command: a server of its own, in its own session, that ends with the run.

Prefect's own temporary server stands in the session of the command: Ctrl-C in a terminal reaches both, and the run
then waits for a server that is gone. Run as `python -m flows.run.prefect_server`, this module is that server.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

from flows.errors import FlowError

if TYPE_CHECKING:
    import uvicorn

#: Variables of a server of our own. Nothing of a run needs Prefect's blocks, which take seconds to register; what notes
#: that they are registered is off, too: a server that the user starts in the same folder registers them.
SETTINGS = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "0",
    "PREFECT_MEMOIZE_BLOCK_AUTO_REGISTRATION": "0",
}
#: How long a server may take to answer for the first time, and to end when it has to, seconds.
PATIENCE, LAST_SECONDS = 180, 3


@contextmanager
def prefect_api() -> Iterator[None]:
    """Prefect's API while the `with` block runs: the one the user has set up, else a server of our own.

    Raises FlowError where our own does not start.
    """
    from prefect.settings import PREFECT_API_URL, temporary_settings

    if PREFECT_API_URL.value():
        yield
        return
    with own_server() as url, temporary_settings({PREFECT_API_URL: url}):
        try:
            yield
        finally:
            _send_the_rest()


def _send_the_rest() -> None:
    """Send the events and messages of the run that wait in this process, and end Prefect's threads for them.

    They would try for seconds to reach a server that is gone, each of them; and the next run in this process would give
    its own to them.
    """
    from prefect.events.worker import EventsWorker

    EventsWorker.drain_all(timeout=LAST_SECONDS)  # despite its name, of every such service


@contextmanager
def own_server() -> Iterator[str]:
    """A server on a free port of this machine; its API's address. It ends with the block, or with this process."""
    with TemporaryFile() as said:
        process, port = _started(said)
        try:
            url = f"http://127.0.0.1:{port}/api"
            _wait(process, url, said)
            yield url
        finally:
            process.communicate()  # closes its input, at which it ends


def _started(said: IO[bytes]) -> tuple[subprocess.Popen[bytes], int]:
    """A server and its port; what goes wrong in it is written to `said`."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.run.prefect_server", str(listening.fileno())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
            pass_fds=[listening.fileno()],
            start_new_session=True,
            env=os.environ | SETTINGS,
        )
        return process, listening.getsockname()[1]


def _wait(process: subprocess.Popen[bytes], url: str, said: IO[bytes]) -> None:
    """Wait for the first answer. Raises FlowError if none comes."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=PATIENCE) as answer:
            answer.read()
    except OSError as error:
        process.kill()
        process.wait()
        said.seek(0)
        last = said.read().decode(errors="replace").strip().splitlines()[-1:] or [str(error)]
        raise FlowError(
            f"Prefect's server does not start: {last[0]}. Try `prefect server start`, then set PREFECT_API_URL to the "
            f"address that it prints"
        ) from error


def _end_with_parent(server: uvicorn.Server) -> None:
    """End this process when its input closes: when the run ends, however it ends."""
    sys.stdin.buffer.read()
    server.should_exit = True
    time.sleep(LAST_SECONDS)
    os._exit(0)


def main() -> None:
    """Serve Prefect's API on the listening socket whose number is the first argument."""
    import uvicorn

    listening = socket.socket(fileno=int(sys.argv[1]))
    config = uvicorn.Config(
        "prefect.server.api.server:create_app", factory=True, lifespan="on", log_level="error", access_log=False
    )
    server = uvicorn.Server(config)
    threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    server.run(sockets=[listening])


if __name__ == "__main__":
    main()
