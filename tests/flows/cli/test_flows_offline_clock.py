"""`drylands offline --today`: the engine of the command has a clock."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import ee
import pytest
from typed import Drylands

from series.service.earth_engine import Connection, connect


def test_images_exist_up_to_the_day_that_is_given(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "flows.cli.start", "offline", "--port", "0", "--today", "2027-03-15"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as engine:
        assert engine.stdout is not None
        said = engine.stdout.readline() + engine.stdout.readline()
        assert "on 2027-03-15" in said
        address = re.search(r"http://[\d.:]+", said)
        assert address is not None
        connect(Connection(url=address[0]))
        months = ee.ImageCollection("ECMWF/ERA5_LAND/MONTHLY_AGGR")
        assert ee.Date(months.aggregate_max("system:time_start")).format("YYYY-MM").getInfo() == "2027-02"
        engine.send_signal(signal.SIGINT)
        assert engine.wait(30) == 128 + signal.SIGINT


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--today", "2031-01-01"), "the simulated landscape has weather up to 2030-12-31; give a day up to it"),
        (("some-folder", "--today", "2027-03-15"), "only the simulated landscape has a clock"),
        (("algorithms", "--today", "2027-03-15"), "offline algorithms only lists and does not use --today"),
    ],
)
def test_a_day_that_cannot_be_used_is_refused(drylands: Drylands, words: tuple[str, ...], message: str) -> None:
    code, _, error = drylands("offline", *words)
    assert (code, message in " ".join(error.split())) == (1, True), error
