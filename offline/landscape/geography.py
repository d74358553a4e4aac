"""The lie of the land: coast, height and mean yearly rain of a virtual North-East Asia.

Numbers are rounded by hand from common knowledge of the region (arid core from the Tarim basin over the
Gobi to Alxa, monsoon coast, wetter taiga). They give a plausible stage, not a map of the real one.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from offline.landscape.noise import Floats, Stencil, key, value_noise
from offline.landscape.points import Points

if TYPE_CHECKING:
    from shapely.geometry import MultiPolygon

WEST, SOUTH, EAST, NORTH = 65.0, 25.0, 195.0, 72.0
"""Degrees; outside there is no landscape, and everything is masked."""

RAIN_WEST, RAIN_SOUTH, RAIN_STEP = 65.0, 25.0, 5.0
# mm a year; rows from 25 N northwards, columns from 65 E eastwards
RAIN_TABLE = """
 200 500 900 900 1200 1400 1300 1200 1250 1400 1550 1600 1700 1900 2100 2100 1900 1700
 150 400 800 500  400  480  650  850 1000 1150 1300 1400 1500 1700 1900 1900 1700 1500
 200 300 250  60   55  110  240  380  480  560  680  850 1150 1350 1700 1600 1500 1300
 130 250 330 100   40   25   35   65  125  300  420  560  880  850 1200 1350 1300 1200
 140 130 150 230  175  100   90  105  125  145  275  400  520  640  780  950 1100 1100
 270 280 290 320  450  250  230  290  300  310  290  400  540  600  640  680  850  950
 380 360 370 400  430  470  470  450  420  410  430  450  480  520  560  600  650  600
 520 510 500 500  500  480  450  420  400  390  380  370  370  380  390  400  420  430
 500 500 480 480  480  460  430  380  330  300  280  270  265  260  260  270  280  280
 350 320 300 280  300  300  280  270  260  250  240  230  220  210  210  205  200  200
"""

# longitude, latitude, half-widths in degrees (east-west, north-south), height in metres
MOUNTAINS = (
    (90.0, 33.5, 10.0, 3.5, 4300),
    (99.0, 38.3, 3.5, 0.8, 2400),
    (81.0, 42.2, 7.0, 1.2, 2600),
    (91.0, 43.2, 3.0, 0.5, 1300),
    (88.5, 48.8, 2.5, 1.5, 1700),
    (92.5, 47.2, 2.5, 1.0, 800),
    (99.0, 47.3, 3.5, 1.3, 1300),
    (99.5, 44.8, 3.0, 0.5, 900),
    (108.5, 48.8, 2.0, 0.8, 600),
    (95.0, 53.0, 7.0, 1.2, 1000),
    (105.0, 45.5, 10.0, 4.5, 1050),
    (109.0, 38.5, 3.0, 3.0, 950),
    (106.0, 38.8, 0.3, 0.7, 1300),
    (110.0, 41.2, 2.5, 0.4, 600),
    (116.0, 41.5, 2.5, 1.0, 600),
    (121.0, 48.5, 1.5, 3.5, 700),
    (127.5, 41.5, 1.5, 1.2, 800),
    (128.0, 37.3, 0.7, 0.8, 500),
    (137.8, 36.2, 1.0, 0.8, 1100),
    (113.0, 56.0, 10.0, 2.0, 700),
    (130.0, 65.0, 5.0, 4.0, 700),
    (138.0, 48.5, 2.0, 3.0, 600),
)

# Land as rough outlines, about 20 km true on the coasts of our regions; vertices are longitude, latitude.
MAINLAND = (
    *((60, 20), (121.5, 20), (121.5, 26), (122, 30), (120.5, 33), (119.3, 35), (122.7, 37.0)),
    *((120.8, 37.9), (118.9, 37.4), (117.7, 38.6), (118.1, 39.2), (119.6, 39.9), (121.0, 40.9)),
    *((122.2, 40.6), (121.2, 38.8), (124.3, 39.9), (125.1, 39.5), (125.1, 38.7), (124.7, 38.1)),
    *((126.6, 37.6), (126.05, 36.8), (126.4, 35.6), (126.2, 34.4), (127.6, 34.5), (129.2, 35.1)),
    *((129.62, 36.0), (129.45, 37.0), (128.4, 38.5), (127.5, 39.4), (128.0, 40.0), (129.75, 40.9)),
    *((129.8, 41.7), (130.8, 42.3), (132.5, 42.8), (135.5, 44.5), (138.5, 46.8), (140.4, 48.8)),
    *((140.5, 51.0), (141.4, 53.0), (137.5, 53.8), (135.3, 54.8), (143.0, 59.2), (155.0, 59.4)),
    *((155.6, 56.0), (156.7, 51.0), (160.0, 53.5), (163.0, 56.5), (164.5, 59.9), (170.3, 60.0)),
    *((177.0, 62.4), (181.5, 64.5), (187.5, 64.3), (190.3, 66.1), (184.0, 67.1), (178.0, 69.3)),
    *((170.0, 70.0), (160.0, 69.7), (140.0, 72.6), (60, 73)),
)
JAPAN = (
    *((130.0, 33.6), (129.8, 32.7), (130.2, 31.2), (131.3, 31.3), (132.0, 33.3), (132.5, 32.8)),
    *((134.2, 33.4), (135.8, 33.5), (137.0, 34.6), (139.8, 34.9), (140.8, 35.7), (141.0, 38.2)),
    *((142.0, 39.6), (141.4, 41.4), (140.3, 41.2), (139.8, 39.6), (139.3, 38.3), (138.4, 37.4)),
    *((137.2, 36.8), (136.8, 37.4), (135.9, 35.85), (135.2, 35.72), (134.2, 35.62), (133.1, 35.62)),
    *((131.0, 34.4),),
)
HOKKAIDO = (
    *((140.1, 41.5), (141.1, 41.8), (143.2, 41.95), (145.5, 43.3), (145.2, 44.3), (141.7, 45.5)),
    *((141.3, 43.3), (140.3, 43.2)),
)
SAKHALIN = (
    (142.0, 46.0),
    (143.5, 46.8),
    (143.0, 49.3),
    (144.5, 49.0),
    (143.0, 54.3),
    (142.2, 53.5),
    (142.2, 49),
)
LAKES = (
    *((92.75, 50.3, 0.4), (100.5, 51.0, 0.25), (117.35, 48.95, 0.25)),
    *((100.2, 36.9, 0.35), (87.0, 41.95, 0.15), (93.3, 48.0, 0.3), (107.5, 53.3, 0.3)),
)
"""Great lakes as (longitude, latitude, radius in degrees of latitude); round, as the stage needs no more."""


def within_reach(points: Points) -> Points:
    """The points, with those far outside moved to just outside the edge, so that lattices stay small."""
    lon = np.clip(points.lon, WEST - 0.01, EAST + 0.01)
    return Points(lon, np.clip(points.lat, SOUTH - 0.01, NORTH + 0.01))


def inside(points: Points) -> NDArray[np.bool_]:
    """Whether the landscape exists there."""
    west_east = (points.lon >= WEST) & (points.lon <= EAST)
    return west_east & (points.lat >= SOUTH) & (points.lat <= NORTH)


def land(points: Points) -> NDArray[np.bool_]:
    """Land, lakes included; False at sea and outside the landscape."""
    inside_mask = inside(points)
    if not inside_mask.any():
        return inside_mask
    full = points.full
    on_land = shapely.contains_xy(outline(), full.lon.ravel(), full.lat.ravel())
    return inside_mask & on_land.reshape(inside_mask.shape)


def lake(points: Points, extent: float = 1.0) -> NDArray[np.bool_]:
    """Open inland water, at its largest extent or within a part of that radius."""
    inside_mask = np.zeros(points.shape, bool)
    for lon, lat, radius in LAKES:
        east = (points.lon - lon) * np.cos(np.deg2rad(lat))
        inside_mask |= east**2 + (points.lat - lat) ** 2 < (extent * radius) ** 2
    return inside_mask


def height(points: Points, seed: int) -> Floats:
    """Metres above the sea, smooth to a few kilometres."""
    lon = points.lon.astype(np.float32)
    lat = points.lat.astype(np.float32)
    total = np.full(points.shape, 120.0, np.float32)
    for east, north, across, along, metres in MOUNTAINS:
        x = np.exp(-0.5 * ((lon - np.float32(east)) / np.float32(across)) ** 2)
        y = np.exp(-0.5 * ((lat - np.float32(north)) / np.float32(along)) ** 2)
        total += np.float32(metres) * x * y
    rough = value_noise(points, 0.7, key(seed, 11)) + value_noise(points, 0.2, key(seed, 12)) * np.float32(0.5)
    return np.asarray(total * (1 + np.float32(0.09) * rough), np.float32)


def yearly_rain(points: Points, seed: int) -> Floats:
    """Mean rain and snow of a year, mm: the table, bent and roughened so that no lattice shows."""
    stencil = Stencil.of(points, FINE_STEP)
    table = _fine_rain()
    # the stencil counts from longitude 0 and latitude 0
    i0 = stencil.west - round(RAIN_WEST / FINE_STEP)
    j0 = stencil.south - round(RAIN_SOUTH / FINE_STEP)
    columns = np.clip(np.arange(i0, i0 + stencil.columns), 0, table.shape[1] - 1)
    rows = np.clip(np.arange(j0, j0 + stencil.rows), 0, table.shape[0] - 1)
    log_rain = stencil.blend(np.ascontiguousarray(table[np.ix_(rows, columns)]))
    for number, (spacing, share) in enumerate(((2.3, 0.11), (0.9, 0.08), (0.3, 0.05))):
        log_rain += np.float32(share) * value_noise(points, spacing, key(seed, 21 + number))
    return np.exp(log_rain)


FINE_STEP = 0.5


@cache
def _fine_rain() -> Floats:
    """Logarithm of the table of rain on a half-degree lattice, by cubic (Catmull-Rom) interpolation."""
    coarse = np.log(np.array(RAIN_TABLE.split(), float).reshape(10, 18))
    steps = round(RAIN_STEP / FINE_STEP)
    fine = _cubic(coarse.shape[0], steps) @ coarse @ _cubic(coarse.shape[1], steps).T
    return np.asarray(fine, np.float32)


def _cubic(count: int, steps: int) -> NDArray[np.float64]:
    weights = np.zeros(((count - 1) * steps + 1, count))
    for row in range(weights.shape[0]):
        node = min(row // steps, count - 2)
        t = row / steps - node
        basis = (
            -t + 2 * t**2 - t**3,
            2 - 5 * t**2 + 3 * t**3,
            t + 4 * t**2 - 3 * t**3,
            t**3 - t**2,
        )
        for offset, value in zip((-1, 0, 1, 2), basis, strict=True):
            weights[row, min(max(node + offset, 0), count - 1)] += value / 2
    return weights


@cache
def outline() -> MultiPolygon:
    """The land, longitude 0..360."""
    land = MultiPolygon([Polygon(ring) for ring in (MAINLAND, JAPAN, HOKKAIDO, SAKHALIN)])
    shapely.prepare(land)
    return land
