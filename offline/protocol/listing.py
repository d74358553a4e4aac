"""Assets as the protocol describes and lists them: page by page, and those only that pass a filter."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from typing import Any

from shapely import from_wkt
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from offline.errors import EngineError
from offline.model.assets import Asset, CollectionAsset, ImageAsset, TableAsset
from offline.model.values import Date

#: Elements of a page unless the client gives a number.
PAGE = 1000
COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge, "<=": operator.le, "!=": operator.ne, "=": operator.eq, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
CONDITION = re.compile(
    r"""\s*(?:intersects\(\s*"(?P<region>(?:[^"\\]|\\.)*)"\s*\)"""
    r"""|(?P<name>[\w.:]+)\s*(?P<sign>>=|<=|!=|=|<|>)\s*(?P<value>"[^"]*"|'[^']*'|[^\s"']+))\s*(?:AND\s|$)"""
)
#: A property of something that is listed by its name, and its outline.
Properties = Callable[[str], Any]
Condition = Callable[[Properties, BaseGeometry | None], bool]


def describe(asset: Asset) -> dict[str, Any]:
    """An asset as the protocol describes it."""
    kind = {ImageAsset: "IMAGE", CollectionAsset: "IMAGE_COLLECTION", TableAsset: "TABLE"}[type(asset)]
    body: dict[str, Any] = {
        "type": kind,
        "name": f"projects/earthengine-public/assets/{asset.id}",
        "id": asset.id,
        "updateTime": "2025-01-01T00:00:00Z",
        "properties": {k: v for k, v in asset.properties.items() if not k.startswith("system:")},
    }
    if isinstance(asset, ImageAsset):
        for key, name in (("system:time_start", "startTime"), ("system:time_end", "endTime")):
            if key in asset.properties:
                body[name] = _iso(asset.properties[key])
        body["bands"] = [
            {
                "id": band.name,
                "dataType": {"precision": "INT" if band.dtype.startswith(("int", "uint")) else "FLOAT"},
                "grid": {
                    "crsCode": band.crs,
                    "dimensions": {"width": band.shape[0], "height": band.shape[1]},
                    "affineTransform": dict(
                        zip(
                            ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY"),
                            band.transform,
                            strict=True,
                        )
                    ),
                },
            }
            for band in asset.bands
        ]
    return body


def _iso(millis: float) -> str:
    return Date(int(millis)).moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def listed(assets: list[Asset], query: dict[str, str]) -> dict[str, Any]:
    """The answer to `listAssets`: a page of those that pass the `filter`, in full or, if `view` is BASIC, by name.

    Raises EngineError for a filter that cannot be read.
    """
    passes = conditions(query.get("filter", ""))
    passing = [each for each in assets if passes(_of_asset(each), getattr(each, "footprint", None))]
    shown, more = page(passing, query)
    described = [describe(each) for each in shown]
    if query.get("view", "").endswith("BASIC"):
        described = [{key: each[key] for key in ("type", "name", "id", "updateTime")} for each in described]
    return {"assets": described, **more}


def _of_asset(asset: Asset) -> Properties:
    def value(name: str) -> Any:
        start = asset.properties.get("system:time_start")
        if name in ("startTime", "endTime"):
            return start if name == "startTime" else asset.properties.get("system:time_end", start)
        if not name.startswith("properties."):
            raise EngineError(f"Filter: '{name}' is none of startTime, endTime and properties.NAME.")
        return asset.properties.get(name.removeprefix("properties."))

    return value


def page(items: list[Any], query: dict[str, str]) -> tuple[list[Any], dict[str, str]]:
    """The elements of the requested page, and the token of the next page if there is one.

    Raises EngineError for an invalid size or token.
    """
    size, start = query.get("pageSize") or str(PAGE), query.get("pageToken") or "0"
    if not (size + start).isascii() or not size.isdigit() or not start.isdigit() or not 0 < int(size) <= 10**9:
        raise EngineError(f"Page of size {size[:20]!r} from token {start[:20]!r}: there is none.")
    end = int(start) + int(size)
    return items[int(start) : end], {"nextPageToken": str(end)} if end < len(items) else {}


def conditions(text: str) -> Condition:
    """Whether all conditions of a filter hold, such as `startTime >= "2001-01-01" AND properties.CLOUDS < 10`.

    Raises EngineError if the filter is anything else than comparisons and `intersects("…")`, joined by AND.
    """
    parts: list[Condition] = []
    position = 0
    while position < len(text):
        match = CONDITION.match(text, position)
        if match is None:
            raise EngineError(
                f"Filter: cannot read {text[position : position + 60]!r}; the offline engine takes comparisons and "
                f'intersects("…"), joined by AND.'
            )
        name, sign, value, region = match.group("name", "sign", "value", "region")
        parts.append(_met(region) if name is None else _compared(name, sign, value))
        position = match.end()
    return lambda value, outline: all(part(value, outline) for part in parts)


def _compared(name: str, sign: str, value: str) -> Condition:
    wanted: Any = value.strip("\"'")
    if name in ("startTime", "endTime"):
        wanted = Date.parse(wanted).millis

    def passes(properties: Properties, _outline: BaseGeometry | None) -> bool:
        own = properties(name)
        if own is None:
            return False
        try:
            other = wanted if isinstance(own, str) else float(wanted)
        except ValueError:
            return False
        return COMPARISONS[sign](own, other)

    return passes


def _met(text: str) -> Condition:
    region = outline_of(text)
    return lambda _properties, outline: outline is None or outline.intersects(region)


def outline_of(text: str) -> BaseGeometry:
    """A geometry written as GeoJSON, its quotes single ones or escaped, or as WKT. Raises EngineError for another."""
    plain = text.replace('\\"', '"')
    try:
        if plain.lstrip().startswith("{"):
            return shape(json.loads(plain.replace("'", '"')))
        return from_wkt(plain)
    except (ShapelyError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EngineError(f"Filter: {plain[:60]!r} is neither GeoJSON nor WKT.") from error
