"""How are all pairs of years compared fast? Theil–Sen slope and intercept, Mann–Kendall S and ties of many pixels.

For one pixel, slope = median of (y_j − y_i)/(t_j − t_i) over i < j, S = Σ sign(y_j − y_i). Sorting the slopes
pixel by pixel leaves the vector units of the processor idle. Here `LANES` pixels are computed together, and every step
is the same for all of them (`block`, `kernel`):

1. form all pairs once, in float32 on values scaled to [−1, 1]; count the signs in the same pass, and keep each slope
   as a key of one byte, a monotone count of steps from the least-squares slope (outliers are cut off, gaps are last;
   `keys`);
2. find the key of the median, bit by bit, by counting how many keys are smaller (no sorting, no branches); a vector
   compares as many keys as it has bytes, and the counts are bytes too (`median`);
3. the key is right to within one step, so the median is among the pairs within one step of it. Those are two pairs or
   so; the numbers of up to `SLOTS` are collected, their slopes computed in float64 and put in order. A pixel
   that has more sorts them (`exact`).

So the result is the one of the float64 definition to the last bit, whatever the data; only the time depends on them.
The same selection finds the median residual. Values that tie in float32 are compared again as they came
(`ties`). Series too long for 16 bits to number their pairs go pixel by pixel (`one_by_one`).
"""

from __future__ import annotations

from indicators.pairwise.kernel import pairwise

__all__ = ["pairwise"]
