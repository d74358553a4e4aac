"""Writing files whole or not at all, one alone or several together."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile, mkdtemp

from practices.errors import unwritable

#: Files and folders that this process has begun.
_unfinished: set[Path] = set()


def replacing(path: Path, write: Callable[[Path], object]) -> None:
    """Write a file next to `path` and rename it to `path` when it is complete. Raises DiskFull, ExportFailed.

    The unfinished file is hidden; where the process is killed, it stays.
    """
    try:
        hidden = f".{path.stem}-"
        with NamedTemporaryFile(dir=path.parent, prefix=hidden, suffix=path.suffix, delete=False) as temporary:
            part = Path(temporary.name)
        with _removed(part):
            write(part)
            part.chmod(0o644)
            part.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error


@contextmanager
def together(folder: Path) -> Iterator[Path]:
    """A hidden folder to write to; its files get their places in `folder` when the `with` block ends.

    Files in folders of their own stay in these. A block that fails changes no file. Raises DiskFull, ExportFailed.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(dir=folder, prefix="."))
        with _removed(draft):
            yield draft
            places = {part: folder / part.relative_to(draft) for part in sorted(draft.rglob("*")) if part.is_file()}
            for place in places.values():
                if place.is_dir():
                    raise unwritable(place, IsADirectoryError("a folder has this name"))
                place.parent.mkdir(parents=True, exist_ok=True)
            for part, place in places.items():
                part.replace(place)
    except OSError as error:
        raise unwritable(folder, error) from error


def discard_unfinished() -> None:
    """Remove what this process has begun to write and not finished, before a signal ends it."""
    for path in tuple(_unfinished):
        _remove(path)


@contextmanager
def _removed(path: Path) -> Iterator[None]:
    """Remove `path`, if it is still there, at the end of the block, or when `discard_unfinished` is called within."""
    _unfinished.add(path)
    try:
        yield
    finally:
        _remove(path)
        _unfinished.discard(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
