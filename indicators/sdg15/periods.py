"""Baseline and reporting periods, with the windows of each metric: PRAIS 4 (manual, Table 12), or the analyst's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from indicators.errors import IndicatorError

Years = tuple[int, int]
#: Years of the trend of a reporting period, as in PRAIS 4: 2016-2019 is judged by 2004-2019.
TREND_YEARS = 16
#: Years at the end of a window that state compares with those before.
RECENT = 3
#: Fewest years of a window: as many as the profile `ne-asia` needs for a trend.
FEWEST = 8


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

    def cover_until(self, last: int) -> Period:
        """The period where land cover has no map after the year `last`: that map stands for the later ones.

        >>> Period.whole(2001, 2028).cover_until(2025).land_cover
        (2001, 2025)
        """

        def ends(years: Years) -> Years:
            return min(years[0], last), min(years[1], last)

        return replace(self, land_cover=ends(self.land_cover), soil_carbon=ends(self.soil_carbon))

    @classmethod
    def whole(cls, first: int, last: int) -> Period:
        """One period over all years; state compares the last three with those before."""
        span = (first, last)
        return cls(f"{first}-{last}", span, *_parted(span), span, span, span)


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


def own(record: Years, baseline: Years, reporting: Sequence[Years] = ()) -> list[Period]:
    """The whole record as one period, then the analyst's own, named `baseline-…` and `report-…` by their years.

    Windows follow PRAIS 4: the baseline is judged by its own years. A reporting period is judged by the 16 years that
    end with it, or by its own if they are more, none before the record; its land cover changes from its first year to
    its last, its soil carbon from the baseline's last year. State compares the last three years of a window with those
    before. Raises IndicatorError for periods that lie outside the record, are too short, run backwards, or do not
    follow the baseline.
    """
    _checked("baseline", baseline, record)
    first = Period(f"baseline-{baseline[0]}-{baseline[1]}", baseline, *_parted(baseline), baseline, baseline, baseline)
    periods = [Period.whole(*record), first]
    for number, years in enumerate(reporting):
        _checked("reporting period", years, record)
        span = f"reporting period {years[0]}-{years[1]}"
        if years[1] <= baseline[1]:
            raise IndicatorError(
                f"{span} does not end after the baseline {baseline[0]}-{baseline[1]}; end it after {baseline[1]}"
            )
        if years in reporting[:number]:
            raise IndicatorError(f"{span} comes twice; give each period once")
        window = max(record[0], min(years[0], years[1] - TREND_YEARS + 1)), years[1]
        _long_enough(span, window)
        carbon = baseline[1], years[1]
        name = f"report-{years[0]}-{years[1]}"
        periods.append(Period(name, window, *_parted(window), window, years, carbon, True))
    return periods


def is_baseline(name: str) -> bool:
    """Whether a period of this name is a baseline."""
    return name.split("-")[0] == "baseline"


def _parted(window: Years) -> tuple[Years, Years]:
    """The years that state compares: all but the last three, and those."""
    first, last = window
    return (first, last - RECENT), (last - RECENT + 1, last)


def _checked(what: str, years: Years, record: Years) -> None:
    first, last = years
    if last <= first:
        raise IndicatorError(f"{what} {first}-{last} runs backwards; write the earlier year first")
    if first < record[0] or last > record[1]:
        raise IndicatorError(
            f"{what} {first}-{last} is not within the years {record[0]}-{record[1]} that are assessed; move it, or "
            f"assess more years"
        )
    if what == "baseline":
        _long_enough(f"{what} {first}-{last}", years)


def _long_enough(span: str, window: Years) -> None:
    length = window[1] - window[0] + 1
    if length < FEWEST:
        raise IndicatorError(
            f"{span}: its trend would cover {length} years, {window[0]}-{window[1]}; choose at least {FEWEST} years"
        )
