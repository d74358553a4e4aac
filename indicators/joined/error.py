"""The error of the joins in a record, as the covariance of years: common to all pixels of a stratum.

For one join, with a(t) = 1 in the years that depend on it and 0 in the others, t̄ the middle of its overlap and μ(t)
the mean of the stratum,

    J(t, u) = a(t) a(u) [ s² + q² (t − t̄)(u − t̄) + (s_g / g)² (μ(t) − μ̄)(μ(u) − μ̄) ],

a step of error s, a slope of error q that was too small to be seen in the overlap, and the error of the gain. Joins
that follow each other add up. Years are few, so s² is that of a Student distribution, ν / (ν − 2) times as large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from indicators.errors import IndicatorError
from indicators.joined.relation import Relation, Relations, mean_relation

Floats = NDArray[np.float64]


def join_covariance(
    years: Sequence[int],
    sensors: Sequence[str],
    relations: Sequence[Relations],
    means: Mapping[int, Floats] | None = None,
) -> xr.DataArray:
    """Covariance of the error that all pixels of a stratum have in common.

    Parameters
    ----------
    years, sensors
        The years of the record, and the sensor of each (`join(...)["sensor"]`).
    relations
        Those of all joins of the record, over the same strata.
    means
        Mean (year) of each stratum in the joined record; without it the error of the gain is left out.

    Returns
    -------
    xarray.DataArray
        Covariance (stratum, year, other_year) in squared units of the kept sensor; NaN where a stratum is not joined.

    Raises
    ------
    IndicatorError
        For a sensor that no join leads to, or strata that one of the joins lacks.

    Examples
    --------
    >>> from indicators.joined.fit import relate
    >>> rng = np.random.default_rng(0)
    >>> land = 0.3 + 0.05 * rng.standard_normal((8, 9, 9))
    >>> old = xr.DataArray(land, {"year": range(2012, 2020)}, ("year", "y", "x"))
    >>> new = old + 0.01 * rng.standard_normal((8, 1, 1))
    >>> found = relate(old, new, xr.zeros_like(old[0], int), ("MODIS", "VIIRS"))
    >>> join_covariance([2019, 2020], ["MODIS", "VIIRS"], [found]).values[0].round(5).tolist()
    [[0.0, 0.0], [0.0, 2e-05]]
    """
    numbers = [each.stratum for each in relations[0].strata]
    total = np.zeros((len(numbers), len(years), len(years)))
    for each in relations:
        depends = _depends(sensors, each, relations)
        for row, number in enumerate(numbers):
            mean = None if means is None else np.asarray(means[number], float)
            total[row] += covariance_of(each.of(number), years, depends, mean)
    stamps = [int(year) for year in years]
    return xr.DataArray(
        total,
        {"stratum": numbers, "year": stamps, "other_year": stamps},
        ("stratum", "year", "other_year"),
        attrs={"long_name": "covariance of the error of the joins, common to all pixels of a stratum"},
    )


def mean_covariance(
    years: Sequence[int],
    sensors: Sequence[str],
    relations: Sequence[Relations],
    weights: Mapping[int, float],
    mean: Floats | None = None,
) -> Floats:
    """The same (year, year) for the mean of several strata, given the `weights` of each.

    Strata share much of their error, so this is not the mean of their covariances divided by their number:
    `mean_relation` says how much they share. `mean`: that of the region (year), for the error of the gain.
    """
    total: Floats = np.zeros((len(years), len(years)))
    for each in relations:
        total += covariance_of(mean_relation(each, weights), years, _depends(sensors, each, relations), mean)
    return total


def covariance_of(
    relation: Relation, years: Sequence[int], depends: NDArray[np.bool_], mean: Floats | None = None
) -> Floats:
    """Covariance (year, year) of the error of one relation in the years that `depends` on it."""
    if not relation.joined:
        return np.where(np.logical_or.outer(depends, depends), np.nan, 0.0)
    part = depends.astype(float)
    time = part * (np.array(years, float) - np.mean(relation.years))
    found: Floats = _student(len(relation.years) - 1) * relation.error**2 * np.outer(part, part)
    found += drift_variance(relation) * np.outer(time, time)
    if mean is not None and relation.gain_error > 0:
        away = np.nan_to_num(part * (mean - relation.centre))
        found += (relation.gain_error / relation.gain) ** 2 * np.outer(away, away)
    return found


def drift_variance(relation: Relation) -> float:
    """Mean square of a drift between the sensors that the overlap does not exclude, (units a year)².

    Before the overlap is seen, a drift has the standard deviation of half the limit of a stable relation. The estimate
    narrows it (normal prior, normal posterior), and is not taken off the values: whether the kept or the converted
    sensor drifts cannot be determined from their difference.
    """
    prior = (relation.drift_limit / 2) ** 2
    own = _student(len(relation.years) - 2) * relation.drift.error**2
    share = prior / (prior + own)
    return share * own + (share * relation.drift.slope) ** 2


def contrast_error(covariance: Floats, weights: Floats) -> float:
    """Standard error that the join adds to a weighted sum of years, such as a slope or the difference of two periods.

    Examples
    --------
    >>> step = np.outer([0, 0, 1, 1], [0, 0, 1, 1]) * 0.01**2
    >>> round(contrast_error(step, np.array([-0.5, -0.5, 0.5, 0.5])), 6)
    0.01
    """
    return float(np.sqrt(max(float(weights @ covariance @ weights), 0.0)))


def slope_weights(years: Sequence[int]) -> Floats:
    """Weights of years in a least-squares slope."""
    time = np.array(years, float) - np.mean(years)
    weights: Floats = time / float(time @ time)
    return weights


def in_logarithms(covariance: Floats, mean: Floats) -> Floats:
    """A covariance (year, year) of values as one of their logarithms, about their `mean` (year); first order.

    This is what `indicators.change.change_model` takes.
    """
    found: Floats = covariance / np.outer(mean, mean)
    return found


def _student(freedom: int) -> float:
    """Variance of a Student distribution of scale 1; at least 3 degrees of freedom are counted."""
    return max(freedom, 3) / (max(freedom, 3) - 2)


def _depends(sensors: Sequence[str], relation: Relations, relations: Sequence[Relations]) -> NDArray[np.bool_]:
    """Years whose sensor was converted by a relation, directly or through another sensor that was."""
    names = {relation.converted}
    for _ in relations:
        names |= {each.converted for each in relations if each.kept in names}
    roots = {each.kept for each in relations} | {each.converted for each in relations}
    unrelated = [name for name in sensors if name not in roots]
    if unrelated:
        raise IndicatorError(
            f"joined record: no relation for the sensor {unrelated[0]!r}; there are relations for {sorted(roots)}"
        )
    return np.array([name in names for name in sensors])
