"""The output at the end of a run: the table on the terminal, the markdown report, the table artifact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows import leading
from flows.pull.left_out import left_out_lines
from flows.request.assess import AssessRequest
from flows.request.suggest import command, hint
from practices.database.failures import shown
from practices.database.open import database_url
from practices.report.shares import ASSESSMENT
from practices.report.wording import PERIOD_COLUMNS, agreement_sentence, origin_sentence
from practices.results.names import AGREEMENT
from practices.results.names import LAND as CLASSES

if TYPE_CHECKING:
    from flows.region.result import RegionResult

#: More results than this are shown as one line for each region.
MANY = 15
#: Areas of a region smaller than this have decimals.
SMALL_KM2 = 100


@dataclass(frozen=True)
class Outcome:
    """The outcome of a run: results of each published region, a reason for each failed one.

    `years_note` says which year `latest` was; empty if the request named the year.
    """

    results: tuple[RegionResult, ...]
    failures: dict[str, str] = field(default_factory=dict)
    pixel_requests: int | None = None
    years_note: str = ""

    @property
    def assessments(self) -> list[RegionResult]:
        """The results of profiles, without their agreement."""
        return [each for each in self.results if each.profile != AGREEMENT]

    @property
    def regions(self) -> tuple[str, ...]:
        """Ids of the published regions, each once."""
        return tuple(dict.fromkeys(each.region for each in self.results))

    @property
    def agreements(self) -> list[RegionResult]:
        """The agreement of the profiles, one for each region; none for a single profile."""
        return [each for each in self.results if each.profile == AGREEMENT]


def share_text(result: RegionResult, name: str) -> str:
    """Area and share of one class, as `12,345 km² (6.7 %)`."""
    return f"{result.area_km2[name]:,.0f} km² ({100 * result.share[name]:.1f} %)"


def trend_text(result: RegionResult) -> str:
    """The region's trend per decade, as a share of its mean, with its p-value."""
    if result.trend_percent_decade is None:
        return "too few years"
    return f"{signed(result.trend_percent_decade)} %/decade (p {result.trend_p:.2f})"


def signed(value: float) -> str:
    """A number with one decimal and its sign; 0.0 has no sign."""
    rounded = round(value, 1) + 0.0
    return f"{rounded:+.1f}" if rounded else "0.0"


def break_text(result: RegionResult) -> str:
    """First years after the breaks of the region's series, with intervals and the drought at that time, or none."""
    said = [f"{b.year} ({b.low}-{b.high}{f'; {b.drought}' if b.drought else ''})" for b in result.breaks]
    return ", ".join(said) or no_break(result)


def no_break(result: RegionResult) -> str:
    """The cell without a break: none was found, or the series was too short to search."""
    return "none" if result.searched or not result.breaks_are else "too short"


def break_lines(results: Sequence[RegionResult]) -> list[str]:
    """Which series was searched for breaks, by which method; of several series the first one is the main answer."""
    profiles_by_series: dict[str, list[str]] = {}
    for each in results:
        if each.breaks_are and each.profile not in profiles_by_series.setdefault(each.breaks_are, []):
            profiles_by_series[each.breaks_are].append(each.profile)
    if len(profiles_by_series) < 2:
        return [f"Breaks: {words}." for words in profiles_by_series]
    (first, profiles), *others = profiles_by_series.items()
    return [
        f"Breaks according to {', '.join(profiles)} (main answer): {first}.",
        *(f"For comparison, according to {', '.join(own)}: {words}." for words, own in others),
    ]


def certainty_text(result: RegionResult) -> str:
    """Which decline could have been detected, and the test whether chance explains the degraded land."""
    statistics = result.certainty
    if "false_alarm_rate" not in statistics:
        return "no trend can be tested"
    smallest = statistics.get("detectable_decline_pixel")
    missed = "of 40 % or less" if smallest is None else f"below {smallest:.0f} %"
    return (
        f"in a single pixel, the trajectory test cannot reliably detect a decline {missed} over the period (field "
        f"significance p {statistics['field_p']:.3f})"
    )


def certainty_lines(results: Sequence[RegionResult]) -> list[str]:
    """A line on the certainty of each result; none for an agreement of profiles."""
    several = len({each.profile for each in results if each.certainty}) > 1
    return [
        f"{each.title}{f' by {each.profile}' if several else ''}: {certainty_text(each)}."
        for each in results
        if each.certainty
    ]


def gap_lines(results: Sequence[RegionResult]) -> list[str]:
    """What is missing, one line for each region; once if several profiles say the same."""
    return list(dict.fromkeys(f"{each.title}: {said}" for each in results for said in each.gaps))


def summary_rows(outcome: Outcome) -> list[dict[str, Any]]:
    """One row for each region and profile: period, class areas and shares, trend, breaks, origin."""
    return [
        {
            "region": result.region,
            "name": result.name,
            "profile": result.profile,
            "period": result.period,
            "what leads": result.headline.lead,
            **{f"{name}, as mapped": share_text(result, name) for name in CLASSES},
            "trend": trend_text(result),
            "how sure": certainty_text(result) if result.certainty else "",
            "first year after a break": break_text(result),
            "origin": result.origin,
        }
        for result in outcome.assessments
    ]


def agreement_text(result: RegionResult) -> str:
    """How much of the land all profiles, and at least one, call degraded."""
    shares = [100 * share for share in result.share.values()]
    return agreement_sentence(len(shares) - 1, shares[-1], sum(shares[1:]))


def closing_table(results: Sequence[RegionResult]) -> Table:
    """The summary for a terminal of 80 columns: shares under areas, p-values under trends, each break on a line."""
    period = ", ".join(sorted({result.period for result in results}))
    table = Table(
        title=f"SDG 15.3.1, {period}, {ASSESSMENT}", title_justify="left", box=SIMPLE_HEAD, padding=(0, 0, 0, 1)
    )
    table.add_column("region\n", no_wrap=True)
    for heading in ("degraded\nkm², %", "stable\nkm², %", "improved\nkm², %", "undeterm.\nkm², %"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("trend\n%/decade", justify="right", no_wrap=True)
    table.add_column("break\n(95 %)", justify="right", no_wrap=True)
    several = len({result.profile for result in results}) > 1
    for result in results:
        named = "\n".join(
            [result.region, *leading.name_lines(result.region, result.name), *([result.profile] if several else [])]
        )
        digits = 0 if sum(result.area_km2[name] for name in CLASSES) >= SMALL_KM2 else 2
        areas = [f"{result.area_km2[name]:,.{digits}f}\n{100 * result.share[name]:.1f}" for name in CLASSES]
        areas[0] = leading.lead_text(result, digits)
        breaks = "\n".join(f"{b.year} ({b.low % 100:02d}-{b.high % 100:02d})" for b in result.breaks)
        trend = "too short"
        if result.trend_percent_decade is not None:
            trend = f"{signed(result.trend_percent_decade)}\np {result.trend_p:.2f}"
        table.add_row(Text(named), *areas, trend, breaks or no_break(result), end_section=True)
    return table


def comparison_table(outcome: Outcome) -> Table:
    """Degraded land by region and profile, percent of the land, for a terminal of 80 columns.

    Further columns: the share that all profiles call degraded, of the land that can be judged; and, where people are
    counted, the lowest and highest number of people (thousands) on land that a profile calls degraded.
    """
    results = outcome.assessments
    profiles = list(dict.fromkeys(each.profile for each in results))
    period = ", ".join(sorted({result.period for result in results}))
    title = f"SDG 15.3.1, {period}: mapped as degraded, % of the land"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    table.add_column("region\n", no_wrap=True)
    headings = [
        *(profile.replace("-", "-\n", 1) for profile in profiles),
        "all\n",
        "undet.\n",
        "people\n1000",
    ]
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    together = {each.region: each for each in outcome.agreements}
    for region in dict.fromkeys(each.region for each in results):
        own = {each.profile: each for each in results if each.region == region}
        agreed = together.get(region)
        counts = [each.certainty.get("population_degraded") for each in own.values()]
        people = [count / 1000 for count in counts if count is not None]
        named = leading.name_lines(region, next(iter(own.values())).name)
        table.add_row(
            Text("\n".join([region, *named])),
            *(leading.ranked_text(own[profile]) if profile in own else "-" for profile in profiles),
            "-" if agreed is None else f"{100 * list(agreed.share.values())[-1]:.1f}",
            f"{100 * next(iter(own.values())).share['undetermined']:.1f}",
            f"{min(people):,.1f}-{max(people):,.1f}" if people else "-",
        )
    return table


def print_outcome(console: Console, request: AssessRequest, outcome: Outcome, *, seconds: float) -> None:
    """Print the closing table, the paths of the output, and the next commands.

    The error at the end of the command names the regions that failed.
    """
    if not outcome.results:
        return
    print_findings(console, request, outcome)
    pulled = "" if outcome.pixel_requests is None else f", {outcome.pixel_requests} pixel requests"
    console.print(f"\nDone in {seconds:.0f} s{pulled}.")
    print_places(console, request)
    print_next(console, request, outcome.regions[0])


def print_findings(console: Console, request: AssessRequest, outcome: Outcome) -> None:
    """Print the results, their certainty, and the origin of the data; many results as one line for each region."""
    compared = len(outcome.assessments) > MANY and len({each.profile for each in outcome.results}) > 1
    console.print(comparison_table(outcome) if compared else closing_table(outcome.assessments))
    console.print("Shares are of the land: water and cells without data are left out.")
    for line in () if compared else break_lines(outcome.assessments):
        console.print(line, highlight=False, soft_wrap=True)
    if outcome.years_note:
        console.print(f"Years: {outcome.years_note}.", highlight=False, soft_wrap=True)
    if compared:
        console.print(
            "?: no number is given, because the interval of the true share excludes the mapped share or is too wide."
        )
        console.print("All: degraded by every profile, as share of the land that can be judged. Undet.: undetermined.")
        console.print("People: on land that a profile calls degraded; lowest and highest number over all profiles.")
        console.print(f"Certainty for {request.profile}; for other profiles see the page and the exports:")
    shown_results = [each for each in outcome.results if not compared or each.profile == request.profile]
    own = [each for each in shown_results if each.profile != AGREEMENT]
    for each in [*leading.headline_lines(own), *gap_lines(outcome.results), *certainty_lines(shown_results)]:
        console.print(each, highlight=False, soft_wrap=True, markup=False)
    reported = leading.periods_table(own)
    if reported is not None:
        console.print(reported)
        console.print(PERIOD_COLUMNS, highlight=False, soft_wrap=True)
    for each in leading.warning_lines(own):
        console.print(each, style="bold yellow", highlight=False, soft_wrap=True, markup=False)
    for result in () if compared else outcome.agreements:
        console.print(f"{result.title}: {agreement_text(result)}", soft_wrap=True, markup=False)
    for line in left_out_lines(outcome.results):
        console.print(f"[bold]{line}[/]", highlight=False, soft_wrap=True)
    for origin in sorted({result.origin for result in outcome.results}):
        style = "bold yellow" if origin == "simulated" else "bold"
        console.print(f"[{style}]{origin_sentence(origin)}[/]")


def print_places(console: Console, request: AssessRequest) -> None:
    """Print the paths of cubes, results and the database."""
    database = shown_database(request) or request.data / "practices.sqlite"
    console.print("Output:")
    console.print(f"  cubes      {request.data / 'cubes'}", highlight=False, soft_wrap=True)
    console.print(f"  results    {request.data / 'results'}", highlight=False, soft_wrap=True)
    console.print(f"  database   {database}", highlight=False, soft_wrap=True)


def shown_database(request: AssessRequest) -> str | None:
    """The database of the request, without its password; None if it is the file in the data folder."""
    return None if request.database is None else shown(database_url(request.database))


def print_next(console: Console, request: AssessRequest, region: str) -> None:
    """Print the next commands, with the same folder and database."""
    where = partial(command, data=request.data, database=request.database)
    following = {
        where("export"): "export a workbook and tables",
        where("figure", "map", region): "draw a map",
        where("practices"): "list measures against degradation",
        command("regions", data=request.data): "list the regions that can be assessed",
    }
    console.print("Next:")
    if said := hint(request.database):
        console.print(f"  {said}", highlight=False, soft_wrap=True)
    width = max(map(len, following))
    for line, what in following.items():
        console.print(Text.assemble("  ", (f"{line:<{width}}", "bold"), f"  {what}"), soft_wrap=True)


def markdown_report(request: AssessRequest, outcome: Outcome) -> str:
    """The report of a run as markdown."""
    rows = summary_rows(outcome)
    names = ", ".join(f"`{name}`" for name in request.profiles)
    parts = [
        "# Land degradation assessment",
        f"Profiles {names}, years {request.years[0]}–{request.years[1]}, source `{request.source}`.",
    ]
    parts += [f"Years: {outcome.years_note}."] if outcome.years_note else []
    parts += [f"**{origin_sentence(origin)}**" for origin in sorted({result.origin for result in outcome.results})]
    if rows:
        parts.append(leading.markdown_table(rows))
    parts += ["## What leads, and how sure", *(f"- {each}" for each in leading.headline_lines(outcome.assessments))]
    periods = leading.period_rows(outcome.assessments)
    parts += ["## Periods that countries report", leading.markdown_table(periods), PERIOD_COLUMNS] if periods else []
    parts += [f"**{each}**" for each in leading.warning_lines(outcome.assessments)]
    parts += [f"- {line}" for line in break_lines(outcome.assessments)]
    parts += [f"- {line}" for line in gap_lines(outcome.results)]
    parts += [f"- **{result.title}**: {agreement_text(result)}" for result in outcome.agreements]
    if missing := left_out_lines(outcome.results):
        parts += ["## Left out", "\n".join(f"- {line}" for line in missing)]
    if outcome.failures:
        parts.append("## Regions that failed")
        parts += [f"- **{region}**: {reason}" for region, reason in outcome.failures.items()]
    return "\n\n".join(parts) + "\n"
