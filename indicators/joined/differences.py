"""What two sensors differ by in the years in which both were in orbit: level, noise, drift, and when a drift began.

A year is one observation: what differs in it (illumination, calibration, composites) is common to all pixels, so the
error of the mean difference is that of a few years, however many pixels there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

Floats = NDArray[np.float64]

#: Pixels whose difference is farther than this from the median of the year, in standard deviations, do not count.
FAR = 3.0
NORMAL = 1.4826
#: Random records from which the distribution of the largest statistic is taken.
DRAWS = 4000
#: Significance of a drift.
LEVEL = 0.05


@dataclass(frozen=True)
class Drift:
    """Slope of differences over the years: per year, its standard error, and two-sided p."""

    slope: float
    error: float
    p: float


@dataclass(frozen=True)
class Onset:
    """When differences began to leave their level.

    `p`: probability of a departure at least as clear without one. `year`: the most likely first year of it; `earliest`:
    the first year that the differences do not exclude. `slope`: of the difference from then on, per year.
    """

    p: float
    year: int
    earliest: int
    slope: float


def yearly(differences: Floats) -> Floats:
    """Mean difference of every year (year) from pixels (year, pixel), without outliers; NaN in years without pixels.

    Examples
    --------
    >>> yearly(np.array([[0.01, 0.02, 0.03, 9.0], [np.nan, np.nan, np.nan, np.nan]])).round(3)
    array([0.02,  nan])
    """
    found = np.full(len(differences), np.nan)
    for number, row in enumerate(differences):
        own = row[np.isfinite(row)]
        if own.size:
            middle = np.median(own)
            apart = np.abs(own - middle)
            found[number] = own[apart <= FAR * NORMAL * np.median(apart) + 1e-12].mean()
    return found


def footprints_of(rest: Floats) -> tuple[Floats, float, float]:
    """What every pixel differs by in all years, from differences (year, pixel) less those of their years; NaN in gaps.

    Returns the difference of each pixel (0 without values), pulled towards 0 by the share of its mean that is noise;
    the standard deviation of such differences; and that of the noise of a pixel and year.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> lasting = 0.01 * rng.standard_normal(2000)
    >>> found, spread, noise = footprints_of(lasting + 0.02 * rng.standard_normal((8, 2000)))
    >>> round(spread, 3), round(noise, 3), bool(np.std(found - lasting) < 0.006)
    (0.01, 0.02, True)
    """
    known = np.isfinite(rest)
    means, count = lasting_means(rest)
    several = count > 1
    if not several.any():
        return np.zeros(count.size), 0.0, 0.0
    around = np.where(known, rest - means, 0.0)[:, several]
    noise = float(np.sum(around**2) / np.sum(count[several] - 1))
    of_means = float(np.mean(means[several] ** 2)) - noise * float(np.mean(1 / count[several]))
    spread, error = float(np.sqrt(max(of_means, 0.0))), float(np.sqrt(noise))
    return without_noise(means, count, spread, error), spread, error


def lasting_means(rest: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Mean of each pixel over the years (year, pixel), 0 without values, and the number of its values."""
    known = np.isfinite(rest)
    count = known.sum(axis=0)
    means: Floats = np.where(known, rest, 0.0).sum(axis=0) / np.maximum(count, 1)
    return means, count


def without_noise(means: Floats, count: NDArray[np.int64], spread: float, noise: float) -> Floats:
    """Means of pixels, pulled towards 0 by the share of each that is noise.

    `spread`: standard deviation of what lasts; `noise`: that of a pixel and year.

    >>> without_noise(np.array([0.02, 0.02]), np.array([1, 4]), 0.01, 0.02).round(4).tolist()
    [0.004, 0.01]
    """
    share = spread**2 / np.maximum(spread**2 + noise**2 / np.maximum(count, 1), 1e-300)
    found: Floats = np.where(count > 0, share * means, 0.0)
    return found


def drift_of(values: Floats, years: Floats) -> Drift:
    """Least-squares slope of yearly differences, three years at least; p is 1 where they do not vary."""
    time = years - years.mean()
    power = float(time @ time)
    slope = float(time @ values) / power
    rest = values - values.mean() - slope * time
    variance = float(rest @ rest) / (values.size - 2)
    error = float(np.sqrt(variance / power))
    if np.ptp(values) < 1e-9:
        return Drift(0.0, 0.0, 1.0)
    return Drift(slope, error, float(2 * stdtr(values.size - 2, -abs(slope) / error)) if error > 0 else 0.0)


def hinge(values: Floats, years: Floats, onset: int) -> Drift | None:
    """Slope of yearly differences from the year `onset` on, against a level before; None with too few years of either.

    Examples
    --------
    >>> years = np.arange(2012.0, 2027)
    >>> round(hinge(-0.002 * np.maximum(years - 2019, 0), years, 2020).slope, 4)
    -0.002
    """
    before, after = np.count_nonzero(years < onset), np.count_nonzero(years >= onset)
    if before < 2 or after < 1 or years.size < 4:
        return None
    return drift_of(values, np.maximum(years - onset + 1, 0.0))


def onset_of(values: Floats, years: Floats, fewest: int) -> Onset | None:
    """The year in which yearly differences began to drift, and how sure a drift is.

    The model is a level up to a year and a straight line from then on; every year after the first `fewest` and before
    the last two is tried. p is that of the largest statistic over all of them, from records of noise without memory.
    None where fewer than `fewest` + 3 years are known.

    References
    ----------
    Largest statistic over unknown dates: Andrews 1993, doi:10.2307/2951764; here its distribution for these very years.

    Examples
    --------
    >>> years = np.arange(2012.0, 2027)
    >>> noise = 0.002 * np.random.default_rng(0).standard_normal(15)
    >>> found = onset_of(noise - 0.003 * np.maximum(years - 2019, 0), years, 5)
    >>> found.p < 0.01, found.year, found.earliest
    (True, 2020, 2019)
    """
    if values.size < fewest + 3:
        return None
    first = np.arange(fewest, values.size - 2)
    ramps = np.maximum(years[None, :] - years[first - 1, None], 0.0)
    ramps -= ramps.mean(axis=1, keepdims=True)
    ramps /= np.sqrt(np.sum(ramps**2, axis=1, keepdims=True))
    centred = values - values.mean()
    power = float(centred @ centred)
    if np.ptp(values) < 1e-9:
        return Onset(1.0, int(years[first[0]]), int(years[first[0]]), 0.0)
    parts = (ramps @ centred) ** 2 / power
    best = int(np.argmax(parts))
    drawn = _largest(tuple(years.tolist()), fewest)
    p = (1 + np.count_nonzero(drawn >= parts[best])) / (1 + drawn.size)
    # Years whose sum of squares is not much larger than the least: the likelihood ratio of one unknown, at 95 %.
    allowed = (1 - parts[best]) * (1 + 3.84 / (values.size - 3))
    earliest = int(np.flatnonzero(1 - parts <= allowed)[0])
    ramp = np.maximum(years - years[first[best] - 1], 0.0)
    slope = float(np.polyfit(ramp, values, 1)[0])
    return Onset(float(p), int(years[first[best]]), int(years[first[earliest]]), slope)


@cache
def _largest(years: tuple[float, ...], fewest: int) -> Floats:
    """Largest part of the variance that a ramp explains (draw), in noise."""
    time = np.array(years)
    first = np.arange(fewest, time.size - 2)
    ramps = np.maximum(time[None, :] - time[first - 1, None], 0.0)
    ramps -= ramps.mean(axis=1, keepdims=True)
    ramps /= np.sqrt(np.sum(ramps**2, axis=1, keepdims=True))
    noise = np.random.default_rng(0).standard_normal((DRAWS, time.size))
    noise -= noise.mean(axis=1, keepdims=True)
    largest: Floats = ((noise @ ramps.T) ** 2).max(axis=1) / np.sum(noise**2, axis=1)
    return largest


def level_error(values: Floats) -> tuple[float, float]:
    """Standard deviation of yearly differences, and standard error of their mean.

    Years are independent unless their correlation with the year before is significant; then it counts.
    """
    deviation = float(np.std(values, ddof=1))
    centred = values - values.mean()
    power = float(centred @ centred)
    memory = float(centred[1:] @ centred[:-1]) / power if power > 0 else 0.0
    longer = (1 + memory) / (1 - memory) if memory > 1.645 / np.sqrt(values.size) else 1.0
    return deviation, deviation * float(np.sqrt(longer / values.size))
