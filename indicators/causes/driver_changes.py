"""When did a driver change, and how much likelier is that if it goes with a loss than if it does not?

For a driver that changes for good, x is the difference of patch and matched land (or of their logarithms). A change
that begins in year τ is a step, or a ramp over some years, in the direction of harm and of a size that matters. With S
the sum of squares that it leaves, plus n e² for the error e of the product, its likelihood is S^(−n/2) / √n, and that
of no change S^(−n/2) of the mean; n counts years less what their memory costs. If the driver goes with the loss, it
changed a few years before the loss began, at most one year after it. If not, it changed in any year, or not at all. The
ratio of both is the Bayes factor.

Weather is a spell: its standardised value in the patch, in the year of the loss or the year before, is compared with
what bad droughts are, and with what years are. A fire is an event: whether a good part of the patch burned in one of
these years, against how often as much burns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indicators.causes.drivers import Driver
from indicators.causes.memory import effective_years

Floats = NDArray[np.float64]
#: Years by which a change comes before the loss, and how likely each is: −1 is the year after.
LEADS: dict[int, float] = {-1: 0.10, 0: 0.25, 1: 0.25, 2: 0.20, 3: 0.12, 4: 0.08}
#: Years in which a spell or an event comes before the loss.
SHORT_LEADS: dict[int, float] = {0: 0.5, 1: 0.5}
#: Years over which a driver changes.
LENGTHS = (1, 3, 6)
#: Probability that a driver changes for good in a patch, and not on matched land, without a loss. A setting.
CHANGES = 0.1
#: Fewest years of a driver.
FEWEST = 8
#: Standardised weather of a bad drought, on average; that of years is 0, and both have a spread of 1.
DROUGHT = -1.9
#: A Bayes factor is at most this, and at least its inverse: no model is surer.
SUREST = 1000.0


@dataclass(frozen=True)
class DriverChange:
    """The harmful change of a driver that is likeliest to go with a loss: its first year, size and Bayes factor.

    `size` in units of the driver (logarithm for ratios; standard deviations for weather; share for fire).
    """

    year: int
    size: float
    bayes_factor: float


def driver_change(driver: Driver, patch: pd.Series, matched: pd.Series, starts: pd.Series) -> DriverChange | None:
    """The change of a driver beside a loss that began in a year with the probability `starts` (by year).

    None where fewer than 8 years are known, or the driver does not vary.
    """
    if driver.scale == "spell":
        own = patch.dropna()
        return None if len(own) < FEWEST or _usual_range(own) == 0 else _spell(driver, own, starts)
    if driver.scale == "event":
        both = (patch - matched).dropna()
        return None if len(both) < FEWEST else _event(driver, both, patch.reindex(both.index), starts)
    both = _log_ratio(patch, matched) if driver.scale == "ratio" else (patch - matched).dropna()
    if len(both) < FEWEST or (np.ptp(both.to_numpy()) == 0 and driver.error == 0):
        return None
    return _lasting(driver, both, starts)


def _log_ratio(patch: pd.Series, matched: pd.Series) -> pd.Series:
    """Logarithm of the ratio, with a hundredth of the largest mean added to both, so that nothing is no infinity."""
    one, other = patch.astype(float), matched.astype(float)
    little = 0.01 * max(float(one.mean()), float(other.mean()), 1e-12)
    return pd.Series(np.log((one + little) / (other + little))).replace([np.inf, -np.inf], np.nan).dropna()


def _lasting(driver: Driver, both: pd.Series, starts: pd.Series) -> DriverChange:
    values = driver.sign * both.to_numpy(float)
    years = both.index.to_numpy(int)
    centred = values - values.mean()
    courses = _courses(tuple(years.tolist()))
    squares = (courses**2).sum(axis=1)
    size = courses @ centred / squares
    total = float((centred**2).sum())
    floor = len(values) * driver.error**2
    left = np.where(size > driver.least, total - size**2 * squares, total) + floor
    best = int(left.argmin())
    worth = effective_years(centred - np.maximum(size[best], 0) * courses[best])
    # against no change; a course that is too small, or does no harm, explains nothing and pays for its size
    odds = np.exp(np.clip(-worth / 2 * np.log(left / (total + floor)), None, 500)) / np.sqrt(worth)
    firsts = years[1:].tolist()
    by_year = dict(zip(firsts, odds.reshape(-1, len(LENGTHS)).mean(axis=1).tolist(), strict=True))

    def likelihood(year: int) -> float:
        return by_year.get(year, 1.0)  # a change outside of the series leaves no trace

    unrelated = 1 - CHANGES + CHANGES * float(np.mean(list(by_year.values())))
    factor, year = _expected(likelihood, starts, LEADS)
    change = 0.0
    if year in by_year:
        own = slice(firsts.index(year) * len(LENGTHS), (firsts.index(year) + 1) * len(LENGTHS))
        change = float(size[own][left[own].argmin()]) * driver.sign
    return DriverChange(year, change, _bounded(factor / unrelated))


def _spell(driver: Driver, own: pd.Series, starts: pd.Series) -> DriverChange:
    # standard deviations towards what is usual: bad weather is negative, whichever way it does harm
    known = _by_year(-driver.sign * (own - own.median()) / (_usual_range(own) / 2))

    def likelihood(year: int) -> float:
        if year not in known:
            return 1.0
        return float(np.exp(DROUGHT * known[year] - DROUGHT**2 / 2))

    factor, year = _expected(likelihood, starts, SHORT_LEADS)
    return DriverChange(year, -driver.sign * known.get(year, 0.0), _bounded(factor))


def _usual_range(own: pd.Series) -> float:
    """The range of the middle two thirds of years: two standard deviations of Gaussian weather."""
    return float(own.quantile(0.84) - own.quantile(0.16))


def _event(driver: Driver, both: pd.Series, patch: pd.Series, starts: pd.Series) -> DriverChange:
    burnt = {year: share >= driver.least for year, share in _by_year(both).items()}
    # how often as much burns in the other years
    rate = (max(sum(burnt.values()) - 1, 0) + 0.5) / len(burnt)

    def likelihood(year: int) -> float:
        if year not in burnt:
            return 1.0
        return 1 / rate if burnt[year] else 0.0

    factor, year = _expected(likelihood, starts, SHORT_LEADS)
    return DriverChange(year, float(patch.get(year, 0.0)), _bounded(factor))


def _expected(likelihood: Callable[[int], float], starts: pd.Series, leads: dict[int, float]) -> tuple[float, int]:
    """The likelihood expected over first years of the loss and leads, and the year that has most part in it."""
    parts: dict[int, float] = {}
    for start, chance in _by_year(starts).items():
        for lead, share in leads.items():
            parts[start - lead] = parts.get(start - lead, 0.0) + chance * share
    weighed = {year: weight * likelihood(year) for year, weight in parts.items()}
    return sum(weighed.values()), max(weighed, key=lambda year: weighed[year])


def _by_year(series: pd.Series) -> dict[int, float]:
    return dict(zip(series.index.astype(int).tolist(), series.astype(float).tolist(), strict=True))


@cache
def _courses(years: tuple[int, ...]) -> Floats:
    """Courses of changes that begin in each year but the first, by each length (course, year), less their means."""
    at = np.array(years)
    made = np.stack([np.clip((at - first + 1) / length, 0, 1) for first in years[1:] for length in LENGTHS])
    return np.asarray(made - made.mean(axis=1, keepdims=True))


def _bounded(factor: float) -> float:
    return float(np.clip(factor, 1 / SUREST, SUREST))
