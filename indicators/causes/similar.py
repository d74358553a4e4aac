"""Land that is like a patch and has not lost: what its change is compared with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from indicators.errors import IndicatorError

Floats = NDArray[np.float64]
#: Cells of matched land of a patch, and the fewest that will do.
COUNT, FEWEST_CELLS = 200, 20


def similar_land(
    patch: Floats, pool: Floats, patch_class: int, pool_class: NDArray[np.int_], *, count: int = COUNT
) -> NDArray[np.intp]:
    """The cells of a pool that are most like a patch, of the same class.

    Parameters
    ----------
    patch
        Features of the patch (feature), each in units in which 1 is a difference that matters.
    pool
        The same of the cells to choose from (cell, feature). Cells with NaN are not chosen.
    patch_class, pool_class
        Class of the patch, and of each cell, such as land cover.
    count
        Most cells.

    Returns
    -------
    array of int
        Places in the pool, the most similar first (Euclidean distance); empty with fewer than 20 cells to choose from.

    Raises
    ------
    IndicatorError
        Features of patch and pool differ in number.

    Examples
    --------
    >>> import numpy as np
    >>> pool = np.column_stack([np.arange(50.0), np.zeros(50)])
    >>> similar_land(np.array([20.2, 0.0]), pool, 2, np.full(50, 2), count=3)
    array([20, 21, 19])
    """
    if pool.ndim != 2 or pool.shape[1] != len(patch):
        raise IndicatorError(f"similar_land: {len(patch)} features of the patch, a pool of shape {pool.shape}")
    own = np.flatnonzero((pool_class == patch_class) & np.isfinite(pool).all(axis=1))
    if len(own) < FEWEST_CELLS or not np.isfinite(patch).all():
        return np.empty(0, np.intp)
    _, near = cKDTree(pool[own]).query(patch, k=min(count, len(own)))
    return np.asarray(own[np.atleast_1d(near)], np.intp)
