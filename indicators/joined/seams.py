"""Does the record break where its sensor changes, or where an orbit did?

The level after the seam less that before it is estimated beside a straight trend and the weather, with noise that has a
memory and with the error of the join: the join itself may be off by so much, and what lies within is no break. In
indicators.breaks a break dated at a seam should be reported only if it is one by this test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.errors import IndicatorError
from indicators.joined.means import fitted

Floats = NDArray[np.float64]

#: Memories of the noise that are tried: those of annual series of regions are 0.26 to 0.59. Lower ones are left out,
#: because they are too readily found in few years, and a level then looks too certain.
MEMORIES = np.arange(0.3, 0.96, 0.1)
#: Fewest years on either side of a seam.
FEWEST = 3
LEVEL = 0.05


@dataclass(frozen=True)
class Seam:
    """The level across a seam: `year` is the first of the new level, `size` with standard error and p; a verdict."""

    year: int
    size: float
    error: float
    p: float
    verdict: str

    @property
    def is_break(self) -> bool:
        """Whether the level changes there by more than noise, trend and join explain."""
        return self.p < LEVEL


def seam_test(
    course: Floats,
    years: Sequence[int],
    seam: int,
    covariance: Floats | None = None,
    weather: Floats | None = None,
    window: int = 15,
) -> Seam:
    """Test for a change of level at a seam, or at any other date.

    Parameters
    ----------
    course
        The mean series (year); NaN in gaps.
    years
        Its years.
    seam
        First year of the other sensor, or after a change of orbit.
    covariance
        Error of the join (year, year); none for a record that was put together without one.
    weather
        Regressors (variable, year) that explain part of the years.
    window
        Years on either side from which level, trend and noise are estimated.

    Returns
    -------
    Seam
        Size, error, p, and a sentence.

    Raises
    ------
    IndicatorError
        If fewer than three years with a value lie on one side of the seam.

    Examples
    --------
    >>> years = np.arange(2001, 2031)
    >>> course = 0.3 + 0.005 * np.random.default_rng(3).standard_normal(30)
    >>> seam_test(course, years, 2020).is_break, seam_test(course - 0.05 * (years >= 2020), years, 2020).is_break
    (False, True)
    """
    time = np.array(years, float)
    near = (time >= seam - window) & (time < seam + window)
    after = time >= seam
    for side, flags in (("before", ~after), ("from", after)):
        count = np.count_nonzero(flags & near & np.isfinite(course))
        if count < FEWEST:
            raise IndicatorError(f"seam {seam}: {count} years {side} the seam; at least {FEWEST} are needed")
    found = fitted(
        course[near], time[near], after[near].astype(float), None if covariance is None else covariance[near][:, near],
        None if weather is None else weather[:, near], more=[(time - seam)[near]], memories=MEMORIES,
    )  # fmt: skip
    verdict = (
        f"{'break' if found.p < LEVEL else 'no break'} at {seam}: the level changes by {found.value:+.3f} ± "
        f"{found.error:.3f} (p {found.p:.2g})"
    )
    return Seam(seam, found.value, found.error, found.p, verdict)


def seams_of(years: Sequence[int], sensors: Sequence[str]) -> list[int]:
    """First years of another sensor than in the year before.

    Examples
    --------
    >>> seams_of([2018, 2019, 2020, 2021], ["MODIS", "MODIS", "VIIRS", "VIIRS"])
    [2020]
    """
    pairs = zip(years[1:], sensors[:-1], sensors[1:], strict=True)
    return [int(year) for year, before, then in pairs if before != then]
