"""Turns at work that takes long: so many at a time, and a short wait for the others.

A server has a limited number of threads. Whoever waits for a turn waits outside of them, and is sent away after a
while, so that simple pages are answered however many ask for what takes long.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from practices.web.errors import Busy


class Turns:
    """So many turns at a time; others wait for `patience_s` seconds at most."""

    def __init__(self, at_once: int, *, patience_s: float) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._patience_s = patience_s

    @asynccontextmanager
    async def turn(self, what: str) -> AsyncIterator[None]:
        """Have a turn. Raises Busy with `what` to say where none gets free in time."""
        try:
            await asyncio.wait_for(self._free.acquire(), self._patience_s)
        except TimeoutError as error:
            raise Busy(what) from error
        try:
            yield
        finally:
            self._free.release()
