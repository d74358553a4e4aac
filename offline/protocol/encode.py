"""Answers in the forms that clients read: JSON values, NumPy arrays, GeoTIFF and PNG."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from PIL import Image as Picture
from rasterio.io import MemoryFile
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from offline.errors import EngineError
from offline.model.collection import Collection
from offline.model.geometry import geojson
from offline.model.grids import cut
from offline.model.image import Image, Pixels, forget
from offline.model.values import Date, DateRange

MAX_PIXEL_BYTES = 48 * 2**20
MAX_SIDE = 32768
#: Side of the parts in which a request is computed, cells; a whole number of the blocks that COGs are made of.
TILE = 1024
MAX_COLLECTION = 5000
#: Numbers, strings, lists, … of one answer.
MAX_PARTS = 2 * 10**6


def to_json(value: Any) -> Any:
    """A value as `getInfo` shows it; infinity and what is not a number in words, as the protocol has them.

    Raises EngineError for something that has no JSON form, and for a value or a collection that is too long.
    """
    return _Encoder().json(value)


class _Encoder:
    """Turns one value into JSON and counts its parts."""

    def __init__(self) -> None:
        self._left = MAX_PARTS

    def json(self, value: Any) -> Any:
        """The value, and all that is in it, as plain Python."""
        self._left -= 1
        if self._left < 0:
            raise EngineError(f"Response size exceeds limit: more than {MAX_PARTS} values.")
        if isinstance(value, Collection) and len(value.elements()) > MAX_COLLECTION:
            raise EngineError(f"Collection query aborted after accumulating over {MAX_COLLECTION} elements.")
        if callable(getattr(value, "json", None)):
            return self.json(value.json())
        if isinstance(value, BaseGeometry):
            return geojson(value)
        if isinstance(value, Date):
            return {"type": "Date", "value": value.millis}
        if isinstance(value, DateRange):
            return {"type": "DateRange", "dates": [end.millis if end else None for end in (value.start, value.end)]}
        if isinstance(value, dict):
            return {str(key): self.json(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.json(item) for item in value]
        if isinstance(value, (np.generic, np.ndarray)):
            return self.json(value.tolist())
        if isinstance(value, float):
            return value if math.isfinite(value) else _in_words(value)
        if value is None or isinstance(value, (bool, int, str)):
            return value
        raise EngineError(f"Cannot encode a {type(value).__name__} as a result.")


def _in_words(value: float) -> str:
    """What JSON has no number for."""
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def check_size(image: Image, grid: GeoBox) -> None:
    """Refuse a request beyond Earth Engine's limits, in its own words, and pixels that are arrays."""
    for band in image.bands:
        if band.type.dimensions:
            raise EngineError(
                f"Band '{band.name}' holds arrays, which no picture or file can; use arrayGet or arrayFlatten first."
            )
    if any(not isinstance(name, str) or not name for name in image.names) or len({*image.names}) < len(image.bands):
        raise EngineError(f"Bands must have names, each another one: {', '.join(map(str, image.names))[:200]}.")
    height, width = grid.shape
    if max(height, width) > MAX_SIDE:
        raise EngineError(f"Pixel grid dimensions ({width}x{height}) must be less than or equal to {MAX_SIDE}.")
    # One byte a pixel for the mask is counted in.
    size = height * width * sum(band.type.dtype.itemsize + 1 for band in image.bands)
    if size > MAX_PIXEL_BYTES:
        raise EngineError(f"Total request size ({size} bytes) must be less than or equal to {MAX_PIXEL_BYTES} bytes.")


def tiles(image: Image, grid: GeoBox) -> Iterator[tuple[int, tuple[slice, slice], Pixels]]:
    """The pixels of a request part by part, so that what operators hold is bounded by a part, not by the request.

    For each part all bands in turn: number of the band, rows and columns of the part in `grid`, values and mask.
    """
    for number, (top, left, part) in enumerate(cut(grid, TILE, TILE)):
        if number:
            forget()
        height, width = part.shape
        where = slice(top, top + height), slice(left, left + width)
        for index, band in enumerate(image.bands):
            yield index, where, band.pixels(part)


def numpy_file(image: Image, grid: GeoBox) -> memoryview:
    """A structured array (y, x), one field a band, as a `.npy` file; masked pixels are zero."""
    check_size(image, grid)
    kind = np.dtype([(band.name, band.type.dtype) for band in image.bands])
    # Pixels are written where they are sent from: the file of a large request is made once, not copied.
    head = numpy_head(kind, tuple(grid.shape))
    file = np.empty(len(head) + grid.shape[0] * grid.shape[1] * kind.itemsize, np.uint8)
    file[: len(head)] = np.frombuffer(head, np.uint8)
    array = np.ndarray(tuple(grid.shape), kind, file.data, len(head))
    for index, where, (values, mask) in tiles(image, grid):
        array[image.names[index]][where] = np.where(mask > 0, values, 0)
    return file.data


def numpy_head(kind: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """The header of a `.npy` file."""
    text = repr({"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}).encode()
    # Version 3 of the format: the length in four bytes, UTF-8, and spaces so that values begin at a multiple of 64.
    text += b" " * (-(12 + len(text) + 1) % 64) + b"\n"
    return np.lib.format.magic(3, 0) + len(text).to_bytes(4, "little") + text


def geotiff(image: Image, grid: GeoBox) -> bytes:
    """All bands as a GeoTIFF; masked pixels are zero and marked in its mask."""
    check_size(image, grid)
    dtype = np.result_type(*(band.type.dtype for band in image.bands))
    height, width = grid.shape
    profile = {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": len(image.bands),
        "dtype": dtype.name,
        "crs": str(grid.crs),
        "transform": grid.affine,
        "compress": "deflate",
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as target:
            for index, name in enumerate(image.names, start=1):
                target.set_band_description(index, name)
            valid = np.ones((height, width), bool)
            for index, where, (values, mask) in tiles(image, grid):
                here = Window.from_slices(*where)
                target.write(np.where(mask > 0, values, 0).astype(dtype), index + 1, window=here)
                valid[where] &= mask > 0
            target.write_mask(valid)
        return bytes(memory.read())


def zipped_geotiffs(image: Image, grid: GeoBox, *, per_band: bool, stem: str = "download") -> bytes:
    """A zip file of one GeoTIFF, STEM.tif, or of one for each band, STEM.BAND.tif."""
    parts = {f"{stem}.tif": image}
    if per_band:
        parts = {f"{stem}.{b.name}.tif": replace(image, bands=(b,)) for b in image.bands}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, geotiff(part, grid))
    return buffer.getvalue()


def colours(image: Image, grid: GeoBox) -> np.ndarray:
    """Red, green, blue and opacity (y, x, 4), 0 to 255, of an image of three bands.

    Raises EngineError if the bands are not three.
    """
    if len(image.bands) != 3:
        raise EngineError("Must have exactly 3 bands after visualization; give 'bands' or a palette.")
    picture = np.full((*grid.shape, 4), 255, np.uint8)
    for index, where, (values, mask) in tiles(image, grid):
        picture[where][..., index] = np.clip(values, 0, 255)
        opacity = np.rint(np.asarray(mask, float) * 255).astype(np.uint8)
        np.minimum(picture[where][..., 3], opacity, out=picture[where][..., 3])
    return picture


def png(image: Image, grid: GeoBox) -> bytes:
    """A PNG, masked pixels transparent."""
    return _picture(Picture.fromarray(colours(image, grid), "RGBA"), "PNG")


def jpeg(image: Image, grid: GeoBox) -> bytes:
    """A JPEG, masked pixels black."""
    pixels = colours(image, grid)
    return _picture(Picture.fromarray(np.where(pixels[..., 3:] > 0, pixels[..., :3], 0)), "JPEG")


def _picture(picture: Picture.Image, file_format: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, file_format)
    return buffer.getvalue()
