"""Styles of rasters for QGIS: names and colours of classes, or a scale of colours; the same palette as all figures."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from flows.figures.handout.layers import HandedRaster, classes_in, years_in
from practices.report.palette import colours_of
from practices.results.names import label

#: Version of QGIS whose form of files is written.
VERSION = "3.28.0"
DOCTYPE = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"


def pipe(raster: HandedRaster) -> Element:
    """How QGIS draws a raster, as it stands in styles and projects."""
    root = Element("pipe")
    classes = classes_in(raster.path)
    root.append(_paletted(classes) if classes else _scaled(raster))
    return root


def style(raster: HandedRaster) -> str:
    """The style file (.qml) that QGIS reads beside a raster of the same name."""
    root = Element("qgis", version=VERSION, styleCategories="Symbology")
    root.append(pipe(raster))
    return document(root)


def document(root: Element) -> str:
    """A file of QGIS as text."""
    indent(root, " ")
    return DOCTYPE + tostring(root, encoding="unicode") + "\n"


def _renderer(kind: str, **more: str) -> Element:
    given = {"type": kind, "band": "1", "opacity": "1", "alphaBand": "-1", "nodataColor": "", **more}
    root = Element("rasterrenderer", given)
    SubElement(root, "rasterTransparency")
    return root


def _paletted(classes: dict[int, str]) -> Element:
    root = _renderer("paletted")
    entries = SubElement(root, "colorPalette")
    for (code, name), colour in zip(classes.items(), colours_of(list(classes.values())), strict=True):
        SubElement(entries, "paletteEntry", value=str(code), color=colour, label=label(name), alpha="255")
    return root


def _scaled(raster: HandedRaster) -> Element:
    layer = raster.layer
    years = layer.first is None or layer.last is None
    first, last = years_in(raster.path) if years else (layer.first or 0.0, layer.last or 0.0)
    ends = {"classificationMin": f"{first:g}", "classificationMax": f"{last:g}"}
    root = _renderer("singlebandpseudocolor", **ends)
    shader = SubElement(
        SubElement(root, "rastershader"), "colorrampshader", colorRampType="INTERPOLATED", classificationMode="1",
        clip="0", minimumValue=f"{first:g}", maximumValue=f"{last:g}",
    )  # fmt: skip
    for step, colour in enumerate(layer.ramp):
        value = first + (last - first) * step / (len(layer.ramp) - 1)
        said = f"{value:.0f}" if years else f"{100 * value:.0f} %"
        SubElement(shader, "item", value=f"{value:g}", color=colour, label=said, alpha="255")
    return root
