"""Runs of many regions compute in processes: the same results, steps and errors, and no process is left."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest
from checkout import ROOT
from made_cubes import made, region
from shapely import box
from typed import QUICK, Drylands, polygons

from flows.errors import FlowError
from flows.pull.pulled import Pulled
from flows.region.processes import MANY, computing
from flows.region.results import SUMMARY, compute_profiles
from flows.request.assess import AssessRequest
from flows.run.progress import reporting
from series.errors import CorruptCube

WHERE = region(12, 15)


def asked(data: Path) -> AssessRequest:
    return AssessRequest(regions=("made",), data=data, permutations=19, pixel_breaks=False)


@pytest.fixture(scope="module")
def pulled(tmp_path_factory: pytest.TempPathFactory) -> Pulled:
    return made(tmp_path_factory.mktemp("cubes"), WHERE)


def contents(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name != SUMMARY}


def ended(process: int, seconds: float = 10) -> bool:
    """Whether a process has ended within some seconds."""
    deadline = time.monotonic() + seconds
    while Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not Path(f"/proc/{process}").exists()


def children() -> set[int]:
    return {int(each) for path in Path("/proc/self/task").glob("*/children") for each in path.read_text().split()}


@pytest.mark.parametrize(
    ("regions", "options", "here"),
    [
        (MANY - 1, {}, True),
        (MANY, {"workers": 1}, True),
        (MANY, {"dask": "tcp://127.0.0.1:8786"}, True),
        (MANY, {}, False),
    ],
)
def test_only_many_regions_take_processes(regions: int, options: dict[str, object], here: bool) -> None:
    request = AssessRequest(regions=("made",)).model_copy(update=options)
    with computing(request, regions) as compute:
        assert (compute is compute_profiles) == here


def test_a_process_gives_the_same_results_steps_and_errors(
    tmp_path: Path, pulled: Pulled, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "drylands")
    steps: dict[str, list[tuple[object, ...]]] = {"here": [], "there": []}
    results = {}
    before = children()
    with computing(asked(tmp_path), MANY) as there:
        for name, compute in (("here", compute_profiles), ("there", there)):
            with reporting(lambda *step, name=name: steps[name].append(step)):  # type: ignore[misc]
                (results[name],) = compute(WHERE, pulled, asked(tmp_path / name), "simulated")
        assert steps["here"] == steps["there"] != []
        assert contents(results["here"].folder) == contents(results["there"].folder) != {}
        assert results["there"].digest == results["here"].digest
        (process,) = children() - before

        broken = tmp_path / "broken" / pulled.cubes["productivity"].name
        shutil.copytree(pulled.cubes["productivity"], broken)
        shutil.rmtree(next(path for path in broken.iterdir() if path.is_dir() and path.name == "productivity"))
        lost = Pulled({**pulled.cubes, "productivity": broken}, pulled.datasets, None, {"season_mean": broken})
        with pytest.raises(CorruptCube, match="productivity") as failed:
            there(WHERE, lost, asked(tmp_path / "lost"), "simulated")
        assert any("look" in note for note in failed.value.__notes__)  # where it failed in the process
        assert children() - before == {process}  # it goes on
    assert ended(process)


def test_a_process_that_is_killed_fails_its_region_alone(tmp_path: Path, pulled: Pulled) -> None:
    before = children()

    def kill(*_: object) -> None:
        for process in children() - before:
            os.kill(process, signal.SIGKILL)

    with computing(asked(tmp_path), MANY) as compute:
        with pytest.raises(FlowError, match="computes made ended with exit code -9"), reporting(kill):
            compute(WHERE, pulled, asked(tmp_path), "simulated")
        (result,) = compute(WHERE, pulled, asked(tmp_path), "simulated")
    assert (result.folder / SUMMARY).is_file()
    assert children() == before


def test_a_run_that_is_killed_leaves_no_process(tmp_path: Path) -> None:
    """In the middle of a region."""
    program = Path(__file__).with_name("busy_worker.py")
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "flows")}
    command = [sys.executable, program, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as run:
        assert run.stdout is not None
        process = int(run.stdout.readline())
        assert not ended(process, 0)
        run.kill()
    assert run.returncode == -signal.SIGKILL
    assert ended(process)


@pytest.mark.slow
def test_many_regions_from_the_command_line(drylands: Drylands, tmp_path: Path) -> None:
    shapes = {f"place {n}": box(112 + 0.3 * n, 43, 112.2 + 0.3 * n, 43.2) for n in range(MANY)}
    polygons(tmp_path / "places.geojson", shapes)
    before = children()
    quick = (*QUICK, "--permutations", "19", "--no-pixel-breaks")
    code, said, error = drylands("assess", "--regions-file", "places.geojson", *quick)
    assert (code, error) == (0, "")
    assert all(f"place-{n}" in said for n in range(MANY))
    assert children() == before
