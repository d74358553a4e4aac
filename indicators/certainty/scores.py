"""Scores of class maps against a known truth: areas by true and mapped class, and the measures that follow."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indicators.certainty.additive import Additive, Floats, share
from indicators.codes import DEGRADED, IMPROVED, STABLE

#: The three classes, in the order of rows and columns.
THREE = (DEGRADED, STABLE, IMPROVED)
LOST, GAINED = 0, 2


class Confusion(Additive):
    """km² by true class (rows) and mapped class (columns); the last column is land that the map does not judge.

    Classes are numbered as they were given, for three classes: degraded, stable, improved.
    """

    @property
    def land(self) -> Floats:
        """All land, km²."""
        return self.sums.sum(axis=(-2, -1))

    @property
    def judged(self) -> Floats:
        """Share of the land that the map judges."""
        return share(self._known.sum(axis=(-2, -1)), self.land)

    @property
    def accuracy(self) -> Floats:
        """Share of the judged land in its true class."""
        return share(np.trace(self._known, axis1=-2, axis2=-1), self._known.sum(axis=(-2, -1)))

    @property
    def sign_errors(self) -> Floats:
        """Share of the judged land that is mapped as the first class and truly of the last, or the reverse."""
        return share(self.sums[..., 0, -2] + self.sums[..., -1, 0], self._known.sum(axis=(-2, -1)))

    def precision(self, of: int) -> Floats:
        """Share of the land mapped as a class that truly is of it; NaN where none is."""
        return share(self.sums[..., of, of], self.sums[..., of].sum(axis=-1))

    def recall(self, of: int) -> Floats:
        """Share of the land of a class that is mapped as it; what is not judged is missed. NaN where there is none."""
        return share(self.sums[..., of, of], self.sums[..., of, :].sum(axis=-1))

    def f1(self, of: int) -> Floats:
        """Harmonic mean of precision and recall (van Rijsbergen 1979); NaN where nothing is of the class or mapped."""
        return share(2 * self.sums[..., of, of], self.sums[..., of].sum(axis=-1) + self.sums[..., of, :].sum(axis=-1))

    def bias(self, of: int) -> Floats:
        """Mapped over true area, less one; NaN where the true area is zero."""
        return share(self.sums[..., of].sum(axis=-1), self.sums[..., of, :].sum(axis=-1)) - 1

    def mapped(self, of: int) -> Floats:
        """Share of the land that is mapped as a class."""
        return share(self.sums[..., of].sum(axis=-1), self.land)

    def true(self, of: int) -> Floats:
        """Share of the land that truly is of a class."""
        return share(self.sums[..., of, :].sum(axis=-1), self.land)

    @property
    def _known(self) -> Floats:
        return self.sums[..., :-1]


def confusion(
    mapped: NDArray[np.integer], true: NDArray[np.integer], km2: Floats, classes: Sequence[int] = THREE
) -> Confusion:
    """Compare two class maps of one shape.

    Parameters
    ----------
    mapped
        Classes of the map; any other value than `classes` is not judged.
    true
        True classes. Land of another value does not count.
    km2
        Area of each cell that counts.
    classes
        The classes, in the order of rows and columns.

    Returns
    -------
    Confusion
        Areas by true and mapped class.

    Examples
    --------
    >>> import numpy as np
    >>> found = confusion(np.array([-1, -1, 0, 2]), np.array([-1, 0, 0, 1]), np.ones(4))
    >>> float(found.precision(LOST)), float(found.recall(LOST)), float(found.judged)
    (0.5, 1.0, 0.75)
    """
    count = len(classes)
    rows, columns = (_numbers(each, classes) for each in (true, mapped))
    counts = rows < count
    flat = rows[counts] * (count + 1) + columns[counts]
    sums = np.bincount(flat, np.asarray(km2, float)[counts], count * (count + 1)).astype(float)
    return Confusion(sums.reshape(count, count + 1))


def _numbers(values: NDArray[np.integer], classes: Sequence[int]) -> NDArray[np.intp]:
    numbers = np.full(np.shape(values), len(classes), np.intp)
    for number, code in enumerate(classes):
        numbers[values == code] = number
    return numbers
