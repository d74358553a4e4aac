"""SDG 15.3.1: one out, all out; and the status against the baseline.

Sources: Good Practice Guidance version 2, section 2; addendum (UNCCD 2023), status matrix.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import xarray as xr

from indicators.codes import DEGRADED, IMPROVED, NODATA, STABLE, UNDETERMINED
from indicators.sdg15.lookup import Layer, lookup, lookups, table

THREE = (DEGRADED, STABLE, IMPROVED)

#: (baseline, period) -> status of seven classes.
STATUS = {
    (-1, -1): 1, (-1, 0): 3, (-1, 1): 6,
    (0, -1): 2, (0, 0): 4, (0, 1): 6,
    (1, -1): 2, (1, 0): 5, (1, 1): 7,
}  # fmt: skip
STATUS_MEANINGS = {
    1: "persistent degradation",
    2: "recent degradation",
    3: "baseline degradation",
    4: "stability",
    5: "baseline improvement",
    6: "recent improvement",
    7: "persistent improvement",
}


def one_out_all_out(productivity: Any, land_cover: Any, soil_carbon: Any) -> xr.Dataset:
    """SDG 15.3.1 of each pixel: degraded if at least one sub-indicator is degraded.

    Parameters
    ----------
    productivity, land_cover, soil_carbon
        Classes −1, 0, 1, as arrays or DataArrays that broadcast together. Any other value is missing.

    Returns
    -------
    xarray.Dataset
        `sdg`, int8: −1, 0, 1; `UNDETERMINED` where nothing is degraded and something is missing; `NODATA` where all are
        missing. `partial`, int8: 1 for degraded pixels where another sub-indicator is missing.

    References
    ----------
    UNCCD Good Practice Guidance for SDG indicator 15.3.1, version 2 (2021), section 2.

    Examples
    --------
    >>> import numpy as np
    >>> sdg = one_out_all_out(np.array([1, 0, 0]), np.array([0, 0, 0]), np.array([-1, 1, 0]))["sdg"]
    >>> sdg.values.tolist()
    [-1, 1, 0]
    """
    parts = [
        part if isinstance(part, xr.DataArray) else xr.DataArray(part)
        for part in (productivity, land_cover, soil_carbon)
    ]
    sdg, partial = combined(*parts)
    return xr.Dataset({"sdg": sdg, "partial": partial})


def combined(productivity: Layer, land_cover: Layer, soil_carbon: Layer) -> tuple[Layer, ...]:
    """`sdg` and `partial` of `one_out_all_out`, of the kind of the arguments.

    Parameters
    ----------
    productivity, land_cover, soil_carbon
        As in `one_out_all_out`.

    Returns
    -------
    tuple of xarray.DataArray or numpy.ndarray
        `sdg` and `partial`.

    Examples
    --------
    >>> import numpy as np
    >>> sdg, partial = combined(np.array([-1, 0]), np.array([0, 0]), np.array([-128, 0]))
    >>> sdg.tolist(), partial.tolist()
    ([-1, 0], [1, 0])
    """
    return lookups(_combinations(), (THREE, THREE, THREE), productivity, land_cover, soil_carbon)


@cache
def _combinations() -> tuple[np.ndarray, np.ndarray]:
    """`sdg` and `partial` of every combination of the three; the last index of an axis is a missing class."""
    sdg, partial = np.empty((4, 4, 4), np.int8), np.zeros((4, 4, 4), np.int8)
    for index in np.ndindex(4, 4, 4):
        known = [THREE[k] for k in index if k < 3]
        if not known:
            sdg[index] = NODATA
        elif DEGRADED in known:
            sdg[index], partial[index] = DEGRADED, len(known) < 3
        elif len(known) < 3:
            sdg[index] = UNDETERMINED
        else:
            sdg[index] = IMPROVED if IMPROVED in known else STABLE
    return sdg, partial


def status(baseline: Layer, period: Layer) -> Layer:
    """Status: a reporting period compared with the baseline.

    Parameters
    ----------
    baseline, period
        SDG 15.3.1 of the two, −1, 0, 1. Any other value is missing.

    Returns
    -------
    xarray.DataArray or numpy.ndarray
        int8, of the kind of the arguments: 1 to 7 as in `STATUS_MEANINGS`; `NODATA` where one is missing.

    References
    ----------
    UNCCD (2023), addendum to the Good Practice Guidance, status matrix.

    Examples
    --------
    >>> import numpy as np
    >>> [STATUS_MEANINGS[code] for code in status(np.array([-1, 0]), np.array([0, -1])).tolist()]
    ['baseline degradation', 'recent degradation']
    """
    entries = table([[STATUS[before, after] for after in THREE] for before in THREE], (THREE, THREE))
    if isinstance(baseline, xr.DataArray):
        baseline = baseline.reset_coords(drop=True)  # the result has the coordinates of the period
    classes = lookup(entries, (THREE, THREE), baseline, period)
    return classes.assign_attrs(period.attrs) if isinstance(period, xr.DataArray) else classes


def status3(status7: Layer) -> Layer:
    """Three classes from the seven of `status`.

    Parameters
    ----------
    status7
        Classes 1 to 7. Any other value is missing.

    Returns
    -------
    xarray.DataArray or numpy.ndarray
        int8, of the kind of `status7`: −1 for 1 to 3, 0 for 4, 1 for 5 to 7; `NODATA` where missing.

    Examples
    --------
    >>> import numpy as np
    >>> status3(np.array([1, 4, 7])).tolist()
    [-1, 0, 1]
    """
    seven = tuple(STATUS_MEANINGS)
    entries = table([DEGRADED] * 3 + [STABLE] + [IMPROVED] * 3, (seven,))
    three = lookup(entries, (seven,), status7)
    return three.assign_attrs(status7.attrs) if isinstance(status7, xr.DataArray) else three
