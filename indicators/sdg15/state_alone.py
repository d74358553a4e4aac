"""Degraded land that *state* alone calls degraded: neither trend, performance, land cover nor soil carbon does.

State compares the last three years of a period with those before, so a few dry years are enough for it. Land that only
state classifies as degraded is not evidence of lasting degradation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from indicators.codes import DEGRADED, STATE_BIT
from indicators.sdg15.one_out_all_out import status3
from indicators.sdg15.periods import Period, is_baseline

#: Name of the amounts among those of the PRAIS tables.
TABLE = "state"
Mask: TypeAlias = NDArray[np.bool_]


def by_state_alone(classes: xr.Dataset, period: Period, periods: Sequence[Period]) -> Iterator[tuple[str, Mask, Mask]]:
    """Cells of a period that are degraded, and those of them by state alone, as (kind, degraded, alone).

    `classes`: layers `sdg` and `reason`, and where it is computed `status`, with dimension `period`. Kind `assessment`
    is the period alone. Kind `status` is the status against the baseline of a reporting period; there a cell counts as
    alone where every assessment that calls it degraded, the period's and the baseline's, does so by state alone.
    """
    degraded, alone = _called(classes, period.name)
    yield "assessment", degraded, alone
    baseline = next((each.name for each in periods if is_baseline(each.name)), None)
    if not period.reporting or baseline is None or "status" not in classes:
        return
    before, before_alone = _called(classes, baseline)
    judged = np.asarray(status3(classes["status"].sel(period=period.name).values) == DEGRADED)
    yield "status", judged, judged & (~degraded | alone) & (~before | before_alone)


def amounts(
    classes: xr.Dataset, weight: NDArray[np.floating], period: Period, periods: Sequence[Period]
) -> Iterator[tuple[str, str, str, str, float, str]]:
    """Areas of `by_state_alone` as rows that may be added: table, period, row, column, value, units."""
    for kind, degraded, alone in by_state_alone(classes, period, periods):
        for row, cells in (("degraded", degraded), ("alone", alone)):
            yield TABLE, period.name, row, kind, float((cells * weight).sum()), "km2"


def shares(found: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Share (0…1) of the degraded land that state alone calls degraded, by period and kind (assessment, status).

    Nothing for a period without degraded land. `found`: the `amounts` of the whole region.
    """
    own = found[found["table"] == TABLE]
    if own.empty:
        return {}
    sums = own.pivot_table(index=["period", "column"], columns="row", values="value", aggfunc="sum", sort=False)
    some = sums[sums["degraded"] > 0].reset_index()
    return {
        (str(row["period"]), str(row["column"])): float(row["alone"] / row["degraded"])
        for row in some.to_dict("records")
    }


def _called(classes: xr.Dataset, period: str) -> tuple[Mask, Mask]:
    degraded = np.asarray(classes["sdg"].sel(period=period).values == DEGRADED)
    return degraded, degraded & np.asarray(classes["reason"].sel(period=period).values == STATE_BIT)
