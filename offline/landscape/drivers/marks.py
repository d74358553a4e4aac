"""Marks that causes leave within their patches: herds that grow, fire, mines with lights; ponds have their own module.

Nothing outside of a patch's points is marked, and a mark begins with the first year of its cause
(`offline.landscape.drivers.causes`). What a cause did to the vegetation is in the patch itself, and not here.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from offline.landscape.changes.patches import KM_PER_DEGREE, Patches
from offline.landscape.drivers.causes import FIRE, GRAZING, MINING, Causes, draw
from offline.landscape.noise import Floats
from offline.landscape.planted import Planted
from offline.landscape.points import Points
from offline.model.lazy import lazy

HERDS = (2.0, 3.5)
"""Factors on the herds of a patch, least and largest."""

HERDS_RISE, LIGHTS_RISE = (1, 3), (1, 2)
"""Years from the first year of a cause to its full mark, least and most."""

BURNT_FROM = -0.8
"""Edge noise (Gaussian) from which a place in a burning patch burns: four places in five."""

MINE = 0.5
"""Radius of a mine, part of the patch's."""

MINE_ROUGH = (0.13, 0.09)
"""The edge of a mine swings by these parts of its radius, three and five times around."""

LIGHT = (12.0, 30.0)
"""Night lights of mines, nW / (cm2 sr)."""


class Marks:
    """The marks at some points; `causes` belong to the rows of `planted.patches`."""

    def __init__(self, points: Points, planted: Planted, causes: Causes, seed: int) -> None:
        self._points, self._planted, self._causes, self._seed = points, planted, causes, seed

    def herds(self, year: int) -> Floats:
        """Factor on the herds of a year."""
        strength = self._between(10, *HERDS)
        part = self._grown(self._causes.since(GRAZING), year, 11, HERDS_RISE)
        return np.asarray(1 + (strength - 1) * part, np.float32)[self._planted.row]

    def burns(self, year: int, month: int, edges: Callable[[], Floats]) -> NDArray[np.bool_]:
        """Where a patch burns in a month; `edges` gives Gaussian noise, if something burns."""
        since, causes = self._causes.since(FIRE), self._causes
        first = (since == year) & (causes.fire_month == month)
        again = (since == year - 1) & (causes.fire_again == month)
        burning = (since > 0) & (first | again)
        if not burning.any():
            return np.zeros(self._planted.row.shape, bool)
        return np.asarray(burning[self._planted.row] & (edges() > BURNT_FROM))

    def lights(self, year: int) -> Floats:
        """Night lights of mines in a year, nW / (cm2 sr)."""
        since = np.where(self._causes.cause == MINING, self._causes.year, 0)
        bright = self._between(14, *LIGHT) * self._grown(since, year, 13, LIGHTS_RISE)
        return np.where(self.mined, bright[self._planted.row], 0).astype(np.float32)

    @lazy
    def inward(self) -> Floats:
        """Distance from the middle of a patch with a mine, in units of its radii; infinite elsewhere."""
        return self._places[0]

    @lazy
    def mined(self) -> NDArray[np.bool_]:
        """Within the outline of a mine, whenever it opens."""
        inside = (self._causes.cause == MINING)[self._planted.row]
        swings = (each[self._planted.row[inside]] for each in phases(self._planted.patches, self._seed))
        inside[inside] = self.inward[inside] <= mine_edge(self._places[1][inside], *swings)
        return inside

    @lazy
    def _places(self) -> tuple[Floats, Floats]:
        """Distance and direction from the middle of the patch, where that has a mine."""
        row, patches = self._planted.row, self._planted.patches
        chosen = (self._causes.cause == MINING)[row]
        lon, lat = (np.broadcast_to(each, row.shape)[chosen] for each in (self._points.lon, self._points.lat))
        distance, around = np.full(row.shape, np.inf, np.float32), np.zeros(row.shape, np.float32)
        distance[chosen], around[chosen] = within(lon, lat, patches, row[chosen])
        return distance, around

    def _between(self, stream: int, low: float, high: float) -> Floats:
        return low + (high - low) * draw(self._planted.patches, self._seed, stream)

    def _grown(self, since: NDArray[np.int16], year: int, stream: int, limits: tuple[int, int]) -> Floats:
        return grown(self._planted.patches, self._seed, since, year, stream, limits)


def within(
    lon: NDArray[np.float64], lat: NDArray[np.float64], patches: Patches, rows: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Distance of places from the middle of their patches, in units of its radii, and direction (radians)."""
    x = (lon - patches.lon[rows]) * KM_PER_DEGREE * np.cos(np.deg2rad(patches.lat[rows]))
    y = (lat - patches.lat[rows]) * KM_PER_DEGREE
    angle = patches.angle[rows].astype(np.float64)
    along = (x * np.cos(angle) + y * np.sin(angle)) / patches.major_km[rows]
    across = (y * np.cos(angle) - x * np.sin(angle)) / patches.minor_km[rows]
    return np.hypot(along, across).astype(np.float32), np.arctan2(across, along).astype(np.float32)


def grown(
    patches: Patches, seed: int, since: NDArray[np.int16], year: int, stream: int, limits: tuple[int, int]
) -> Floats:
    """Part of the mark of each patch that has come by a year, 0 to 1, of marks that begin in some year (0: never)."""
    least, most = limits
    years = np.floor(least + (most + 1 - least) * draw(patches, seed, stream))
    return np.where(since > 0, np.clip((year - since.astype(np.int64) + 1) / years, 0, 1), 0).astype(np.float32)


def phases(patches: Patches, seed: int) -> tuple[Floats, Floats]:
    """The two numbers of each patch, radians, that give its mine an edge of its own."""
    full = np.float32(2 * np.pi)
    return full * draw(patches, seed, 16), full * draw(patches, seed, 17)


def mine_edge(around: Floats, first: Floats, second: Floats) -> Floats:
    """Radius of a mine in a direction (radians), in units of its patch's radii."""
    swing = MINE_ROUGH[0] * np.sin(3 * around + first) + MINE_ROUGH[1] * np.sin(5 * around + second)
    return np.asarray(MINE * (1 + swing), np.float32)
