"""Compiled: what the annual values of a pixel say about a change, averaged over the courses that it can take."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

#: Columns of `pixels` that do not depend on a window, and columns of each window after them.
CHANGED, VARIANCE, ABRUPT, BREAK, BREAK_SIZE, ONSET, ONSET_LOW, ONSET_HIGH, FIXED = range(9)
LOSS, GAIN, MEAN, SPREAD, PER_WINDOW = range(5)

#: Prior standard deviation of the size of a change, logarithms.
SIZE = 0.3
#: Changes beyond these count: 10 % lost or gained, as logarithms.
LOST, GAINED = math.log(0.9), math.log(1.1)
#: Years of a typical pixel that its variance is pulled towards that of the region with.
BORROWED = 10.0
#: Relative probabilities below e^-12 and 1e-4 do not matter.
FAINT, NEGLIGIBLE = 12.0, 1e-4
#: Part of a course that is left after reference and mean are taken out, below which it cannot be seen.
UNSEEN = 1e-3
FEWEST = 8


@njit(cache=True, nogil=True)
def below(x: float) -> float:  # pragma: no cover - compiled
    """Standard normal distribution function; 0 and 1 from five standard deviations on (less than 3e-7 off)."""
    if x < -5.0:
        return 0.0
    return 1.0 if x > 5.0 else 0.5 * math.erfc(-x * 0.7071067811865476)


@njit(cache=True, nogil=True)
def quantile(weights: Floats, part: float) -> float:  # pragma: no cover - compiled
    """Index at which the running sum of weights, which add up to 1, reaches a part."""
    total = 0.0
    for index in range(weights.size):
        total += weights[index]
        if total >= part:
            return float(index)
    return float(weights.size - 1)


@njit(cache=True, nogil=True)
def filled(y: Floats, references: Floats) -> int:  # pragma: no cover - compiled
    """Centre annual values and put what mean and references say in gaps (both in place); the number of values.

    A filled gap says nothing for or against a change; the degrees of freedom are those of the values.
    """
    years, count = y.size, references.shape[0]
    known, total = 0, 0.0
    for t in range(years):
        if not math.isnan(y[t]):
            known += 1
            total += y[t]
    if known < FEWEST:
        return known
    mean = total / known
    for t in range(years):
        y[t] -= mean
    if known == years:
        return known
    # Normal equations of the references over the known years, references centred over them.
    normal = np.zeros((count, count + 1))
    centre = np.zeros(count)
    for a in range(count):
        for t in range(years):
            if not math.isnan(y[t]):
                centre[a] += references[a, t] / known
    for a in range(count):
        normal[a, a] = 1e-9
        for t in range(years):
            if not math.isnan(y[t]):
                x = references[a, t] - centre[a]
                normal[a, count] += x * y[t]
                for b in range(count):
                    normal[a, b] += x * (references[b, t] - centre[b])
    for a in range(count):
        for b in range(count):
            if b != a:
                factor = normal[b, a] / normal[a, a]
                for c in range(count + 1):
                    normal[b, c] -= factor * normal[a, c]
    for t in range(years):
        if math.isnan(y[t]):
            y[t] = 0.0
            for a in range(count):
                y[t] += normal[a, count] / normal[a, a] * (references[a, t] - centre[a])
    return known


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def products(
    y: Floats, references: Floats, whitener: Floats, shapes: Floats, squares: Floats, hh: Floats, hy: Floats
) -> tuple[float, int]:  # pragma: no cover - compiled
    """Sums of squares `hh` of the courses and their products `hy` with `y`, mean and references projected out.

    `shapes` (year, course) are whitened, with their sums of `squares`; `y` and `references` (reference, year) are
    whitened here. Returns the sum of squares that is left of `y`, and how many references counted.
    """
    years, number, count = y.size, shapes.shape[1], references.shape[0]
    rest = np.zeros(years)
    basis = np.zeros((count + 1, years))
    along = np.empty(number)
    for t in range(years):
        for u in range(t + 1):
            rest[t] += whitener[t, u] * y[u]
            basis[0, t] += whitener[t, u]
            for a in range(count):
                basis[a + 1, t] += whitener[t, u] * references[a, u]
    for j in range(number):
        hh[j] = squares[j]
        hy[j] = 0.0
    used = 0
    for a in range(count + 1):
        vector = basis[a]
        before = 0.0
        for t in range(years):
            before += vector[t] * vector[t]
        for b in range(a):
            part = 0.0
            for t in range(years):
                part += vector[t] * basis[b, t]
            for t in range(years):
                vector[t] -= part * basis[b, t]
        length = 0.0
        for t in range(years):
            length += vector[t] * vector[t]
        if length < 1e-6 * before or length < 1e-12:
            for t in range(years):
                vector[t] = 0.0
            continue
        used += a > 0
        length = math.sqrt(length)
        part = 0.0
        for t in range(years):
            vector[t] /= length
            part += vector[t] * rest[t]
        for t in range(years):
            rest[t] -= part * vector[t]
        for j in range(number):
            along[j] = 0.0
        for t in range(years):
            for j in range(number):
                along[j] += shapes[t, j] * vector[t]
        for j in range(number):
            hh[j] -= along[j] * along[j]
    left = 0.0
    for t in range(years):
        left += rest[t] * rest[t]
        for j in range(number):
            hy[j] += shapes[t, j] * rest[t]
    return left, used


@njit(cache=True, nogil=True)
def add(
    found: Floats, start: int, share: float, mean: float, spread: float, common: Floats
) -> None:  # pragma: no cover - compiled
    """Add a component to the window that starts at a column, without and with the `common` change (see `pixels`)."""
    for there in range(2):
        part, middle, wide = share * (1 - common[0]), mean, spread
        if there:
            part, middle, wide = share * common[0], mean + common[1], math.sqrt(spread**2 + common[2] ** 2)
        if part < NEGLIGIBLE * NEGLIGIBLE:
            continue
        found[start + MEAN] += part * middle
        found[start + SPREAD] += part * (middle * middle + wide * wide)
        if wide > 0:
            found[start + LOSS] += part * below((LOST - middle) / wide)
            found[start + GAIN] += part * below((middle - GAINED) / wide)


@njit(cache=True, nogil=True)
def summed(
    hh: Floats,
    hy: Floats,
    variance: float,
    odds: float,
    prior: Floats,
    rises: Floats,
    abrupt: NDArray[np.bool_],
    onset: Indices,
    common: Floats,
    years: int,
    found: Floats,
) -> None:  # pragma: no cover - compiled
    """Posterior of change out of `products`, written to a row of `pixels`; the equations are in `posterior`."""
    number, windows = hh.size, rises.shape[0]
    square = SIZE * SIZE
    weight = np.empty(number)
    top = -math.inf
    for j in range(number):
        weight[j] = -math.inf
        if hh[j] > UNSEEN:
            v, d = variance / hh[j], hy[j] / hh[j]
            weight[j] = -0.5 * math.log(1 + square / v) + 0.5 * d * d * square / (v * (v + square)) + prior[j]
            top = max(top, weight[j])
    total = 0.0
    for j in range(number):
        weight[j] = math.exp(weight[j] - top) if weight[j] > top - FAINT else 0.0
        total += weight[j]
    changed = 1 / (1 + math.exp(-min(max(top + math.log(total) + odds, -50.0), 50.0)))
    onsets, breaks = np.zeros(years), np.zeros(years)
    for w in range(windows):
        start = FIXED + w * PER_WINDOW
        found[start : start + PER_WINDOW] = 0.0
        add(found, start, 1 - changed, 0.0, 0.0, common[w])
    sudden, size = 0.0, 0.0
    for j in range(number):
        share = weight[j] / total
        if share < NEGLIGIBLE:
            continue
        v = variance / hh[j]
        pull = square / (v + square)
        d, e = hy[j] / hh[j] * pull, math.sqrt(v * pull)
        onsets[onset[j]] += share
        share *= changed
        if abrupt[j]:
            beyond = share * (below((LOST - d) / e) + below((d - GAINED) / e))
            breaks[onset[j]] += beyond
            sudden += beyond
            size += beyond * d
        for w in range(windows):
            start = FIXED + w * PER_WINDOW
            add(found, start, share, d * rises[w, j], e * abs(rises[w, j]), common[w])
    for w in range(windows):
        start = FIXED + w * PER_WINDOW
        found[start + SPREAD] = math.sqrt(max(found[start + SPREAD] - found[start + MEAN] ** 2, 0.0))
    found[CHANGED] = changed
    found[ABRUPT] = sudden
    found[BREAK] = float(np.argmax(breaks))
    found[BREAK_SIZE] = size / sudden if sudden > 0 else 0.0
    scale = onsets.sum()
    onsets /= scale
    found[ONSET] = quantile(onsets, 0.5)
    found[ONSET_LOW], found[ONSET_HIGH] = quantile(onsets, 0.025), quantile(onsets, 0.975)


@njit(cache=True, nogil=True)
def pixels(
    values: Floats,
    nodes: Floats,
    indices: Indices,
    weights: Floats,
    whitener: Floats,
    shapes: Floats,
    prior: Floats,
    rises: Floats,
    abrupt: NDArray[np.bool_],
    onset: Indices,
    common: Floats,
    typical: float,
    odds: float,
) -> Floats:  # pragma: no cover - compiled
    """Posterior of each pixel: a row of `FIXED` columns, and `PER_WINDOW` for each window; NaN with too few years.

    `values` (pixel, year): logarithms, NaN in gaps. The references of a pixel are `nodes` (node, reference, year),
    blended by `weights` at `indices` (pixel, corner). `shapes` (year, course), whitened, with the logarithm of their
    `prior`, `abrupt` and `onset`; `rises` (window, course). `common` (window; probability, mean, spread): what the
    whole region may have changed. `typical`: variance of the region; `odds`: logarithm of the prior odds of a change.
    """
    count, years = values.shape
    number = shapes.shape[1]
    found = np.full((count, FIXED + rises.shape[0] * PER_WINDOW), np.nan)
    references = np.empty((nodes.shape[1], years))
    squares = (shapes * shapes).sum(axis=0)
    hh, hy = np.empty(number), np.empty(number)
    y = np.empty(years)
    for n in range(count):
        y[:] = values[n]
        references[:] = 0.0
        for corner in range(indices.shape[1]):
            w = weights[n, corner]
            if w > 0:
                node = nodes[indices[n, corner]]
                for a in range(node.shape[0]):
                    for t in range(years):
                        references[a, t] += w * node[a, t]
        known = filled(y, references)
        if known < FEWEST:
            continue
        left, used = products(y, references, whitener, shapes, squares, hh, hy)
        best = 0.0
        for j in range(number):
            if hh[j] > UNSEEN:
                best = max(best, hy[j] * hy[j] / hh[j])
        freedom = max(known - 2.0 - used, 2.0)
        variance = (BORROWED * typical + max(left - best, 0.0)) / (BORROWED + freedom)
        found[n, VARIANCE] = variance
        summed(hh, hy, variance, odds, prior, rises, abrupt, onset, common, years, found[n])
    return found
