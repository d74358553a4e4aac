"""Patches of like pixels: numbered, reduced as a whole; and the cheapest way to the nearest source.

All of it looks as far beyond the request's grid as the arguments allow, so that no result depends on the tile.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from scipy.ndimage import distance_transform_edt, find_objects, label
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from offline.algorithms.neighbourhood.kernels import Kernel
from offline.algorithms.neighbourhood.neighbourhoods import cell_metres, padded
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.image import Band, Image, Pixels, in_time, kept_properties
from offline.model.pixel_types import result_type
from offline.model.values import DOUBLE, PixelType, Reducer, first_weights

Array = np.ndarray
MOST_REACH, MOST_CELLS = 1024, 2 * 10**7
LABELS = PixelType("int", 0, 2**62)


def numbered(values: Array, mask: Array, joins: Array | None) -> tuple[Array, int]:
    """Patches of equal values that are not masked, 1 to n, and n."""
    numbers, count = np.zeros(values.shape, np.int64), 0
    for value in np.unique(values[mask > 0]):
        in_time()
        pieces, more = label((values == value) & (mask > 0), joins)
        numbers += np.where(pieces > 0, pieces + count, 0)
        count += more
    return numbers, count


def inner(reach: int, grid: GeoBox) -> tuple[slice, slice]:
    """The grid inside the one that is padded by `reach`."""
    return slice(reach, reach + grid.shape[0]), slice(reach, reach + grid.shape[1])


def reach_of(size: float, name: str) -> int:
    """A whole number of pixels. Raises EngineError beyond what is allowed."""
    if not 0 < size <= MOST_REACH:
        raise EngineError(f"{name}: maxSize must be 1 to {MOST_REACH}, not {size:g}.")
    return int(size)


@algorithm("Image.connectedComponents")
def connected_components(image: Image, connectedness: Kernel, largest: int) -> Image:
    """The bands and `labels`: a number for each patch of equal values of the first band.

    Patches of more than `largest` pixels are masked. A label follows from where the patch begins on the request's grid,
    counted from the origin of its projection, so that tiles agree.
    """
    reach = reach_of(largest, "Image.connectedComponents")
    if not image.bands:
        raise EngineError("Image.connectedComponents: the image has no bands.")
    first = image.bands[0]

    def labels(grid: GeoBox) -> Pixels:
        around = padded(grid, reach, reach, reach, reach)
        values, mask = first.pixels(around)
        joins = (connectedness.weights(cell_metres(grid)) != 0).astype(int)
        if joins.shape != (3, 3):
            raise EngineError("Image.connectedComponents: 'connectedness' must be a kernel of 3 by 3 pixels.")
        numbers, count = numbered(values, mask, joins)
        sizes = np.bincount(numbers.ravel(), minlength=count + 1)
        starts = np.full(count + 1, -1)
        flat = numbers.ravel()
        starts[flat[::-1]] = np.arange(flat.size)[::-1]
        row, column = np.divmod(starts, values.shape[1])
        a, _, west, _, e, north = tuple(around.affine)[:6]
        at = [(np.round(origin / size).astype(np.int64) + place) % 2**30 for origin, size, place in (
            (west, a, column), (north, e, row))]  # fmt: skip
        named = (at[1] << 30) + at[0]
        part = numbers[inner(reach, grid)]
        return named[part], np.where((part > 0) & (sizes[part] <= reach), mask[inner(reach, grid)], 0)

    def kept(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            values, mask = band.pixels(grid)
            return values, np.minimum(mask, labels(grid)[1])

        return replace(band, function=pixels, resampled=None)

    label_band = Band("labels", LABELS, labels, first.projection, first.shape)
    return Image((*map(kept, image.bands), label_band), kept_properties(image), footprint=image.footprint)


@algorithm("Image.reduceConnectedComponents")
def reduce_components(image: Image, reducer: Reducer, label_band: str | None, largest: int) -> Image:
    """Every pixel with the reduction over its patch: pixels that touch (also by corners) and have one label.

    Patches that are wider or higher than `largest` pixels are masked. Bands other than the labels are reduced.
    """
    name = "Image.reduceConnectedComponents"
    reach = reach_of(largest, name)
    if len(image.bands) < 2 or reducer.inputs != 1 or len(reducer.outputs) != 1:
        raise EngineError(f"{name}: needs a band of labels, others, and a reducer of one input and one output.")
    wanted = image.names[-1] if label_band is None else label_band
    if wanted not in image.names:
        raise EngineError(f"{name}: there is no band '{wanted}'.")
    labels = image.bands[image.names.index(wanted)]

    def reduced(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            around = padded(grid, reach, reach, reach, reach)
            label_values, label_mask = labels.pixels(around)
            numbers, count = numbered(label_values, label_mask, np.ones((3, 3), int))
            values, mask = band.pixels(around)
            results, known = np.zeros(count + 1), np.zeros(count + 1, bool)
            part = numbers[inner(reach, grid)]
            boxes = find_objects(numbers)
            for number in np.unique(part[part > 0]):
                in_time()
                where = boxes[number - 1]
                if max(each.stop - each.start for each in where) > reach:
                    continue
                own = numbers[where] == number
                weights = np.broadcast_to(mask, values.shape)[where][own].astype(float)
                value, defined = reducer.reduce([values[where][own]], first_weights(reducer, weights))[0]
                results[number], known[number] = (value if np.all(defined) else 0), np.all(defined)
            return results[part], known[part].astype(np.float32)

        return replace(band, type=result_type(reducer, band.type), function=pixels, resampled=None)

    made = tuple(reduced(band) for band in image.bands if band is not labels)
    return Image(made, kept_properties(image), footprint=image.footprint)


@algorithm("Image.cumulativeCost")
def cumulative_cost(cost: Image, source: Image, farthest: float, _geodetic: bool) -> Image:
    """Band `cumulative_cost`: the least sum over ways to a pixel of `source` that is not zero, of metres times cost.

    A step goes to one of eight neighbours and costs the mean of both pixels; masked and negative costs block the way.
    Ways are no longer than `farthest` metres as the crow flies; what none reaches is masked.
    """
    name = "Image.cumulativeCost"
    if not cost.bands or not source.bands or not farthest > 0:
        raise EngineError(f"{name}: needs a band of costs, one of sources, and a maxDistance above 0.")

    def pixels(grid: GeoBox) -> Pixels:
        side = cell_metres(grid)
        reach = int(np.ceil(farthest / side)) + 1
        around = padded(grid, reach, reach, reach, reach)
        if around.shape[0] * around.shape[1] > MOST_CELLS:
            raise EngineError(f"{name}: more than {MOST_CELLS} pixels within maxDistance; use a larger scale.")
        values, mask = cost.bands[0].pixels(around)
        started, start_mask = source.bands[0].pixels(around)
        prices = np.where((mask > 0) & (values >= 0), values, np.inf).astype(float)
        costs = spread(prices, (started != 0) & (start_mask > 0) & np.isfinite(prices), side, farthest)
        costs = costs[inner(reach, grid)]
        return np.where(np.isfinite(costs), costs, 0), np.isfinite(costs)

    band = Band("cumulative_cost", DOUBLE, pixels, cost.bands[0].projection, cost.bands[0].shape)
    return Image((band,), kept_properties(cost), footprint=cost.footprint)


def spread(prices: Array, starts: Array, side: float, farthest: float) -> Array:
    """Least costs from the starts (y, x), infinite where there is no way; Dijkstra over the eight neighbours."""
    if not starts.any():
        return np.full(prices.shape, np.inf)
    near = np.asarray(distance_transform_edt(~starts)) * side <= farthest
    index = np.arange(prices.size).reshape(prices.shape)
    ends: list[tuple[Any, Any, Any]] = []
    for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
        a = (slice(None, -down or None), slice(max(-right, 0), -max(right, 0) or None))
        b = (slice(down, None), slice(max(right, 0), -max(-right, 0) or None))
        step = (prices[a] + prices[b]) / 2 * side * np.hypot(down, right)
        usable = np.isfinite(step) & near[a] & near[b]
        # A way that costs nothing is a way: zero would mean that there is none.
        ends.append((index[a][usable], index[b][usable], np.maximum(step[usable], 1e-12)))
    rows, columns, steps = (np.concatenate(each) for each in zip(*ends, strict=True))
    graph = coo_array((steps, (rows, columns)), shape=(prices.size, prices.size)).tocsr()
    in_time()
    costs = dijkstra(graph, directed=False, indices=np.flatnonzero(starts), min_only=True)
    return np.asarray(costs).reshape(prices.shape)
