"""Patches of change of many sizes, 0.5 to 20 km across, in the worlds `real` and `hard`.

Each block of three lattices (0.25, 0.08 and 0.025 degrees) may hold one patch with a rough edge; where it lies, what it
is, how strong and by which course follow from the hash of the block. A point takes the patch of the coarsest lattice
that covers it, and of that the one whose centre is nearest in units of its radius. How many blocks are taken follows
from a pressure that is smooth over some 3.5 degrees: some regions are much changed, others hardly.
"""

from dataclasses import replace
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from offline.landscape import cover, geography
from offline.landscape.changes.courses import APPROACH, ONSET, PASSING, RAMP, STEP
from offline.landscape.changes.patches import (
    BREAK,
    CONVERSION,
    DECLINE,
    KM_PER_DEGREE,
    RECOVERY,
    Patches,
    becomes,
    effect,
)
from offline.landscape.climate import normals
from offline.landscape.noise import Floats, Hashes, key, node_hash, scramble, scrambled, uniform, value_noise
from offline.landscape.points import Points, at
from offline.landscape.world import PlantedChanges

SIDES = (0.25, 0.08, 0.025)
"""Sides of the blocks in degrees."""

RADII_KM = ((4.0, 10.0), (1.25, 4.0), (0.25, 1.25))
"""Least and largest long radius of the patches in each lattice."""

ROUGH = (0.13, 0.09)
"""The edge swings by these parts of the radius, three and five times around, so that a patch reaches 1.22 radii."""

FURTHEST_YEAR = 2022
FIRST_START = 1992
"""Gradual changes start in some year from this one on: many were under way when the record begins."""

EARLY, LATE = 1996, 2022
"""Sudden changes happen from `EARLY` to before `LATE`."""


def rows(points: Points, seed: int, of: PlantedChanges) -> tuple[Patches, NDArray[np.intp]]:
    """The patches that cover some of the points, after a row for "nothing planted", and the row at each point."""
    found = _covering(points, seed, of)
    unique, inverse = np.unique(found, return_inverse=True)
    inside = unique >= 0
    row = inverse.reshape(points.shape).astype(np.intp) + int(inside.all())
    patches = replace(Patches.nothing(), plain=False)
    return (patches.and_then(_drawn(unique[inside], seed, of)) if inside.any() else patches), row


def large(seed: int, of: PlantedChanges, bounds: tuple[float, float, float, float]) -> Patches:
    """The patches of the coarsest lattice whose blocks meet a box of degrees, whether points of theirs are land or not.

    `bounds`: west, south, east, north.
    """
    side = SIDES[0]
    west, south, east, north = (int(np.floor(each / side)) for each in bounds)
    i, j = np.meshgrid(np.arange(west, east + 1), np.arange(south, north + 1))
    pressure = _pressure(west, south, *i.shape, seed, of.pressure_spread)
    base = node_hash(i, j, key(seed, 170, 0))
    taken = uniform(scramble(base ^ _streams()[0])) < np.minimum(of.cover[0] * pressure.astype(np.float64), 0.95)
    return _drawn((j[taken] * _ACROSS + i[taken]).astype(np.int64), seed, of)


def _covering(points: Points, seed: int, of: PlantedChanges) -> NDArray[np.int64]:
    """The number of the patch at each point, -1 without."""
    full = points.full
    lon, lat = full.lon.ravel(), full.lat.ravel()
    side = SIDES[0]
    west, south = int(np.floor(lon.min() / side)) - 2, int(np.floor(lat.min() / side)) - 2
    columns, rows = int(np.floor(lon.max() / side)) + 3 - west, int(np.floor(lat.max() / side)) + 3 - south
    pressure = _pressure(west, south, rows, columns, seed, of.pressure_spread)
    salts = np.array([key(seed, 170, number) for number in range(len(SIDES))], np.uint32)
    return covering(
        lon,
        lat,
        pressure,
        west,
        south,
        salts,
        np.array(SIDES),
        np.log(np.array(RADII_KM)),
        np.array(of.cover),
        _streams(),
    )


def _pressure(west: int, south: int, rows: int, columns: int, seed: int, spread: float) -> Floats:
    """Factor on the share of blocks that hold a patch, by block of 0.25 degrees."""
    lon = (np.arange(west, west + columns) + 0.5) * SIDES[0]
    lat = (np.arange(south, south + rows) + 0.5) * SIDES[0]
    centres = at(lon[None, :], lat[:, None])
    climate = normals(centres, seed)
    uneven = np.exp(spread * value_noise(centres, 3.5, key(seed, 171)) - 0.5 * spread**2)
    dryland = (climate.aridity > 0.09) & (climate.aridity < 0.75) & geography.land(centres)
    factor = np.where(dryland, 1.0, np.where(climate.aridity >= 0.75, 0.3, 0.08))
    return np.ascontiguousarray(uneven * factor, np.float32)


def _drawn(numbers: NDArray[np.int64], seed: int, of: PlantedChanges) -> Patches:
    """The patches of some numbers."""
    i, j, lattice = numbers % _ACROSS, numbers // _ACROSS % _ACROSS, numbers // _ACROSS**2
    base = np.zeros(numbers.shape, np.uint32)
    for each in range(len(SIDES)):
        chosen = lattice == each
        base[chosen] = node_hash(i[chosen], j[chosen], key(seed, 170, each))

    def draw(stream: int, low: float = 0.0, high: float = 1.0) -> Floats:
        values = uniform(scramble(base ^ _streams()[stream]))
        return np.asarray(low + (high - low) * values, np.float32)

    side = np.array(SIDES)[lattice]
    lon, lat = (i + draw(1)) * side, (j + draw(2)) * side
    radii = np.log(np.array(RADII_KM))[lattice]
    major = np.exp(radii[:, 0] + (radii[:, 1] - radii[:, 0]) * draw(3))
    centres = at(lon, lat)
    climate = normals(centres, seed)
    classes = cover.original(centres, climate, seed)
    what = draw(8)
    new_class = becomes(classes, climate.aridity, draw(9))
    converts = (what < of.conversions) & (new_class > 0)
    loses = what < of.conversions + of.losses
    drawn = np.searchsorted(np.cumsum(of.courses)[:-1], draw(10), side="right")
    course = np.array([STEP, RAMP, APPROACH, ONSET, PASSING], np.int8)[drawn]
    # land that gains does not lose it again within the record
    course = np.where(converts | (~loses & (course == PASSING)), STEP, course).astype(np.int8)
    sudden = (course == STEP) | (course == PASSING)
    kind = np.select([converts, ~loses, sudden], [CONVERSION, RECOVERY, BREAK], DECLINE)
    strength = draw(11)
    size = np.select(
        [converts, loses],
        [effect(new_class, strength), -exponential(strength, of.mean_loss, of.smallest, of.largest_loss)],
        exponential(strength, of.mean_gain, of.smallest, of.largest_gain),
    )
    start = np.where(sudden, EARLY + draw(12) * (LATE - EARLY), FIRST_START + draw(12) * (FURTHEST_YEAR - FIRST_START))
    start = np.where(converts, 2001 + draw(12) * 21, start)
    return Patches(
        kind=kind.astype(np.int8),
        lon=np.asarray(lon, np.float64),
        lat=np.asarray(lat, np.float64),
        major_km=major.astype(np.float32),
        minor_km=(major * (0.5 + 0.5 * draw(4))).astype(np.float32),
        angle=draw(5, 0.0, float(np.pi)),
        year=start.astype(np.int16),
        duration=draw(13, 2.0, 20.0),
        size=size.astype(np.float32),
        new_class=np.where(converts, new_class, 0).astype(np.uint8),
        course=course,
        recovery=np.where(course == PASSING, np.minimum(draw(14, 0.3, 1.3), 1), 0).astype(np.float32),
        pace=draw(15, 3.0, 15.0),
    )


def exponential(draw: Floats, mean: float, low: float, high: float) -> Floats:
    """Sizes whose density falls with size, from uniform values: exponential between two limits."""
    first, last = np.exp(-low / mean), np.exp(-high / mean)
    return np.asarray(-mean * np.log(first - (first - last) * draw), np.float32)


_ACROSS = 2**16


@cache
def _streams() -> Hashes:
    """What distinguishes the draws of one block."""
    return np.array([key(172, number) for number in range(16)], np.uint32)


@njit(cache=True, nogil=True)
def _drawn_one(base: np.uint32, stream: np.uint32) -> float:  # pragma: no cover - compiled
    """A value in [0, 1) of a block, as `uniform` has it."""
    return float(scrambled(np.uint32(base ^ stream)) >> np.uint32(8)) * 2.0**-24


@njit(cache=True, nogil=True)
def covering(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    pressure: Floats,
    west: int,
    south: int,
    salts: Hashes,
    sides: NDArray[np.float64],
    radii: NDArray[np.float64],
    cover_shares: NDArray[np.float64],
    streams: Hashes,
) -> NDArray[np.int64]:  # pragma: no cover - compiled
    """The number of the patch at each point, (lattice, j, i) in one, -1 without."""
    numbers = np.full(lon.size, -1, np.int64)
    for n in range(lon.size):
        per_degree = KM_PER_DEGREE * np.cos(np.deg2rad(lat[n]))
        for lattice in range(sides.size):
            side = sides[lattice]
            i0, j0 = int(np.floor(lon[n] / side)), int(np.floor(lat[n] / side))
            best = 1.0
            for dj in range(-1, 2):
                for di in range(-1, 2):
                    i, j = i0 + di, j0 + dj
                    row = int(np.floor((j + 0.5) * side / sides[0])) - south
                    column = int(np.floor((i + 0.5) * side / sides[0])) - west
                    base = scrambled(np.uint32(np.uint32(i) ^ salts[lattice]))
                    base = scrambled(np.uint32(base + np.uint32(np.uint32(j) * np.uint32(0x9E3779B1))))
                    if _drawn_one(base, streams[0]) >= min(cover_shares[lattice] * pressure[row, column], 0.95):
                        continue
                    x = (lon[n] - (i + _drawn_one(base, streams[1])) * side) * per_degree
                    y = (lat[n] - (j + _drawn_one(base, streams[2])) * side) * KM_PER_DEGREE
                    low, high = radii[lattice, 0], radii[lattice, 1]
                    major = np.exp(low + (high - low) * _drawn_one(base, streams[3]))
                    if x * x + y * y > (1.25 * major) ** 2:
                        continue
                    minor = major * (0.5 + 0.5 * _drawn_one(base, streams[4]))
                    angle = _drawn_one(base, streams[5]) * np.pi
                    along = (x * np.cos(angle) + y * np.sin(angle)) / major
                    across = (y * np.cos(angle) - x * np.sin(angle)) / minor
                    around = np.arctan2(across, along)
                    edge = 1 + ROUGH[0] * np.sin(3 * around + 2 * np.pi * _drawn_one(base, streams[6]))
                    edge += ROUGH[1] * np.sin(5 * around + 2 * np.pi * _drawn_one(base, streams[7]))
                    distance = np.hypot(along, across) / edge
                    if distance < best:
                        best = distance
                        numbers[n] = (lattice * 65536 + j) * 65536 + i
            if best < 1.0:
                break
    return numbers
