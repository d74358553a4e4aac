"""Clouds of a kilometre over 30 % of a scene: what averages and quality flags of a pyramid say of the clear truth.

The scene is MODIS' grid of 231.66 m; clouds are squares of four pixels that begin one column off the blocks of the
pyramid. By hand, with 0.300 where it is clear and 0.02 under clouds: of the pixels of 2 × 2, half lie in one square,
and half across two, of which one that is clear is enough to be called good. What is called good reads
(0.5 × 0.7 × 0.300 + 0.5 × (0.49 × 0.300 + 0.42 × 0.160)) / (0.5 × 0.7 + 0.5 × 0.91) = 0.2635, of 4 × 4
(0.49 × 0.300 + 0.21 × 0.230 + 0.21 × 0.090) / 0.91 = 0.2354, and where nearly all is called good 0.216, the plain mean.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import ee
import numpy as np
import pytest
import rasterio
from affine import Affine
from google.auth.credentials import AnonymousCredentials
from pyproj import Transformer
from shapely import box

from offline.landscape import Scene
from offline.model.assets import Asset, CollectionAsset
from offline.model.grids import SINUSOIDAL, at
from offline.protocol.server import serve
from offline.sources.own_files.files import FileSource
from offline.sources.simulated.assets import made
from offline.sources.simulated.spec import MODIS_250, MODIS_250_GRID, Spec, StoredBand
from regions.grid import geobox
from series.datasets import DATASETS
from series.physical import physical

CLEAR, UNDER_CLOUDS, SHARE = 3000, 200, 0.3
TRANSFORM = Affine(*MODIS_250)
#: First column and row of the file, multiples of 16 so that both sources have the same blocks; its pixels.
WEST, NORTH, SIDE = 125_440, 22_000, 1600
AREA = box(111.2, 41.9, 113.6, 42.9)
DAY = date(2010, 6, 10)
CELLS = {1 / 240: 0.2635, 1 / 120: 0.2354, 0.05: 0.216}


def cloudy(column: np.ndarray, row: np.ndarray) -> np.ndarray:
    """Which pixels lie under clouds, by a hash of their square."""
    square = ((column + 1) // 4 * 73_856_093) ^ (row // 4 * 19_349_663)
    return (square * 2_654_435_761 % 2**32 >> 7) % 1000 < 1000 * SHARE


def pixels_of(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Columns and rows of the native pixels in which points lie."""
    full = scene.points.full
    x, y = Transformer.from_crs("EPSG:4326", SINUSOIDAL, always_xy=True).transform(full.lon, full.lat)
    column, row = at(~TRANSFORM, x, y)
    return np.floor(column).astype(np.int64), np.floor(row).astype(np.int64)


def index(scene: Scene, _day: date) -> tuple[np.ndarray, np.ndarray]:
    return np.where(cloudy(*pixels_of(scene)), UNDER_CLOUDS, CLEAR), np.ones(scene.points.shape, bool)


def quality(scene: Scene, _day: date) -> tuple[np.ndarray, np.ndarray]:
    return np.where(cloudy(*pixels_of(scene)), 3, 0), np.ones(scene.points.shape, bool)


class CloudedLandscape:
    """The scene as a data set of the landscape."""

    origin = "simulated"

    def describe(self) -> dict[str, str]:
        return {"origin": self.origin}

    def __init__(self) -> None:
        stored = (StoredBand("NDVI", "int16", index), StoredBand("SummaryQA", "int8", quality, "MODE"))
        spec = Spec("own/ndvi", "clouds", MODIS_250_GRID, stored, (DAY,), ends=lambda day: date(2010, 6, 26))
        asset = made(spec, spec.starts, 0, "practices")
        assert isinstance(asset, CollectionAsset)
        self._assets: dict[str, Asset] = {each.id: each for each in (asset, *asset.images)}

    def get(self, asset_id: str) -> Asset | None:
        return self._assets.get(asset_id)

    def list(self, parent: str) -> list[Asset]:
        return []


def file_source(folder: Path) -> FileSource:
    """The scene as a file."""
    rows, columns = np.indices((SIDE, SIDE))
    under = cloudy(columns + WEST, rows + NORTH)
    with rasterio.open(
        folder / "scene.tif", "w", driver="GTiff", width=SIDE, height=SIDE, count=2, dtype="int16", crs=SINUSOIDAL,
        transform=TRANSFORM * Affine.translation(WEST, NORTH),
    ) as file:  # fmt: skip
        file.write(np.where(under, UNDER_CLOUDS, CLEAR).astype("int16"), 1)
        file.write(np.where(under, 3, 0).astype("int16"), 2)
    bands = [{"name": "NDVI"}, {"name": "SummaryQA", "index": 2, "categorical": True}]
    image = {"index": "2010_06_10", "start": str(DAY), "end": "2010-06-26",
             "files": [{"path": "scene.tif", "bands": bands}]}  # fmt: skip
    asset = {"id": "own/ndvi", "type": "IMAGE_COLLECTION", "images": [image]}
    (folder / "catalog.json").write_text(json.dumps({"assets": [asset]}), encoding="utf-8")
    return FileSource(folder)


@pytest.fixture(scope="module", params=["files", "landscape"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ee.Image]:
    source = CloudedLandscape() if request.param == "landscape" else file_source(tmp_path_factory.mktemp("clouds"))
    with serve(source) as server:
        ee.Reset()
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
            ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        yield ee.Image("own/ndvi/2010_06_10")
        ee.Reset()


def read(image: ee.Image, cell: float) -> np.ndarray:
    """The first band of an image on cells of a size over the area; NaN where masked."""
    grid = geobox(AREA, cell)
    height, width = grid.shape
    wanted = {
        "dimensions": {"width": width, "height": height},
        "affineTransform": {
            "scaleX": cell, "shearX": 0, "translateX": grid.affine.c,
            "shearY": 0, "scaleY": -cell, "translateY": grid.affine.f,
        },
        "crsCode": "EPSG:4326",
    }  # fmt: skip
    found = ee.data.computePixels(
        {"expression": image.toFloat().unmask(-9, False), "fileFormat": "NUMPY_NDARRAY", "grid": wanted}
    )
    values = found[found.dtype.names[0]].astype(float)
    return np.where(values == -9, np.nan, values)


def masked_after(scene: ee.Image) -> ee.Image:
    """What most programs write: the quality band of the request's own level."""
    return scene.select("NDVI").multiply(1e-4).updateMask(scene.select("SummaryQA").lte(1))


@pytest.mark.parametrize(("cell", "expected"), CELLS.items())
def test_a_mask_after_the_average_reads_what_clouds_hide(scene: ee.Image, cell: float, expected: float) -> None:
    values = read(masked_after(scene), cell)
    assert np.nanmean(values) == pytest.approx(expected, abs=0.003)
    if cell == 0.05:
        assert np.isfinite(values).mean() > 0.98


def test_native_cells_read_the_truth(scene: ee.Image) -> None:
    values = read(masked_after(scene), 1 / 480)
    assert np.nanmean(values) == pytest.approx(0.3, abs=1e-6)
    assert np.isfinite(values).mean() == pytest.approx(1 - SHARE, abs=0.01)


@pytest.mark.parametrize("cell", [1 / 480, *CELLS])
def test_the_products_expression_reads_the_truth_at_every_cell_size(scene: ee.Image, cell: float) -> None:
    """With an honest valid share: a cell is valid where a clear pixel lies in it, and 70 % of all pixels are clear."""
    dataset = DATASETS["mod13q1-ndvi"].model_copy(update={"asset": "own/ndvi"})
    values = read(physical(scene, dataset, cell), cell)
    assert np.nanmean(values) == pytest.approx(0.300, abs=0.003)
    clear = scene.select("SummaryQA").lte(1)
    share = clear if cell == 1 / 480 else clear.reduceResolution(ee.Reducer.mean(), maxPixels=4096)
    clear_share = read(share, cell)
    assert clear_share.mean() == pytest.approx(1 - SHARE, abs=0.01)
    np.testing.assert_array_equal(np.isfinite(values), clear_share > 0)
