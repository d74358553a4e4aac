"""Outlines, protected and key areas of the virtual landscape: tables like those of GAUL, LSIB, WDPA and of KBAs.

Countries are drawn by hand, straight from corner to corner and good to a degree or two: enough to filter by name and
to clip, no statement about any border. The caller can give finer outlines (`TableOutline`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from offline.landscape import geography
from offline.landscape.noise import key, node_hash, uniform
from offline.model.assets import TableAsset

# name, ISO 3166 alpha-3, FIPS, GAUL code, corners in longitude and latitude
COUNTRIES = (
    ("Mongolia", "MNG", "MG", 167, ((87.8, 49.1), (92.3, 50.8), (98.0, 50.5), (98.3, 52.1), (102.2, 51.3),
     (108.5, 49.4), (114.3, 50.3), (116.7, 49.8), (115.6, 47.9), (119.7, 47.2), (119.9, 46.6), (115.6, 45.4),
     (111.9, 43.7), (105.0, 41.6), (96.4, 42.7), (95.4, 44.2), (90.9, 45.2), (90.9, 47.0))),
    ("Kazakhstan", "KAZ", "KZ", 132, ((60, 41), (60, 54), (71, 54.2), (77, 53.4), (80, 51), (87.4, 49.1), (85.6, 47.2),
     (82.5, 45.3), (80.2, 44.9), (80.3, 42.2), (71, 42.5), (67, 41.2))),
    ("Democratic People's Republic of Korea", "PRK", "KN", 67, ((124.3, 39.9), (126.9, 41.8), (128.2, 41.4),
     (129.7, 42.4), (130.7, 42.3), (128.4, 38.6), (126.7, 37.8), (124, 37.6))),
    ("Republic of Korea", "KOR", "KS", 202, ((124, 37.6), (126.7, 37.8), (128.4, 38.6), (130.2, 37), (129, 34),
     (125.5, 33.9))),
    ("Japan", "JPN", "JA", 126, ((129.3, 30), (129.3, 34.9), (133, 36.4), (138, 38.7), (139.3, 41.5), (140.5, 45.8),
     (146, 44.6), (146, 42), (141.5, 34), (132, 30))),
    ("China", "CHN", "CH", 147295, ((73.6, 39.4), (80.2, 42.2), (80.2, 44.9), (82.5, 45.3), (85.6, 47.2), (87.8, 49.1),
     (90.9, 47.0), (90.9, 45.2), (95.4, 44.2), (96.4, 42.7), (105, 41.6), (111.9, 43.7), (115.6, 45.4), (119.9, 46.6),
     (119.7, 47.2), (115.6, 47.9), (116.7, 49.8), (119.3, 50.2), (121, 53.3), (126, 52.8), (127.5, 50.2), (131, 47.7),
     (134.7, 48.4), (133.1, 45), (131, 42.9), (129.7, 42.4), (128.2, 41.4), (126.9, 41.8), (124.3, 39.9), (122, 36.8),
     (123, 30), (121, 25), (97.5, 25), (97, 28.3), (88, 27.9), (81, 30.2), (78.5, 34.5))),
    ("Russian Federation", "RUS", "RS", 204, ((60, 54), (60, 74), (195, 74), (195, 60), (157, 50), (146, 44.7),
     (140.5, 45.8), (131, 42.9), (133.1, 45), (134.7, 48.4), (131, 47.7), (127.5, 50.2), (126, 52.8), (121, 53.3),
     (119.3, 50.2), (116.7, 49.8), (114.3, 50.3), (108.5, 49.4), (102.2, 51.3), (98.3, 52.1), (98.0, 50.5),
     (92.3, 50.8), (87.4, 49.1), (80, 51), (77, 53.4), (71, 54.2))),
)  # fmt: skip

TABLES = (
    "FAO/GAUL/2015/level0", "FAO/GAUL/2015/level1", "FAO/GAUL_SIMPLIFIED_500m/2015/level0",
    "FAO/GAUL_SIMPLIFIED_500m/2015/level1", "USDOS/LSIB_SIMPLE/2017", "WCMC/WDPA/current/polygons",
)  # fmt: skip
CODES = {name: iso for name, iso, *_ in COUNTRIES}
SAID = {"provider": "simulated landscape", "drylands:origin": "simulated"}

CATEGORIES = ("Ia", "II", "III", "IV", "V", "VI")
DESIGNATIONS = ("Strict Nature Reserve", "National Park", "Natural Monument", "Nature Reserve", "Protected Landscape",
                "Managed Resource Area")  # fmt: skip
RESERVES = 120
"""Protected areas that are drawn lots for; those at sea fall out."""
PROPOSED = 10
"""Every so many reserves are only proposed: they are in the table, and protect nothing."""


@dataclass(frozen=True)
class TableOutline:
    """A region whose outline the caller gives: its name, country and outline in longitude and latitude (GeoJSON)."""

    name: str
    country: str
    geometry: Mapping[str, Any]
    properties: Mapping[str, Any] = field(default_factory=dict)


Feature = tuple[BaseGeometry, Mapping[str, Any]]


def countries() -> dict[str, BaseGeometry]:
    """Name → land of a country inside the landscape; countries do not overlap."""
    land, found = geography.outline(), dict[str, BaseGeometry]()
    taken: BaseGeometry = MultiPolygon()
    for name, *_, corners in COUNTRIES:
        found[name] = Polygon(corners).buffer(0).intersection(land).difference(taken)
        taken = taken.union(found[name])
    return found


def blob(lon: float, lat: float, radius: float, number: int) -> Polygon:
    """An outline with a rough edge, round on the ground; `radius` in degrees of latitude."""
    angles = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    rough = radius * (1 + 0.2 * np.sin(3 * angles + number) + 0.1 * np.sin(5 * angles + 2 * number))
    x, y = lon + rough * np.cos(angles) / np.cos(np.deg2rad(lat)), lat + rough * np.sin(angles)
    return Polygon(np.column_stack([x, y]))


def country_of(outline: BaseGeometry, land: Mapping[str, BaseGeometry]) -> str | None:
    """The country in which an outline lies as a whole; None where it lies in none."""
    return next((name for name, ground in land.items() if ground.contains(outline)), None)


def reserves(seed: int, land: Mapping[str, BaseGeometry]) -> tuple[Feature, ...]:
    """Protected areas: blobs of 10 to 70 km at places drawn from the seed, each inside one country."""
    numbers = np.arange(RESERVES)

    def draw(stream: int) -> Any:
        return uniform(node_hash(numbers, numbers * 0 + stream, key(seed, 131))).astype(float)

    lon, lat = geography.WEST + 70 * draw(1), 33 + 22 * draw(2)
    radius, since, kind = 0.1 + 0.5 * draw(3) ** 2, 1965 + 50 * draw(4), (len(CATEGORIES) * draw(5)).astype(int)
    found: list[Feature] = []
    for n in numbers:
        outline = blob(lon[n], lat[n], radius[n], int(n))
        country = country_of(outline, land)
        if country is None:
            continue
        properties = {
            "WDPAID": 900_000 + int(n), "NAME": f"Simulated reserve {n}", "DESIG_ENG": DESIGNATIONS[kind[n]],
            "IUCN_CAT": CATEGORIES[kind[n]], "ISO3": CODES[country], "PARENT_ISO": CODES[country], "MARINE": "0",
            "STATUS": "Designated" if n % PROPOSED else "Proposed", "STATUS_YR": int(since[n]),
        }  # fmt: skip
        found.append((outline, properties))
    return tuple(found)


def tables(seed: int, outlines: Sequence[TableOutline] = ()) -> dict[str, TableAsset]:
    """The tables by id; `outlines` become the first level below countries."""
    land = countries()
    codes = {name: (iso, fips, code) for name, iso, fips, code, _ in COUNTRIES}
    level0 = tuple((ground, _gaul0(name, codes[name][2])) for name, ground in land.items())
    level1 = tuple(
        (shape(dict(each.geometry)), {
            **_gaul0(each.country, codes.get(each.country, ("", "", 0))[2]), "ADM1_CODE": 10_000 + n,
            "ADM1_NAME": each.name, **each.properties})
        for n, each in enumerate(outlines)
    )  # fmt: skip
    lsib = tuple((ground, {"country_na": name, "country_co": codes[name][1]}) for name, ground in land.items())
    rows = (level0, level1, level0, level1, lsib, reserves(seed, land))
    return {name: TableAsset(name, SAID, features) for name, features in zip(TABLES, rows, strict=True)}


def _gaul0(name: str, code: int) -> dict[str, Any]:
    return {"ADM0_NAME": name, "ADM0_CODE": code, "STATUS": "Simulated", "DISP_AREA": "NO"}
