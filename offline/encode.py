"""Answers in the forms that clients read: JSON values, NumPy arrays, GeoTIFF and PNG."""

from __future__ import annotations

import io
import math
import zipfile
from dataclasses import replace
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from PIL import Image as Picture
from shapely.geometry.base import BaseGeometry

from offline.collection import Collection
from offline.errors import EngineError
from offline.geometry import geojson
from offline.image import Image
from offline.values import Date, DateRange

MAX_PIXEL_BYTES = 48 * 2**20
MAX_SIDE = 32768
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


def numpy_file(image: Image, grid: GeoBox) -> bytes:
    """A structured array (y, x), one field a band, as a `.npy` file; masked pixels are zero."""
    check_size(image, grid)
    fields = [(band.name, band.type.dtype) for band in image.bands]
    array = np.zeros(tuple(grid.shape), dtype=fields)
    for band in image.bands:
        values, mask = band.pixels(grid)
        array[band.name] = np.where(mask > 0, values, 0).astype(band.type.dtype)
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def geotiff(image: Image, grid: GeoBox) -> bytes:
    """All bands as a GeoTIFF; masked pixels are zero and marked in its mask."""
    from rasterio.io import MemoryFile

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
            valid = np.ones(tuple(grid.shape), bool)
            for index, band in enumerate(image.bands, start=1):
                values, mask = band.pixels(grid)
                target.write(np.where(mask > 0, values, 0).astype(dtype), index)
                target.set_band_description(index, band.name)
                valid &= mask > 0
            target.write_mask(valid)
        return bytes(memory.read())


def zipped_geotiffs(image: Image, grid: GeoBox, *, per_band: bool) -> bytes:
    """A zip file of one GeoTIFF, or of one for each band."""
    parts = {"download.tif": image}
    if per_band:
        parts = {f"download.{b.name}.tif": replace(image, bands=(b,)) for b in image.bands}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, geotiff(part, grid))
    return buffer.getvalue()


def colours(image: Image, grid: GeoBox) -> np.ndarray:
    """Red, green, blue and opacity (y, x, 4), 0 to 255, of an image of three bands.

    Raises EngineError where the bands are not three.
    """
    if len(image.bands) != 3:
        raise EngineError("Must have exactly 3 bands after visualization; give 'bands' or a palette.")
    layers = [band.pixels(grid) for band in image.bands]
    alpha = np.minimum.reduce([np.asarray(mask, float) for _, mask in layers])
    channels = [np.clip(values, 0, 255).astype(np.uint8) for values, _ in layers]
    return np.dstack([*channels, np.rint(alpha * 255).astype(np.uint8)])


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
