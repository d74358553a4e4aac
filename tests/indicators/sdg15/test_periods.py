"""Periods: those of PRAIS 4 come out of their own rule, and what cannot be judged is refused."""

from __future__ import annotations

import pytest

from indicators.errors import IndicatorError
from indicators.sdg15.periods import FEWEST, PRAIS, Period, is_baseline, own

RECORD = (2001, 2024)


def test_the_rule_gives_the_windows_of_prais_4() -> None:
    """Table 12 of the manual, but land cover and soil carbon go to 2023 where that year is asked for."""
    found = own(RECORD, (2001, 2015), [(2016, 2019), (2016, 2023)])
    assert [each.name for each in found] == [
        "2001-2024", "baseline-2001-2015", "report-2016-2019", "report-2016-2023",
    ]  # fmt: skip
    parts = ("trajectory", "state_baseline", "state_recent", "performance", "reporting")
    for each, printed in zip(found[1:], PRAIS, strict=True):
        assert [getattr(each, part) for part in parts] == [getattr(printed, part) for part in parts]
    assert [each.cover_window("prais") for each in found[1:]] == [(2001, 2015), (2016, 2019), (2016, 2023)]
    assert [each.cover_window("trends-earth") for each in found[1:]] == [(2001, 2015), (2015, 2019), (2015, 2023)]
    assert found[0] == Period.whole(*RECORD)


def test_a_trend_begins_with_the_record_and_reaches_as_far_as_the_period() -> None:
    short = own((2010, 2023), (2010, 2018), [(2019, 2023)])[2]
    assert (short.trajectory, short.state_recent) == ((2010, 2023), (2021, 2023))
    long = own((1982, 2024), (1982, 1999), [(2000, 2024)])[2]
    assert long.trajectory == (2000, 2024)
    assert own(RECORD, (2001, 2012))[1].state_baseline == (2001, 2009)


def test_the_baseline_is_known_by_its_name() -> None:
    assert [is_baseline(each) for each in ("baseline", "baseline-2001-2012", "report-1", "2001-2024")] == [
        True, True, False, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("baseline", "reporting", "message"),
    [
        ((2000, 2015), [], "baseline 2000-2015 is not within the years 2001-2024"),
        ((2015, 2001), [], "baseline 2015-2001 runs backwards"),
        ((2001, 2007), [], f"its trend would cover 7 years, 2001-2007; choose at least {FEWEST} years"),
        ((2001, 2015), [(2016, 2025)], "reporting period 2016-2025 is not within the years 2001-2024"),
        ((2001, 2015), [(2010, 2014)], "does not end after the baseline 2001-2015; end it after 2015"),
        ((2001, 2015), [(2016, 2019), (2016, 2019)], "reporting period 2016-2019 comes twice"),
    ],
)
def test_periods_that_cannot_be_judged_are_refused(
    baseline: tuple[int, int], reporting: list[tuple[int, int]], message: str
) -> None:
    with pytest.raises(IndicatorError, match=message):
        own(RECORD, baseline, reporting)
