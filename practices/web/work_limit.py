"""A limit on slow work: N requests at a time, and a short wait for the others.

A server has a limited number of threads. A request waits outside of them and is refused after `patience_s` seconds, so
that simple pages are answered while many requests ask for slow work.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from practices.web.errors import Busy


class WorkLimit:
    """At most `at_once` requests at a time; others wait for `patience_s` seconds at most."""

    def __init__(self, at_once: int, *, patience_s: float) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._patience_s = patience_s

    @asynccontextmanager
    async def slot(self, busy_message: str) -> AsyncIterator[None]:
        """Take a slot. Raises Busy with the message `busy_message` where none becomes free in time."""
        try:
            await asyncio.wait_for(self._free.acquire(), self._patience_s)
        except TimeoutError as error:
            raise Busy(busy_message) from error
        try:
            yield
        finally:
            self._free.release()
