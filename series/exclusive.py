"""One at a time: two runs over one folder of data must not write the same file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock


@contextmanager
def exclusive(folder: Path, name: str = "") -> Iterator[None]:
    """Hold a folder, or one `name` in it, against other threads and processes.

    Who comes later waits, and then finds what was made. The system
    releases the lock when its process ends, in whatever way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / (f".{name}.lock" if name else ".lock")):
        yield
