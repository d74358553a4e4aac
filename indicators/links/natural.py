"""Natural land that was turned to cropland or artificial land."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from indicators.errors import IndicatorError

#: UNCCD classes that are natural land: trees, grassland, wetland, other land. Water is natural and no land.
NATURAL = (1, 2, 4, 6)
#: Classes that people made: cropland, artificial.
USED = (3, 5)


def natural_lost(transitions: ArrayLike) -> tuple[float, float]:
    """Area of natural land turned to cropland or artificial land, and of the reverse.

    Parameters
    ----------
    transitions
        Area (8, 8) in km² from and to each UNCCD class by its code; index 0 is land without class
        (`indicators.area.tally.transition_sums`).

    Returns
    -------
    tuple of float
        km² lost and km² that became natural. Planted trees and abandoned fields count as natural: the map does not
        distinguish them.

    Raises
    ------
    IndicatorError
        The table is not 8 by 8.

    Examples
    --------
    >>> import numpy as np
    >>> table = np.zeros((8, 8))
    >>> table[2, 3], table[6, 5], table[3, 2], table[2, 6] = 150.0, 20.0, 40.0, 500.0
    >>> natural_lost(table)
    (170.0, 40.0)
    """
    table = np.asarray(transitions, float)
    if table.shape != (8, 8):
        raise IndicatorError(f"transitions: a table of {table.shape}, not (8, 8); see transition_sums")
    return float(table[np.ix_(NATURAL, USED)].sum()), float(table[np.ix_(USED, NATURAL)].sum())


def is_natural(cover: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Which cells of UNCCD classes are natural land."""
    return np.isin(cover, NATURAL)
