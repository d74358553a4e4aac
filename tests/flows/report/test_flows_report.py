"""What a run says at its end where there is much to say: one line a region, in eighty columns."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from flows.errors import FlowError
from flows.leading import headline_lines
from flows.region.break_words import annual_series, check_years, described
from flows.region.files.period_results import PeriodResult
from flows.region.result import RegionBreak, RegionResult
from flows.report import Outcome, closing_table, comparison_table, markdown_report, print_outcome
from flows.report.result_text import break_lines, trend_text
from flows.report.terminal import MANY
from flows.request.assess import ALL_PROFILES, AssessRequest
from indicators.profiles import DEFAULT_PROFILE
from series.datasets import DATASETS

NOW = datetime(2026, 1, 1, tzinfo=UTC)
REGIONS = ("bou-lahrath", "oudeiy-jrid", "kouroudjel", "lavtah")


def result(region: str, profile: str, degraded: float) -> RegionResult:
    share = {"degraded": degraded, "stable": 0.9 - degraded, "improved": 0.0, "undetermined": 0.1}
    if profile == "agreement":
        share = {"degraded_by_0": 1 - degraded, "degraded_by_5": degraded}
    certainty = {"population_degraded": 123_456 * degraded, "false_alarm_rate": 0.1, "field_p": 0.5}
    certainty |= {"accord_low": 0.0, "accord_high": degraded}
    told: dict[str, float | None] = {} if profile == "agreement" else {**certainty}
    return RegionResult(
        region=region, period="2010-2023", profile=profile, origin="offline-files", digest="d", folder=Path(),
        started=NOW, finished=NOW, area_km2={name: 100 * value for name, value in share.items()}, share=share,
        trend_percent_decade=-3.0, trend_p=0.2, breaks=(), certainty=told,
    )  # fmt: skip


@pytest.fixture
def outcome() -> Outcome:
    found = [
        result(region, profile, 0.08 * number)
        for region in REGIONS
        for number, profile in enumerate((*ALL_PROFILES, "agreement"), start=1)
    ]
    assert len(found) > MANY
    return Outcome(tuple(found))


def test_many_results_are_one_line_a_region(outcome: Outcome) -> None:
    console = Console(width=80)
    with console.capture() as said:
        console.print(comparison_table(outcome))
    lines = said.get().splitlines()
    row = next(line for line in lines if "oudeiy-jrid" in line)
    assert row.split() == ["oudeiy-jrid", "8.0", "16.0", "24.0", "32.0", "40.0", "48.0", "56.0", "10.0", "9.9-59.3"]
    assert "…" not in said.get()
    assert max(len(line.rstrip()) for line in lines) <= 80


def test_the_others_are_said_to_be_elsewhere(outcome: Outcome) -> None:
    request = AssessRequest(regions=REGIONS, profiles="all")  # type: ignore[arg-type]
    console = Console(width=80)
    with console.capture() as said:
        print_outcome(console, request, outcome, seconds=1)
    assert said.get().count("a decline of 40 % or less") == len(REGIONS)
    assert f"Certainty for {DEFAULT_PROFILE}; for other profiles see the page and the exports:" in said.get()
    few = Outcome(outcome.results[: len(ALL_PROFILES) + 1])
    with console.capture() as said:
        print_outcome(console, request, few, seconds=1)
    assert said.get().count("a decline of 40 % or less") == len(ALL_PROFILES)
    assert "56.0 % of the land that can be judged is mapped as degraded by all 1 methods" in said.get()


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.1, 0.4, "10.0 % to 40.0 % of the land whose productivity can be judged is degraded (95 %)"),
        (0.6, 1.0, "at least 60.0 % of the land"),
        (0.0, 0.4, "at most 40.0 % of the land"),
        (0.0, 1.0, "The degraded share cannot be determined from this record: any share of the land "),
    ],
)
def test_what_a_map_tells_of_the_truth_is_said_in_words(low: float, high: float, words: str) -> None:
    each = result("lavtah", "ne-asia", 0.2)
    each.certainty.update(accord_low=low, accord_high=high)
    (said,) = headline_lines([each])
    assert words in said


def suan() -> RegionResult:
    """Suan as assessed on the simulated landscape, with the periods that a country reports."""
    found = replace(result("suan", "ne-asia", 0.363), period="2001-2024")
    status = {"persistent degradation": 6.0, "baseline degradation": 41.7, "stability": 52.3}
    sdg = {"degraded": 0.0, "improved": 0.0, "undetermined": 0.0}
    return replace(
        found,
        periods=(
            PeriodResult("2001-2024", (2001, 2024), {"sdg": {**sdg, "degraded": 36.3, "stable": 63.7}},
                         {"degraded_share_in_accord": (None, 0.037, 0.087)}),
            PeriodResult("baseline", (2001, 2015), {"sdg": {**sdg, "degraded": 47.8, "stable": 52.2}},
                         {"degraded_by_state_alone": (0.98, None, None)}),
            PeriodResult("report-1", (2004, 2019), {"sdg": {**sdg, "degraded": 6.1, "stable": 93.9}, "status": status},
                         {"status_by_state_alone": (0.5, None, None)}),
        ),
    )  # fmt: skip


def test_the_interval_leads_on_the_terminal_and_the_periods_to_report_are_printed() -> None:
    outcome, request = Outcome((suan(),)), AssessRequest(regions=("suan",))
    console = Console(width=80)
    with console.capture() as said:
        print_outcome(console, request, outcome, seconds=1)
    text = said.get()
    lines = [line.split() for line in text.splitlines()]
    row = next(line for line in lines if line[:1] == ["suan"])
    assert row[1] == "3.7-8.7"
    assert ["suan", "baseline", "47.8", "%", "–", "47.8", "98.0"] in lines
    assert ["suan", "report-1", "47.7", "%", "47.7", "6.1", "50.0"] in lines
    assert "suan, 2001-2024: After correction for errors of the method, 3.7 % to 8.7 % of the land" in text
    assert "Warning: most of the degraded land is classified as degraded by state alone: suan baseline 98.0 %. " in text
    assert max(len(line.rstrip()) for line in text.splitlines() if "│" in line or "─" in line) <= 80


@pytest.mark.parametrize("ends", [(0.037, 0.087), (0.178, 1.0), (0.0, 0.4), (0.6, 1.0), (0.124, 0.196)])
def test_no_number_of_the_closing_table_is_cut_on_80_columns(ends: tuple[float, float]) -> None:
    """As large as the regions of `make run`, with a break; the degraded share is known, or cannot be determined."""
    certainty = {**suan().certainty, "accord_low": ends[0], "accord_high": ends[1]}
    large = replace(
        suan(), region="daurian-steppe", periods=(), certainty=certainty,
        breaks=(RegionBreak(2011, 2009, 2014),), trend_percent_decade=10.1,
        area_km2={"degraded": 18154.0, "stable": 1103685.0, "improved": 19803.0, "undetermined": 731.0},
    )  # fmt: skip
    console = Console(width=80)
    with console.capture() as said:
        console.print(closing_table([large, replace(large, region="gobi-of-the-eastern-aimags")]))
    text = said.get()
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= 80
    assert all(
        words in text for words in ("18,154", "1,103,685", "19,803", "2011 (09-14)", "undeterm.", "daurian-steppe")
    )


@pytest.mark.parametrize("name", ["", "Даурская степь"])
def test_a_long_id_is_cut_at_its_hyphen(name: str) -> None:
    """The other columns leave 13 characters to the id, and it has 14."""
    steppe = replace(
        suan(), region="daurian-steppe", name=name, periods=(), breaks=(RegionBreak(2011, 2009, 2014),),
        trend_percent_decade=-10.1,
        area_km2={"degraded": 18154.0, "stable": 99685.0, "improved": 19803.0, "undetermined": 731.0},
    )  # fmt: skip
    console = Console(width=79)
    with console.capture() as said:
        console.print(closing_table([steppe]))
    lines = said.get().splitlines()
    first = next(number for number, line in enumerate(lines) if "daurian" in line)
    assert [line.split()[0] for line in lines[first : first + 2]] == ["daurian-", "steppe"]
    assert max(map(len, lines)) <= 79
    wide = Console(width=100)
    with wide.capture() as said:
        wide.print(closing_table([steppe]))
    assert "daurian-steppe " in said.get()


def test_the_report_of_a_run_leads_with_the_interval_too() -> None:
    report = markdown_report(AssessRequest(regions=("suan",)), Outcome((suan(),)))
    assert "| suan |  | ne-asia | 2001-2024 | 3.7 % to 8.7 % degraded |" in report
    assert "| suan |  | ne-asia | report-1 | 47.7 % degraded | 47.7 % | 6.1 % | – | 50.0 % |" in report
    assert "**Warning: most of the degraded land is classified as degraded by state alone: suan baseline" in report


def test_no_rank_is_given_to_a_number_that_its_interval_excludes(outcome: Outcome) -> None:
    own = replace(outcome.results[0], certainty={"accord_low": 0.5, "accord_high": 0.6})
    console = Console(width=80)
    with console.capture() as said:
        console.print(comparison_table(Outcome((own, *outcome.results[1:]))))
    row = next(line for line in said.get().splitlines() if own.region in line)
    assert row.split()[1] == "?"


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert trend_text(replace(suan(), trend_percent_decade=-0.04)) == "0.0 %/decade (p 0.20)"
    assert trend_text(replace(suan(), trend_percent_decade=-2.46)) == "-2.5 %/decade (p 0.20)"


def test_one_answer_to_since_when_leads_and_the_others_say_what_they_are_of(outcome: Outcome) -> None:
    series = {"ne-asia-2": "growing-season mean of NDVI, effect of rain removed"}
    words = {name: described(series.get(name, "calendar-year mean of NDVI")) for name in ALL_PROFILES}
    dated = [replace(each, breaks_are=words[each.profile]) for each in outcome.assessments]
    lead, beside = break_lines(dated)
    assert lead.startswith(
        "Breaks according to ne-asia-2 (main answer): first year after a break in the growing-season"
    )
    others = ", ".join(name for name in ALL_PROFILES if name != "ne-asia-2")
    assert beside.startswith(
        f"For comparison, according to {others}: first year after a break in the calendar-year mean of NDVI"
    )
    (alone,) = break_lines([each for each in dated if each.profile == "ne-asia-2"])
    assert alone.startswith("Breaks: first year after a break in the growing-season mean of NDVI")
    assert "Bai-Perron, BIC, h 0.2" in alone
    few = Outcome(tuple(dated[: len(ALL_PROFILES)]))
    console = Console(width=200)
    with console.capture() as said:
        print_outcome(console, AssessRequest(regions=REGIONS, profiles="all"), few, seconds=1)  # type: ignore[arg-type]
    assert said.get().index(lead[:60]) < said.get().index(beside[:40])


def test_a_yearly_series_is_named_by_what_it_measures() -> None:
    ndvi, npp = DATASETS["mod13q1-ndvi"], DATASETS["mod17a3hgf-npp"]
    gpp = npp.model_copy(update={"quantity": "gpp"})
    unnamed = npp.model_copy(update={"quantity": "ndvi"})  # what has units is no index
    assert annual_series(ndvi, "season_mean") == "growing-season mean of NDVI"
    assert annual_series(npp, "season_mean") == "yearly value of NPP"
    assert annual_series(gpp, "calendar_mean") == "yearly value of GPP"
    assert annual_series(unnamed, "season_mean") == "yearly value of productivity"


def test_years_of_an_earlier_version_are_refused() -> None:
    old = replace(result("lavtah", "ne-asia", 0.2), folder=Path("data/results/lavtah/ne-asia-1"))
    with pytest.raises(
        FlowError, match=r"last before the break.*drylands assess lavtah --profiles ne-asia --data data"
    ):
        check_years(old)
    check_years(replace(old, breaks_are="first year after a break"))
