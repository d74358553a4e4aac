"""Land productivity dynamics (LPD): the classes that trajectory, state and performance make together.

Sources: PRAIS 4 manual, Table 13; SEPAL's tables for the Good Practice Guidance, versions 1 and 2.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from indicators.codes import DEGRADED, IMPROVED, NODATA, STABLE
from indicators.errors import IndicatorError

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
LETTERS = {"D": DEGRADED, "S": STABLE, "I": IMPROVED, "N": STABLE}


def lpd(
    trajectory: xr.DataArray,
    state: xr.DataArray,
    performance: xr.DataArray,
    table: str = "trends-earth",
) -> xr.DataArray:
    """Classes of the three directions by one of `LPD_TABLES`: 1 … 5, or −1 … 1; `NODATA` where any is missing."""
    if table not in LPD_TABLES:
        raise IndicatorError(f"LPD table {table!r} is unknown; use one of {', '.join(LPD_TABLES)}")
    result = xr.full_like(trajectory, NODATA, dtype=np.int8)
    for key, value in LPD_TABLES[table].items():
        t, s = (LETTERS[letter] for letter in key[:2])
        p = DEGRADED if key[2] == "D" else STABLE
        result = xr.where((trajectory == t) & (state == s) & (performance == p), np.int8(value), result)
    return result.astype(np.int8)


def lpd3(lpd5: xr.DataArray) -> xr.DataArray:
    """Five classes as three: 1, 2 degraded; 3, 4 stable; 5 improved."""
    three = xr.where(lpd5 <= 2, DEGRADED, xr.where(lpd5 == 5, IMPROVED, STABLE))
    return xr.where(lpd5 == NODATA, NODATA, three).astype(np.int8)
