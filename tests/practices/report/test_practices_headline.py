"""What leads in a statement about degraded land, and the sentences that say so."""

from __future__ import annotations

import pytest

from practices.report.headline import headline
from practices.report.shares import ASSESSMENT, STATUS

Numbers = dict[str, tuple[float | None, float | None, float | None]]
#: Suan, 2001-2024, as assessed on the simulated landscape (planted: 7.1 %).
SUAN = {"sdg": {"degraded": 1483.7, "stable": 2584.5, "improved": 14.8, "undetermined": 1.3, "water": 20.0}}


def accord(low: float, high: float) -> Numbers:
    return {"degraded_share_in_accord": (None, low, high)}


def of(percent: float, **statistics: tuple[float | None, float | None, float | None]) -> str:
    areas = {"sdg": {"degraded": percent, "stable": 100 - percent}}
    return headline(areas, statistics).lead


def test_an_interval_that_excludes_the_mapped_share_leads() -> None:
    found = headline(SUAN, accord(0.0369, 0.0869))
    assert found.leads == "interval"
    assert found.lead == "3.7 % to 8.7 % degraded"
    assert found.cell == "3.7 % to 8.7 %"
    assert found.ranked is None
    assert found.statement == (
        "After correction for errors of the method, 3.7 % to 8.7 % of the land whose productivity can be judged is "
        "degraded (95 %). The mapped share lies outside this interval: 1,484 km² of 4,084 km² of land, 36.3 % "
        "(assessment of the period alone)."
    )


@pytest.mark.parametrize(
    ("percent", "low", "high", "lead"),
    [
        (20.0, 0.10, 0.30, "20.0 % degraded"),
        (10.0, 0.10, 0.30, "10.0 % degraded"),
        (9.96, 0.10, 0.30, "10.0 % degraded"),  # as shown, both are 10.0 %
        (9.8, 0.10, 0.30, "10.0 % to 30.0 % degraded"),
        (9.8, 0.01, 0.05, "at most 5.0 % degraded"),
        (40.0, 0.60, 0.99, "at least 60.0 % degraded"),
        (46.9, 0.04, 0.428, "4.0 % to 42.8 % degraded"),
        (40.0, 0.04, 0.55, "Cannot be determined"),
        (40.0, 0.0, 1.0, "Cannot be determined"),
        (60.0, 0.01, 0.55, "Cannot be determined"),
    ],
)
def test_what_leads_follows_from_the_interval_of_the_true_share(
    percent: float, low: float, high: float, lead: str
) -> None:
    assert of(percent, **accord(low, high)) == lead


def test_without_an_interval_the_map_leads() -> None:
    assert of(12.0) == "12.0 % degraded"
    assert of(12.0, degraded_share_in_accord=(None, None, None)) == "12.0 % degraded"
    assert of(12.0, degraded_share_in_accord=(float("nan"), float("nan"), float("nan"))) == "12.0 % degraded"


def test_what_an_interval_of_more_than_half_the_scale_leaves_open_is_said() -> None:
    def said(percent: float, low: float, high: float) -> str:
        return headline({"sdg": {"degraded": percent, "stable": 100 - percent}}, accord(low, high)).statement

    assert said(46.9, 0.04, 0.9).startswith(
        "The degraded share cannot be determined from this record: 4.0 % to 90.0 % of the land whose "
        "productivity can be judged may be degraded (95 %). Mapped: 46.9 km²"
    )
    assert "at most 90.0 %" in said(46.9, 0.0, 0.9)
    assert "at least 40.0 % of the land whose productivity can be judged" in said(46.9, 0.4, 1.0)
    assert "any share of the land whose productivity can be judged may be degraded" in said(46.9, 0.0, 1.0)
    assert "lies outside this interval too" in said(95.0, 0.04, 0.9)
    assert "lies outside" not in said(46.9, 0.04, 0.9)


def test_a_share_that_cannot_be_determined_ranks_no_region() -> None:
    """Tottori, report-1: the page led with "cannot be determined", the map and its table with 97.8 %."""
    areas = {"sdg": {"degraded": 40.0, "stable": 60.0}}
    assert headline(areas, accord(0.0, 1.0)).ranked is None
    assert headline(areas, accord(0.2, 0.5)).ranked == 40.0
    assert headline(areas, {"corrected_area_degraded": (40.0, 5.0, 75.0)}).ranked is None
    assert headline({"sdg": {"degraded": 0.0, "stable": 20.0, "undetermined": 80.0}}, {}).ranked is None


def test_the_status_is_the_headline_and_the_period_stands_beside_it_by_name() -> None:
    """Yeongil, report-1: 0.0 % by the period alone, 57.6 % by status, which the country reports."""
    areas = {
        "sdg": {"degraded": 0.0, "stable": 99.0, "improved": 1.0, "undetermined": 0.0},
        "status": {"persistent degradation": 0.0, "recent degradation": 0.0, "baseline degradation": 57.6,
                   "stability": 41.4, "recent improvement": 1.0},
    }  # fmt: skip
    found = headline(areas, {})
    assert (found.official.name, found.official.percent) == (STATUS, pytest.approx(57.6))
    assert found.alone is not None
    assert (found.alone.name, found.alone.percent) == (ASSESSMENT, 0.0)
    assert found.statement == (
        "Mapped: 57.6 km² of 100 km² of land, 57.6 % (status against the baseline). For comparison, assessment of the "
        "period alone: 0.0 km², 0.0 % as mapped."
    )
    numbers = found.fields()
    assert (numbers["headline_is"], numbers["degraded_percent"], numbers["alone_percent"]) == (STATUS, 57.6, 0.0)


def test_the_interval_of_the_status_decides_what_leads_for_a_reporting_period() -> None:
    areas = {
        "sdg": {"degraded": 6.0, "stable": 94.0},
        "status": {"recent degradation": 6.0, "baseline degradation": 42.0, "stability": 52.0},
    }
    statistics = {**accord(0.10, 0.20), "status_share_in_accord": (None, 0.10, 0.40)}
    found = headline(areas, statistics)
    assert found.lead == "10.0 % to 40.0 % degraded"
    assert found.ranked is None
    assert "(90 %)" in found.statement
    assert found.statement.endswith("10.0 % to 20.0 % (this interval excludes the mapped share).")
    assert headline(areas, {**statistics, "status_share_in_accord": (None, 0.1, 0.66)}).lead == "Cannot be determined"


def test_a_corrected_area_leads_with_the_mapped_one_beside_it() -> None:
    areas = {"sdg": {"degraded": 8.0, "stable": 92.0}}
    found = headline(areas, {"corrected_area_degraded": (19.3, 8.2, 30.4)})
    assert found.lead == "19.3 % degraded"
    assert found.ranked == pytest.approx(19.3)
    assert found.statement == (
        "Degraded area, corrected by reference sites: 19.3 km², 19.3 % of the land (95 %: 8.2 to 30.4 km²). Mapped: "
        "8.0 km² of 100 km² of land, 8.0 % (assessment of the period alone)."
    )
    wide = headline(areas, {"corrected_area_degraded": (40.0, 5.0, 75.0)})
    assert wide.lead == "Cannot be determined"
    assert "19.3" not in wide.statement
    assert "corrected by reference sites: 40.0 km²" in wide.statement


def test_a_corrected_area_of_the_period_alone_never_leads_the_status() -> None:
    """Tottori, report-1: "6.5 % degraded" led where the status maps 97.8 % and the baseline is corrected to 39.4 %."""
    areas = {
        "sdg": {"degraded": 3.5, "stable": 96.5},
        "status": {"persistent degradation": 3.5, "baseline degradation": 94.3, "stability": 2.2},
    }
    corrected = {"corrected_area_degraded": (6.5, 3.0, 10.0)}
    found = headline(areas, {**corrected, "status_share_in_accord": (None, 0.0, 1.0)})
    assert (found.lead, found.ranked) == ("Cannot be determined", None)
    assert found.statement.endswith(
        "For comparison, assessment of the period alone: 3.5 km², 3.5 % as mapped; corrected by reference sites: "
        "6.5 km², 6.5 % of the land (95 %: 3.0 to 10.0 km²)."
    )
    assert found.fields()["corrected_percent"] == pytest.approx(6.5)
    assert headline(areas, corrected).lead == "97.8 % degraded"


def test_land_that_nobody_could_judge_has_no_number_in_the_lead() -> None:
    found = headline({"sdg": {"degraded": 0.0, "stable": 20.0, "undetermined": 80.0}}, {})
    assert found.lead == "Cannot be determined"
    assert "80.0 % of the land is undetermined" in found.statement
    assert headline({}, {}).lead == "No land"
    assert headline({"sdg": {"water": 5.0}}, {}).ranked is None


@pytest.mark.parametrize(("share", "warned"), [(0.98, True), (0.8, True), (0.74, False), (None, False)])
def test_degraded_land_that_rests_on_state_alone_is_warned_of(share: float | None, warned: bool) -> None:
    found = headline({"sdg": {"degraded": 90.0, "stable": 10.0}}, {"degraded_by_state_alone": (share, None, None)})
    assert bool(found.warning) is warned
    if warned and share:
        assert f"{100 * share:.1f} % of the degraded land here" in found.warning
    assert headline({"sdg": {"degraded": 0.0, "stable": 10.0}}, {"degraded_by_state_alone": (1.0, 0, 0)}).warning == ""
