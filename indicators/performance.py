"""Performance: does a place yield what the best of its kind yield?

ratio = mean over the years / 90th percentile of the means of its unit. Source: Good Practice Guidance version 2, section
4.2.3. The percentile is taken over a reference area that does not change with the area under study, so that a district
and its province agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.codes import DEGRADED, STABLE
from indicators.profiles import Performance, Profile, get

PERCENTILE = 90
#: Labels that stand for no unit.
NO_UNIT = -1


@dataclass(frozen=True)
class Best:
    """What the best of each unit yield, coarser units last: one table a level, indexed by unit.

    Columns: `count` of reference pixels, `best` (90th percentile of their means).
    """

    levels: tuple[pd.DataFrame, ...]


def best(means: Any, levels: Sequence[Any], within: Any = None) -> Best:
    """The 90th percentile of `means` by unit, for each of `levels` (labels of the shape of `means`, finest first).

    Only pixels that have a mean, and are marked in `within` where it is given, count.
    """
    values = np.asarray(means, float).ravel()
    inside = np.isfinite(values)
    if within is not None:
        inside &= np.broadcast_to(np.asarray(within), np.shape(means)).ravel()
    found = []
    for level in levels:
        labels = np.broadcast_to(np.asarray(level), np.shape(means)).ravel()
        table = pd.Series(values[inside]).groupby(labels[inside])
        found.append(pd.DataFrame({"count": table.count(), "best": table.quantile(PERCENTILE / 100)}))
    return Best(tuple(found))


def compared(
    mean: xr.DataArray, levels: Sequence[Any], reference: Best, choices: Performance
) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Ratio to the best of the unit, direction (−1, 0; NaN unknown), and the level that the unit came from (0 …).

    A unit with too few reference pixels takes the next coarser one; the coarsest is taken as it is.
    """
    values = np.asarray(mean, float)
    target, level_used = np.full(values.shape, np.nan), np.full(values.shape, -1, np.int8)
    for number, (labels, table) in enumerate(zip(levels, reference.levels, strict=True)):
        enough = table if number == len(reference.levels) - 1 else table[table["count"] >= choices.smallest_unit]
        known = np.asarray(labels)
        place = np.clip(np.searchsorted(enough.index.to_numpy(), known), 0, max(len(enough) - 1, 0))
        if enough.empty:
            continue
        hit = (enough.index.to_numpy()[place] == known) & (known != NO_UNIT) & (level_used < 0)
        target = np.where(hit, enough["best"].to_numpy()[place], target)
        level_used = np.where(hit, np.int8(number), level_used)
    if choices.least is not None:
        target = np.where(target == 0, choices.least, target)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = mean.copy(data=np.where(target > 0, values / target, np.nan))
    direction = xr.where(ratio <= choices.threshold, DEGRADED, STABLE).where(ratio.notnull())
    return ratio, direction, mean.copy(data=np.where(np.isfinite(values), level_used, np.int8(-1)))


def performance(
    vi: xr.DataArray,
    units: xr.DataArray,
    reference: xr.DataArray | None = None,
    profile: str | Profile = "ne-asia",
    *,
    coarser: Sequence[xr.DataArray] = (),
) -> xr.Dataset:
    """Mean over the years (year, …) against the best of its unit: `ratio`, `direction` (−1 or 0), `level`.

    A ratio of 0.5 or less is degraded. Percentiles are taken over the pixels marked in `reference` (all by default),
    which should not change with the area under study. A unit of fewer than 100 reference pixels takes the percentile
    of its unit among `coarser` ones, and at last that of all of them: `level` 0 is its own unit, and
    `attrs["units_merged"]` counts those that were too small. All NaN where the profile has no performance.
    """
    choices = get(profile).performance
    mean = vi.mean("year")
    if choices is None:
        blank = xr.full_like(mean, np.nan)
        return xr.Dataset({"ratio": blank, "direction": blank, "level": xr.full_like(mean, -1, dtype=np.int8)})
    labels = [np.broadcast_to(np.asarray(each), mean.shape) for each in (units, *coarser)]
    labels.append(np.zeros(mean.shape, int))
    table = best(mean, labels, reference)
    ratio, direction, level = compared(mean, labels, table, choices)
    found = xr.Dataset({"ratio": ratio, "direction": direction, "level": level})
    known = pd.unique(labels[0][np.isfinite(np.asarray(labels[0], float))])
    large = table.levels[0].index[table.levels[0]["count"] >= choices.smallest_unit]
    found.attrs["units_merged"] = int(len(known) - len(set(known) & set(large)))
    return found
