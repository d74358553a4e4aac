"""Is what is called 70 % probable true in 70 % of cases? And do intervals hold the truth as often as they say?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indicators.certainty.additive import Additive, Floats, share

BINS = 10


class Calibration(Additive):
    """By bin of probability, tenths of 1: km², km² × probability, km² that is true, km² × squared error."""

    @property
    def area(self) -> Floats:
        """km² of each bin."""
        return self.sums[..., 0, :]

    @property
    def said(self) -> Floats:
        """Mean probability of each bin; NaN where it is empty."""
        return share(self.sums[..., 1, :], self.area)

    @property
    def observed(self) -> Floats:
        """Share of each bin that is true; NaN where it is empty."""
        return share(self.sums[..., 2, :], self.area)

    @property
    def error(self) -> Floats:
        """Mean distance of what is said from what is observed, weighted by area (expected calibration error)."""
        return share(np.abs(self.sums[..., 1, :] - self.sums[..., 2, :]).sum(axis=-1), self.area.sum(axis=-1))

    @property
    def brier(self) -> Floats:
        """Mean squared error of the probability."""
        return share(self.sums[..., 3, :].sum(axis=-1), self.area.sum(axis=-1))


def calibration(probability: Floats, true: NDArray[np.bool_], km2: Floats) -> Calibration:
    """Compare probabilities with what is true.

    Parameters
    ----------
    probability
        0 to 1; cells without one (NaN) do not count.
    true
        Whether it is so.
    km2
        Area of each cell that counts.

    Returns
    -------
    Calibration
        Sums by bin.

    References
    ----------
    Brier 1950, doi:10.1175/1520-0493(1950)078<0001:VOFEIT>2.0.CO;2; Naeini, Cooper & Hauskrecht 2015,
    doi:10.1609/aaai.v29i1.9602.

    Examples
    --------
    >>> import numpy as np
    >>> found = calibration(np.array([0.95, 0.95, 0.05]), np.array([True, False, False]), np.ones(3))
    >>> float(found.said[9]), float(found.observed[9])
    (0.95, 0.5)
    """
    known = np.isfinite(probability)
    p, so, area = probability[known].astype(float), true[known].astype(float), np.asarray(km2, float)[known]
    bins = np.minimum((p * BINS).astype(int), BINS - 1)
    weights = (area, area * p, area * so, area * (p - so) ** 2)
    return Calibration(np.stack([np.bincount(bins, weight, BINS) for weight in weights]))


class IntervalScore(Additive):
    """Of intervals: their number, how many hold the truth, the sum of their widths."""

    @property
    def count(self) -> Floats:
        """How many intervals there are."""
        return self.sums[..., 0]

    @property
    def coverage(self) -> Floats:
        """Share of the intervals that hold the truth."""
        return share(self.sums[..., 1], self.count)

    @property
    def width(self) -> Floats:
        """Mean width."""
        return share(self.sums[..., 2], self.count)


def held(low: float, high: float, true: float) -> IntervalScore:
    """Whether an interval holds the truth, ends included.

    Examples
    --------
    >>> both = held(0.1, 0.3, 0.2) + held(0.1, 0.2, 0.4)
    >>> float(both.coverage), round(float(both.width), 2)
    (0.5, 0.15)
    """
    return IntervalScore(np.array([1.0, float(low <= true <= high), high - low]))
