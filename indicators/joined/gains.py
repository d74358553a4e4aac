"""The gain of one sensor against another, from the differences between pixels, with its error.

Years differ little and are few; pixels differ much and are many, so the gain is identified by pixels: a straight line
through their means over the overlap (`indicators.joined.deming`). Its error is found by leaving out years, and by
leaving out groups of neighbouring pixels, one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.joined.deming import deming, error_ratio, slope_of

Floats = NDArray[np.float64]

#: Pixels from which a gain is estimated, at most: more say nothing new.
MOST_PIXELS = 4000
#: Groups of pixels, in the order of rows, that are left out one at a time.
GROUPS = 20
#: Rounds between the gain and the ratio of errors, which depend on each other.
ROUNDS = 3


@dataclass(frozen=True)
class Gain:
    """A gain and its standard error; both NaN where pixels are too alike or too few."""

    value: float
    error: float


def gain_of(kept: Floats, converted: Floats) -> Gain:
    """Gain of `converted` against `kept` (year, pixel), the same years and pixels, NaN in gaps.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> land = 0.3 + 0.08 * rng.standard_normal(900)
    >>> kept, converted = (scale * land + 0.02 * rng.standard_normal((8, 900)) for scale in (1, 1.2))
    >>> found = gain_of(kept, converted)
    >>> abs(found.value - 1.2) < 3 * found.error < 0.03
    True
    """
    both = np.isfinite(kept) & np.isfinite(converted)
    enough = np.flatnonzero(both.sum(axis=0) >= max(2, (len(kept) + 1) // 2))
    enough = enough[:: max(1, -(-enough.size // MOST_PIXELS))]
    x, y = (np.where(both, each, np.nan)[:, enough] for each in (kept, converted))
    if enough.size < 3 or len(kept) < 3:
        return Gain(np.nan, np.nan)
    ratio = 1.0
    for _ in range(ROUNDS):
        value, weights = deming(*_means(x, y), ratio)
        if not value > 0:
            return Gain(np.nan, np.nan)
        ratio = error_ratio(x, y, value)
    # With the weights of all pixels and years: a new search for outliers each time would take long and change nothing.
    by_year = [slope_of(*_means(np.delete(x, t, 0), np.delete(y, t, 0)), weights, ratio) for t in range(len(x))]
    by_group = []
    for group in np.array_split(np.arange(weights.size), min(GROUPS, weights.size // 2)):
        others = weights.copy()
        others[group] = 0.0
        by_group.append(slope_of(*_means(x, y), others, ratio))
    error = np.sqrt(sum((len(left) - 1) * np.var(left) for left in (by_year, by_group) if len(left) > 1))
    return Gain(value, float(error))


def _means(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Means of pixels over the years that both have; every pixel has at least one."""
    known = np.isfinite(x)
    count = np.maximum(known.sum(axis=0), 1)
    first, second = (np.where(known, each, 0.0).sum(axis=0) / count for each in (x, y))
    return first, second


def pulled(gains: list[Gain]) -> list[Gain]:
    """Gains of strata, each pulled towards the mean of all as far as its own error and their spread say.

    The spread between strata is estimated by DerSimonian & Laird (1986, doi:10.1016/0197-2456(86)90046-2). Strata
    without a gain of their own take the mean of the others, with the spread in its error.

    Examples
    --------
    >>> found = pulled([Gain(1.10, 0.01), Gain(1.12, 0.01), Gain(1.6, 0.5), Gain(np.nan, np.nan)])
    >>> [round(each.value, 2) for each in found]
    [1.11, 1.11, 1.11, 1.11]
    """
    own = np.array([[each.value, each.error] for each in gains])
    known = np.isfinite(own).all(axis=1)
    if not known.any():
        return gains
    values, variances = own[known, 0], np.maximum(own[known, 1], 1e-9) ** 2
    weights = 1 / variances
    mean = weights @ values / weights.sum()
    excess = weights @ (values - mean) ** 2 - (values.size - 1)
    spread = max(0.0, excess / (weights.sum() - weights @ weights / weights.sum())) if values.size > 1 else 0.0
    middle = float(values @ (1 / (variances + spread)) / np.sum(1 / (variances + spread)))
    doubt = float(1 / np.sum(1 / (variances + spread)))
    if values.size == 1:
        return [each if there else Gain(middle, np.nan) for each, there in zip(gains, known, strict=True)]
    found = []
    for (value, error), there in zip(own, known, strict=True):
        variance = max(error, 1e-9) ** 2 if there else np.inf
        share = spread / (spread + variance) if there else 0.0
        error = np.sqrt(share * variance + (1 - share) ** 2 * doubt) if there else np.sqrt(spread + doubt)
        found.append(Gain(float(share * value + (1 - share) * middle) if there else middle, float(error)))
    return found
