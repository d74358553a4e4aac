"""Land productivity dynamics (LPD): the classes of trajectory, state and performance combined.

Sources: PRAIS 4 manual, Table 13; SEPAL's tables for the Good Practice Guidance, versions 1 and 2.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from indicators.codes import DEGRADED, IMPROVED, STABLE
from indicators.errors import IndicatorError
from indicators.sdg15.lookup import Layer, lookup
from indicators.sdg15.lookup import table as complete

#: Trajectory, state, performance -> five classes (PRAIS 4 manual, Table 13) and the three-class tables of SEPAL.
LPD_TABLES: dict[str, dict[str, int]] = {
    "trends-earth": {
        "DDD": 1, "DDN": 1, "DSD": 1, "DSN": 1, "DID": 1, "DIN": 1,
        "SDD": 1, "SDN": 2, "SSD": 3, "SSN": 4, "SID": 4, "SIN": 4,
        "IDD": 2, "IDN": 5, "ISD": 5, "ISN": 5, "IID": 5, "IIN": 5,
    },
    "sepal-gpg1": {
        "DDD": -1, "DDN": -1, "DSD": -1, "DSN": -1, "DID": -1, "DIN": -1,
        "SDD": -1, "SDN": 0, "SSD": 0, "SSN": 0, "SID": 0, "SIN": 0,
        "IDD": -1, "IDN": 1, "ISD": 1, "ISN": 1, "IID": 1, "IIN": 1,
    },
    "sepal-gpg2": {
        "DDD": -1, "DDN": -1, "DSD": -1, "DSN": 0, "DID": -1, "DIN": -1,
        "SDD": -1, "SDN": 0, "SSD": -1, "SSN": 0, "SID": 0, "SIN": 0,
        "IDD": -1, "IDN": 1, "ISD": 1, "ISN": 1, "IID": 1, "IIN": 1,
    },
}  # fmt: skip
LPD_MEANINGS = {
    1: "declining",
    2: "early signs of decline",
    3: "stable but stressed",
    4: "stable",
    5: "increasing",
}
THREE = (DEGRADED, STABLE, IMPROVED)


def lpd(trajectory: Layer, state: Layer, performance: Layer, table: str = "trends-earth") -> Layer:
    """Land productivity dynamics: the class that trajectory, state and performance make together.

    Parameters
    ----------
    trajectory, state
        Directions: −1, 0, 1. Any other value is missing.
    performance
        Direction: −1 or 0. Any other value is missing.
    table
        `trends-earth`: five classes. `sepal-gpg1`, `sepal-gpg2`: three classes.

    Returns
    -------
    xarray.DataArray or numpy.ndarray
        int8, of the kind of the arguments, which are broadcast: 1 to 5 as in `LPD_MEANINGS`, or −1 to 1; `NODATA` where
        an argument is missing.

    Raises
    ------
    IndicatorError
        The table is unknown.

    References
    ----------
    PRAIS 4 manual, table 13; SEPAL's tables for the Good Practice Guidance, versions 1 and 2.

    Examples
    --------
    >>> import numpy as np
    >>> lpd(np.array([-1, 0, 0, 1]), np.array([0, -1, 0, 0]), np.array([0, -1, -1, 0])).tolist()
    [1, 1, 3, 5]
    """
    if table not in LPD_TABLES:
        raise IndicatorError(f"LPD table {table!r} is unknown; use one of {', '.join(LPD_TABLES)}")
    return lookup(_entries(table), (THREE, THREE, (DEGRADED, STABLE)), trajectory, state, performance)


@cache
def _entries(name: str) -> np.ndarray:
    """A table with an axis each for trajectory, state and performance."""
    letters = {DEGRADED: "D", STABLE: "S", IMPROVED: "I"}
    keys = [[[letters[t] + letters[s] + p for p in "DN"] for s in THREE] for t in THREE]
    return complete(
        [[[LPD_TABLES[name][key] for key in row] for row in block] for block in keys],
        (THREE, THREE, (DEGRADED, STABLE)),
    )


def lpd3(lpd5: Layer) -> Layer:
    """Three classes from the five of `lpd`.

    Parameters
    ----------
    lpd5
        Classes 1 to 5. Any other value is missing.

    Returns
    -------
    xarray.DataArray or numpy.ndarray
        int8, of the kind of `lpd5`: −1 for 1 and 2, 0 for 3 and 4, 1 for 5; `NODATA` where missing.

    Examples
    --------
    >>> import numpy as np
    >>> lpd3(np.array([1, 2, 3, 4, 5])).tolist()
    [-1, -1, 0, 0, 1]
    """
    five = tuple(LPD_MEANINGS)
    return lookup(complete([DEGRADED, DEGRADED, STABLE, STABLE, IMPROVED], (five,)), (five,), lpd5)
