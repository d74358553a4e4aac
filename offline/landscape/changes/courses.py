"""Courses of planted changes: how much of a change has come at a time, as a fraction of its size.

All are functions of time in years, fractions allowed, so that every window of years has a true change.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from offline.landscape.noise import Floats

STEP, RAMP, APPROACH, ONSET, PASSING = range(5)
"""A step in May; a ramp; an exponential approach; a slow, logistic onset; a step from which land recovers."""

SEASON_START = 0.33
"""Part of the year after which an abrupt change shows: May, so that its year is the first growing season affected."""

SETTLED = 3.0
"""Time constants in the duration of an exponential course: 95 % of it has come by then."""

SLOPE = 8.0
"""Duration of a slow onset over its time scale: 2 % has come at its start, 98 % at its end."""


@njit(cache=True, nogil=True)
def progress(
    time: float,
    course: NDArray[np.int8],
    year: NDArray[np.int16],
    duration: Floats,
    recovery: Floats,
    pace: Floats,
) -> Floats:  # pragma: no cover - compiled
    """Part of each change that has come at a time, 0 to 1.

    `duration` in years; of a step that passes, the part `recovery` goes again, 95 % of it within `pace` years.
    """
    part = np.zeros(course.size, np.float32)
    for n in range(course.size):
        since = time - year[n]
        if course[n] == RAMP:
            part[n] = min(max(since / max(duration[n], 0.01), 0.0), 1.0)
        elif course[n] == APPROACH:
            part[n] = 1.0 - np.exp(-SETTLED * since / duration[n]) if since > 0 else 0.0
        elif course[n] == ONSET:
            part[n] = 1.0 / (1.0 + np.exp(-SLOPE * (since / duration[n] - 0.5)))
        elif time >= year[n] + SEASON_START:
            part[n] = 1.0
            if course[n] == PASSING:
                part[n] -= recovery[n] * (1.0 - np.exp(-SETTLED * (since - SEASON_START) / pace[n]))
    return part
