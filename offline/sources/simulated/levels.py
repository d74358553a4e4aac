"""Levels of pyramids over the landscape: each of their pixels is computed from native pixels of its block.

Those are all of them up to 4 × 4, and beyond that 4 × 4 in even steps, so that the cost of a coarse pixel is bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox

from offline.landscape import Layout, Scene, World, of_points
from offline.landscape.points import Points, projected
from offline.landscape.points import at as located
from offline.model.assets import Policy
from offline.model.grids import EDGE, at, centres, crs_of, cut
from offline.model.image import in_time
from offline.model.pyramids import coarseness, coarser, level_of, raised
from offline.model.values import WGS84
from offline.sources.simulated.spec import Grid, Pixels, StoredBand

#: Native pixels along a side of a coarse pixel that it is computed from, at most; a power of 2.
ACROSS = 4
#: Native pixels that are computed together.
AT_ONCE = 2**20

Stored = Callable[[Scene], tuple[NDArray[Any], NDArray[np.bool_]]]
"""scene → values in the stored type, and where they are valid"""


def level_for(native: Grid, grid: GeoBox) -> int:
    """The level of a native grid's pyramid that the cells of a request read."""
    return level_of(coarseness(native.crs, Affine(*native.transform), grid))


def coarse(
    stored: Stored,
    band: StoredBand,
    native: Grid,
    level: int,
    grid: GeoBox,
    seed: int,
    layout: Layout,
    world: World | str,
) -> Pixels:
    """Values of the coarse pixel under each centre of a grid, in the stored type, and their masks (0..1)."""
    places = offsets(level, band.pyramiding)
    values, masks = np.zeros(tuple(grid.shape), band.dtype), np.zeros(tuple(grid.shape), np.float32)
    side = int(AT_ONCE**0.5) // len(places)
    for top, left, piece in cut(grid, side, side):
        in_time()
        points = partial(native_points, native, level, piece, places)
        weight = piece.shape[0] * piece.shape[1] * len(places) ** 2
        scene = of_points((piece, native, level, len(places)), points, weight, seed, layout, world)
        found, shares = raised(*stored(scene), len(places).bit_length() - 1, band.pyramiding)
        where = np.s_[top : top + piece.shape[0], left : left + piece.shape[1]]
        values[where] = found if values.dtype.kind == "f" else np.rint(found)
        masks[where] = shares
    return values, masks


def offsets(level: int, policy: Policy) -> NDArray[np.int64]:
    """Columns, and rows, of the native pixels of a block that its coarse pixel is computed from."""
    if policy == "SAMPLE":
        return np.zeros(1, np.int64)
    step = max(2**level // ACROSS, 1)
    return np.arange(step // 2, 2**level, step)


def native_points(native: Grid, level: int, grid: GeoBox, places: NDArray[np.int64]) -> Points:
    """Centres of native pixels: for each cell of a grid those of its coarse pixel at `places`, in rows and columns."""
    assert grid.crs is not None
    transform = Affine(*native.transform)
    degrees = native.crs == WGS84
    x, y = centres(grid, native.crs)
    if degrees:
        x = np.mod(x - transform.c, 360.0) + transform.c
    column, row = (np.floor(each + EDGE) * 2**level for each in at(~coarser(transform, level), x, y))
    if degrees and grid.crs.epsg == 4326 and grid.affine.b == grid.affine.d == 0:
        # a row and a column of coordinates are enough
        column, row = column[:1], row[:, :1]
    else:
        column, row = column.repeat(len(places), axis=0), row.repeat(len(places), axis=1)
    column = column.repeat(len(places), axis=1) + np.tile(places, column.shape[1])
    row = row.repeat(len(places), axis=0) + np.tile(places, row.shape[0])[:, None]
    x, y = at(transform, column + 0.5, row + 0.5)
    return located(x, y) if degrees else projected(crs_of(native.crs), x, y)
