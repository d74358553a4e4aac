"""Files of polygons as the programs of the field write them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry


def geojson(path: Path, shapes: dict[str, BaseGeometry | None]) -> Path:
    """A GeoJSON file of shapes by name; names may repeat where they differ in trailing spaces."""
    features = [
        {
            "type": "Feature",
            "properties": {"name": name.strip()},
            "geometry": None if shape is None else mapping(shape),
        }
        for name, shape in shapes.items()
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def shapefile(path: Path, shapes: dict[str, BaseGeometry], encoding: str, *, declared: bool) -> Path:
    """A shapefile whose text has an encoding, which a .cpg file names or nothing does."""
    names = [name.encode(encoding).decode("latin-1") for name in shapes]
    frame = gpd.GeoDataFrame({"NAME": names}, geometry=list(shapes.values()), crs="EPSG:4326")
    frame.to_file(path, encoding="ISO-8859-1")
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0
    path.with_suffix(".dbf").write_bytes(table)
    path.with_suffix(".cpg").unlink(missing_ok=True)
    if declared:
        path.with_suffix(".cpg").write_text(encoding)
    return path


def kml(path: Path, name: str, ring: list[tuple[float, ...]]) -> Path:
    """A KML file (KMZ by its suffix) of one polygon and, as Google Earth saves them, a place mark."""
    corners = " ".join(",".join(map(str, corner)) for corner in ring)
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
        f"<name>mine</name><Placemark><name>{name}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>{corners}"
        "</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark><Placemark><name>camp</name><Point>"
        "<coordinates>110,43,0</coordinates></Point></Placemark></Folder></Document></kml>"
    )
    if path.suffix == ".kmz":
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("doc.kml", text)
    else:
        path.write_text(text, encoding="utf-8")
    return path


def layers(path: Path, **tables: dict[str, Any]) -> Path:
    """A GeoPackage with a layer for each table of columns."""
    for name, columns in tables.items():
        gpd.GeoDataFrame(columns, crs="EPSG:4326").to_file(path, layer=name, driver="GPKG")
    return path
