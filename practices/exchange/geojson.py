"""Practices as GeoJSON: one feature a site, outlines where they are known and points elsewhere, WGS84."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shapely.errors import ShapelyError
from shapely.geometry import shape

from practices.exchange.layout import BY_NAME, COLUMNS, TemplateColumn
from practices.exchange.reading import BadImport, Entry, RecordRows, entry
from practices.exchange.sheets import MOST_BYTES, MOST_ROWS
from practices.record.draft import PracticeDraft
from practices.record.problems import CellProblem

#: Members of a site in the properties; outline and point are in the geometry.
SITE = {column.name: column for column in COLUMNS if column.field == "sites" and column.member != "polygon"}
#: Lists and groups in the properties, under the names of the record's fields.
LISTS = {
    column.field: column for column in COLUMNS if column.kind != "single" and column.field not in ("sites", "title")
}
POINT = ("site_lat", "site_lon")


def features(draft: PracticeDraft, revision: int | None = None) -> list[dict[str, Any]]:
    """The features of a practice, each with the whole record."""
    values = draft.model_dump(mode="json")
    known = {"id": draft.id, "revision": revision}
    for column in COLUMNS:
        if column.kind == "title":
            known[column.name] = draft.title.get(column.member)
        elif column.kind == "single" and column.name != "revision":
            known[column.name] = values[column.field]
    known |= {name: values[name] for name in LISTS}
    found = []
    for site in values["sites"]:
        own = {name: site[column.member] for name, column in SITE.items()}
        geometry = site["polygon"]
        if geometry is None:
            geometry = {"type": "Point", "coordinates": [site["lon"], site["lat"]]}
            own = {name: value for name, value in own.items() if name not in POINT}
        found.append({"type": "Feature", "geometry": geometry, "properties": {**known, **own}})
    return found


def write_geojson(path: Path, drafts: Sequence[tuple[PracticeDraft, int | None]]) -> None:
    """Write practices with their revisions as one FeatureCollection."""
    found = [feature for draft, revision in drafts for feature in features(draft, revision)]
    collection = {"type": "FeatureCollection", "name": "practices", "features": found}
    path.write_text(json.dumps(collection, ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def read_geojson(path: Path) -> tuple[list[Entry], list[CellProblem], list[str]]:
    """Records of a FeatureCollection, what is wrong with them (a row is a feature), and the ids in it.

    Raises BadImport for other content.
    """
    blocks: dict[str, RecordRows] = {}
    bad: list[CellProblem] = []
    for number, feature in enumerate(_features(path), start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict) or not properties.get("id"):
            fix = "give each feature the id of its practice among its properties"
            bad.append(CellProblem(number, "id", "", "an id", fix))
            continue
        known = {name: value for name, value in properties.items() if value is not None and value != ""}
        bad += [
            CellProblem(number, name[:60], "", "the properties of an export", "remove it")
            for name in known
            if name not in BY_NAME and name not in LISTS
        ]
        practice = str(known["id"])
        if practice in blocks:
            _same(blocks[practice], known, number)
        else:
            blocks[practice] = _block(known, number)
        _site(blocks[practice], feature.get("geometry"), known, number)
    wrong = {each.row for each in bad}
    found: list[Entry] = []
    for practice, block in blocks.items():
        result = entry(block, practice)
        if isinstance(result, list):
            bad += result
        elif block.row not in wrong:
            found.append(result)
    return found, sorted(bad, key=lambda each: each.row), list(blocks)


def _features(path: Path) -> list[Any]:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise BadImport(f"{path.name}: has {size} bytes of at most {MOST_BYTES}; divide it into several files")
        read = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_number)
    except OSError as error:
        raise BadImport(f"{path}: cannot be read ({error.strerror}); look at its name and permissions") from error
    except (ValueError, RecursionError) as error:
        raise BadImport(f"{path.name}: is not JSON ({error}); export it as GeoJSON again") from error
    found = read.get("features") if isinstance(read, dict) and read.get("type") == "FeatureCollection" else None
    if not isinstance(found, list):
        raise BadImport(f"{path.name}: is not a GeoJSON FeatureCollection; export the layer as GeoJSON")
    if len(found) > MOST_ROWS:
        raise BadImport(f"{path.name}: has {len(found)} features of at most {MOST_ROWS}; divide it into several files")
    crs = json.dumps(read.get("crs") or "")
    if read.get("crs") and not any(name in crs for name in ("CRS84", "EPSG::4326", "EPSG:4326")):
        raise BadImport(f"{path.name}: its coordinates are in {crs[:80]}; export it in WGS84 (EPSG:4326)")
    return found


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not a number")


def _block(known: dict[str, Any], number: int) -> RecordRows:
    block = RecordRows(number)
    for name, value in known.items():
        column = BY_NAME.get(name)
        if name in LISTS:
            block.values[name] = _decoded(value)
            block.where[(name,)] = (number, name)
        elif column is not None and column.kind == "title":
            block.values.setdefault("title", {})[column.member] = value
            block.where[("title", column.member)] = block.where[("title",)] = (number, name)
        elif column is not None and column.kind == "single":
            block.values[column.field] = value
            block.where[(column.field,)] = (number, name)
    return block


def _decoded(value: Any) -> Any:
    """A list or group of values; programs that know tables only write it as the text of its JSON."""
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _same(block: RecordRows, known: dict[str, Any], number: int) -> None:
    """A further feature of a practice: what is said of the practice must be the same as on the first."""
    again = _block(known, number)
    for place, at in again.where.items():
        if len(place) == 1 and place[0] != "title" and block.values.get(str(place[0])) != again.values[str(place[0])]:
            _differs(block, at, again.values[str(place[0])])
        if len(place) == 2 and block.values.get("title", {}).get(place[1]) != again.values["title"][place[1]]:
            _differs(block, at, again.values["title"][place[1]])


def _differs(block: RecordRows, at: tuple[int, str], value: Any) -> None:
    allowed = f"what feature {block.row} says, or nothing"
    block.bad.append(CellProblem(*at, repr(value)[:60], allowed, "say it once, or give the feature an id of its own"))


def _site(block: RecordRows, geometry: Any, known: dict[str, Any], number: int) -> None:
    values = {column.member: known[name] for name, column in SITE.items() if name in known}
    members = block.values.setdefault("sites", [])
    place: tuple[str | int, ...] = ("sites", len(members))
    block.where |= {(*place, column.member): (number, name) for name, column in SITE.items()}
    block.where[place] = block.where[(*place, "polygon")] = (number, "geometry")
    block.where.setdefault(("sites",), (number, "geometry"))
    members.append(values)
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind == "Point":
        _point(block, geometry, values, number)
    elif kind in ("Polygon", "MultiPolygon"):
        values["polygon"] = geometry
        if "lat" not in values and "lon" not in values:
            _inside(values, geometry)
    else:
        allowed, fix = "a Point, Polygon or MultiPolygon", "draw the site"
        block.bad.append(CellProblem(number, "geometry", str(kind or "none"), allowed, fix))


def _point(block: RecordRows, geometry: dict[str, Any], values: dict[str, Any], number: int) -> None:
    try:
        lon, lat = (float(each) for each in geometry["coordinates"][:2])
    except (KeyError, TypeError, ValueError):
        allowed, fix = "a Point with [longitude, latitude]", "export it as GeoJSON again"
        block.bad.append(CellProblem(number, "geometry", "?", allowed, fix))
        return
    for name, drawn in (("lat", lat), ("lon", lon)):
        if values.get(name, drawn) != drawn:
            column: TemplateColumn = BY_NAME[f"site_{name}"]
            allowed, fix = f"{drawn}, as the geometry says", "empty it, or move the point"
            block.bad.append(CellProblem(number, column.name, repr(values[name]), allowed, fix))
        values[name] = drawn


def _inside(values: dict[str, Any], geometry: dict[str, Any]) -> None:
    """Give a site that was drawn as an outline a point inside it; a bad outline is left to the check of the record."""
    try:
        point = shape(geometry).representative_point()
        values |= {"lat": round(point.y, 6), "lon": round(point.x, 6)}
    except (ShapelyError, KeyError, TypeError, ValueError, IndexError):
        return
