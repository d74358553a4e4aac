"""What reads at coarse cells gives what the clear pixels show: clouds are masked before anything is averaged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely import box

from offline.protocol.server import serve
from offline.sources.own_files.files import FileSource
from regions.grid import geobox
from series.composites import annual
from series.cubes.naming import Cube
from series.cubes.pull import pull
from series.cubes.stored import open_cube
from series.datasets import DATASETS, products_for
from series.sequences import pull_sequence
from series.service.earth_engine import Connection, connect
from series.tables import monthly

#: MODIS sinusoidal and its cells of about 250 m; a part of it around 112.3° E, 43.2° N.
SINUSOIDAL = "+proj=sinu +lon_0=0 +R=6371007.181 +units=m +no_defs"
CELL, WEST, NORTH = 231.656358264, 9_040_000.0, 4_845_000.0
SIDE = 400
AREA = box(112.1, 43.1, 112.4, 43.4)
CLEAR, UNDER_CLOUDS = 3000, 400
NDVI = DATASETS["mod13q1-ndvi"].model_copy(update={"key": "own-ndvi", "asset": "own/ndvi"})
STARTS = [date(2010, 1, 1) + timedelta(days=16 * number) for number in range(23)]


def scene(path: Path, seed: int) -> None:
    """NDVI 0.300 where it is clear, far less under clouds of 1 km over 30 % of it, and SummaryQA that tells them."""
    blocks = np.random.default_rng(seed).random((SIDE // 4, SIDE // 4)) < 0.3
    cloudy = np.kron(blocks, np.ones((4, 4), bool))
    with rasterio.open(
        path, "w", driver="GTiff", width=SIDE, height=SIDE, count=2, dtype="int16", crs=SINUSOIDAL,
        transform=Affine(CELL, 0, WEST, 0, -CELL, NORTH),
    ) as file:  # fmt: skip
        file.write(np.where(cloudy, UNDER_CLOUDS, CLEAR).astype("int16"), 1)
        file.write(np.where(cloudy, 3, 0).astype("int16"), 2)


@pytest.fixture(scope="module")
def clouded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder to store cubes in, beside an engine over the scenes of a year."""
    folder = tmp_path_factory.mktemp("clouded")
    images = []
    for number, start in enumerate(STARTS):
        scene(folder / f"{number}.tif", number)
        bands = [{"name": "NDVI", "index": 1}, {"name": "SummaryQA", "index": 2, "categorical": True}]
        files = [{"path": f"{number}.tif", "bands": bands}]
        end = start + timedelta(days=16)
        images.append({"index": f"{number}", "start": str(start), "end": str(end), "files": files})
    asset = {"id": "own/ndvi", "type": "IMAGE_COLLECTION", "images": images}
    (folder / "catalog.json").write_text(json.dumps({"assets": [asset]}), encoding="utf-8")
    with serve(FileSource(folder)) as server:
        connect(Connection(url=server.url))
        yield folder / "cubes"


def season(store: Path, cell: float, *, told: bool) -> np.ndarray:
    """The growing-season mean at cells of a size; `told`: the composite knows the size."""
    images = annual(NDVI, [2010], (5, 9), "calendar_mean", cell if told else None)
    grid: GeoBox = geobox(AREA, cell)
    place = store / ("told" if told else "untold")
    path = pull(Cube(images, "productivity", grid, NDVI, place, "offline-files"))
    return np.asarray(open_cube(path).values)


@pytest.mark.parametrize("cell", [1 / 480, 1 / 240, 1 / 120, 0.05])
def test_clear_truth_is_read_at_every_cell_size(clouded: Path, cell: float) -> None:
    read = season(clouded, cell, told=True)
    assert np.isfinite(read).all()
    np.testing.assert_allclose(read, 0.300, atol=2e-6)


def test_quality_read_from_an_average_is_wrong(clouded: Path) -> None:
    """The fault that the others are safe from: without the cell size, averages hold what clouds hide."""
    assert np.nanmean(season(clouded, 0.05, told=False)) < 0.28


def test_monthly_series_and_images_read_clear_truth(clouded: Path) -> None:
    table = monthly({"here": AREA}, NDVI, range(2010, 2011))
    assert len(table) == 12
    np.testing.assert_allclose(table["value"], 0.300, atol=2e-6)
    spans = [(date(2010, 6, 1), date(2010, 8, 1))]
    seen = pull_sequence(NDVI, geobox(AREA, 0.05), spans, store=clouded, origin="offline-files")
    np.testing.assert_allclose(seen.values, 0.300, atol=2e-6)


@pytest.mark.parametrize(
    ("cell", "product"),
    [
        (1 / 480, "mod13q1-ndvi"),
        (1 / 300, "mod13q1-ndvi"),
        (1 / 240, "mod13a1-ndvi"),
        (1 / 120, "mod13a2-ndvi"),
        (0.02, "mod13a2-ndvi"),
        (0.05, "mod13c1-ndvi"),
        (1.0, "mod13c1-ndvi"),
    ],
)
def test_the_product_with_quality_of_its_own_at_each_cell_size(cell: float, product: str) -> None:
    best, *_ = products_for(DATASETS["mod13q1-ndvi"], cell)
    assert best.key == product
    assert best.resolution <= cell * (1 + 1e-9)


def test_products_reach_as_far_as_the_data_set_that_was_asked_for() -> None:
    longer = DATASETS["mod13q1-ndvi"].model_copy(update={"last_year": 2026})
    assert {each.last_year for each in products_for(longer, 1.0)} == {2026}
    assert products_for(DATASETS["mod17a3hgf-npp"], 1.0) == [DATASETS["mod17a3hgf-npp"]]
