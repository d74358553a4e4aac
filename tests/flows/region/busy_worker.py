"""Compute a region in a process of its own: `busy_worker.py FOLDER`; writes the process's id once it computes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from made_cubes import made, region

from flows.region.processes import MANY, computing
from flows.request.assess import AssessRequest
from flows.run.progress import reporting


def children() -> list[str]:
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()


def main(folder: Path) -> None:
    where = region(200, 200)
    request = AssessRequest(regions=(where.id,), data=folder)
    pulled = made(folder / "cubes", where)

    def show(_region: str, _step: str, _done: int, _total: int) -> None:
        sys.stdout.write(" ".join(children()) + "\n")
        sys.stdout.flush()

    with computing(request, MANY) as compute, reporting(show):
        compute(where, pulled, request, "simulated")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
