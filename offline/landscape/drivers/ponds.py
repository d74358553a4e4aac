"""Ponds in the middle of patches, which dry up when somebody takes their water.

The few ponds near some points are listed, as lakes are: what is planted is asked for only within them, as it takes long
at the many points of a map of water.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offline.landscape import planted
from offline.landscape.changes.patches import Patches
from offline.landscape.drivers.causes import pond_years
from offline.landscape.drivers.marks import grown, within
from offline.landscape.noise import Floats
from offline.landscape.points import Points, at
from offline.landscape.scene import Scene

POND = 0.2
"""Part of a patch's area that was water before somebody took it."""

DRY = (2, 3)
"""Years in which a pond dries up, least and most."""

REACH = 0.3
"""Degrees around some points within which the middle of a patch may lie whose pond reaches them."""


@dataclass(frozen=True)
class Ponds:
    """The points that are in ponds: their places in the flat array of all points, their patches, and how far inside."""

    patches: Patches
    since: NDArray[np.int16]
    place: NDArray[np.intp]
    row: NDArray[np.intp]
    inward: Floats


def water(scene: Scene, year: int) -> NDArray[np.bool_]:
    """Where there is a pond in a year."""
    ponds: Ponds = scene.kept.get("ponds", lambda: _ponds(scene))
    wet = np.zeros(scene.points.shape, bool)
    if ponds.place.size:
        left = POND * (1 - grown(ponds.patches, scene.seed, ponds.since, year, 12, DRY))
        wet.ravel()[ponds.place] = ponds.inward**2 < left[ponds.row]
    return wet


def _ponds(scene: Scene) -> Ponds:
    points = scene.points
    west, south, east, north = points.lon.min(), points.lat.min(), points.lon.max(), points.lat.max()
    bounds = float(west) - REACH, float(south) - REACH, float(east) + REACH, float(north) + REACH
    patches = planted.large(scene.seed, scene.world, bounds)
    since = pond_years(patches, scene.seed)
    parts = [_of_patch(points, patches, int(number)) for number in np.flatnonzero(since > 0)]
    place = np.concatenate([np.zeros(0, np.intp), *(each for each, _ in parts)])
    inward = np.concatenate([np.zeros(0, np.float32), *(each for _, each in parts)])
    row = np.repeat(np.flatnonzero(since > 0), [each.size for each, _ in parts])
    own = _own(scene, patches, place, row) if place.size else np.zeros(0, bool)
    return Ponds(patches, since, place[own], row[own], inward[own])


def _of_patch(points: Points, patches: Patches, number: int) -> tuple[NDArray[np.intp], Floats]:
    """The points of a pond when it is full, and how far they are from its middle."""
    lat, reach = float(patches.lat[number]), float(patches.major_km[number]) / planted.KM_PER_DEGREE
    east = np.abs(points.lon - patches.lon[number]) <= reach / np.cos(np.deg2rad(lat))
    north = np.abs(points.lat - lat) <= reach
    if points.rectilinear:
        place = (np.flatnonzero(north)[:, None] * points.shape[1] + np.flatnonzero(east)[None, :]).ravel()
    else:
        place = np.flatnonzero(np.broadcast_to(east & north, points.shape))
    distance, _ = within(*_degrees(points, place), patches, np.full(place.shape, number))
    near = distance**2 < POND
    return place[near], distance[near]


def _degrees(points: Points, place: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Longitude and latitude of points by their places in the flat array."""
    if points.rectilinear:
        return points.lon[0, place % points.shape[1]], points.lat[place // points.shape[1], 0]
    return points.full.lon.ravel()[place], points.full.lat.ravel()[place]


def _own(scene: Scene, patches: Patches, place: NDArray[np.intp], row: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which points are land of the patch in whose pond they lie, and of no other."""
    there = Scene(at(*_degrees(scene.points, place)), scene.seed, scene.layout, scene.world).planted
    same = there.patches.lon[there.row] == patches.lon[row]
    return np.asarray((there.row > 0) & same & (there.patches.lat[there.row] == patches.lat[row]))
