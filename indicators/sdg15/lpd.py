"""Land productivity dynamics (LPD): the classes that trajectory, state and performance make together.

Sources: PRAIS 4 manual, Table 13; SEPAL's tables for the Good Practice Guidance, versions 1 and 2.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from indicators.codes import DEGRADED, IMPROVED, STABLE
from indicators.errors import IndicatorError
from indicators.sdg15.lookup import lookup
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


def lpd(trajectory: Any, state: Any, performance: Any, table: str = "trends-earth") -> Any:
    """Classes of the three directions by one of `LPD_TABLES`: 1 … 5, or −1 … 1; `NODATA` where any is missing.

    DataArrays, or arrays that broadcast together; the result is of the same kind.
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


def lpd3(lpd5: Any) -> Any:
    """Five classes as three: 1, 2 degraded; 3, 4 stable; 5 improved. `NODATA` for anything else."""
    five = tuple(LPD_MEANINGS)
    return lookup(complete([DEGRADED, DEGRADED, STABLE, STABLE, IMPROVED], (five,)), (five,), lpd5)
