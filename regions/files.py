"""Files of polygons as users have them: which layer, which text encoding, which reference system."""

from __future__ import annotations

import codecs
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyogrio
from pyproj.exceptions import ProjError
from shapely import force_2d

from regions.errors import BadRegionFile

if TYPE_CHECKING:
    import geopandas

#: Encodings of shapefiles without a .cpg file that are common in the region, for the message.
COMMON = "cp1251, cp866 or KOI8-R (Cyrillic), gbk (Chinese), cp949 (Korean), shift_jis (Japanese)"
#: Bytes of a .dbf header that name no encoding: none at all, and "ANSI", whatever that was on the machine.
UNDECLARED = (0x00, 0x57)
#: Keeps every byte of a text as one character.
AS_BYTES = "ISO-8859-1"


def read_table(
    path: Path, *, layer: str | None = None, encoding: str | None = None
) -> tuple[geopandas.GeoDataFrame, list[str]]:
    """The features of a file in WGS84 without heights, and notes on what was chosen or left out.

    Raises BadRegionFile naming the file, the reason and the fix.
    """
    if not path.exists():
        raise BadRegionFile(f"{path}: no such file")
    driver, name, notes = chosen_layer(path, layer)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        table = _decoded(path, name, driver, encoding)
    notes += [f"{path.name}: {' '.join(str(each.message).split())}" for each in said]
    if table.empty:
        raise BadRegionFile(f"{path}: layer {name!r} has no features; add at least one polygon")
    if table.crs is None:
        raise BadRegionFile(f"{path}: has no coordinate reference system; add a .prj file or save it as GeoJSON")
    return _in_degrees(path, table), notes


def chosen_layer(path: Path, wanted: str | None) -> tuple[str, str, list[str]]:
    """The driver of a file, the layer to read, and a note where others are left out.

    Raises BadRegionFile if several layers may have polygons and none was chosen, listing them.
    """
    try:
        layers = {str(name): kind for name, kind in pyogrio.list_layers(path)}
        driver = str(pyogrio.read_info(path, layer=next(iter(layers)), encoding=AS_BYTES)["driver"]) if layers else ""
    except Exception as error:
        raise BadRegionFile(
            f"{path}: cannot be read as GeoJSON, GeoPackage, shapefile or KML ({' '.join(str(error).split())})"
        ) from error
    listed = ", ".join(f"{name!r} ({kind or 'no geometry'})" for name, kind in layers.items())
    if wanted is not None:
        if wanted not in layers:
            raise BadRegionFile(f"{path}: has no layer {wanted!r}; its layers are {listed}")
        return driver, wanted, []
    spatial = [name for name, kind in layers.items() if kind is not None]
    able = [name for name in spatial if _may_hold_polygons(layers[name])] or spatial[:1]
    if not able:
        raise BadRegionFile(f"{path}: no layer has geometry; its layers are {listed or 'none'}")
    if len(able) > 1:
        raise BadRegionFile(f"{path}: has several layers; choose one with --layer: {listed}")
    return driver, able[0], [] if len(layers) == 1 else [f"{path.name}: layer {able[0]!r} of {listed}"]


def _may_hold_polygons(kind: str | None) -> bool:
    words = ("polygon", "surface", "unknown", "collection")
    return kind is not None and any(word in kind.lower() for word in words)


def _decoded(path: Path, layer: str, driver: str, encoding: str | None) -> geopandas.GeoDataFrame:
    """The features of a layer with their text decoded; Raises BadRegionFile if that is not possible."""
    if driver != "ESRI Shapefile":
        if encoding is not None:
            raise BadRegionFile(f"{path}: --encoding is for shapefiles; a {driver} file is UTF-8. Leave --encoding out")
        return _features(path, layer, None)
    if encoding is None and _declares_encoding(path, layer):
        return _features(path, layer, None)
    try:
        codecs.lookup(encoding or "utf-8")
    except LookupError as error:
        raise BadRegionFile(f"{path}: encoding {encoding!r} is not known; use UTF-8, {COMMON}") from error
    table = _features(path, layer, AS_BYTES)
    try:
        return _recoded(table, encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding is not None:
            raise BadRegionFile(f"{path}: its text is not {encoding} ({error}); try {COMMON}") from error
        raise BadRegionFile(
            f"{path}: its text is not UTF-8, and no .cpg file names its encoding; name it with --encoding: {COMMON}"
        ) from error


def _features(path: Path, layer: str, encoding: str | None) -> geopandas.GeoDataFrame:
    """The features of a layer; a geometry that cannot be read is missing. Raises BadRegionFile."""
    try:
        return pyogrio.read_dataframe(path, layer=layer, encoding=encoding, on_invalid="ignore")
    except UnicodeDecodeError as error:
        raise BadRegionFile(
            f"{path}: its text does not have the encoding that the file declares ({error.reason}); name the right one "
            f"with --encoding for a shapefile, or save the file as UTF-8"
        ) from error
    except Exception as error:
        raise BadRegionFile(f"{path}: layer {layer!r} cannot be read ({' '.join(str(error).split())})") from error


def _recoded(table: geopandas.GeoDataFrame, encoding: str) -> geopandas.GeoDataFrame:
    """A table whose text was read byte by byte, decoded. Raises UnicodeDecodeError."""

    def decode(value: Any) -> Any:
        return value.encode(AS_BYTES).decode(encoding) if isinstance(value, str) else value

    texts = {name: table[name].map(decode) for name in table.columns if name != table.geometry.name}
    return table.assign(**texts).rename(columns={name: decode(name) for name in texts})


def _declares_encoding(path: Path, layer: str) -> bool:
    """Whether a shapefile says which encoding its text has: by a .cpg file, or in the header of its .dbf."""
    if _part(path, layer, ".cpg"):
        return True
    header = _part(path, layer, ".dbf")
    return header is not None and len(header) > 29 and header[29] not in UNDECLARED


def _part(path: Path, layer: str, suffix: str) -> bytes | None:
    """The first bytes of a part of a shapefile, which may lie in a folder or a zip file; None if it is absent."""
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as file:
            for name in file.namelist():
                if Path(name).stem == layer and Path(name).suffix.lower() == suffix:
                    with file.open(name) as opened:
                        return opened.read(64)
        return None
    folder = path if path.is_dir() else path.parent
    for part in folder.iterdir():
        if part.stem == layer and part.suffix.lower() == suffix:
            with part.open("rb") as opened:
                return opened.read(64)
    return None


def _in_degrees(path: Path, table: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """A table in WGS84, without heights. Raises BadRegionFile if its coordinates cannot be transformed."""
    flat = table.set_geometry(force_2d(table.geometry.values), crs=table.crs)
    try:
        return flat.to_crs("EPSG:4326")
    except (ProjError, ValueError) as error:
        raise BadRegionFile(
            f"{path}: its reference system {table.crs.name!r} cannot be transformed to degrees ({error}); save the "
            f"file in EPSG:4326"
        ) from error
