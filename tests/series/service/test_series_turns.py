"""How many requests are under way: more while they are answered, fewer after a refusal, and what many threads get."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextvars import ContextVar

import ee
import pytest

from offline.protocol.server import Server, serve
from offline.sources.simulated.source import SimulatedSource
from series.service.earth_engine import Connection, call, connect
from series.service.many import at_the_same_time
from series.service.tally import counting, eecu_seconds
from series.service.turns import FIRST, MOST, Turns


def test_the_limit_doubles_then_halves_then_grows_by_one() -> None:
    turns = Turns()
    for _ in range(FIRST):
        turns.answered()
    assert turns.limit == 2 * FIRST
    for _ in range(100):
        turns.answered()
    assert turns.limit == MOST
    turns.refused(0)
    turns.refused(0)  # of the same burst
    assert turns.limit == MOST / 2
    for _ in range(MOST // 2):
        turns.answered()
    assert MOST / 2 + 0.9 < turns.limit <= MOST / 2 + 1
    for refusal in range(1, 20):
        turns.refused(refusal)
    assert turns.limit == 1
    assert Turns(most=2).limit == 2


@pytest.fixture(scope="module")
def engine() -> Iterator[Server]:
    with serve(SimulatedSource()) as server:
        yield server


def test_many_requests_are_under_way_together_and_all_are_answered(engine: Server) -> None:
    connect(Connection(url=engine.url))
    engine.inject("slow", 24, kind="value", delay=0.5)

    def ask(number: int) -> int:
        return int(call(ee.Number(number).add(1).getInfo))

    started = time.monotonic()
    found = dict(at_the_same_time(ask, range(24)))
    # one after the other: 12 seconds; with 6, then 12, then 24 at the same time: three rounds
    assert time.monotonic() - started < 6
    assert found == {number: number + 1 for number in range(24)}


def test_refusals_for_too_many_are_survived_by_asking_fewer(engine: Server) -> None:
    connect(Connection(url=engine.url, pace=0.01))
    engine.inject("quota", 30, kind="value", rate=0.5)
    with counting() as tally:
        found = dict(at_the_same_time(lambda number: call(ee.Number(number).getInfo), range(40)))
    assert sorted(found.values()) == list(range(40))
    assert tally.requests == 40 + tally.retries
    assert tally.retries > 5
    engine.faults.clear()


def test_the_first_error_ends_the_work_and_no_further_item_is_begun() -> None:
    begun = []

    def work(number: int) -> int:
        begun.append(number)
        if number == 3:
            raise ValueError("three")
        time.sleep(0.01)
        return number

    with pytest.raises(ValueError, match="three"):
        list(at_the_same_time(work, range(1000), threads=4))
    assert len(begun) < 20


def test_threads_see_the_context_of_the_caller() -> None:
    word: ContextVar[str] = ContextVar("word", default="none")
    word.set("given")
    assert {result for _, result in at_the_same_time(lambda _: word.get(), range(5))} == {"given"}


def test_compute_time_is_the_sum_of_the_first_column() -> None:
    table = (
        " EECU·s PeakMem  Count  Description\n  0.041     92k     52  Algorithm Image.load\n      -    1.0k      1  x\n"
    )
    assert eecu_seconds(table + "  1.5  3k 2 Algorithm B\n") == pytest.approx(1.541)
