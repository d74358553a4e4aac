"""What commands show on the terminal: progress of a run, a line for each region; a template to fill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from flows.request.assess import AssessRequest
from flows.request.monitor import MonitorRequest
from flows.run.progress import LAST_STEPS, reporting

#: Largest share that the bar shows before the last step.
NEARLY = 0.99


class Lines:
    """A line of the display for each region.

    The bar shows the completed share of the current step. Only the last step of a region fills it and stops its clock,
    which starts with the region's first step.
    """

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self._lines: dict[str, TaskID] = {}
        self._lock = Lock()

    def show(self, region: str, step: str, done: int, total: int) -> None:
        """Show `done` of `total` in the current step of a region; the bar is empty if `total` is 0."""
        with self._lock:
            if region not in self._lines:
                self._lines[region] = self.progress.add_task(step, region=region, total=1.0)
        share = 1.0 if step in LAST_STEPS else min(done / total, NEARLY) if total else 0.0
        self.progress.update(self._lines[region], description=step, completed=share)


@contextmanager
def watching(console: Console, headline: str, request: AssessRequest | MonitorRequest) -> Iterator[None]:
    """Show the step of each region while the `with` block runs; `headline` names the task."""
    regions, account = " ".join(request.regions) or request.regions_file, request.project or "this machine"
    console.print(f"{headline}: {regions}, from {request.source} ({account})")
    with (
        Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[region]:<18}"),
            TextColumn("{task.description:<28}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=console,
        ) as progress,
        reporting(Lines(progress).show),
    ):
        yield


def print_template(file: Path, following: str) -> None:
    """Say where a template is, and the command to type when it is filled."""
    console = Console()
    console.print(f"template  {file}", highlight=False, soft_wrap=True)
    console.print(Text.assemble("Fill it, remove the examples, then: ", (following, "bold")), soft_wrap=True)
