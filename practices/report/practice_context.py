"""Database content for the page and the card of a practice."""

from __future__ import annotations

from typing import Any

from shapely.geometry import MultiPoint, shape
from sqlalchemy import Connection, select

from practices.charts import MapShape, region_map
from practices.errors import UnknownPractice
from practices.models import Practice
from practices.report import practice as practice_view
from practices.report.evidence import proofs, reasons
from practices.results import published_places
from practices.results.near import RegionLocation, distance_if_near

#: How far around its sites the map of a practice shows regions, degrees.
AROUND = 4.0


def _around(places: list[Any], sites: list[Any], country: str) -> tuple[list[MapShape], list[MapShape]]:
    """The regions that a site belongs to (see `practices.results.near`), and those on the map around the sites."""
    points = MultiPoint([(site.lon, site.lat) for site in sites])
    holding, near = [], []
    for place in places:
        outline = shape(place.geometry)
        distance = outline.distance(points)
        region = RegionLocation(place.geometry, place.countries, place.roughness_km or 0.0)
        holds = any(distance_if_near(region, site, country) is not None for site in sites)
        said = "holds a site" if holds else "an assessed region nearby"
        each = MapShape(place.id, place.name, place.geometry, f"/regions/{place.id}", said=said)
        if holds:
            holding.append(each)
        if distance < AROUND:
            near.append(each)
    return holding, near


def context(connection: Connection, practice: str) -> dict[str, Any]:
    """What the templates of a practice need. Raises UnknownPractice."""
    row = connection.execute(select(Practice.record, Practice.retired).where(Practice.id == practice)).first()
    if row is None or row.retired:
        raise UnknownPractice(f"There is no practice {practice!r}; see the list of practices.")
    record = row.record
    found = proofs(connection, practice)
    own = [each for each in published_places.sites(connection) if each.practice == practice]
    holding, near = _around(published_places.regions(connection), own, record["country"])
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
