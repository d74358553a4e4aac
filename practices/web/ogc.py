"""OGC API – Features: regions, results and sites of practices as layers that QGIS and GDAL open.

Conformance: Part 1 core, GeoJSON, OpenAPI 3.0. Coordinates are longitude and latitude in CRS84.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse

from practices.database.transactions import reading
from practices.web import ogc_query
from practices.web.errors import NotFound, Refused
from practices.web.ogc_definition import MOST, OPENAPI, USUAL, definition, parameters
from practices.web.ogc_layers import COLLECTIONS, CRS84, Feature, Layer, extent
from practices.web.page_helpers import Id, Service, WebService, Word

CONFORMANCE = [
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{each}" for each in ("core", "geojson", "oas30")
]
GEOJSON = "application/geo+json"
PROBLEM = {
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "properties": {
                    "status": {"type": "integer"}, "title": {"type": "string"}, "detail": {"type": "string"},
                },
            }
        }
    }
}  # fmt: skip
ANSWERS: dict[int | str, dict[str, Any]] = {
    400: {"description": "a parameter is unknown, or its value is not allowed; the detail says which", **PROBLEM},
    404: {"description": "the layer or feature does not exist; the detail lists the existing ones", **PROBLEM},
    "default": {"description": "any other error", **PROBLEM},
}


class GeoJson(JSONResponse):
    """An answer in GeoJSON."""

    media_type = GEOJSON


class OpenApi(JSONResponse):
    """The OpenAPI document."""

    media_type = OPENAPI


def known_parameters(
    request: Request, _f: Annotated[Literal["json"], Query(alias="f", description="format of the answer")] = "json"
) -> None:
    """Raises Refused for a query parameter that the OpenAPI document of this address does not have."""
    path = request.scope["route"].path.removesuffix("/")
    allowed = parameters(request.app.openapi(), path)
    unknown = sorted(set(request.query_params) - allowed)
    if unknown:
        raise Refused(f"parameter {unknown[0]!r} is unknown here; use {', '.join(sorted(allowed))}")


router = APIRouter(prefix="/ogc", tags=["ogc"], responses=ANSWERS, dependencies=[Depends(known_parameters)])


def _base(request: Request) -> str:
    return f"{str(request.base_url).rstrip('/')}/ogc"


def _link(href: str, rel: str, type_: str = "application/json", title: str = "") -> dict[str, str]:
    return {"href": href, "rel": rel, "type": type_, **({"title": title} if title else {})}


@router.get("/", include_in_schema=False)
@router.get("", summary="Landing page")
def landing(request: Request) -> dict[str, Any]:
    """Where everything is."""
    base, root = _base(request), str(request.base_url).rstrip("/")
    return {
        "title": "drylands",
        "description": "Land degradation of North-East Asian drylands, and practices against it",
        "links": [
            _link(base, "self", title="this document"),
            _link(f"{base}/api", "service-desc", OPENAPI, "OpenAPI"),
            _link(f"{root}/about", "service-doc", "text/html", "about"),
            _link(f"{base}/conformance", "conformance", title="conformance classes"),
            _link(f"{base}/collections", "data", title="layers"),
        ],
    }


@router.get("/api", summary="OpenAPI document", response_class=OpenApi)
def api_definition(request: Request) -> OpenApi:
    """This API as an OpenAPI 3.0 document."""
    return OpenApi(definition(router.routes, str(request.base_url).rstrip("/")))


@router.get("/conformance", summary="Conformance classes")
def conformance() -> dict[str, Any]:
    """What of the standard is served."""
    return {"conformsTo": CONFORMANCE}


@router.get("/collections", summary="Layers")
def collections(request: Request, service: Service) -> dict[str, Any]:
    """All layers."""
    base = _base(request)
    with reading(service.engine) as connection:
        described = [_described(each, each.read(connection), base) for each in COLLECTIONS.values()]
    return {"collections": described, "links": [_link(f"{base}/collections", "self")]}


@router.get("/collections/{collection}", summary="A layer")
def one_collection(request: Request, service: Service, collection: Id) -> dict[str, Any]:
    """Contents and extent of a layer."""
    chosen = _collection(collection)
    with reading(service.engine) as connection:
        return _described(chosen, chosen.read(connection), _base(request))


def _collection(name: str) -> Layer:
    if name not in COLLECTIONS:
        raise NotFound(f"There is no layer {name!r}; use {', '.join(COLLECTIONS)}.")
    return COLLECTIONS[name]


def _described(each: Layer, found: list[Feature], base: str) -> dict[str, Any]:
    extends = extent(each, found)
    return {
        "id": each.id,
        "title": each.title,
        "description": each.description,
        "itemType": "feature",
        "crs": [CRS84],
        **({"extent": extends} if extends else {}),
        "links": [
            _link(f"{base}/collections/{each.id}", "self"),
            _link(f"{base}/collections/{each.id}/items", "items", GEOJSON, each.title),
        ],
    }


@router.get("/collections/{collection}/items", summary="Features of a layer", response_class=GeoJson)
def items(
    request: Request,
    service: Service,
    collection: Id,
    limit: Annotated[int, Query(ge=1, description=f"number of features; {MOST} at most")] = USUAL,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    bbox: Annotated[str | None, Query(max_length=200, description="west,south,east,north")] = None,
    datetime: Annotated[
        str | None, Query(max_length=100, description="date, time or interval (RFC 3339), such as 2010-01-01/..")
    ] = None,
    region: Word = None,
    period: Word = None,
    method: Word = None,
    origin: Word = None,
    practice: Word = None,
    country: Word = None,
) -> GeoJson:
    """Features, a page of them, within a box and a time where given; `region`, `period` … choose by property."""
    chosen = _collection(collection)
    limit = min(limit, MOST)
    asked = {
        "region": region, "period": period, "method": method, "origin": origin, "practice": practice,
        "country": country,
    }  # fmt: skip
    found = _by_property(service, chosen, {name: value for name, value in asked.items() if value is not None})
    if bbox is not None:
        box = ogc_query.box(bbox)
        found = [each for each in found if ogc_query.meets(each["geometry"], box)]
    if datetime is not None:
        span = ogc_query.span(datetime)
        found = [each for each in found if ogc_query.overlaps(chosen.time_of(each), span)]
    shown = found[offset : offset + limit]
    return GeoJson(
        {
            "type": "FeatureCollection",
            "numberMatched": len(found),
            "numberReturned": len(shown),
            "links": _page_links(request, chosen, offset, limit, len(found)),
            "features": shown,
        }
    )


def _by_property(service: WebService, chosen: Layer, wanted: dict[str, str]) -> list[Feature]:
    """The features of a layer with these properties. Raises Refused for a property that it cannot be chosen by."""
    foreign = sorted(set(wanted) - set(chosen.choose))
    if foreign:
        raise Refused(
            f"layer {chosen.id} cannot be filtered by {foreign[0]!r}; use {', '.join(chosen.choose)}, bbox or datetime"
        )
    with reading(service.engine) as connection:
        found = chosen.read(connection)
    return [each for each in found if all(each["properties"].get(name) == value for name, value in wanted.items())]


def _page_links(request: Request, chosen: Layer, offset: int, limit: int, total: int) -> list[dict[str, str]]:
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


@router.get("/collections/{collection}/items/{feature}", summary="A feature", response_class=GeoJson)
def item(request: Request, service: Service, collection: Id, feature: Id) -> GeoJson:
    """One feature by its id."""
    chosen = _collection(collection)
    with reading(service.engine) as connection:
        found = next((each for each in chosen.read(connection) if each["id"] == feature), None)
    if found is None:
        raise NotFound(f"Layer {collection} has no feature {feature!r}; see its items.")
    base = f"{_base(request)}/collections/{collection}"
    links = [_link(f"{base}/items/{feature}", "self", GEOJSON), _link(base, "collection")]
    return GeoJson({**found, "links": links})


#: Apart from the router above: any parameters are passed on.
slashes = APIRouter(include_in_schema=False)


@slashes.get("/ogc/{rest:path}/")
def without_slash(request: Request) -> RedirectResponse:
    """The same address without a slash at its end."""
    url = request.url
    return RedirectResponse(str(url.replace(path=url.path.rstrip("/"))), status_code=308)
