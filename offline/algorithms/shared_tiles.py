"""Tiles of a lattice that regions share: which pixels of which region lie in each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox

from offline.grids import at, crs_of, moved
from offline.values import Projection

#: Sides of tiles in cells: a region takes the first that it fits into, or the last.
SIDES = (64, 256)


@dataclass(frozen=True)
class Member:
    """Pixels of a region in a tile: rows and columns in the tile, and their place among all pixels of the region."""

    region: int
    rows: np.ndarray
    columns: np.ndarray
    order: np.ndarray


def tile_members(
    shares: Sequence[np.ndarray], grids: Sequence[GeoBox], projection: Projection
) -> Iterator[tuple[GeoBox, list[Member]]]:
    """Each tile of the lattice of `projection` in which regions have pixels, with those pixels.

    `shares` (y, x) are the weights of a region's cells on its grid, which is cut from the lattice; cells above 0 are
    its pixels, numbered row by row.
    """
    found: dict[tuple[int, int, int], list[Member]] = defaultdict(list)
    lattice = Affine(*projection.transform)
    for region, (share, grid) in enumerate(zip(shares, grids, strict=True)):
        side = next((each for each in SIDES if max(grid.shape) <= each), SIDES[-1])
        left, top = (round(float(place)) for place in at(~lattice, grid.affine.c, grid.affine.f))
        rows, columns = np.nonzero(share > 0)
        rows, columns = rows + top, columns + left
        tiles = np.stack([rows // side, columns // side], axis=1)
        for tile in np.unique(tiles, axis=0):
            order = np.flatnonzero((tiles == tile).all(axis=1))
            member = Member(region, rows[order] % side, columns[order] % side, order)
            found[side, int(tile[0]), int(tile[1])].append(member)
    for (side, row, column), members in sorted(found.items(), key=lambda item: item[0]):
        corner = moved(lattice, column * side, row * side)
        yield GeoBox((side, side), corner, crs_of(projection.crs)), members
