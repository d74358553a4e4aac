"""`drylands doctor`: does this machine have everything that a run needs?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from flows.errors import FlowError
from flows.figures.fonts import check_fonts
from flows.run.failures import plain_failure
from flows.store import database, own_regions

#: Free space (GiB) that a run may need.
ENOUGH_GIB = 2


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


def check_earth_engine(project: str | None, service_account: Path | None) -> str:
    """Google Earth Engine answers with these credentials."""
    import ee

    from flows.pull.sources import opened
    from series.service.earth_engine import call

    with opened("earthengine", project, {}, service_account):
        call(lambda: ee.Number(1).getInfo())
    return f"answers project {project or 'of the service account'}"


def run_doctor(project: str | None, data: Path, url: str | None, service_account: Path | None = None) -> None:
    """Run every check and print its result.

    Raises FlowError naming the checks that failed, after all have run.
    """
    checks: dict[str, Callable[[], str]] = {
        "python": check_python,
        "disk": lambda: check_disk(data),
        "regions": lambda: check_regions(data),
        "database": lambda: check_database(data, url),
        "fonts": check_fonts,
        "offline engine": check_offline_engine,
    }
    if project or service_account:
        checks["earth engine"] = lambda: check_earth_engine(project, service_account)
    console = Console()
    failed = []
    for name, check in checks.items():
        try:
            console.print(f"[green]ok[/]   {name}: {check()}", soft_wrap=True)
        except Exception as error:
            message = plain_failure(error) or repr(error)
            console.print(f"[red]fail[/] {name}: {message}", soft_wrap=True)
            failed.append(name)
    if failed:
        raise FlowError(f"failed checks: {', '.join(failed)}")
