"""The commands that run something: an assessment, the offline engine, the score."""

from __future__ import annotations

import logging
import os
import time
import warnings
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from flows.errors import FlowError
from flows.failures import unless_failed
from flows.request import DEMONSTRATION, AssessRequest


def prefect_environment(data: Path) -> None:
    """Let Prefect run inside this process, quietly and with its own folder, unless the user set it up.

    Prefect reads its settings when it is imported, so this comes before that.
    """
    os.environ.setdefault("PREFECT_HOME", str((data / "prefect").resolve()))
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")


def quiet() -> None:
    """Leave out warnings that are no news: cells without data, a mask drawn in memory, a search for credentials.

    xarray and rasterio silence these themselves, but not for threads that run side by side.
    """
    warnings.filterwarnings("ignore", "Mean of empty slice", RuntimeWarning)
    warnings.filterwarnings("ignore", "Dataset has no geotransform")
    # where it looks for credentials in vain is told by the error that follows
    logging.getLogger("google.auth").setLevel(logging.ERROR)


def parse_resolution(text: str) -> str | float:
    """`overview`, `native`, or the number that `text` spells; anything else is left to the validation."""
    try:
        return float(text)
    except ValueError:
        return text


def check(request: AssessRequest) -> None:
    """Refuse what can be refused at once: an unknown source or region, or a bad polygon."""
    from flows.care import care_of
    from flows.choices import own_legend, profiles_of
    from flows.selection import select_regions
    from flows.sources import choose_datasets, folder_of

    profiles_of(request)
    own_legend(request)
    care = care_of(request)
    choose_datasets(folder_of(request.source), request.datasets)
    regions = select_regions(request)
    if care.areas and not any(area.geometry.intersects(region.geometry) for area in care.areas for region in regions):
        names = ", ".join(each.correction.name for each in care.areas[:5])
        raise FlowError(
            f"recoding {request.recode}: none of its areas ({names}) lies in a region that is assessed; check their "
            f"coordinates (longitude first), or leave --recode out"
        )


def run_assess(*, data: Path, resolution: str, regions: tuple[str, ...], **options: Any) -> None:
    """Run the flow `assess` for what was asked and print what came of it.

    Raises RegionsFailed, after printing the rest, where some regions failed.
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
    from flows.tables import database

    check(request)
    data.mkdir(parents=True, exist_ok=True)
    database(data, request.database).dispose()  # one that cannot be used is better known before the pull
    prefect_environment(data)
    quiet()
    from flows.assess import assess, threads
    from flows.display import watching
    from flows.own_server import prefect_api
    from flows.report import print_outcome

    console = Console()
    headline = f"Assessing {request.years[0]}-{request.years[1]} by {', '.join(request.profiles)}"
    with watching(console, headline, request), prefect_api():
        run = assess.with_options(task_runner=threads(request.workers))
        outcome, failed = unless_failed(lambda: run(request))
    print_outcome(console, request, outcome, seconds=time.monotonic() - started)
    if failed:
        raise failed


def run_export(
    regions: tuple[str, ...], folder: Path, origin: str | None, data: Path, url: str | None, *, formats: str = "all"
) -> None:
    """Write the exports and say where they lie; `formats` are parted by commas. Raises the errors of `practices`."""
    from flows.tables import database
    from practices.export import FORMATS, export

    chosen = FORMATS if formats == "all" else tuple(name.strip() for name in formats.split(","))
    engine = database(data, url)
    try:
        written = export(engine, folder, regions=regions, origin=origin, formats=chosen)
    finally:
        engine.dispose()
    console = Console()
    for name, files in written.items():
        more = f" and {len(files) - 1} files beside it" if len(files) > 1 else ""
        console.print(f"{name:<8} {files[0]}{more}", highlight=False, soft_wrap=True)


def list_algorithms() -> None:
    """Print every server algorithm of the installed client, and whether the offline engine has it."""
    from offline.support import supported

    listed = supported()
    for name, has in listed.items():
        typer.echo(f"{'supported' if has else '-':<10} {name}")
    typer.echo(f"{sum(listed.values())} of {len(listed)} algorithms of the installed client are supported")


def run_offline(folder: Path | None, port: int, faults: Path | None, exports: Path | None) -> None:
    """Serve the offline Earth Engine until interrupted, and say how to reach it.

    Raises BadFault for a file of faults that cannot be used.
    """
    from flows.sources import folder_of, offline_engine
    from offline.faults import read_rules

    rules = read_rules(faults) if faults else []
    console = Console()
    with offline_engine(folder_of(str(folder)) if folder else None, port, exports) as server:
        for rule in rules:
            server.faults.add(rule)
        console.print(f"Offline Earth Engine on [bold]{server.url}[/] ({folder or 'simulated landscape'})")
        console.print("From Python:")
        console.print("  from series.earth_engine import Connection, connect", highlight=False)
        console.print(f'  connect(Connection(url="{server.url}"))', highlight=False)
        console.print("Stop with Ctrl-C.")
        while True:
            time.sleep(3600)
