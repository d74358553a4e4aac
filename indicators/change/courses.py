"""The courses that a lasting change can take over a record: steps, ramps, and steps that recover.

A course goes from 0 to 1 in units of the size of the change. What a pixel did is a size times a course; which course it
was is not known, so all of them are averaged (`indicators.change.posterior`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from indicators.errors import IndicatorError

#: Years that a ramp takes; it starts in every other year. Without short ones, each fast decline would read as a step.
LENGTHS = (3, 5, 8, 12, 17, 23)
#: Time constants of a recovery after a step, years, and the parts of the change that remain.
RECOVERIES = (2.5, 7.0)
REMAINDERS = (0.0, 0.5)
#: Prior probability of a step that stays, of a ramp, and of a step that recovers. Gradual changes come in more shapes.
PRIOR = (0.3, 0.5, 0.2)
#: Fewest years in which a change can be distinguished from weather.
FEWEST_YEARS = 8


@dataclass(frozen=True, eq=False)
class Courses:
    """The courses over a record of years.

    `shapes` (course, year): part of the change in each year. `prior` (course): probabilities that add up to 1.
    `abrupt` (course): whether it begins with a step. `onset` (course): index of the first year affected.
    """

    shapes: NDArray[np.float64]
    prior: NDArray[np.float64]
    abrupt: NDArray[np.bool_]
    onset: NDArray[np.int64]

    def rises(self, first: int, last: int) -> NDArray[np.float64]:
        """Part of the change (course) that falls between two years, given by index."""
        rise: NDArray[np.float64] = self.shapes[:, last] - self.shapes[:, first]
        return rise


@cache
def courses(years: int) -> Courses:
    """The library of courses for a record of `years` years without a gap.

    Steps start in every year but the first two and the last. Ramps start in every other year and take 3 to 23 years, or
    as long as the record lasts. A step that recovers approaches nothing or half of its size with a time constant of 2.5
    or 7 years. Raises IndicatorError for fewer than 8 years.

    >>> library = courses(24)
    >>> library.shapes.shape, round(float(library.prior.sum()), 9)
    ((144, 24), 1.0)
    >>> float(library.shapes.min()), float(library.shapes.max())
    (0.0, 1.0)
    """
    if years < FEWEST_YEARS:
        raise IndicatorError(
            f"a record of {years} years is too short to distinguish change from weather; "
            f"give at least {FEWEST_YEARS} years"
        )
    time = np.arange(years, dtype=float)
    steps = [(index, (time >= index).astype(float)) for index in range(2, years - 1)]
    spans = {(start, min(start + length, years - 1)) for start in range(0, years - 3, 2) for length in LENGTHS}
    ramps = [
        (start + 1, np.clip((time - start) / (end - start), 0, 1))
        for start, end in sorted(spans)
        if end - start >= min(LENGTHS)
    ]
    passing = [
        (index, np.where(time >= index, rest + (1 - rest) * np.exp(-np.maximum(time - index, 0) / constant), 0.0))
        for index in range(2, years - 3)
        for constant in RECOVERIES
        for rest in REMAINDERS
    ]
    kinds = (steps, ramps, passing)
    prior = np.concatenate([np.full(len(kind), share / len(kind)) for kind, share in zip(kinds, PRIOR, strict=True)])
    every = [course for kind in kinds for course in kind]
    return Courses(
        shapes=np.array([shape for _, shape in every]),
        prior=prior,
        abrupt=np.array([kind is not ramps for kind in kinds for _ in kind]),
        onset=np.array([onset for onset, _ in every]),
    )
