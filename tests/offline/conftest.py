"""A tiny source whose every pixel is known, and the real client connected to an engine over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import ee
import numpy as np
import pytest
from google.auth.credentials import AnonymousCredentials
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from offline.assets import Asset, BandInfo, CollectionAsset, ImageAsset, TableAsset
from offline.grids import centres
from offline.server import Server, serve

DAY = 86_400_000
GRID = (0.5, 0.0, -180.0, 0.0, -0.5, 90.0)


def read(index: int, band: str, grid: GeoBox, _resampling: str) -> tuple[np.ndarray, np.ndarray]:
    """`value` is floor(longitude) + image number; `quality` the image number; nothing north of 45°."""
    x, y = centres(grid, "EPSG:4326")
    values = np.floor(x) + index if band == "value" else np.full(x.shape, index)
    return values.astype("int16"), y < 45


def image(index: int) -> ImageAsset:
    bands = tuple(BandInfo(name, "int16", "EPSG:4326", GRID, (720, 360)) for name in ("value", "quality"))
    properties = {"system:index": f"i{index}", "system:time_start": index * DAY, "number": index}
    return ImageAsset(f"tiny/series/i{index}", bands, properties, None, lambda *args: read(index, *args))


@dataclass(frozen=True)
class TinySource:
    """Five daily images from 1970-01-01, and a table of two squares."""

    origin: str = "simulated"
    series: CollectionAsset = field(
        default_factory=lambda: CollectionAsset("tiny/series", {"title": "tiny"}, tuple(map(image, range(5))))
    )
    squares: TableAsset = field(
        default_factory=lambda: TableAsset(
            "tiny/squares",
            {},
            ((box(104, 43, 105, 44), {"name": "a"}), (box(105, 43, 107, 44), {"name": "b"})),
        )
    )

    def get(self, asset_id: str) -> Asset | None:
        known: dict[str, Asset] = {asset.id: asset for asset in (self.series, self.squares, *self.series.images)}
        return known.get(asset_id)

    def list(self, parent: str) -> list[Asset]:
        return {"tiny/series": list(self.series.images), "": [self.series, self.squares]}.get(parent, [])


@pytest.fixture
def engine() -> Iterator[Server]:
    """The engine over the tiny source, the real client initialised against it."""
    with serve(TinySource()) as server:
        ee.Initialize(AnonymousCredentials(), url=server.url, project="offline")
        ee.data.setMaxRetries(0)
        yield server
        ee.Reset()
