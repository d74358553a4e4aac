"""Distances from every pixel to the nearest one that is not zero."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from odc.geo.geobox import GeoBox
from scipy.ndimage import distance_transform_cdt, distance_transform_edt

from offline.algorithms.neighbourhood.kernels import Kernel
from offline.algorithms.neighbourhood.neighbourhoods import cell_metres, padded
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.image import Band, Image, Pixels, kept_properties
from offline.model.values import FLOAT

Array = np.ndarray


def _by_steps(metric: str) -> Callable[[Array], Array]:
    def distances(zero: Array) -> Array:
        return np.asarray(distance_transform_cdt(zero, metric), float)

    return distances


def _straight(zero: Array) -> Array:
    return np.asarray(distance_transform_edt(zero))


#: Distance in pixels to the nearest pixel that is False.
METRICS: dict[str, Callable[[Array], Array]] = {
    "euclidean": _straight,
    "manhattan": _by_steps("taxicab"),
    "chebyshev": _by_steps("chessboard"),
}


def nearest(band: Band, grid: GeoBox, reach: int, metric: str) -> tuple[Array, Array, Array]:
    """Distance in pixels to the nearest pixel that is neither zero nor masked, where there is one, and the own mask.

    Pixels up to `reach` cells away are searched.
    """
    values, mask = band.pixels(padded(grid, reach, reach, reach, reach))
    zero = (values == 0) | (mask == 0)
    inner = (slice(reach, reach + grid.shape[0]), slice(reach, reach + grid.shape[1]))
    own = np.broadcast_to(mask, values.shape)[inner]
    if zero.all():
        return np.zeros(tuple(grid.shape)), np.zeros(tuple(grid.shape), bool), own
    return METRICS[metric](zero)[inner], np.ones(tuple(grid.shape), bool), own


@algorithm("Image.distance")
def distance(image: Image, kernel: Kernel | None, skip_masked: bool) -> Image:
    """Distance to the nearest pixel that is not zero, band by band, in the kernel's units.

    Pixels farther away than the radius of the kernel are masked. Raises EngineError for a kernel that is none of
    distances.
    """
    if kernel is None or kernel.metric is None or kernel.reach is None:
        raise EngineError(
            "Image.distance: 'kernel' must be a kernel of distances: ee.Kernel.euclidean, manhattan or chebyshev."
        )
    metric, limit = kernel.metric, kernel.reach

    def measured(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            cell = cell_metres(grid)
            weights = kernel.weights(cell)
            reach = weights.shape[0] // 2
            step = float(weights[reach, reach + 1]) if reach else 1.0
            distance, known, own = nearest(band, grid, reach, metric)
            near = known & (distance * step <= limit(cell) * (1 + 1e-9))
            return distance * step, np.where(near, own if skip_masked else 1, 0)

        return replace(band, type=FLOAT, function=pixels, resampled=None)

    return Image(tuple(map(measured, image.bands)), kept_properties(image), footprint=image.footprint)


@algorithm("Image.fastDistanceTransform")
def distance_transform(image: Image, neighbourhood: int, units: str, metric: str) -> Image:
    """Distance in pixels (squared for `squared_euclidean`) to the nearest pixel that is not zero.

    Looks `neighbourhood` / 2 pixels far; what has nothing in reach is masked. A masked pixel counts as zero.
    """
    if units != "pixels":
        raise EngineError("Image.fastDistanceTransform: units must be 'pixels'.")
    known = {"squared_euclidean": "euclidean", "manhattan": "manhattan", "chebyshev": "chebyshev"}
    if metric not in known:
        raise EngineError(f"Image.fastDistanceTransform: metric '{metric}' is not one of {', '.join(known)}.")
    reach = max(1, int(neighbourhood) // 2)
    source = image.bands[0]

    def pixels(grid: GeoBox) -> Pixels:
        distance, there, _ = nearest(source, grid, reach, known[metric])
        return (distance**2 if metric == "squared_euclidean" else distance), there & (distance <= reach)

    return Image((Band("distance", FLOAT, pixels, source.projection, source.shape),), kept_properties(image))
