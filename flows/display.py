"""Progress of a run on the terminal: one line a region."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from flows.progress import reporting
from flows.request import AssessRequest


@contextmanager
def watching(console: Console, request: AssessRequest) -> Iterator[None]:
    """Show what each region is at while the `with` block runs."""
    place = request.project or "this machine"
    console.print(
        f"Assessing {' '.join(request.regions) or request.regions_file}, {request.years[0]}-{request.years[1]}, "
        f"profile {request.profile}, from {request.source} ({place})"
    )
    lines: dict[str, TaskID] = {}
    lock = Lock()
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.fields[region]:<18}"),
        TextColumn("{task.description:<28}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=console,
    ) as progress:

        def show(region: str, step: str, done: int, total: int) -> None:
            with lock:
                if region not in lines:
                    lines[region] = progress.add_task(step, region=region, total=None)
            progress.update(lines[region], description=step, completed=done, total=total or None)

        with reporting(show):
            yield
