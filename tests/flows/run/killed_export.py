"""Export cubes in a process that is killed at its n-th change of the disk, or request: `killed_export.py FOLDER URL N`.

Each N is a run of its own, one after the other over the same folder; 0 runs to the end. Each run is a fork. Prints one
line a run: how it ended and how many changes and requests it made.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from killed import CHANGES
from shapely.geometry import Polygon

from regions.grid import geobox
from series.composites import annual
from series.cubes.delivery import Delivery
from series.cubes.naming import Cube
from series.cubes.pull import pull
from series.cubes.stored import open_cube
from series.cubes.targets import ExportTarget
from series.datasets import DATASETS
from series.service import storage
from series.service.earth_engine import Connection, connect

AREA = Polygon([(112, 43), (113, 43), (112.4, 43.9)])
#: Small pieces, so that a download is more than one request.
CHUNK = 700
DELIVERY = Delivery("export", ExportTarget("bucket", "killed", file_side=16))


def cubes(folder: Path) -> list[Cube]:
    """A cube of years, and one of a static kind of many windows."""
    return [
        Cube(annual(each, range(2010, 2013), (5, 9)), each.variable, geobox(AREA, 0.05), each, folder, "simulated",
             outline=AREA)
        for each in (DATASETS["mod13c1-ndvi"], DATASETS["mcd12q1-igbp"])
    ]  # fmt: skip


def die_at(moment: int, folder: Path) -> list[int]:
    """Kill this process at its n-th change in `folder` or request; the count so far, in a list of one."""
    seen = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        changes = (event in CHANGES or writes) and str(arguments[0]).startswith(str(folder))
        if changes or event == "http.client.send":
            seen[0] += 1
            if seen[0] == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return seen


def main() -> None:
    folder, url = Path(sys.argv[1]), sys.argv[2]
    storage.CHUNK = CHUNK
    for moment in map(int, sys.argv[3:]):
        child = os.fork()
        if child == 0:
            connect(Connection(url=url, pace=0.01))
            seen = die_at(moment, folder)
            for cube in cubes(folder):
                pull(cube, delivery=DELIVERY)
            print("whole", seen[0], flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            print("killed", moment, flush=True)
        for cube in folder.glob("*.zarr"):
            open_cube(cube)


if __name__ == "__main__":
    main()
