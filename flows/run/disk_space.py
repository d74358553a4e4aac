"""Disk space: a run on a full disk is refused, and a run that fills the disk reports it."""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.errors import FlowError, RegionsFailed
from flows.run.failures import plain_failure

#: Free space without which no run is started: the databases alone take a few MiB.
LEAST_MIB = 50
#: What is written to see whether a disk or a quota has any room left.
PROBE_BYTES = 1 << 20
FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


def refuse_full_disk(data: Path, least_mib: float = LEAST_MIB) -> None:
    """Refuse to start where the disk of a folder has too little room. Raises FlowError."""
    free = shutil.disk_usage(data).free / 2**20
    if free < least_mib:
        raise FlowError(
            f"the disk is full: {free:.1f} MiB are free at {data.absolute()}, at least {least_mib} are needed to "
            f"start; free some space, or choose another folder with --data"
        )


def has_room(folder: Path) -> bool:
    """Whether a file of 1 MiB can be written to a folder: false on a full disk, over a quota or a limit of files."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
    except OSError as error:
        if error.errno in FULL:
            return False
        raise
    return True


@contextmanager
def full_disk_explained(data: Path) -> Iterator[None]:
    """Raise FlowError in place of any failure that has no words of its own, where the disk has no room left."""
    try:
        yield
    except RegionsFailed:
        raise
    except Exception as error:
        if plain_failure(error) is None and not has_room(data):
            raise FlowError(
                f"the disk of {data.absolute()} is full or its quota used up. What was finished is kept; free some "
                f"space, or choose another folder with --data, and run the same command again"
            ) from error
        raise
