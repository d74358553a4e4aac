"""Signals end a command immediately, with exit code 128 + n, and leave nothing half-written."""

from __future__ import annotations

import os
import pty
import random
import shutil
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from killed import look
from shapely.geometry import box, mapping
from typed import PLACES, QUICK, polygons

from flows.pull.sources import MANY
from flows.run.prefect_server import own_server
from practices.database.open import open_database
from practices.record.catalogue import seed
from practices.results.publish import publish
from practices.results.records import AssessmentRecord, RegionRecord, RunRecord

#: Seconds in which a command ends after a signal.
LIMIT = 3.0
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ASSESS = ("assess", "--regions-file", "places.geojson", *QUICK, "--permutations", "19", "--no-pixel-breaks")


@pytest.fixture(autouse=True)
def _signals_reach_programs() -> Iterator[None]:
    """Undo an ignored signal that the tests inherited, as from a shell's background job: programs inherit it again."""
    before = {which: signal.signal(which, signal.SIG_DFL) for which in ENDING if _ignored(which)}
    yield
    for which, handler in before.items():
        signal.signal(which, handler)


def _ignored(which: signal.Signals) -> bool:
    return signal.getsignal(which) == signal.SIG_IGN


@contextmanager
def started(folder: Path, *command: str, **more: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A program in a process group of its own, as a shell starts it, and the file that it prints to."""
    printed = folder / "printed.log"
    with printed.open("w") as out:
        # without the server that other tests of this process have set up
        own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        process = subprocess.Popen(command, cwd=folder, env=own | more, stdout=out, stderr=out, start_new_session=True)
    try:
        yield process, printed
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def drylands(*words: str) -> tuple[str, ...]:
    return sys.executable, "-m", "flows.cli.start", *words


def stopped(process: subprocess.Popen[bytes], which: signal.Signals, *, group: bool = True) -> float:
    """Send the signal, check the exit code as a shell reports it, and return the seconds until the end."""
    begin = time.monotonic()
    (os.killpg if group else os.kill)(process.pid, which)
    code = process.wait(60)
    # before the command's own code runs, Python ends by the signal itself
    assert code in (128 + which, -which)
    return time.monotonic() - begin


def until_printed(process: subprocess.Popen[bytes], printed: Path, words: str) -> None:
    until(lambda: words in printed.read_text(), process, printed)


def until(condition: Callable[[], bool], process: subprocess.Popen[bytes], printed: Path) -> None:
    """Wait for a condition; the process must not end before."""
    deadline = time.monotonic() + 180
    while not condition():
        assert process.poll() is None, printed.read_text()
        assert time.monotonic() < deadline, printed.read_text()
        time.sleep(0.02)


def servers(folder: Path) -> list[str]:
    """Processes with the folder's Prefect home: the own server of a run, where one is left."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f"PREFECT_HOME={folder}".encode() in (entry / "environ").read_bytes():
                found.append(entry.name)
        except OSError:  # it has ended
            continue
    return found


def gone(folder: Path, seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while servers(folder) and time.monotonic() < deadline:
        time.sleep(0.1)
    return not servers(folder)


@dataclass(frozen=True)
class Moment:
    """When a run gets its signal: some time after it has reached a stage."""

    stage: str
    #: Longest time after that, seconds.
    spread: float
    #: Folders that go before, so that the run reaches the stage again.
    without: tuple[str, ...] = ()


#: Two lanes of ten; each has a folder of data that all its runs share.
LANE = (
    *(Moment("start", 1.5),) * 2,
    *(Moment("start", 5),) * 3,
    *(Moment("pulling", 2.5, ("cubes/west", "results")),) * 2,
    Moment("computing", 1.5, ("results",)),
    Moment("publishing", 0.7, ("results",)),
    Moment("end", 0.4),
)


def reached(stage: str, process: subprocess.Popen[bytes], home: Path, printed: Path) -> bool:
    """Whether a run has come to a stage."""
    if stage == "start":  # Python itself ends by the signal before the program's own first line
        return signal.SIGHUP in caught(process.pid)
    if stage == "pulling":
        return (home / "cubes" / "west").exists()
    if stage == "computing":
        return any(home.glob("results/west/.*.part"))
    if stage == "publishing":
        return any(home.glob("results/west/ne-asia-*"))
    return "SDG 15.3.1" in printed.read_text()


def caught(pid: int) -> set[int]:
    """Signals that a process has handlers for."""
    status = Path(f"/proc/{pid}/status").read_text()
    mask = int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")), 16)
    return {which for which in ENDING if mask >> (which - 1) & 1}


def unfinished(folder: Path) -> list[Path]:
    """What is not whole, or of a transaction that has not ended."""
    return [*folder.rglob("*.part"), *folder.rglob("*.tiles"), *folder.rglob("practices.sqlite-*")]


def stopped_at(moment: Moment, which: signal.Signals, after: float, folder: Path, api: str) -> bool:
    """Whether the signal came before the end of a run; then it ended the run in time, and nothing is half-written."""
    home = folder / "drylands-data"
    for name in moment.without:
        shutil.rmtree(home / name, ignore_errors=True)
    # a run that starts has a server of its own; the others share one, which saves seconds
    own = {} if moment.stage == "start" else {"PREFECT_API_URL": api}
    with started(folder, *drylands(*ASSESS), **own) as (process, printed):
        until(lambda: reached(moment.stage, process, home, printed), process, printed)
        time.sleep(after)
        begin = time.monotonic()
        os.killpg(process.pid, which)
        code, seconds = process.wait(60), time.monotonic() - begin
        said = printed.read_text()
    look(home)
    assert (code, seconds < LIMIT) == (0 if "Done in" in said and not code else 128 + which, True), said
    assert "Traceback" not in said
    return code != 0


def lane(number: int, folder: Path, api: str) -> int:
    """Stop runs at the moments of `LANE`, then run to the end; how many signals came before the end of a run."""
    folder.mkdir()
    polygons(folder / "places.geojson", {"west": PLACES["west"]})
    home = folder / "drylands-data"
    chance = random.Random(number)
    ended = 0
    for turn, moment in enumerate(LANE):
        which = ENDING[(turn + number) % len(ENDING)]
        ended += stopped_at(moment, which, chance.uniform(0, moment.spread), folder, api)
    with started(folder, *drylands(*ASSESS), PREFECT_API_URL=api) as (process, printed):
        assert process.wait(300) == 0, printed.read_text()
        assert ", 0 pixel requests" in printed.read_text()  # earlier runs have pulled everything
    assert unfinished(home) == []
    look(home)
    assert gone(home)
    return ended


@pytest.mark.slow
def test_an_assessment_is_stopped_at_twenty_random_moments_and_resumes(tmp_path: Path) -> None:
    with own_server() as api, ThreadPoolExecutor(2) as lanes:
        ended = [lanes.submit(lane, number, tmp_path / f"lane-{number}", api) for number in range(2)]
        # a run may be done before a signal of its last second comes
        assert sum(each.result() for each in ended) >= 2 * len(LANE) - 4


def test_a_signal_during_imports_leaves_no_traceback(tmp_path: Path) -> None:
    with started(tmp_path, *drylands("--help")) as (process, printed):
        until(lambda: signal.SIGHUP in caught(process.pid), process, printed)
        assert stopped(process, signal.SIGINT) < LIMIT
        assert process.returncode == 128 + signal.SIGINT
        assert "Traceback" not in printed.read_text()


def test_signals_are_handled_until_the_process_has_ended(tmp_path: Path) -> None:
    """Also while Python waits for threads and calls what libraries have registered for the end."""
    script = """
import atexit, sys, time
import flows.cli.main, flows.cli.start
def late():
    print('late', flush=True)
    time.sleep(60)
def command():
    atexit.register(late)
    sys.exit(3)
flows.cli.main.main = command
flows.cli.start.main()
"""
    with started(tmp_path, sys.executable, "-c", script) as (process, printed):
        until_printed(process, printed, "late")
        assert stopped(process, signal.SIGHUP) < LIMIT
        assert process.returncode == 128 + signal.SIGHUP


@pytest.mark.parametrize(("end", "code"), [("sys.exit(3)", 3), ("sys.exit()", 0), ("pass", 0), ("1 / 0", 1)])
def test_the_program_keeps_its_exit_code_and_calls_what_is_registered_for_the_end(
    tmp_path: Path, end: str, code: int
) -> None:
    script = f"""
import atexit, sys
import flows.cli.main, flows.cli.start
def command():
    atexit.register(lambda: print('late'))
    {end}
flows.cli.main.main = command
flows.cli.start.main()
"""
    with started(tmp_path, sys.executable, "-c", script) as (process, printed):
        assert process.wait(60) == code
        assert "late" in printed.read_text()
        assert ("ZeroDivisionError" in printed.read_text()) == (code == 1)


@pytest.mark.slow
def test_a_killed_run_takes_its_server_with_it(tmp_path: Path) -> None:
    polygons(tmp_path / "places.geojson", PLACES)
    home = tmp_path / "drylands-data"
    with started(tmp_path, *drylands(*ASSESS)) as (process, printed):
        until(lambda: bool(servers(home)), process, printed)
        (server,) = servers(home)
        assert os.getsid(int(server)) != os.getsid(process.pid)
        process.kill()
    assert gone(home)


def engines(run: int) -> list[int]:
    """The processes of the offline engine that a run has started."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == run and b"offline.process.child" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
        except OSError:  # it has ended
            continue
    return found


@pytest.mark.slow
@pytest.mark.parametrize("which", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_of_many_regions_takes_its_engine_with_it(tmp_path: Path, which: signal.Signals) -> None:
    polygons(tmp_path / "places.geojson", {f"p{n}": box(112 + n, 43, 112.2 + n, 43.2) for n in range(MANY)})
    home = tmp_path / "drylands-data"
    with started(tmp_path, *drylands(*ASSESS)) as (process, printed):
        until(lambda: any(home.glob("cubes/*/*")), process, printed)
        (engine,) = engines(process.pid)
        assert os.getsid(engine) != os.getsid(process.pid)
        os.killpg(process.pid, which)
        process.wait(60)
        deadline = time.monotonic() + 15
        while Path(f"/proc/{engine}/cmdline").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not Path(f"/proc/{engine}").exists()
    assert gone(home)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "running"),
    [
        (("monitor", "--regions-file", "places.geojson"), "Watching"),
        (("score", "otindag"), "Scoring"),
        (("evidence", "--score", "otindag"), "Judging"),
        (("serve", "--port", "FREE"), "Stop it with Ctrl-C"),
        (("offline", "--port", "0"), "Stop with Ctrl-C"),
    ],
)
def test_every_long_command_is_stopped(tmp_path: Path, words: tuple[str, ...], running: str) -> None:
    polygons(tmp_path / "places.geojson", PLACES)
    which = ENDING[len(words[0]) % 3]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with started(tmp_path, *drylands(*(port if word == "FREE" else word for word in words))) as (process, printed):
        until_printed(process, printed, running)
        until(lambda: signal.SIGHUP in caught(process.pid), process, printed)
        time.sleep(2)
        assert process.poll() is None, printed.read_text()
        assert stopped(process, which) < LIMIT
        assert process.returncode == 128 + which
        said = printed.read_text()
    assert f"Stopped by {which.name}" in said
    assert "Traceback" not in said
    assert gone(tmp_path)


@pytest.mark.slow
def test_an_export_that_is_stopped_changes_nothing(tmp_path: Path) -> None:
    """Each signal while the files are written into their hidden folder; then an export goes on to the end."""
    home, out = tmp_path / "drylands-data", tmp_path / "out"
    home.mkdir()
    out.mkdir()
    engine = open_database(home / "practices.sqlite")
    seed(engine)
    square = RegionRecord("here", "Here", ("CHN",), "steppe", mapping(PLACES["west"]))
    areas = pd.DataFrame([{"indicator": "sdg", "class": "stable", "area_km2": 5.0, "valid_km2": 5.0, "total_km2": 5.0}])
    record = AssessmentRecord(square, "2016-2024", (2016, 2024), "ne-asia", areas, pd.DataFrame())
    now = datetime(2026, 1, 1)
    publish(engine, RunRecord("d", "simulated", {}, "0", now, now), [record], pd.DataFrame(), pd.DataFrame())
    engine.dispose()
    for name in ("areas.csv", "drylands.xlsx"):
        (out / name).write_text("old")
    for which in ENDING:
        with started(tmp_path, *drylands("export", "--to", "out")) as (process, printed):
            until(lambda: any(out.glob(".*/*")), process, printed)
            assert stopped(process, which) < LIMIT
            assert process.returncode == 128 + which
        assert {path.name: path.read_text() for path in out.iterdir()} == {"areas.csv": "old", "drylands.xlsx": "old"}
    with started(tmp_path, *drylands("export", "--to", "out")) as (process, printed):
        assert process.wait(120) == 0, printed.read_text()
    assert (out / "areas.csv").read_text() != "old"
    assert not list(out.glob(".*"))
    assert unfinished(home) == []


@pytest.mark.slow
def test_an_import_that_is_stopped_writes_all_or_nothing(tmp_path: Path) -> None:
    chance = random.Random(5)
    with started(tmp_path, *drylands("practices", "template", "own.csv")) as (process, printed):
        assert process.wait(60) == 0, printed.read_text()
    own = tmp_path / "own.csv"
    own.write_text(own.read_text(encoding="utf-8").replace("example-practice", "own-practice"), encoding="utf-8")
    for which in ENDING:
        with started(tmp_path, *drylands("practices", "import", "own.csv")) as (process, printed):
            until(lambda: signal.SIGHUP in caught(process.pid), process, printed)
            time.sleep(chance.uniform(0, 1))
            assert process.poll() == 0 or stopped(process, which) < LIMIT
    with started(tmp_path, *drylands("practices", "import", "own.csv")) as (process, printed):
        assert process.wait(120) == 0, printed.read_text()
    assert unfinished(tmp_path) == []


def test_a_file_that_is_stopped_half_written_goes(tmp_path: Path) -> None:
    (tmp_path / "map.png").write_text("old")
    body = (
        "context = last_act(lambda _: discard_unfinished()); context.__enter__(); "
        "replacing(Path('map.png'), lambda part: (part.write_text('half'), print('busy', flush=True), time.sleep(60)))"
    )
    script = (
        "from pathlib import Path\nfrom practices.database.files import discard_unfinished, replacing"
        + SCRIPT.format(modules="time", body=body)
    )
    with started(tmp_path, sys.executable, "-c", script) as (process, printed):
        until_printed(process, printed, "busy")
        assert len(list(tmp_path.glob(".map-*"))) == 1
        stopped(process, signal.SIGTERM)
    assert not list(tmp_path.glob(".map-*"))
    assert (tmp_path / "map.png").read_text() == "old"


#: A command whose main thread is busy, and the words that it prints when it is.
SCRIPT = """
import {modules}
from flows.run.stopping import ended_by_signals, last_act
with ended_by_signals():
    {body}
"""
BUSY = {
    "waiting for a lock": (
        "threading",
        "lock = threading.Lock(); lock.acquire(); print('busy', flush=True); lock.acquire()",
    ),
    "in compiled code": ("re", "print('busy', flush=True); re.match('(a+)+$', 'a' * 64 + 'b')"),
    "with a handler of a library": (
        "signal, time",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.signal(signal.SIGTERM, lambda *_: None); "
        "print('busy', flush=True); time.sleep(60)",
    ),
    "with a last act that never ends": (
        "threading, time",
        "context = last_act(lambda name: threading.Event().wait()); context.__enter__(); print('busy', flush=True); "
        "time.sleep(60)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BUSY)
@pytest.mark.parametrize("which", ENDING)
def test_whatever_the_main_thread_does(tmp_path: Path, what: str, which: signal.Signals) -> None:
    modules, body = BUSY[what]
    with started(tmp_path, sys.executable, "-c", SCRIPT.format(modules=modules, body=body)) as (process, printed):
        until_printed(process, printed, "busy")
        assert stopped(process, which) < LIMIT
        assert process.returncode == 128 + which
        assert f"Stopped by {which.name}" in printed.read_text()


def test_the_last_act_sees_the_context_of_the_command(tmp_path: Path) -> None:
    body = (
        "name = contextvars.ContextVar('name'); name.set('mine'); "
        "context = last_act(lambda signal: print(name.get(), signal, flush=True)); context.__enter__(); "
        "print('busy', flush=True); time.sleep(60)"
    )
    script = SCRIPT.format(modules="contextvars, time", body=body)
    with started(tmp_path, sys.executable, "-c", script) as (process, printed):
        until_printed(process, printed, "busy")
        stopped(process, signal.SIGTERM)
        assert "mine SIGTERM" in printed.read_text()


def test_what_the_caller_ignores_stays_ignored(tmp_path: Path) -> None:
    """As `nohup` does with SIGHUP."""
    body = "print('busy', flush=True); time.sleep(60)"
    command = ("/bin/sh", "-c", 'trap "" HUP; exec "$@"', "sh", sys.executable, "-c")
    with started(tmp_path, *command, SCRIPT.format(modules="time", body=body)) as (process, printed):
        until_printed(process, printed, "busy")
        os.killpg(process.pid, signal.SIGHUP)
        time.sleep(0.5)
        assert process.poll() is None
        stopped(process, signal.SIGTERM)


def test_afterwards_signals_do_what_they_did_before() -> None:
    from flows.run.stopping import ended_by_signals

    before = [signal.getsignal(each) for each in ENDING]
    with ended_by_signals():
        assert [signal.getsignal(each) for each in ENDING] != before
    assert [signal.getsignal(each) for each in ENDING] == before


def test_a_terminal_echoes_again_after_a_prompt_for_a_password() -> None:
    body = "print('busy', flush=True); getpass.getpass()"
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-c", SCRIPT.format(modules="getpass", body=body)])
    printed = b""
    while b"Password" not in printed:
        printed += os.read(terminal, 1000)
    assert not termios.tcgetattr(terminal)[3] & termios.ECHO
    os.kill(child, signal.SIGTERM)
    printed = b""
    while b"Stopped by SIGTERM" not in printed:
        printed += os.read(terminal, 1000)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 143
    assert b"\x1b[?25h" in printed
    assert termios.tcgetattr(terminal)[3] & termios.ECHO
    os.close(terminal)
