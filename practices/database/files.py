"""Writing a file whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

from practices.errors import unwritable


def replacing(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make a file beside `path` and put it in its place when it is whole. Raises DiskFull, ExportFailed.

    What a run that is killed leaves behind is hidden.
    """
    part: Path | None = None
    try:
        hidden = f".{path.stem}-"
        with NamedTemporaryFile(dir=path.parent, prefix=hidden, suffix=path.suffix, delete=False) as temporary:
            part = Path(temporary.name)
        write(part)
        part.chmod(0o644)
        part.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)
