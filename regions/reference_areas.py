"""Reference areas of performance by number: the regions of the catalogue, and a lattice of cells between them."""

from __future__ import annotations

import numpy as np
from shapely import box, contains_xy, prepare
from shapely.geometry.base import BaseGeometry

from regions.catalogue import is_natural, natural_regions
from regions.model import Region

#: Side of a cell of the reference lattice, degrees.
CELL = 2.0
#: Numbers of lattice cells start here; those of catalogued regions lie below.
FIRST_CELL = 1000
COLUMNS = int(360 / CELL)


def zone_numbers(region: Region, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """The number (y, x) of the reference area of each cell centre; 0 throughout for a region of the catalogue."""
    if is_natural(region):
        return np.zeros((len(y), len(x)), np.int64)
    row, column = np.floor((90 - y) / CELL).astype(np.int64), np.floor((x + 180) / CELL).astype(np.int64) % COLUMNS
    numbers = FIRST_CELL + row[:, None] * COLUMNS + column[None, :]
    here = box(x.min(), y.min(), x.max(), y.max())
    columns, rows = np.meshgrid(x, y)
    for number, natural in reversed(natural_regions().items()):
        if natural.geometry.intersects(here):
            prepare(natural.geometry)
            numbers[contains_xy(natural.geometry, columns, rows)] = number
    return numbers


def outline_of(number: int) -> BaseGeometry:
    """The outline of a reference area."""
    if number < FIRST_CELL:
        return natural_regions()[number].geometry
    row, column = divmod(number - FIRST_CELL, COLUMNS)
    west, north = -180 + column * CELL, 90 - row * CELL
    return box(west, north - CELL, west + CELL, north)
