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

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.int64]


@njit(cache=True, nogil=True)
def dampened(values: Floats, threshold: float) -> Floats:  # pragma: no cover - compiled
    """Values without spikes: the worst is moved towards the mean of its neighbours until none is above `threshold`.

    A spike's size is 1 less the ratio of the step between its neighbours to the larger step beside it.
    """
    smooth = values.copy()
    if threshold >= 1:
        return smooth
    for _ in range(10 * values.size):
        worst, place = threshold, -1
        for n in range(1, values.size - 1):
            step = max(abs(smooth[n] - smooth[n - 1]), abs(smooth[n] - smooth[n + 1]))
            size = 1 - abs(smooth[n + 1] - smooth[n - 1]) / step if step > 0 else 0.0
            if size > worst:
                worst, place = size, n
        if place < 0:
            break
        smooth[place] += worst * ((smooth[place - 1] + smooth[place + 1]) / 2 - smooth[place])
    return smooth


@njit(cache=True, nogil=True)
def line(years: Floats, values: Floats) -> tuple[float, float]:  # pragma: no cover - compiled
    """Intercept and slope by least squares."""
    x, y = years.mean(), values.mean()
    across = ((years - x) ** 2).sum()
    slope = ((years - x) * (values - y)).sum() / across if across > 0 else 0.0
    return y - slope * x, slope


@njit(cache=True, nogil=True)
def candidates(years: Floats, values: Floats, most: int) -> Indices:  # pragma: no cover - compiled
    """Up to `most` vertices: both ends, then again and again the year that its segment's line misses most, in the
    segment with the largest mean squared miss."""
    found = [0, values.size - 1]
    while len(found) < most:
        worst, place = 0.0, -1
        for k in range(len(found) - 1):
            first, last = found[k], found[k + 1]
            if last - first < 2:
                continue
            x, y = years[first : last + 1], values[first : last + 1]
            intercept, slope = line(x, y)
            miss = np.abs(y - intercept - slope * x)
            if (miss**2).mean() > worst:
                worst = (miss**2).mean()
                place = first + 1 + int(np.argmax(miss[1:-1]))
        if place < 0:
            break
        found.append(place)
        found.sort()
    return np.array(found)


@njit(cache=True, nogil=True)
def culled(years: Floats, values: Floats, vertices: Indices, most: int) -> Indices:  # pragma: no cover - compiled
    """At most `most` vertices: those that stand out least from the line between their neighbours are taken out.

    The paper takes out those with the flattest angle. Between vertices a year or two apart noise makes steep angles, and
    true corners went first: of 60 noisy steps 35 kept both their years by that rule, and all do by this one.
    """
    kept = list(vertices)
    while len(kept) > most:
        least, place = np.inf, 1
        for k in range(1, len(kept) - 1):
            a, b, c = kept[k - 1], kept[k], kept[k + 1]
            share = (years[b] - years[a]) / (years[c] - years[a])
            stands_out = abs(values[b] - values[a] - share * (values[c] - values[a]))
            if stands_out < least:
                least, place = stands_out, k
        kept.pop(place)
    return np.array(kept)


@njit(cache=True, nogil=True)
def traced(years: Floats, values: Floats, vertices: Indices) -> Floats:  # pragma: no cover - compiled
    """Fitted values of all years: the first segment by least squares, each other anchored at the end of the last, or
    from point to point where that misses less."""
    fitted = np.empty(values.size)
    for k in range(vertices.size - 1):
        first, last = vertices[k], vertices[k + 1]
        x, y = years[first : last + 1], values[first : last + 1]
        if k == 0:
            intercept, slope = line(x, y)
            start = intercept + slope * x[0]
            direct = y[0]
        else:
            start = direct = fitted[first]
            slope = ((x - x[0]) * (y - start)).sum() / ((x - x[0]) ** 2).sum()
        leaned = start + slope * (x - x[0])
        straight = direct + (y[-1] - direct) / (x[-1] - x[0]) * (x - x[0])
        better = ((y - leaned) ** 2).sum() <= ((y - straight) ** 2).sum()
        fitted[first : last + 1] = leaned if better else straight
    return fitted


@njit(cache=True, nogil=True)
def recovers_too_fast(
    years: Floats, fitted: Floats, vertices: Indices, range_: float, limit: float, not_in_a_year: bool
) -> int:  # pragma: no cover - compiled
    """Number (from 1) of the segment that falls too fast, the fastest one; 0 where none does."""
    worst, found = 0.0, 0
    for k in range(vertices.size - 1):
        first, last = vertices[k], vertices[k + 1]
        span, fall = years[last] - years[first], fitted[first] - fitted[last]
        if fall <= 0 or range_ <= 0:
            continue
        rate = fall / range_ / span
        if (rate > limit or (not_in_a_year and span <= 1)) and rate > worst:
            worst, found = rate, k + 1
    return found


@njit(cache=True, nogil=True)
def models(
    years: Floats, values: Floats, vertices: Indices, limit: float, not_in_a_year: bool
) -> tuple[NDArray[np.bool_], Floats, Floats, Flags]:  # pragma: no cover - compiled
    """Models of ever fewer segments, from those of all vertices to one line.

    For each: which years are vertices, fitted values, sum of squared misses, and whether no recovery is too fast.
    """
    count = vertices.size - 1
    marks = np.zeros((count, values.size), np.bool_)
    fits, misses, allowed = np.empty((count, values.size)), np.empty(count), np.ones(count, np.bool_)
    range_ = values.max() - values.min()
    here = vertices.copy()
    for number in range(count):
        fitted = traced(years, values, here)
        for vertex in here:
            marks[number, vertex] = True
        fits[number], misses[number] = fitted, ((values - fitted) ** 2).sum()
        fast = recovers_too_fast(years, fitted, here, range_, limit, not_in_a_year)
        allowed[number] = fast == 0
        if here.size == 2:
            break
        # The start of a recovery that is too fast goes first; else the vertex whose loss costs least.
        least, place = np.inf, -1
        for k in range(1, here.size - 1):
            if fast and k != min(max(fast - 1, 1), here.size - 2) and k != min(fast, here.size - 2):
                continue
            without = np.concatenate((here[:k], here[k + 1 :]))
            cost = ((values - traced(years, values, without)) ** 2).sum()
            if cost < least:
                least, place = cost, k
        here = np.concatenate((here[:place], here[place + 1 :]))
    return marks, fits, misses, allowed


def p_of_f(misses: Floats, total: float, years: int, segments: NDArray[np.int64]) -> Floats:
    """Probability of an F as large by chance; a model of n segments has 2 n - 1 free numbers besides the mean."""
    from scipy.special import fdtrc

    free = 2 * segments - 1
    left = years - free - 1
    usable = (left > 0) & (total > 0)
    rest = np.maximum(left, 1)
    ratio = (np.maximum(total - misses, 0) / free) / np.maximum(misses / rest, 1e-12 * max(total, 1e-300))
    return np.asarray(np.where(usable, fdtrc(free, rest, ratio), 1.0))


def joint(years: Floats, values: Floats, marks: Flags) -> Floats:
    """Fitted values of least misses of all lines with corners at the vertices, all segments at once."""
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
    found = candidates(years, smooth, most_segments + 1 + overshoot)
    vertices = culled(years, smooth, found, most_segments + 1)
    marks, fits, misses, allowed = models(years, smooth, vertices, recovery, not_in_a_year)
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
