"""A project for QGIS that opens all rasters of a handout with their styles, in groups of regions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import rasterio

from flows.figures.handout.layers import HandedRaster
from flows.figures.handout.styles import VERSION, document, pipe

CRS = "EPSG:4326"
#: Time of the file inside the project: the same handout has the same bytes.
UNDATED = (1980, 1, 1, 0, 0, 0)


def write_project(path: Path, groups: Mapping[str, Sequence[HandedRaster]], places: Mapping[Path, str]) -> None:
    """Write a project (.qgz). `groups`: rasters by the name of their region; `places`: each from the project's folder.

    The first raster of each group is shown, the others are switched off.
    """
    root = Element("qgis", version=VERSION, projectname="drylands")
    SubElement(root, "title").text = "drylands"
    _crs(SubElement(root, "projectCrs"))
    tree, layers = SubElement(root, "layer-tree-group"), Element("projectlayers")
    for name, rasters in groups.items():
        group = SubElement(tree, "layer-tree-group", name=name, checked="Qt::Checked", expanded="1")
        for number, raster in enumerate(rasters):
            place = places[raster.path]
            identity = place.removesuffix(".tif").replace("/", "_").replace("-", "_")
            SubElement(
                group, "layer-tree-layer", id=identity, name=raster.title, source=f"./{place}", providerKey="gdal",
                checked="Qt::Unchecked" if number else "Qt::Checked", expanded="0",
            )  # fmt: skip
            layers.append(_layer(identity, raster, place))
    root.append(layers)
    paths = SubElement(SubElement(root, "properties"), "Paths")
    SubElement(paths, "Absolute", type="bool").text = "false"
    with ZipFile(path, "w") as archive:
        inside = ZipInfo(path.with_suffix(".qgs").name, UNDATED)
        inside.compress_type = ZIP_DEFLATED
        archive.writestr(inside, document(root))


def _layer(identity: str, raster: HandedRaster, place: str) -> Element:
    """A raster layer with its extent, projection and style."""
    root = Element("maplayer", type="raster")
    with rasterio.open(raster.path) as file:
        edges = dict(zip(("xmin", "ymin", "xmax", "ymax"), file.bounds, strict=True))
    extent = SubElement(root, "extent")
    for edge, value in edges.items():
        SubElement(extent, edge).text = repr(float(value))
    for tag, text in (
        ("id", identity),
        ("datasource", f"./{place}"),
        ("layername", raster.title),
        ("provider", "gdal"),
    ):
        SubElement(root, tag).text = text
    _crs(SubElement(root, "srs"))
    root.append(pipe(raster))
    return root


def _crs(parent: Element) -> None:
    SubElement(SubElement(parent, "spatialrefsys"), "authid").text = CRS
