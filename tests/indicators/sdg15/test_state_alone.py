"""Degraded land that rests on state alone: which cells, which share, and where the tables of PRAIS say so."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from indicators.certainty.prevalence import status_in_accord
from indicators.codes import DEGRADED, IMPROVED, STABLE
from indicators.sdg15 import state_alone
from indicators.sdg15.one_out_all_out import status
from indicators.sdg15.periods import PRAIS

TRAJECTORY, STATE, COVER = 1, 2, 8
BASELINE, REPORT = PRAIS[0], PRAIS[1]


def layers(baseline: list[tuple[int, int]], report: list[tuple[int, int]]) -> xr.Dataset:
    """Classes of cells in a row, given as (class, reason) in the baseline and in the first reporting period."""
    coords = {"period": [BASELINE.name, REPORT.name]}
    both = np.array([baseline, report])[:, None]
    sdg = xr.DataArray(both[..., 0].astype(np.int8), coords, ("period", "y", "x"))
    reason = xr.DataArray(both[..., 1].astype(np.uint8), coords, ("period", "y", "x"))
    judged = status(sdg.sel(period=BASELINE.name, drop=True), sdg.sel(period=REPORT.name, drop=True))
    stacked = xr.concat([xr.full_like(judged, -128), judged], dim="period").assign_coords(coords)
    return xr.Dataset({"sdg": sdg, "reason": reason, "status": stacked})


CELLS = layers(
    #  baseline state   baseline trend    nothing       state           state            land cover and state
    [(DEGRADED, STATE), (DEGRADED, 1), (STABLE, 0), (DEGRADED, STATE), (DEGRADED, STATE), (DEGRADED, COVER + STATE)],
    [(STABLE, 0), (DEGRADED, STATE), (DEGRADED, STATE), (DEGRADED, TRAJECTORY + STATE), (IMPROVED, 0), (STABLE, 0)],
)
WEIGHT = np.array([[1.0, 2.0, 4.0, 8.0, 16.0, 32.0]])


def amounts() -> pd.DataFrame:
    rows = [row for period in PRAIS[:2] for row in state_alone.amounts(CELLS, WEIGHT, period, PRAIS[:2])]
    return pd.DataFrame(rows, columns=["table", "period", "row", "column", "value", "units"])


def test_cells_that_state_alone_calls_degraded() -> None:
    found = amounts().set_index(["period", "column", "row"])["value"]
    assert found[BASELINE.name, "assessment"].to_dict() == {"degraded": 1 + 2 + 8 + 16 + 32, "alone": 1 + 8 + 16}
    assert found[REPORT.name, "assessment"].to_dict() == {"degraded": 2 + 4 + 8, "alone": 2 + 4}
    # By the status: what either calls degraded and the period does not improve; alone where all that call it so do.
    assert found[REPORT.name, "status"].to_dict() == {"degraded": 1 + 2 + 4 + 8 + 32, "alone": 1 + 4}


def test_shares_of_blocks_are_those_of_the_region() -> None:
    found = state_alone.shares(pd.concat([amounts(), amounts()]))
    assert found == {
        (BASELINE.name, "assessment"): pytest.approx(25 / 59),
        (REPORT.name, "assessment"): pytest.approx(6 / 14),
        (REPORT.name, "status"): pytest.approx(5 / 47),
    }
    nothing = amounts().assign(value=0.0)
    assert state_alone.shares(nothing) == {}


def test_the_status_is_in_accord_with_what_both_periods_allow() -> None:
    assert status_in_accord((0.02, 0.33), (0.03, 0.20)) == (0.03, pytest.approx(0.53))
    assert status_in_accord((0.1, 0.7), (0.2, 0.6)) == (0.2, 1.0)
