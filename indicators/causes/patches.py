"""Which degraded pixels hang together? Patches of a map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from indicators.errors import IndicatorError

#: Fewest cells of a patch whose cause is asked for.
LEAST_CELLS = 25
#: Cells that touch at a corner hang together.
NEIGHBOURS = np.ones((3, 3), bool)


def connected_patches(degraded: NDArray[np.bool_], least: int = LEAST_CELLS) -> NDArray[np.int32]:
    """Number the patches of a map: cells that touch at a side or a corner.

    Parameters
    ----------
    degraded
        Whether each cell is degraded (y, x).
    least
        Fewest cells of a patch; smaller ones are left out.

    Returns
    -------
    array of int32 (y, x)
        1 and up by patch, the largest first (of equal ones the more northern); 0 outside of all.

    Raises
    ------
    IndicatorError
        The map is not (y, x), or `least` is below 1.

    Examples
    --------
    >>> import numpy as np
    >>> land = np.zeros((6, 6), bool)
    >>> land[:2, :2] = land[3:, 3:] = True
    >>> connected_patches(land, least=4).max(), connected_patches(land, least=5).max()
    (np.int32(2), np.int32(1))
    """
    if np.ndim(degraded) != 2 or least < 1:
        raise IndicatorError(
            f"connected_patches: a map of {np.ndim(degraded)} dimensions and patches of at least {least} cells; give a "
            f"map (y, x) and 1 cell or more"
        )
    numbers, count = label(degraded, NEIGHBOURS)
    cells = np.bincount(numbers.ravel(), minlength=count + 1)
    kept = 1 + np.flatnonzero(cells[1:] >= least)
    order = kept[np.argsort(-cells[kept], kind="stable")]
    renamed = np.zeros(count + 1, np.int32)
    renamed[order] = np.arange(1, len(order) + 1)
    return np.asarray(renamed[numbers], np.int32)
