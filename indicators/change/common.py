"""What changed everywhere in a region: the local reference cannot see it, the region's own course can.

The region's course is the mean of its wide reference: the median, year by year, of land that did not change otherwise.
It is the sum of what its weather explains, of an expected greening, of noise with a memory, and perhaps of a change by
one of the courses of `indicators.change.courses`. All are Gaussian, so that each course has a marginal likelihood in
closed form; the scale of the noise is averaged over a range.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp, ndtr

from indicators.change import kernel
from indicators.change.courses import courses
from indicators.change.noise import Noise

Floats = NDArray[np.float64]

#: Prior probability that a whole region changed.
PRIOR = 0.1
#: Greening of unchanged land by carbon dioxide and longer seasons: mean and standard deviation, logarithm a decade.
GREENING = (0.05, 0.04)
#: Noise of a region's mean that its weather does not explain: scales that are tried, and memory from year to year.
SCALES = np.geomspace(0.02, 0.5, 14)
MEMORY = Noise(lasting=0.5, memory=0.6)
#: Prior standard deviation of mean and of effects of the weather: wide.
WIDE = 1.0
#: A change of the whole region is reported from this probability on.
DECIDED = 0.5


@dataclass(frozen=True)
class Common:
    """The change of a whole region in one window of years, beyond the expected greening.

    `loss`, `gain`: probability of a change beyond 10 %; `changed`: of any change. `mean`, `spread`: of the change in
    logarithms, if there was one.
    """

    loss: float
    gain: float
    changed: float
    mean: float
    spread: float


def common_changes(
    course: Floats, weather: Floats, windows: Sequence[tuple[int, int]], join: Floats | None = None
) -> list[Common]:
    """The common change of each window (indices of its first and last year).

    `course` (year): mean logarithm of the region; `weather` (variable, year): standardised, what explains part of it.
    `join` (year, year): covariance of the error of a record joined from several sensors, squared logarithms.
    """
    years = course.size
    time = np.arange(years) / 10
    library = courses(years)
    y = course - course.mean() - GREENING[0] * (time - time.mean())
    design = np.vstack([np.ones(years), weather])
    known = WIDE**2 * design.T @ design + GREENING[1] ** 2 * np.outer(time, time)
    if join is not None:
        known += join
    apart = np.abs(np.subtract.outer(np.arange(years), np.arange(years)))
    noise = np.where(apart == 0, 1.0, MEMORY.lasting * MEMORY.memory**apart)
    null, evidence, means, variances = [], [], [], []
    for scale in SCALES:
        inverse = np.linalg.inv(known + scale**2 * noise)
        null.append(0.5 * np.linalg.slogdet(inverse)[1] - 0.5 * y @ inverse @ y)
        precision = np.einsum("jt,tu,ju->j", library.shapes, inverse, library.shapes)
        product = library.shapes @ inverse @ y
        variance = 1 / (precision + 1 / kernel.SIZE**2)
        # The Bayes factor of a course against none, by the matrix determinant lemma.
        evidence.append(null[-1] + 0.5 * np.log(variance / kernel.SIZE**2) + 0.5 * variance * product**2)
        means.append(variance * product)
        variances.append(variance)
    weight = np.array(evidence) + np.log(library.prior)
    odds = np.log(PRIOR / (1 - PRIOR)) + logsumexp(weight) - logsumexp(null)
    changed = float(1 / (1 + np.exp(-odds)))
    share = np.exp(weight - logsumexp(weight))
    sizes, spreads = np.array(means), np.sqrt(variances)
    return [_common(changed, share, sizes, spreads, library.rises(*window)) for window in windows]


def _common(changed: float, share: Floats, sizes: Floats, spreads: Floats, rises: Floats) -> Common:
    mean, spread = sizes * rises, np.maximum(spreads * np.abs(rises), 1e-9)
    average = float(np.sum(share * mean))
    return Common(
        loss=changed * float(np.sum(share * ndtr((kernel.LOST - mean) / spread))),
        gain=changed * float(np.sum(share * ndtr((mean - kernel.GAINED) / spread))),
        changed=changed,
        mean=average,
        spread=float(np.sqrt(np.sum(share * (mean**2 + spread**2)) - average**2)),
    )
