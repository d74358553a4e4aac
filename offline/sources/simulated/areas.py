"""Key biodiversity areas and outlines of mines: tables like those of BirdLife and of Maus and others (2020)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from shapely.affinity import scale, translate
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from offline.landscape import Layout, World
from offline.landscape.drivers.mines import outlines
from offline.landscape.noise import key, node_hash, uniform
from offline.model.assets import TableAsset
from offline.sources.simulated.tables import CODES, SAID, Feature, blob, countries, country_of, reserves

KEY_AREAS = "projects/ee-kbas-in-gee/assets/current"
MINES = "projects/sat-io/open-datasets/global-mining/global_mining_polygons"

SITES = 160
"""Key areas that are drawn lots for, beside those in reserves; those at sea fall out."""

IN_RESERVES = 0.5
"""Share of the reserves that lie in a key area: a good part of all key areas has no protection."""

DEGREE_KM = 111.32


def key_areas(seed: int) -> TableAsset:
    """Key biodiversity areas: some around reserves, most elsewhere, each inside one country."""
    land = countries()
    numbers = np.arange(SITES)

    def draw(stream: int) -> Any:
        return uniform(node_hash(numbers, numbers * 0 + stream, key(seed, 132))).astype(float)

    lon, lat, radius = 68 + 72 * draw(1), 33 + 22 * draw(2), 0.08 + 0.4 * draw(3) ** 2
    alone = [blob(lon[n], lat[n], radius[n], int(n)) for n in numbers]
    around = [scale(each, 1.15, 1.15) for each, _ in reserves(seed, land)]
    chosen = [each for each, lot in zip(around, draw(4), strict=False) if lot < IN_RESERVES]
    kinds = np.select([draw(5) < 0.7, draw(5) < 0.8], ["Global", "Regional"], "Global/ Regional to be determined")
    since, features = 2000 + 24 * draw(6), list[Feature]()
    for n, outline in enumerate([*chosen, *alone][:SITES]):
        country = country_of(outline, land)
        if country is not None:
            kind, year = str(kinds[n]), int(since[n])
            features.append((outline, {"SitRecID": 800_000.0 + n, **_key_area(n, outline, country, kind, year)}))
    return TableAsset(KEY_AREAS, SAID, tuple(features))


def _key_area(number: int, outline: BaseGeometry, country: str, kind: str, year: int) -> dict[str, Any]:
    middle = outline.centroid
    return {
        "Region": "Asia", "Country": country, "ISO3": CODES[country], "NatName": f"Simulated key area {number}",
        "IntName": f"Simulated key area {number}", "SitLat": middle.y, "SitLong": middle.x,
        "SitAreaKM2": km2(outline), "KbaStatus": "confirmed", "KbaClass": kind, "IbaStatus": "confirmed",
        "LegacyKba": "No" if kind == "Global" else "Yes", "AzeStatus": "No", "LastUpdate": str(year),
        "Source": "simulated landscape", "DelTxt": "", "RepAreaKM2": 0.0,
    }  # fmt: skip


def mines(seed: int, layout: Layout, world: World) -> TableAsset:
    """Outlines of the mines of the landscape, each with the country that it is in or nearest to."""
    land = countries()
    features = []
    for outline, _ in outlines(seed, layout, world):
        middle = outline.centroid
        east = translate(middle, 360.0) if middle.x < 0 else middle
        name = _nearest(east, land)
        features.append((outline, {"ISO3_CODE": CODES[name], "COUNTRY_NAME": name, "AREA": km2(outline)}))
    return TableAsset(MINES, SAID, tuple(features))


def _nearest(place: Point, land: Mapping[str, BaseGeometry]) -> str:
    return next((name for name, ground in land.items() if ground.contains(place)), None) or min(
        land, key=lambda name: land[name].distance(place)
    )


def km2(outline: Polygon | BaseGeometry) -> float:
    """Area of a small outline in longitude and latitude."""
    return round(float(outline.area * DEGREE_KM**2 * np.cos(np.deg2rad(outline.centroid.y))), 4)
