"""Baseline and reporting periods, with the windows of each metric (PRAIS 4 manual, Table 12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Years = tuple[int, int]


@dataclass(frozen=True)
class Period:
    """Windows of years, first and last included. `reporting` periods are compared with the baseline."""

    name: str
    trajectory: Years
    state_baseline: Years
    state_recent: Years
    performance: Years
    land_cover: Years
    soil_carbon: Years
    reporting: bool = False

    def cover_window(self, windows: str) -> Years:
        """First and last land-cover year: `prais` as the manual has it, `trends-earth` as its 2026 preset does.

        The two differ in the reporting periods only: from 2016, or from the baseline's last year as for soil carbon.
        """
        return self.land_cover if windows == "prais" else self.soil_carbon

    @classmethod
    def whole(cls, first: int, last: int) -> Period:
        """One period over all years; state compares the last three with those before."""
        span = (first, last)
        return cls(f"{first}-{last}", span, (first, last - 3), (last - 2, last), span, span, span)


#: MODIS starts in 2001, so the baseline of productivity does.
PRAIS = (
    Period(
        "baseline",
        (2001, 2015),
        (2001, 2012),
        (2013, 2015),
        (2001, 2015),
        (2001, 2015),
        (2001, 2015),
    ),
    Period(
        "report-1",
        (2004, 2019),
        (2004, 2016),
        (2017, 2019),
        (2004, 2019),
        (2016, 2019),
        (2015, 2019),
        True,
    ),
    Period(
        "report-2",
        (2008, 2023),
        (2008, 2020),
        (2021, 2023),
        (2008, 2023),
        (2016, 2022),
        (2015, 2022),
        True,
    ),
)


def available(years: Iterable[int]) -> list[Period]:
    """The whole record as one period, then the PRAIS periods that the years cover."""
    present = set(years)
    first, last = min(present), max(present)
    covered = [p for p in PRAIS if set(range(p.trajectory[0], p.trajectory[1] + 1)) <= present]
    return [Period.whole(first, last), *covered]
