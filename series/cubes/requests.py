"""Which requests a cube needs: windows of the grid that follow the outline, small enough for the service."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, sqrt

import shapely
from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry

from regions.grid import outline as in_one_piece
from series.cubes.tiles import Tile

#: Stored pixels that one request reads at most. The service ends a request after 5 minutes; at a microsecond a pixel
#: this one takes 12 seconds, and a run that is killed loses no more than that of each request under way. Smaller ones
#: would mostly wait for the service to begin; of larger ones a region has too few for the service to work in parallel.
MOST_PIXELS = 12_000_000
#: Bytes of an answer at most, with a byte for the mask of each value as the service counts it; it allows 48 MiB.
MOST_BYTES = 40 * 2**20
#: Images of one answer at most; the service allows 1,024.
MOST_BANDS = 500
#: Cells of a request at least: smaller ones are not worth their fixed cost.
FEWEST_CELLS = 4096
#: Heights of strips that are tried, as shares of the side of a square window.
SHARES = (0.25, 0.4, 0.55, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0)


@dataclass(frozen=True)
class PixelRequest:
    """One request: the numbers of the parts of the stack, the number of their images, and a window of the grid."""

    parts: tuple[int, ...]
    images: int
    tile: Tile

    @property
    def name(self) -> str:
        """The name of its file while the cube is not complete."""
        tile = self.tile
        return f"{self.parts[0]}-{self.parts[-1]}-{tile.y}-{tile.x}-{tile.height}-{tile.width}"


def requests_of(
    missing: Sequence[int],
    counts: Sequence[int],
    geobox: GeoBox,
    outline: BaseGeometry | None,
    *,
    read: float,
    value_bytes: int,
) -> list[PixelRequest]:
    """The requests for the `missing` parts of a stack, each of `counts` images, over the cells that `outline` meets.

    `read` is the number of stored pixels for one value, `value_bytes` its bytes in the answer. Without an outline all
    cells of the grid are requested.
    """
    found = []
    for parts in _groups(missing, counts, read):
        images = sum(counts[part] for part in parts)
        cells = int(min(MOST_PIXELS / (images * read), MOST_BYTES / (images * (value_bytes + 1))))
        tiles = trimmed(geobox, outline, max(cells, FEWEST_CELLS))
        found += [PixelRequest(parts, images, tile) for tile in tiles]
    return found


def _groups(missing: Sequence[int], counts: Sequence[int], read: float) -> Iterator[tuple[int, ...]]:
    """Parts in groups whose images one request can have."""
    most = min(MOST_BANDS, max(MOST_PIXELS / (read * FEWEST_CELLS), 1))
    group: list[int] = []
    for part in missing:
        if group and sum(counts[each] for each in group) + counts[part] > most:
            yield tuple(group)
            group = []
        group.append(part)
    if group:
        yield tuple(group)


def trimmed(geobox: GeoBox, outline: BaseGeometry | None, cells: int) -> list[Tile]:
    """Windows of at most `cells` cells that together have every cell within one cell of an outline, row by row.

    The grid is cut in strips, and each strip to the columns that the outline meets in it. Of a few shapes of windows
    that one is taken which needs the fewest, and the fewest cells of those.
    """
    shape = None if outline is None else _in_cells(geobox, outline)
    shares = SHARES if geobox.shape[0] * geobox.shape[1] > cells else (1.0,)
    layouts = [list(_strips(geobox, shape, cells, share)) for share in shares]
    return min(layouts, key=lambda tiles: (len(tiles), sum(tile.height * tile.width for tile in tiles)))


def _strips(geobox: GeoBox, shape: BaseGeometry | None, cells: int, share: float) -> Iterator[Tile]:
    """Strips from the top; each as high as its windows, of about `share` of a square's height, are full."""
    rows, columns = geobox.shape

    def spans(top: int, height: int) -> list[tuple[int, int]]:
        return [(0, columns)] if shape is None else _columns(shape, top, top + height, columns)

    def windows(top: int, height: int) -> int:
        return sum(ceil((right - left) / (cells // height)) for left, right in spans(top, height))

    top = 0
    while top < rows:
        usual = min(max(round(share * sqrt(cells)), 1), rows - top)
        most = max(windows(top, usual), 1)
        # windows grow with the height, so that the greatest height with as many of them is found by halving
        height = usual + bisect_right(
            range(usual + 1, min(rows - top, cells) + 1), most, key=lambda high: windows(top, high)
        )
        for left, right in spans(top, height):
            pieces = ceil((right - left) / (cells // height))
            ends = [left + round(number * (right - left) / pieces) for number in range(pieces + 1)]
            for first, last in pairwise(ends):
                yield Tile(top, first, height, last - first)
        top += height


def _in_cells(geobox: GeoBox, outline: BaseGeometry) -> BaseGeometry:
    """The outline in columns and rows of the grid."""
    a, _, c, _, e, f = tuple(geobox.affine)[:6]
    return shapely.transform(in_one_piece(outline), lambda xy: (xy - [c, f]) / [a, e])


def _columns(shape: BaseGeometry, top: int, bottom: int, columns: int) -> list[tuple[int, int]]:
    """The ranges of columns within one cell of the parts of an outline between two rows."""
    inside = shapely.clip_by_rect(shape, -1, top - 1, columns + 1, bottom + 1)
    parts = [part for part in shapely.get_parts(inside) if not part.is_empty]
    spans = sorted((max(floor(left) - 1, 0), min(ceil(right) + 1, columns)) for left, _, right, _ in map(_box, parts))
    merged: list[tuple[int, int]] = []
    for left, right in spans:
        if merged and left <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(right, merged[-1][1])
        else:
            merged.append((left, right))
    return merged


def _box(part: BaseGeometry) -> tuple[float, float, float, float]:
    return part.bounds
