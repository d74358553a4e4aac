"""Two tiny sources whose every pixel is known, and the real client connected to an engine over each."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import called
import ee
import numpy as np
import pytest
from affine import Affine
from google.auth.credentials import AnonymousCredentials
from odc.geo.geobox import GeoBox
from shapely.geometry import box

from offline.model.assets import Asset, BandInfo, CollectionAsset, ImageAsset, TableAsset
from offline.model.grids import at, centres
from offline.protocol.server import Server, serve

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

    def describe(self) -> Mapping[str, Any]:
        return {"origin": self.origin}


@pytest.fixture
def engine() -> Iterator[Server]:
    """The engine over the tiny source, the real client initialised against it."""
    with serve(TinySource()) as server:
        ee.Initialize(AnonymousCredentials(), url=server.url, project="offline")
        ee.data.setMaxRetries(0)
        yield server
        ee.Reset()


#: 100 to 102 E, 44 to 45 N in cells of half a degree: two rows of four.
CELLS = Affine(0.5, 0.0, 100.0, 0.0, -0.5, 45.0)
SHAPE = (2, 4)


def millis(day: str) -> int:
    """Milliseconds since 1970 of a midnight UTC."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000)


class FewPixels:
    """Yearly images, classes and districts of 2 × 4 pixels; `reads` lists what was read of them, in order."""

    origin = "offline-files"

    def describe(self) -> dict[str, str]:
        return {"origin": self.origin}

    def __init__(self) -> None:
        self.reads: list[tuple[str, str]] = []
        self._assets: dict[str, Asset] = {}
        first = np.arange(8).reshape(SHAPE)
        years = []
        for year, base in ((2001, 10), (2002, 20), (2003, 60)):
            mask = np.ones(SHAPE)
            mask[1, 3] = year != 2002
            bands = {
                "a": ((first + base).astype("int16"), mask),
                "b": (((first + base) / 4).astype("float32"), np.ones(SHAPE)),
            }
            years.append(self._image(f"TEST/YEARLY/{year}_01_01", bands, year, {"year": year}))
        classes = np.array([[1, 1, 2, 2], [3, 3, 3, 255]], "uint8")
        self._add(CollectionAsset("TEST/YEARLY", {"title": "three years"}, tuple(years)))
        self._add(self._image("TEST/CLASSES", {"class": (classes, classes < 255)}, 2001, {}))
        west, east = box(100, 44.5, 101, 45), box(101, 44.5, 102, 45)
        rows = ((west, {"name": "west", "code": 1}), (east, {"name": "east", "code": 2}))
        self._add(TableAsset("TEST/DISTRICTS", {}, rows))

    def _image(self, name: str, bands: dict[str, Any], year: int, properties: dict[str, Any]) -> ImageAsset:
        def read_band(band: str, grid: GeoBox, _resampling: str) -> tuple[np.ndarray, np.ndarray]:
            self.reads.append((name, band))
            return stored_cells(*bands[band], grid)

        infos = tuple(
            BandInfo(band, values.dtype.name, "EPSG:4326", tuple(CELLS)[:6], SHAPE[::-1])
            for band, (values, _) in bands.items()
        )
        times = {
            "system:index": name.rsplit("/", 1)[-1],
            "system:time_start": millis(f"{year}-01-01"),
            "system:time_end": millis(f"{year + 1}-01-01"),
        }
        return ImageAsset(name, infos, {**times, **properties}, box(100, 44, 102, 45), read_band)

    def _add(self, asset: Asset) -> None:
        self._assets[asset.id] = asset
        for each in asset.images if isinstance(asset, CollectionAsset) else ():
            self._assets[each.id] = each

    def get(self, asset_id: str) -> Asset | None:
        return self._assets.get(asset_id)

    def list(self, parent: str) -> list[Asset]:
        return [a for a in self._assets.values() if a.id.rpartition("/")[0] == parent]


def stored_cells(values: np.ndarray, mask: np.ndarray, grid: GeoBox) -> tuple[np.ndarray, np.ndarray]:
    """Stored cells read on any grid by nearest neighbour, masked outside of them."""
    column, row = at(~CELLS, *centres(grid, "EPSG:4326"))
    column, row = np.floor(column + 1e-9).astype(int), np.floor(row + 1e-9).astype(int)
    inside = (row >= 0) & (row < SHAPE[0]) & (column >= 0) & (column < SHAPE[1])
    index = (np.where(inside, row, 0), np.where(inside, column, 0))
    return values[index], np.where(inside, mask[index], 0).astype("float32")


@pytest.fixture(scope="module")
def source() -> FewPixels:
    """The source that `few` serves."""
    return FewPixels()


@pytest.fixture(scope="module")
def few(source: FewPixels) -> Iterator[Server]:
    """The engine over `FewPixels`, for all tests of a module, the real client initialised against it."""
    with serve(source) as server:
        ee.Reset()
        with warnings.catch_warnings():
            # The client asks Google for a list of deprecated assets, which tests may not reach.
            warnings.filterwarnings("ignore", message="Unable to initialize deprecated assets")
            ee.Initialize(AnonymousCredentials(), project="offline", url=server.url)
        ee.data.setMaxRetries(0)
        yield server
        ee.Reset()


@pytest.fixture
def years(few: Server) -> ee.ImageCollection:
    """Three images, 2001 to 2003: band `a` int16 from 10, 20, 60 upwards, band `b` a quarter of it.

    The last pixel of `a` is masked in 2002.
    """
    return ee.ImageCollection("TEST/YEARLY")


@pytest.fixture
def first(few: Server) -> ee.Image:
    """The image of 2001: `a` is [[10, 11, 12, 13], [14, 15, 16, 17]]."""
    return ee.Image("TEST/YEARLY/2001_01_01")


@pytest.fixture
def pixels(few: Server) -> Callable[..., np.ndarray]:
    """Pixels of an image on the stored cells, as the client gives them; other parts of the grid by keyword."""
    keys = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    stored = {
        "dimensions": {"width": 4, "height": 2},
        "affineTransform": dict(zip(keys, tuple(CELLS)[:6], strict=True)),
        "crsCode": "EPSG:4326",
    }

    def compute(image: ee.Image, **grid: Any) -> np.ndarray:
        return ee.data.computePixels({"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": {**stored, **grid}})

    return compute


@pytest.fixture
def values(pixels: Callable[..., np.ndarray]) -> Callable[..., list[list[float]]]:
    """The first band of an image on the stored cells, as lists."""

    def compute(image: ee.Image, **grid: Any) -> list[list[float]]:
        array = pixels(image, **grid)
        return array[array.dtype.names[0]].tolist()

    return compute


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """See `called`: what each test calls is recorded."""
    with called.watched() as found:
        yield
    called.check(item, found)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the record where it is wanted."""
    if called.RECORDING and not hasattr(session.config, "workerinput"):
        called.write()
