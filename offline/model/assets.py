"""What a source hands to the engine: descriptions of assets, and readers that answer for any grid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry

#: (band name, grid, "nearest", "bilinear" or "bicubic") -> values (y, x), mask (y, x) with 0 = no data, 1 = valid.
Reader = Callable[[str, GeoBox, str], tuple[np.ndarray, np.ndarray]]
#: How a pixel of a coarser level is made of the 2 × 2 below it; SAMPLE is the upper left one.
Policy = Literal["MEAN", "MODE", "SAMPLE", "MIN", "MAX"]


@dataclass(frozen=True)
class BandInfo:
    """A stored band: numpy dtype name, native grid as Earth Engine gives it, and how its pyramid is made."""

    name: str
    dtype: str
    crs: str
    transform: tuple[float, ...]
    shape: tuple[int, int]
    pyramiding: Policy = "MEAN"


@dataclass(frozen=True)
class ImageAsset:
    """One image: `properties` hold `system:index` and `system:time_start`/`_end` in milliseconds."""

    id: str
    bands: tuple[BandInfo, ...]
    properties: Mapping[str, Any]
    footprint: BaseGeometry | None
    read: Reader


@dataclass(frozen=True, eq=False)
class CollectionAsset:
    """An image collection; its images are ordered by time. Compared and hashed by identity."""

    id: str
    properties: Mapping[str, Any]
    images: tuple[ImageAsset, ...]


@dataclass(frozen=True)
class TableAsset:
    """A feature collection: (geometry in longitude and latitude, properties) of each feature."""

    id: str
    properties: Mapping[str, Any]
    features: tuple[tuple[BaseGeometry, Mapping[str, Any]], ...]


Asset = ImageAsset | CollectionAsset | TableAsset


class Source(Protocol):
    """A set of assets. Ids carry no `projects/earthengine-public/assets/` prefix."""

    origin: str

    def describe(self) -> Mapping[str, Any]:
        """What the source is, for provenance: its origin and what distinguishes it from others of that origin."""
        ...

    def get(self, asset_id: str) -> Asset | None:
        """The asset, an image inside a collection included (`COLLECTION/index`), or None."""
        ...

    def list(self, parent: str) -> list[Asset]:
        """The assets directly inside `parent`, a folder or a collection; empty when there are none."""
        ...
