"""The engine in a process of its own: answers as in threads, is watched from here, and leaves nothing behind."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import ee
import numpy as np
import pytest
from google.auth.credentials import AnonymousCredentials

from offline.errors import EngineError
from offline.process import EngineProcess
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource

GRID = {
    "dimensions": {"width": 8, "height": 8},
    "affineTransform": {"scaleX": 0.01, "shearX": 0, "translateX": 112, "shearY": 0, "scaleY": -0.01, "translateY": 43},
    "crsCode": "EPSG:4326",
}
#: A run that starts an engine and then waits; it prints the number of the engine's process.
RUN = """
import time
from offline.process import EngineProcess
print(EngineProcess({"outlines": []}).pid, flush=True)
time.sleep(600)
"""


def connect(url: str) -> None:
    ee.Reset()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
        ee.Initialize(AnonymousCredentials(), project="offline", url=url)
    ee.data.setMaxRetries(0)


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    square = [[112, 43], [113, 43], [113, 44], [112, 44], [112, 43]]
    with EngineProcess({"outlines": [["Here", "China", {"type": "Polygon", "coordinates": [square]}, {}]]}) as process:
        connect(process.url)
        yield process
        ee.Reset()


def pixels() -> np.ndarray:
    image = ee.ImageCollection("MODIS/061/MOD13Q1").select("NDVI").first()
    return ee.data.computePixels({"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": GRID})


def test_it_answers_as_the_engine_in_threads_does(engine: EngineProcess) -> None:
    apart = pixels()
    with serve(SimulatedSource()) as server:
        connect(server.url)
        together = pixels()
    connect(engine.url)
    np.testing.assert_array_equal(apart, together)
    names = ee.FeatureCollection("FAO/GAUL/2015/level1").aggregate_array("ADM1_NAME").getInfo()
    assert "Here" in names


def test_its_log_is_read_from_here(engine: EngineProcess) -> None:
    before = engine.count("pixels")
    pixels()
    assert engine.count("pixels") == before + 1
    record = [each for each in engine.requests if each.kind == "pixels"][-1]
    assert (record.status, record.input_pixels) == (200, 64)
    assert engine.usage().input_pixels >= 64
    assert len(engine.requests) == engine.usage().requests


def test_faults_are_ordered_and_withdrawn_from_here(engine: EngineProcess) -> None:
    engine.inject("memory", 5, kind="value")
    with pytest.raises(ee.EEException, match="User memory limit exceeded"):
        ee.Number(1).getInfo()
    assert engine.faults.json()[0]["times"] == 4
    engine.faults.clear()
    assert ee.Number(1).getInfo() == 1
    with pytest.raises(EngineError, match="fault 'rain' is unknown"):
        engine.control("POST", "faults", {"name": "rain"})


def test_options_reach_the_engine(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    options = {"latency": "0.3", "eecu_hours": 1e-9, "log": str(log), "exports": str(tmp_path)}
    with EngineProcess({"outlines": []}, **options) as process:
        connect(process.url)
        assert ee.Number(1).getInfo() == 1
        with pytest.raises(ee.EEException, match="EECU-seconds per month"):
            ee.Number(1).getInfo()
        assert next(each for each in process.requests if each.kind == "value").seconds > 0.29
    assert '"summary"' in log.read_text().splitlines()[-1]


def is_there(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def gone(pid: int, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while is_there(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_there(pid)


def test_it_ends_with_its_block() -> None:
    with EngineProcess({"outlines": []}) as process:
        assert is_there(process.pid)
    assert gone(process.pid, 1)
    with pytest.raises(EngineError, match="has ended"):
        process.control("GET", "usage")


@pytest.mark.parametrize("which", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_with_the_run_however_that_ends(which: signal.Signals) -> None:
    """A signal to the whole process group of the run, as a terminal sends it, does not reach the engine itself."""
    run = subprocess.Popen([sys.executable, "-c", RUN], stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert run.stdout is not None
    engine = int(run.stdout.readline())
    assert os.getsid(engine) != os.getsid(run.pid)
    os.killpg(run.pid, which)
    run.communicate()
    assert gone(engine)


def test_settings_of_prefect_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_HOME", "/nowhere")
    with EngineProcess({"outlines": []}) as process:
        assert b"PREFECT_" not in Path(f"/proc/{process.pid}/environ").read_bytes()


def test_an_end_before_its_time_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    with EngineProcess({"outlines": []}) as process, caplog.at_level(logging.ERROR, "drylands"):
        os.kill(process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.05)
    assert "exit code -9" in caplog.text
