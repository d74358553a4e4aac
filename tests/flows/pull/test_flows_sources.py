"""Where the offline engine runs: threads of a small run, a process of a large one, with the same answers."""

from __future__ import annotations

from pathlib import Path

import ee
import pytest
from own_catalogues import own_folder

from flows.defaults import DEFAULT_WORLD
from flows.errors import UnknownSource
from flows.pull.sources import MANY, engine_process, opened
from offline.process import EngineProcess
from offline.protocol.server import Server, serve
from offline.sources.own_files.files import FileSource
from offline.sources.simulated.source import SimulatedSource
from series.service.earth_engine import call


def answer() -> dict[str, float]:
    image = ee.ImageCollection("MODIS/061/MOD13Q1").select("NDVI").first()
    region = ee.Geometry.Rectangle([112, 43, 112.1, 43.1])
    return dict(call(lambda: image.reduceRegion("mean", region, 250).getInfo()))


def test_a_large_run_has_a_process_and_the_same_answers() -> None:
    with opened("simulated", None, {}, regions=MANY - 1) as few:
        assert isinstance(few.server, Server)
        expected = answer()
        names = ee.FeatureCollection("FAO/GAUL/2015/level1").aggregate_array("ADM1_NAME").getInfo()
    with opened("simulated", None, {}, regions=MANY) as many:
        assert isinstance(many.server, EngineProcess)
        assert answer() == expected
        assert ee.FeatureCollection("FAO/GAUL/2015/level1").aggregate_array("ADM1_NAME").getInfo() == names
        assert many.server.count("value") >= 2
        assert (many.origin, many.fingerprint) == (few.origin, few.fingerprint)


def test_a_process_that_was_started_early_is_used() -> None:
    with engine_process("simulated", MANY) as early:
        assert early is not None
        with opened("simulated", None, {}, regions=MANY) as source:
            assert source.server is early
            assert early.origin == source.origin
    with engine_process("simulated", MANY - 1) as none:
        assert none is None


def test_a_run_uses_an_engine_that_runs_already_and_refuses_others(tmp_path: Path) -> None:
    with serve(SimulatedSource(world=DEFAULT_WORLD)) as server:
        with opened(server.url, None, {}):
            answer()
        with opened(server.url, None, {}, regions=MANY) as source:
            assert (source.origin, source.files) == ("simulated", None)
            assert source.server is not None
            assert [each for each in source.server.requests if each.kind == "value"] == []
            answer()
            assert source.server.count("value") == 1
        with opened("simulated", None, {}) as own:
            assert own.fingerprint == source.fingerprint
    refused = pytest.raises(UnknownSource, match=r"no offline engine answers .* start drylands offline")
    with refused, opened("http://127.0.0.1:9", None, {}):
        pass
    with (
        serve(FileSource(own_folder(tmp_path / "own"))) as files,
        pytest.raises(UnknownSource, match="give their folder"),
        opened(files.url, None, {}),
    ):
        pass


def test_google_needs_no_process() -> None:
    with engine_process("earthengine", 10 * MANY) as none:
        assert none is None


def test_a_folder_of_files_is_served_by_a_process_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is given relative to the working folder."""
    folder = own_folder(tmp_path)
    monkeypatch.chdir(folder.parent)
    with opened(folder.name, None, {}, regions=MANY) as source:
        assert isinstance(source.server, EngineProcess)
        assert source.origin == "offline-files"
        assert source.has(source.datasets["productivity"].asset)
        assert not source.has("NO/SUCH")
