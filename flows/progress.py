"""Where the steps of a run report to: the terminal when a person watches, the log otherwise."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: Takes (region, step, done, total); `total` 0 means that the step has no known length.
Sink = Callable[[str, str, int, int], None]

_log = logging.getLogger("drylands")


def _to_log(region: str, step: str, done: int, total: int) -> None:
    if done == total:
        _log.info("%s: %s", region, step)


# Prefect hands each task thread a copy of the caller's context, so a context variable reaches every
# task of the run that set it and no other run in the same process.
_sink: ContextVar[Sink] = ContextVar("progress_sink", default=_to_log)


@contextmanager
def reporting(sink: Sink) -> Iterator[None]:
    """Send the progress of everything run inside the `with` block to `sink`."""
    token = _sink.set(sink)
    try:
        yield
    finally:
        _sink.reset(token)


def report(region: str, step: str, done: int = 0, total: int = 0) -> None:
    """Say that `region` has come to `done` of `total` in `step`."""
    _sink.get()(region, step, done, total)


@contextmanager
def on_behalf_of(region: str) -> Iterator[None]:
    """Report what is done inside the `with` block for other areas as steps of `region`, which needs it."""
    sink = _sink.get()
    with reporting(lambda _, step, done, total: sink(region, step, done, total)):
        yield
