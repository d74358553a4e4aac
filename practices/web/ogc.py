"""OGC API – Features: regions, results and sites of practices as layers that QGIS and GDAL open.

Conformance: Part 1 core, GeoJSON, OpenAPI 3.0. Coordinates are longitude and latitude in CRS84.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from sqlalchemy import Connection

from practices import headlines, regional
from practices.transactions import reading
from practices.web import features
from practices.web.errors import NotFound, Refused
from practices.web.site import Id, Served, Site, Word

router = APIRouter(prefix="/ogc", tags=["ogc"])
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMANCE = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{each}" for each in ("core", "geojson", "oas30")
]
GEOJSON = "application/geo+json"
Feature = dict[str, Any]
#: West, south, east, north.
Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True)
class Collection:
    """A layer: what it is, how its features are read, and by which properties they can be chosen."""

    id: str
    title: str
    description: str
    read: Callable[[Connection], list[Feature]]
    choose: tuple[str, ...] = ()


def _regions(connection: Connection) -> list[Feature]:
    return [features.region_feature(place) for place in regional.regions(connection)]


def _sites(connection: Connection) -> list[Feature]:
    return [features.site_feature(each) for each in regional.sites(connection)]


def _results(*, simulated: bool) -> Callable[[Connection], list[Feature]]:
    def read(connection: Connection) -> list[Feature]:
        places = regional.regions(connection)
        found = [each.view for each in regional.choices(connection) if each.view.simulated == simulated]
        return [
            features.result_feature(place, view, leading[place.id])
            for view in found
            for leading in [headlines.of_view(connection, view)]
            for place in places
            if place.id in leading
        ]

    return read


_BY = ("region", "period", "method", "origin")
COLLECTIONS = {
    each.id: each
    for each in (
        Collection(
            "regions",
            "Dryland regions",
            "Rough outlines, drawn for statistics; they express no view on any border",
            _regions,
            ("region",),
        ),
        Collection(
            "results",
            "SDG 15.3.1 by region, period and method",
            "Latest revision of every result that was computed from observations",
            _results(simulated=False),
            _BY,
        ),
        Collection(
            "results-simulated",
            "SIMULATED: SDG 15.3.1 of a virtual landscape",
            "For trials and teaching; no observation of any place",
            _results(simulated=True),
            _BY,
        ),
        Collection(
            "practice-sites",
            "Sites of practices",
            "Points with stated precision; a radius is a guess and no boundary",
            _sites,
            ("practice", "country"),
        ),
    )
}


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc"


def _link(href: str, rel: str, type_: str = "application/json", title: str = "") -> dict[str, str]:
    return {"href": href, "rel": rel, "type": type_, **({"title": title} if title else {})}


@router.get("", summary="Landing page")
def landing(request: Request) -> dict[str, Any]:
    """Where everything is."""
    base, root = _base(request), str(request.base_url).rstrip("/")
    return {
        "title": "drylands",
        "description": "Land degradation of North-East Asian drylands, and practices against it",
        "links": [
            _link(base, "self", title="this document"),
            _link(
                f"{root}/api/v1/openapi.json", "service-desc", "application/vnd.oai.openapi+json;version=3.0", "OpenAPI"
            ),
            _link(f"{root}/about", "service-doc", "text/html", "about"),
            _link(f"{base}/conformance", "conformance", title="conformance classes"),
            _link(f"{base}/collections", "data", title="layers"),
        ],
    }


@router.get("/conformance", summary="Conformance classes")
def conformance() -> dict[str, Any]:
    """What of the standard is served."""
    return {"conformsTo": CONFORMANCE}


@router.get("/collections", summary="Layers")
def collections(request: Request, site: Served) -> dict[str, Any]:
    """All layers."""
    base = _base(request)
    with reading(site.engine) as connection:
        described = [_described(each, each.read(connection), base) for each in COLLECTIONS.values()]
    return {"collections": described, "links": [_link(f"{base}/collections", "self")]}


@router.get("/collections/{collection}", summary="A layer")
def one_collection(request: Request, site: Served, collection: Id) -> dict[str, Any]:
    """What a layer holds, and its extent."""
    chosen = _collection(collection)
    with reading(site.engine) as connection:
        return _described(chosen, chosen.read(connection), _base(request))


def _collection(name: str) -> Collection:
    if name not in COLLECTIONS:
        raise NotFound(f"There is no layer {name!r}; there are {', '.join(COLLECTIONS)}.")
    return COLLECTIONS[name]


def _described(each: Collection, found: list[Feature], base: str) -> dict[str, Any]:
    boxes = [features.bounds(one["geometry"]) for one in found]
    lows = (min(b[k] for b in boxes) for k in (0, 1)) if boxes else (-180.0, -90.0)
    highs = (max(b[k] for b in boxes) for k in (2, 3)) if boxes else (180.0, 90.0)
    return {
        "id": each.id,
        "title": each.title,
        "description": each.description,
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {"spatial": {"bbox": [[*lows, *highs]], "crs": CRS84}},
        "links": [
            _link(f"{base}/collections/{each.id}", "self"),
            _link(f"{base}/collections/{each.id}/items", "items", GEOJSON, each.title),
        ],
    }


@router.get("/collections/{collection}/items", summary="Features of a layer", response_class=JSONResponse)
def items(
    request: Request,
    site: Served,
    collection: Id,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    bbox: Annotated[str | None, Query(max_length=200, description="west,south,east,north")] = None,
    region: Word = None,
    period: Word = None,
    method: Word = None,
    origin: Word = None,
    practice: Word = None,
    country: Word = None,
) -> JSONResponse:
    """Features, a page of them, within a box where one is given; `region`, `period` and so on choose by property."""
    chosen = _collection(collection)
    asked = {
        "region": region, "period": period, "method": method, "origin": origin, "practice": practice,
        "country": country,
    }  # fmt: skip
    found = _found(site, chosen, asked, None if bbox is None else _box(bbox))
    shown = found[offset : offset + limit]
    body = {
        "type": "FeatureCollection",
        "numberMatched": len(found),
        "numberReturned": len(shown),
        "timeStamp": _stamp(site),
        "links": _page_links(request, chosen, offset, limit, len(found)),
        "features": shown,
    }
    return JSONResponse(body, media_type=GEOJSON)


def _found(site: Site, chosen: Collection, asked: dict[str, str | None], box: Box | None) -> list[Feature]:
    """The features of a layer that have the properties that are asked for, of those it can be chosen by, in a box."""
    wanted = {name: value for name, value in asked.items() if value is not None and name in chosen.choose}
    with reading(site.engine) as connection:
        found = chosen.read(connection)
    found = [each for each in found if all(each["properties"].get(name) == value for name, value in wanted.items())]
    return found if box is None else [each for each in found if _meets(features.bounds(each["geometry"]), box)]


def _stamp(site: Site) -> str:
    """When the data were last published: the same answer has the same ETag."""
    with reading(site.engine) as connection:
        _, finished = regional.published(connection)
    return f"{(finished or dt.datetime(1970, 1, 1)).isoformat(timespec='seconds')}Z"


def _page_links(request: Request, chosen: Collection, offset: int, limit: int, total: int) -> list[dict[str, str]]:
    made = [
        _link(str(request.url), "self", GEOJSON),
        _link(f"{_base(request)}/collections/{chosen.id}", "collection"),
    ]
    if offset + limit < total:
        made.append(_link(str(request.url.include_query_params(offset=offset + limit, limit=limit)), "next", GEOJSON))
    if offset > 0:
        before = request.url.include_query_params(offset=max(offset - limit, 0), limit=limit)
        made.append(_link(str(before), "prev", GEOJSON))
    return made


def _box(text: str) -> Box:
    """A box of four numbers, or of six with heights. Raises Refused."""
    try:
        numbers = [float(each) for each in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) == 6:
        numbers = [*numbers[:2], *numbers[3:5]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or numbers[1] > numbers[3]:
        raise Refused(f"bbox {text!r}: give west,south,east,north in degrees, such as 90,35,120,50")
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _meets(own: tuple[float, ...], box: tuple[float, ...]) -> bool:
    """Whether two boxes have a point in common; one whose west lies east of its east goes over 180°."""
    south_north = own[1] <= box[3] and own[3] >= box[1]
    over = box[0] > box[2]
    inside = own[2] >= box[0] or own[0] <= box[2] if over else own[0] <= box[2] and own[2] >= box[0]
    return south_north and inside


@router.get("/collections/{collection}/items/{feature}", summary="A feature", response_class=JSONResponse)
def item(request: Request, site: Served, collection: Id, feature: Id) -> JSONResponse:
    """One feature by its id."""
    chosen = _collection(collection)
    with reading(site.engine) as connection:
        found = next((each for each in chosen.read(connection) if each["id"] == feature), None)
    if found is None:
        raise NotFound(f"Layer {collection} has no feature {feature!r}; see its items for those that there are.")
    base = f"{_base(request)}/collections/{collection}"
    links = [_link(f"{base}/items/{feature}", "self", GEOJSON), _link(base, "collection")]
    return JSONResponse({**found, "links": links}, media_type=GEOJSON)
