"""Many publishers at once lose nothing and write nothing twice; killed at any moment they leave whole runs only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT

from practices.database.open import open_database
from practices.results.queries import assessments, runs

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent


def run(*arguments: object) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "tests" / "practices"), str(ROOT)])}
    command = [sys.executable, str(HERE / "publishing_processes.py"), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=500, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout.split()


def publish_together(place: str, workers: int, each: int) -> None:
    open_database(place).dispose()
    assert int(run("together", place, workers, each)[1]) > 10
    engine = open_database(place)
    published = runs(engine)
    everything = assessments(engine, all_revisions=True)
    engine.dispose()
    expected = {f"w{worker}-{step}" for worker in range(workers) for step in range(each)}
    assert set(published["digest"]) == expected
    assert len(published) == len(expected)
    for _, own in everything.groupby(["region", "period"]):
        assert sorted(own["revision"]) == list(range(1, len(expected) + 1))


def test_two_hundred_publishes_from_eight_processes_on_postgresql(postgresql_place: str) -> None:
    publish_together(postgresql_place, 8, 25)


def test_forty_publishes_from_four_processes_on_sqlite(tmp_path: Path) -> None:
    publish_together(f"sqlite:///{tmp_path / 'practices.sqlite'}", 4, 10)


def test_killed_at_fifty_moments_the_database_is_whole(place: str) -> None:
    open_database(place).dispose()
    told = run("killed", place, 50, 153)
    assert int(told[2]) >= 25  # most of them while a publish was under way
    assert int(told[4]) >= 50  # and each publisher had published before
