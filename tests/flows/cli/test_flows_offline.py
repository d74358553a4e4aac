"""`drylands offline` rehearses the service: slow, with a budget and a log; a run that the budget ends goes on."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from typed import QUICK, Drylands

from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource

NUMBER = {"expression": {"values": {"0": {"constantValue": 1}}, "result": "0"}}


def test_the_command_is_as_slow_and_strict_as_it_is_told_and_writes_its_log(tmp_path: Path) -> None:
    words = ["--port", "0", "--latency", "0.4", "--eecu-hours", "1e-9", "--concurrent", "7", "--log", "log.jsonl"]
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "flows.cli.start", "offline", *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as engine:
        assert engine.stdout is not None
        address = re.search(r"http://[\d.:]+", engine.stdout.readline())
        assert address is not None
        url = f"{address[0]}/v1/projects/x/value:compute"
        begin = time.monotonic()
        assert requests.post(url, json=NUMBER, timeout=30).json() == {"result": 1}
        assert time.monotonic() - begin >= 0.4
        assert requests.post(url, json=NUMBER, timeout=30).status_code == 429
        engine.send_signal(signal.SIGINT)
        assert engine.wait(30) == 128 + signal.SIGINT
    *lines, last = map(json.loads, (tmp_path / "log.jsonl").read_text().splitlines())
    assert [line["status"] for line in lines] == [200, 429]
    assert (last["summary"]["requests"], last["summary"]["refused"]) == (2, 1)
    assert last["summary"]["charged"] == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--latency", "soon"), "latency 'soon': give seconds"),
        (("--log", "no/folder/log.jsonl"), "there is no folder no/folder; create it"),
        (("algorithms", "--latency", "2"), "offline algorithms only lists and does not use --latency"),
    ],
)
def test_what_cannot_be_used_is_refused(drylands: Drylands, words: tuple[str, ...], message: str) -> None:
    code, _, error = drylands("offline", *words)
    assert (code, message in error.replace("\n", " ")) == (1, True)


@pytest.mark.slow
def test_a_run_that_the_budget_ends_goes_on_when_it_is_renewed(drylands: Drylands) -> None:
    """What one month has stored is not pulled in the next."""
    words = ("assess", "west", "--regions-file", "places.geojson", *QUICK, "--permutations", "19", "--no-pixel-breaks")
    with serve(SimulatedSource(), eecu_hours=0.05 / 3600) as server:
        source = (*words, "--source", server.url)
        code, said, error = drylands(*source)
        assert code == 1
        assert "compute quota" in said + error
        pulled = server.usage().eecu_seconds
        server.limits.eecu_hours = 1
        code, said, error = drylands(*source)
        assert code == 0, said + error
        together = server.usage().eecu_seconds
        assert server.usage().refused >= 1
    with serve(SimulatedSource()) as server:
        code, *_ = drylands(*words, "--source", server.url, "--data", "other")
        alone = server.usage().eecu_seconds
    assert code == 0
    assert 0 < pulled < alone
    # a part that was under way when the budget ended is asked for again
    assert together < 1.5 * alone
