"""What people did to the land: patches of decline, breaks, recovery and conversion, and practice sites.

In the world `easy` each block of a quarter degree may hold one ellipse with a rough edge; what it is, how big, when
and how strong follow from the hash of the block. The other worlds have patches of many sizes
(`offline.landscape.changes.patchwork`) and losses in common over wide areas (`offline.landscape.changes.wide`). A size
is always a fraction of the growing-season (May to September) mean NDVI under mean weather: -0.3 is a loss of 30 %.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offline.landscape import cover, geography
from offline.landscape.changes import patchwork
from offline.landscape.changes.patches import (
    BREAK,
    CONVERSION,
    DECLINE,
    KINDS,
    KM_PER_DEGREE,
    NONE,
    PRACTICE,
    RECOVERY,
    Patches,
    becomes,
    effect,
)
from offline.landscape.changes.wide import WideLosses, wide_losses
from offline.landscape.climate import Normals, normals
from offline.landscape.noise import Floats, key, node_hash, uniform, value_noise
from offline.landscape.points import Points, at
from offline.landscape.sites import FIELD_RADIUS_KM, SITES, YEARS_TO_SETTLE, Layout, PlantedSite, field
from offline.landscape.world import World

__all__ = [
    "BREAK", "CONVERSION", "DECLINE", "KINDS", "KM_PER_DEGREE", "NONE", "PRACTICE", "RECOVERY", "Patches", "Planted",
    "plant",
]  # fmt: skip

BLOCK = 0.25
"""Degrees; a patch reaches at most one block beyond its own."""

SMALLEST_KM, LARGEST_KM = 4.5, 12.0
LEAST_ROUGH = np.float32(0.72)
"""The edge of an ellipse bulges to at most 1 / 0.72 of its radius, so that no patch outgrows its neighbours."""


@dataclass(frozen=True)
class Planted:
    """Patches around some points, and the row of the table that holds at each point (0: nothing)."""

    patches: Patches
    row: NDArray[np.intp]
    practice_site: NDArray[np.int16]
    """1-based index into `sites`; 0 elsewhere"""
    sites: tuple[PlantedSite, ...]
    on_top: NDArray[np.intp] | None = None
    """Row of a practice that works on top of whatever else is planted (0: none); None where there is none at all"""
    wide: WideLosses | None = None
    """Losses in common over wide areas; None where no point has one"""

    def level(self, time: float) -> Floats:
        """Change of growing-season NDVI at each point at a time (years, fractions allowed), as a fraction."""
        levels = self.patches.level(time)
        own = levels[self.row] if self.on_top is None else levels[self.row] + levels[self.on_top]
        if self.wide is None:
            return own
        # both together; where one is 0 the other is left to its last bit, as in a window without wide losses
        common = self.wide.level(time)
        return own + common * (own + np.float32(1))

    def common(self, time: float) -> Floats:
        """The part of `level` that wide areas have in common."""
        return np.zeros(self.row.shape, np.float32) if self.wide is None else self.wide.level(time)


def plant(
    points: Points, classes: NDArray[np.uint8], normal: Normals, seed: int, layout: Layout, world: World
) -> Planted:
    """Find what is planted at each point; `classes` are the original IGBP classes there.

    Sites of the list take the place of what else is planted; those of the layout "evidence" come on top of it, so
    that land under a practice and land without one suffer alike.
    """
    patches, row, wide = _changes(points, normal, classes, seed, world)
    row[~_suits(patches, row, classes)] = 0
    row[(classes == cover.WATER) | (classes == cover.SNOW)] = 0
    if layout == "practices":
        site = _site_numbers(points, SITES, classes)
        # as wide numbers: a large area has more patches than two bytes can count
        row[site > 0] = patches.kind.size - 1 + site[site > 0].astype(np.intp)
        return Planted(patches.and_then(_site_table(SITES)), row, site, SITES, wide=wide)
    if layout == "untouched":
        return Planted(patches, row, np.zeros(points.shape, np.int16), (), wide=wide)
    margin = FIELD_RADIUS_KM[1] / KM_PER_DEGREE
    wider = margin / np.cos(np.deg2rad(min(float(np.abs(points.lat).max()) + margin, 80.0)))
    around = (points.lon.min() - wider, points.lat.min() - margin, points.lon.max() + wider, points.lat.max() + margin)
    sites = field(*map(float, around), seed=seed)
    site = _site_numbers(points, sites, classes)
    on_top = np.where(site > 0, patches.kind.size - 1 + site.astype(np.intp), 0)
    return Planted(patches.and_then(_site_table(sites)), row, site, sites, on_top, wide)


Bounds = tuple[float, float, float, float]
LANDSCAPE: Bounds = (geography.WEST, geography.SOUTH, geography.EAST, geography.NORTH)
"""West, south, east and north of the whole landscape, degrees."""


def large(seed: int, world: World, bounds: Bounds = LANDSCAPE) -> Patches:
    """The patches whose blocks meet a box, in harder worlds those of the coarsest lattice; centres lie anywhere."""
    if world.changes is not None:
        return patchwork.large(seed, world.changes, bounds)
    west, south, east, north = (int(np.floor(each / BLOCK)) for each in bounds)
    return _patches(west, south, north + 1 - south, east + 1 - west, seed)


def _changes(
    points: Points, normal: Normals, classes: NDArray[np.uint8], seed: int, world: World
) -> tuple[Patches, NDArray[np.intp], WideLosses | None]:
    """Patches, their row at each point, and losses in common where there are some."""
    if world.changes is None:
        return *_of_quarter_degrees(points, seed), None
    patches, row = patchwork.rows(points, seed, world.changes)
    wide = wide_losses(points, normal, seed, world.changes)
    row[wide.calm] = 0
    return patches, row, wide if wide.any else None


def _of_quarter_degrees(points: Points, seed: int) -> tuple[Patches, NDArray[np.intp]]:
    i = np.floor(points.lon / BLOCK).astype(np.intp)
    j = np.floor(points.lat / BLOCK).astype(np.intp)
    west, south = int(i.min()) - 1, int(j.min()) - 1
    columns, rows = int(i.max()) + 2 - west, int(j.max()) + 2 - south
    patches = _patches(west, south, rows, columns, seed)
    return patches, _nearest(points, patches, i - west, j - south, columns, seed)


def _patches(west: int, south: int, rows: int, columns: int, seed: int) -> Patches:
    columns_at, rows_at = np.meshgrid(np.arange(west, west + columns), np.arange(south, south + rows))
    i, j = columns_at.ravel(), rows_at.ravel()

    def draw(stream: int, low: float = 0.0, high: float = 1.0) -> Floats:
        values = uniform(node_hash(i, j, key(seed, 60 + stream)))
        return np.asarray(low + (high - low) * values, np.float32)

    lon, lat = (i + draw(1)) * BLOCK, (j + draw(2)) * BLOCK
    centres = at(lon, lat)
    climate = normals(centres, seed)
    classes = cover.original(centres, climate, seed)
    pressure = 0.86 + 0.2 * value_noise(centres, 3.5, key(seed, 60))
    dryland = (climate.aridity > 0.09) & (climate.aridity < 0.75) & geography.land(centres)
    pressure = np.where(dryland, pressure, np.where(climate.aridity >= 0.75, 0.25, 0.06))
    occupied = draw(3) < pressure
    what = draw(4)
    kind = np.select([what < 0.40, what < 0.60, what < 0.77], [DECLINE, BREAK, RECOVERY], CONVERSION)
    new_class = np.where(kind == CONVERSION, becomes(classes, climate.aridity, draw(5)), 0)
    kind = np.where(occupied & ((kind != CONVERSION) | (new_class > 0)), kind, NONE)
    strength = draw(6)
    size = np.select(
        [kind == DECLINE, kind == BREAK, kind == RECOVERY, kind == CONVERSION],
        [
            -(0.15 + 0.30 * strength),
            -(0.15 + 0.35 * strength),
            0.15 + 0.30 * strength,
            effect(new_class, strength),
        ],
        0.0,
    )
    major = SMALLEST_KM * (LARGEST_KM / SMALLEST_KM) ** draw(7)
    sudden = (kind == BREAK) | (kind == CONVERSION)
    year = np.where(sudden, 2004 + draw(8, 0, 17), 2001 + draw(8, 0, 11))
    table = Patches.simple(
        kind=kind.astype(np.int8),
        lon=np.asarray(lon, np.float64),
        lat=np.asarray(lat, np.float64),
        major_km=major.astype(np.float32),
        minor_km=(major * draw(9, 0.55, 1.0)).astype(np.float32),
        angle=draw(10, 0.0, float(np.pi)),
        year=year.astype(np.int16),
        duration=draw(11, 8.0, 16.0),
        size=size.astype(np.float32),
        new_class=new_class.astype(np.uint8),
    )
    return Patches.nothing().and_then(table)


def _nearest(
    points: Points,
    patches: Patches,
    i: NDArray[np.intp],
    j: NDArray[np.intp],
    columns: int,
    seed: int,
) -> NDArray[np.intp]:
    """Row of the patch in which a point lies, the one whose centre is nearest in units of its radius."""
    rough = np.maximum(1 + np.float32(0.17) * value_noise(points, 0.06, key(seed, 58)), LEAST_ROUGH)
    best = np.ones(points.shape, np.float32)
    row = np.zeros(points.shape, np.intp)
    north, east = patches.lat.astype(np.float32), patches.lon.astype(np.float32)
    lat, lon = points.lat.astype(np.float32), points.lon.astype(np.float32)
    scale = np.float32(KM_PER_DEGREE) * np.cos(np.deg2rad(north))
    cos_major = np.cos(patches.angle) / patches.major_km
    sin_major = np.sin(patches.angle) / patches.major_km
    cos_minor = np.cos(patches.angle) / patches.minor_km
    sin_minor = np.sin(patches.angle) / patches.minor_km
    for dj in (-1, 0, 1):
        for di in (-1, 0, 1):
            candidate = 1 + (j + dj) * columns + (i + di)
            x = (lon - east[candidate]) * scale[candidate]
            y = (lat - north[candidate]) * np.float32(KM_PER_DEGREE)
            along = x * cos_major[candidate] + y * sin_major[candidate]
            across = y * cos_minor[candidate] - x * sin_minor[candidate]
            distance = np.sqrt(along * along + across * across) * rough
            distance[patches.kind[candidate] == NONE] = 9.0
            nearer = distance < best
            best[nearer] = distance[nearer]
            row[nearer] = candidate[nearer]
    return row


def _suits(patches: Patches, row: NDArray[np.intp], classes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """A conversion takes only the land it is about: grassland, or cropland where that is given up."""
    new = patches.new_class[row]
    group = cover.UNCCD[classes]
    of_crop = (new == cover.GRASSLAND) & (group == cover.CROP)
    return (patches.kind[row] != CONVERSION) | of_crop | ((new != cover.GRASSLAND) & (group == cover.GRASS))


def _site_numbers(points: Points, sites: tuple[PlantedSite, ...], classes: NDArray[np.uint8]) -> NDArray[np.int16]:
    """1-based number of the site in which a point lies, the last of several; 0 elsewhere and in water."""
    site_numbers = np.zeros(points.shape, np.int16)
    for number, planted_site in enumerate(sites):
        x = (points.lon - planted_site.lon) * KM_PER_DEGREE * np.cos(np.deg2rad(planted_site.lat))
        y = (points.lat - planted_site.lat) * KM_PER_DEGREE
        if np.abs(x).min() > planted_site.radius_km or np.abs(y).min() > planted_site.radius_km:
            continue
        here = (x * x + y * y < planted_site.radius_km**2) & (classes != cover.WATER)
        site_numbers[here] = number + 1
    return site_numbers


def _site_table(sites: tuple[PlantedSite, ...]) -> Patches:
    n = len(sites)
    return Patches.simple(
        kind=np.full(n, PRACTICE, np.int8),
        lon=np.array([s.lon for s in sites], float),
        lat=np.array([s.lat for s in sites], float),
        major_km=np.array([s.radius_km for s in sites], np.float32),
        minor_km=np.array([s.radius_km for s in sites], np.float32),
        angle=np.zeros(n, np.float32),
        year=np.array([s.start_year for s in sites], np.int16),
        duration=np.full(n, YEARS_TO_SETTLE, np.float32),
        size=np.array([s.effect for s in sites], np.float32),
        new_class=np.zeros(n, np.uint8),
    )
