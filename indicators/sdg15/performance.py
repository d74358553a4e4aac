"""Performance: does a place yield what the best of its kind yield?

ratio = mean over the years / 90th percentile of the means of its unit (Good Practice Guidance version 2, section
4.2.3). The percentile is taken over a reference area that does not change with the area under study, so that a district
and its province agree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.area.means import known_mean
from indicators.area.percentiles import by_unit
from indicators.codes import DEGRADED, STABLE
from indicators.profiles import Performance, Profile, get

PERCENTILE = 90
#: Labels that stand for no unit.
NO_UNIT = -1
#: Room for the codes of soil units and of land-cover classes in the label of a unit, and the levels that it holds.
SOILS, COVERS, LEVELS = 100_000, 10, 3
NAMES = {"value": "best"}


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
    values = np.asarray(means)
    inside = np.broadcast_to(True if within is None else np.asarray(within), values.shape)
    return Best(
        tuple(
            by_unit([(values[inside], np.broadcast_to(level, values.shape)[inside])], PERCENTILE).rename(columns=NAMES)
            for level in map(np.asarray, levels)
        )
    )


def best_of(blocks: Callable[[], Iterable[tuple[np.ndarray, np.ndarray]]]) -> Best:
    """As `best`, of pixels that are never in memory together: `blocks` gives means and labels anew on every pass.

    Labels are those of `indicators.sdg15.measures`, which hold the coarser levels, too.
    """

    def level(number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for means, units in blocks():
            yield means, coarser(units, number)

    return Best(tuple(by_unit(partial(level, number), PERCENTILE).rename(columns=NAMES) for number in range(LEVELS)))


def labels(zone: Any, soil: Any, covered: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Units of performance as numbers: zone × soil × land cover, each as far as it is known; −1 outside every zone."""
    blank = np.zeros(shape, np.int64)
    area = blank if zone is None else np.asarray(zone, np.int64)
    ground = blank if soil is None else np.nan_to_num(np.asarray(soil, float)).astype(np.int64) % SOILS
    kind = blank if covered is None else np.clip(np.asarray(covered), 0, COVERS - 1).astype(np.int64)
    return np.where(area < 0, NO_UNIT, (area * SOILS + ground) * COVERS + kind)


def levels(units: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A unit's label, that without its soil, and that of its zone alone."""
    return units, coarser(units, 1), coarser(units, 2)


def coarser(units: np.ndarray, level: int) -> np.ndarray:
    """Labels of a level: 0 as they are, 1 without the soil, 2 the zone alone."""
    if level == 0:
        return units
    zone = units // (SOILS * COVERS)
    return np.where(units >= 0, zone if level == 2 else zone * COVERS + units % COVERS, NO_UNIT)


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
    mean = known_mean(vi)
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
