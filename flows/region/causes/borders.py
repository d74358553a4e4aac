"""Does a driver jump at a border of countries inside a region, as products do that follow national totals?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer

from flows.region.population import statistic
from indicators.causes import BorderJump, border_jump
from indicators.causes.artefact import FEWEST_STRIPS, STRIPS
from indicators.errors import IndicatorError
from series.areas.stored import read_areas
from series.cubes.stored import look

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from flows.pull.pulled import Pulled
    from regions.model import Region
    from series.cubes.stored import CubeFile

Countries = Mapping[str, "BaseGeometry"]
COUNTRIES = "countries"
NAME = "border_jump_"
#: Drivers whose product is adjusted to the total of each country, and what they are called.
NATIONAL = {"herd_sheep_units": "Herds"}
#: Land on both sides of a border that is compared, km, and the least width of a strip in cells.
REACH, CELLS_A_STRIP = 60.0, 2
KM_A_DEGREE = 111.2
NOT_TESTED = "{name} at the border of {first} and {second} were not tested for a jump: too little land on one side"


def countries_of(pulled: Pulled) -> dict[str, BaseGeometry]:
    """Name and land (longitude, latitude) of the countries that a region meets; empty where they were not read."""
    path = pulled.areas.get(COUNTRIES)
    parts: dict[str, list[BaseGeometry]] = {}
    for each in read_areas(path) if path else ():
        parts.setdefault(str(each.properties["country_na"]), []).append(each.geometry)
    return {name: shapely.union_all(parts[name]) for name in sorted(parts)}


def country_at(lat: np.ndarray, lon: np.ndarray, countries: Countries) -> np.ndarray:
    """The number of the country at each point, counted from 1 in the order of `countries`; 0 in none."""
    found = np.zeros(lat.shape, int)
    for number, ground in enumerate(countries.values(), start=1):
        found[shapely.contains_xy(ground, lon, lat)] = number
    return found


def border_statistics(region: Region, pulled: Pulled, period: str) -> pd.DataFrame:
    """The jump of each driver with national totals at each border inside a region: rows `border_jump_DRIVER_A_B`.

    `value` is the second side over the first, beyond the jumps at lines beside the border; without a value where there
    is too little land. No rows where the region lies in one country, or the outlines of countries were not read.
    """
    land = {name: ground.intersection(region.geometry) for name, ground in countries_of(pulled).items()}
    rows = []
    for driver in (name for name in NATIONAL if name in pulled.drivers):
        for first, second in combinations(land, 2):
            if land[first].distance(land[second]) <= look(pulled.drivers[driver]).cell_degrees:
                rows.append(
                    _row(driver, first, second, _tested(look(pulled.drivers[driver]), land[first], land[second]))
                )
    return pd.DataFrame(rows).assign(period=period) if rows else pd.DataFrame()


def _row(driver: str, first: str, second: str, found: BorderJump | None) -> dict[str, Any]:
    name = NAME + "_".join([driver, *(each.lower().replace(" ", "_") for each in (first, second))])
    said = {"name": NATIONAL[driver], "first": first, "second": second}
    if found is None:
        return statistic(name, None, note=NOT_TESTED.format(**said))
    note = f"{NATIONAL[driver]}, {second} over {first}. {found.sentence}"
    return statistic(name, found.size, low=found.low, high=found.high, p=found.p, note=note)


def _tested(cube: CubeFile, first: BaseGeometry, second: BaseGeometry) -> BorderJump | None:
    """The test of one border; None with too little land."""
    try:
        sides, distance = zip(*_sides(cube, first, second), strict=True)
        width = CELLS_A_STRIP * cube.cell_degrees * KM_A_DEGREE
        strips = min(STRIPS, int(min(each.max(initial=0.0) for each in distance) / width))
        if strips < FEWEST_STRIPS:
            return None
        known = np.all([np.isfinite(each).any(axis=1) for each in sides], axis=0)
        years = np.arange(len(known)) if cube.years is None else cube.years
        values = (each[known] for each in sides)
        return border_jump(*values, *distance, years=years[known].tolist(), strips=strips)
    except IndicatorError:
        return None


def _sides(cube: CubeFile, first: BaseGeometry, second: BaseGeometry) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Values (year, cell) and distance (cell) in km, of the land of either side within reach of the border.

    Distances begin one cell from the border: cells that it crosses hold numbers of both sides.
    """
    across = cube.cell_degrees * KM_A_DEGREE
    middle = first.buffer(2 * cube.cell_degrees).intersection(second).centroid
    local = Transformer.from_crs(
        "EPSG:4326", f"+proj=laea +lat_0={middle.y} +lon_0={middle.x} +units=km", always_xy=True
    ).transform
    for own, other in ((first, second), (second, first)):
        west, south, east, north = other.buffer(REACH / KM_A_DEGREE / np.cos(np.radians(middle.y))).bounds
        y, x = cube.y[(cube.y >= south) & (cube.y <= north)], cube.x[(cube.x >= west) & (cube.x <= east)]
        lon, lat = (each.ravel() for each in np.meshgrid(x, y))
        inside = np.flatnonzero(shapely.contains_xy(own, lon, lat))
        ground = shapely.transform(shapely.segmentize(other, 0.25), local, interleaved=False)
        distance = shapely.distance(shapely.points(*local(lon[inside], lat[inside])), ground) - across
        near = (distance >= 0) & (distance <= REACH)
        values = cube.near(y, x).values
        yield values.reshape(len(values), -1)[:, inside[near]], distance[near]
