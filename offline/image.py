"""Images as descriptions: bands that can be asked for pixels on any grid, and nothing computed before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry

from offline.assets import ImageAsset
from offline.values import DEFAULT_PROJECTION, PixelType, Projection

#: Values and mask (0 … 1) of one band on one grid, both (y, x).
Pixels = tuple[np.ndarray, np.ndarray]
PixelFunction = Callable[[GeoBox], Pixels]

#: Bytes of intermediate bands that one request may keep; the least recently used go first.
CACHE_BYTES = 256 * 2**20


class PixelCache:
    """Bands already computed in a request, so that a shared sub-graph is computed once."""

    def __init__(self, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[tuple[Any, ...], Pixels] = OrderedDict()
        self._lock = RLock()

    def pixels(self, key: tuple[Any, ...], compute: Callable[[], Pixels]) -> Pixels:
        """The pixels kept under `key`, computed and kept if they are not there."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        pixels = compute()
        with self._lock:
            self._kept[key] = pixels
            self._size += pixels[0].nbytes + pixels[1].nbytes
            while self._size > self._limit and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._size -= dropped[0].nbytes + dropped[1].nbytes
        return pixels


def grid_key(grid: GeoBox) -> tuple[Any, ...]:
    """A hashable identity of a grid."""
    return (str(grid.crs), tuple(grid.affine)[:6], tuple(grid.shape))


@dataclass(frozen=True, eq=False)
class Band:
    """One band: its type, native projection, and the function that gives its pixels on a grid."""

    name: str
    type: PixelType
    function: PixelFunction
    projection: Projection = DEFAULT_PROJECTION
    shape: tuple[int, int] | None = None
    resampled: Callable[[str], Band] | None = field(default=None, repr=False)
    cache: PixelCache | None = field(default=None, repr=False)

    def pixels(self, grid: GeoBox) -> Pixels:
        """Values and mask on `grid`, from the cache of the request where they are known."""
        if self.cache is None:
            return self.function(grid)
        key = (id(self.function), grid_key(grid))
        return self.cache.pixels(key, lambda: self.function(grid))

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


def from_asset(asset: ImageAsset, cache: PixelCache) -> Image:
    """The image of a stored asset: each band reads itself, nearest neighbour unless resampled."""

    def band(info: Any, resampling: str) -> Band:
        def read(grid: GeoBox) -> Pixels:
            # The key outlives this Band object: a request may load the same asset many times.
            key = (asset.id, info.name, resampling, grid_key(grid))
            return cache.pixels(key, lambda: asset.read(info.name, grid, resampling))

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


def constant_band(name: str, value: float, cache: PixelCache | None = None) -> Band:
    """A band of one number everywhere; a whole number has an integer type, as in Earth Engine."""
    whole = float(value).is_integer() and not isinstance(value, float)
    pixel_type = PixelType("int", value, value) if whole else PixelType("double")

    def fill(grid: GeoBox) -> Pixels:
        shape = tuple(grid.shape)
        return np.full(shape, value, pixel_type.computing), np.ones(shape, bool)

    return Band(name, pixel_type, fill, cache=cache)


def constant(values: list[float]) -> Image:
    """An image of constants; bands are named as Earth Engine does (`constant`, `constant_1`, …)."""
    names = ["constant"] + [f"constant_{index}" for index in range(1, len(values))]
    return Image(tuple(constant_band(name, value) for name, value in zip(names, values, strict=True)))
