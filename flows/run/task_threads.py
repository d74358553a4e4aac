"""How many regions Prefect works on at the same time."""

from __future__ import annotations

from typing import Any, cast

from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner


def threads(workers: int) -> TaskRunner[PrefectFuture[Any]]:
    """A task runner that works on that many regions at the same time."""
    return cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=workers))
