"""The engine in a process of its own: `python -m offline.process.child LISTENING ORDER`, two file descriptors.

It serves on the listening socket what the order says, and ends when its standard input closes.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from datetime import date
from pathlib import Path
from typing import Any

from offline.metering.latency import Latency
from offline.model.assets import Source
from offline.process.garbage import collected_seldom
from offline.protocol.destinations import discard_unfinished
from offline.protocol.server import serve
from offline.sources.own_files.files import FileSource
from offline.sources.simulated.source import SimulatedSource
from offline.sources.simulated.tables import TableOutline


def source_of(order: dict[str, Any]) -> Source:
    """What the order says is served."""
    if "folder" in order:
        return FileSource(Path(order["folder"]))
    outlines = [TableOutline(*each) for each in order.get("outlines", ())]
    return SimulatedSource(
        int(order.get("seed", 0)),
        outlines,
        world=str(order.get("world", "easy")),
        today=date.fromisoformat(order["today"]) if order.get("today") else None,
        vanished=order.get("vanished", ()),
        late=order.get("late"),
        lacking=order.get("lacking"),
    )


def options_of(order: dict[str, Any]) -> dict[str, Any]:
    """The options of `serve`: folders and the latency model come as texts."""
    paths = {name: Path(order[name]) for name in ("exports", "log") if order.get(name)}
    latency = {"latency": Latency.parse(order["latency"])} if order.get("latency") else {}
    return {**order, **paths, **latency}


def main() -> None:
    """Serve until the input closes: until the parent ends, however it ends."""
    collected_seldom()
    with os.fdopen(int(sys.argv[2])) as file:
        order = json.load(file)
    listening = socket.socket(fileno=int(sys.argv[1]))
    with serve(source_of(order["source"]), listening=listening, **options_of(order["options"])) as server:
        sys.stdin.buffer.read()
        discard_unfinished()
        server.end_log()
        # what is answered now is of no use to anybody
        os._exit(0)


if __name__ == "__main__":
    main()
