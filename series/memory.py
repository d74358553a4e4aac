"""Answers that do not depend on a region, worked out once in a run."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any


class RunMemory:
    """Results by key, each made by the first thread that needs it; the others wait for that one key only.

    A result whose making failed is made again by the next that needs it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._locks: dict[Hashable, Lock] = {}
        self._made: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The result under `key`; `make` computes it the first time."""
        with self._lock:
            own = self._locks.setdefault(key, Lock())
        with own:
            if key not in self._made:
                self._made[key] = make()
            return self._made[key]

    def take(self, key: Hashable) -> Any:
        """Remove and return the result under `key`; None if there is none."""
        with self._lock:
            return self._made.pop(key, None)

    def put(self, key: Hashable, result: Any) -> None:
        """Keep a result under `key`."""
        with self._lock:
            self._made[key] = result
