"""Reading an image at a coarser resolution with a reducer of one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.grids import at, crs_of, cut, moved
from offline.model.image import Band, Image, Pixels, kept_properties
from offline.model.pixel_types import result_type
from offline.model.values import Projection, Reducer, first_weights

Array = np.ndarray

#: Pixels that are always read in one step, and the most that ever are.
FEW, MANY = 100_000, 4_000_000
#: Pixels that all cells of a request may need.
ALL = 100_000_000
#: The window of a grid that lies aslant to its pixels may have so many times those that its cells need.
WASTE = 4


@algorithm("Image.reduceResolution")
def reduce_resolution(image: Image, reducer: Reducer, best_effort: bool, max_pixels: int) -> Image:
    """An image that, read on coarser cells, gives the reducer over its own pixels in each, weighted by their share.

    Raises EngineError if bands have no cells of their own, and when more than `max_pixels` meet in a cell.
    """
    if reducer.inputs > 1 and reducer.inputs != len(image.bands):
        raise EngineError(
            f"Image.reduceResolution: the reducer takes {reducer.inputs} inputs, "
            f"the image has {len(image.bands)} bands."
        )
    groups = [list(image.bands)] if reducer.inputs > 1 else [[band] for band in image.bands]
    bands = [made for group in groups for made in _coarse(group, reducer, int(max_pixels), best_effort=best_effort)]
    return Image(tuple(bands), kept_properties(image), footprint=image.footprint)


def _coarse(group: list[Band], reducer: Reducer, most: int, *, best_effort: bool) -> list[Band]:
    def outputs(grid: GeoBox) -> list[tuple[Any, Any]]:
        edges = boxes(grid, group[0].projection)
        steps = met(*edges, most, best_effort=best_effort)
        if grid.shape != (1, 1) and too_wide(*edges):
            return in_halves(outputs, grid)
        stacked, masks, shares = gathered(group, edges, *steps)
        weights = np.minimum.reduce(masks) * shares
        return reducer.reduce(stacked, first_weights(reducer, weights))

    def one(index: int) -> Callable[[GeoBox], Pixels]:
        def pixels(grid: GeoBox) -> Pixels:
            values, defined = outputs(grid)[index]
            return np.where(defined, values, 0), np.asarray(defined, np.float32)

        return pixels

    first = group[0]
    if reducer.inputs > 1:
        names = list(reducer.outputs)
    elif len(reducer.outputs) == 1:
        names = [first.name]
    else:
        names = [f"{first.name}_{output}" for output in reducer.outputs]
    kind = result_type(reducer, first.type)
    return [
        replace(first, name=name, type=kind, function=one(index), resampled=None) for index, name in enumerate(names)
    ]


def too_wide(left: Array, top: Array, right: Array, bottom: Array) -> bool:
    """Whether the cells should be processed in parts, given the number of pixels in the window around them."""
    window = (right.max() - left.min()) * (bottom.max() - top.min())
    needed = ((right - left) * (bottom - top)).sum()
    return bool(window > max(FEW, min(MANY, WASTE * needed)))


def in_halves(outputs: Callable[[GeoBox], list[tuple[Any, Any]]], grid: GeoBox) -> list[tuple[Any, Any]]:
    """What `outputs` gives for a grid, asked for the halves of its longer side."""
    height, width = grid.shape
    axis = 0 if height >= width else 1
    rows, columns = ((height + 1) // 2, width) if axis == 0 else (height, (width + 1) // 2)
    halves = [outputs(half) for _, _, half in cut(grid, rows, columns)]
    return [
        (np.concatenate([v for v, _ in parts], axis), np.concatenate([m for _, m in parts], axis))
        for parts in zip(*halves, strict=True)
    ]


def met(left: Array, top: Array, right: Array, bottom: Array, most: int, *, best_effort: bool) -> tuple[int, int]:
    """How many pixels a cell meets at most across and down.

    Raises EngineError for more than `most`, for more of them than can be read for all cells, and for cells that have no
    place in the plane of the pixels.
    """
    needed = ((right - left) * (bottom - top)).sum()
    if not np.isfinite(needed):
        raise EngineError("Image.reduceResolution: some cells lie outside of the image's projection.")
    across, down = int(np.ceil((right - left).max() - 1e-6)), int(np.ceil((bottom - top).max() - 1e-6))
    # A box that is not aligned with the pixels meets one more of them each way.
    aligned = all(np.abs(edge - np.rint(edge)).max() < 1e-6 for edge in (left, top))
    across, down = (across, down) if aligned else (across + 1, down + 1)
    if across * down > most:
        raise EngineError(
            f"Image.reduceResolution: Too many input pixels per output pixel: {across * down}; maxPixels allows {most}."
            + (" bestEffort is not supported by the offline engine." if best_effort else "")
        )
    if needed > ALL:
        raise EngineError("Reprojection output too large. Use a larger scale or a smaller region.")
    return across, down


def gathered(
    group: list[Band], edges: tuple[Array, Array, Array, Array], across: int, down: int
) -> tuple[list[Array], list[Array], Array]:
    """For every cell of a grid its own pixels (n, y, x) of each band, their masks, and the share of each in the cell.

    The cell is taken as the box around it in the plane of the pixels: `edges`, as `boxes` gives them; it meets so many
    pixels `across` and `down` at most.
    """
    projection = group[0].projection
    left, top, right, bottom = edges
    column, row = np.floor(left + 1e-6).astype(int), np.floor(top + 1e-6).astype(int)
    west, north = int(column.min()), int(row.min())
    shape = (int(row.max()) - north + down, int(column.max()) - west + across)
    window = GeoBox(shape, moved(Affine(*projection.transform), west, north), crs_of(projection.crs))
    pixels = [band.pixels(window) for band in group]
    steps = [(i, j) for i in range(down) for j in range(across)]
    index = [(row + i - north, column + j - west) for i, j in steps]
    shares = [
        overlap(left, right, column + j) * overlap(top, bottom, row + i) / ((right - left) * (bottom - top))
        for i, j in steps
    ]
    return (
        [np.stack([values[slice_] for slice_ in index]) for values, _ in pixels],
        [np.stack([mask[slice_] for slice_ in index]).astype(float) for _, mask in pixels],
        np.stack(shares),
    )


def overlap(low: Array, high: Array, cell: Array) -> Array:
    """Length of the part of [low, high] in the cell from `cell` to `cell` + 1."""
    length = np.clip(np.minimum(high, cell + 1) - np.maximum(low, cell), 0, None)
    return np.where(length < 1e-6, 0, length)


def boxes(grid: GeoBox, projection: Projection) -> tuple[Array, Array, Array, Array]:
    """Left, top, right, bottom (y, x) of the cells of `grid`, counted in the pixels of a projection."""
    rows, columns = np.indices((grid.shape[0] + 1, grid.shape[1] + 1)).astype(float)
    x, y = at(grid.affine, columns, rows)
    crs = crs_of(projection.crs)
    if str(grid.crs) != crs:
        x, y = Transformer.from_crs(str(grid.crs), crs, always_xy=True).transform(x, y)
    column, row = at(~Affine(*projection.transform), x, y)
    parts = [np.s_[:-1, :-1], np.s_[:-1, 1:], np.s_[1:, :-1], np.s_[1:, 1:]]
    across, down = np.stack([column[part] for part in parts]), np.stack([row[part] for part in parts])
    return across.min(0), down.min(0), across.max(0), down.max(0)
