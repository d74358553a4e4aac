"""`drylands doctor`: does this machine have everything that a run needs?"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date
from importlib.metadata import version
from itertools import chain
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from flows.errors import FlowError
from flows.figures.fonts import check_fonts
from flows.pull.service_checks import PACE, CheckFinding, service_findings
from flows.run.failures import plain_failure
from flows.store import database, own_regions
from series.service.earth_engine import Connection

#: Free space (GiB) that a run may need.
ENOUGH_GIB = 2
#: Seconds without an answer of Earth Engine after which a check fails.
DEADLINE = 60.0
COLOURS = {"ok": "green", "warning": "yellow", "fail": "red"}


def check_python() -> str:
    """Versions of Python and of the main libraries."""
    names = ("drylands", "earthengine-api", "xarray", "prefect")
    return f"Python {sys.version.split()[0]}; " + ", ".join(f"{name} {version(name)}" for name in names)


def check_disk(data: Path) -> str:
    """Free space where the data folder is or would be."""
    folder = data.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 2**30
    if free < ENOUGH_GIB:
        raise FlowError(f"{folder}: {free:.1f} GiB free, a run may need {ENOUGH_GIB}; delete files, or use --data")
    return f"{free:.0f} GiB free at {folder}"


def check_regions(data: Path) -> str:
    """Every region file can be read."""
    from regions.catalogue import load

    own = own_regions(data)
    return f"{len(load(extra=own if own.is_dir() else None))} regions"


def check_database(data: Path, url: str | None) -> str:
    """The database opens, and its schema is that of this version."""
    if url is None and not (data / "practices.sqlite").exists():
        return "no database yet; the first assessment creates it"
    database(data, url).dispose()
    return url or str(data / "practices.sqlite")


def check_offline_engine() -> str:
    """The real Earth Engine client gets an answer from the offline engine."""
    import ee

    from flows.pull.sources import opened
    from series.service.earth_engine import call

    with opened("simulated", None, {}):
        answer = call(lambda: ee.Number(20).add(22).getInfo())
    if answer != 42:
        raise FlowError(f"the offline engine answered {answer} to 20 + 22; reinstall with make clean setup")
    return "answers the Earth Engine client"


def clock_of(engine_url: str) -> date | None:
    """The day on the clock of an offline engine; None where it has none to ask for."""
    from flows.errors import UnknownSource
    from flows.pull.sources import landscape_of, running_engine

    try:
        return landscape_of(running_engine(engine_url)).day
    except UnknownSource:  # files, or nothing answers: the checks say so
        return None


def machine_findings(data: Path, database_url: str | None) -> Iterator[CheckFinding]:
    """Check this machine, one thing after the other."""
    checks: dict[str, Callable[[], str]] = {
        "python": check_python,
        "disk": lambda: check_disk(data),
        "regions": lambda: check_regions(data),
        "database": lambda: check_database(data, database_url),
        "fonts": check_fonts,
        "offline engine": check_offline_engine,
    }
    for name, check in checks.items():
        try:
            yield CheckFinding(name, "ok", check())
        except Exception as error:
            yield CheckFinding(name, "fail", plain_failure(error) or repr(error))


def run_doctor(
    project: str | None,
    data: Path,
    database_url: str | None,
    service_account: Path | None = None,
    *,
    engine_url: str | None = None,
    as_json: bool = False,
) -> None:
    """Run every check and print what each found, as a list in JSON if `as_json` is set.

    Earth Engine is checked where a project, a key or the address of an offline engine is given. Raises FlowError naming
    the checks that failed, after all have run.
    """
    console = Console()
    findings = []
    service: Iterable[CheckFinding] = ()
    if project or service_account or engine_url:
        connection = Connection(engine_url, project, service_account, deadline=DEADLINE, pace=PACE)
        service = service_findings(connection, None if engine_url is None else clock_of(engine_url))
    for found in chain(machine_findings(data, database_url), service):
        findings.append(found)
        if not as_json:
            mark = f"[{COLOURS[found.state]}]{found.state:<7}[/]"
            console.print(f"{mark} {escape(found.check)}: {escape(found.message)}", soft_wrap=True)
    if as_json:
        sys.stdout.write(json.dumps([asdict(found) for found in findings], indent=1, ensure_ascii=False) + "\n")
    failed = [found.check.partition(":")[0] for found in findings if found.state == "fail"]
    if failed:
        raise FlowError(f"failed checks: {', '.join(failed)}")
