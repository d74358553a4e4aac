"""Windows of a grid, in cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: Side of a tile in cells; 24 years of it stay well under the 48 MiB of one request.
TILE = 512


@dataclass(frozen=True)
class Tile:
    """A window of the grid, in cells."""

    y: int
    x: int
    height: int
    width: int

    def quarters(self) -> Iterator[Tile]:
        """The tile cut in up to four."""
        high, wide = -(-self.height // 2), -(-self.width // 2)
        for y in range(0, self.height, high):
            for x in range(0, self.width, wide):
                yield Tile(self.y + y, self.x + x, min(high, self.height - y), min(wide, self.width - x))

    def shared(self, other: Tile) -> Tile | None:
        """The cells that both windows have; None where they have none."""
        top, left = max(self.y, other.y), max(self.x, other.x)
        height = min(self.y + self.height, other.y + other.height) - top
        width = min(self.x + self.width, other.x + other.width) - left
        return Tile(top, left, height, width) if height > 0 and width > 0 else None

    def within(self, other: Tile) -> tuple[slice, slice]:
        """The window as slices of the cells of a larger one."""
        y, x = self.y - other.y, self.x - other.x
        return slice(y, y + self.height), slice(x, x + self.width)

    @property
    def window(self) -> tuple[slice, slice]:
        """The tile as slices of (y, x)."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


def tiles(shape: tuple[int, int], side: int = TILE) -> list[Tile]:
    """The tiles of a grid, row by row; at most `side` cells high and wide."""
    height, width = shape
    return [
        Tile(y, x, min(side, height - y), min(side, width - x))
        for y in range(0, height, side)
        for x in range(0, width, side)
    ]
