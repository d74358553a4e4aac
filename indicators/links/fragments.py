"""Fragmentation: the effective mesh size, m = Σ A² / A_total, over all patches of natural land (Jaeger 2000).

It is the area of natural land that an animal can reach, on average, from a random point of the region: nothing where
the point is not natural. Patches are cells that share a side. A large map is cut into tiles: patches inside a tile are
summed there, and only those that touch its edges are joined across tiles, so that memory grows with the edges alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from indicators.errors import IndicatorError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class TilePatches:
    """The patches of a tile whose first cell is in row `top` and column `left` of the whole map.

    `squares`, `closed`: sum of squared areas (km⁴) and number of the patches that touch no edge of the tile; `open`:
    areas (km²) of those that do, and `edges` the number of the patch, from 1, at each cell of the top, bottom, left and
    right edge, 0 for none. `total`: area of all cells of the region that have a class.
    """

    top: int
    left: int
    shape: tuple[int, int]
    squares: float
    closed: int
    open: Floats
    edges: tuple[NDArray[np.int64], ...]
    total: float


def patches_of_tile(
    natural: NDArray[np.bool_], area: Floats, *, total: float, top: int = 0, left: int = 0
) -> TilePatches:
    """The patches of natural land in a tile.

    Parameters
    ----------
    natural
        Which cells (y, x) are natural land of the region.
    area
        Area (y, x) in km² of each cell inside the region.
    total
        Area in km² of all cells of the region that have a class.
    top, left
        Row and column of the first cell in the whole map.

    Returns
    -------
    TilePatches
        For `patches_of_tiles`.
    """
    numbers, count = label(natural)
    areas = np.bincount(numbers.ravel(), np.asarray(area, float).ravel(), count + 1)
    sides = (numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1])
    touching = np.unique(np.concatenate(sides))
    touching = touching[touching > 0]
    renumbered = np.zeros(count + 1, np.int64)
    renumbered[touching] = np.arange(1, len(touching) + 1)
    inner = np.ones(count + 1, bool)
    inner[0] = False
    inner[touching] = False
    return TilePatches(
        top,
        left,
        (int(natural.shape[0]), int(natural.shape[1])),
        float((areas[inner] ** 2).sum()),
        int(inner.sum()),
        areas[touching],
        tuple(renumbered[side] for side in sides),
        float(total),
    )


def patches_of_tiles(tiles: Sequence[TilePatches]) -> tuple[float, int, float]:
    """The patches of a map from those of its tiles.

    Returns
    -------
    tuple
        Sum of squared areas of the patches (km⁴), their number, and the total area (km²). They do not depend on how the
        map is cut.
    """
    first = np.cumsum([0, *(len(each.open) for each in tiles)])
    parent = np.arange(first[-1])
    by_corner = {(each.top, each.left): number for number, each in enumerate(tiles)}
    for number, each in enumerate(tiles):
        below = by_corner.get((each.top + each.shape[0], each.left))
        beside = by_corner.get((each.top, each.left + each.shape[1]))
        for other, mine, its in ((below, 1, 0), (beside, 3, 2)):
            if other is not None:
                _join(parent, each.edges[mine], tiles[other].edges[its], int(first[number]), int(first[other]))
    roots = np.array([_root(parent, each) for each in range(len(parent))], int)
    areas = np.bincount(roots, np.concatenate([each.open for each in tiles]) if tiles else [], len(parent))
    squares = sum(each.squares for each in tiles) + float((areas**2).sum())
    return squares, sum(each.closed for each in tiles) + len(np.unique(roots)), sum(each.total for each in tiles)


def _join(parent: NDArray[np.int64], one: NDArray[np.int64], other: NDArray[np.int64], base: int, its: int) -> None:
    """Join the patches at both sides of an edge."""
    both = (one > 0) & (other > 0)
    for mine, yours in {*zip((one[both] - 1 + base).tolist(), (other[both] - 1 + its).tolist(), strict=True)}:
        parent[_root(parent, mine)] = _root(parent, yours)


def _root(parent: NDArray[np.int64], patch: int) -> int:
    while parent[patch] != patch:
        parent[patch] = parent[parent[patch]]
        patch = int(parent[patch])
    return patch


def effective_mesh_size(squares: float, total: float) -> float:
    """Effective mesh size of a landscape.

    Parameters
    ----------
    squares
        Sum of the squared areas of the patches, km⁴.
    total
        Area of the whole landscape, natural or not, km².

    Returns
    -------
    float
        km²; between 0 (no natural land) and `total` (one patch that fills it).

    Raises
    ------
    IndicatorError
        The landscape has no area.

    References
    ----------
    Jaeger (2000), Landscape Ecology 15, doi:10.1023/A:1008129329289. The outline of the region cuts patches.

    Examples
    --------
    A road that cuts 100 km² of steppe in two halves halves the mesh.

    >>> effective_mesh_size(100.0**2, 100), effective_mesh_size(2 * 50.0**2, 100)
    (100.0, 50.0)
    """
    if not total > 0:
        raise IndicatorError(f"effective mesh size: the landscape has {total:g} km²; give an area above 0")
    return squares / total
