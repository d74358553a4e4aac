"""Results and places as GeoJSON features."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from practices.report.headline import Headline
from practices.results.by_region import Report
from practices.results.names import LAND
from practices.results.published_views import Choice


def feature(id_: str, geometry: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    """A GeoJSON feature; longitude and latitude in WGS84."""
    return {"type": "Feature", "id": id_, "geometry": geometry, "properties": properties}


def headline(found: Headline) -> dict[str, Any]:
    """A headline as properties: what leads, areas of the land by class (of the status where there is one), and more."""
    return {**found.fields(), **{f"{n}_km2": found.classes.get(n) for n in LAND}, "land_km2": found.land_km2}


def report_feature(report: Report, found: Headline) -> dict[str, Any]:
    """A region with its headline."""
    properties = {
        "region": report.id, "name": report.name, "countries": " ".join(report.countries), **vars(report.view),
        "simulated": report.view.simulated, "year_first": report.year_first, "year_last": report.year_last,
        "revision": report.revision, **headline(found),
        "trend_percent_decade": report.trend_percent_decade, "trend_p": report.trend_p, "run": report.run,
    }  # fmt: skip
    return feature(report.id, report.outline, properties)


def region_feature(place: Row[Any]) -> dict[str, Any]:
    """A region as a place, without any result."""
    properties = {"region": place.id, "name": place.name, "countries": " ".join(place.countries), "kind": place.kind}
    return feature(place.id, place.geometry, properties)


def result_feature(place: Row[Any], choice: Choice, found: Headline) -> dict[str, Any]:
    """A region with its headline in one view, and the years of its period."""
    view = choice.view
    name = f"{place.id}.{view.period}.{view.method}.{view.origin}"
    shared = region_feature(place)["properties"]
    properties = {**shared, **vars(view), "simulated": view.simulated, **headline(found)}
    properties |= {"year_first": choice.year_first, "year_last": choice.year_last}
    return feature(name, place.geometry, properties)


def site_feature(site: Row[Any]) -> dict[str, Any]:
    """A site of a practice as a point."""
    properties = {
        "practice": site.practice, "title": site.title, "country": site.country, "site": site.name,
        "coord_basis": site.coord_basis, "coord_precision_km": site.coord_precision_km,
        "radius_km_guess": site.radius_km, "start": site.start, "end": site.end,
    }  # fmt: skip
    return feature(str(site.id), {"type": "Point", "coordinates": [site.lon, site.lat]}, properties)


def bounds(geometry: dict[str, Any]) -> tuple[float, float, float, float]:
    """West, south, east, north of a geometry."""
    places: list[tuple[float, float]] = []

    def walk(coordinates: Any) -> None:
        if coordinates and isinstance(coordinates[0], int | float):
            places.append((float(coordinates[0]), float(coordinates[1])))
        else:
            for each in coordinates:
                walk(each)

    walk(geometry["coordinates"])
    xs, ys = [p[0] for p in places], [p[1] for p in places]
    return min(xs), min(ys), max(xs), max(ys)
