"""Places of practices in the virtual landscape, each with a planted effect on productivity.

Centres lie where such work is known to be done (towns and counties, rounded to 0.01 degree); radius,
year and effect are invented here. Some practices do nothing, and one does harm, as evaluation has to
be able to say so.

Beside this list there is the layout "evidence", for scoring methods that judge practices: a site in every block of a
lattice over the whole landscape, whose place, radius, start and effect follow from the hash of the block. Half of them
are placebos, declared like the others, at which nothing was done.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from offline.landscape.noise import key, node_hash, uniform

Layout = Literal["practices", "evidence", "untouched"]
"""Which sites are planted: the list below, the dense field, or none at all. The landscape "untouched" is what that
with the field would be without its practices, to the last cloud: the difference is what they did."""


@dataclass(frozen=True)
class PlantedSite:
    """One practice site: a disc, from a year on, that changes growing-season NDVI by a fraction."""

    name: str
    lon: float
    lat: float
    radius_km: float
    start_year: int
    effect: float
    """fraction of growing-season NDVI gained (positive) or lost once the practice has settled"""
    placebo: bool = False
    """declared, but nothing was done there"""

    def level(self, time: float) -> float:
        """Fraction of growing-season NDVI gained at a time (years, fractions allowed)."""
        return self.effect * min(max((time - self.start_year) / YEARS_TO_SETTLE, 0.0), 1.0)

    def mean_effect(self, last_year: int) -> float:
        """Mean of the level over the growing seasons from the start to `last_year`, both included."""
        seasons = [self.level(year + MID_SEASON) for year in range(self.start_year, last_year + 1)]
        return sum(seasons) / len(seasons)


YEARS_TO_SETTLE = 8.0
"""The effect grows linearly over this many years after the start."""

MID_SEASON = 0.54
"""Part of the year that has gone by in the middle of the growing season, mid July."""

SITES = (
    PlantedSite("shapotou", 104.95, 37.46, 9.0, 2005, 0.25),
    PlantedSite("yanchi", 107.40, 37.78, 12.0, 2003, 0.30),
    PlantedSite("mu-us-east", 109.60, 38.60, 12.0, 2004, 0.35),
    PlantedSite("mu-us-west", 108.20, 38.30, 9.0, 2008, 0.22),
    PlantedSite("otog", 107.98, 39.10, 8.0, 2006, 0.00),
    PlantedSite("hobq-middle", 108.70, 40.35, 11.0, 2005, 0.40),
    PlantedSite("hobq-east", 110.10, 40.20, 8.0, 2010, 0.28),
    PlantedSite("minqin", 103.10, 38.62, 9.0, 2007, 0.24),
    PlantedSite("babusha", 103.13, 37.65, 7.0, 2004, 0.20),
    PlantedSite("jiuquan", 98.80, 39.60, 7.0, 2009, 0.12),
    PlantedSite("alxa-left", 105.60, 38.85, 9.0, 2006, 0.18),
    PlantedSite("siziwang", 111.70, 41.53, 10.0, 2009, 0.15),
    PlantedSite("zhenglan", 115.98, 42.25, 9.0, 2004, 0.26),
    PlantedSite("duolun", 116.49, 42.19, 11.0, 2003, 0.28),
    PlantedSite("xilinhot", 116.10, 43.95, 10.0, 2005, 0.16),
    PlantedSite("abag", 114.95, 44.02, 9.0, 2010, 0.00),
    PlantedSite("naiman", 120.65, 42.85, 9.0, 2004, 0.30),
    PlantedSite("zhangwu", 122.50, 42.70, 10.0, 2003, 0.18),
    PlantedSite("ar-horqin", 119.95, 44.45, 11.0, 2008, 0.14),
    PlantedSite("saihanba", 117.32, 42.40, 9.0, 2003, 0.16),
    PlantedSite("youyu", 112.47, 39.99, 10.0, 2003, 0.20),
    PlantedSite("kekeya", 80.32, 41.30, 10.0, 2004, 0.35),
    PlantedSite("dalanzadgad", 104.43, 43.57, 7.0, 2007, 0.20),
    PlantedSite("bayanzag", 103.73, 44.14, 8.0, 2010, 0.25),
    PlantedSite("lun", 105.25, 47.87, 8.0, 2009, 0.22),
    PlantedSite("arvaikheer", 102.78, 46.26, 10.0, 2006, 0.12),
    PlantedSite("bayankhongor", 100.72, 46.19, 9.0, 2007, 0.15),
    PlantedSite("mandalgovi", 106.27, 45.77, 9.0, 2008, 0.18),
    PlantedSite("sainshand", 110.13, 44.90, 9.0, 2011, -0.15),
    PlantedSite("choir", 108.60, 46.30, 9.0, 2009, 0.00),
    PlantedSite("choibalsan", 114.50, 48.07, 10.0, 2008, 0.12),
    PlantedSite("baruun-urt", 113.28, 46.68, 9.0, 2006, 0.15),
    PlantedSite("ulaangom", 92.07, 49.98, 8.0, 2008, 0.20),
    PlantedSite("khovd", 91.64, 48.01, 8.0, 2009, 0.15),
    PlantedSite("balgazyn", 95.20, 51.00, 9.0, 2012, 0.18),
    PlantedSite("agin", 114.50, 51.10, 9.0, 2007, 0.15),
    PlantedSite("borzya", 116.52, 50.39, 9.0, 2010, 0.00),
    PlantedSite("kulunda", 79.72, 51.82, 11.0, 2011, 0.14),
    PlantedSite("suan", 126.37, 38.70, 9.0, 2005, 0.18),
    PlantedSite("yeongil", 129.33, 36.05, 6.0, 2003, 0.12),
)

FIELD_WIDTH, FIELD_HEIGHT = 0.36, 0.28
"""Degrees of longitude and latitude of a block of the field: about 29 by 31 km."""

FIELD_RADIUS_KM = (3.5, 6.0)
FIELD_EFFECTS = (-0.2, 0.0, 0.1, 0.2, 0.3, 0.4)
FIELD_STARTS = (2008, 2010, 2012, 2014)
FIELD_JITTER = 0.15
"""A centre lies at most this part of a block from the middle, so that sites keep 15 km from centre to centre."""


def field(west: float, south: float, east: float, north: float, *, seed: int = 0) -> tuple[PlantedSite, ...]:
    """The sites of the layout "evidence" whose centres lie in a box of degrees, row by row from the south-west."""
    return tuple(site for site in _blocks(west, south, east, north, seed) if _within(site, west, south, east, north))


def _within(site: PlantedSite, west: float, south: float, east: float, north: float) -> bool:
    return west <= site.lon <= east and south <= site.lat <= north


def _blocks(west: float, south: float, east: float, north: float, seed: int) -> Iterator[PlantedSite]:
    columns = np.arange(int(np.floor(west / FIELD_WIDTH)), int(np.floor(east / FIELD_WIDTH)) + 1)
    rows = np.arange(int(np.floor(south / FIELD_HEIGHT)), int(np.floor(north / FIELD_HEIGHT)) + 1)
    i, j = (grid.ravel() for grid in np.meshgrid(columns, rows))
    draws = [uniform(node_hash(i, j, key(seed, 70 + stream))) for stream in range(5)]
    low, high = FIELD_RADIUS_KM
    for column, row, *draw in zip(i.tolist(), j.tolist(), *(each.tolist() for each in draws), strict=True):
        placebo = (column + row) % 2 == 0
        yield PlantedSite(
            name=f"field-{column}-{row}",
            lon=round((column + 0.5 + FIELD_JITTER * (2 * draw[0] - 1)) * FIELD_WIDTH, 5),
            lat=round((row + 0.5 + FIELD_JITTER * (2 * draw[1] - 1)) * FIELD_HEIGHT, 5),
            radius_km=round(low + (high - low) * draw[2], 2),
            start_year=FIELD_STARTS[int(draw[3] * len(FIELD_STARTS))],
            effect=0.0 if placebo else FIELD_EFFECTS[int(draw[4] * len(FIELD_EFFECTS))],
            placebo=placebo,
        )
