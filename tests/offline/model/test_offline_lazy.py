"""Attributes worked out once: for each instance, and without waiting for other instances."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from offline.model.lazy import lazy

PATIENCE = 20.0


class Field:
    """One that counts how often it is worked out, and meets the others while it is."""

    def __init__(self, met: Barrier | None = None) -> None:
        self.met = met
        self.times = 0

    @lazy
    def value(self) -> int:
        """A number."""
        self.times += 1
        if self.met is not None:
            self.met.wait(PATIENCE)
        return self.times

    @lazy
    def double(self) -> int:
        return 2 * self.value


def test_a_value_is_worked_out_once_and_may_need_another() -> None:
    field = Field()
    assert (field.double, field.value, field.value, field.times) == (2, 1, 1, 1)
    assert Field.value.__doc__ == "A number."


def test_instances_do_not_wait_for_each_other() -> None:
    """Two are worked out at the same time: with a lock that all share, neither would reach the barrier in time."""
    met = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        assert [*pool.map(lambda field: field.double, [Field(met), Field(met)])] == [2, 2]


def test_threads_share_the_value_of_one_instance() -> None:
    begun, go_on = Event(), Event()

    class Slow:
        times = 0

        @lazy
        def value(self) -> int:
            self.times += 1
            begun.set()
            go_on.wait(PATIENCE)
            return self.times

    slow = Slow()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(lambda: slow.value)
        assert begun.wait(PATIENCE)
        second = pool.submit(lambda: slow.value)
        go_on.set()
        assert (first.result(), second.result(), slow.times) == (1, 1, 1)
