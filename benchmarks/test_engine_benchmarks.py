"""The offline engine beside the same work written by hand, and the simulated landscape. Shown, never asserted."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import ee
import numpy as np
import pytest
import rasterio
from affine import Affine
from composites import GRID, MONTHS, NODATA, SCALE, SIZE, YEARS, composite, write
from google.auth.credentials import AnonymousCredentials
from odc.geo.geobox import GeoBox

from offline.landscape import of_geobox
from offline.protocol.server import serve
from offline.sources.own_files.files import FileSource


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("cogs")
    write(where)
    return where


@pytest.fixture
def client(folder: Path) -> Iterator[Callable[[], None]]:
    """Starts another engine when called: files are opened and blocks unpacked in every round, as the peer does."""
    with ExitStack() as running:

        def fresh() -> None:
            running.close()
            server = running.enter_context(serve(FileSource(folder)))
            ee.Reset()
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
                ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)

        yield fresh
        ee.Reset()


@pytest.mark.benchmark(group="24 yearly composites of 2,000 x 2,000 pixels from 48 COGs")
def test_composites(benchmark: Any, client: Callable[[], None]) -> None:
    def work() -> list[np.ndarray]:
        asked = ({"expression": composite(y), "fileFormat": "NUMPY_NDARRAY", "grid": GRID} for y in YEARS)
        return [ee.data.computePixels(request)["NDVI"] for request in asked]

    benchmark.pedantic(work, setup=client, rounds=5)


@pytest.mark.benchmark(group="24 yearly composites of 2,000 x 2,000 pixels from 48 COGs")
@pytest.mark.parametrize("threads", ["1", "all_cpus"])
def test_composites_peer_rasterio_numpy(benchmark: Any, folder: Path, threads: str) -> None:
    """Blocks are unpacked on one core, as rasterio does unless told otherwise, and on all, as the engine has it."""

    def work() -> list[np.ndarray]:
        made = []
        for year in YEARS:
            total, count = np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE))
            for month in MONTHS:
                with rasterio.open(folder / f"{year}_{month}.tif", num_threads=threads) as file:
                    values = file.read(1)
                good = values != NODATA
                total += np.where(good, values, 0)
                count += good
            made.append((total / np.maximum(count, 1) * SCALE).astype(np.float32))
        return made

    benchmark.pedantic(work, rounds=5)


@pytest.mark.benchmark(group="one million NDVI values of the simulated landscape")
def test_landscape(benchmark: Any) -> None:
    scene = of_geobox(GeoBox((1000, 1000), Affine(0.0025, 0, 112, 0, -0.0025, 45), "EPSG:4326"))
    days = iter(dt.date(2010, 1, 1) + dt.timedelta(days=16 * step) for step in range(23))
    scene.view(next(days))
    benchmark.pedantic(lambda: scene.view(next(days)), rounds=20)
