"""The output on the terminal at the end of a run: table, certainty, paths, next commands."""

from __future__ import annotations

from functools import partial

from rich.console import Console
from rich.text import Text

from flows import leading
from flows.pull.left_out import left_out_lines
from flows.report.outcome import Outcome
from flows.report.result_text import (
    agreement_text,
    break_lines,
    certainty_lines,
    gap_lines,
    own_series_lines,
    sensor_lines,
)
from flows.report.tables import closing_table, comparison_table
from flows.request.assess import AssessRequest
from flows.request.suggest import command, hint
from practices.database.failures import shown
from practices.database.open import database_url
from practices.report.wording import PERIOD_COLUMNS, origin_sentence
from practices.results.names import AGREEMENT

#: More results than this are shown as one line for each region.
MANY = 15


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
    for line in outcome.stale:
        console.print(f"Data: {line}", highlight=False, soft_wrap=True)
    if compared:
        console.print(
            "?: no number is given, because the interval of the true share excludes the mapped share or is too wide."
        )
        console.print("All: degraded by every profile, as share of the land that can be judged. Undet.: undetermined.")
        console.print("People: on land that a profile calls degraded; lowest and highest number over all profiles.")
        console.print(f"Certainty for {request.profile}; for other profiles see the page and the exports:")
    shown_results = [each for each in outcome.results if not compared or each.profile == request.profile]
    own = [each for each in shown_results if each.profile != AGREEMENT]
    said = [*leading.headline_lines(own), *sensor_lines(own), *own_series_lines(own), *gap_lines(outcome.results)]
    for each in [*said, *certainty_lines(shown_results)]:
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
