"""Kernels of the standardised indices: sums of months, a distribution for each calendar month, the normal quantile.

Gamma with zeros (McKee et al. 1993): P(x) = q + (1 − q)·G(x; α, β), q the share of zeros; α = [1 + √(1 + 4A/3)]/(4A),
A = ln x̄ − mean ln x, β = x̄/α (Thom 1958). Generalised logistic by unbiased probability-weighted moments b_r (Vicente-
Serrano et al. 2010): k = −τ3, α = λ2 sin(kπ)/(kπ), ξ = λ1 − α[1/k − π/sin(kπ)], P = 1/(1 + e^(−y)) with
y = −ln[1 − k(x − ξ)/α]/k. Incomplete gamma: power series below x = a + 1, continued fraction (Lentz) above. Normal
quantile: Wichura (1988), AS 241, from the smaller tail, so that neither end loses digits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from indicators.kernel.compiling import compiled

#: Values in the reference years that a calendar month needs, and how many of them above zero for a gamma.
FEWEST, FEWEST_ABOVE_ZERO = 10, 4
#: |z| beyond which a double cannot tell a probability from 0 or 1.
LIMIT = 8.21
PRECISION, MOST_TERMS = 1e-16, 100_000

_A = (3.3871328727963666080e0, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
      45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727)  # fmt: skip
_B = (1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077, 21213.794301586595867,
      39307.895800092710610, 28729.085735721942674, 5226.4952788528545610)  # fmt: skip
_C = (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
      1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4)  # fmt: skip
_D = (1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550, 0.148103976427480074590,
      0.0151986665636164571966, 5.47593808499534494600e-4, 1.05075007164441684324e-9)  # fmt: skip
_E = (6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
      0.0265321895265761230930, 0.00124266094738807843860, 2.711555568743487578e-5, 2.01033439929228813e-7)  # fmt: skip
_F = (1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525, 7.86869131145613259100e-4,
      1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15)  # fmt: skip


@compiled
def _ratio(top: Any, bottom: Any, r: float) -> float:
    above, below = top[7], bottom[7]
    for power in range(6, -1, -1):
        above, below = above * r + top[power], below * r + bottom[power]
    return above / below


@compiled
def normal_quantile(p: float, q: float) -> float:
    """z of the probability `p` below and `q` = 1 − p above it, within ±LIMIT."""
    half = 0.5 * (p - q)
    if abs(half) <= 0.425:
        return half * _ratio(_A, _B, 0.180625 - half * half)
    tail = min(p, q)
    if tail <= 0:
        return math.copysign(LIMIT, half)
    r = math.sqrt(-math.log(tail))
    z = _ratio(_C, _D, r - 1.6) if r <= 5 else _ratio(_E, _F, r - 5)
    return math.copysign(min(z, LIMIT), half)


@compiled
def incomplete_gamma(a: float, x: float, log_gamma: float) -> tuple[float, float]:
    """Regularised incomplete gamma of `x` ≥ 0, lower and upper; `log_gamma` is ln Γ(a)."""
    if x <= 0:
        return 0.0, 1.0
    weight = math.exp(a * math.log(x) - x - log_gamma)
    if x < a + 1:
        term = total = 1 / a
        for k in range(1, MOST_TERMS):
            term *= x / (a + k)
            total += term
            if term < total * PRECISION:
                break
        lower = min(weight * total, 1.0)
        return lower, 1 - lower
    b = x + 1 - a
    c, d = 1e300, 1 / b
    fraction = d
    for k in range(1, MOST_TERMS):
        step = k * (a - k)
        b += 2
        d = 1 / (step * d + b)
        c = b + step / c
        fraction *= c * d
        if abs(c * d - 1) < 2 * PRECISION:
            break
    upper = min(weight * fraction, 1.0)
    return 1 - upper, upper


@compiled
def _sums(y: Any, pixel: int, scale: int, mean: bool, total: Any) -> None:
    """Sum (or mean) of each month and the `scale` − 1 before; added anew each time, so that dry months stay zero."""
    for i in range(len(total)):
        total[i] = np.nan
        if i >= scale - 1:
            value = 0.0
            for k in range(i - scale + 1, i + 1):
                value += y[k, pixel]
            total[i] = value / scale if mean else value


@compiled
def _gamma(total: Any, sample: Any, z: Any, first: int, centred: bool) -> None:
    """z of one calendar month (every twelfth value from `first`) by the gamma of `sample`, which has no gaps."""
    zeros, positive, logs = 0, 0.0, 0.0
    for value in sample:
        if value > 0:
            positive += value
            logs += math.log(value)
        else:
            zeros += 1
    n = len(sample)
    above = n - zeros
    if n < FEWEST or above < FEWEST_ABOVE_ZERO:
        return
    mean = positive / above
    spread = math.log(mean) - logs / above
    if spread <= 1e-14:
        return
    a = (1 + math.sqrt(1 + 4 * spread / 3)) / (4 * spread)
    log_gamma = math.lgamma(a)
    share = zeros / n
    at_zero = (zeros + 1) / (2 * (n + 1)) if centred and zeros else share
    for i in range(first, len(total), 12):
        value = total[i]
        if np.isnan(value):
            continue
        if value <= 0:
            z[i] = normal_quantile(at_zero, 1 - at_zero)
        else:
            lower, upper = incomplete_gamma(a, value * a / mean, log_gamma)
            z[i] = normal_quantile(share + (1 - share) * lower, (1 - share) * upper)


@compiled
def _logistic(total: Any, sample: Any, z: Any, first: int) -> None:
    """z of one calendar month by the generalised logistic of `sample`."""
    n = len(sample)
    if n < FEWEST:
        return
    ordered = np.sort(sample)
    b0, b1, b2 = 0.0, 0.0, 0.0
    for i in range(n):
        b0 += ordered[i]
        b1 += ordered[i] * i / (n - 1.0)
        b2 += ordered[i] * i * (i - 1.0) / ((n - 1.0) * (n - 2.0))
    b0, b1, b2 = b0 / n, b1 / n, b2 / n
    second = 2 * b1 - b0
    if second <= 1e-12 * abs(b0) or second <= 0:
        return
    k = -(6 * b2 - 6 * b1 + b0) / second
    if abs(k) < 1e-9:
        scale, centre = second, b0
    else:
        scale = second * math.sin(k * math.pi) / (k * math.pi)
        centre = b0 - scale * (1 / k - math.pi / math.sin(k * math.pi))
    for i in range(first, len(total), 12):
        if np.isnan(total[i]):
            continue
        y = (total[i] - centre) / scale
        if abs(k) >= 1e-9:
            inside = 1 - k * y
            # beyond the end of the distribution: above it for k > 0, below it for k < 0
            y = -math.log(inside) / k if inside > 0 else math.copysign(np.inf, k)
        z[i] = normal_quantile(1 / (1 + math.exp(-y)), 1 / (1 + math.exp(y)))


@compiled
def standardise(
    y: Any, first_month: int, reference: Any, scale: int, mean: bool, logistic: bool, centred: bool, result: Any
) -> None:
    """Fill `result` (months, pixels) with z of `y` (months, pixels); `reference` marks months that are fitted to.

    `first_month` is 0 for January. A calendar month with too few reference values, or without spread, has NaN.
    """
    n, pixels = y.shape
    total, sample, z = np.empty(n), np.empty(n), np.empty(n)
    for pixel in range(pixels):
        _sums(y, pixel, scale, mean, total)
        z[:] = np.nan
        for month in range(12):
            first = (month - first_month) % 12
            count = 0
            for i in range(first, n, 12):
                if reference[i] and not np.isnan(total[i]):
                    sample[count] = total[i]
                    count += 1
            if logistic:
                _logistic(total, sample[:count], z, first)
            else:
                _gamma(total, sample[:count], z, first, centred)
        for i in range(n):
            result[i, pixel] = z[i]
