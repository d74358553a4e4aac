"""What the command `offline` does: serve the offline Earth Engine, or list what it can do."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from flows.errors import FlowError


def list_algorithms() -> None:
    """Print every server algorithm of the installed client, and whether the offline engine supports it."""
    from offline.protocol.support import supported

    listed = supported()
    for name, has in listed.items():
        typer.echo(f"{'supported' if has else '-':<10} {name}")
    typer.echo(f"{sum(listed.values())} of {len(listed)} algorithms of the installed client are supported")


def run_offline(
    folder: Path | None,
    landscape: Mapping[str, Any],
    *,
    today: date | None = None,
    faults: Path | None = None,
    latency: str | None = None,
    log: Path | None = None,
    exports: Path | None = None,
    port: int = 0,
    **limits: Any,
) -> None:
    """Serve the offline Earth Engine until interrupted, and print how to connect; `limits` are those of `serve`.

    `landscape` may have the world and the seed of the simulated landscape, `today` is the day on its clock. Raises
    BadFault for a file of faults, and BadLatency for numbers, that cannot be used; FlowError for a day after the last
    one of the landscape, and for one with a folder.
    """
    from flows.cli.ports import free_port
    from flows.pull.sources import Landscape, folder_of, offline_engine
    from flows.run.stopping import last_act
    from offline.metering import Latency
    from offline.protocol.destinations import discard_unfinished
    from offline.protocol.faults import read_rules
    from offline.sources.simulated.clock import LAST_DAY

    simulated = Landscape(**landscape, today=today)
    if today is not None and folder is not None:
        raise FlowError(f"--today {today}: the source is {folder}, and only the simulated landscape has a clock")
    if today is not None and today > LAST_DAY:
        raise FlowError(f"--today {today}: the simulated landscape has weather up to {LAST_DAY}; give a day up to it")
    served = str(folder) if folder else f"simulated landscape, world {simulated.world}, seed {simulated.seed}"
    served += f", on {today}" if today else ""
    rules = read_rules(faults) if faults else []
    if exports is not None and exports.exists() and not exports.is_dir():
        raise FlowError(f"--exports {exports}: this is a file; name a folder")
    if log is not None and not log.absolute().parent.is_dir():
        raise FlowError(f"--log {log}: there is no folder {log.parent}; create it")
    slow = Latency.parse(latency) if latency else None
    free_port("127.0.0.1", port)
    console = Console()
    with (
        offline_engine(
            folder_of(str(folder)) if folder else None,
            simulated,
            port=port,
            exports=exports,
            latency=slow,
            log=log,
            **limits,
        ) as server,
        last_act(lambda _: discard_unfinished()),
        last_act(lambda _: server.end_log()),
    ):
        for rule in rules:
            server.faults.add(rule)
        console.print(f"Offline Earth Engine on [bold]{server.url}[/] ({served})")
        console.print("From Python:")
        console.print("  from series.service.earth_engine import Connection, connect", highlight=False)
        console.print(f'  connect(Connection(url="{server.url}"))', highlight=False)
        console.print("Stop with Ctrl-C.")
        while True:
            time.sleep(3600)
