"""Pixels of small regions, pulled in blocks of a fixed lattice that neighbours share.

A block is named by the digest of its expressions, its cells and its data set, not by a region. A region therefore has
the same pixels, to the last bit, whether it is pulled alone or after its neighbours; only the number of requests
changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox

from regions.grid import ORIGIN
from series.cubes.naming import Cube
from series.exclusive import exclusive

#: Side of a block, cells.
SIDE = 64
#: The values (image, y, x) of a block: the same cube on its grid, and the folder in which its pixels are kept.
Ask = Callable[[Cube, Path], np.ndarray]


def blocks_of(geobox: GeoBox) -> Iterator[tuple[GeoBox, tuple[slice, slice], tuple[slice, slice]]]:
    """The blocks that a grid touches: grid of the block, the window of it that is used, and where that lies."""
    cell = geobox.affine.a
    left, top = round((geobox.affine.c - ORIGIN[0]) / cell), round((ORIGIN[1] - geobox.affine.f) / cell)
    for row, rows, inner_rows in _cut(top, geobox.shape[0]):
        for column, columns, inner_columns in _cut(left, geobox.shape[1]):
            corner = Affine(cell, 0, ORIGIN[0] + column * SIDE * cell, 0, -cell, ORIGIN[1] - row * SIDE * cell)
            yield GeoBox((SIDE, SIDE), corner, geobox.crs), (inner_rows, inner_columns), (rows, columns)


def _cut(start: int, length: int) -> Iterator[tuple[int, slice, slice]]:
    """Number of each block along an axis, the cells of the grid in it, and the same cells counted in the block."""
    for block in range(start // SIDE, (start + length - 1) // SIDE + 1):
        first, last = max(start, block * SIDE), min(start + length, (block + 1) * SIDE)
        yield block, slice(first - start, last - start), slice(first - block * SIDE, last - block * SIDE)


def from_blocks(cube: Cube, parts: Sequence[int], folder: Path, ask: Ask) -> np.ndarray:
    """The values (image, y, x) of some parts of a cube, from blocks in `folder`; those that are missing are asked for.

    Of several threads or processes that want a block, one pulls it.
    """
    found: np.ndarray | None = None
    windows = (window for _, *window in blocks_of(cube.geobox))
    for (block, home), (inner, outer) in zip(block_names(cube, parts, folder), windows, strict=True):
        with exclusive(home):
            values = ask(block, home)
        if found is None:
            found = np.empty((len(values), *cube.geobox.shape), values.dtype)
        found[(slice(None), *outer)] = values[(slice(None), *inner)]
    assert found is not None
    return found


def block_names(cube: Cube, parts: Sequence[int], folder: Path) -> Iterator[tuple[Cube, Path]]:
    """The blocks that the grid of a cube touches, each as a cube on its own grid, and its folder for some parts."""
    for grid, _, _ in blocks_of(cube.geobox):
        block = cube.on(grid)
        yield block, folder / _name(block, parts)


def _name(block: Cube, parts: Sequence[int]) -> str:
    digests = block.stack.digests
    text = " ".join([block.base, *(digests[part] for part in parts)])
    return hashlib.sha256(text.encode()).hexdigest()[:24]
