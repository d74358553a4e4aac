"""Run the line in a process that is killed at its n-th change of the disk: `killed.py FOLDER N [N …]`.

Each N is a run of its own, one after the other over the same folder; 0 runs to the end. One import of the packages
serves them all, as each run is a fork. Prints one line a run: how it ended and how many changes it made.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from shapely import box

from flows.pull.region import pull_region
from flows.pull.sources import opened
from flows.region.files.publish import publish_region
from flows.region.result import RegionResult
from flows.region.results import compute_profiles
from flows.request.assess import AssessRequest
from practices.database.open import open_database
from practices.report.summary import summary
from regions.model import Region
from series.cubes.stored import open_cube

REGION = Region(id="here", name="Here", countries=("CHN",), geometry=box(112, 43, 112.2, 43.2), source="test")
CHANGES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir"}


def run(folder: Path) -> int:
    """The whole line for one small region; the number of pixel requests."""
    request = AssessRequest(regions=("here",), data=folder, resolution=1 / 20, years=(2016, 2024))
    with opened(request.source, None, {}) as source:
        pulled = pull_region(REGION, request, source)
        publish_region(REGION, compute_profiles(REGION, pulled, request, source.origin)[0], pulled, request)
        assert source.server is not None
        return source.server.count("pixels")


def die_at(change: int, folder: Path) -> list[int]:
    """Kill this process at its n-th change of what lies in `folder`; the count so far, in a list of one."""
    seen = [0]

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if (event in CHANGES or writes) and str(arguments[0]).startswith(str(folder)):
            seen[0] += 1
            if seen[0] == change:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    return seen


def look(folder: Path) -> None:
    """What has its final name is whole, whenever the run was killed."""
    for cube in folder.glob("cubes/*/*.zarr"):
        open_cube(cube)
    for result in folder.glob("results/*/[!.]*"):
        RegionResult.read(result)
    if (folder / "practices.sqlite").exists():
        engine = open_database(f"sqlite:///{folder / 'practices.sqlite'}")
        assert set(summary(engine)["period"]) <= {"2016-2024"}
        engine.dispose()


def main() -> None:
    folder = Path(sys.argv[1])
    for change in map(int, sys.argv[2:]):
        child = os.fork()
        if child == 0:
            seen = die_at(change, folder)
            pixels = run(folder)
            print("whole", seen[0], pixels, flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            print("killed", change, flush=True)
            look(folder)


if __name__ == "__main__":
    main()
