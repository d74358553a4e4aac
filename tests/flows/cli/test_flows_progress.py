"""Progress on the terminal and in the log: clocks run and bars end with the region, and each method is named."""

from __future__ import annotations

import io
import logging
from importlib import import_module
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress, Task
from typed import PLACES, QUICK, Drylands, polygons

from flows.cli.display import Lines, watching
from flows.request.assess import AssessRequest
from flows.run.progress import FAILED, PUBLISHED, on_behalf_of, region_run, report, reporting


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def shown(progress: Progress) -> Task:
    (line,) = progress.tasks
    return line


def test_a_step_that_ends_stops_neither_bar_nor_clock() -> None:
    """A run of 207 s showed 0:00:02, the end of its first step."""
    clock = Clock()
    progress = Progress(get_time=clock, console=Console(file=io.StringIO()))
    lines = Lines(progress)
    lines.show("otindag", "pulling productivity", 0, 0)
    clock.now = 2
    lines.show("otindag", "pulling productivity", 4, 4)
    clock.now = 100
    assert not shown(progress).finished
    assert shown(progress).elapsed == 100
    lines.show("otindag", "classes of ne-asia", 1, 4)
    assert (shown(progress).description, shown(progress).percentage) == ("classes of ne-asia", 25)
    clock.now = 207
    lines.show("otindag", PUBLISHED, 1, 1)
    clock.now = 300
    assert shown(progress).finished
    assert (shown(progress).finished_time, shown(progress).percentage) == (207, 100)


def test_a_region_that_fails_ends_its_bar(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "drylands")
    steps = []

    def fail() -> None:
        with reporting(lambda *step: steps.append(step)), region_run("tuva", PUBLISHED):
            raise ValueError("why")

    with pytest.raises(ValueError, match="why"):
        fail()
    assert steps == [("tuva", "starting", 0, 0), ("tuva", FAILED, 1, 1)]
    (said,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert said.getMessage() == "tuva: ValueError('why')"


def test_steps_are_logged_once_each_and_shown_each_time(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "drylands")
    steps = []
    with reporting(lambda *step: steps.append(step)), region_run("alxa", PUBLISHED), on_behalf_of("alxa"):
        for done in range(4):
            report("area 7", "computing indicators", done, 3)
    assert [step for _, step, *_ in steps] == ["starting", *4 * ["computing indicators"], PUBLISHED]
    assert {region for region, *_ in steps} == {"alxa"}
    assert [record.getMessage() for record in caplog.records] == [
        "alxa: starting", "alxa: computing indicators", "alxa: published",
    ]  # fmt: skip


def test_the_clock_on_the_terminal_is_that_on_the_wall() -> None:
    out = io.StringIO()
    console = Console(file=out, width=100, force_terminal=True, color_system=None)
    with watching(console, "Assessing", AssessRequest(regions=("ordos",))), region_run("ordos", PUBLISHED):
        report("ordos", "pulling rain", 1, 1)
    last = [line for line in out.getvalue().splitlines() if "published" in line][-1]
    assert "ordos" in last
    assert "0:00:00" in last


class Kept(logging.Handler):
    """Keeps messages."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_each_method_is_named_while_it_is_worked_on(
    drylands: Drylands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_module("flows.assess")  # sets the level to that of Prefect, which tests keep silent

    log, kept = logging.getLogger("drylands"), Kept()
    # a handler of the logger itself: the first run in a process takes those of the root logger away
    monkeypatch.setattr(log, "handlers", [*log.handlers, kept])
    before = log.level
    log.setLevel(logging.INFO)
    polygons(tmp_path / "one.geojson", {"one": PLACES["west"]})
    code, _, _ = drylands(
        "assess", "--regions-file", "one.geojson", *QUICK, "--permutations", "19", "--no-pixel-breaks",
        "--profiles", "ne-asia,fao-wocat",
    )  # fmt: skip
    log.setLevel(before)
    assert code == 0
    steps = [message.removeprefix("one: ") for message in kept.messages]
    named = [step for step in steps if step.startswith(("classes of", "publishing"))]
    assert named == [
        "classes of ne-asia", "classes of fao-wocat", "classes of agreement",
        "publishing ne-asia", "publishing fao-wocat", "publishing agreement",
    ]  # fmt: skip
    assert (steps[0], steps[-1]) == ("starting", "published")
