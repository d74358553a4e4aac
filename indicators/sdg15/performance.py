"""Performance: productivity compared with the best land of the same unit.

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
#: Label of pixels without a unit.
NO_UNIT = -1
#: Number of codes for soil units and for land-cover classes in the label of a unit, and number of levels.
SOILS, COVERS, LEVELS = 100_000, 10, 3
NAMES = {"value": "best"}


@dataclass(frozen=True)
class Best:
    """Best productivity of each unit, one table for each level of units, the coarsest last, indexed by unit.

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
    """As `best` for pixels that do not fit in memory: `blocks` yields means and labels, from the start on each call.

    Labels are those of `indicators.sdg15.measures`, which also identify the coarser levels.
    """

    def level(number: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for means, units in blocks():
            yield means, coarser(units, number)

    return Best(tuple(by_unit(partial(level, number), PERCENTILE).rename(columns=NAMES) for number in range(LEVELS)))


def labels(zone: Any, soil: Any, covered: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Units of performance as numbers: zone × soil × land cover, as far as each is known; −1 outside every zone."""
    blank = np.zeros(shape, np.int64)
    area = blank if zone is None else np.asarray(zone, np.int64)
    ground = blank if soil is None else np.nan_to_num(np.asarray(soil, float)).astype(np.int64) % SOILS
    kind = blank if covered is None else np.clip(np.asarray(covered), 0, COVERS - 1).astype(np.int64)
    return np.where(area < 0, NO_UNIT, (area * SOILS + ground) * COVERS + kind)


def levels(units: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels of a unit, of the unit without its soil, and of its zone."""
    return units, coarser(units, 1), coarser(units, 2)


def coarser(units: np.ndarray, level: int) -> np.ndarray:
    """Labels of a level: 0 the unit, 1 the unit without its soil, 2 the zone."""
    if level == 0:
        return units
    zone = units // (SOILS * COVERS)
    return np.where(units >= 0, zone if level == 2 else zone * COVERS + units % COVERS, NO_UNIT)


def compared(
    mean: xr.DataArray, levels: Sequence[Any], reference: Best, choices: Performance
) -> tuple[xr.DataArray, xr.DataArray, xr.DataArray]:
    """Ratio to the best of the unit, direction (−1, 0; NaN unknown), and the level that the unit came from (0 …).

    A unit with too few reference pixels takes the next coarser one; the coarsest has no lower limit.
    """
    values = np.asarray(mean, float)
    target, level_used = np.full(values.shape, np.nan), np.full(values.shape, -1, np.int8)
    for number, (labels, table) in enumerate(zip(levels, reference.levels, strict=True)):
        enough = table if number == len(reference.levels) - 1 else table[table["count"] >= choices.smallest_unit]
        known = np.asarray(labels)
        row = np.clip(np.searchsorted(enough.index.to_numpy(), known), 0, max(len(enough) - 1, 0))
        if enough.empty:
            continue
        hit = (enough.index.to_numpy()[row] == known) & (known != NO_UNIT) & (level_used < 0)
        target = np.where(hit, enough["best"].to_numpy()[row], target)
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
    """Performance: mean productivity compared with the best land of the same unit.

    Parameters
    ----------
    vi
        Annual productivity (year, ...). NaN is a gap.
    units
        Labels of units (the other dimensions), such as soil and land cover combined; whole numbers, NaN for none.
    reference
        Mask of the pixels whose 90th percentiles are taken; None takes all. It should not change with the area under
        study.
    profile
        Name of a profile, or `Profile`.
    coarser
        Labels of larger units. A unit of fewer than 100 reference pixels takes the percentile of the first of these
        that is large enough, at last that of all reference pixels.

    Returns
    -------
    xarray.Dataset
        By pixel: `ratio` (no unit); `direction`, −1 (ratio of 0.5 or less) or 0; `level`, the unit that was used: 0 its
        own, then those of `coarser`, −1 none. `attrs["units_merged"]` is the number of units that were too small. All
        NaN where the profile has no performance.

    Raises
    ------
    IndicatorError
        The profile is unknown.

    References
    ----------
    UNCCD Good Practice Guidance for SDG indicator 15.3.1, version 2 (2021), section 4.2.3.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> mean = np.r_[np.linspace(0.4, 0.5, 199), 0.1]
    >>> ndvi = xr.DataArray(np.tile(mean, (5, 1)), {"year": range(2001, 2006)}, ("year", "x"))
    >>> result = performance(ndvi, xr.zeros_like(ndvi[0], int))
    >>> int((result["direction"] == -1).sum()), round(float(result["ratio"][-1]), 2)
    (1, 0.2)
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
    result = xr.Dataset({"ratio": ratio, "direction": direction, "level": level})
    known = pd.unique(labels[0][np.isfinite(np.asarray(labels[0], float))])
    large = table.levels[0].index[table.levels[0]["count"] >= choices.smallest_unit]
    result.attrs["units_merged"] = int(len(known) - len(set(known) & set(large)))
    return result
