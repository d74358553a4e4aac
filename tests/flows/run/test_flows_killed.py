"""A run that is killed and started again ends with the same files and the same database as one that is left alone."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from practices.database.open import open_database
from practices.report.summary import summary
from practices.results.queries import areas, breaks, observations

KILLED = Path(__file__).with_name("killed.py")
TIMES = ("started", "finished")
#: Attributes of a cube that depend on when and by how many requests it was pulled.
COSTS = ("history", "requests", "repeated_requests", "eecu_seconds")
pytestmark = pytest.mark.slow


def runs(folder: Path, *changes: int) -> list[str]:
    command = [sys.executable, str(KILLED), str(folder), *map(str, changes)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def files(folder: Path) -> dict[str, object]:
    """Content by relative path, without the times at which a cube was pulled and a result made, and the database."""
    found: dict[str, object] = {}
    for path in folder.rglob("*"):
        if path.is_file() and "sqlite" not in path.name:
            name = str(path.relative_to(folder))
            if path.name in (".zattrs", ".zmetadata"):
                content = json.loads(path.read_text())
                attributes = content.get("metadata", {}).get(".zattrs", content)
                for key in COSTS:
                    attributes.pop(key, None)
                found[name] = content
            elif path.name == "summary.json":
                found[name] = {key: value for key, value in json.loads(path.read_text()).items() if key not in TIMES}
            else:
                found[name] = path.read_bytes()
    return found


def tables(folder: Path) -> list[pd.DataFrame]:
    engine = open_database(f"sqlite:///{folder / 'practices.sqlite'}")
    found = [
        query(engine).drop(columns="finished", errors="ignore") for query in (summary, areas, breaks, observations)
    ]
    engine.dispose()
    return found


def test_killed_at_any_moment_and_started_again(tmp_path: Path) -> None:
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    whole, _ = runs(calm, 0, 0)
    total = int(whole.split()[1])
    chance = random.Random(153)
    # mostly early, so that many a run starts from what another left
    moments = sorted(int(total * chance.random() ** 2) + 1 for _ in range(12))
    said = runs(rough, *moments, 0, 0)
    assert [line.split()[0] for line in said][:3] == ["killed"] * 3
    assert said[-1] == "whole 0 0"
    assert files(rough) == files(calm)
    for killed, left in zip(tables(rough), tables(calm), strict=True):
        pd.testing.assert_frame_equal(killed, left)
