"""The offline engine beside the same work written by hand, and the simulated landscape. Shown, never asserted."""

from __future__ import annotations

import datetime as dt
import json
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
from google.auth.credentials import AnonymousCredentials
from odc.geo.geobox import GeoBox

from offline.landscape import of_geobox
from offline.server import serve
from offline.sources.files import FileSource

SIZE, YEARS = 2000, range(2001, 2025)
PLACE = Affine(0.001, 0, 112, 0, -0.001, 45)
GRID = {
    "dimensions": {"width": SIZE, "height": SIZE},
    "affineTransform": {
        "scaleX": 0.001,
        "shearX": 0,
        "translateX": 112,
        "shearY": 0,
        "scaleY": -0.001,
        "translateY": 45,
    },
    "crsCode": "EPSG:4326",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two COGs a year, int16 NDVI with gaps, and their catalogue."""
    where = tmp_path_factory.mktemp("cogs")
    rng = np.random.default_rng(1)
    base = (3000 + 1000 * rng.random((SIZE, SIZE))).astype(np.int16)
    images = []
    for year in YEARS:
        for month in (6, 8):
            values = base + np.int16(month * 10)
            values[rng.random((SIZE, SIZE)) < 0.05] = -3000
            path = where / f"{year}_{month}.tif"
            profile = {"driver": "COG", "count": 1, "height": SIZE, "width": SIZE, "dtype": "int16", "nodata": -3000}
            with rasterio.open(path, "w", crs="EPSG:4326", transform=PLACE, compress="deflate", **profile) as file:
                file.write(values, 1)
            images.append({"index": f"{year}_{month}", "start": f"{year}-{month:02d}-01",
                           "files": [{"path": path.name, "bands": [{"name": "NDVI"}]}]})  # fmt: skip
    (where / "catalog.json").write_text(
        json.dumps({"assets": [{"id": "own/ndvi", "type": "IMAGE_COLLECTION", "images": images}]})
    )
    return where


@pytest.fixture
def client(folder: Path) -> Iterator[Callable[[], None]]:
    """Starts another engine when called: files are opened and blocks unpacked anew in every round, as the peer does."""
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
        images, made = ee.ImageCollection("own/ndvi"), []
        for year in YEARS:
            mean = images.filterDate(f"{year}-01-01", f"{year + 1}-01-01").mean().multiply(1e-4).toFloat()
            request = {"expression": mean, "fileFormat": "NUMPY_NDARRAY", "grid": GRID}
            made.append(ee.data.computePixels(request)["NDVI"])
        return made

    benchmark.pedantic(work, setup=client, rounds=5)


@pytest.mark.benchmark(group="24 yearly composites of 2,000 x 2,000 pixels from 48 COGs")
def test_composites_peer_rasterio_numpy(benchmark: Any, folder: Path) -> None:
    def work() -> list[np.ndarray]:
        made = []
        for year in YEARS:
            total, count = np.zeros((SIZE, SIZE)), np.zeros((SIZE, SIZE))
            for month in (6, 8):
                with rasterio.open(folder / f"{year}_{month}.tif") as file:
                    values = file.read(1)
                good = values != -3000
                total += np.where(good, values, 0)
                count += good
            made.append((total / np.maximum(count, 1) * 1e-4).astype(np.float32))
        return made

    benchmark.pedantic(work, rounds=5)


@pytest.mark.benchmark(group="one million NDVI values of the simulated landscape")
def test_landscape(benchmark: Any) -> None:
    scene = of_geobox(GeoBox((1000, 1000), Affine(0.0025, 0, 112, 0, -0.0025, 45), "EPSG:4326"))
    days = iter(dt.date(2010, 1, 1) + dt.timedelta(days=16 * step) for step in range(23))
    scene.view(next(days))
    benchmark.pedantic(lambda: scene.view(next(days)), rounds=20)
