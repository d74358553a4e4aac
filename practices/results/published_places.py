"""Regions with a published result, and the sites of practices in and near them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from practices.models import Outline, Practice, PracticeSite, StoredRegion
from practices.results.by_region import Report
from practices.results.near import RegionLocation, distance_if_near, where
from practices.results.queries import is_assessed


def regions(connection: Connection) -> list[Row[Any]]:
    """Regions that a result is published for: id, name, countries, kind, roughness_km, geometry (of the outline)."""
    named = (StoredRegion.id, StoredRegion.name, StoredRegion.countries, StoredRegion.kind, StoredRegion.roughness_km)
    query = select(*named, Outline.geometry).where(is_assessed())
    return list(
        connection.execute(query.join(Outline, Outline.digest == StoredRegion.outline_digest).order_by(StoredRegion.id))
    )


def sites(connection: Connection) -> list[Row[Any]]:
    """Sites of practices with what their practices are: practice, title, country, start, end, name, lat, lon, …"""
    shown = ("name", "lat", "lon", "radius_km", "coord_basis", "coord_precision_km")
    query = (
        select(
            PracticeSite.id, PracticeSite.practice_id.label("practice"),
            *(Practice.title, Practice.country, Practice.start, Practice.end),
            *(PracticeSite.__table__.columns[each] for each in shown),
        )
        .join(Practice, Practice.id == PracticeSite.practice_id)
        .where(PracticeSite.until.is_(None), Practice.retired.is_(False))
        .order_by(PracticeSite.practice_id, PracticeSite.name)
    )  # fmt: skip
    return list(connection.execute(query))


@dataclass(frozen=True)
class NearSite:
    """A site that belongs to a region: the practice, its title, and the site in words."""

    practice: str
    title: str
    where: str


def sites_near(connection: Connection, report: Report) -> list[NearSite]:
    """The sites that belong to a region (see `practices.results.near`); those inside its outline first."""
    place = RegionLocation(report.outline, report.countries, report.roughness_km)
    found = [(distance_if_near(place, site, site.country), site) for site in sites(connection)]
    near = sorted(((km, site) for km, site in found if km is not None), key=lambda each: each[0])
    return [NearSite(site.practice, site.title, where(site.name, km, site.radius_km)) for km, site in near]
