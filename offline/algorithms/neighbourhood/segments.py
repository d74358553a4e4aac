"""LandTrendr: a series of years as straight segments (Kennedy, Yang and Cohen 2010, Remote Sensing of Environment 114,
2897-2910, section 2.2.3 and figure 3), one pixel at a time.

As on Earth Engine a disturbance raises the value, a recovery lowers it. Steps: single years that stick out are
dampened; candidate vertices are added where a segment's own line misses most; those that matter least are taken out;
values at the vertices are fitted from left to right, by a line through the last vertex or straight from point to point,
whichever misses less; then the vertex that costs least is dropped again and again, and of all these models the one
with the most segments is taken whose p of F is near that of the best.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import fdtrc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def dampened(values: Floats, threshold: float) -> Floats:  # pragma: no cover - compiled
    """Values without spikes: the worst is moved towards the mean of its neighbours until none is above `threshold`.

    A spike's size is 1 less the ratio of the step between its neighbours to the larger step beside it.
    """
    smooth = values.copy()
    if threshold >= 1:
        return smooth
    for _ in range(10 * values.size):
        worst, position = threshold, -1
        for n in range(1, values.size - 1):
            step = max(abs(smooth[n] - smooth[n - 1]), abs(smooth[n] - smooth[n + 1]))
            size = 1 - abs(smooth[n + 1] - smooth[n - 1]) / step if step > 0 else 0.0
            if size > worst:
                worst, position = size, n
        if position < 0:
            break
        smooth[position] += worst * ((smooth[position - 1] + smooth[position + 1]) / 2 - smooth[position])
    return smooth


@njit(cache=True, nogil=True)
def sloped(
    years: Floats, values: Floats, first: int, last: int, start: float, anchored: bool
) -> tuple[float, float]:  # pragma: no cover - compiled
    """Value in the first year, and slope, of the line of least squares of the years first to last; through `start` in
    the first year where it is `anchored`."""
    x, y = 0.0, start
    if not anchored:
        y = 0.0
        for n in range(first, last + 1):
            x += (years[n] - years[first]) / (last + 1 - first)
            y += values[n] / (last + 1 - first)
    along, across = 0.0, 0.0
    for n in range(first, last + 1):
        along += (years[n] - years[first] - x) * (values[n] - y)
        across += (years[n] - years[first] - x) ** 2
    slope = along / across if across > 0 else 0.0
    return y - slope * x, slope


@njit(cache=True, nogil=True)
def candidates(years: Floats, values: Floats, most: int) -> Flags:  # pragma: no cover - compiled
    """Marks of up to `most` vertices: both ends, then again and again the year that its segment's line misses most, in
    the segment with the largest mean squared miss."""
    marks = np.zeros(values.size, np.bool_)
    marks[0] = marks[-1] = True
    for _ in range(most - 2):
        worst, position, first = 0.0, -1, 0
        for last in range(1, values.size):
            if not marks[last]:
                continue
            start, slope = sloped(years, values, first, last, 0.0, False)
            total, farthest, where = 0.0, -1.0, -1
            for n in range(first, last + 1):
                miss = abs(values[n] - start - slope * (years[n] - years[first]))
                total += miss * miss / (last + 1 - first)
                if first < n < last and miss > farthest:
                    farthest, where = miss, n
            if where >= 0 and total > worst:
                worst, position = total, where
            first = last
        if position < 0:
            break
        marks[position] = True
    return marks


@njit(cache=True, nogil=True)
def culled(years: Floats, values: Floats, marks: Flags, most: int) -> Flags:  # pragma: no cover - compiled
    """At most `most` vertices: those that stand out least from the line between their neighbours are taken out.

    The paper takes out those with the flattest angle. Between vertices a year or two apart noise makes steep angles,
    and true corners went first: of 60 noisy steps 35 kept both their years by that rule, and all do by this one.
    """
    kept = marks.copy()
    number = 0
    for mark in kept:
        number += mark
    for _ in range(number - most):
        least, position = np.inf, -1
        a, b = 0, -1
        for c in range(1, kept.size):
            if not kept[c]:
                continue
            if b > 0:
                share = (years[b] - years[a]) / (years[c] - years[a])
                stands_out = abs(values[b] - values[a] - share * (values[c] - values[a]))
                if stands_out < least:
                    least, position = stands_out, b
                a = b
            b = c
        kept[position] = False
    return kept


@njit(cache=True, nogil=True)
def traced(years: Floats, values: Floats, marks: Flags) -> Floats:  # pragma: no cover - compiled
    """Fitted values of all years: the first segment by least squares, each other anchored at the end of the last, or
    from point to point where that misses less."""
    fitted = np.empty(values.size)
    first = 0
    for last in range(1, values.size):
        if not marks[last]:
            continue
        start = values[0] if first == 0 else fitted[first]
        leaning, slope = sloped(years, values, first, last, start, first > 0)
        straight = (values[last] - start) / (years[last] - years[first])
        leaned, direct = 0.0, 0.0
        for n in range(first, last + 1):
            span = years[n] - years[first]
            leaned += (values[n] - leaning - slope * span) ** 2
            direct += (values[n] - start - straight * span) ** 2
        for n in range(first, last + 1):
            span = years[n] - years[first]
            fitted[n] = leaning + slope * span if leaned <= direct else start + straight * span
        first = last
    return fitted


@njit(cache=True, nogil=True)
def missed(values: Floats, fitted: Floats) -> float:  # pragma: no cover - compiled
    """Sum of squared misses."""
    total = 0.0
    for n in range(values.size):
        total += (values[n] - fitted[n]) ** 2
    return total


@njit(cache=True, nogil=True)
def too_fast(
    years: Floats, fitted: Floats, marks: Flags, limit: float, not_in_a_year: bool
) -> tuple[int, int]:  # pragma: no cover - compiled
    """First and last year's number of the segment that recovers too fast, the fastest; (0, 0) where none does.

    `limit` is a fall of the value in a year.
    """
    worst, start, end, first = 0.0, 0, 0, 0
    for last in range(1, fitted.size):
        if not marks[last]:
            continue
        span = years[last] - years[first]
        rate = (fitted[first] - fitted[last]) / span
        if rate > worst and (rate > limit or (not_in_a_year and span <= 1)):
            worst, start, end = rate, first, last
        first = last
    return start, end


@njit(cache=True, nogil=True)
def models(
    years: Floats, values: Floats, vertices: Flags, limit: float, not_in_a_year: bool
) -> tuple[NDArray[np.bool_], Floats, Floats, Flags]:  # pragma: no cover - compiled
    """Models of ever fewer segments, from those of all vertices to one line.

    For each: which years are vertices, fitted values, sum of squared misses, and whether no recovery is too fast.
    """
    count = -1
    for vertex in vertices:
        count += vertex
    marks = np.zeros((count, values.size), np.bool_)
    fits, misses, allowed = np.zeros((count, values.size)), np.zeros(count), np.zeros(count, np.bool_)
    here = vertices.copy()
    for number in range(count):
        fitted = traced(years, values, here)
        marks[number], fits[number], misses[number] = here, fitted, missed(values, fitted)
        start, end = too_fast(years, fitted, here, limit, not_in_a_year)
        allowed[number] = end == 0
        # An end of the recovery that is too fast goes first; else the vertex whose loss costs least.
        bound = end > 0 and (start > 0 or end < values.size - 1)
        least, position = np.inf, -1
        for n in range(1, values.size - 1):
            if not here[n] or (bound and n not in (start, end)):
                continue
            here[n] = False
            cost = missed(values, traced(years, values, here))
            here[n] = True
            if cost < least:
                least, position = cost, n
        if position >= 0:
            here[position] = False
    return marks, fits, misses, allowed


def p_of_f(misses: Floats, total: float, years: int, segments: NDArray[np.int64]) -> Floats:
    """Probability of an F as large by chance; a model of n segments has 2 n - 1 free numbers besides the mean."""
    free = 2 * segments - 1
    left = years - free - 1
    usable = (left > 0) & (total > 0)
    rest = np.maximum(left, 1)
    ratio = (np.maximum(total - misses, 0) / free) / np.maximum(misses / rest, 1e-12 * max(total, 1e-300))
    return np.asarray(np.where(usable, fdtrc(free, rest, ratio), 1.0))


def joint(years: Floats, values: Floats, marks: Flags) -> Floats:
    """Fitted values of least misses of all lines with corners at the vertices, all segments together."""
    corners = years[marks]
    base = np.column_stack([np.interp(years, corners, each) for each in np.eye(corners.size)])
    return base @ np.linalg.lstsq(base, values, rcond=None)[0]


def segmented(
    years: Floats, values: Floats, *, most_segments: int, spike: float, overshoot: int, not_in_a_year: bool,
    recovery: float, p_most: float, proportion: float,
) -> tuple[Flags, Floats]:  # fmt: skip
    """Which years are vertices, and the fitted values, of one pixel; a level line where no model holds."""
    smooth = dampened(values, spike)
    level = np.full(values.size, smooth.mean())
    ends = np.zeros(values.size, bool)
    ends[[0, -1]] = True
    total = float(((smooth - level) ** 2).sum())
    if total <= 1e-12 * max(1.0, float(smooth.mean() ** 2)):
        return ends, level
    possible = candidates(years, smooth, most_segments + 1 + overshoot)
    vertices = culled(years, smooth, possible, most_segments + 1)
    limit = recovery * float(np.ptp(smooth))
    marks, fits, misses, allowed = models(years, smooth, vertices, limit, not_in_a_year)
    segments = marks.sum(axis=1) - 1
    chance = np.where(allowed, p_of_f(misses, total, values.size, segments), np.inf)
    if chance.min() > p_most:
        fits = np.stack([joint(years, smooth, each) for each in marks])
        misses = ((smooth - fits) ** 2).sum(axis=1)
        chance = np.where(allowed, p_of_f(misses, total, values.size, segments), np.inf)
    best = float(chance.min())
    if not best <= p_most:
        return ends, level
    # Models come with the most segments first.
    chosen = int(np.argmax(chance <= (2 - proportion) * best))
    return marks[chosen], fits[chosen]
