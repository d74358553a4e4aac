"""Causes of planted losses: which driver goes with a loss and since when, a truth for methods that name drivers.

What a patch loses follows from its row alone (`offline.landscape.changes`), and so does its cause: it decides which
driver leaves a mark in the patch (`offline.landscape.drivers.marks`), and changes neither vegetation nor land cover nor
weather. `unknown` is a loss with which no driver goes. Some patches also have a mark of herds or of fire in a year that
has nothing to do with them: a decoy, which is no cause.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offline.landscape import cover, geography
from offline.landscape.changes.courses import ONSET
from offline.landscape.changes.patches import BREAK, CONVERSION, DECLINE, RECOVERY, Patches
from offline.landscape.climate import Weather, normals
from offline.landscape.noise import Floats, key, node_hash, uniform
from offline.landscape.points import at

CAUSES = ("none", "climate", "grazing", "water", "mining", "cultivation", "fire", "unknown")
NONE, CLIMATE, GRAZING, WATER, MINING, CULTIVATION, FIRE, UNKNOWN = range(len(CAUSES))

SHARES = ((GRAZING, 0.35), (WATER, 0.12), (MINING, 0.12), (FIRE, 0.12))
"""Shares of the losses that draw a cause; what cannot have the cause that it draws, and the rest, has none of them."""

EARLIEST = 2
"""Herds, wells, mines and ploughs come at most this many years before the loss begins."""

SMALLEST_MINE_KM = 4.0
"""Only patches with a longer long radius are mined, or have a pond: those of the coarsest lattice of
`changes.patchwork`, and all of the world `easy`. Their centres can be listed for the whole landscape within seconds."""

DRY_SEASON, DRY_SOIL = -1.28, -1.0
"""Rain from May to September and soil moisture of mid August, in standard deviations, at or below which a season is a
bad drought: the driest tenth of the seasons by rain, felt by the soil as a drought (the glossary's -1), too."""

DECOYS = 0.10
"""Share of the patches with a decoy."""

DECOY_YEARS = (2002, 2021)
"""First and last year of a decoy: all data sets of marks have years before and after."""

GRASSY = 0.2
"""Aridity index from which on grass can carry a fire: drier land is arid (UNEP), and other fires spare it, too."""

AGAIN = 0.3
"""Share of the fires that come again in the next year."""

APRIL = 4
FIRE_MONTHS = (6, 9)
"""First and last month in which patches burn in the year before their loss. In the year of the loss they burn in April,
so that the fire is never later than the loss."""

CENTRES = 1e5
"""Parts of a degree to which a centre is rounded for its hash: about a metre."""


@dataclass(frozen=True)
class Causes:
    """Cause and marks of each row of a table of patches; years are 0 where there is none."""

    cause: NDArray[np.int8]
    """index into `CAUSES`"""
    year: NDArray[np.int16]
    """first year of the cause"""
    decoy: NDArray[np.int8]
    """`GRAZING` or `FIRE` where a mark has nothing to do with the patch, never that of its cause; else `NONE`"""
    decoy_year: NDArray[np.int16]
    fire_month: NDArray[np.int8]
    """month of the first fire, of cause or decoy"""
    fire_again: NDArray[np.int8]
    """month of a second fire a year later, 0 without"""

    def since(self, mark: int) -> NDArray[np.int16]:
        """First year of a mark in each patch, of its cause or of a decoy."""
        return np.where(self.cause == mark, self.year, np.where(self.decoy == mark, self.decoy_year, 0))


def of_patches(patches: Patches, seed: int, weather: tuple[tuple[float, float], ...]) -> Causes:
    """The causes of the rows of a table, in the weather of a world (`World.weather`)."""
    kind, start = patches.kind, patches.year.astype(np.int64)
    losing, grassy = (kind == DECLINE) | (kind == BREAK), burnable(patches, seed)
    cause = np.where(losing, _drawn_causes(patches, grassy, seed), NONE)
    converted = kind == CONVERSION
    cause[converted] = UNKNOWN
    cause[converted & (patches.new_class == cover.CROPLAND)] = CULTIVATION
    cause[converted & (patches.new_class == cover.BARREN) & minable(patches)] = MINING
    year = _years_before(patches, seed)
    # land cover is what shows a field, and changes with the loss
    year = np.where(cause == CULTIVATION, start, year)
    year = np.where(cause == FIRE, start - (draw(patches, seed, 2) < 0.5), year)
    rest = np.flatnonzero(losing & (cause == UNKNOWN))
    dry = drought(patches.lon[rest], patches.lat[rest], start[rest], seed, weather)
    cause[rest[dry > 0]] = CLIMATE
    year[rest] = dry
    decoy, decoy_year = _decoys(patches, cause, grassy, seed)
    month, again = (_fire_month(patches, seed, stream) for stream in (6, 8))
    return Causes(
        cause=cause.astype(np.int8),
        year=np.where((cause == NONE) | (cause == UNKNOWN), 0, year).astype(np.int16),
        decoy=decoy,
        decoy_year=decoy_year,
        fire_month=np.where((cause == FIRE) & (year == start), APRIL, month).astype(np.int8),
        fire_again=np.where(draw(patches, seed, 7) < AGAIN, again, 0).astype(np.int8),
    )


def draw(patches: Patches, seed: int, stream: int) -> Floats:
    """A uniform value of each patch, from its centre."""
    i, j = (np.rint(each * CENTRES).astype(np.int64) for each in (patches.lon, patches.lat))
    return uniform(node_hash(i, j, key(seed, 190, stream)))


def watery(patches: Patches) -> NDArray[np.bool_]:
    """Which patches are large enough for a pond, and lie in no lake."""
    return np.asarray(minable(patches) & ~geography.lake(at(patches.lon, patches.lat)))


def pond_years(patches: Patches, seed: int) -> NDArray[np.int16]:
    """The year in which the water of each patch begins to be taken, 0 for other patches: as `of_patches` has it."""
    below = sum(share for each, share in SHARES[: [each for each, _ in SHARES].index(WATER)])
    value = draw(patches, seed, 0)
    losing = (patches.kind == DECLINE) | (patches.kind == BREAK)
    taken = losing & (value >= below) & (value < below + dict(SHARES)[WATER]) & watery(patches)
    return np.where(taken, _years_before(patches, seed), 0).astype(np.int16)


def _years_before(patches: Patches, seed: int) -> NDArray[np.int64]:
    """When herds, wells, mines and ploughs come."""
    return patches.year.astype(np.int64) - np.floor((EARLIEST + 1) * draw(patches, seed, 1)).astype(np.int64)


def minable(patches: Patches) -> NDArray[np.bool_]:
    """Which patches are large enough for a mine; the margin is that of rounding at the edge of a lattice."""
    return np.asarray(patches.major_km > SMALLEST_MINE_KM * (1 + 1e-6))


def burnable(patches: Patches, seed: int) -> NDArray[np.bool_]:
    """Which patches have grass enough for a fire."""
    return np.asarray(normals(at(patches.lon, patches.lat), seed).aridity >= GRASSY)


def drought(
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    year: NDArray[np.int64],
    seed: int,
    spacings: tuple[tuple[float, float], ...],
) -> NDArray[np.int64]:
    """Year of the worse of the bad droughts in a year and the year before, at places; 0 without one."""
    found, least = np.zeros(year.shape, np.int64), np.full(year.shape, np.inf, np.float32)
    if not year.size:
        return found
    weather = Weather(at(lon, lat), seed, spacings)
    for each in np.unique(np.concatenate([year, year - 1])).tolist():
        rain, soil = weather.season(each), weather.moisture(12 * each + 7.0)
        concerns = (year == each) | (year - 1 == each)
        worse = concerns & (rain <= DRY_SEASON) & (soil <= DRY_SOIL) & (rain < least)
        found[worse], least[worse] = each, rain[worse]
    return found


def _drawn_causes(patches: Patches, grassy: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    """The cause that each loss draws, `UNKNOWN` for the rest."""
    fires = grassy & (patches.course != ONSET)
    possible = {GRAZING: True, WATER: watery(patches), MINING: minable(patches), FIRE: fires}
    value, below = draw(patches, seed, 0), 0.0
    cause = np.full(patches.kind.shape, UNKNOWN, np.int64)
    for each, share in SHARES:
        cause[(value >= below) & (value < below + share) & possible[each]] = each
        below += share
    return cause


def _fire_month(patches: Patches, seed: int, stream: int) -> NDArray[np.int64]:
    first, last = FIRE_MONTHS
    return first + np.floor((last + 1 - first) * draw(patches, seed, stream)).astype(np.int64)


def _decoys(
    patches: Patches, cause: NDArray[np.int64], grassy: NDArray[np.bool_], seed: int
) -> tuple[NDArray[np.int8], NDArray[np.int16]]:
    """Kind and year of the decoy of each patch: grazing in place of a fire where nothing burns."""
    value, (first, last) = draw(patches, seed, 3), DECOY_YEARS
    kind = np.where((value < DECOYS / 2) | ~grassy, GRAZING, FIRE)
    kind = np.where(kind == cause, np.where(grassy, GRAZING + FIRE - kind, NONE), kind)
    kind[(value >= DECOYS) | ~np.isin(patches.kind, (DECLINE, BREAK, RECOVERY, CONVERSION))] = NONE
    year = first + np.floor((last + 1 - first) * draw(patches, seed, 4)).astype(np.int64)
    return kind.astype(np.int8), np.where(kind == NONE, 0, year).astype(np.int16)
