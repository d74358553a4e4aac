"""Outlines of areas in a file: GeoJSON with the terms of their source, read as polygons."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from series.areas.model import AreaSource

#: Number of the format of stored outlines. Raise it by hand when the same request gives other features: all are then
#: requested again, once.
FORMAT = 1


@dataclass(frozen=True)
class OutlinedArea:
    """An area: its polygons (longitude, latitude) and its properties."""

    geometry: BaseGeometry
    properties: Mapping[str, Any] = field(default_factory=dict)


def polygons(geometry: BaseGeometry) -> BaseGeometry:
    """The land of a geometry as valid polygons; empty for lines and points."""
    valid = geometry if geometry.is_valid else shapely.make_valid(geometry)
    parts = [each for each in shapely.get_parts(valid).tolist() if each.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.unary_union(parts)


def write_areas(path: Path, source: AreaSource, features: Iterable[Mapping[str, Any]], outline: BaseGeometry) -> int:
    """Write the features that meet an outline, with source, licence and trap beside them. Returns how many there are.

    The file is complete when it has its name. Features without land, and those that meet only the box of the outline,
    are left out.
    """
    near = source.around(outline)
    shapely.prepare(near)
    kept = [
        {"type": "Feature", "properties": dict(each.get("properties") or {}), "geometry": each["geometry"]}
        for each in features
        if each.get("geometry") and near.intersects(polygons(shape(each["geometry"])))
    ]
    notes = source.notes
    content = {
        "type": "FeatureCollection",
        "name": source.name,
        "asset": source.asset,
        "source": notes.source,
        "licence": notes.licence,
        "restricted": source.restricted,
        "uncertainty": notes.uncertainty,
        "trap": notes.trap,
        "features": kept,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)
    return len(kept)


def read_areas(path: Path) -> tuple[OutlinedArea, ...]:
    """The areas in a file of `write_areas`."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    return tuple(OutlinedArea(polygons(shape(each["geometry"])), each["properties"]) for each in stored["features"])
