"""Grids of requests: from Earth Engine's words to a GeoBox, and from one grid to another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from offline.errors import EngineError
from offline.model.geometry import parts, to_crs
from offline.model.image import Band, Pixels
from offline.model.values import DOUBLE, WGS84, Projection

#: Metres in a degree at the equator, on the sphere that Earth Engine takes for scales.
METRES_PER_DEGREE = 111_319.49079327358
LONGEST_WKT = 20_000
#: Of the grid of a request, in units of its projection: no Earth is wider, and no cell is meant to be smaller.
FARTHEST, SMALLEST_CELL = 1e12, 1e-12
#: Part of a cell by which a place on the edge of two cells counts as in the next column and row: one rule for all
#: readers, wider than the rounding errors of projections.
EDGE = 1e-6
#: MODIS' sinusoidal projection under the name that Earth Engine gives it.
SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"


def crs_of(name: str) -> str:
    """A name that PROJ understands."""
    return SINUSOIDAL if name == "SR-ORG:6974" else name


def known_crs(name: Any) -> str:
    """The name itself, a code or WKT. Raises EngineError if PROJ does not understand it."""
    if not isinstance(name, str) or len(name) > LONGEST_WKT:
        raise EngineError(f"Projection: 'crs' must be a code or WKT, not a {type(name).__name__}.")
    return _parsed_crs(name)


@lru_cache(maxsize=256)
def _parsed_crs(name: str) -> str:
    try:
        found = CRS.from_user_input(crs_of(name))
    except CRSError as error:
        raise EngineError(f"Projection: The CRS '{name[:80]}' could not be parsed.") from error
    if len(found.axis_info) < 2 or found.is_geocentric:
        raise EngineError(f"Projection: The CRS '{name[:80]}' has no horizontal plane.")
    return name


def is_geographic(crs: str) -> bool:
    """Whether the units of a coordinate reference system are degrees."""
    return bool(CRS.from_user_input(crs_of(crs)).is_geographic)


def nominal_scale(projection: Projection) -> float:
    """The size of a cell in metres at the true scale of its projection."""
    a, b, _, d, e, _ = projection.transform
    size = float(np.sqrt(abs(a * e - b * d)))
    return size * METRES_PER_DEGREE if is_geographic(projection.crs) else size


def with_scale(projection: Projection, scale: float) -> Projection:
    """The projection with square cells of `scale` metres, anchored where its coordinates are zero."""
    size = scale / METRES_PER_DEGREE if is_geographic(projection.crs) else scale
    return Projection(projection.crs, (size, 0.0, 0.0, 0.0, -size, 0.0))


def box(projection: Projection, width: int, height: int) -> GeoBox:
    """The grid of `width` × `height` cells at the origin of `projection`."""
    return GeoBox((height, width), Affine(*projection.transform), crs_of(projection.crs))


def at(affine: Affine, column: Any, row: Any) -> tuple[Any, Any]:
    """Where (column, row) lies; written out, as affine 2 and 3 differ in the operator for it."""
    a, b, c, d, e, f = tuple(affine)[:6]
    return a * column + b * row + c, d * column + e * row + f


def moved(affine: Affine, columns: int, rows: int) -> Affine:
    """The transform of the same cells, counted from another one."""
    a, b, _, d, e, _ = tuple(affine)[:6]
    x, y = at(affine, columns, rows)
    return Affine(a, b, x, d, e, y)


def cut(grid: GeoBox, rows: int, columns: int) -> Iterator[tuple[int, int, GeoBox]]:
    """A grid in parts of limited rows and columns, each with the row and column of its first cell."""
    height, width = grid.shape
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            shape = (min(rows, height - top), min(columns, width - left))
            yield top, left, GeoBox(shape, moved(grid.affine, left, top), grid.crs)


def covering(geometry: BaseGeometry, projection: Projection, *, source: str = WGS84) -> GeoBox | None:
    """The smallest grid of whole cells of `projection` that covers a geometry; None for an empty one."""
    outline = to_crs(geometry, crs_of(projection.crs), source=source)
    if outline.is_empty:
        return None
    affine = Affine(*projection.transform)
    west, south, east, north = outline.bounds
    corners = [at(~affine, *corner) for corner in ((west, south), (west, north), (east, south), (east, north))]
    columns, rows = zip(*corners, strict=True)
    # Polygons up to a cell edge do not add the next cell; a point on an edge is in the next column and row.
    first_x, first_y = int(np.floor(min(columns) + EDGE)), int(np.floor(min(rows) + EDGE))
    if all(part.area > 0 for part in parts(outline)):
        last_x, last_y = int(np.ceil(max(columns) - EDGE)), int(np.ceil(max(rows) - EDGE))
    else:
        last_x, last_y = int(np.floor(max(columns) + EDGE)) + 1, int(np.floor(max(rows) + EDGE)) + 1
    shape = (max(last_y - first_y, 1), max(last_x - first_x, 1))
    return GeoBox(shape, moved(affine, first_x, first_y), crs_of(projection.crs))


def request_grid(grid: dict[str, Any]) -> GeoBox:
    """The GeoBox of a `PixelGrid`. Raises EngineError if a part is missing or makes no sense."""
    keys = ("scaleX", "shearX", "translateX", "shearY", "scaleY", "translateY")
    try:
        size, transform = grid.get("dimensions") or {}, grid.get("affineTransform") or {}
        width, height = int(size.get("width", 0)), int(size.get("height", 0))
        a, b, c, d, e, f = (float(transform.get(key, 0.0)) for key in keys)
    except (AttributeError, TypeError, ValueError, OverflowError) as error:
        raise EngineError(f"Pixel grid must be objects of numbers, dimensions and affineTransform: {error}.") from error
    if width <= 0 or height <= 0:
        raise EngineError("Pixel grid dimensions (width and height) must be positive.")
    crs = grid.get("crsCode") or grid.get("crsWkt") or "EPSG:4326"
    cell = abs((a or 1.0) * (e or 1.0) - b * d) ** 0.5
    ends = [abs(c), abs(f), abs(a * width) + abs(b * height), abs(d * width) + abs(e * height)]
    # Comparisons are false for what is not a number.
    if not (SMALLEST_CELL <= cell <= FARTHEST and all(end <= FARTHEST for end in ends)):
        raise EngineError(
            f"Pixel grid transform {[a, b, c, d, e, f]} must be finite, have an inverse and stay within {FARTHEST:g}."
        )
    return box(Projection(known_crs(crs), (a or 1.0, b, c, d, e or 1.0, f)), width, height)


def centres(grid: GeoBox, crs: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates (x, y), each (y, x), of the cell centres of `grid`, in `crs` if it is given."""
    rows, columns = np.indices(tuple(grid.shape))
    x, y = at(grid.affine, columns + 0.5, rows + 0.5)
    if crs is None or grid.crs == crs_of(crs):
        return x, y
    return Transformer.from_crs(str(grid.crs), crs_of(crs), always_xy=True).transform(x, y)


def through(band: Band, projection: Projection, mode: str = "nearest") -> Band:
    """`band` computed on the cells of `projection` and read from there: "nearest", "bilinear" or "bicubic"."""

    def pixels(grid: GeoBox) -> Pixels:
        column, row = at(~Affine(*projection.transform), *centres(grid, projection.crs))
        return read_at(band, projection, column, row, mode)

    kind = band.type if mode == "nearest" or band.type.precision != "int" else DOUBLE
    return Band(band.name, kind, pixels, projection)


def read_at(band: Band, projection: Projection, column: Any, row: Any, mode: str = "nearest") -> Pixels:
    """The band at fractional (column, row) of a projection's cells: "nearest", "bilinear" or "bicubic".

    Raises EngineError if that spans too many cells.
    """
    finite = np.isfinite(column) & np.isfinite(row)
    column, row = np.where(finite, column, 0), np.where(finite, row, 0)
    more = 3 if mode == "bicubic" else 2
    left, top = int(np.floor(column.min())) - more + 1, int(np.floor(row.min())) - more + 1
    shape = (int(np.ceil(row.max())) - top + more, int(np.ceil(column.max())) - left + more)
    if shape[0] * shape[1] > 10**8:
        raise EngineError("Reprojection output too large. Use a larger scale or a smaller region.")
    window = GeoBox(shape, moved(Affine(*projection.transform), left, top), crs_of(projection.crs))
    values, mask = band.pixels(window)
    if mode == "nearest":
        index = (np.floor(row).astype(int) - top, np.floor(column).astype(int) - left)
        return values[index], np.where(finite, mask[index], 0)
    return between(values, mask, row - top - 0.5, column - left - 0.5, mode)


def between(values: np.ndarray, mask: np.ndarray, row: np.ndarray, column: np.ndarray, mode: str) -> Pixels:
    """Values at fractional (row, column): four neighbours weighted, or with "bicubic" sixteen where all are there.

    "bilinear" leaves masked neighbours out. "bicubic" goes by the cubic convolution of Keys (1981) with a = -0.5, and
    falls back to "bilinear" beside masked pixels. The mask is that of the nearest pixel.
    """
    total, weight, _ = _weighted(values, mask, row, column, _tent, (0, 1))
    found = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    if mode == "bicubic":
        total, _, whole = _weighted(values, mask, row, column, _cubic, (-1, 0, 1, 2))
        found = np.where(whole, total, found)
    nearest = (
        np.rint(row).astype(int).clip(0, values.shape[0] - 1),
        np.rint(column).astype(int).clip(0, values.shape[1] - 1),
    )
    return found, np.where(mask[nearest] > 0, mask[nearest], 0)


def _tent(distance: np.ndarray) -> np.ndarray:
    return 1 - distance


def _cubic(distance: np.ndarray) -> np.ndarray:
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return np.where(distance < 1, near, far)


def _weighted(
    values: np.ndarray,
    mask: np.ndarray,
    row: np.ndarray,
    column: np.ndarray,
    kernel: Callable[[np.ndarray], np.ndarray],
    steps: tuple[int, ...],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums of the neighbours' values and of their weights, masked ones left out, and where all of them are valid."""
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    total, weight = np.zeros(row.shape, np.float64), np.zeros(row.shape, np.float64)
    whole = np.ones(row.shape, bool)
    for dy in steps:
        for dx in steps:
            y = np.clip(top + dy, 0, values.shape[0] - 1)
            x = np.clip(left + dx, 0, values.shape[1] - 1)
            part = kernel(abs(row - top - dy)) * kernel(abs(column - left - dx)) * mask[y, x]
            total += part * values[y, x]
            weight += part
            whole &= mask[y, x] >= 1
    return total, weight, whole


def projection_of(crs: Any, transform: list[float] | None = None) -> Projection:
    """A projection from its name or itself, with another transform if one is given."""
    base = crs if isinstance(crs, Projection) else Projection(known_crs(crs))
    return Projection(base.crs, tuple(float(value) for value in transform)) if transform else base
