"""The command `drylands monitor`: run the flow, then show the alarms and how far the log can be trusted."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from flows.cli.assess import prepare
from flows.pull.ages import stale_lines
from flows.pull.left_out import left_out_lines
from flows.request.assess import DEMONSTRATION
from flows.request.monitor import MonitorRequest
from flows.run.failures import unless_failed
from flows.watch.sensor import VEGETATION, silence
from practices.report.wording import SIMULATED
from regions.naming import titled

if TYPE_CHECKING:
    from flows.monitor import MonitorOutcome


def run_monitor(*, data: Path, regions: tuple[str, ...], **options: Any) -> None:
    """Run the flow `monitor` for what was asked and print the alarms.

    Raises RegionsFailed, after printing the rest, where some regions failed.
    """
    from flows.pull.checks import check_monitor
    from flows.run.disk_space import full_disk_explained

    started = time.monotonic()
    own = options.get("regions_file") is not None
    chosen = regions or (() if own else DEMONSTRATION)
    request = MonitorRequest.model_validate({"regions": chosen, "data": data, **options})
    from flows.pull.sources import Landscape, engine_process

    console = Console()
    places = check_monitor(request)
    prepare(console, request, places)
    with engine_process(request.source, len(places), landscape=Landscape(request.world, request.seed)):
        from flows.cli.display import watching
        from flows.monitor import monitor
        from flows.run.prefect_server import prefect_api

        with full_disk_explained(data), watching(console, "Watching", request), prefect_api():
            outcome, failed = unless_failed(lambda: monitor(request))
    print_outcome(console, request, outcome, seconds=time.monotonic() - started)
    if failed:
        raise failed


def print_outcome(console: Console, request: MonitorRequest, outcome: MonitorOutcome, *, seconds: float) -> None:
    """The alarms, where their maps lie, and what became of earlier ones.

    Regions that failed are named by the error that the command ends with; nothing is said of their alarms.
    """
    from flows.monitor import alarm_rows

    if not outcome.results:
        return
    table = Table(box=SIMPLE_HEAD, padding=(0, 0, 0, 1), title="Alarms of productivity", title_justify="left")
    headings = {
        "region": "region", "date": "since", "place": "where", "area_km2": "km²", "strength": "σ",
        "context": "rain, soil", "confidence": "sure", "fate": "fate",
    }  # fmt: skip
    for heading in headings.values():
        table.add_column(heading, justify="right" if heading in ("km²", "σ") else "left", no_wrap=True)
    rows = alarm_rows(outcome)
    for row in rows:
        table.add_row(*(Text(row[name]) for name in headings))
    seen = f" in the {len(outcome.results)} regions that could be watched" if outcome.failures else ""
    blind = all(watched.unseen for watched in outcome.results)
    quiet = "" if blind else f"{silence(outcome.ages.get(VEGETATION)).removesuffix('.')}{seen}."
    console.print(table if rows else quiet)
    console.print(
        "Where: the whole region, or latitude and longitude of the cell that alarmed first. σ: mean deviation since, "
        "in standard deviations of the history. Drought: SPI-3 or soil moisture of the months before at -1 or less. "
        "Fate: open until six images have come."
    )
    if any(watched.origin == "simulated" for watched in outcome.results):
        console.print(f"[bold]{SIMULATED}.[/]")
    for watched in outcome.results:
        console.print(
            f"{titled(watched.region, watched.name)}: watched {watched.start:%Y-%m} to {watched.last_image:%Y-%m-%d}; "
            f"{watched.raised} new in the log, {watched.judged} judged; {watched.folder / 'map.png'}",
            soft_wrap=True,
            highlight=False,
            markup=False,
        )
    for line in filter(None, (watched.unseen for watched in outcome.results)):
        console.print(line, style="bold", highlight=False, soft_wrap=True, markup=False)
    for line in stale_lines(outcome.ages):
        console.print(f"Data: {line}", highlight=False, soft_wrap=True)
    for line in left_out_lines(outcome.results):
        console.print(f"[bold]{line}[/]", highlight=False, soft_wrap=True)
    print_trust(console, request)
    requests = "" if outcome.pixel_requests is None else f", {outcome.pixel_requests} pixel requests"
    console.print(f"Done in {seconds:.0f} s{requests}.")


def print_trust(console: Console, request: MonitorRequest) -> None:
    """How many of the alarms that were decided were withdrawn, by origin."""
    from practices.database.open import open_database
    from practices.results.alarms import false_alarm_rate

    engine = open_database(request.database_url)
    try:
        rates = false_alarm_rate(engine)
    finally:
        engine.dispose()
    for origin, own in rates.groupby("origin"):
        decided = int(own["confirmed"].sum() + own["withdrawn"].sum())
        if decided:
            share = own["withdrawn"].sum() / decided
            console.print(f"Of {decided} decided alarms ({origin}) {share:.0%} were withdrawn.", highlight=False)
