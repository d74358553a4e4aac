"""Styles of the GeoPackage's layers for QGIS: which column is drawn in which colours of the palette.

A QML file of QGIS contains a renderer with its symbols. Only the required options are written; QGIS has
defaults for the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import pandas as pd

from practices.charts import BINS
from practices.record.vocabularies import CONFIDENCE
from practices.report.palette import CAUSES, CLASSES, LINE, NO_DATA, SHARES, SOFT_LINE, rgb

#: Value of a region without a share to colour by.
OPEN = -1.0
#: Signs of an effect whose interval excludes zero, and of one whose interval includes it.
EFFECTS = (
    ("demonstration", "demonstration on a circle: no evidence", NO_DATA),
    ("more", "more than at the controls", CLASSES["improved"]),
    ("less", "less than at the controls", CLASSES["degraded"]),
    ("no difference", "no difference was found", CLASSES["stable"]),
)
CONFIDENCE_COLOURS = {"high": CLASSES["improved"], "medium": CLASSES["below_detectability"]}
EFFECT = (
    "CASE WHEN \"demonstration\" THEN 'demonstration' WHEN \"low\" > 0 THEN 'more' "
    "WHEN \"high\" < 0 THEN 'less' ELSE 'no difference' END"
)


@dataclass(frozen=True)
class Style:
    """A style: its name, what it shows, and its QML."""

    name: str
    description: str
    qml: str


def style_of(layer: str, table: pd.DataFrame) -> Style:
    """The style of one of the layers of a GeoPackage."""
    made = {
        "regions": _regions,
        "sites": _sites,
        "site_outlines": _outlines,
        "evidence": _evidence,
        "patches": _patches,
    }
    return made[layer](table)


def _regions(table: pd.DataFrame) -> Style:
    """Regions by their degraded share, over the period that begins last: the last reporting period where there is one.

    A region that must not be ranked has no share to colour by; it has its own colour.
    """
    shares = [name for name in table.columns if str(name).startswith("ranked_percent")]
    shown = str(shares[-1]) if shares else "total_km2"
    attribute = f'coalesce("{shown}", {OPEN:g})'
    root = _renderer("graduatedSymbol", attr=attribute, graduatedMethod="GraduatedColor")
    ranges, symbols = SubElement(root[0], "ranges"), SubElement(root[0], "symbols")
    below = 0.0
    for number, (upper, colour) in enumerate(zip((*BINS, 100.0), SHARES, strict=True)):
        label = f"{below:g} to {upper:g} %"
        SubElement(
            ranges, "range", lower=f"{below:f}", upper=f"{upper:f}", symbol=str(number), label=label, render="true"
        )
        symbols.append(_fill(str(number), colour))
        below = upper
    end, label = f"{OPEN:f}", "not determined, excluded by the interval of the true share, or no result"
    SubElement(ranges, "range", lower=end, upper=end, symbol=str(len(SHARES)), label=label, render="true")
    symbols.append(_fill(str(len(SHARES)), CLASSES["undetermined"]))
    _label(root, "name")
    return Style("degraded share", f"degraded land, percent of the land: {shown}", _text(root))


def _sites(_: pd.DataFrame) -> Style:
    entries = [(code, CONFIDENCE.label(code), CONFIDENCE_COLOURS[code]) for code in CONFIDENCE.codes]
    root = _categories("confidence", entries, _marker)
    return Style("confidence", "sites by the confidence in the facts; a point is not a boundary", _text(root))


def _outlines(_: pd.DataFrame) -> Style:
    root = _renderer("singleSymbol")
    SubElement(root[0], "symbols").append(_fill("0", CLASSES["improved"], opacity=60, line=CLASSES["improved"]))
    return Style("outline", "outlines of sites", _text(root))


def _evidence(_: pd.DataFrame) -> Style:
    root = _categories(EFFECT, EFFECTS, _marker)
    return Style("effect", "sign of the effect where its 95 % interval excludes zero", _text(root))


def _patches(_: pd.DataFrame) -> Style:
    entries = [(verdict, verdict, colour) for verdict, colour in CAUSES.items()]
    root = _categories("verdict", entries, _marker)
    return Style("verdict", "degraded patches by what their loss is associated with; no proof of cause", _text(root))


def _categories(attribute: str, entries: Sequence[tuple[str, str, str]], symbol: Any) -> Element:
    root = _renderer("categorizedSymbol", attr=attribute)
    categories, symbols = SubElement(root[0], "categories"), SubElement(root[0], "symbols")
    for number, (value, label, colour) in enumerate((*entries, ("", "other", NO_DATA))):
        SubElement(categories, "category", value=value, symbol=str(number), label=label, render="true", type="string")
        symbols.append(symbol(str(number), colour))
    return root


def _renderer(kind: str, **attributes: str) -> Element:
    root = Element("qgis", version="3.28.0", styleCategories="Symbology|Labeling", labelsEnabled="0")
    SubElement(root, "renderer-v2", {"type": kind, "symbollevels": "0", "enableorderby": "0", **attributes})
    return root


def _fill(name: str, colour: str, *, opacity: int = 255, line: str = SOFT_LINE) -> Element:
    options = {"color": _rgba(colour, opacity), "style": "solid", "outline_color": _rgba(line), "outline_width": "0.3"}
    return _symbol(name, "fill", "SimpleFill", {**options, "outline_style": "solid", "outline_width_unit": "MM"})


def _marker(name: str, colour: str) -> Element:
    options = {"name": "circle", "color": _rgba(colour), "outline_color": _rgba(LINE), "outline_width": "0.2"}
    return _symbol(name, "marker", "SimpleMarker", {**options, "size": "3", "size_unit": "MM"})


def _rgba(colour: str, opacity: int = 255) -> str:
    return ",".join(str(part) for part in (*rgb(colour), opacity))


def _symbol(name: str, kind: str, layer: str, options: dict[str, str]) -> Element:
    symbol = Element("symbol", name=name, type=kind, alpha="1", clip_to_extent="1", force_rhr="0")
    drawn = SubElement(symbol, "layer", {"class": layer, "enabled": "1", "locked": "0", "pass": "0"})
    group = SubElement(drawn, "Option", type="Map")
    for option, value in options.items():
        SubElement(group, "Option", name=option, type="QString", value=value)
    return symbol


def _label(root: Element, field: str) -> None:
    root.set("labelsEnabled", "1")
    labelling = SubElement(root, "labeling", type="simple")
    settings = SubElement(labelling, "settings", calloutType="simple")
    style = SubElement(settings, "text-style", fieldName=field, fontSize="9", fontSizeUnit="Point", isExpression="0")
    style.set("textColor", _rgba(LINE))
    SubElement(style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferColor="255,255,255,255")


def _text(root: Element) -> str:
    indent(root, " ")
    return "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + tostring(root, encoding="unicode")
