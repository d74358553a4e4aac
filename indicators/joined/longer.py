"""Is a recent decline part of a longer cycle? A long coarse record joined backwards to the mean of a region.

The coarse cells are the pixels of the join: on them the kept sensor is averaged, and the long record is converted to
its units in the years before it. The answer follows from stated rules: `place` compares the mean of the last five years
with all five-year means before the kept sensor, give or take the error of the join.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from indicators.errors import IndicatorError
from indicators.joined.error import contrast_error, covariance_of
from indicators.joined.fit import GAIN_ERROR, relate
from indicators.joined.gains import Gain, gain_of
from indicators.joined.means import Estimate, mean_trend
from indicators.joined.record import join
from indicators.joined.relation import JoinRules, Relation

Floats = NDArray[np.float64]

#: Cells below which the gain is not estimated but taken as 1: both sensors measure the same quantity.
FEWEST_CELLS = 12
#: Part of a cell that must be inside the region, so that both sensors see the same land in it.
WHOLE_CELL = 0.99
#: A cell takes part if it has values in this share of the years of both sensors; a year, if it has this share of cells.
LEAST_SEEN = 0.8
LEAST_CELLS = 0.5
#: Years of a mean, and fewest years before the kept sensor for an answer.
SPELL, FEWEST_BEFORE = 5, 8
#: Errors that a level must lie outside the range, for a certainty of 95 %.
MARGIN = 1.96


@dataclass(frozen=True, eq=False)
class LongerRecord:
    """The mean of a region over a long record.

    `values`, `converted` (year): units of the kept sensor; whether a year is from the converted one. `covariance`:
    error of the join (year, other year). `relation`: of both sensors; `cells`: that took part; `gain_known`: whether
    the gain was taken as 1.
    """

    years: tuple[int, ...]
    values: Floats
    converted: NDArray[np.bool_]
    covariance: Floats
    relation: Relation
    cells: int
    gain_known: bool

    @property
    def errors(self) -> Floats:
        """Standard error of the join in each year; 0 in the years of the kept sensor."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))


@dataclass(frozen=True)
class LongerAnswer:
    """What a long record says of the recent years; trends in units a year.

    `whole`: trend of all years; `recent`: of those of the kept sensor. `level`: mean of the last five years; `low`,
    `high`: the lowest and the highest mean of five years in a row before the kept sensor; `error`: standard error of
    the difference. `place` of the level: within that range, or below or above it by more than 1.96 errors. `before`:
    the years before the kept sensor.
    """

    whole: Estimate
    recent: Estimate
    level: float
    low: float
    high: float
    error: float
    place: Literal["below", "within", "above"]
    before: tuple[int, int]

    @property
    def declines(self) -> bool:
        """Whether the years of the kept sensor have a decline that is certain at 95 %."""
        return self.recent.high < 0


def longer(
    kept: xr.DataArray,
    coarse: xr.DataArray,
    share: xr.DataArray,
    names: tuple[str, str],
    *,
    area: xr.DataArray | float = 1.0,
    fine: bool = True,
) -> LongerRecord:
    """Join a coarse record backwards to the kept sensor, and average both over the region.

    The gain comes from the cells that lie wholly inside the region, where both sensors see the same land. It is taken
    as 1 where these are few or too alike, or where the kept pixels are not much finer than the cells: differences of
    what is seen would then look like a gain.

    Parameters
    ----------
    kept
        Annual values (year, y, x) of the kept sensor, averaged over the cells of the coarse record; NaN in gaps.
    coarse
        Annual values (year, y, x) of the long record, the same quantity on the same cells.
    share
        Part of each cell (y, x) inside the region, 0 to 1.
    names
        Names of the kept sensor and of the long record.
    area
        Area of each cell (y, x), any units.
    fine
        Whether the kept pixels are much finer than the cells.

    Returns
    -------
    LongerRecord
        The years of the long record before the kept sensor, and all years of the kept sensor. Every cell counts by its
        departure from its own mean, so that a cell without a value in a year does not change the level.

    Raises
    ------
    IndicatorError
        No cell has enough values, or the relation of the two is refused (short overlap, drift): with the reason.

    References
    ----------
    The relation and its error: see `indicators.joined.fit` and `indicators.joined.error`.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> land = 0.3 + 0.05 * rng.standard_normal((1, 5, 5)) + 0.02 * rng.standard_normal((43, 1, 1))
    >>> both = xr.DataArray(land, {"year": range(1982, 2025)}, ("year", "y", "x"))
    >>> old = 0.02 + 1.05 * both.sel(year=slice(1982, 2015))
    >>> record = longer(both.sel(year=slice(2001, 2024)), old, xr.ones_like(both[0]), ("MODIS", "AVHRR"))
    >>> bool(np.allclose(record.values, land.mean(axis=(1, 2)))), int(record.converted.sum())
    (True, 19)
    """
    seen = [each.notnull().mean("year") >= LEAST_SEEN for each in (kept, coarse)]
    inside = (seen[0] & seen[1] & (share > 0)).transpose("y", "x")
    cells = int(inside.sum())
    if not cells:
        raise IndicatorError(f"{names[1]} and {names[0]} have no cell in common with values in most years")
    whole = inside & (share.transpose("y", "x") >= WHOLE_CELL)
    found = _gain(kept, coarse, whole) if fine else Gain(np.nan, np.nan)
    known = not found.error <= GAIN_ERROR
    strata = xr.where(inside, 0, -1).astype(int)
    rules = JoinRules(gain=1.0 if known else found.value, fewest_pixels=1)
    relations = relate(kept, coarse, strata, names, rules)
    relation = replace(relations.of(0), gain_error=0.0 if known else found.error)
    if not relation.joined:
        raise IndicatorError(f"{names[1]} is not joined to {names[0]}: {relation.reason}")
    record = join(kept.where(inside), coarse.where(inside), strata, relations)
    values = _mean(record, (share * area).where(inside), names[0])
    converted = record["sensor"].values == names[1]
    first = record["year"].values[~converted].min()
    # no year after the kept sensor has begun is from the long record
    chosen = np.isfinite(values) & (~converted | (record["year"].values < first))
    years = tuple(int(year) for year in record["year"].values[chosen])
    covariance = covariance_of(relation, years, converted[chosen], values[chosen])
    return LongerRecord(years, values[chosen], converted[chosen], covariance, relation, cells, known)


def _gain(kept: xr.DataArray, coarse: xr.DataArray, whole: xr.DataArray) -> Gain:
    """The gain from the cells `whole` (y, x), over the years of both; NaN where they are few."""
    if int(whole.sum()) < FEWEST_CELLS:
        return Gain(np.nan, np.nan)
    years = np.intersect1d(kept["year"].values, coarse["year"].values)
    x, y = (each.transpose("year", "y", "x").sel(year=years).values[:, whole.values] for each in (kept, coarse))
    return gain_of(x.astype(float), y.astype(float))


def _mean(record: xr.DataArray, weights: xr.DataArray, kept: str) -> Floats:
    """Weighted mean (year) of the departures of cells from their means in the kept years, plus the mean of those."""
    own = record.isel(year=np.flatnonzero(record["sensor"].values == kept)).mean("year")
    level = own.weighted(weights.fillna(0)).mean(("y", "x"))
    course = level + (record - own).weighted(weights.fillna(0)).mean(("y", "x"))
    share = record.notnull().where(weights.notnull()).mean(("y", "x"))
    return np.asarray(course.where(share >= LEAST_CELLS).values, float)


def answer_of(record: LongerRecord, more: Floats | None = None) -> LongerAnswer:
    """What a long record says of the recent years.

    Parameters
    ----------
    record
        From `longer`.
    more
        Covariance (year, other year) of a further join, as of two kept sensors; added to that of the record.

    Raises
    ------
    IndicatorError
        Fewer than 8 years before the kept sensor, or fewer than 5 of it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> land = 0.3 + 0.05 * rng.standard_normal((1, 5, 5)) + 0.01 * rng.standard_normal((43, 1, 1))
    >>> both = xr.DataArray(land, {"year": range(1982, 2025)}, ("year", "y", "x"))
    >>> record = longer(both[19:], both[:34], xr.ones_like(both[0]), ("MODIS", "AVHRR"))
    >>> answer_of(record).place
    'within'
    """
    years, covariance = np.array(record.years), record.covariance if more is None else record.covariance + more
    kept = np.flatnonzero(~record.converted)
    before = np.flatnonzero(record.converted)
    if before.size < FEWEST_BEFORE or kept.size < SPELL:
        raise IndicatorError(
            f"the long record has {before.size} years before {years[kept[0]] if kept.size else 'the kept sensor'} and "
            f"{kept.size} from then on; at least {FEWEST_BEFORE} and {SPELL} are needed"
        )
    last = kept[-SPELL:]
    spells = [before[at : at + SPELL] for at in range(before.size - SPELL + 1)]
    means = np.array([record.values[spell].mean() for spell in spells])
    level = float(record.values[last].mean())
    nearest = spells[int(np.argmin(means) if level < means.min() else np.argmax(means))]
    weights = np.zeros(years.size)
    weights[last], weights[nearest] = 1 / SPELL, -1 / SPELL
    error = contrast_error(covariance, weights)
    low, high = float(means.min()), float(means.max())
    below, above = level < low - MARGIN * error, level > high + MARGIN * error
    return LongerAnswer(
        mean_trend(record.values, record.years, covariance),
        mean_trend(record.values[kept], years[kept].tolist(), covariance[np.ix_(kept, kept)]),
        level,
        low,
        high,
        error,
        "below" if below else "above" if above else "within",
        (int(years[before[0]]), int(years[before[-1]])),
    )
