"""Chow tests of many pixels: the strongest of several breaks; the rule is in `residual_trends`."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from indicators.breaks.kernels.rotations import rounding


@njit(cache=True, nogil=True)
def line_squares(y: Any, x: Any, first: int, end: int) -> float:
    """Residual sum of squares of y on a constant and x in the rows first … end − 1."""
    size = end - first
    mean_x = 0.0
    mean_y = 0.0
    for i in range(first, end):
        mean_x += x[i]
        mean_y += y[i]
    mean_x /= size
    mean_y /= size
    xx = 0.0
    xy = 0.0
    yy = 0.0
    for i in range(first, end):
        dx = x[i] - mean_x
        dy = y[i] - mean_y
        xx += dx * dx
        xy += dx * dy
        yy += dy * dy
    slope = xy / xx if xx > 0.0 else 0.0
    total = 0.0
    for i in range(first, end):
        e = y[i] - mean_y - slope * (x[i] - mean_x)
        total += e * e
    return total


@njit(cache=True, nogil=True)
def chow_p(y: Any, x: Any, first: int, place: int, end: int) -> float:
    """p of a break after `place` rows of the window first … end − 1; NaN where a side has fewer than three, and where
    one line meets all values.

    With two coefficients F(2, ν) has the closed form P = (RSS of the parts / RSS of the whole)^(ν/2).
    """
    size = end - first
    if not 2 < place < size - 2:
        return np.nan
    parts = line_squares(y, x, first, first + place) + line_squares(y, x, first + place, end)
    whole = line_squares(y, x, first, end)
    largest = 0.0
    for i in range(first, end):
        largest = max(largest, abs(y[i]))
    nothing = size * rounding(largest, size, 2) ** 2
    if whole <= nothing:
        return np.nan
    if parts <= nothing:
        return 0.0
    return min((parts / whole) ** ((size - 4) / 2.0), 1.0)


@njit(cache=True, nogil=True)
def strongest(y: Any, x: Any, green: Any, rain: Any, places: Any, out: Any, p: Any) -> None:
    """The strongest break of each pixel: its row into `out` (−1 without), p into p (2, pixels).

    y and x (rows, pixels) with NaN in gaps, `places` (most, pixels) rows of the last values before breaks in order,
    −1 behind them. p: of y on x, and of green on rain, with that break over the whole series.
    """
    n, pixels = y.shape
    most = places.shape[0]
    ys, xs, gs, rs = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    rows = np.empty(n, np.int64)
    left = np.empty(most, np.int64)
    for pixel in range(pixels):
        out[pixel] = -1
        p[:, pixel] = np.nan
        m = 0
        count = 0
        for t in range(n):
            if not np.isfinite(y[t, pixel]):
                continue
            ys[m], xs[m], gs[m], rs[m] = y[t, pixel], x[t, pixel], green[t, pixel], rain[t, pixel]
            rows[m] = t
            m += 1
            if count < most and places[count, pixel] == t:
                left[count] = m
                count += 1
        while count > 0:
            worst = -1.0
            weakest = 0
            for i in range(count):
                before = left[i - 1] if i > 0 else 1
                after = left[i + 1] if i + 1 < count else m
                now = chow_p(ys, xs, before - 1, left[i] - before + 1, after)
                if np.isnan(now):
                    now = 1.0
                if now > worst:
                    worst = now
                    weakest = i
            if count == 1:
                out[pixel] = rows[left[0] - 1]
                p[0, pixel] = worst
                p[1, pixel] = chow_p(gs, rs, 0, left[0], m)
                break
            for i in range(weakest, count - 1):
                left[i] = left[i + 1]
            count -= 1
