"""The forms of answers: JSON, errors, and images in the file formats that clients request."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.algorithms.image.visual import COLOURED, visualize
from offline.errors import EngineError
from offline.model.grids import box, covering
from offline.model.image import Image
from offline.protocol.encode import geotiff, jpeg, numpy_file, png, zipped_geotiffs

JSON = "application/json; charset=UTF-8"
NUMPY = "application/octet-stream"


@dataclass(frozen=True)
class Answer:
    """A body, its content type, an HTTP status and more headers; downloads are saved under `file_name`."""

    body: bytes | memoryview
    content_type: str = JSON
    code: int = 200
    file_name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(value: Any) -> Answer:
    """A JSON body."""
    return Answer(json.dumps(value).encode())


def error_answer(error: EngineError) -> Answer:
    """An error as an HTTP answer."""
    return Answer(json.dumps(error.body()).encode(), code=error.code)


def misshapen(answer: Answer) -> Answer:
    """An answer of the right kind and the wrong shape: an array without its last row, or empty JSON."""
    if answer.content_type != NUMPY:
        return Answer(b"{}")
    array = np.load(io.BytesIO(answer.body))
    buffer = io.BytesIO()
    np.save(buffer, array[:-1])
    return Answer(buffer.getvalue(), answer.content_type)


def native_grid(image: Image) -> GeoBox:
    """The grid of the image's own first band. Raises EngineError if it has no bounds."""
    if not image.bands or image.bands[0].shape is None:
        raise EngineError("The image is unbounded; give a grid, or a region and dimensions.")
    band = image.bands[0]
    assert band.shape is not None
    return box(band.projection, *band.shape)


def shown_grid(image: Image) -> GeoBox:
    """The grid of a thumbnail or download: the image's own, or, if that is unbounded, its cells in the footprint."""
    unbounded = bool(image.bands) and image.bands[0].shape is None
    return export_grid(image) if unbounded and image.footprint is not None else native_grid(image)


def export_grid(image: Image) -> GeoBox:
    """The grid of an export without one: the cells of the first band that the footprint covers, or all of them.

    Raises EngineError for an image without bounds.
    """
    if image.bands and image.footprint is None and image.bands[0].shape is None:
        raise EngineError("Unable to export unbounded image.")
    if not image.bands or image.footprint is None:
        return native_grid(image)
    clipped = covering(image.footprint, image.bands[0].projection)
    if clipped is None:
        raise EngineError("Export: nothing is left of the image inside the region.")
    if image.bands[0].shape is None:
        return clipped
    own = native_grid(image)
    return clipped if clipped.shape[0] * clipped.shape[1] < own.shape[0] * own.shape[1] else own


def file_stem(requested: Any, default: str) -> str:
    """The requested name of a file without its suffix; `_` replaces all but ASCII letters, digits, `.-` and blanks."""
    return re.sub(r"[^\w.\- ]", "_", str(requested or ""), flags=re.ASCII).strip(". ")[:100] or default


def picture(image: Image, grid: GeoBox, file_format: str, stem: str = "download") -> Answer:
    """Pixels in a file of the requested format. Raises EngineError for an unsupported format."""
    if file_format == "NPY":
        return Answer(numpy_file(image, grid), NUMPY, file_name=f"{stem}.npy")
    if file_format in ("GEO_TIFF", "MULTI_BAND_IMAGE_TIFF", "AUTO_IMAGE_FORMAT"):
        return Answer(geotiff(image, grid), "image/tiff", file_name=f"{stem}.tif")
    if file_format in ("ZIPPED_GEO_TIFF", "ZIPPED_GEO_TIFF_PER_BAND"):
        zipped = zipped_geotiffs(image, grid, per_band=file_format.endswith("_PER_BAND"), stem=stem)
        return Answer(zipped, "application/zip", file_name=f"{stem}.zip")
    if file_format in ("PNG", "AUTO_JPEG_PNG"):
        return Answer(png(image, grid), "image/png")
    if file_format == "JPEG":
        return Answer(jpeg(image, grid), "image/jpeg")
    raise EngineError(
        f"File format {file_format} is not supported by the offline engine; "
        f"use NPY, GEO_TIFF, ZIPPED_GEO_TIFF, PNG or JPEG."
    )


def visualized(image: Image, body: dict[str, Any], *, force: bool = False) -> Image:
    """The image in colours, if the request asks for them or `force` is set and the image has none yet."""
    options = body.get("visualizationOptions") or {}
    if not options and (tuple(image.names) == COLOURED or not force):
        return image
    ranges = options.get("ranges") or []
    low = [value_range.get("min", 0) for value_range in ranges] or None
    high = [value_range["max"] for value_range in ranges if "max" in value_range] or None
    gamma = options.get("gamma", {}).get("value") if options.get("gamma") else None
    palette = options.get("paletteColors")
    opacity = options.get("opacity")
    return visualize(image, None, None, None, low, high, gamma, opacity, palette, True)
