"""Scores of a map of abrupt changes, and of a mean change, against what was planted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indicators.certainty.additive import Additive, Floats, share

#: Abrupt changes of at least this share are to be found.
LEAST = 0.15
#: Years from the true one that are still right.
NEAR = 1


class BreakMap(Additive):
    """km² where an abrupt change of 15 % or more was planted and a break is mapped, of those with the year right; where
    a smaller one was planted and a break is mapped; where none was; and where one was missed."""

    @property
    def precision(self) -> Floats:
        """Share of the land with a mapped break where an abrupt change of 15 % or more was planted."""
        return share(self.sums[..., 0], self._mapped)

    @property
    def precision_any(self) -> Floats:
        """Share of the land with a mapped break where any abrupt change was planted."""
        return share(self.sums[..., 0] + self.sums[..., 2], self._mapped)

    @property
    def recall(self) -> Floats:
        """Share of the land with an abrupt change of 15 % or more where a break is mapped."""
        return share(self.sums[..., 0], self.sums[..., 0] + self.sums[..., 4])

    @property
    def year_right(self) -> Floats:
        """Share of that whose year is within one year of the true one."""
        return share(self.sums[..., 1], self.sums[..., 0])

    @property
    def _mapped(self) -> Floats:
        return self.sums[..., 0] + self.sums[..., 2] + self.sums[..., 3]


def break_map(
    year: NDArray[np.integer], planted: NDArray[np.integer], size: Floats, km2: Floats, least: float = LEAST
) -> BreakMap:
    """Compare a map of break years with planted abrupt changes.

    Parameters
    ----------
    year
        First year after the mapped break; 0 without one; below 0 where the map judges nothing, which counts as missed.
    planted
        First growing season after the planted abrupt change; 0 without.
    size
        Share of productivity that it changed by.
    km2
        Area of each cell that counts.
    least
        Sizes from which on a change is to be found.

    Returns
    -------
    BreakMap
        Areas.

    Examples
    --------
    >>> import numpy as np
    >>> found = break_map(np.array([2010, 2010, 0]), np.array([2011, 0, 2012]), np.array([0.2, 0, -0.2]), np.ones(3))
    >>> float(found.precision), float(found.recall), float(found.year_right)
    (0.5, 0.5, 1.0)
    """
    marked, there = year > 0, planted > 0
    large = there & (np.abs(size) >= least)
    near = np.abs(year.astype(int) - planted.astype(int)) <= NEAR
    parts = (marked & large, marked & large & near, marked & there & ~large, marked & ~there, ~marked & large)
    return BreakMap(np.array([float(np.sum(km2, where=part)) for part in parts]))


class MeanChange(Additive):
    """Of a stock that changes: number of maps, mapped and planted change, stock, distance of the relative changes."""

    @property
    def mapped(self) -> Floats:
        """Mapped change of the whole stock, share."""
        return self._share(1)

    @property
    def planted(self) -> Floats:
        """Planted change of the whole stock, share."""
        return self._share(2)

    @property
    def distance(self) -> Floats:
        """Mean distance of the mapped from the planted change of a map, share of its stock."""
        return share(self.sums[..., 4], self.sums[..., 0])

    def _share(self, part: int) -> Floats:
        return share(self.sums[..., part], self.sums[..., 3])


def mean_change(mapped: Floats, planted: Floats, stock: Floats) -> MeanChange:
    """Compare mapped and planted relative changes (cell) of a stock (cell, such as t); NaN cells do not count.

    Examples
    --------
    >>> import numpy as np
    >>> found = mean_change(np.array([-0.02, 0.0]), np.array([-0.04, 0.0]), np.array([100.0, 100.0]))
    >>> [round(float(each), 3) for each in (found.mapped, found.planted, found.distance)]
    [-0.01, -0.02, 0.01]
    """
    known = np.isfinite(mapped) & np.isfinite(stock)
    whole = float(stock[known].sum())
    if whole <= 0:
        return MeanChange(np.zeros(5))
    totals = [float((change[known] * stock[known]).sum()) for change in (mapped, planted)]
    return MeanChange(np.array([1.0, *totals, whole, abs(totals[0] - totals[1]) / whole]))
