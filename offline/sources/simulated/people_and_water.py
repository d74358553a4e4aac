"""What people change and take, by maps of years: human modification, irrigation, and stored water of GRACE."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from offline.landscape import Scene
from offline.landscape.drivers import irrigation, modification
from offline.landscape.noise import Floats
from offline.landscape.points import at
from offline.sources.simulated.bands import Stored
from offline.sources.simulated.data_sets import degrees
from offline.sources.simulated.spec import SceneTile, Spec, StoredBand, every_month, next_month, next_year, years
from offline.sources.simulated.successors import COMMUNITY, within

TEN_SECONDS = degrees(1 / 360)

CELL_KM2 = 86.0
"""Land of a cell of the irrigation maps."""

LITTLE_KM2, MUCH_KM2 = 1.0, 20.0
"""Irrigated land from which on a cell has some irrigation, and above which it has much."""

ACROSS = 8
"""Points along a side of the land around a cell of the irrigation maps that its class follows from."""

AROUND = 8.0
"""Squares of that land in a degree: a cell and a half, as water of a patch is used beside it, too."""

MASCON = 3.0
"""Degrees along a side of a mascon. Those of JPL are of equal area, and so wider in the north."""

UNSOLVED = {
    2002: (6, 7), 2003: (6,), 2011: (1, 6), 2012: (5, 10), 2013: (3, 8, 9), 2014: (2, 7, 12), 2015: (6, 10, 11),
    2016: (4, 9, 10), 2017: (2, 7, 8, 9, 10, 11, 12), 2018: (1, 2, 3, 4, 5, 8, 9),
}  # fmt: skip
"""Months without a solution: batteries were saved, and from July 2017 to May 2018 no mission flew."""


def modified(threat: str) -> Callable[[Scene, date], Stored]:
    """Human modification by a threat, 0 to 1."""
    return lambda scene, start: (modification.modified(scene, start.year, threat), scene.land)


def irrigation_class(scene: Scene, start: date) -> Stored:
    """0 no or very little irrigation, 1 up to 2,000 hectares of 86 km2, 2 more."""
    finer = within(scene, ACROSS, AROUND)
    share = irrigation.irrigated(finer, start.year).mean(axis=1).reshape(scene.points.shape)
    watered = share * CELL_KM2
    return np.where(watered > MUCH_KM2, 2, np.where(watered >= LITTLE_KM2, 1, 0)), scene.land


def thickness(scene: Scene, start: date) -> Stored:
    """Centimetres of water in the mascon around each point; an image begins on the day before its month."""

    def mascons() -> tuple[Scene, tuple[NDArray[np.intp], NDArray[np.intp]]]:
        full = scene.points.full
        corners = (np.floor(full.lon / MASCON), np.floor(full.lat / MASCON))
        (lon, i), (lat, j) = (np.unique(each, return_inverse=True) for each in corners)
        middles = at((lon[None, :] + 0.5) * MASCON, (lat[:, None] + 0.5) * MASCON)
        return Scene(middles, scene.seed, scene.layout, scene.world), (j, i)

    of_mascons, (row, column) = scene.kept.get("mascons", mascons)
    month = start + timedelta(days=1)
    water: Floats = irrigation.stored_water(of_mascons, 12 * month.year + month.month - 1)
    shape = scene.points.shape
    return water[np.reshape(row, shape), np.reshape(column, shape)], scene.land


def doubt(scene: Scene, start: date) -> Stored:
    """Centimetres."""
    return np.full(scene.points.shape, 1.5, np.float32), scene.land


def solutions(first: date, last: date) -> tuple[date, ...]:
    """Days before the months with a solution, that lie in a span."""
    day = timedelta(days=1)
    months = every_month(first.replace(day=1), last + day)
    return tuple(each - day for each in months if each - day >= first and each.month not in UNSOLVED.get(each.year, ()))


THREATS = tuple(SceneTile(threat, 116.5, 43.6, TEN_SECONDS, None) for threat in modification.THREATS)

PEOPLE_AND_WATER = (
    Spec(
        id=f"{COMMUNITY}/GHM/HM_1990_2020_THREAT_GROUPS_300M",
        title="Global human modification v3, 1990-2020, by threat, 300 m",
        grid=TEN_SECONDS,
        bands=tuple(StoredBand(threat, "float32", modified(threat)) for threat in modification.THREATS),
        starts=tuple(date(year, 1, 1) for year in range(1990, 2021, 5)),
        index="HMv20240801_%Yc_{}_300",
        ends=next_year,
        tiles=THREATS,
        tile_is_band=True,
        extra=lambda threat, day, _seed: {"year": day.year, "threat_code": threat.name},
    ),
    Spec(
        id="users/deepakna/global_irrigation_maps",
        title="Global irrigation areas 2001-2015, classes in cells of 9 km",
        grid=degrees(1 / 12),
        bands=(StoredBand("classification", "uint8", irrigation_class, pyramiding="MODE"),),
        starts=years(2001, 2015),
        index="%Y",
        ends=next_year,
    ),
    Spec(
        id="NASA/GRACE/MASS_GRIDS_V04/MASCON_CRI",
        title="GRACE monthly mass grids version 04, global mascons (CRI filtered)",
        grid=degrees(0.5),
        bands=(
            StoredBand("lwe_thickness", "float64", thickness),
            StoredBand("uncertainty", "float64", doubt),
        ),
        starts=solutions(date(2002, 3, 31), date(2024, 12, 30)),
        index="%Y%m%d",
        ends=lambda day: next_month(day + timedelta(days=1)) - timedelta(days=1),
        goes_on=solutions,
    ),
)
