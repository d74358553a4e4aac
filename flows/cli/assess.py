"""What the commands `assess` and `export` do."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from flows.request.assess import DEMONSTRATION, AssessRequest
from flows.request.monitor import MonitorRequest
from flows.run.failures import unless_failed
from flows.run.quiet import quiet

if TYPE_CHECKING:
    from regions.model import Region


def prefect_environment(data: Path) -> None:
    """Run Prefect inside this process, without output and in its own folder, unless the user configured it.

    Prefect reads its settings when it is imported, so call this before the import.
    """
    os.environ.setdefault("PREFECT_HOME", str((data / "prefect").resolve()))
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")


def parse_resolution(text: str) -> str | float:
    """`overview`, `native`, or a number; the validation refuses anything else."""
    try:
        return float(text)
    except ValueError:
        return text


def prepare(console: Console, request: AssessRequest | MonitorRequest, regions: list[Region]) -> None:
    """Prepare folder, database and Prefect for a run of these regions, before the first request.

    Prints what was chosen, repaired or left out in the files of polygons and drivers. Raises FlowError for a full disk
    or an id that another place uses, and the errors of `practices` for a database that cannot be used.
    """
    from flows.cli.regions_print import print_notes
    from flows.pull.own_drivers import unused_rows
    from flows.request.published_ids import refuse_other_places
    from flows.request.selection import file_regions
    from flows.run.disk_space import refuse_full_disk
    from flows.store import database

    request.data.mkdir(parents=True, exist_ok=True)
    refuse_full_disk(request.data)
    engine = database(request.data, request.database)
    try:
        refuse_other_places(engine, regions)
    finally:
        engine.dispose()
    if request.regions_file is not None:
        print_notes(console, file_regions(request).notes)
    if isinstance(request, AssessRequest):
        print_notes(console, unused_rows(request, regions))
    prefect_environment(request.data)
    quiet()


def run_assess(*, data: Path, resolution: str, regions: tuple[str, ...], **options: Any) -> None:
    """Run the flow `assess` and print its results.

    Raises RegionsFailed after the output if some regions failed.
    """
    started = time.monotonic()
    own = options.get("regions_file") is not None
    request = AssessRequest.model_validate(
        {
            "regions": regions or (() if own else DEMONSTRATION),
            "resolution": parse_resolution(resolution),
            "data": data,
            **options,
        }
    )
    from flows.pull.checks import check_assess
    from flows.pull.delivered import buckets_of
    from flows.pull.sources import Landscape, engine_process
    from flows.run.disk_space import full_disk_explained

    console = Console()
    chosen = check_assess(request)
    prepare(console, request, chosen)
    landscape = Landscape(request.world, request.seed)
    with engine_process(request.source, len(chosen), buckets_of(request), landscape):
        from flows.assess import assess
        from flows.cli.display import watching
        from flows.report import print_outcome
        from flows.run.prefect_server import prefect_api
        from flows.run.task_threads import threads

        headline = f"Assessing {request.years[0]}-{request.years[1]} by {', '.join(request.profiles)}"
        with full_disk_explained(data), watching(console, headline, request), prefect_api():
            run = assess.with_options(task_runner=threads(request.workers))
            outcome, failed = unless_failed(lambda: run(request))
    print_outcome(console, request, outcome, seconds=time.monotonic() - started)
    if failed:
        raise failed


def run_export(
    regions: tuple[str, ...], folder: Path, origin: str | None, data: Path, url: str | None, *, formats: str = "all"
) -> None:
    """Write the exports and print their paths; `formats` are separated by commas. Raises the errors of `practices`."""
    from flows.figures.handout.folder import published_results, write_maps
    from flows.figures.maps import outlines_of
    from flows.store import database
    from practices.exports.export import FORMATS, export

    chosen = (*FORMATS, "maps") if formats == "all" else tuple(name.strip() for name in formats.split(","))
    engine = database(data, url)
    lost: list[str] = []

    def maps(draft: Path) -> list[Path]:
        results, missing = published_results(engine, data, regions, origin)
        lost.extend(missing)
        outlines = outlines_of([each.region for each in results], data, url)
        return write_maps(draft, results, outlines, missing)

    try:
        written = export(engine, folder, regions=regions, origin=origin, formats=chosen, more={"maps": maps})
    finally:
        engine.dispose()
    console = Console()
    if lost:
        console.print(f"No maps of {', '.join(lost)}: their rasters are not in {data}.", highlight=False)
    for name, files in written.items():
        more = f" and {len(files) - 1} files beside it" if len(files) > 1 else ""
        console.print(f"{name:<8} {files[0]}{more}", highlight=False, soft_wrap=True)
