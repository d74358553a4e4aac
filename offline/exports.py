"""Exports: images as GeoTIFF or COG, tables as CSV or GeoJSON, into a folder that stands for Drive and buckets.

`drive/FOLDER/PREFIX.tif` is what `toDrive` writes, `BUCKET/PREFIX.tif` what `toCloudStorage` does. Files have their
final name only when they are whole.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.algorithms.pixelwise import joined_type
from offline.collection import Collection
from offline.encode import to_json
from offline.errors import EngineError
from offline.geometry import Feature, geojson
from offline.grids import moved
from offline.image import Band, Image, one_request
from offline.operations import Operation
from offline.values import PixelType

#: Side of the blocks in which an image is computed and written, cells.
BLOCK = 512
#: Pixels of an export unless more are allowed, as the service has it.
MAX_PIXELS = 1e8
NAMES = {"uint8": "Byte", "uint16": "UInt16", "int16": "Int16", "uint32": "UInt32", "int32": "Int32", "int8": "Int8",
         "int64": "Int64", "float32": "Float32", "float64": "Float64"}  # fmt: skip


def destination(folder: Path | None, options: dict[str, Any]) -> Path:
    """Where the files of an export go, without suffix.

    Raises EngineError where exports are off, the kind of destination is not offered, or the name leaves the folder.
    """
    if folder is None:
        raise EngineError(
            "Exports are off: start the offline engine with a folder for them (drylands offline --exports FOLDER)."
        )
    drive, bucket = options.get("driveDestination"), options.get("cloudStorageDestination")
    if drive is not None:
        parts = ["drive", drive.get("folder") or ".", drive.get("filenamePrefix") or ""]
    elif bucket is not None:
        parts = [bucket.get("bucket") or "", bucket.get("filenamePrefix") or ""]
    else:
        raise EngineError("The offline engine exports to Drive or Cloud Storage, that is to its folder, not to assets.")
    for part in parts:
        pure = PurePosixPath(part)
        if not part or "\\" in part or ":" in part or pure.is_absolute() or ".." in pure.parts:
            raise EngineError(f"Export destination '{part}' is not a name inside the folder of exports.")
    place = folder.joinpath(*parts)
    if not place.parent.resolve().is_relative_to(folder.resolve()):
        raise EngineError(f"Export destination '{'/'.join(parts)}' leaves the folder of exports.")
    return place


def export_image(image: Image, grid: GeoBox, body: dict[str, Any], place: Path, operation: Operation) -> list[str]:
    """Write an image on a grid: one file, or several where `tileDimensions` cut it up; their URIs."""
    options = body["fileExportOptions"]
    file_format = options.get("fileFormat", "GEO_TIFF")
    if file_format != "GEO_TIFF":
        raise EngineError(f"Export format {file_format} is not supported by the offline engine; use GEO_TIFF.")
    settings = options.get("geoTiffOptions") or {}
    height, width = grid.shape
    allowed = float((body.get("maxPixels") or {}).get("value") or MAX_PIXELS)
    if height * width > allowed:
        raise EngineError(
            f"Export too large: specified {height * width} pixels (max: {allowed:.0f}). "
            f"Specify higher maxPixels value if you intend to export a large area."
        )
    kind = common_type(image.bands)
    size = settings.get("tileDimensions") or {}
    rows, columns = int(size.get("height") or height), int(size.get("width") or width)
    pieces = [(top, left) for top in range(0, height, rows) for left in range(0, width, columns)]
    written = []
    for number, (top, left) in enumerate(pieces):
        part = GeoBox((min(rows, height - top), min(columns, width - left)), moved(grid.affine, left, top), grid.crs)
        suffix = f"-{top:010d}-{left:010d}" if len(pieces) > 1 else ""
        path = place.with_name(f"{place.name}{suffix}.tif")
        if write_piece(image, part, kind, settings, path, operation, (number / len(pieces), 1 / len(pieces))):
            written.append(path.as_uri())
    return written


def common_type(bands: tuple[Band, ...]) -> PixelType:
    """The type of the file. Raises EngineError for arrays, and for bands that have no common type."""
    if not bands:
        raise EngineError("Export: the image has no bands.")
    if any(band.type.dimensions for band in bands):
        raise EngineError("Export: bands of arrays cannot be written; use arrayFlatten first.")
    kinds = {("int" if band.type.precision == "int" else band.type.precision) for band in bands}
    if len(kinds) > 1:
        first, other = (NAMES[band.type.dtype.name] for band in _unlike(bands))
        raise EngineError(
            f"Exported bands must have compatible data types; found inconsistent types: {first} and {other}."
        )
    kind = bands[0].type
    for band in bands[1:]:
        kind = joined_type(kind, band.type)
    return kind


def _unlike(bands: tuple[Band, ...]) -> tuple[Band, Band]:
    return bands[0], next(band for band in bands if band.type.precision != bands[0].type.precision)


def write_piece(
    image: Image,
    grid: GeoBox,
    kind: PixelType,
    settings: dict[str, Any],
    path: Path,
    operation: Operation,
    share: tuple[float, float],
) -> bool:
    """One file, block by block; False where it would be empty and such files are not wanted.

    `share` is where in the whole work the file begins, and how much of it the file is.
    """
    import rasterio
    from rasterio.shutil import copy
    from rasterio.windows import Window

    given = (settings.get("noData") or {}).get("floatValue")
    nodata = given if given is not None else (math.nan if kind.precision != "int" else None)
    height, width = grid.shape
    profile = {
        "driver": "GTiff", "count": len(image.bands), "height": height, "width": width, "dtype": kind.dtype.name,
        "crs": str(grid.crs), "transform": grid.affine, "nodata": nodata, "compress": "deflate", "BIGTIFF": "IF_SAFER",
    }  # fmt: skip
    if min(height, width) >= 256:
        profile |= {"tiled": True, "blockxsize": 256, "blockysize": 256}
    blocks = [(top, left) for top in range(0, height, BLOCK) for left in range(0, width, BLOCK)]
    path.parent.mkdir(parents=True, exist_ok=True)
    found = False
    with unfinished(path) as part:
        with rasterio.open(part, "w", **profile) as file:
            for number, (top, left) in enumerate(blocks):
                operation.report(share[0] + share[1] * number / len(blocks))
                shape = (min(BLOCK, height - top), min(BLOCK, width - left))
                block = GeoBox(shape, moved(grid.affine, left, top), grid.crs)
                with one_request(check=operation.check):
                    for index, band in enumerate(image.bands, start=1):
                        values, mask = band.pixels(block)
                        found |= bool((mask > 0).any())
                        filled = np.where(mask > 0, values, 0 if nodata is None else nodata)
                        file.write(filled.astype(kind.dtype), index, window=Window(left, top, *reversed(shape)))
            for index, band in enumerate(image.bands, start=1):
                file.set_band_description(index, band.name)
        if not found and settings.get("skipEmptyFiles"):
            return False
        if settings.get("cloudOptimized"):
            whole = part.with_suffix(".cog")
            copy(part, whole, driver="COG", compress="deflate")
            whole.replace(part)
        part.replace(path)
    return True


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A name beside the file's to write to; what is left under it afterwards is removed."""
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
    finally:
        for left in (part, part.with_suffix(".cog")):
            left.unlink(missing_ok=True)


def export_table(table: Collection, body: dict[str, Any], place: Path, operation: Operation) -> list[str]:
    """Write a table; its URI."""
    file_format = body["fileExportOptions"].get("fileFormat", "CSV")
    suffix, written = table_format(file_format)
    path = place.with_name(place.name + suffix)
    path.parent.mkdir(parents=True, exist_ok=True)
    with one_request(check=operation.check):
        text = written(table.elements(), body.get("selectors"))
        operation.report(0.9)
        with unfinished(path) as part:
            part.write_text(text, encoding="utf-8", newline="")
            part.replace(path)
    return [path.as_uri()]


def table_format(name: str) -> tuple[str, Callable[[list[Feature], list[str] | None], str]]:
    """Suffix and writer of a table format. Raises EngineError for one that is not offered."""
    writers = {"CSV": (".csv", csv_text), "GEO_JSON": (".geojson", geojson_text)}
    if name not in writers:
        raise EngineError(f"Table format {name} is not supported by the offline engine; use CSV or GeoJSON.")
    return writers[name]


def csv_text(features: list[Feature], selectors: list[str] | None) -> str:
    """One row a feature: system:index, properties by name, .geo, or what is selected; lists as JSON."""
    names = sorted({name for each in features for name in each.properties if name != "system:index"})
    columns = selectors or ["system:index", *names, ".geo"]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    for each in features:
        writer.writerow([cell(each, name) for name in columns])
    return file.getvalue()


def cell(feature: Feature, name: str) -> Any:
    """A value of a row: nothing where there is none."""
    if name == "system:index":
        return feature.id
    if name == ".geo":
        return "" if feature.geometry is None else json.dumps(geojson(feature.geometry), separators=(",", ":"))
    value = to_json(feature.properties.get(name))
    return json.dumps(value) if isinstance(value, (list, dict)) else "" if value is None else value


def geojson_text(features: list[Feature], selectors: list[str] | None) -> str:
    """A feature collection, with the properties that are selected."""
    written = []
    for each in features:
        body = to_json(each)
        if selectors:
            body["properties"] = {name: body["properties"].get(name) for name in selectors if name != ".geo"}
        written.append(body)
    return json.dumps({"type": "FeatureCollection", "features": written})
