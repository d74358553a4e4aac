"""Which sites of practices belong to a region: point, radius, roughness of the outline, country."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from shapely import MultiPolygon, Polygon, box

from practices.record.catalogue import load
from practices.results.near import RegionLocation, area_km2, distance_if_near, distance_km, where
from regions.catalogue import find
from regions.catalogue import load as load_regions

SQUARE = {"type": "Polygon", "coordinates": [[[110, 40], [112, 40], [112, 42], [110, 42], [110, 40]]]}


def test_areas_leave_holes_out_whichever_way_they_are_drawn() -> None:
    outer, hole = [(0, 0), (1, 0), (1, 1), (0, 1)], [(0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8)]
    alike, opposite = Polygon(outer, [hole]), Polygon(outer, [hole[::-1]])
    assert area_km2(alike) == area_km2(opposite) == pytest.approx(area_km2(box(0, 0, 1, 1)) * 0.64, rel=1e-3)
    # parts that turn differently add up
    assert area_km2(MultiPolygon([alike, box(2, 0, 3, 1)])) == pytest.approx(1.64 * area_km2(box(0, 0, 1, 1)), rel=1e-3)
    # 0.2 by 0.2 degrees at 42.5 north: 22.2 km by 16.4 km
    assert area_km2(box(115.4, 42.4, 115.6, 42.6)) == pytest.approx(22.21 * 16.45, rel=0.003)


def test_distances_are_those_on_the_ground() -> None:
    from pyproj import Geod

    assert distance_km(SQUARE, 111, 41) == 0
    for lon, lat, at in ((112.5, 41.0, (112.0, 41.0)), (111.0, 42.4, (111.0, 42.0)), (109.7, 40.5, (110.0, 40.5))):
        metres = Geod(ellps="WGS84").inv(lon, lat, *at)[2]
        assert distance_km(SQUARE, lon, lat) == pytest.approx(metres / 1000, rel=0.005)


@pytest.mark.parametrize(
    ("radius", "roughness", "country", "near"),
    [
        (45.0, 0.0, "CHN", True), (40.0, 0.0, "CHN", False), (None, 0.0, "CHN", False), (None, 45.0, "CHN", True),
        (20.0, 25.0, "CHN", True), (900.0, 25.0, "MNG", False),
    ],
)  # fmt: skip
def test_radius_and_roughness_reach_from_the_outline(
    radius: float | None, roughness: float, country: str, near: bool
) -> None:
    site = SimpleNamespace(lon=112.5, lat=41.0, radius_km=radius)  # 42 km east of the outline
    found = distance_if_near(RegionLocation(SQUARE, ("CHN",), roughness), site, country)
    assert (found is not None) == near
    inside = SimpleNamespace(lon=111.0, lat=41.0, radius_km=None)
    assert distance_if_near(RegionLocation(SQUARE, ("CHN",)), inside, "MNG") == 0
    own = RegionLocation(SQUARE, (), roughness)  # a region of one's own says no country
    assert (distance_if_near(own, site, country) is not None) == ((radius or 0) + roughness > 42)


def test_duolun_belongs_to_otindag() -> None:
    record = next(each for each in load() if each.id == "chn-duolun-otindag-sand-source-control")
    region = find(load_regions(), "otindag")
    place = RegionLocation(region.geometry.__geo_interface__, region.countries, region.roughness_km)
    (site,) = record.sites
    distance = distance_if_near(place, site, record.country)
    assert distance == pytest.approx(33, abs=2)
    words = "Duolun County, point 33 km outside the outline; its radius of 45 km is a guess"
    assert where(site.name, distance or 0, site.radius_km) == words
    assert where(site.name, 0, 45) == "Duolun County"
