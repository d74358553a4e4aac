"""What the files of a folder hold, before anything is pulled: years, extents, values."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from shapely import union_all
from shapely.affinity import translate
from shapely.geometry.base import BaseGeometry

from offline.model.assets import Asset, CollectionAsset, ImageAsset
from offline.model.grids import crs_of
from offline.sources.own_files.files import Reading

#: Images of a collection whose values are read, evenly spread, and cells of one.
MOST_IMAGES, MOST_CELLS = 40, 1_000_000


def images_of(asset: Asset | None) -> tuple[ImageAsset, ...]:
    """The images of a collection, or the image itself; none of a table."""
    if isinstance(asset, CollectionAsset):
        return asset.images
    return (asset,) if isinstance(asset, ImageAsset) else ()


def extent(asset: Asset | None) -> BaseGeometry | None:
    """The area in longitude and latitude that the files of an asset cover together.

    None where it has no bounds: where a corner of a file lies outside of its projection.
    """
    outlines = list({image.footprint for image in images_of(asset)})
    if any(each is None or not np.isfinite(each.bounds).all() for each in outlines):
        return None
    return union_all(outlines)


def reaches(asset: Asset | None, outline: BaseGeometry) -> bool:
    """Whether the files of an asset reach an outline; both may count longitude from -180 or from 0."""
    covered = extent(asset)
    return covered is None or any(covered.intersects(translate(outline, xoff=turn)) for turn in (0, -360, 360))


def years_of(asset: Asset | None) -> set[int]:
    """The years for any day of which an asset has an image."""
    years: set[int] = set()
    for image in images_of(asset):
        start, end = (image.properties.get(f"system:time_{name}") for name in ("start", "end"))
        if start is not None:
            last = _year(end - 1) if end is not None else _year(start)
            years |= set(range(_year(start), max(last, _year(start)) + 1))
    return years


def _year(millis: float) -> int:
    return datetime.fromtimestamp(millis / 1000, UTC).year


def spread(images: tuple[ImageAsset, ...]) -> list[ImageAsset]:
    """At most `MOST_IMAGES` images, evenly spread, the first and the last among them."""
    places = np.unique(np.linspace(0, len(images) - 1, min(MOST_IMAGES, len(images))).astype(int))
    return [images[position] for position in places]


def stored_values(image: ImageAsset, band: str) -> NDArray[Any]:
    """The stored values of a band that are not masked; of a large file, those of its middle."""
    info = next(each for each in image.bands if each.name == band)
    width, height = info.shape
    side = int(MOST_CELLS**0.5)
    wide, high = min(width, max(side, MOST_CELLS // height)), min(height, max(side, MOST_CELLS // width))
    left, top = (width - wide) // 2, (height - high) // 2
    corner = Affine(*info.transform) * Affine.translation(left, top)
    values, mask = image.read(band, GeoBox((high, wide), corner, crs_of(info.crs)), "nearest")
    return np.asarray(values[mask > 0])


def file_of(image: ImageAsset, band: str) -> Path | None:
    """The file that a band is read from; None where it is of no file."""
    return image.read.bands[band].path if isinstance(image.read, Reading) else None
