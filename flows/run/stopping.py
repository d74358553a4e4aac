"""What ends a command from outside: Ctrl-C, SIGTERM or the end of the terminal.

Results, cubes and the database are whole at any moment (`tests/flows/test_flows_killed.py`), so a command has nothing
to finish and ends immediately. A thread does this, because the main thread may be busy in compiled code, and libraries
replace the handlers of signals while they run.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import copy_context
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: How long the last acts of a command may take together, seconds.
LAST_SECONDS = 1.5
SHOW_CURSOR = b"\x1b[?25h"

Act = Callable[[str], object]
_last_acts: list[Act] = []


@contextmanager
def last_act(act: Act) -> Iterator[None]:
    """Have `act` called with the name of the signal if one ends the command within the `with` block.

    It runs in a thread of its own, in the context of the caller, and must end within LAST_SECONDS.
    """
    context = copy_context()

    def in_context(signal_name: str) -> None:
        context.run(act, signal_name)

    _last_acts.append(in_context)
    try:
        yield
    finally:
        _last_acts.remove(in_context)


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End this process with exit code 128 + n when signal n of `SIGNALS` comes while the `with` block runs.

    A signal that the caller ignores (`nohup`) stays ignored. Only the main thread can take signals; in another one this
    does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    earlier_fd = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    taken = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    earlier = {each: signal.signal(each, _hold) for each in taken}
    watcher = threading.Thread(target=_watch, args=(reading, {*taken}, _Terminal()), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        for each, handler in earlier.items():
            signal.signal(each, handler)
        signal.set_wakeup_fd(earlier_fd)
        os.close(writing)  # ends the watcher
        watcher.join()
        os.close(reading)


def _hold(_number: int, _frame: Any) -> None:
    """Keep the main thread from going on while the watcher ends the process."""
    threading.Event().wait(2 * LAST_SECONDS)


def _watch(reading: int, taken: set[int], terminal: _Terminal) -> None:
    """End the process at the first signal in `taken`; Python writes the number of every signal to the pipe."""
    while numbers := os.read(reading, 64):
        for number in numbers:
            if number in taken:
                _end(signal.Signals(number), terminal)


def _end(which: signal.Signals, terminal: _Terminal) -> None:
    """Do the last acts and end the process, also where one of them waits for what the main thread holds."""
    acts = [
        threading.Thread(target=act, args=(which.name,), daemon=True) for act in (terminal.restore, _say, *_last_acts)
    ]
    for act in acts:
        act.start()
    deadline = time.monotonic() + LAST_SECONDS
    for act in acts:
        act.join(max(deadline - time.monotonic(), 0.0))
    os._exit(128 + which)


def _say(name: str) -> None:
    with suppress(OSError, ValueError):  # the terminal may be gone
        sys.stdout.flush()
        os.write(2, f"\nStopped by {name}. Finished work is kept; the same command resumes there.\n".encode())


class _Terminal:
    """The terminal as it was when the command began: a prompt for a password or a progress bar may have changed it."""

    def __init__(self) -> None:
        self._settings = termios.tcgetattr(0) if os.isatty(0) else None

    def restore(self, _: str) -> None:
        """Echo again, and show the cursor; only in the foreground, where the terminal is ours to set."""
        with suppress(OSError, termios.error):
            if os.isatty(1):
                os.write(1, SHOW_CURSOR)
            if self._settings is not None and os.tcgetpgrp(0) == os.getpgrp():
                termios.tcsetattr(0, termios.TCSANOW, self._settings)
