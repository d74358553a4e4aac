"""Does a trend class hold where the land changed at once? The class of the trajectory beside the breaks of the tree.

What goes against a class must be told from chance: the change over the record has p < 0.10 already (the tree counts no
other), and the slope since the break p ≤ 0.05 by itself, as bfast01 tests the slopes of its segments before it calls a
change a reversal (de Jong et al. 2013, doi:10.3390/rs5031117).
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from indicators.codes import DEGRADED, IMPROVED, STABLE
from indicators.errors import IndicatorError

#: What a break makes of a class: flag codes 0 … 4.
FLAGS = ("no_break", "confirmed", "step", "reversed", "hidden")


def flag_trend(
    direction: xr.DataArray, found: xr.Dataset, mean: xr.DataArray, *, band: float = 0.05, level: float = 0.05
) -> xr.Dataset:
    """Flags of the trajectory's `direction` (−1, 0, 1) where `tss_restrend_annual` found a break.

    `mean`: mean of the vegetation by pixel, of which changes below the share `band` are none. `flag`: `no_break`;
    `confirmed` (the change over the record goes the way of the class); `step` (it does, but more than half of it
    came at the break: no gradual trend); `reversed` (it goes the other way, or what came after the break does, makes
    up more than the band, and has a slope of p ≤ `level`); `hidden` (the class is stable, but the land changed at the
    break). `invalidated`: the class says what the break denies (reversed, hidden). `corrected`: the direction of the
    total change there, else that given; other codes than −1, 0, 1 are kept, and never flagged. Raises IndicatorError
    where `found` is no result of the tree.
    """
    needed = ("break_year", "total_change", "at", "after", "after_p")
    missing = [name for name in needed if name not in found]
    if missing:
        raise IndicatorError(f"flag_trend needs the result of tss_restrend_annual; {', '.join(missing)} is missing")
    least = np.abs(mean) * band
    judged = direction.isin([DEGRADED, STABLE, IMPROVED])
    broken = found["break_year"].notnull() & judged
    total = found["total_change"].fillna(0.0)
    way = xr.where(np.abs(total) > least, np.sign(total), STABLE)
    turned = (np.abs(found["after"]) > least) & (found["after_p"] <= level)
    after = xr.where(turned, np.sign(found["after"]), 0)
    against = (direction != STABLE) & ((way == -direction) | (after == -direction))
    hidden = (direction == STABLE) & (way != STABLE)
    abrupt = (way == direction) & (direction != STABLE) & (np.abs(found["at"]) > 0.5 * np.abs(total))
    flag = xr.where(broken, 1, 0)
    flag = xr.where(broken & abrupt, 2, flag)
    flag = xr.where(broken & against, 3, flag)
    flag = xr.where(broken & hidden, 4, flag).astype(np.int8)
    invalidated = flag >= 3
    flag.attrs = {
        "long_name": "what a break makes of the trend class",
        "flag_values": np.arange(len(FLAGS), dtype=np.int8),
        "flag_meanings": " ".join(FLAGS),
    }
    return xr.Dataset(
        {
            "flag": flag,
            "invalidated": invalidated,
            "corrected": xr.where(invalidated, way, direction).astype(direction.dtype),
        }
    )
