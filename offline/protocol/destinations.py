"""Where exports go: files below one folder that replaces Drive and buckets."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from offline.errors import EngineError

#: Longest name of a file or folder, bytes: file systems take 255, of which a suffix is still to come.
LONGEST_NAME = 200
#: The folder that replaces Drive; no bucket can have its name.
DRIVE = "drive"
#: Where else the client can export to.
ELSEWHERE = {
    "assetExportOptions": "assets",
    "bigqueryExportOptions": "BigQuery",
    "featureViewExportOptions": "feature views",
}


@dataclass(frozen=True)
class Destination:
    """The files of one export: `prefix` and what is added to it, below `folder`."""

    folder: Path
    prefix: Path

    def file(self, ending: str) -> Path:
        """One of the files. Raises EngineError if a link leads out of the folder by now; makes its folder."""
        self.check()
        self.prefix.parent.mkdir(parents=True, exist_ok=True)
        return self.prefix.with_name(self.prefix.name + ending)

    def check(self) -> None:
        """Raises EngineError if the files would not be in the folder."""
        if not self.prefix.parent.resolve().is_relative_to(self.folder):
            shown = self.prefix.relative_to(self.folder)
            raise EngineError(f"Export destination '{shown}' leaves the folder of exports.")


def destination(folder: Path | None, body: dict[str, Any]) -> Destination:
    """Where the files of an export go.

    Raises EngineError if exports are off, the kind of destination is not offered, or the name leaves the folder.
    """
    if folder is None:
        raise EngineError(
            "Exports are off: start the offline engine with a folder for them (drylands offline --exports FOLDER)."
        )
    options = body.get("fileExportOptions") or {}
    drive, bucket = options.get("driveDestination"), options.get("cloudStorageDestination")
    if drive is not None:
        inner = str(drive.get("folder") or "")
        parts = [DRIVE, *([inner] if inner else []), str(drive.get("filenamePrefix") or "")]
    elif bucket is not None:
        parts = [str(bucket.get("bucket") or ""), str(bucket.get("filenamePrefix") or "")]
        if parts[0] == DRIVE or "/" in parts[0]:
            raise EngineError(f"Export destination '{parts[0]}' is not the name of a bucket.")
    else:
        unsupported = next((name for key, name in ELSEWHERE.items() if key in body), "nowhere")
        raise EngineError(
            f"The offline engine exports to Drive or Cloud Storage, that is to its folder, not to {unsupported}."
        )
    for part in parts:
        if not is_inside(part):
            raise EngineError(f"Export destination '{part}' is not a name inside the folder of exports.")
    real = folder.resolve()
    target = Destination(real, real.joinpath(*parts))
    target.check()
    return target


def is_inside(part: str) -> bool:
    """Whether a path stays below its folder on every operating system."""
    names = PurePosixPath(part).parts
    return (
        bool(names)
        and part.isprintable()
        and not part.startswith("/")
        and not set(part) & {"\\", ":"}
        and all(name != ".." and len(name.encode()) <= LONGEST_NAME for name in names)
    )


#: Drafts whose blocks run, of all exports of this process.
_unfinished: list[Drafts] = []


@dataclass(eq=False)
class Drafts:
    """Files under other names until all of them are whole; leaving the block removes those that are not published."""

    _drafts: dict[Path, Path] = field(default_factory=dict)

    def __enter__(self) -> Drafts:
        _unfinished.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()
        _unfinished.remove(self)

    def discard(self) -> None:
        """Remove the files that are not published."""
        for draft in tuple(self._drafts):
            draft.unlink(missing_ok=True)

    def draft(self, path: Path) -> Path:
        """A new name to write to, in the folder of the final file."""
        draft = path.with_name(f".{uuid.uuid4().hex}.part")
        self._drafts[draft] = path
        return draft

    def drop(self, draft: Path) -> None:
        """Remove one file that is not needed."""
        draft.unlink(missing_ok=True)
        del self._drafts[draft]

    def publish(self) -> list[str]:
        """Give the files their names; their URIs."""
        for draft, path in self._drafts.items():
            draft.replace(path)
        return [path.as_uri() for path in self._drafts.values()]


def discard_unfinished() -> None:
    """Remove the files of all exports that run, before a signal ends the process."""
    for drafts in tuple(_unfinished):
        drafts.discard()
