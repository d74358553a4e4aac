"""Images as descriptions: bands that give pixels on any grid; nothing is computed before."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry

from offline.errors import EngineError
from offline.metering.meter import current
from offline.model.assets import BandInfo, ImageAsset
from offline.model.values import DEFAULT_PROJECTION, PixelType, Projection

#: Bands of an image of constants, at most.
MOST_BANDS = 10_000
#: Values and mask (0 … 1) of one band on one grid, both (y, x).
Pixels = tuple[np.ndarray, np.ndarray]
PixelFunction = Callable[[GeoBox], Pixels]

#: Bytes that one request may keep of what it computed and of what it read; the least recently used go first.
COMPUTED_BYTES, READ_BYTES = 128 * 2**20, 256 * 2**20


class PixelCache:
    """Bands of one request, so that a shared sub-graph is computed once and an asset is read once.

    Keys hold the functions themselves, not their addresses: a function that were collected would leave its
    address, and so its pixels, to another one. Used by the one thread that answers the request.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[tuple[Any, ...], Pixels] = OrderedDict()
        self._grid: GeoBox | None = None
        self._grid_key: tuple[Any, ...] = ()

    def clear(self) -> None:
        """Forget all of it."""
        self._kept.clear()
        self._size = 0

    def grid_key(self, grid: GeoBox) -> tuple[Any, ...]:
        """A hashable identity of a grid, which ends with its shape; that of the last grid is at hand."""
        if grid is not self._grid:
            # most of a request asks for the same grid again and again, and this takes as long as many a band
            self._grid_key = (str(grid.crs), tuple(grid.affine)[:6], tuple(grid.shape))
            self._grid = grid
        return self._grid_key

    def get(self, key: tuple[Any, ...]) -> Pixels | None:
        """The pixels kept under `key`."""
        pixels = self._kept.get(key)
        if pixels is not None:
            self._kept.move_to_end(key)
        return pixels

    def keep(self, key: tuple[Any, ...], pixels: Pixels) -> Pixels:
        """Keep pixels under `key`; gives them back."""
        self._kept[key] = pixels
        self._size += pixels[0].nbytes + pixels[1].nbytes
        while self._size > self._limit and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._size -= dropped[0].nbytes + dropped[1].nbytes
        return pixels


_COMPUTED: ContextVar[PixelCache | None] = ContextVar("computed", default=None)
_READ: ContextVar[PixelCache | None] = ContextVar("read", default=None)
_CHECK: ContextVar[Callable[[], None] | None] = ContextVar("check", default=None)
_DEADLINE: ContextVar[float] = ContextVar("deadline", default=math.inf)


@contextmanager
def one_request(seconds: float = math.inf, check: Callable[[], None] | None = None) -> Iterator[None]:
    """Remember pixels until the block ends, and limit it to this many seconds (see `in_time`).

    `check` is called between steps, too; it may raise to end the work. Outside such a block nothing is remembered and
    time does not matter.
    """
    computed, read = (
        _COMPUTED.set(PixelCache(COMPUTED_BYTES)),
        _READ.set(PixelCache(READ_BYTES)),
    )
    deadline, checking = _DEADLINE.set(time.monotonic() + seconds), _CHECK.set(check)
    try:
        yield
    finally:
        _COMPUTED.reset(computed)
        _READ.reset(read)
        _DEADLINE.reset(deadline)
        _CHECK.reset(checking)


def in_time() -> None:
    """Raises EngineError, in Earth Engine's words, where the request has taken too long; called between steps."""
    if time.monotonic() > _DEADLINE.get():
        raise EngineError("Computation timed out.")
    check = _CHECK.get()
    if check is not None:
        check()


def forget() -> None:
    """Drop what the request remembers: the pixels of one part of its grid are of no use to the next part."""
    for cache in (_COMPUTED.get(), _READ.get()):
        if cache is not None:
            cache.clear()


def remembered(function: PixelFunction, grid: GeoBox) -> Pixels:
    """What `function` gives on `grid`, computed once in a request."""
    in_time()
    cache = _COMPUTED.get()
    if cache is None:
        return function(grid)
    place = cache.grid_key(grid)
    key = (function, place)
    known = cache.get(key)
    if known is not None:
        return known
    pixels = function(grid)
    meter = current()
    if meter is not None:
        rows, columns = place[-1]
        meter.computed_pixels += rows * columns
    return cache.keep(key, pixels)


@dataclass(frozen=True, eq=False)
class Band:
    """One band: its type, native projection, and the function that gives its pixels on a grid."""

    name: str
    type: PixelType
    function: PixelFunction
    projection: Projection = DEFAULT_PROJECTION
    shape: tuple[int, int] | None = None
    resampled: Callable[[str], Band] | None = field(default=None, repr=False)

    def pixels(self, grid: GeoBox) -> Pixels:
        """Values and mask on `grid`, computed once in a request."""
        return remembered(self.function, grid)

    def json(self) -> dict[str, Any]:
        """As Earth Engine describes a band."""
        body: dict[str, Any] = {
            "id": self.name,
            "data_type": self.type.json(),
            "crs": self.projection.crs,
            "crs_transform": list(self.projection.transform),
        }
        if self.shape:
            body["dimensions"] = list(self.shape)
        return body


@dataclass(frozen=True, eq=False)
class Image:
    """Bands and properties; `footprint` None means everywhere."""

    bands: tuple[Band, ...]
    properties: Mapping[str, Any] = field(default_factory=dict)
    id: str | None = None
    footprint: BaseGeometry | None = None

    def __post_init__(self) -> None:
        if len(self.bands) > MOST_BANDS:
            raise EngineError(f"An image of {len(self.bands)} bands is too large; at most {MOST_BANDS} are allowed.")

    @property
    def names(self) -> list[str]:
        """Band names in order."""
        return [band.name for band in self.bands]

    def with_properties(self, properties: Mapping[str, Any]) -> Image:
        """The same bands with other properties."""
        return replace(self, properties=dict(properties))

    def json(self) -> dict[str, Any]:
        """As `getInfo` shows it."""
        body: dict[str, Any] = {"type": "Image", "bands": [band.json() for band in self.bands]}
        if self.id:
            body |= {"id": self.id, "version": 1}
        properties = dict(self.properties)
        if self.footprint is not None:
            properties["system:footprint"] = self.footprint
        if properties:
            body["properties"] = properties
        return body


def _read(asset: ImageAsset, key: tuple[Any, ...], grid: GeoBox) -> Pixels:
    """Read what `key` (asset, band, resampling, grid) names, and count it."""
    pixels = asset.read(key[1], grid, key[2])
    meter = current()
    if meter is not None:
        meter.read(asset.id, key, grid.shape[0] * grid.shape[1], pixels[0].nbytes + pixels[1].nbytes)
    return pixels


def from_asset(asset: ImageAsset) -> Image:
    """The image of a stored asset: each band reads itself, nearest neighbour unless resampled."""

    def band(info: BandInfo, resampling: str) -> Band:
        def read(grid: GeoBox) -> Pixels:
            cache = _READ.get()
            if cache is None:
                return asset.read(info.name, grid, resampling)
            # A request may load the same asset many times, each time as another Band.
            key = (asset.id, info.name, resampling, cache.grid_key(grid))
            known = cache.get(key)
            return cache.keep(key, _read(asset, key, grid)) if known is None else known

        return Band(
            info.name,
            PixelType.named(info.dtype),
            read,
            Projection(info.crs, tuple(info.transform)),
            info.shape,
            resampled=lambda mode: band(info, mode),
        )

    properties = {key: value for key, value in asset.properties.items() if key != "system:id"}
    return Image(
        tuple(band(info, "nearest") for info in asset.bands),
        {"system:id": asset.id, **properties},
        id=asset.id,
        footprint=asset.footprint,
    )


def constant_band(name: str, value: float) -> Band:
    """A band of one number everywhere; a whole number has an integer type, as in Earth Engine."""
    whole = float(value).is_integer() and not isinstance(value, float)
    pixel_type = PixelType("int" if whole else "double", value, value, sure=True)

    def fill(grid: GeoBox) -> Pixels:
        number = np.array(value, pixel_type.computing)
        return filled(number.tobytes(), number.dtype, tuple(grid.shape)), filled(*VALID, tuple(grid.shape))

    return Band(name, pixel_type, fill)


#: A mask of a pixel that is valid, as `filled` wants it.
VALID = (np.array(True).tobytes(), np.dtype(bool))


@lru_cache(maxsize=4096)
def filled(number: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray:
    """One number, in the bytes of its type, seen from every pixel: nothing is stored, nothing can be written.

    Graphs are full of constants, and the same view serves all that are equal.
    """
    return np.broadcast_to(np.frombuffer(number, dtype)[0], shape)


def both(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The smaller of two masks of one shape; a constant's, which is 1 everywhere, costs nothing."""
    if mask is other:
        return mask
    for here, there in ((mask, other), (other, mask)):
        if not any(here.strides) and here.flat[0] == 1:
            return there
    return np.minimum(mask, other)


def constant(values: list[float]) -> Image:
    """An image of constants; bands are named as Earth Engine does (`constant`, `constant_1`, …).

    Raises EngineError for more bands than any image may have.
    """
    if len(values) > MOST_BANDS:
        raise EngineError(f"Image.constant: {len(values)} bands are more than the {MOST_BANDS} that an image may have.")
    names = ["constant"] + [f"constant_{index}" for index in range(1, len(values))]
    return Image(tuple(constant_band(name, value) for name, value in zip(names, values, strict=True)))


def kept_properties(image: Image) -> dict[str, Any]:
    """What an image computed from `image` keeps of its properties: the index alone."""
    return {key: image.properties[key] for key in ("system:index",) if key in image.properties}


def pick(image: Image, name: str) -> Band:
    """The band of that name. Raises EngineError if there is none, listing those that there are."""
    for band in image.bands:
        if band.name == name:
            return band
    raise EngineError(
        f"Image.select: Band pattern '{name}' did not match any bands. Available bands: [{', '.join(image.names)}]"
    )
