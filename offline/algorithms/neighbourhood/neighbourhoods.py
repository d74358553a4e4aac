"""What a pixel's neighbours tell: convolution, focal filters, reducers over a kernel, distances.

Neighbourhoods are taken on the grid of the request, as Earth Engine does: pixels are read a kernel's reach beyond it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from scipy.ndimage import label

from offline.algorithms.neighbourhood.kernels import SHAPES, Kernel, shaped
from offline.algorithms.reducer.reducers import SIMPLE, extreme_reducer, make_median
from offline.errors import EngineError
from offline.graph.registry import add, algorithm
from offline.model.grids import METRES_PER_DEGREE, is_geographic, moved
from offline.model.image import Band, Image, Pixels, in_time, kept_properties
from offline.model.pixel_types import CHOOSING, result_type
from offline.model.values import DOUBLE, FLOAT, PixelType, Reducer, first_weights

Array = np.ndarray
MOST_ITERATIONS = 100
#: Values of a neighbourhood in memory at the same time.
AT_ONCE = 2 * 10**7
#: Pixels of one band, a grid and all that its neighbourhoods reach.
MOST_PIXELS = 2 * 10**7


def cell_metres(grid: GeoBox) -> float:
    """Side of a cell in metres, as Earth Engine takes it for kernels: that of the projection at its true scale."""
    a, b, _, d, e, _ = tuple(grid.affine)[:6]
    side = float(np.sqrt(abs(a * e - b * d)))
    return side * METRES_PER_DEGREE if is_geographic(str(grid.crs)) else side


def padded(grid: GeoBox, left: int, top: int, right: int, bottom: int) -> GeoBox:
    """The grid with more cells around it. Raises EngineError if they are too many, as of filters of filters."""
    height, width = grid.shape[0] + top + bottom, grid.shape[1] + left + right
    if height * width > MOST_PIXELS:
        raise EngineError(
            f"Neighborhoods reach over {width} x {height} pixels; the offline engine reads {MOST_PIXELS} at most. Use "
            f"a smaller kernel, fewer iterations or a larger scale."
        )
    return GeoBox((height, width), moved(grid.affine, -left, -top), grid.crs)


class Window:
    """The pixels of some bands around every cell of a grid, one neighbour after the other.

    `turned` lays the kernel down turned by 180°, as a convolution does.
    """

    def __init__(self, bands: list[Band], kernel: Kernel, grid: GeoBox, *, turned: bool = False) -> None:
        self.weights = kernel.weights(cell_metres(grid))
        self.x, self.y = kernel.centre(self.weights)
        rows, columns = self.weights.shape
        if turned:
            self.weights = self.weights[::-1, ::-1]
            self.x, self.y = columns - 1 - self.x, rows - 1 - self.y
        self.height, self.width = grid.shape
        around = padded(grid, self.x, self.y, columns - 1 - self.x, rows - 1 - self.y)
        self.pixels = [band.pixels(around) for band in bands]

    def at(self, array: Array, row: int, column: int) -> Array:
        """What lies (row, column) cells into the kernel, seen from every cell."""
        return array[row : row + self.height, column : column + self.width]

    def centre(self, array: Array) -> Array:
        """The cells themselves."""
        return self.at(array, self.y, self.x)

    def places(self) -> list[tuple[int, int]]:
        """(row, column) of the weights that are not zero."""
        return [(int(row), int(column)) for row, column in np.argwhere(self.weights != 0)]


@algorithm("Image.convolve")
def convolve(image: Image, kernel: Kernel) -> Image:
    """Sum of the neighbours' values times the kernel turned by 180°, masked neighbours counting nothing.

    What is masked itself stays masked. Earth Engine does not document the masks of a convolution.
    """

    def convolved(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            window = Window([band], kernel, grid, turned=True)
            values, mask = window.pixels[0]
            total = np.zeros(tuple(grid.shape))
            for row, column in window.places():
                in_time()
                part = window.at(values, row, column) * (window.at(mask, row, column) > 0)
                total += window.weights[row, column] * part
            return total, window.centre(mask)

        return replace(band, type=FLOAT if band.type == FLOAT else DOUBLE, function=pixels, resampled=None)

    return Image(tuple(map(convolved, image.bands)), kept_properties(image), footprint=image.footprint)


@algorithm("Image.reduceNeighborhood")
def reduce_neighbourhood(
    image: Image, reducer: Reducer, kernel: Kernel, input_weight: str, skip_masked: bool, _optimization: str | None
) -> Image:
    """The reducer over the neighbours where the kernel is not zero, weighted by kernel, mask or the smaller of both."""
    if input_weight not in ("kernel", "mask", "min"):
        raise EngineError(f"Image.reduceNeighborhood: inputWeight '{input_weight}' is not one of mask, kernel, min.")
    if reducer.inputs == 1:
        bands = [
            made
            for band in image.bands
            for made in _reduced([band], reducer, kernel, input_weight, skip=skip_masked, prefix=f"{band.name}_")
        ]
    elif reducer.inputs == len(image.bands):
        bands = _reduced(list(image.bands), reducer, kernel, input_weight, skip=skip_masked, prefix="")
    else:
        raise EngineError(
            f"Image.reduceNeighborhood: the reducer takes {reducer.inputs} inputs, "
            f"the image has {len(image.bands)} bands."
        )
    return Image(tuple(bands), kept_properties(image), footprint=image.footprint)


def _reduced(
    bands: list[Band], reducer: Reducer, kernel: Kernel, weight: str, *, skip: bool, prefix: str
) -> list[Band]:
    def all_outputs(grid: GeoBox) -> list[Pixels]:
        window = Window(bands, kernel, grid)
        places = window.places()
        masks = np.minimum.reduce([mask for _, mask in window.pixels]).astype(float)
        centre = np.minimum.reduce([window.centre(mask) for _, mask in window.pixels])
        strips = max(1, AT_ONCE // max(1, len(places) * window.width))
        rows: list[list[tuple[Any, Any]]] = []
        for top in range(0, window.height, strips):
            in_time()
            cut = slice(top, min(top + strips, window.height))
            stacked = [np.stack([window.at(values, *offset)[cut] for offset in places]) for values, _ in window.pixels]
            valid = np.stack([window.at(masks, *offset)[cut] for offset in places])
            own = np.array([window.weights[offset] for offset in places])[:, None, None]
            weights = {"mask": valid, "kernel": own * (valid > 0), "min": np.minimum(own, valid)}[weight]
            rows.append(reducer.reduce(stacked, first_weights(reducer, weights)))
        outputs = []
        for index in range(len(reducer.outputs)):
            values = np.concatenate([np.asarray(part[index][0]) for part in rows])
            defined = np.concatenate([np.broadcast_to(part[index][1], part[index][0].shape) for part in rows])
            outputs.append((values, np.where(defined, np.where(skip, centre, 1), 0)))
        return outputs

    def one(index: int) -> Callable[[GeoBox], Pixels]:
        return lambda grid: all_outputs(grid)[index]

    kind = result_type(reducer, bands[0].type)
    return [
        Band(f"{prefix}{output}", kind, one(index), bands[0].projection, bands[0].shape)
        for index, output in enumerate(reducer.outputs)
    ]


FOCAL: dict[str, Callable[[], Reducer]] = {
    "mean": SIMPLE["mean"],
    "mode": SIMPLE["mode"],
    "median": lambda: make_median(None, None, None),
    "max": lambda: extreme_reducer("max", 1),
    "min": lambda: extreme_reducer("min", 1),
}


def focal(
    image: Image, radius: float, shape: str, units: str, iterations: int, kernel: Kernel | None, *, name: str
) -> Image:
    """A filter over a shape or kernel, once or several times; names stay, masked neighbours are left out."""
    if kernel is None and shape not in SHAPES:
        raise EngineError(f"Image.focal: kernelType '{shape}' is not one of {', '.join(SHAPES)}.")
    if not 0 <= iterations <= MOST_ITERATIONS:
        raise EngineError(
            f"Image.focal: {iterations:g} iterations; the offline engine does from 0 to {MOST_ITERATIONS}."
        )
    around = kernel or shaped(radius, units, False, 1.0, shape=shape)
    reducer = FOCAL[name]()

    def filtered(band: Band) -> Band:
        for _ in range(int(iterations)):
            (made,) = _reduced([band], reducer, around, "kernel", skip=False, prefix="")
            kind = band.type if name in CHOOSING else made.type
            band = replace(made, name=band.name, type=kind)
        return band

    return Image(tuple(map(filtered, image.bands)), image.properties, footprint=image.footprint)


for _name in FOCAL:
    add(f"Image.focal{_name.capitalize()}", partial(focal, name=_name))
    add(f"Image.focal_{_name}", partial(focal, name=_name))


@algorithm("Image.neighborhoodToBands")
def neighbourhood_to_bands(image: Image, kernel: Kernel) -> Image:
    """A band for every weight that is not zero: `name_x_y`, x and y east and south of the focus."""
    weights = kernel.weights(1.0)
    centre_x, centre_y = kernel.centre(weights)
    bands = []
    for band in image.bands:
        for row, column in np.argwhere(weights != 0).tolist():
            x, y = column - centre_x, row - centre_y
            bands.append(replace(shifted(band, x, y), name=f"{band.name}_{x}_{y}"))
    return Image(tuple(bands), kept_properties(image), footprint=image.footprint)


def shifted(band: Band, x: int, y: int) -> Band:
    """The band's neighbour x cells east and y cells south."""

    def pixels(grid: GeoBox) -> Pixels:
        return band.pixels(GeoBox(grid.shape, moved(grid.affine, x, y), grid.crs))

    return replace(band, function=pixels, resampled=None)


@algorithm("Image.connectedPixelCount")
def connected_pixel_count(image: Image, largest: int, eight: bool) -> Image:
    """How many pixels of the same value hang together with each, itself included, at most `largest`."""
    reach = int(largest)

    def counted(band: Band) -> Band:
        def pixels(grid: GeoBox) -> Pixels:
            values, mask = band.pixels(padded(grid, reach, reach, reach, reach))
            sizes = np.zeros(values.shape, np.int64)
            joins = np.ones((3, 3), int) if eight else None
            for value in np.unique(values[mask > 0]):
                in_time()
                numbered, count = label((values == value) & (mask > 0), joins)
                sizes += np.bincount(numbered.ravel(), minlength=count + 1)[numbered] * (numbered > 0)
            inner = (slice(reach, reach + grid.shape[0]), slice(reach, reach + grid.shape[1]))
            return np.minimum(sizes[inner], reach), mask[inner]

        return replace(band, type=PixelType("int", 0, 2**31 - 1), function=pixels, resampled=None)

    return Image(tuple(map(counted, image.bands)), kept_properties(image), footprint=image.footprint)
