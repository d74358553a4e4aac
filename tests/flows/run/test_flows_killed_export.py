"""A run that is killed during exports and downloads continues them: no operation is started twice, same bytes."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import ee
import pytest
from killed_export import cubes

from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from series.cubes.pull import pull
from series.service.earth_engine import Connection, connect

KILLED = Path(__file__).with_name("killed_export.py")
pytestmark = pytest.mark.slow


def runs(folder: Path, url: str, *moments: int) -> list[str]:
    command = [sys.executable, str(KILLED), str(folder), url, *map(str, moments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def pixels(folder: Path) -> dict[str, bytes]:
    """All files of cubes but the attributes that say how they were made."""
    found = {str(each.relative_to(folder)): each for each in folder.glob("*.zarr/**/*") if each.is_file()}
    return {name: each.read_bytes() for name, each in found.items() if each.name not in (".zattrs", ".zmetadata")}


def test_killed_during_exports_and_downloads_and_started_again(tmp_path: Path) -> None:
    with serve(SimulatedSource(), exports=tmp_path / "exports") as engine:
        chance = random.Random(16)
        # early, so that many a run starts from what another left
        said = runs(tmp_path / "rough", engine.url, *(chance.randint(1, 30) for _ in range(12)), 0, 0)
        assert [line.split()[0] for line in said].count("killed") >= 8
        assert said[-1] == "whole 0"
        connect(Connection(url=engine.url))
        operations = [each["metadata"] for each in ee.data.listOperations()]
        requested = [pull(cube) for cube in cubes(tmp_path / "requested")]
    assert len(operations) == len(requested)
    assert {each["state"] for each in operations} == {"SUCCEEDED"}
    assert pixels(tmp_path / "rough") == pixels(tmp_path / "requested")
    assert {each.name for each in requested} <= {path.name for path in (tmp_path / "rough").iterdir()}
    assert not [*(tmp_path / "rough").glob(".*.tiles")]
