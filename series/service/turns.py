"""How many requests are under way at the same time: more while the service answers, fewer when it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition

#: Requests at the same time: those of the beginning, and the most that the service answers.
FIRST, MOST = 6, 40


@dataclass
class Turns:
    """A limit on concurrent requests that follows what the service bears, as TCP does.

    It doubles with each round of answers until the service refuses a request for the first time. A refusal halves it;
    from then on each round of answers adds one. Refusals of requests that began before the last halving do not count
    again: they are of the same moment.
    """

    limit: float = FIRST
    most: int = MOST
    running: int = 0
    largest: int = 0
    refusals: int = 0
    _free: Condition = field(default_factory=Condition, repr=False)

    def __post_init__(self) -> None:
        self.limit = min(self.limit, self.most)

    @contextmanager
    def turn(self) -> Iterator[int]:
        """Wait until a request may start; gives the number that `refused` takes."""
        with self._free:
            self._free.wait_for(lambda: self.running < int(self.limit))
            self.running += 1
            self.largest = max(self.largest, self.running)
            began = self.refusals
        try:
            yield began
        finally:
            with self._free:
                self.running -= 1
                self._free.notify_all()

    def answered(self) -> None:
        """The service answered a request: allow more."""
        with self._free:
            self.limit = min(self.limit + (1 / self.limit if self.refusals else 1), self.most)
            self._free.notify_all()

    def refused(self, began: int) -> None:
        """The service refused a request because there are too many: allow half as many."""
        with self._free:
            if began == self.refusals:
                self.limit = max(self.limit / 2, 1.0)
                self.refusals += 1
