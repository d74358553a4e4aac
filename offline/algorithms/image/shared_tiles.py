"""Tiles of a lattice that regions share: which pixels of which region lie in each, and what they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox

from offline.model.grids import at, crs_of, moved
from offline.model.image import Image, forget
from offline.model.values import Projection

#: Values and masks (n) of every band, and the weights (n), of the pixels in a region.
RegionPixels = tuple[list[np.ndarray], list[np.ndarray], np.ndarray]
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
    members_of: dict[tuple[int, int, int], list[Member]] = defaultdict(list)
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
            members_of[side, int(tile[0]), int(tile[1])].append(member)
    for (side, row, column), members in sorted(members_of.items(), key=lambda item: item[0]):
        corner = moved(lattice, column * side, row * side)
        yield GeoBox((side, side), corner, crs_of(projection.crs)), members


def shared_pixels(
    image: Image, shares: Iterable[np.ndarray], grids: Sequence[GeoBox], projection: Projection
) -> Iterator[RegionPixels]:
    """The pixels of each region, row by row, each tile of the lattice read once for all regions that touch it.

    `shares` and `grids` as for `tile_members`. The tiles follow from the lattice and the size of a region alone: a
    region has the same pixels beside others.
    """
    shares = list(shares)
    values: list[list[list[np.ndarray]]] = [[[] for _ in image.bands] for _ in grids]
    masks: list[list[list[np.ndarray]]] = [[[] for _ in image.bands] for _ in grids]
    orders: list[list[np.ndarray]] = [[np.zeros(0, int)] for _ in grids]
    for tile, members in tile_members(shares, grids, projection):
        for index, band in enumerate(image.bands):
            value, mask = band.pixels(tile)
            for member in members:
                values[member.region][index].append(value[member.rows, member.columns])
                masks[member.region][index].append(mask[member.rows, member.columns])
        for member in members:
            orders[member.region].append(member.order)
        forget()
    for number, share in enumerate(shares):
        back = np.argsort(np.concatenate(orders[number]), kind="stable")
        yield (
            [_joined(each)[back] for each in values[number]],
            [_joined(each)[back].astype(float) for each in masks[number]],
            share[share > 0],
        )
        values[number].clear()
        masks[number].clear()


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    return np.concatenate(parts) if parts else np.zeros(0)
