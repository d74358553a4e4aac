"""Trend and state of a mean series of the joined record: noise with a memory, weather, and the error of the join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.errors import IndicatorError
from indicators.joined.memory import Coefficient, regression

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """An estimate with standard error, 95 % interval and two-sided p."""

    value: float
    error: float
    low: float
    high: float
    p: float

    @classmethod
    def of(cls, coefficient: Coefficient) -> Estimate:
        """The estimate that a coefficient is."""
        low, high = coefficient.interval()
        return cls(coefficient.value, coefficient.error, low, high, coefficient.p)


def mean_trend(
    course: Floats, years: Sequence[int], covariance: Floats | None = None, weather: Floats | None = None
) -> Estimate:
    """Trend of a mean series, units a year.

    Parameters
    ----------
    course
        The mean of a region or stratum (year); NaN in gaps.
    years
        Its years.
    covariance
        Error of the join (year, year): `mean_covariance`, or `join_covariance` of a stratum.
    weather
        Regressors (variable, year) that explain part of the years, without a gap.

    Returns
    -------
    Estimate
        The slope.

    Examples
    --------
    >>> years = range(2001, 2031)
    >>> course = 0.3 + 0.01 * np.random.default_rng(0).standard_normal(30)
    >>> step = 0.04**2 * np.outer(np.arange(30) >= 19, np.arange(30) >= 19)
    >>> mean_trend(course, years, step).error > mean_trend(course, years).error
    True
    """
    time = np.array(years, float)
    return fitted(course, time, time - time.mean(), covariance, weather)


def mean_state(
    course: Floats,
    years: Sequence[int],
    recent: tuple[int, int],
    covariance: Floats | None = None,
    weather: Floats | None = None,
) -> Estimate:
    """Mean of the years `recent` (first and last) less that of all other years, in units of the series.

    Parameters as those of `mean_trend`; years that belong to neither period are left out by the caller.
    """
    time = np.array(years, float)
    return fitted(course, time, ((time >= recent[0]) & (time <= recent[1])).astype(float), covariance, weather)


def fitted(
    course: Floats,
    time: Floats,
    regressor: Floats,
    covariance: Floats | None,
    weather: Floats | None,
    more: Sequence[Floats] = (),
    memories: Floats | None = None,
) -> Estimate:
    """Coefficient of a regressor (year) beside a constant, the weather and `more` regressors."""
    if course.shape != time.shape or (covariance is not None and covariance.shape != (time.size, time.size)):
        sizes = "none" if covariance is None else str(covariance.shape)
        raise IndicatorError(
            f"mean series: {course.shape} values, {time.size} years, covariance {sizes}; give one value and one row "
            f"of the covariance for every year"
        )
    known = np.isfinite(course)
    rows = [regressor, np.ones(time.size), *more, *([] if weather is None else weather)]
    design = np.stack(rows, axis=1)[known]
    own = None if covariance is None else covariance[np.ix_(known, known)]
    if own is not None and not np.isfinite(own).all():
        raise IndicatorError("mean series: the error of the join is not known in some years; leave those years out")
    return Estimate.of(regression(course[known], design, time[known], own, memories)[0])
