"""The world and the seed of the simulated landscape: requests, commands, and cubes that are never shared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ee
import pytest
import rasterio
import xarray as xr
from prefect.utilities.importtools import import_object
from prefect.utilities.schema_tools import validate
from typed import PLACES, QUICK, Drylands, polygons

from flows.defaults import DEFAULT_SEED, DEFAULT_WORLD
from flows.pull.sources import MANY, Landscape, identity, opened
from flows.request.assess import AssessRequest
from flows.request.monitor import MonitorRequest
from offline.protocol.server import serve
from offline.sources.simulated.source import SimulatedSource
from series.service.earth_engine import call

REAL = Landscape("real", 3)


def answer() -> float:
    image = ee.ImageCollection("MODIS/061/MOD13Q1").select("NDVI").first()
    found = call(lambda: image.reduceRegion("mean", ee.Geometry.Rectangle([112, 43, 112.1, 43.1]), 250).getInfo())
    return float(found["NDVI"])


def test_each_world_and_each_seed_is_another_source() -> None:
    values, prints = [], []
    for landscape in (Landscape("easy"), Landscape("real"), Landscape("hard"), REAL):
        with opened("simulated", None, {}, landscape=landscape) as source:
            values.append(answer())
            prints.append(source.fingerprint)
            assert source.landscape == landscape
            assert identity("simulated", landscape) == (source.origin, source.fingerprint)
    assert len(set(values)) == len(set(prints)) == 4


@pytest.mark.slow
def test_a_process_serves_the_same_world() -> None:
    with opened("simulated", None, {}, landscape=REAL) as few:
        expected = answer()
    with opened("simulated", None, {}, regions=MANY, landscape=REAL) as many:
        assert answer() == expected
        assert many.fingerprint == few.fingerprint


def test_the_world_of_an_engine_that_runs_already_is_known() -> None:
    with serve(SimulatedSource(seed=3, world="real")) as server, opened(server.url, None, {}) as source:
        assert source.landscape == REAL
        assert source.fingerprint == REAL.fingerprint == identity(server.url)[1]


@pytest.mark.parametrize("kind", [AssessRequest, MonitorRequest])
def test_only_the_simulated_landscape_has_worlds(kind: Any) -> None:
    asked = kind(regions=("otindag",), world="hard", seed=7)
    assert (asked.world, asked.seed) == ("hard", 7)
    assert asked.label.endswith("simulated (world hard, seed 7)")
    assert (kind(regions=("otindag",)).world, kind(regions=("otindag",)).seed) == (DEFAULT_WORLD, DEFAULT_SEED)
    assert kind(regions=("otindag",)).label.endswith("simulated")
    with pytest.raises(ValueError, match="belong to the simulated landscape, but the source is earthengine"):
        kind(regions=("otindag",), source="earthengine", project="p", world="hard")
    with pytest.raises(ValueError, match="easy"):
        kind(regions=("otindag",), world="other")


def test_prefect_refuses_a_world_of_another_source() -> None:
    schema = import_object("flows/assess.py:assess").parameters.model_dump()
    here = {"regions": ["otindag"], "world": "hard", "seed": 1}
    assert validate({"request": here}, schema) == []
    assert validate({"request": {**here, "source": "http://127.0.0.1:1"}}, schema) != []
    assert validate({"request": {**here, "world": "other"}}, schema) != []


@pytest.mark.parametrize("command", ["assess", "monitor", "plan"])
def test_a_world_of_another_source_is_refused(drylands: Drylands, command: str) -> None:
    code, _, error = drylands(command, "otindag", "--source", "earthengine", "--project", "p", "--world", "easy")
    assert code == 1
    assert "--world easy: the source is earthengine" in error.replace("\n", " ")
    code, _, error = drylands("offline", "some-folder", "--seed", "1")
    assert (code, "--seed 1: the source is some-folder" in error) == (1, True)


@pytest.mark.slow
def test_a_run_writes_which_landscape_it_saw(drylands: Drylands, tmp_path: Path) -> None:
    polygons(tmp_path / "places.geojson", {"west": PLACES["west"]})
    words = ("assess", "west", "--regions-file", "places.geojson", *QUICK, "--permutations", "19", "--no-pixel-breaks")
    for options in (("--world", "real", "--seed", "3"), ()):
        code, said, error = drylands(*words, *options, "--data", "data")
        assert code == 0, said + error
    cubes = [xr.open_zarr(path).attrs for path in tmp_path.glob("data/cubes/west/productivity-*.zarr")]
    prints = {attributes["source_fingerprint"].partition(" ")[2] for attributes in cubes}
    assert prints == {"world real seed 3", f"world {DEFAULT_WORLD} seed {DEFAULT_SEED}"}
    tags = []
    for path in tmp_path.glob("data/results/**/*.tif"):
        with rasterio.open(path) as file:
            tags.append((file.tags()["landscape_world"], file.tags()["landscape_seed"]))
    assert set(tags) == {("real", "3"), (DEFAULT_WORLD, str(DEFAULT_SEED))}
