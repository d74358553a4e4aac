"""What requests will cost, before the first one: their number, bytes, stored pixels read, and from these time and EECU.

The rules for time and EECU are assumptions, the same as those of the offline engine's meter: the service publishes
none. Real figures stand in the attributes of each cube, and in the project's quota page.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import astuple, dataclass
from math import ceil

from shapely.geometry.base import BaseGeometry

from regions.grid import outline as in_one_piece
from series.cubes.exports import groups_of
from series.cubes.naming import Cube
from series.cubes.requests import PixelRequest
from series.cubes.reuse import stored_parts
from series.cubes.shared_blocks import block_names
from series.cubes.targets import ExportTarget
from series.cubes.windows import file_of, requests_for, scratch_of
from series.service.turns import MOST

#: Stored pixels that one EECU reads and reduces in a second, and EECU-seconds of a request without any (assumptions).
PIXELS_A_SECOND, EECU_A_REQUEST = 3_000_000, 0.01
#: Seconds of a request, and of each stored pixel that it reads (assumptions).
SECONDS_A_REQUEST, SECONDS_A_PIXEL = 2.0, 1e-6


@dataclass(frozen=True)
class Cost:
    """Some requests and batch exports: how many, bytes of their answers and files, and stored pixels that they read.

    `exported` are those of the pixels that exports read.
    """

    requests: int = 0
    bytes: float = 0.0
    pixels: float = 0.0
    exports: int = 0
    exported: float = 0.0

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(mine + its for mine, its in zip(astuple(self), astuple(other), strict=True)))

    @property
    def eecu_hours(self) -> float:
        """Compute time."""
        return (self.pixels / PIXELS_A_SECOND + EECU_A_REQUEST * self.requests) / 3600

    @property
    def minutes(self) -> float:
        """Time of the requests, with as many under way as the service answers; at least that of one of them.

        How long exports wait and run is not known.
        """
        seconds = SECONDS_A_REQUEST * self.requests + SECONDS_A_PIXEL * (self.pixels - self.exported)
        return seconds / max(min(MOST, self.requests), 1) / 60


def cells_read(outline: BaseGeometry, cell: float) -> float:
    """Cells of a size that are read to reduce an outline: those of the box around it."""
    west, south, east, north = in_one_piece(outline).bounds
    return float((ceil((east - west) / cell) + 1) * (ceil((north - south) / cell) + 1))


#: A request that may be shared by regions, and its cost: of equal keys one counts.
Costs = Iterator[tuple[Hashable, Cost]]


def costs_of(cube: Cube, target: ExportTarget | None = None) -> Costs:
    """The requests, or exports to a target, that a cube still needs, computed without a request."""
    if cube.path.exists():
        return
    stack, stored = cube.stack, stored_parts(cube)
    missing = [number for number in range(len(stack.parts)) if number not in stored]
    counts = [stack.usual] * len(stack.parts)
    if missing and cube.shared is not None and cube.small:
        blocks = [(block, home) for block, home in block_names(cube, missing, cube.shared) if not home.exists()]
        for block, home in blocks:
            for request in requests_for(block, missing, counts):
                yield (home.name, request.name), _cost(block, request)
        return
    wanted, scratch = requests_for(cube, missing, counts), scratch_of(cube)
    if target is not None:
        for group in groups_of(cube, target, counts, scratch, wanted):
            if group.left:
                yield (cube.path, group.parts), _export_cost(cube, group.images)
        return
    for request in wanted:
        if not file_of(scratch, request).exists():
            yield (cube.path, request.name), _cost(cube, request)


def _cost(cube: Cube, request: PixelRequest) -> Cost:
    values = request.images * request.tile.height * request.tile.width
    return Cost(1, values * cube.packing.bytes, values * cube.stack.reads * cube.stack.inside)


def _export_cost(cube: Cube, images: int) -> Cost:
    """An export has the whole grid, not only windows near the outline."""
    values = images * cube.geobox.shape[0] * cube.geobox.shape[1]
    pixels = values * cube.stack.reads * cube.stack.inside
    return Cost(bytes=values * cube.packing.bytes, pixels=pixels, exports=1, exported=pixels)
