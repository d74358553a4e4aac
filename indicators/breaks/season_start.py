"""The first estimate of a season: STL with a periodic season (Cleveland et al. 1990), with or without gaps.

Window and jumps are those of R: trend window the next odd number from 1.5·f/(1 − 1.5/(10n + 1)), low-pass window
the next odd number from f, jumps a tenth of the windows, two inner loops, no robustness weights. With gaps the
season is the mean of the known values of each period, and each loess takes the nearest known values, as Hafen's
stlplus does, with its trend window (critical frequency 0.05) and cubic interpolation between the jumps.
"""

from __future__ import annotations

import numpy as np

from indicators.errors import IndicatorError


def periodic_season(values: np.ndarray, frequency: int) -> np.ndarray:
    """Seasonal component of a regular series; NaN are gaps. The season is the same every year.

    A period without observations, such as snow, is interpolated between its neighbours. Raises IndicatorError for less
    than two whole years, and where fewer than half of the periods, or fewer than four, have observations.
    """
    n = len(values)
    if frequency < 2 or n < 2 * frequency:
        raise IndicatorError(
            f"a season needs at least two years of several values a year, not {n} values at {frequency} a year; "
            f"use season=None"
        )
    if np.isfinite(values).all():
        return _stl(values, frequency)
    known = np.isfinite(values)
    place = np.arange(n) % frequency
    seen = np.unique(place[known]).size
    if seen < max(4, frequency / 2):
        raise IndicatorError(
            f"the season of a series with gaps needs values in four periods and in half of the {frequency} a year, "
            f"not in {seen}; fill the gaps or use season=None"
        )
    return _stl_with_gaps(values, known, frequency)


def _next_odd(x: float) -> int:
    whole = round(x)
    return whole + 1 if whole % 2 == 0 else whole


def _stl(values: np.ndarray, frequency: int) -> np.ndarray:
    n = len(values)
    season_span = 10 * n + 1
    trend_span = _next_odd(np.ceil(1.5 * frequency / (1 - 1.5 / season_span)))
    low_span = _next_odd(frequency)
    place = np.arange(n) % frequency
    trend = np.zeros(n)
    seasonal = np.zeros(n)
    for _ in range(2):
        cycle = _cycle_smooth(values - trend, frequency, season_span)
        smooth = _moving_average(_moving_average(_moving_average(cycle, frequency), frequency), 3)
        seasonal = cycle[frequency:-frequency] - _smooth(smooth, low_span, 1)
        trend = _smooth(values - seasonal, trend_span, 1)
    means = np.bincount(place, seasonal) / np.bincount(place)
    return means[place]


def _cycle_smooth(values: np.ndarray, frequency: int, span: int) -> np.ndarray:
    """Each period of the year smoothed over the years by a constant, one year longer at either end."""
    cycle = np.empty(len(values) + 2 * frequency)
    for period in range(frequency):
        years = values[period::frequency]
        m = len(years)
        ends = [_local(years, here, (0, m - 1), span, 0) for here in (-1, m)]
        cycle[period::frequency] = np.r_[ends[0], _smooth(years, span, 0), ends[1]]
    return cycle


def _smooth(y: np.ndarray, span: int, degree: int) -> np.ndarray:
    """Loess of `degree` 0 or 1 at every tenth of the span and at the end, linear between them."""
    n = len(y)
    jump = min(int(np.ceil(span / 10)), n - 1)
    at = np.unique(np.r_[np.arange(0, n, jump), n - 1])
    half = (span + 1) // 2
    fitted = np.empty(len(at))
    for i, here in enumerate(at):
        first = 0 if span >= n else int(np.clip(here - half + 1, 0, n - span))
        fitted[i] = _local(y, here, (first, min(first + span, n) - 1), span, degree)
    return np.interp(np.arange(n), at, fitted)


def _local(y: np.ndarray, here: int, ends: tuple[int, int], span: int, degree: int) -> float:
    """The local fit at `here` from the values between `ends`, tricube weights."""
    first, last = ends
    reach = max(here - first, last - here) + (max(span - len(y), 0) // 2)
    x = np.arange(first, last + 1, dtype=float)
    apart = np.abs(x - here)
    weight = np.where(apart <= 0.001 * reach, 1.0, (1 - (apart / reach) ** 3) ** 3)
    weight = np.where(apart <= 0.999 * reach, weight, 0.0)
    weight /= weight.sum()
    if degree > 0:
        middle = weight @ x
        spread = weight @ (x - middle) ** 2
        if np.sqrt(spread) > 0.001 * (len(y) - 1):
            weight = weight * (1 + (here - middle) / spread * (x - middle))
    return float(weight @ y[first : last + 1])


def _stl_with_gaps(values: np.ndarray, known: np.ndarray, frequency: int) -> np.ndarray:
    n = len(values)
    at = np.arange(n)
    place = at % frequency
    low, wide = _next_odd(frequency), _gap_trend_window(n, frequency)
    trend = np.zeros(n)
    seasonal = np.zeros(n)
    for _ in range(2):
        rest = values - trend
        means = _period_means(place[known], rest[known], frequency)
        # one more year of the season at both ends, for the moving averages
        cycle = np.r_[means[place[:frequency]], means[place], means[place[-frequency:]]]
        smooth = _moving_average(_moving_average(_moving_average(cycle, frequency), frequency), 3)
        seasonal = means[place] - _loess(at[known], smooth[known], low, n)
        trend = _loess(at[known], (values - seasonal)[known], wide, n)
    return seasonal


def _period_means(place: np.ndarray, values: np.ndarray, frequency: int) -> np.ndarray:
    """Mean of each period of the year; one without values is interpolated between its neighbours."""
    counts = np.bincount(place, minlength=frequency)
    seen = np.flatnonzero(counts)
    means = np.bincount(place, values, minlength=frequency)[seen] / counts[seen]
    return np.interp(np.arange(frequency), seen, means, period=frequency)


def _moving_average(values: np.ndarray, length: int) -> np.ndarray:
    sums = np.r_[0.0, values.cumsum()]
    return (sums[length:] - sums[:-length]) / length


def _gap_trend_window(n: int, frequency: int, omega: float = 0.05) -> int:
    """Trend window that excludes the frequencies of the season (Cleveland et al. 1990, section 5.2), for degree 1."""
    season = 10 * n + 1
    b0 = 0.000103350651767650 - 0.000216653946625270 * omega
    b1 = 1.42686036792937 - 3.1503819836694 * omega + 5.07481807116087 * omega**2
    b2 = 1.66534145060448 - 3.87719398039131 * omega + 6.46952900183769 * omega**2
    lowest = (1 - (b0 + b1 / season + b2 / season**2)) / frequency
    a = b0 - lowest
    return _next_odd((-b1 - np.sqrt(b1**2 - 4 * a * b2)) / (2 * a))


def _loess(x: np.ndarray, y: np.ndarray, span: int, n: int) -> np.ndarray:
    """Local line through the `span` nearest known values, at every tenth of the span, cubic between them."""
    jump = int(np.ceil(span / 10))
    at = np.unique(np.r_[np.arange(0, n, jump), n - 1])
    count = min(span, len(x))
    value, slope = np.empty(len(at)), np.empty(len(at))
    for i, here in enumerate(at):
        nearest = np.argsort(np.abs(x - here), kind="stable")[:count]
        first, last = nearest.min(), nearest.max()
        reach = max(abs(here - x[first]), abs(x[last] - here))
        if span >= len(x):
            reach += (span - len(x)) / 2
        part = slice(first, first + count)
        apart = (x[part] - here).astype(float)
        weight = (1 - np.minimum(np.abs(apart) / reach, 1) ** 3) ** 3
        a, b, c = weight.sum(), (weight * apart).sum(), (weight * apart**2).sum()
        inverse = 1 / (a * c - b * b)
        value[i] = (weight * (c - b * apart) * y[part]).sum() * inverse
        slope[i] = (weight * (a * apart - b) * y[part]).sum() * inverse
    return value if jump == 1 else _cubic(at, value, slope, np.arange(n))


def _cubic(knots: np.ndarray, value: np.ndarray, slope: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Hermite interpolation."""
    left = np.clip(np.searchsorted(knots, at, side="left") - 1, 0, len(knots) - 2)
    width = (knots[left + 1] - knots[left]).astype(float)
    u = (at - knots[left]) / width
    return (
        (2 * u**3 - 3 * u**2 + 1) * value[left]
        + (3 * u**2 - 2 * u**3) * value[left + 1]
        + (u**3 - 2 * u**2 + u) * slope[left] * width
        + (u**3 - u**2) * slope[left + 1] * width
    )
