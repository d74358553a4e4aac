"""Who lives on degraded land: counts of people moved to the grid of the classes without losing anyone.

A count is shared out over the cells that its own cell overlaps, by the share of it that lies in each: sums stay what
they were, whatever the two grids are. Averages or nearest cells would not keep them.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from indicators.errors import IndicatorError


def conserved(counts: xr.DataArray, y: NDArray[np.floating], x: NDArray[np.floating], cell: float) -> xr.DataArray:
    """People (y, x) in the square cells of `cell` degrees about the centres `y` and `x`.

    `counts` (y, x) are people per cell on a regular grid in degrees with `attrs["cell_degrees"]`; gaps are nobody.
    People in cells that reach beyond the wanted ones are left out in proportion. Raises IndicatorError where the cell
    size is not told.
    """
    size = counts.attrs.get("cell_degrees")
    if not size:
        raise IndicatorError("population: the size of a cell is not known; put it in attrs['cell_degrees']")
    people = np.nan_to_num(np.maximum(counts.transpose("y", "x").values.astype(float), 0.0))
    rows = overlaps(counts["y"].values, float(size), y, cell)
    columns = overlaps(counts["x"].values, float(size), x, cell)
    attrs = {"long_name": "people", "units": "persons"}
    return xr.DataArray(rows @ people @ columns.T, coords={"y": y, "x": x}, dims=("y", "x"), attrs=attrs)


def overlaps(own: NDArray[np.floating], size: float, wanted: NDArray[np.floating], cell: float) -> NDArray[np.float64]:
    """Share (wanted, own) of every interval of `size` about `own` inside each of `cell` about `wanted`."""
    low = np.maximum(wanted[:, None] - cell / 2, own[None] - size / 2)
    high = np.minimum(wanted[:, None] + cell / 2, own[None] + size / 2)
    return np.clip(high - low, 0.0, None) / size


def exposed(people: NDArray[np.floating], classes: NDArray[np.integer], code: int) -> float:
    """People in the cells of one class."""
    return float(np.sum(people, where=np.asarray(classes) == code))
