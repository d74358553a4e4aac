"""A small store of recent results, shared by threads and bounded by weight."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Keeps the most recently used values up to a total weight; the newest stays whatever it weighs."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Key, build: Callable[[], Value], weight: int = 1) -> Value:
        """The value for a key, built (outside the lock, so perhaps twice) where it is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        value = build()
        with self._lock:
            self._kept.setdefault(key, (value, weight))
            self._kept.move_to_end(key)
            while len(self._kept) > 1 and sum(w for _, w in self._kept.values()) > self._budget:
                self._kept.popitem(last=False)
            return self._kept[key][0]
