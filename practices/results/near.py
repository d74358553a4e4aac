"""Which sites of practices belong to a region: by point, by the radius of the site, by the roughness of the outline.

A site without a boundary is a point with a guessed radius, and the outline of a region may be off by its roughness. So
a site also belongs to a region whose outline lies within radius + roughness of the point, if the practice is of a
country of the region: a radius around the centre of a country crosses its borders.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyproj import Geod
from shapely import get_parts, orient_polygons, transform
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

KM_PER_DEGREE = 111.2
_ELLIPSOID = Geod(ellps="WGS84")


@dataclass(frozen=True)
class RegionLocation:
    """Where a region lies: outline (GeoJSON, WGS84), countries (ISO alpha-3), and how far the outline may be off."""

    outline: dict[str, Any]
    countries: Collection[str] = ()
    roughness_km: float = 0.0


def area_km2(geometry: BaseGeometry) -> float:
    """Area of the polygons of a geometry (longitude, latitude) on the ellipsoid; holes count nothing.

    Examples
    --------
    >>> from shapely import box
    >>> round(area_km2(box(115, 42, 116, 43)))
    9131
    """
    parts = [each for each in get_parts(get_parts(geometry)).tolist() if each.geom_type == "Polygon"]
    # a hole is subtracted only if it turns the other way, which files do not always hold to
    return sum(abs(float(_ELLIPSOID.geometry_area_perimeter(orient_polygons(each))[0])) for each in parts) / 1e6


def distance_km(outline: dict[str, Any], lon: float, lat: float) -> float:
    """Distance from a point to an outline (GeoJSON, degrees), 0 inside it; on a plane at the latitude of the point."""
    scale = np.array([KM_PER_DEGREE * np.cos(np.deg2rad(lat)), KM_PER_DEGREE])
    return float(transform(shape(outline), lambda xy: (xy - [lon, lat]) * scale).distance(Point(0, 0)))


def distance_if_near(place: RegionLocation, site: Any, country: str) -> float | None:
    """Distance (km) of a site (`lon`, `lat`, `radius_km`) from a region that it belongs to; None for other regions."""
    distance = distance_km(place.outline, site.lon, site.lat)
    if distance == 0:
        return 0.0
    foreign = bool(place.countries) and country not in place.countries
    reach = (site.radius_km or 0.0) + place.roughness_km
    return None if foreign or distance > reach else distance


def where(name: str, distance: float, radius_km: float | None) -> str:
    """A site in words: its name, and how far outside the outline its point lies."""
    if distance == 0:
        return name
    radius = f"; its radius of {radius_km:g} km is a guess" if radius_km else ""
    return f"{name}, point {max(distance, 1):.0f} km outside the outline{radius}"
