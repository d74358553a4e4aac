"""Outlines of the mines of the whole landscape, as a map of some date draws them."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from offline.landscape import planted
from offline.landscape.changes.patches import KM_PER_DEGREE, Patches
from offline.landscape.drivers.causes import MINING, of_patches
from offline.landscape.drivers.marks import mine_edge, phases
from offline.landscape.noise import Floats
from offline.landscape.points import at
from offline.landscape.scene import Scene
from offline.landscape.sites import Layout
from offline.landscape.world import World

LAST_SEEN = 2017
"""Mines that open later are not in the map, which was drawn of images of 2017 and 2018."""

CORNERS = 36
OWN = 0.75
"""Part of a mine's area that must be land of its patch: others are in a lake, at sea, or in what another patch took."""

_PROBED = (0.0, 0.5, 0.9)
"""Parts of the radius at which land is probed in every direction."""


@lru_cache(maxsize=4)
def outlines(seed: int, layout: Layout, world: World) -> tuple[tuple[Polygon, int], ...]:
    """Outline in longitude and latitude, and first year, of each mine that the map has."""
    patches = planted.large(seed, world)
    causes = of_patches(patches, seed, world.weather)
    mines = np.flatnonzero((causes.cause == MINING) & (causes.year <= LAST_SEEN))
    around = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False).astype(np.float32)
    edge = mine_edge(around, *(each[mines, None] for each in phases(patches, seed)))
    probes = Scene(at(*_places(patches, mines, around, edge, _PROBED)), seed, layout, world).planted
    centre = probes.patches.lon[probes.row], probes.patches.lat[probes.row]
    own = (centre[0] == patches.lon[mines, None]) & (centre[1] == patches.lat[mines, None])
    kept = (own & (probes.row > 0)).mean(axis=1) >= OWN
    lon, lat = _places(patches, mines[kept], around, edge[kept], (1.0,))
    return tuple(zip(_polygons(lon, lat), causes.year[mines[kept]].tolist(), strict=True))


def _places(
    patches: Patches, rows: NDArray[np.intp], around: Floats, edge: Floats, parts: tuple[float, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude at parts of the radius of mines: a row for each mine, a column for each place."""
    reach = np.concatenate([part * edge for part in parts], axis=1)
    direction = np.tile(around, len(parts))
    along = reach * np.cos(direction) * patches.major_km[rows, None]
    across = reach * np.sin(direction) * patches.minor_km[rows, None]
    cos, sin = np.cos(patches.angle[rows, None]), np.sin(patches.angle[rows, None])
    lat = patches.lat[rows, None]
    x, y = along * cos - across * sin, along * sin + across * cos
    return patches.lon[rows, None] + x / (KM_PER_DEGREE * np.cos(np.deg2rad(lat))), lat + y / KM_PER_DEGREE


def _polygons(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Iterator[Polygon]:
    """A polygon of each row, its longitude up to 180 degrees where its middle is east of it."""
    turn = np.where(lon.mean(axis=1, keepdims=True) > 180, 360.0, 0.0)
    return (Polygon(corners) for corners in np.stack([lon - turn, lat], axis=2))
