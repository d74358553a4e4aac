"""Who computes the blocks of a region: threads of this process, or the workers of a Dask cluster."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from flows.errors import FlowError

if TYPE_CHECKING:
    from distributed import Client

Item = TypeVar("Item")
Result = TypeVar("Result")


@contextmanager
def workforce(dask: str | None, regions: int = 1) -> Iterator[tuple[Executor, int]]:
    """An executor and how many blocks it works on at the same time.

    `dask` is the address of a scheduler whose workers see the same files; without, threads of this process share its
    processors with `regions` regions. Raises FlowError if no scheduler answers.
    """
    if dask is not None:
        with connected(dask) as client:
            executor = client.get_executor(pure=False)
            yield executor, max(sum(client.nthreads().values()), 1)
        return
    count = max((os.cpu_count() or 1) // max(regions, 1), 1)
    with ThreadPoolExecutor(count, thread_name_prefix="block") as threads:
        yield threads, count


def connected(address: str, timeout: float = 30) -> Client:
    """A client of the scheduler there. Raises FlowError if none answers within `timeout` seconds."""
    from distributed import Client

    try:
        return Client(address, set_as_default=False, timeout=timeout)
    except (OSError, ValueError) as error:
        raise FlowError(
            f"no Dask scheduler answers at {address} ({error}); start one with `dask scheduler` and give the address "
            f"that it prints, or leave --dask out"
        ) from error


def side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """The results of `work` in the order of `items`, by as many threads as there are processors here."""
    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="side-by-side") as threads:
        return list(threads.map(work, items))


def in_order(workers: tuple[Executor, int], work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """The results of `work` in the order of `items`; few are under way at a time, so that memory stays flat."""
    executor, count = workers
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(executor.submit(work, item))
        if len(waiting) > count:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
