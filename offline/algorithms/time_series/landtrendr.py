"""`TemporalSegmentation.LandTrendr` and `LandTrendrFit`: segments of yearly series as images of arrays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox

from offline.algorithms.image.array_images import series
from offline.algorithms.neighbourhood.segments import dampened, segmented, traced
from offline.errors import EngineError
from offline.graph.registry import algorithm
from offline.model.array_pixels import with_axes
from offline.model.collection import Collection
from offline.model.image import Band, Image, Pixels, in_time, remembered
from offline.model.values import DEFAULT_PROJECTION, DOUBLE, Date

Array = np.ndarray


def ordered(collection: Collection, name: str) -> tuple[list[list[Band]], Array]:
    """The bands of each image and its year, oldest first. Raises EngineError if years are missing or twice."""
    images: list[Image] = collection.elements()
    if not images or len({tuple(image.names) for image in images}) != 1 or not images[0].bands:
        raise EngineError(f"{name}: 'timeSeries' must hold images, all with the same bands.")
    times = [image.properties.get("system:time_start") for image in images]
    if any(not isinstance(time, (int, float)) for time in times):
        raise EngineError(f"{name}: every image of 'timeSeries' needs 'system:time_start'.")
    years = np.array([Date(int(time)).moment.year for time in times if time is not None], float)
    if len(set(years)) != len(years):
        raise EngineError(f"{name}: 'timeSeries' has two images of one year; make one composite a year.")
    order = np.argsort(years)
    return [list(images[n].bands) for n in order], years[order]


@algorithm("TemporalSegmentation.LandTrendr")
def land_trendr(
    collection: Collection,
    most_segments: int,
    spike: float,
    overshoot: int,
    not_in_a_year: bool,
    recovery: float,
    p_most: float,
    proportion: float,
    least_years: int,
) -> Image:
    """Bands `LandTrendr` (rows: year, source, fitted, whether a vertex), `rmse`, and `X_fit` of each further band X.

    The first band is segmented. Pixels with fewer than `least_years` years are masked.
    """
    name = "TemporalSegmentation.LandTrendr"
    groups, years = ordered(collection, name)
    if not 0 < most_segments <= 100 or overshoot < 0:
        raise EngineError(f"{name}: maxSegments {most_segments} must be 1 to 100, vertexCountOvershoot at least 0.")
    choices: dict[str, Any] = {
        "most_segments": int(most_segments), "spike": spike, "overshoot": int(overshoot), "recovery": recovery,
        "not_in_a_year": bool(not_in_a_year), "p_most": p_most, "proportion": proportion,
    }  # fmt: skip
    least = max(int(least_years), 3)

    def every(grid: GeoBox) -> tuple[list[Array], Array]:
        values, valid = series(groups, grid, whole=True)
        shape = values.shape[2:]
        mask = valid[:, 0].sum(axis=0) >= least
        made: list[Array] = [np.empty(shape, object), np.zeros(shape)]
        made += [np.empty(shape, object) for _ in groups[0][1:]]
        for number, (row, column) in enumerate(np.argwhere(mask)):
            if number % 64 == 0:
                in_time()
            here = valid[:, 0, row, column]
            source = values[here][:, :, row, column].astype(float)
            marks, fitted = segmented(years[here], source[:, 0], **choices)
            made[0][row, column] = np.stack([years[here], source[:, 0], fitted, marks.astype(float)])
            made[1][row, column] = np.sqrt(np.mean((source[:, 0] - fitted) ** 2))
            for index in range(1, source.shape[1]):
                smooth = dampened(source[:, index], spike)
                made[index + 1][row, column] = traced(years[here], smooth, marks)
        return made, mask

    names = ["LandTrendr", "rmse", *(f"{band.name}_fit" for band in groups[0][1:])]
    return _together(names, [2, 0, *[1] * (len(names) - 2)], every)


@algorithm("TemporalSegmentation.LandTrendrFit")
def land_trendr_fit(collection: Collection, vertices: Image, spike: float, least_years: int) -> Image:
    """Every band fitted by segments between the years of `vertices` (an array in each pixel): `X_fit` of each X."""
    name = "TemporalSegmentation.LandTrendrFit"
    groups, years = ordered(collection, name)
    if len(vertices.bands) != 1 or vertices.bands[0].type.dimensions != 1:
        raise EngineError(f"{name}: 'vertices' must have one band of arrays of one axis.")

    def every(grid: GeoBox) -> tuple[list[Array], Array]:
        values, valid = series(groups, grid, whole=True)
        corners, known = vertices.bands[0].pixels(grid)
        mask = (valid[:, 0].sum(axis=0) >= max(int(least_years), 3)) & (known > 0)
        made = [np.empty(mask.shape, object) for _ in groups[0]]
        for row, column in np.argwhere(mask):
            in_time()
            here = valid[:, 0, row, column]
            inner = np.searchsorted(years[here], np.asarray(corners[row, column], float))
            marks = np.zeros(here.sum(), bool)
            marks[[0, -1, *np.clip(inner, 0, marks.size - 1)]] = True
            for index, each in enumerate(made):
                smooth = dampened(values[here, index, row, column].astype(float), spike)
                each[row, column] = traced(years[here], smooth, marks)
        return made, mask

    names = [f"{band.name}_fit" for band in groups[0]]
    return _together(names, [1] * len(names), every)


def _together(names: list[str], axes: list[int], every: Callable[[GeoBox], tuple[list[Array], Array]]) -> Image:
    """Bands that are computed together, with one mask, and kept for the request; in the order of their names."""

    def whole(grid: GeoBox) -> Pixels:
        results, mask = every(grid)
        # An array of arrays, also where all are of one shape.
        return np.array([*results, None], object)[:-1], mask

    def one(index: int, grid: GeoBox) -> Pixels:
        results, mask = remembered(whole, grid)
        return results[index], mask

    return Image(
        tuple(
            Band(name, with_axes(DOUBLE, axes[index]), partial(one, index), DEFAULT_PROJECTION)
            for index, name in enumerate(names)
        )
    )
