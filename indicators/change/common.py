"""What changed everywhere in a region: the local reference cannot see it, its own course can.

The region's course is the mean of its wide reference, the median of land that did not change otherwise. Rain, and
temperature where it is given, are taken out of it, and what is left goes through the same courses as a pixel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.change import kernel
from indicators.change.courses import courses
from indicators.change.noise import Noise
from indicators.change.reference import residuals

Floats = NDArray[np.float64]

#: Prior probability that a whole region changed; it is rare.
PRIOR = 0.05
#: Memory of what rain does not explain of a region's mean from one year to the next.
MEMORY = Noise(lasting=0.3, memory=0.6)
#: A loss of the whole region is reported, and added to every pixel, from this probability on.
DECIDED = 0.5


@dataclass(frozen=True)
class Common:
    """The change of a whole region in one window of years.

    `loss`, `gain`: probability of a change beyond 10 %. `mean`, `spread`: of the change in logarithms, if there was one.
    """

    loss: float
    gain: float
    mean: float
    spread: float

    @property
    def added(self) -> tuple[float, float]:
        """Mean and spread that every pixel of the region gets: those of a decided loss, else none.

        A common gain is reported, not added: rising carbon dioxide and a longer season green all land alike.
        """
        return (self.mean, self.spread) if self.loss >= DECIDED else (0.0, 0.0)


def common_changes(course: Floats, weather: Floats, windows: Sequence[tuple[int, int]]) -> list[Common]:
    """The common change of each window (indices of its first and last year).

    `course` (year): mean logarithm of the region; `weather` (variable, year): what is taken out of it.
    """
    years = course.size
    library = courses(years)
    rest = residuals(course[None, :], weather[None])
    variance = float((rest**2).sum()) / max(years - 2 - len(weather), 1)
    whitener = MEMORY.whitener(years)
    found = kernel.pixels(
        course[None, :].copy(), np.ascontiguousarray(weather[None]), np.zeros((1, 1), np.int64), np.ones((1, 1)),
        whitener, np.ascontiguousarray(whitener @ library.shapes.T), np.log(library.prior),
        np.array([library.rises(*window) for window in windows]), library.abrupt, library.onset,
        np.zeros((len(windows), 2)), variance, float(np.log(PRIOR / (1 - PRIOR))),
    )[0]  # fmt: skip
    changed = max(found[kernel.CHANGED], 1e-12)
    return [_common(found[kernel.FIXED + n * kernel.PER_WINDOW :], changed) for n in range(len(windows))]


def _common(found: Floats, changed: float) -> Common:
    mean = found[kernel.MEAN] / changed
    square = (found[kernel.SPREAD] ** 2 + found[kernel.MEAN] ** 2) / changed
    spread = float(np.sqrt(max(square - mean**2, 0.0)))
    return Common(float(found[kernel.LOSS]), float(found[kernel.GAIN]), float(mean), spread)
