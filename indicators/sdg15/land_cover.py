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
from indicators.sdg15.lookup import lookup, table

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
    # Ploughing steppe exposes its soil to wind, and trees planted on steppe draw down its water.
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


def to_unccd(classes: Any, legend: str = "igbp") -> Any:
    """Classes of a legend as UNCCD classes 1 … 7; anything not in the legend is `NODATA`."""
    if legend not in LEGENDS:
        raise IndicatorError(f"legend {legend!r} is unknown; use one of {', '.join(LEGENDS)}")
    entries = np.full(257, NODATA, np.int8)
    for code, target in LEGENDS[legend].items():
        entries[code] = target
    found = xr.apply_ufunc(
        _translated, classes, entries, input_core_dims=[[], ["code"]], dask="parallelized", output_dtypes=[np.int8]
    )
    return found.assign_attrs(classes.attrs) if isinstance(classes, xr.DataArray) else found


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
    """A 7 × 7 matrix of −1, 0, 1. Raises IndicatorError where it is none."""
    if isinstance(matrix, str):
        if matrix not in MATRICES:
            raise IndicatorError(f"matrix {matrix!r} is unknown; use one of {', '.join(MATRICES)}, or a 7×7 table")
        return np.array(MATRICES[matrix], np.int8)
    table = matrix.to_numpy()
    if table.shape != (7, 7) or not np.isin(table, (-1, 0, 1)).all():
        raise IndicatorError(f"a transition matrix is 7×7 of -1, 0, 1; got {table.shape} with {np.unique(table)[:5]}")
    return table.astype(np.int8)


def degradation(initial: Any, final: Any, matrix: str | pd.DataFrame = "prais") -> Any:
    """What the change from `initial` to `final` UNCCD class means: −1, 0, 1; `NODATA` where either is missing."""
    axes = (tuple(UNCCD), tuple(UNCCD))
    if isinstance(final, xr.DataArray):
        final = final.reset_coords(drop=True)  # the result lies where `initial` does
    found = lookup(table(checked_matrix(matrix), axes), axes, initial, final)
    return found.assign_attrs(initial.attrs) if isinstance(initial, xr.DataArray) else found
