"""Which way do the pixels of a cube come: by requests, or by a batch export to a bucket?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from series.cubes.naming import Cube
from series.cubes.reuse import stored_parts
from series.cubes.targets import ExportTarget, Via

#: Pixel-years inside the outline from which `auto` exports. Below, requests bring a cube within a minute or two, sooner
#: than many a task begins; above, batch is the way that the service itself recommends: it has no time limit of five
#: minutes, and what is computed survives the end of a run.
LARGE = 10_000_000


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
