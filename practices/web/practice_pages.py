"""Pages of practices: the list with search and filters, one practice, and its card for printing."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, select

from practices import editing, regional
from practices.charts import Shape, region_map
from practices.errors import UnknownPractice
from practices.models import Practice
from practices.near import Place, distance_if_near
from practices.transactions import reading
from practices.web import practice_view
from practices.web.errors import NotFound
from practices.web.practice_view import Filters, Listed
from practices.web.proof import proofs, reasons
from practices.web.site import Id, Served, Word, page

router = APIRouter(include_in_schema=False)


def filters(
    q: Word = None,
    country: Word = None,
    land_use: Word = None,
    degradation: Word = None,
    measure: Word = None,
    effect: Word = None,
    kind: Word = None,
) -> Filters:
    """The filters of a query."""
    asked = (q, country, land_use, degradation, measure, effect, kind)
    return Filters(*((each or "").strip() for each in asked))


Filtered = Annotated[Filters, Depends(filters)]


def listed(connection: Connection) -> list[Listed]:
    """All practices, by country and start."""
    found = proofs(connection)
    query = (
        select(Practice.id, Practice.record)
        .where(Practice.retired.is_(False))
        .order_by(Practice.country, Practice.start, Practice.id)
    )
    return [
        Listed(row.id, row.record, practice_view.effect_of(p for p in found if p.practice == row.id))
        for row in connection.execute(query)
    ]


@router.get("/practices", response_class=HTMLResponse)
def practices(request: Request, site: Served, asked: Filtered) -> HTMLResponse:
    """The practices that answer a search."""
    with reading(site.engine) as connection:
        everything = listed(connection)
    chosen = practice_view.matching(everything, asked)
    return page(
        request, "practices.html", found=chosen, total=len(everything), asked=asked,
        options=practice_view.options(everything), effects=practice_view.EFFECTS, kinds=practice_view.KINDS,
    )  # fmt: skip


@router.get("/practices/{practice}", response_class=HTMLResponse)
def one(request: Request, site: Served, practice: Id) -> HTMLResponse:
    """One practice with its sources, caveats, sites and evidence."""
    with reading(site.engine) as connection:
        return page(request, "practice.html", **context(connection, practice))


@router.get("/practices/{practice}/history", response_class=HTMLResponse)
def history(request: Request, site: Served, practice: Id) -> HTMLResponse:
    """Every revision of a practice: who wrote it, when, why, and which fields changed. Retired ones have theirs too."""
    try:
        found = editing.history(site.engine, practice)
    except UnknownPractice as error:
        raise NotFound(str(error)) from error
    rows = found.to_dict("records")[::-1]
    return page(request, "history.html", id=practice, rows=rows, title=rows[0]["record"]["title"]["en"])


def context(connection: Connection, practice: str) -> dict[str, Any]:
    """What the templates of a practice need. Raises NotFound."""
    row = connection.execute(select(Practice.record, Practice.retired).where(Practice.id == practice)).first()
    if row is None or row.retired:
        raise NotFound(f"There is no practice {practice!r}; the list of practices has all that there are.")
    record = row.record
    found = proofs(connection, practice)
    own = [each for each in regional.sites(connection) if each.practice == practice]
    holding, near = _around(regional.regions(connection), own, record["country"])
    drawn = region_map(
        near,
        title=f"Sites of {record['title']['en']}",
        points=[(each.name, each.lat, each.lon, f"#site-{number}") for number, each in enumerate(own, start=1)],
        width=640,
        height=380,
        labels=False,
    )
    return {
        "id": practice,
        "record": record,
        "years": practice_view.years_of(record),
        "kind": practice_view.KINDS[record["evidence_type"]],
        "figures": practice_view.indicators(record),
        "sites": own,
        "regions": holding,
        "map": drawn,
        "proofs": found,
        "effects": practice_view.effects(found),
        "studies": practice_view.studies(found),
        "why_context": reasons(connection, record, found),
        "simulated": any(each.origin == "simulated" for each in found),
        "only_simulated": bool(found) and all(each.origin == "simulated" for each in found),
    }


#: How far around its sites the map of a practice shows regions, degrees.
AROUND = 4.0


def _around(places: list[Any], sites: list[Any], country: str) -> tuple[list[Shape], list[Shape]]:
    """The regions that a site belongs to (see `practices.near`), and those on the map around the sites."""
    from shapely.geometry import MultiPoint, shape

    points = MultiPoint([(site.lon, site.lat) for site in sites])
    holding, near = [], []
    for place in places:
        outline = shape(place.geometry)
        distance = outline.distance(points)
        region = Place(place.geometry, place.countries, place.roughness_km or 0.0)
        holds = any(distance_if_near(region, site, country) is not None for site in sites)
        said = "holds a site" if holds else "an assessed region nearby"
        each = Shape(place.id, place.name, place.geometry, f"/regions/{place.id}", said=said)
        if holds:
            holding.append(each)
        if distance < AROUND:
            near.append(each)
    return holding, near
