"""Since when has a patch lost more than land that is like it?

The logarithm of the ratio of both series is compared with courses of loss: a step, ramps of some lengths, and steps
from which the land recovers, each beginning in every possible year. Ramps may begin before the record. With S the sum
of squares that a course leaves, and n the years, less what their memory costs, its weight is S^(−n/2); courses that
gain have none. The weights of all courses that begin in a year are its probability. That there is a loss at all follows
from the mean of the likelihoods of all courses against that of none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from indicators.causes.memory import effective_years
from indicators.errors import IndicatorError

Floats = NDArray[np.float64]
#: Lengths of ramps, years; 1 is a step. And years within which a loss that passes falls to 1/e.
RAMPS, PASSING = (1, 4, 8, 15, 25), (3, 8)
#: Years before the record in which a ramp may have begun.
EARLIER = 10
#: Fewest years that both series have.
FEWEST = 12
#: Part of the probability inside the interval of the year.
INSIDE = 0.8


@dataclass(frozen=True, eq=False)
class LossOnset:
    """First year of a loss against matched land, with its interval of 80 %.

    `loss`: part of productivity lost by the last year, expected over all courses (negative: gained); `probability` that
    there is a loss at all; `before`: probability that it began before the second year of the record; `starts`: that it
    began in each year.
    """

    year: int
    low: int
    high: int
    loss: float
    probability: float
    before: float
    starts: pd.Series


def loss_onset(patch: pd.Series, matched: pd.Series) -> LossOnset:
    """First year in which a patch lost productivity that matched land kept.

    Parameters
    ----------
    patch, matched
        Yearly productivity of the patch, and the mean of matched land, by year; the same units, positive. NaN and years
        that one of them lacks are left out.

    Returns
    -------
    LossOnset
        The likeliest year, its interval, and the probability of a loss, 0.5 without any evidence.

    Raises
    ------
    IndicatorError
        Fewer than 12 common years, or values that are not positive.

    References
    ----------
    Weights of courses: Raftery (1995), doi:10.2307/271063.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(3)
    >>> years = pd.RangeIndex(2001, 2025)
    >>> matched = pd.Series(0.3 * np.exp(rng.normal(0, 0.1, 24)), years)
    >>> patch = matched * np.exp(rng.normal(0, 0.03, 24)) * np.where(years >= 2013, 0.7, 1)
    >>> found = loss_onset(patch, matched)
    >>> found.year, round(found.loss, 1), found.probability > 0.99
    (2013, 0.3, True)
    """
    both = pd.DataFrame({"patch": patch, "matched": matched}).dropna().sort_index()
    if len(both) < FEWEST:
        raise IndicatorError(f"loss_onset: {len(both)} years that both series have; give {FEWEST} or more")
    if (both <= 0).any(axis=None):
        raise IndicatorError("loss_onset: productivity of 0 or less; give positive values")
    years = both.index.to_numpy(int)
    ratio = np.log(both["patch"].to_numpy() / both["matched"].to_numpy())
    starts, courses = _courses(tuple(int(year) for year in years))
    centred = ratio - ratio.mean()
    size = courses @ centred / (courses**2).sum(axis=1)
    left = (centred**2).sum() - size**2 * (courses**2).sum(axis=1)
    floor = 1e-12 * max(float((centred**2).sum()), 1e-12)
    left = np.maximum(left, floor)
    best = int(np.where(size < 0, left, np.inf).argmin())
    worth = effective_years(centred - size[best] * courses[best])
    weight = np.where(size < 0, np.exp(-worth / 2 * np.log(left / left.min())), 0.0)
    if not weight.any():
        return LossOnset(int(years[-1]), int(years[1]), int(years[-1]), 0.0, 0.0, 0.0, pd.Series(0.0, years))
    weight = weight / weight.sum()
    none = max(float((centred**2).sum()), floor)
    # expected over all courses, the losing half of which is possible, against no loss; the size costs a square root
    odds = np.where(size < 0, np.exp(np.clip(-worth / 2 * np.log(left / none), None, 500)), 0.0)
    factor = float(odds.mean() / np.sqrt(worth))
    chance = np.array([weight[starts == year].sum() for year in range(years[0] - EARLIER, years[-1] + 1)])
    span = np.arange(years[0] - EARLIER, years[-1] + 1)
    total = np.cumsum(chance)
    low, high = (int(span[np.searchsorted(total, part)]) for part in ((1 - INSIDE) / 2, (1 + INSIDE) / 2))
    year = int(span[chance.argmax()])
    late = courses[:, -1] - courses[:, 0]
    return LossOnset(
        year=year,
        low=min(low, year),
        high=max(high, year),
        loss=float(1 - np.exp((weight * size * late).sum())),
        probability=factor / (1 + factor),
        before=float(chance[span <= years[0]].sum()),
        starts=pd.Series(chance, span),
    )


@cache
def _courses(years: tuple[int, ...]) -> tuple[NDArray[np.int_], Floats]:
    """First years of all courses, and the courses (course, year) less their means."""
    at = np.array(years)
    starts, courses = [], []
    for start in range(at[0] - EARLIER, at[-1] + 1):
        since = at - start
        for length in RAMPS:
            courses.append(np.clip((since + 1) / length, 0, 1))
            starts.append(start)
        # a loss that passes is seen by its beginning: later on it is a recovery
        for pace in PASSING if start > at[0] else ():
            courses.append(np.where(since >= 0, np.exp(-np.maximum(since, 0) / pace), 0))
            starts.append(start)
    kept = [n for n, course in enumerate(courses) if np.ptp(course) > 0.2]
    made = np.stack([courses[n] for n in kept])
    return np.array([starts[n] for n in kept]), made - made.mean(axis=1, keepdims=True)
