"""Many requests at the same time, few answers in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from itertools import islice
from typing import TypeVar

from series.service.turns import MOST

Item = TypeVar("Item")
Result = TypeVar("Result")


def at_the_same_time(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int = MOST
) -> Iterator[tuple[Item, Result]]:
    """Each item with the result of `work`, as they come; at most `threads` under way or waiting to be taken.

    The threads see the context variables of the caller. After an error no further item is begun; those under way are
    finished, then the first error is raised. How many requests are sent at the same time is decided by
    `series.service.turns`.
    """
    left = iter(items)
    with ThreadPoolExecutor(threads, thread_name_prefix="pull") as pool:
        running: dict[Future[Result], Item] = {}

        def begin(count: int) -> None:
            for item in islice(left, count):
                running[pool.submit(copy_context().run, work, item)] = item

        begin(threads)
        try:
            while running:
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    item = running.pop(done)
                    yield item, done.result()
                    begin(1)
        finally:
            for future in running:
                future.cancel()
