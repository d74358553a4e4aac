"""Names and colours of a class raster for a desktop GIS, in two small extra files.

A palette of GDAL has no entry for a code below 0, and degraded is −1. So the raster gets a raster attribute table
(`.tif.aux.xml`: code, name, colour), and a view of one byte (`.vrt`) numbers its classes from 1 on and has a palette
and category names; 0 is no data.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import rasterio

from practices.report.palette import colours_of, rgb

#: Columns of the table: name, GDAL's number of the type (0 integer, 2 text) and of the usage.
COLUMNS = (("Value", 0, 5), ("Class", 2, 2), ("Red", 0, 6), ("Green", 0, 7), ("Blue", 0, 8))


def write_classes(raster: Path, classes: Mapping[int, str]) -> None:
    """Write the attribute table and the view with a palette of a raster with these classes, code → name."""
    colours = dict(zip(classes, map(rgb, colours_of(list(classes.values()))), strict=True))
    _write(raster.with_name(f"{raster.name}.aux.xml"), attribute_table(classes, colours))
    _write(raster.with_suffix(".vrt"), palette_view(raster, classes, colours))


def attribute_table(classes: Mapping[int, str], colours: Mapping[int, tuple[int, int, int]]) -> Element:
    """A row for each class: code, name, red, green, blue."""
    root = Element("PAMDataset")
    table = SubElement(SubElement(root, "PAMRasterBand", band="1"), "GDALRasterAttributeTable", tableType="thematic")
    for number, (name, kind, usage) in enumerate(COLUMNS):
        field = SubElement(table, "FieldDefn", index=str(number))
        for tag, value in (("Name", name), ("Type", kind), ("Usage", usage)):
            SubElement(field, tag).text = str(value)
    for number, (code, name) in enumerate(classes.items()):
        row = SubElement(table, "Row", index=str(number))
        for value in (code, name, *colours[code]):
            SubElement(row, "F").text = str(value)
    return root


def palette_view(raster: Path, classes: Mapping[int, str], colours: Mapping[int, tuple[int, int, int]]) -> Element:
    """The raster as one byte with a palette: 0 is no data, classes follow in their order."""
    with rasterio.open(raster) as file:
        size = {"rasterXSize": str(file.width), "rasterYSize": str(file.height)}
        transform, crs, about = file.transform.to_gdal(), file.crs.to_string(), file.descriptions[0]
        tags = {name: value for name, value in file.tags().items() if not name.startswith("flag_")}
    root = Element("VRTDataset", size)
    SubElement(root, "SRS").text = crs
    SubElement(root, "GeoTransform").text = ", ".join(repr(each) for each in transform)
    metadata = SubElement(root, "Metadata")
    for name, value in tags.items():
        SubElement(metadata, "MDI", key=name).text = value
    band = SubElement(root, "VRTRasterBand", dataType="Byte", band="1")
    SubElement(band, "Description").text = about
    SubElement(band, "NoDataValue").text = "0"
    SubElement(band, "ColorInterp").text = "Palette"
    names, palette = SubElement(band, "CategoryNames"), SubElement(band, "ColorTable")
    for name in ("no data", *classes.values()):
        SubElement(names, "Category").text = name
    for entry in ((0, 0, 0, 0), *((*colours[code], 255) for code in classes)):
        SubElement(palette, "Entry", {f"c{place}": str(part) for place, part in enumerate(entry, start=1)})
    source = SubElement(band, "ComplexSource", resampling="nearest")
    SubElement(source, "SourceFilename", relativeToVRT="1").text = raster.name
    SubElement(source, "SourceBand").text = "1"
    SubElement(source, "LUT").text = _numbered(classes)
    return root


def _numbered(classes: Mapping[int, str]) -> str:
    """GDAL's table of codes and numbers. It interpolates, so both neighbours of a run of codes become no data."""
    numbers = {code: number for number, code in enumerate(classes, start=1)}
    neighbours = {code + step: 0 for code in numbers for step in (-1, 1) if code + step not in numbers}
    return ",".join(f"{code}:{number}" for code, number in sorted({**neighbours, **numbers}.items()))


def _write(path: Path, root: Element) -> None:
    indent(root, " ")
    path.write_text(tostring(root, encoding="unicode"), encoding="utf-8")
