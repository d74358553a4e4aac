"""A region smaller than the usual cells has monthly means: cells of half the size, a quarter … are read for it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely import box

from offline.protocol.server import serve
from offline.sources.own_files.files import FileSource
from series.datasets import DATASETS
from series.service.earth_engine import Connection, connect
from series.tables import COARSEST_NEEDED, cell_for, monthly

CELL = 1 / 480
HERE = box(112.001, 43.001, 112.019, 43.019)
NDVI = DATASETS["mod13q1-ndvi"].model_copy(
    update={"key": "own-ndvi", "asset": "own/ndvi", "quality": None, "cadence": "monthly"}
)


@pytest.mark.parametrize(
    ("side", "resolution", "cell"),
    [(4.0, CELL, 0.05), (0.4, CELL, 0.05), (0.3, CELL, 0.025), (0.018, CELL, CELL), (0.018, 0.1, 0.1)],
)
def test_cells_are_halved_until_eight_lie_across(side: float, resolution: float, cell: float) -> None:
    assert cell_for(box(112, 43, 112 + side, 43 + side), resolution) == pytest.approx(cell)


def test_a_region_of_a_few_pixels_has_a_series(tmp_path: Path) -> None:
    """A file that covers no more than the region: the centre of a cell of 0.05 degrees lies outside."""
    images = []
    for month in range(1, 13):
        with rasterio.open(
            tmp_path / f"{month}.tif", "w", driver="GTiff", width=10, height=10, count=1, dtype="int16",
            crs="EPSG:4326", transform=Affine(CELL, 0, 112, 0, -CELL, 43.02),
        ) as file:  # fmt: skip
            file.write(np.full((10, 10), 1000 + 100 * month, "int16"), 1)
        end = f"2010-{month + 1:02d}-01" if month < 12 else "2011-01-01"
        files = [{"path": f"{month}.tif", "bands": [{"name": "NDVI", "index": 1}]}]
        images.append({"index": str(month), "start": f"2010-{month:02d}-01", "end": end, "files": files})
    asset = {"id": "own/ndvi", "type": "IMAGE_COLLECTION", "images": images}
    (tmp_path / "catalog.json").write_text(json.dumps({"assets": [asset]}), encoding="utf-8")
    with serve(FileSource(tmp_path)) as server:
        connect(Connection(url=server.url))
        coarse = monthly({"here": HERE}, NDVI, (2010,), COARSEST_NEEDED)
        own = monthly({"here": HERE}, NDVI, (2010,), cell_for(HERE, CELL))
    assert len(coarse) == 0
    np.testing.assert_allclose(own["value"], 0.1 + 0.01 * np.arange(1, 13), rtol=1e-5)
