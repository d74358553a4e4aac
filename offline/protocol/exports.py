"""Exports: images as GeoTIFF or COG, tables as CSV or GeoJSON, into a folder that replaces Drive and buckets.

`drive/FOLDER/PREFIX.tif` is what `toDrive` writes, `BUCKET/PREFIX.tif` what `toCloudStorage` does. Files have their
final names only when all of them are whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.shutil import copy
from rasterio.windows import Window
from shapely import get_num_coordinates

from offline.errors import EngineError
from offline.model.collection import Collection
from offline.model.geometry import Feature
from offline.model.grids import cut
from offline.model.image import Band, Image, one_request
from offline.model.pixel_types import joined_type
from offline.model.values import PixelType
from offline.protocol.destinations import Destination, Drafts
from offline.protocol.encode import to_json
from offline.protocol.operations import Operation
from offline.protocol.tables import features_of, table_format

#: Side of the blocks in which an image is computed and written, cells; a whole number of the file's tiles.
BLOCK = 512
#: Side of the tiles of a file, unless `shardSize` says otherwise, and the largest that it may say.
TILE, LARGEST_TILE = 256, 2048
#: Pixels of an export unless more are allowed, as the service has it.
MAX_PIXELS = 10**8
NAMES = {"uint8": "Byte", "uint16": "UInt16", "int16": "Int16", "uint32": "UInt32", "int32": "Int32", "int8": "Int8",
         "int64": "Int64", "float32": "Float32", "float64": "Float64"}  # fmt: skip


@dataclass(frozen=True)
class TiffOptions:
    """How GeoTIFFs are to be written; `piece` is the size (height, width) of each of several files."""

    cloud_optimized: bool = False
    skip_empty: bool = False
    no_data: float | None = None
    tile: int = TILE
    piece: tuple[int, int] | None = None
    metadata: tuple[str, ...] = field(default=())


def tiff_options(body: dict[str, Any]) -> TiffOptions:
    """What a request says about its GeoTIFF. Raises EngineError for another format and sizes that do not fit."""
    options = body.get("fileExportOptions") or {}
    file_format = options.get("fileFormat", "GEO_TIFF")
    if file_format != "GEO_TIFF":
        raise EngineError(f"Export format {file_format} is not supported by the offline engine; use GEO_TIFF.")
    given = options.get("geoTiffOptions") or {}
    tile = int(wrapped(given.get("tileSize")) or TILE)
    if tile % 16 or not 0 < tile <= LARGEST_TILE:
        raise EngineError(f"Export: shardSize {tile} must be a multiple of 16 and at most {LARGEST_TILE}.")
    size = given.get("tileDimensions")
    piece = (int(size.get("height", 0)), int(size.get("width", 0))) if size else None
    if piece and any(side <= 0 or side % tile for side in piece):
        raise EngineError(f"Export: fileDimensions {piece[1]}x{piece[0]} must be multiples of shardSize ({tile}).")
    number = given.get("noData") or {}
    no_data = number.get("floatValue", number.get("integerValue"))
    return TiffOptions(
        cloud_optimized=bool(given.get("cloudOptimized")),
        skip_empty=bool(given.get("skipEmptyFiles")),
        no_data=None if no_data is None else float(no_data),
        tile=tile,
        piece=piece,
        metadata=tuple(given.get("metadataKeys") or ()),
    )


def wrapped(value: Any) -> Any:
    """The number in a client's wrapper object, or the number itself, which the protocol also allows."""
    return value.get("value") if isinstance(value, dict) else value


def check_pixels(grid: GeoBox, allowed: Any) -> None:
    """Refuse more pixels than are allowed, in Earth Engine's words."""
    height, width = grid.shape
    most = int(float(allowed if allowed is not None else MAX_PIXELS))
    if height * width > most:
        raise EngineError(
            f"Export too large: specified {height * width} pixels (max: {most}). "
            f"Specify higher maxPixels value if you intend to export a large area."
        )


def export_image(
    image: Image, grid: GeoBox, body: dict[str, Any], destination: Destination, operation: Operation
) -> list[str]:
    """Write an image on a grid: one file, or several where `fileDimensions` cut it up; their URIs."""
    options = tiff_options(body)
    check_pixels(grid, wrapped(body.get("maxPixels")))
    kind = common_type(image.bands)
    profile = {
        "driver": "GTiff", "count": len(image.bands), "dtype": kind.dtype.name, "nodata": stored_no_data(options, kind),
        "tiled": True, "blockxsize": options.tile, "blockysize": options.tile, "interleave": "band",
        "compress": "deflate", "BIGTIFF": "IF_SAFER", "SPARSE_OK": options.skip_empty,
    }  # fmt: skip
    pieces = list(cut(grid, *(options.piece or grid.shape)))
    with Drafts() as drafts:
        for number, (top, left, part) in enumerate(pieces):
            path = destination.file(f"-{top:010d}-{left:010d}.tif" if len(pieces) > 1 else ".tif")
            draft = drafts.draft(path)
            share = (number / len(pieces), 1 / len(pieces))
            any_valid = write_piece(image, part, profile, options, draft, operation, share)
            if options.skip_empty and not any_valid:
                drafts.drop(draft)
            elif options.cloud_optimized:
                cloud_optimized(draft, drafts.draft(path))
                drafts.drop(draft)
            operation.check()
        return drafts.publish()


def common_type(bands: tuple[Band, ...]) -> PixelType:
    """The type of the file. Raises EngineError for arrays, and for bands that have no common type."""
    if not bands:
        raise EngineError("Export: the image has no bands.")
    if any(band.type.dimensions for band in bands):
        raise EngineError("Export: bands of arrays cannot be written; use arrayFlatten first.")
    first, kind = bands[0].type, bands[0].type
    for band in bands[1:]:
        if band.type.precision != first.precision:
            names = f"{NAMES[first.dtype.name]} and {NAMES[band.type.dtype.name]}"
            raise EngineError(f"Exported bands must have compatible data types; found inconsistent types: {names}.")
        kind = joined_type(kind, band.type)
    return kind


def stored_no_data(options: TiffOptions, kind: PixelType) -> float | None:
    """The value of masked pixels: as given, else NaN in fractions; None (then 0, not marked) in whole numbers.

    Raises EngineError for a value that the type cannot hold.
    """
    value, dtype = options.no_data, kind.dtype
    if value is None:
        return None if kind.precision == "int" else math.nan
    if kind.precision == "int":
        range_ = np.iinfo(dtype)
        fits = value.is_integer() and range_.min <= value <= range_.max
    else:
        fits = not math.isfinite(value) or abs(value) <= np.finfo(dtype).max
    if not fits:
        raise EngineError(f"Export: noData {value:g} is not a value of the exported type, {NAMES[dtype.name]}.")
    # The tag has to be what pixels can be equal to.
    return int(value) if kind.precision == "int" else float(dtype.type(value))


def write_piece(
    image: Image,
    grid: GeoBox,
    profile: dict[str, Any],
    options: TiffOptions,
    path: Path,
    operation: Operation,
    share: tuple[float, float],
) -> bool:
    """One file, block by block; whether any pixel of it is valid.

    `share` is where in the whole work the file begins, and how much of it the file is.
    """
    fill = 0 if profile["nodata"] is None else profile["nodata"]
    height, width = grid.shape
    own = {"height": height, "width": width, "crs": str(grid.crs), "transform": grid.affine}
    side = options.tile * max(1, BLOCK // options.tile)
    blocks = math.ceil(height / side) * math.ceil(width / side)
    any_valid = False
    with rasterio.open(path, "w", **profile, **own) as file:
        for index, band in enumerate(image.bands, start=1):
            file.set_band_description(index, band.name)
        file.update_tags(**{key: tag(image, key) for key in options.metadata if key in image.properties})
        for number, (top, left, block) in enumerate(cut(grid, side, side)):
            operation.report(share[0] + share[1] * number / blocks)
            with one_request(check=operation.check):
                for index, band in enumerate(image.bands, start=1):
                    values, mask = band.pixels(block)
                    valid = mask > 0
                    any_valid |= bool(valid.any())
                    if options.skip_empty and not valid.any():
                        continue
                    window = Window(left, top, *reversed(block.shape))
                    file.write(np.where(valid, values, fill).astype(profile["dtype"]), index, window=window)
    return any_valid


def tag(image: Image, key: str) -> str:
    """A property of the image as the text of a tag."""
    return str(to_json(image.properties[key]))


def cloud_optimized(source: Path, path: Path) -> None:
    """A copy of a GeoTIFF with overviews, laid out for reading by parts."""
    # Neighbours are not blended in overviews: values may be classes.
    copy(source, path, driver="COG", compress="deflate", overview_resampling="nearest", bigtiff="IF_SAFER")


def check_vertices(features: list[Feature], allowed: Any) -> None:
    """Refuse outlines of more vertices than are allowed: the service would cut them into pieces."""
    for feature in features if allowed else ():
        vertices = 0 if feature.geometry is None else get_num_coordinates(feature.geometry)
        if vertices > int(float(allowed)):
            raise EngineError(
                f"Export.table: the geometry of feature {feature.id} has {vertices} vertices, "
                f"maxVertices allows {allowed}. "
                f"The offline engine does not cut geometries; leave maxVertices out or simplify them."
            )


def export_table(table: Collection, body: dict[str, Any], destination: Destination, operation: Operation) -> list[str]:
    """Write a table; its URI."""
    suffix, written = table_format((body.get("fileExportOptions") or {}).get("fileFormat", "CSV"))
    with one_request(check=operation.check), Drafts() as drafts:
        features = features_of(table)
        check_vertices(features, wrapped(body.get("maxVertices")))
        draft = drafts.draft(destination.file(suffix))
        with draft.open("x", encoding="utf-8", newline="") as file:
            for number, part in enumerate(written(features, body.get("selectors"))):
                operation.report(min(1.0, number / (len(features) + 2)))
                file.write(part)
        return drafts.publish()
