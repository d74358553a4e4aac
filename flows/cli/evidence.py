"""The command `drylands evidence`: judge the practices of assessed regions, publish and print the effects."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from flows.evidence.judge import Judged, judge_regions
from practices.report.wording import origin_sentence

if TYPE_CHECKING:
    from practices.evidence.judge import Finding

SHORT = {"productivity": "as it is", "productivity_climate_adjusted": "adjusted"}


def run_evidence(regions: tuple[str, ...], data: Path, url: str | None, *, profile: str, demonstrate: bool) -> None:
    """Compute and publish the evidence for the sites of the regions and print a table of it."""
    from flows.errors import FlowError
    from flows.request.assess import ALL_PROFILES
    from flows.store import database

    if profile not in ALL_PROFILES:
        raise FlowError(f"profile {profile!r} is unknown; use {', '.join(ALL_PROFILES)}")
    engine = database(data, url)
    try:
        judged = judge_regions(engine, regions, data, profile=profile, demonstrate=demonstrate)
    finally:
        engine.dispose()
    print_judged(Console(), judged)


def print_judged(console: Console, judged: Sequence[Judged]) -> None:
    """Print a row for each outcome of each judged site, and the reasons why other sites were not judged."""
    if not judged:
        console.print("No documented practice lies in these regions.")
        return
    found = [each for each in judged if each.findings]
    if found:
        console.print(effects_table(found))
        console.print(
            "Effect: mean change of annual productivity since the start against matched controls, in percent of the "
            "mean before, with its 95 % interval; adjusted: with the effect of rain removed.\np: rank among the same "
            "shape moved to places where nothing was done. Found at: smallest effect found in four cases of five.",
            soft_wrap=True,
        )
    for each in judged:
        if not each.findings:
            who = f"[bold]{each.known.practice.id}[/], {each.known.site.name}"
            console.print(f"{who} ({each.assessed.region}): context only, {each.verdict.reason}.", soft_wrap=True)
        elif each.note:
            console.print(f"[bold]{each.known.practice.id}[/], {each.known.site.name}: {each.note}.", soft_wrap=True)
    for origin in sorted({each.assessed.origin for each in judged}):
        style = "bold yellow" if origin == "simulated" else "bold"
        console.print(f"[{style}]{origin_sentence(origin)}[/]")


def effects_table(found: Sequence[Judged]) -> Table:
    """Effects of the sites that have one: a line for each outcome."""
    table = Table(title="Practices and productivity", title_justify="left", box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    table.add_column("practice\nsite, region", overflow="fold", min_width=16)
    for heading in ("verdict\n", "outcome\n"):
        table.add_column(heading, no_wrap=True)
    for heading in ("effect, %\n(95 %)", "p\n", "con-\ntrols", "found\nat %"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in found:
        columns = zip(*(effect_cells(finding) for finding in each.findings), strict=True)
        name = f"[bold]{each.known.practice.id}[/]\n{each.known.site.name}, {each.assessed.region}"
        verdict = "demon-\nstration" if each.verdict.kind == "demonstration" else each.verdict.kind
        table.add_row(name, verdict, *("\n".join(column) for column in columns), end_section=True)
    return table


def effect_cells(finding: Finding) -> list[str]:
    """One finding as cells of the table."""
    low, high, smallest = (
        100 * value / finding.mean_before for value in (finding.low, finding.high, finding.minimum_detectable)
    )
    return [
        SHORT[finding.outcome],
        f"{finding.effect_percent:+.1f} ({low:+.0f} … {high:+.0f})",
        f"{finding.p:.3f}",
        f"{finding.controls}",
        f"{smallest:.0f}",
    ]
