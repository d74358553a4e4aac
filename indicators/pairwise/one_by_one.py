"""All pairs of years pixel by pixel, with a sort: for series that are too long to stand side by side.

Numbers of pairs are of 16 bits there. The definitions are the same, and so are the results.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from indicators.kernel.compiling import compiled


@compiled
def one_by_one(y: Any, t: Any, result: Any) -> None:
    """Fill `result` (6, pixels) from `y` (years, pixels) and the years `t`: rows as in `kernel.pairwise`."""
    n, pixels = y.shape
    slopes, rest = np.empty(n * (n - 1) // 2), np.empty(n)
    column = np.empty(n)
    same = np.empty(n, np.int64)
    for pixel in range(pixels):
        members, count = 0, 0
        for i in range(n):
            column[i] = y[i, pixel] if np.isfinite(y[i, pixel]) else np.nan
            count += np.isfinite(y[i, pixel])
        same[:] = 0
        score = 0
        for i in range(n - 1):
            for j in range(i + 1, n):
                value = (column[j] - column[i]) / (t[j] - t[i])
                score += (column[j] > column[i]) - (column[j] < column[i])
                same[i] += column[j] == column[i]
                same[j] += column[j] == column[i]
                if not np.isnan(value):
                    slopes[members] = value
                    members += 1
        result[2, pixel], result[3, pixel] = score, count
        result[4, pixel] = (same * (2 * same + 7)).sum()
        result[5, pixel] = same.sum() / 2
        if count < 2:
            result[0, pixel] = result[1, pixel] = np.nan
            continue
        result[0, pixel] = np.median(slopes[:members])
        count = 0
        for i in range(n):
            if not np.isnan(column[i]):
                rest[count] = column[i] - result[0, pixel] * (t[i] - t[0])
                count += 1
        result[1, pixel] = np.median(rest[:count])
