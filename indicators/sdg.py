"""SDG 15.3.1: one out, all out; and the status against the baseline.

Sources: Good Practice Guidance version 2, section 2; addendum (UNCCD 2023), status matrix.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from indicators.codes import DEGRADED, IMPROVED, NODATA, STABLE, UNDETERMINED

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
        xr.DataArray(part) if not isinstance(part, xr.DataArray) else part
        for part in (productivity, land_cover, soil_carbon)
    ]
    known = [(part >= DEGRADED) & (part <= IMPROVED) for part in parts]
    degraded: Any = sum(((part == DEGRADED) & k).astype(int) for part, k in zip(parts, known, strict=True)) > 0
    improved: Any = sum(((part == IMPROVED) & k).astype(int) for part, k in zip(parts, known, strict=True)) > 0
    count: Any = sum(k.astype(int) for k in known)
    full = xr.where(improved, IMPROVED, STABLE)
    judged = xr.where(degraded, DEGRADED, xr.where(count == 3, full, UNDETERMINED))
    return xr.Dataset(
        {
            "sdg": xr.where(count == 0, NODATA, judged).astype(np.int8),
            "partial": (degraded & (count < 3)).astype(np.int8),
        }
    )


def status(baseline: Any, period: Any) -> Any:
    """Seven classes of change from the baseline's assessment to a period's; `NODATA` where either is missing."""
    first, last = np.asarray(baseline), np.asarray(period)
    result = np.full(np.broadcast(first, last).shape, NODATA, np.int8)
    for (before, after), code in STATUS.items():
        result[(first == before) & (last == after)] = code
    return period.copy(data=result) if isinstance(period, xr.DataArray) else result


def status3(status7: Any) -> Any:
    """Seven classes as three: 1–3 degraded, 4 stable, 5–7 improved."""
    codes = np.asarray(status7)
    three = np.where(codes <= 3, DEGRADED, np.where(codes == 4, STABLE, IMPROVED))
    result = np.where(codes == NODATA, NODATA, three).astype(np.int8)
    return status7.copy(data=result) if isinstance(status7, xr.DataArray) else result
