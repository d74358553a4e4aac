"""How far carbon and natural land may lie from what the map shows: other courses of land cover, other factors.

The labels of a pixel leave several true courses possible, with probabilities (`indicators.sdg15.cover_in_time`).
Courses are drawn from them (forward filtering, backward sampling), and carbon follows each. Neighbours are mistaken
together: pixels of a block of 20 km share their random numbers, so that equal labels there are right or wrong as one;
blocks are independent. The share of carbon that cropland keeps, and the first stock, are drawn once for the region,
from the errors that the IPCC gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indicators.change.lattice import KM_PER_DEGREE
from indicators.change.shares import BLOCK_KM
from indicators.errors import IndicatorError
from indicators.kernel.compiling import compiled
from indicators.links.carbon import HECTARES_A_KM2
from indicators.links.natural import NATURAL, USED
from indicators.sdg15.cover_in_time import Rates
from indicators.sdg15.cover_in_time.chain import draw
from indicators.sdg15.lookup import codes
from indicators.sdg15.soil_carbon import CLIMATE_FACTOR, accumulate, all_factors, factors

Floats = NDArray[np.float64]
#: Two standard deviations of the factor of cropland, as a share of it (IPCC 2006, volume 4, table 5.5).
FACTOR_ERROR = {0.80: 0.09, 0.69: 0.12, 0.58: 0.61, 0.48: 0.46, 0.64: 0.50}
#: The same of a first stock that was not measured on the spot (IPCC 2006, volume 4, table 2.3, nominal).
STOCK_ERROR = 0.90
#: Least factor that is drawn.
LEAST_FACTOR = 0.05
DRAWS = 100
SEED = 20
ENDS = (2.5, 97.5)


@dataclass(frozen=True, eq=False)
class FactorDraws:
    """Tables of factors (draw, climate zone, from, to), and what the first stock is multiplied with (draw)."""

    tables: Floats
    stock: Floats


def factor_draws(draws: int = DRAWS, seed: int = SEED) -> FactorDraws:
    """Factors and first stocks as they may be, drawn once for a whole region.

    Parameters
    ----------
    draws
        How many.
    seed
        Of the random draws.

    Returns
    -------
    FactorDraws
        Normal errors of the factors of cropland, one for each value of the table, and a log-normal error of the first
        stock with a mean of 1. Factors of other transitions have no published error and stay.

    References
    ----------
    IPCC (2006) Guidelines, volume 4, tables 2.3 and 5.5.

    Examples
    --------
    >>> drawn = factor_draws(2000)
    >>> round(float(drawn.tables[:, 2, 1, 2].std() / 0.80), 3), round(float(drawn.stock.mean()), 1)
    (0.045, 1.0)
    """
    random = np.random.default_rng(seed)
    spread = np.sqrt(np.log1p((STOCK_ERROR / 2) ** 2))
    stock = np.exp(random.normal(-(spread**2) / 2, spread, draws))
    errors = {value: random.normal(0, error / 2, draws) for value, error in FACTOR_ERROR.items()}
    tables = np.broadcast_to(all_factors(), (draws, *all_factors().shape)).copy()
    for zone, value in CLIMATE_FACTOR.items():
        for number in range(draws):
            tables[number, zone] = factors(max(value * (1 + errors[value][number]), LEAST_FACTOR))
    return FactorDraws(tables, stock)


@dataclass(frozen=True, eq=False)
class Lost:
    """Draws of what changed over some windows of years: carbon lost and gained (t C), natural land lost (km²).

    Each (draw, window). Draws of parts of a region add up.
    """

    carbon_lost: Floats
    carbon_gained: Floats
    natural: Floats

    @property
    def carbon(self) -> Floats:
        """Gains and losses of carbon together."""
        return self.carbon_lost + self.carbon_gained

    def __add__(self, other: Lost) -> Lost:
        return Lost(
            self.carbon_lost + other.carbon_lost,
            self.carbon_gained + other.carbon_gained,
            self.natural + other.natural,
        )


def possible_losses(
    cover: NDArray[Any],
    area: Floats,
    place: tuple[Floats, Floats],
    rates: Rates,
    drawn: FactorDraws,
    windows: Sequence[tuple[tuple[int, int], tuple[int, int]]],
    *,
    first_stock: Floats | None = None,
    zone: NDArray[Any] | None = None,
) -> Lost:
    """Carbon and natural land lost by courses of land cover that the labels leave possible.

    Parameters
    ----------
    cover
        UNCCD classes 1 to 7 as the product shows them (year, y, x), of consecutive years; anything else is a gap.
    area
        Area (y, x) in km² that counts.
    place
        Latitude of the rows and longitude of the columns, degrees: which block a pixel is in.
    rates
        How often the product is confused, and land changes (`indicators.sdg15.cover_in_time.rates_of`).
    drawn
        Factors and stocks of each draw.
    windows
        For each result: positions of the first and last year of carbon, and those of natural land.
    first_stock, zone
        Stock of the first year in t/ha, and IPCC climate zone (y, x). Without either, no carbon.

    Returns
    -------
    Lost
        The result does not depend on how a region is cut, as the random numbers belong to blocks of the Earth.

    Raises
    ------
    IndicatorError
        A window lies outside the years.

    References
    ----------
    Frühwirth-Schnatter (1994), doi:10.1111/j.1467-9892.1994.tb00184.x: forward filtering, backward sampling.
    """
    years = len(cover)
    places = np.array(windows, np.int64).reshape(-1, 2, 2)
    if places.size and not 0 <= places.min() <= places.max() < years:
        raise IndicatorError(f"possible losses: windows {places.tolist()} lie outside {years} years of land cover")
    labels = codes(cover)
    flat = labels.reshape(years, -1)
    several = ((flat >= 1) & (flat <= 7) & (flat != flat[:1])).any(axis=0) & (np.asarray(area).ravel() > 0)
    unknown = np.full(labels.shape[1:], np.nan)
    stock = unknown if first_stock is None or zone is None else np.asarray(first_stock, float)
    zones = codes(unknown if zone is None else np.asarray(zone))
    count = len(drawn.stock)
    sums = np.zeros((3, count, len(places)))
    rows, columns = (np.floor(each * KM_PER_DEGREE / BLOCK_KM).astype(np.int64) for each in place)
    block = (rows[:, None] << 32) + columns[None, :]
    chosen = np.flatnonzero(several)
    for number in np.unique(block.ravel()[chosen]):
        own = chosen[block.ravel()[chosen] == number]
        lots = np.random.default_rng([SEED, abs(int(number)), int(number < 0)]).random((count, years + 1))
        _sum(
            np.ascontiguousarray(flat[:, own]), np.asarray(area, float).ravel()[own], stock.ravel()[own],
            zones.ravel()[own], lots, *rates.tables(), drawn.tables, drawn.stock, places, sums,
        )  # fmt: skip
    return Lost(sums[0] * HECTARES_A_KM2, sums[1] * HECTARES_A_KM2, sums[2])


@compiled
def _sum(
    cover: Any, area: Any, stock: Any, zone: Any, lots: Any, start: Any, change: Any, begins: Any, ending: Any,
    shows: Any, tables: Any, stocks: Any, windows: Any, sums: Any,
) -> None:  # fmt: skip
    """Add to `sums` (what, draw, window): stock lost and gained × area, natural land lost."""
    years, draws = len(cover), len(lots)
    courses = np.empty((draws, years), np.int8)
    course, held = np.empty((years, 1), np.int8), np.empty((years, 1))
    first, where = np.empty(1), np.empty(1, np.int8)
    for pixel in range(cover.shape[1]):
        if not draw(cover[:, pixel], lots, start, change, begins, ending, shows, courses):
            continue
        where[0] = zone[pixel]
        counted = stock[pixel] == stock[pixel] and 1 <= zone[pixel] <= 12 and 1 <= cover[0, pixel] <= 7
        for number in range(draws):
            for year in range(years):
                course[year, 0] = courses[number, year]
            if counted:
                first[0] = stock[pixel] * stocks[number]
                accumulate(course, first, where, tables[number], held)
            for window in range(len(windows)):
                if counted:
                    tonnes = (held[windows[window, 0, 1], 0] - held[windows[window, 0, 0], 0]) * area[pixel]
                    sums[0 if tonnes < 0 else 1, number, window] += tonnes
                if _natural(course[windows[window, 1, 0], 0]) and _used(course[windows[window, 1, 1], 0]):
                    sums[2, number, window] += area[pixel]


@compiled
def _natural(code: int) -> bool:
    found = False
    for each in NATURAL:
        found |= code == each
    return found


@compiled
def _used(code: int) -> bool:
    found = False
    for each in USED:
        found |= code == each
    return found


def interval(draws: Floats) -> tuple[float, float]:
    """The middle 95 % of draws.

    >>> interval(np.arange(101.0))
    (2.5, 97.5)
    """
    low, high = np.percentile(draws, ENDS)
    return float(low), float(high)
