"""Expected areas of lasting change: summed in blocks, reported as shares of the region with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from flows.region.population import statistic
from indicators.change import Common, block_terms, changed_share
from indicators.change.common import GREENING
from indicators.codes import DEGRADED
from practices.report.headline import ACCORD, GAINED, LOST

if TYPE_CHECKING:
    from flows.region.job import Job

WIDE_LOSS = "region_wide_loss"
SHARES = {
    LOST: "share of the land whose productivity can be judged that lost more than 10 % of it",
    GAINED: "share of the land whose productivity can be judged that gained more than 10 % of it",
    ACCORD: "share of that land that is degraded: it lost productivity, or land cover or soil carbon degraded",
}
HOW = "{what}, for reasons other than weather; expected from the probabilities of all pixels, with the 95 % interval"
WIDE = (
    "probability that the region as a whole lost more than 10 % of its productivity, beyond an expected greening of "
    "{greening:.0f} % a decade; its neighbours cannot show that. If there was one, the change was {change:+.0f} %"
)


def chances_of(job: Job, found: xr.Dataset, weight: np.ndarray) -> pd.DataFrame | None:
    """Terms of the expected areas of a block (see `indicators.change.shares`), by period and name of the statistic."""
    if "loss_probability" not in found:
        return None
    tables = []
    y, x = found["y"].values, found["x"].values
    for number, period in enumerate(job.periods):
        judged = found["productivity"][number].values
        known = np.isin(judged, (-1, 0, 1))
        loss, gain = (np.where(known, found[f"{side}_probability"][number].values, np.nan) for side in ("loss", "gain"))
        other = [(found[name][number] == DEGRADED).values for name in ("land_cover", "soil_organic_carbon")]
        degraded = np.where(known & np.logical_or(*other), 1.0, loss)
        for name, probability in ((LOST, loss), (GAINED, gain), (ACCORD, degraded)):
            tables.append(block_terms(probability, weight, y, x).assign(period=period.name, name=name))
    return pd.concat(tables, ignore_index=True)


def share_rows(chances: pd.DataFrame, period: str, common: Common | None) -> list[dict[str, Any]]:
    """Statistics of a period: shares lost, gained and degraded, and the probability of a loss of the whole region."""
    rows = []
    for name, what in SHARES.items():
        own = chances[(chances["period"] == period) & (chances["name"] == name)].drop(columns=["period", "name"])
        share = changed_share(own, None if name == GAINED else common)
        note = HOW.format(what=what)
        if share is None:
            rows.append(statistic(name, None, note="no land whose productivity can be judged"))
        else:
            rows.append(statistic(name, share.value, low=share.low, high=share.high, note=note))
    if common is not None:
        note = WIDE.format(greening=100 * GREENING[0], change=100 * np.expm1(common.mean))
        rows.append(statistic(WIDE_LOSS, common.loss, note=note))
    return rows
