"""Standardised indices: sums of months, a distribution for each calendar month, and its normal quantile.

Gamma with zeros (McKee et al. 1993): P(x) = q + (1 − q)·G(x; α, β), q the share of zeros; α = [1 + √(1 + 4A/3)]/(4A),
A = ln x̄ − mean ln x, β = x̄/α (Thom 1958). Generalised logistic by unbiased probability-weighted moments b_r (Vicente-
Serrano et al. 2010): k = −τ3, α = λ2 sin(kπ)/(kπ), ξ = λ1 − α[1/k − π/sin(kπ)], P = 1/(1 + e^(−y)) with
y = −ln[1 − k(x − ξ)/α]/k. The normal quantile is taken from the smaller tail, so that both ends keep their digits.

`sum(rows)` adds row after row: the last digit is then the same for one pixel and for many, which `np.sum` does not
promise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import gammainc, gammaincc, ndtri

#: Values in the reference years that a calendar month needs, and how many of them above zero for a gamma.
FEWEST, FEWEST_ABOVE_ZERO = 10, 4
#: |z| beyond which a double cannot distinguish a probability from 0 or 1.
LIMIT = 8.21


def normal_quantile(p: Any, q: Any) -> np.ndarray:
    """z of the probability `p` below and `q` = 1 − p above it, within ±LIMIT."""
    return np.copysign(np.minimum(-ndtri(np.minimum(p, q)), LIMIT), np.subtract(p, q))


def _sums(y: np.ndarray, scale: int, mean: bool) -> np.ndarray:
    """Sum (or mean) of each month and the `scale` − 1 before; no running sum, so that dry months stay zero."""
    total = np.full(y.shape, np.nan)
    length = len(y) - scale + 1
    total[scale - 1 :] = sum(y[start : start + length].astype(float) for start in range(scale))
    return total / scale if mean else total


def _gamma(values: np.ndarray, sample: np.ndarray, centred: bool) -> np.ndarray:
    """z of `values` (years, pixels) of one calendar month by the gamma of `sample`, its reference years."""
    wet = sample > 0
    n, above = (~np.isnan(sample)).sum(0), wet.sum(0)
    mean = sum(np.where(wet, sample, 0)) / above
    spread = np.log(mean) - sum(np.log(np.where(wet, sample, 1))) / above
    fitted = (n >= FEWEST) & (above >= FEWEST_ABOVE_ZERO) & (spread > 1e-14)
    a = np.where(fitted, (1 + np.sqrt(1 + 4 * spread / 3)) / (4 * spread), np.nan)
    zeros = n - above
    share = zeros / n
    at_zero = np.where(zeros > 0, (zeros + 1) / (2 * (n + 1)), 0) if centred else share
    x = values * a / mean
    a = np.broadcast_to(a, x.shape)
    # only the tail that x lies in is computed; the other is its complement
    low, high = (x > 0) & (x <= a), x > a
    tail = x.copy()
    tail[low] = gammainc(a[low], x[low])
    tail[high] = gammaincc(a[high], x[high])
    tail *= 1 - share
    p = np.where(high, 1 - tail, np.where(x <= 0, at_zero, share + tail))
    return normal_quantile(p, np.where(high, tail, 1 - p))


def _logistic(values: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """z of `values` (years, pixels) of one calendar month by the generalised logistic of `sample`."""
    n = (~np.isnan(sample)).sum(0)
    ordered = np.nan_to_num(np.sort(sample, axis=0))
    i = np.arange(len(sample))[:, None]
    b0 = sum(ordered) / n
    b1 = sum(ordered * i / (n - 1.0)) / n
    b2 = sum(ordered * i * (i - 1.0) / ((n - 1.0) * (n - 2.0))) / n
    second = 2 * b1 - b0
    fitted = (n >= FEWEST) & (second > 1e-12 * np.abs(b0)) & (second > 0)
    k = np.where(fitted, -(6 * b2 - 6 * b1 + b0) / second, np.nan)
    straight = np.abs(k) < 1e-9
    scale = np.where(straight, second, second * np.sin(k * np.pi) / (k * np.pi))
    centre = b0 - np.where(straight, 0, scale * (1 / k - np.pi / np.sin(k * np.pi)))
    y = (values - centre) / scale
    # beyond the end of the distribution, where the logarithm is -inf: above it for k > 0, below it for k < 0
    y = np.where(straight, y, -np.log(np.maximum(1 - k * y, 0)) / k)
    return normal_quantile(1 / (1 + np.exp(-y)), 1 / (1 + np.exp(y)))


@np.errstate(all="ignore")
def standardise(
    y: np.ndarray,
    result: np.ndarray,
    *,
    reference: np.ndarray,
    scale: int,
    mean: bool,
    logistic: bool,
    centred: bool,
) -> None:
    """Fill `result` (months, pixels) with z of `y` (months, pixels); `reference` marks months that are fitted to.

    A calendar month with too few reference values, or without spread, has NaN.
    """
    total = _sums(y, scale, mean)
    for first in range(12):
        values = total[first::12]
        sample = values[reference[first::12]]
        result[first::12] = _logistic(values, sample) if logistic else _gamma(values, sample, centred)
