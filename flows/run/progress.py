"""Where the steps of a run are reported: to the log of the run, and to the terminal when a person watches."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from flows.run.failures import plain_failure

#: Takes (region, step, done, total); `total` 0 means that the step has no known length.
Sink = Callable[[str, str, int, int], None]

#: The last steps of a region.
PUBLISHED, WATCHED, FAILED = "published", "watched", "failed"
LAST_STEPS = frozenset({PUBLISHED, WATCHED, FAILED})

_log = logging.getLogger("drylands")
_logged: dict[str, str] = {}


def _to_log(region: str, step: str, _done: int, _total: int) -> None:
    """Log each step of a region once, when it begins."""
    if _logged.get(region) != step:
        _logged[region] = step
        _log.info("%s: %s", region, step)


# Prefect hands each task thread a copy of the caller's context, so a context variable reaches every
# task of the run that set it and no other run in the same process.
_sink: ContextVar[Sink] = ContextVar("progress_sink", default=_to_log)


@contextmanager
def sending(sink: Sink) -> Iterator[None]:
    """Send the progress of everything run inside the `with` block to `sink` alone."""
    token = _sink.set(sink)
    try:
        yield
    finally:
        _sink.reset(token)


@contextmanager
def reporting(sink: Sink) -> Iterator[None]:
    """Send the progress of everything run inside the `with` block to `sink`, too."""

    def both(region: str, step: str, done: int, total: int) -> None:
        _to_log(region, step, done, total)
        sink(region, step, done, total)

    with sending(both):
        yield


def report(region: str, step: str, done: int = 0, total: int = 0) -> None:
    """Report that `region` has come to `done` of `total` in `step`."""
    _sink.get()(region, step, done, total)


def note(text: str) -> None:
    """Log what concerns the whole run."""
    _log.info("%s", text)


@contextmanager
def region_run(region: str, last_step: str) -> Iterator[None]:
    """Report the begin and the end of all work on a region: `last_step`, or that it failed and why."""
    report(region, "starting")
    try:
        yield
    except Exception as error:
        report(region, FAILED, 1, 1)
        # the reason in plain words; Prefect logs the traceback of the task
        _log.error("%s: %s", region, plain_failure(error) or repr(error))
        raise
    report(region, last_step, 1, 1)


@contextmanager
def on_behalf_of(region: str) -> Iterator[None]:
    """Report what is done inside the `with` block for other areas as steps of `region`, which needs it."""
    sink = _sink.get()
    with sending(lambda _, step, done, total: sink(region, step, done, total)):
        yield
