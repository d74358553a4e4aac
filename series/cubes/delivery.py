"""Which way do the pixels of a cube come: by requests, or by a batch export to a bucket?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from series.cubes.naming import Cube
from series.cubes.reuse import stored_parts

Via = Literal["auto", "requests", "export"]
#: Pixel-years inside the outline from which `auto` exports. Below, requests bring a cube within a minute or two, sooner
#: than many a task begins; above, batch is the way that the service itself recommends: it has no time limit of five
#: minutes, and what is computed survives the end of a run.
LARGE = 10_000_000
#: A bucket, and maybe a prefix of the names in it.
ADDRESS = re.compile(r"gs://(?P<bucket>[a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:/(?P<prefix>[^\s\\?#]*))?")


@dataclass(frozen=True)
class ExportTarget:
    """Where exports go: a bucket, and the beginning of the names of files in it.

    `file_side`: the longest side of a file in cells, a multiple of 16; None leaves it to the service.
    """

    bucket: str
    prefix: str = ""
    file_side: int | None = None

    @classmethod
    def parse(cls, address: str) -> ExportTarget:
        """The target at `gs://BUCKET/PREFIX`. Raises ValueError for anything else, with the reason."""
        match = ADDRESS.fullmatch(address.strip())
        if match is not None:
            parts = [part for part in (match["prefix"] or "").split("/") if part]
            if ".." not in parts:
                return cls(match["bucket"], "/".join(parts))
        if "drive" in address.lower().partition("://")[0]:
            raise ValueError(
                f"export_to {address!r}: exports to Google Drive cannot be read back by this command; give a bucket of "
                f"Cloud Storage, such as gs://BUCKET/PREFIX"
            )
        raise ValueError(f"export_to {address!r} is not a bucket of Cloud Storage; write gs://BUCKET/PREFIX")

    def name(self, *words: str) -> str:
        """The beginning of the names of the files of one export."""
        return "/".join([*([self.prefix] if self.prefix else []), "-".join(words)])


@dataclass(frozen=True)
class Delivery:
    """How pixels are wanted: `auto` exports large cubes if there is a target for exports."""

    via: Via = "auto"
    target: ExportTarget | None = None

    def target_for(self, cube: Cube) -> ExportTarget | None:
        """Where a cube is exported to; None if it comes by requests.

        A small grid that is read from blocks that its neighbours share is never exported.
        """
        if self.target is None or self.via == "requests" or (cube.small and cube.shared is not None):
            return None
        if self.via == "export":
            return self.target
        stored = stored_parts(cube)
        missing = [part for part in range(len(cube.stack.parts)) if part not in stored]
        return self.target if pixel_years(cube, missing) > LARGE else None

    def way(self, cube: Cube) -> Literal["requests", "export"]:
        """The way in a word."""
        return "requests" if self.target_for(cube) is None else "export"


def pixel_years(cube: Cube, parts: Sequence[int]) -> float:
    """Cells inside the outline, for each image of some parts."""
    cells = float(cube.geobox.shape[0] * cube.geobox.shape[1])
    if cube.outline is not None:
        cells = min(cells, cube.outline.area / cube.geobox.affine.a**2)
    return cells * cube.stack.usual * len(parts)
