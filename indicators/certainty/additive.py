"""Sums of a score, which can be added over maps, and what they would be over other seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Score = TypeVar("Score", bound="Additive")
#: Ends of the intervals, per cent.
ENDS = (2.5, 97.5)


@dataclass(frozen=True, eq=False)
class Additive:
    """A score as sums, from which its measures follow. Scores of several maps add up to that of all of them.

    `sums` ends with the axes of one score; axes before them are those of many, such as the draws of a bootstrap, and
    every measure then has one value for each.
    """

    sums: Floats

    @classmethod
    def of(cls, sums: Sequence[Any]) -> Self:
        """A score from its sums, as lists of numbers."""
        return cls(np.array(sums, float))

    @property
    def none(self) -> Self:
        """The score of no map."""
        return type(self)(np.zeros_like(self.sums))

    def __add__(self, other: Self) -> Self:
        return type(self)(self.sums + other.sums)


def redrawn(by_seed: Sequence[Score], draws: int = 1000, seed: int = 0) -> Score:
    """The score over as many seeds, drawn again with replacement (bootstrap).

    Maps of one seed share their weather and much of what is planted, so seeds are drawn, not maps.

    Parameters
    ----------
    by_seed
        The score of each seed, over all maps of it.
    draws
        How often the seeds are drawn.
    seed
        Of the random draws.

    Returns
    -------
    Additive
        The scores of the draws along the first axis of `sums`.

    References
    ----------
    Efron 1979, doi:10.1214/aos/1176344552.

    Examples
    --------
    >>> scores = [Additive(np.array([1.0, 2.0])), Additive(np.array([3.0, 4.0]))]
    >>> redrawn(scores, draws=5).sums.shape
    (5, 2)
    """
    stacked = np.stack([each.sums for each in by_seed])
    count = len(by_seed)
    times = np.random.default_rng(seed).multinomial(count, [1 / count] * count, size=draws)
    return type(by_seed[0])(np.tensordot(times.astype(float), stacked, axes=1))


def ends(values: Floats) -> tuple[float, float]:
    """The middle 95 % of the values of a measure over the draws; NaN where it has no value in half of them or more."""
    known = values[np.isfinite(values)]
    if 2 * known.size <= values.size:
        return float("nan"), float("nan")
    low, high = np.percentile(known, ENDS)
    return float(low), float(high)


def share(part: Floats, whole: Floats) -> Floats:
    """Part over whole, NaN where the whole is zero."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.asarray(whole) > 0, np.asarray(part) / np.asarray(whole), np.nan)
