"""Land cover: the seven UNCCD classes, and which transitions degrade land.

Sources: Good Practice Guidance version 2, section 3.2; PRAIS 4 default transition table; Trends.Earth.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.codes import NODATA, UNCCD
from indicators.errors import IndicatorError
from indicators.kernel.compiling import compiled
from indicators.sdg15.lookup import Layer, lookup, table

LEGENDS: dict[str, dict[int, int]] = {
    "igbp": {
        1: 1, 2: 1, 3: 1, 4: 1, 5: 1, 8: 1, 6: 2, 7: 2, 9: 2, 10: 2, 12: 3, 14: 3, 11: 4, 13: 5, 15: 6, 16: 6, 17: 7,
    },
    "esa-cci": {
        **dict.fromkeys((50, 60, 61, 62, 70, 71, 72, 80, 81, 82, 90, 100), 1),
        **dict.fromkeys((110, 120, 121, 122, 130, 140, 150, 151, 152, 153), 2),
        **dict.fromkeys((10, 11, 12, 20, 30, 40), 3),
        **dict.fromkeys((160, 170, 180), 4),
        190: 5,
        **dict.fromkeys((200, 201, 202, 220), 6),
        210: 7,
    },
    # all its wetlands, mangroves included, are one class; 0 and 250 are no data
    "glc-fcs30d": {
        **dict.fromkeys((51, 52, 61, 62, 71, 72, 81, 82, 91, 92), 1),
        **dict.fromkeys((120, 121, 122, 130, 140, 150, 152, 153), 2),
        **dict.fromkeys((10, 11, 12, 20), 3),
        **dict.fromkeys(range(181, 188), 4),
        190: 5,
        **dict.fromkeys((200, 201, 202, 220), 6),
        210: 7,
    },
    "worldcover": {10: 1, 20: 2, 30: 2, 100: 6, 40: 3, 90: 4, 95: 1, 50: 5, 60: 6, 70: 6, 80: 7},
    "unccd": {code: code for code in range(1, 8)},
}  # fmt: skip
#: Rows: initial class 1 … 7; columns: final class.
MATRICES: dict[str, tuple[tuple[int, ...], ...]] = {
    "prais": (
        (0, -1, -1, -1, -1, -1, 0),
        (1, 0, 1, -1, -1, -1, 0),
        (1, -1, 0, -1, -1, -1, 0),
        (-1, -1, -1, 0, -1, -1, 0),
        (1, 1, 1, 1, 0, 1, 0),
        (1, 1, 1, 1, -1, 0, 0),
        (0, 0, 0, 0, 0, 0, 0),
    ),
    # Ploughing exposes the soil of the steppe to wind; trees planted on steppe lower its groundwater.
    "pastoral-dryland": (
        (0, -1, -1, -1, -1, -1, 0),
        (0, 0, -1, -1, -1, -1, 0),
        (1, -1, 0, -1, -1, -1, 0),
        (-1, -1, -1, 0, -1, -1, 0),
        (1, 1, 1, 1, 0, 1, 0),
        (1, 1, 1, 1, -1, 0, 0),
        (0, 0, 0, 0, 0, 0, 0),
    ),
}


def to_unccd(classes: Layer, legend: str = "igbp") -> Layer:
    """UNCCD classes 1 to 7 from the classes of a land-cover product.

    Parameters
    ----------
    classes
        Codes of the product.
    legend
        `igbp` (MODIS), `esa-cci`, `glc-fcs30d`, `worldcover` or `unccd`.

    Returns
    -------
    xarray.DataArray or numpy.ndarray
        int8, of the kind of `classes`; `NODATA` for a code that the legend does not list.

    Raises
    ------
    IndicatorError
        The legend is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> to_unccd(np.array([10, 12, 13, 254]), "igbp").tolist()
    [2, 3, 5, -128]
    """
    if legend not in LEGENDS:
        raise IndicatorError(f"legend {legend!r} is unknown; use one of {', '.join(LEGENDS)}")
    entries = np.full(257, NODATA, np.int8)
    for code, target in LEGENDS[legend].items():
        entries[code] = target
    unccd = xr.apply_ufunc(
        _translated, classes, entries, input_core_dims=[[], ["code"]], dask="parallelized", output_dtypes=[np.int8]
    )
    return unccd.assign_attrs(classes.attrs) if isinstance(classes, xr.DataArray) else unccd


def _translated(classes: np.ndarray, entries: np.ndarray) -> np.ndarray:
    """The entry of each code 0 … 255, the last one for anything else."""
    flat = np.ascontiguousarray(classes).ravel()
    result = np.empty(flat.shape, np.int8)
    _translate(flat, entries, result)
    return result.reshape(np.shape(classes))


@compiled
def _translate(values: Any, entries: Any, result: Any) -> None:
    for i in range(len(values)):
        inside = (values[i] >= 0) & (values[i] <= 255)
        result[i] = entries[np.int64(values[i])] if inside else entries[256]


def checked_matrix(matrix: str | pd.DataFrame) -> np.ndarray:
    """A 7 × 7 matrix of −1, 0, 1. Raises IndicatorError for an unknown name or another table."""
    if isinstance(matrix, str):
        if matrix not in MATRICES:
            raise IndicatorError(f"matrix {matrix!r} is unknown; use one of {', '.join(MATRICES)}, or a 7×7 table")
        return np.array(MATRICES[matrix], np.int8)
    table = matrix.to_numpy()
    if table.shape != (7, 7) or not np.isin(table, (-1, 0, 1)).all():
        raise IndicatorError(
            f"a transition matrix is a 7×7 table of -1, 0 or 1; got {table.shape} with {np.unique(table)[:5]}"
        )
    return table.astype(np.int8)


def degradation(initial: Layer, final: Layer, matrix: str | pd.DataFrame = "prais") -> Layer:
    """Whether a transition between UNCCD land-cover classes degrades or improves the land.

    Parameters
    ----------
    initial, final
        UNCCD classes 1 to 7 of the first and the last year. Any other value is missing.
    matrix
        `prais`, `pastoral-dryland`, or a 7 × 7 table of −1, 0, 1: rows are initial classes, columns final classes.

    Returns
    -------
    xarray.DataArray or numpy.ndarray
        int8, of the kind of `initial`: −1 degraded, 0 stable, 1 improved; `NODATA` where a class is missing.

    Raises
    ------
    IndicatorError
        The matrix is unknown, or not 7 × 7 of −1, 0, 1.

    References
    ----------
    UNCCD Good Practice Guidance for SDG indicator 15.3.1, version 2 (2021), section 3.2; PRAIS 4, default matrix.

    Examples
    --------
    >>> import numpy as np
    >>> degradation(np.array([2, 3, 2]), np.array([5, 2, 2])).tolist()  # grassland to artificial, cropland to grassland
    [-1, -1, 0]
    """
    axes = (tuple(UNCCD), tuple(UNCCD))
    if isinstance(final, xr.DataArray):
        final = final.reset_coords(drop=True)  # the result has the coordinates of `initial`
    direction = lookup(table(checked_matrix(matrix), axes), axes, initial, final)
    return direction.assign_attrs(initial.attrs) if isinstance(initial, xr.DataArray) else direction
