"""Land cover before anything changed: IGBP classes (MCD12Q1 LC_Type1, 1..17) that fit the climate."""

import numpy as np
from numpy.typing import NDArray

from offline.landscape import geography
from offline.landscape.climate import Normals
from offline.landscape.noise import cell_hash, gaussian, key, uniform, value_noise
from offline.landscape.points import Points

Classes = NDArray[np.uint8]

DECIDUOUS_NEEDLELEAF, DECIDUOUS_BROADLEAF, MIXED_FOREST = 3, 4, 5
OPEN_SHRUBLAND, WOODY_SAVANNA, SAVANNA, GRASSLAND, WETLAND = 7, 8, 9, 10, 11
CROPLAND, URBAN, CROP_MOSAIC, SNOW, BARREN, WATER = 12, 13, 14, 15, 16, 17

TREE, GRASS, CROP, WET, ARTIFICIAL, OTHER, OPEN_WATER = 1, 2, 3, 4, 5, 6, 7

UNCCD = np.array([0, 1, 1, 1, 1, 1, 2, 2, 1, 2, 2, 4, 3, 5, 3, 6, 6, 7], np.uint8)
"""UNCCD class (1..7) of an IGBP class used as index; 0 is no data."""

# longitude, latitude, half-widths in degrees, and how thoroughly it is ploughed (0..1)
FARMLAND = (
    (124.8, 45.0, 3.0, 2.5, 1.0),
    (116.5, 36.0, 3.5, 3.0, 1.0),
    (108.5, 35.3, 3.5, 1.6, 0.8),
    (108.0, 40.7, 1.4, 0.4, 0.9),
    (100.5, 38.9, 2.5, 0.5, 0.7),
    (106.4, 38.4, 0.4, 0.7, 0.9),
    (80.5, 52.5, 4.5, 1.6, 0.9),
    (113.0, 41.0, 2.0, 0.7, 0.6),
    (116.5, 50.6, 2.5, 0.7, 0.45),
    (106.0, 49.6, 1.5, 0.7, 0.5),
    (126.0, 39.2, 0.8, 1.2, 0.7),
    (127.3, 36.0, 0.9, 0.9, 0.7),
    (83.0, 41.3, 3.5, 0.35, 0.6),
    (87.0, 44.3, 2.5, 0.4, 0.7),
)


def original(points: Points, normal: Normals, seed: int) -> Classes:
    """IGBP class of each point at the start; water (17) at sea and in lakes."""
    dry = np.log(normal.aridity) + 0.10 * value_noise(points, 0.06, key(seed, 41))
    dry += np.float32(0.07) * gaussian(cell_hash(points, key(seed, 42)))
    aridity, warmth = np.exp(dry), normal.temperature
    classes = np.full(points.shape, GRASSLAND, np.uint8)
    classes[aridity < 0.19] = OPEN_SHRUBLAND
    classes[aridity < 0.115] = BARREN
    woody = aridity > 0.60
    classes[woody] = SAVANNA
    classes[aridity > 0.66] = WOODY_SAVANNA
    forest = aridity > 0.72
    classes[forest] = MIXED_FOREST
    classes[forest & (warmth < 0.5)] = DECIDUOUS_NEEDLELEAF
    classes[forest & (warmth > 5.0)] = DECIDUOUS_BROADLEAF
    classes[(warmth < -7.0) & (normal.height > 2800)] = SNOW
    patchy = value_noise(points, 0.11, key(seed, 43))
    wet = (patchy > 2.0) & (aridity > 0.35) & (aridity < 1.2) & (normal.height < 1500)
    classes[wet] = WETLAND
    farmed = _farmed(points, normal, seed)
    classes[farmed] = CROPLAND
    classes[value_noise(points, 0.045, key(seed, 44)) > np.where(farmed, 2.3, 3.2)] = URBAN
    classes[geography.lake(points) | ~geography.land(points)] = WATER
    return classes


def observed(truth: Classes, points: Points, year: int, seed: int) -> Classes:
    """What a classifier would say in one year: 1.5 % of pixels confused with a like class.

    Most confusions stay inside one UNCCD class (grassland, open shrubland, savanna); about 0.3 % do not.
    """
    draw = uniform(cell_hash(points, key(seed, 45, year)))
    seen = truth.copy()
    for wrong, limit in ((_LIKE, 0.015), (_UNLIKE, 0.003)):
        confused = draw < limit
        seen[confused] = wrong[truth[confused]]
    return seen


def _swap(**pairs: int) -> Classes:
    table = np.arange(18, dtype=np.uint8)
    for name, value in pairs.items():
        table[int(name[1:])] = value
    return table


_LIKE = _swap(c3=5, c4=5, c5=4, c7=10, c9=10, c10=7, c8=5, c12=14)
_UNLIKE = _swap(c16=7, c7=16, c10=12, c12=10, c8=9, c9=8)


def _farmed(points: Points, normal: Normals, seed: int) -> NDArray[np.bool_]:
    lon, lat = points.lon.astype(np.float32), points.lat.astype(np.float32)
    share = np.zeros(points.shape, np.float32)
    for east, north, across, along, strength in FARMLAND:
        x = np.exp(-0.5 * ((lon - np.float32(east)) / np.float32(across)) ** 2)
        y = np.exp(-0.5 * ((lat - np.float32(north)) / np.float32(along)) ** 2)
        share += np.float32(strength) * x * y
    fields = 0.75 * value_noise(points, 0.4, key(seed, 46)) + 0.6 * value_noise(points, 0.07, key(seed, 47))
    wanted = np.asarray(2.6 - 2.9 * np.minimum(share, 1.0), np.float32)
    fit = (normal.temperature > -3.0) & (normal.height < 2300) & (normal.aridity < 1.4)
    return np.asarray((fields > wanted) & fit & (share > 0.1))
