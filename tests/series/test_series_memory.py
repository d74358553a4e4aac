"""What a run works out once: by the first of several threads, again after a failure."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from series.memory import RunMemory


def test_a_result_is_made_once_by_one_of_many_threads() -> None:
    memory, made, start = RunMemory(), [], Barrier(8)

    def ask(number: int) -> int:
        start.wait()
        return int(memory.once("key", lambda: made.append(number) or len(made)))

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(8))) == {1}
    assert len(made) == 1
    assert memory.once("other", lambda: None) is None


def test_a_failure_is_not_kept() -> None:
    memory = RunMemory()
    with pytest.raises(ZeroDivisionError):
        memory.once("key", lambda: 1 // 0)
    assert memory.once("key", lambda: 7) == 7


def test_what_is_taken_is_forgotten() -> None:
    memory = RunMemory()
    memory.put("key", 3)
    assert memory.take("key") == 3
    assert memory.take("key") is None
