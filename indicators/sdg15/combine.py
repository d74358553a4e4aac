"""SDG 15.3.1: one out, all out; and the status against the baseline.

Sources: Good Practice Guidance version 2, section 2; addendum (UNCCD 2023), status matrix.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import xarray as xr

from indicators.codes import DEGRADED, IMPROVED, NODATA, STABLE, UNDETERMINED
from indicators.sdg15.lookup import lookup, lookups, table

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
    """Combine three sub-indicators of −1, 0, 1 (anything else is missing): `sdg` and `partial`.

    Any degraded one decides. With nothing degraded and something missing the answer is `UNDETERMINED`; `partial`
    marks degraded pixels where another sub-indicator is missing. `NODATA` where all are missing.
    """
    parts = [
        part if isinstance(part, xr.DataArray) else xr.DataArray(part)
        for part in (productivity, land_cover, soil_carbon)
    ]
    sdg, partial = combined(*parts)
    return xr.Dataset({"sdg": sdg, "partial": partial})


def combined(productivity: Any, land_cover: Any, soil_carbon: Any) -> tuple[Any, ...]:
    """`sdg` and `partial` of `one_out_all_out`, for arrays that broadcast together, or DataArrays."""
    return lookups(_combinations(), (THREE, THREE, THREE), productivity, land_cover, soil_carbon)


@cache
def _combinations() -> tuple[np.ndarray, np.ndarray]:
    """What every combination of the three makes, and whether it is degraded with something missing."""
    sdg, partial = np.empty((4, 4, 4), np.int8), np.zeros((4, 4, 4), np.int8)
    for place in np.ndindex(4, 4, 4):
        known = [THREE[k] for k in place if k < 3]
        if not known:
            sdg[place] = NODATA
        elif DEGRADED in known:
            sdg[place], partial[place] = DEGRADED, len(known) < 3
        elif len(known) < 3:
            sdg[place] = UNDETERMINED
        else:
            sdg[place] = IMPROVED if IMPROVED in known else STABLE
    return sdg, partial


def status(baseline: Any, period: Any) -> Any:
    """Seven classes of change from the baseline's assessment to a period's; `NODATA` where either is missing."""
    entries = table([[STATUS[before, after] for after in THREE] for before in THREE], (THREE, THREE))
    if isinstance(baseline, xr.DataArray):
        baseline = baseline.reset_coords(drop=True)  # the result lies in the period
    found = lookup(entries, (THREE, THREE), baseline, period)
    return found.assign_attrs(period.attrs) if isinstance(period, xr.DataArray) else found


def status3(status7: Any) -> Any:
    """Seven classes as three: 1–3 degraded, 4 stable, 5–7 improved. `NODATA` for anything else."""
    seven = tuple(STATUS_MEANINGS)
    entries = table([DEGRADED] * 3 + [STABLE] + [IMPROVED] * 3, (seven,))
    found = lookup(entries, (seven,), status7)
    return found.assign_attrs(status7.attrs) if isinstance(status7, xr.DataArray) else found
