"""The server of one run: what Prefect's clients hold is sent before it ends, and the next run has its own clients."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest


@pytest.mark.slow
def test_two_runs_in_one_process_leave_nothing_that_waits_for_a_server_that_is_gone() -> None:
    from prefect import flow
    from prefect._internal.concurrency.services import _QueueServiceBase
    from prefect.events import emit_event

    from flows.run.prefect_server import prefect_api

    @flow
    def told(name: str) -> None:
        for number in range(20):
            emit_event(f"drylands.test.{number}", resource={"prefect.resource.id": f"drylands.{name}"})

    for name in ("first", "second"):
        with prefect_api():
            told(name)
        assert dict(_QueueServiceBase._instances) == {}


@pytest.mark.slow
def test_blocks_are_not_registered_and_are_left_to_a_server_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.run.prefect_server import own_server

    for name in [name for name in os.environ if name.startswith("PREFECT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    with own_server():
        pass
    with closing(sqlite3.connect(tmp_path / "prefect.db")) as connection:
        assert connection.execute("SELECT count(*) FROM block_type").fetchone() == (0,)
    # nor is it noted that they were
    assert not (tmp_path / "memo_store.toml").exists()
