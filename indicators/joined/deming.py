"""A straight line between two measurements of the same pixels that both have errors (Deming 1943), robust to outliers.

With y = a + b x, both measured with error, and λ the ratio of the variance of the errors of y to that of x,

    b = [s_yy − λ s_xx + √((s_yy − λ s_xx)² + 4 λ s_xy²)] / (2 s_xy),

where s are weighted variances and covariance. A plain regression of y on x gives a slope that is too small, because
the errors of x count as spread of x. The weights are Tukey's, of residuals at right angles to the line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Residuals beyond these many standard deviations have less weight (Huber, first rounds) or none (Tukey, later rounds).
HUBER, TUKEY = 1.5, 4.685
ROUNDS = 5
#: Relative change of the slope at which the rounds end.
SETTLED = 1e-6
#: Of a normal distribution: standard deviation over the median of absolute deviations.
NORMAL = 1.4826


def deming(x: Floats, y: Floats, ratio: float = 1.0) -> tuple[float, Floats]:
    """Slope of y on x with errors in both, and the weight of every point.

    Parameters
    ----------
    x, y
        Two measurements (point) without gaps, at least three points.
    ratio
        Variance of the errors of y over that of the errors of x.

    Returns
    -------
    tuple
        The slope, NaN where x does not vary or is not related to y, and weights (point) from 0 to 1.

    References
    ----------
    Deming 1943, Statistical adjustment of data; Tukey's weights: Beaton & Tukey 1974, doi:10.2307/1267936.

    Examples
    --------
    >>> x = np.linspace(0.1, 0.5, 50)
    >>> slope, weights = deming(x, 0.02 + 1.1 * x)
    >>> round(slope, 6), float(weights.min())
    (1.1, 1.0)
    """
    weights = np.ones(x.size)
    if not np.isfinite(slope_of(x, y, weights, ratio)):
        return float("nan"), weights
    value = _start(x, y)
    spread = float(np.std(y))
    for number in range(6 * ROUNDS):
        rest = y - value * x
        rest -= np.median(rest)
        scale = NORMAL * float(np.median(np.abs(rest)))
        if scale < 1e-9 * spread:
            return value, (np.abs(rest) < 1e-6 * spread).astype(float)
        apart = np.abs(rest) / scale
        if number < ROUNDS:
            weights = np.minimum(1.0, HUBER / np.maximum(apart, HUBER))
        else:
            weights = np.where(apart < TUKEY, (1 - (apart / TUKEY) ** 2) ** 2, 0.0)
        before, value = value, slope_of(x, y, weights, ratio)
        if not np.isfinite(value) or (number > ROUNDS and abs(value - before) < SETTLED * abs(value)):
            break
    return value, weights


def _start(x: Floats, y: Floats) -> float:
    """The ratio of spreads, which outliers hardly move; the iteration begins with it."""
    dx, dy = x - np.median(x), y - np.median(y)
    of_x, of_y = (max(float(np.median(np.abs(each))), 1e-12) for each in (dx, dy))
    return float(np.copysign(of_y / of_x, np.sum(np.sign(dx * dy))))


def slope_of(x: Floats, y: Floats, weights: Floats, ratio: float) -> float:
    """The slope for given weights; NaN where x and y are not related."""
    total = weights.sum()
    dx, dy = x - weights @ x / total, y - weights @ y / total
    sxx, syy, sxy = (float(weights @ product) / total for product in (dx * dx, dy * dy, dx * dy))
    if not abs(sxy) > 1e-12 * max(sxx, syy, 1e-300):
        return float("nan")
    excess = syy - ratio * sxx
    return float((excess + np.sqrt(excess**2 + 4 * ratio * sxy**2)) / (2 * sxy))


def error_ratio(x: Floats, y: Floats, slope: float) -> float:
    """Variance of the errors of y over that of x, from what is left of them within pixels, from year to year.

    `x`, `y` (year, pixel), NaN in gaps. The mean of every pixel and year is taken out; what the land did is common to
    both measurements, so their covariance tells how much of what is left is no error. Kept within 0.1 and 10.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> land = 0.02 * rng.standard_normal((9, 4000))
    >>> x, y = (scale * land + noise * rng.standard_normal(land.shape) for scale, noise in ((1, 0.01), (1.1, 0.02)))
    >>> 3.5 < error_ratio(x, y, 1.1) < 4.5
    True
    """
    known = np.isfinite(x) & np.isfinite(y)
    dx, dy = (_within(np.where(known, each, np.nan)) for each in (x, y))
    shared = float(np.nanmean(dx * dy))
    of_x = float(np.nanmean(dx * dx)) - shared / slope
    of_y = float(np.nanmean(dy * dy)) - shared * slope
    floor = 1e-3 * float(np.nanmean(dx * dx)) + 1e-15
    return float(np.clip(max(of_y, floor) / max(of_x, floor), 0.1, 10.0))


def _within(values: Floats) -> Floats:
    """Values (year, pixel) without the means of pixels and of years."""
    rest = values - np.nanmean(values, axis=0, keepdims=True)
    centred: Floats = rest - np.nanmean(rest, axis=1, keepdims=True)
    return centred
