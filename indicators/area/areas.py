"""Areas of cells and of classes.

Area of a cell between two parallels on WGS84: a zone of the ellipsoid, b²π·[q(φ2) − q(φ1)]·Δλ/360 with
q(φ) = sin φ/(1 − e² sin²φ) + ln[(1 + e sin φ)/(1 − e sin φ)]/(2e).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.codes import BELOW_DETECTABILITY, MEANINGS, NODATA, UNDETERMINED, WATER
from indicators.errors import IndicatorError
from indicators.kernel.compiling import compiled

SEMI_MAJOR, SEMI_MINOR = 6378.137, 6356.7523142
#: Classes that are not judged: not in the valid area.
UNJUDGED = {UNDETERMINED, WATER, BELOW_DETECTABILITY, NODATA}


def zone_area(south: Any, north: Any) -> Any:
    """Area between two parallels, all around the WGS84 ellipsoid.

    Parameters
    ----------
    south, north
        Latitudes, degrees.

    Returns
    -------
    float, numpy.ndarray or xarray.DataArray
        Area, km², of the kind of the arguments.

    Examples
    --------
    >>> round(float(zone_area(-90, 90)) / 1e6, 3)  # million km² of the Earth
    510.066
    """
    eccentricity = np.sqrt(1 - (SEMI_MINOR / SEMI_MAJOR) ** 2)

    def reach(latitude: Any) -> Any:
        sine = np.sin(np.radians(latitude))
        edge = eccentricity * sine
        return sine / (1 - edge**2) + np.log((1 + edge) / (1 - edge)) / (2 * eccentricity)

    return np.pi * SEMI_MINOR**2 * (reach(north) - reach(south))


def cell_area(grid: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Area of the cells of each row of a regular grid in degrees (WGS84).

    Parameters
    ----------
    grid
        Raster with coordinates `y` (latitude) and `x` (longitude), degrees. With a single row or column, cells are
        taken as square; a single cell needs its size in `attrs["cell_degrees"]`.

    Returns
    -------
    xarray.DataArray
        Area of a cell, km² (y).

    Raises
    ------
    IndicatorError
        `y` is not a latitude, or the cell size cannot be determined.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> grid = xr.DataArray(np.zeros((2, 2)), {"y": [45.5, 44.5], "x": [100.5, 101.5]}, ("y", "x"))
    >>> cell_area(grid).values.round().tolist()
    [8686.0, 8837.0]
    """
    height, width = _step(grid, "y"), _step(grid, "x")
    height, width = height or width, width or height
    if not height or not width:
        size = grid.attrs.get("cell_degrees")
        if size is None:
            raise IndicatorError("the grid has a single cell; put its size in attrs['cell_degrees']")
        height = width = float(size)
    y = grid["y"].astype(float)
    if float(np.abs(y).max()) > 90:
        raise IndicatorError(
            f"the y coordinates are not latitudes: {float(np.abs(y).max()):g} is beyond 90; give the grid in EPSG:4326"
        )
    area = zone_area(y - height / 2, y + height / 2) * width / 360
    return area.assign_attrs(long_name="area of a cell", units="km2")


def _step(grid: Any, name: str) -> float:
    values = grid[name].values.astype(float)
    return float(abs(values[-1] - values[0]) / (len(values) - 1)) if len(values) > 1 else 0.0


def class_table(
    classes: xr.DataArray,
    cell_area: xr.DataArray,
    zones: dict[str, xr.DataArray] | None = None,
    meanings: dict[int, str] | None = None,
    *,
    unjudged: Collection[int] = UNJUDGED,
) -> pd.DataFrame:
    """Area of every class in every zone.

    Parameters
    ----------
    classes
        Class codes, int8 (y, x).
    cell_area
        Area of a cell in each row, km² (y).
    zones
        For each region, the share of each cell that it covers, 0 to 1 (y, x); it may be a window of the grid with its
        coordinates. None: the whole grid is the zone `all`.
    meanings
        Names of the codes.
    unjudged
        Codes that are not part of the valid area.

    Returns
    -------
    pandas.DataFrame
        `region`, `class`, `area_km2`, `valid_km2` (without `unjudged`), `total_km2`, `share` (of `valid_km2`, 0 to 1;
        NaN for `unjudged`). Every class has a row, no data too, so that the rows of a region add up to `total_km2`.

    Raises
    ------
    IndicatorError
        A code has no meaning, or a zone does not fit the grid.

    Examples
    --------
    >>> import numpy as np, xarray as xr
    >>> coords = {"y": [45.5, 44.5], "x": [100.5, 101.5]}
    >>> sdg = xr.DataArray(np.array([[-1, 0], [0, 0]], np.int8), coords, ("y", "x"))
    >>> table = class_table(sdg, cell_area(sdg)).set_index("class")
    >>> round(float(table.loc["degraded", "share"]), 3)
    0.248
    """
    names = {**(meanings or MEANINGS), NODATA: "no data"}
    values = np.ascontiguousarray(classes.transpose("y", "x"))
    if values.dtype != np.int8:
        values = _codes(values)
    area = np.ascontiguousarray(np.broadcast_to(np.asarray(cell_area, float), values.shape[:1]))
    rows = []
    whole: dict[str, xr.DataArray | None] = {"all": None}
    for region, share in (zones or whole).items():
        top, bottom, left, right = 0, values.shape[0], 0, values.shape[1]
        weight = np.ones((1, 1), np.float32)
        if share is not None:
            weight = np.ascontiguousarray(share.transpose("y", "x"))
            top, left = _origin(classes, share, region)
            bottom, right = top + weight.shape[0], left + weight.shape[1]
        by_code = _weighted_count(values[top:bottom, left:right], weight, area[top:bottom])
        unknown = sorted(code for code in range(-128, 128) if by_code[code + 128] and code not in names)
        if unknown:
            raise IndicatorError(f"class codes {unknown} have no meaning; give them in `meanings`")
        sums = {code: float(by_code[code + 128]) for code in names}
        total = float(sum(sums.values()))
        valid = float(sum(value for code, value in sums.items() if code not in unjudged))
        for code, name in names.items():
            judged = code not in unjudged and valid
            rows.append((region, name, sums[code], valid, total, sums[code] / valid if judged else np.nan))
    return pd.DataFrame(rows, columns=["region", "class", "area_km2", "valid_km2", "total_km2", "share"])


def _codes(values: np.ndarray) -> np.ndarray:
    """Classes as int8. Raises IndicatorError for a value that is not such a code."""
    with np.errstate(invalid="ignore"):
        codes = values.astype(np.int8)
    if not np.array_equal(codes, values):
        wrong = np.unique(values[codes != values])[:5].tolist()
        raise IndicatorError(f"class codes are whole numbers from -128 to 127; got {wrong}")
    return codes


def _origin(classes: xr.DataArray, share: xr.DataArray, region: str) -> tuple[int, int]:
    """First row and column of a zone in the grid. Raises IndicatorError if the cells are not those of the grid."""
    first = []
    for name in ("y", "x"):
        size, whole = share.sizes[name], classes.sizes[name]
        if size == whole:
            first.append(0)
            continue
        known = size and name in share.coords and name in classes.coords
        rows = classes.indexes[name].get_indexer(share[name].values) if known else np.array([-1])
        if (size and not (rows >= 0).all()) or (np.diff(rows) != 1).any():
            raise IndicatorError(
                f"zone {region!r} has {size} of {whole} cells along {name}, which are not those of the grid; cut it "
                f"from the grid"
            )
        first.append(int(rows[0]) if size else 0)
    return first[0], first[1]


@compiled
def _weighted_count(values: Any, weight: Any, area: Any) -> Any:
    """Σ area·weight of each code −128 … 127; a weight of one cell applies to all cells."""
    total = np.zeros(256)
    lanes = np.zeros((4, 256))
    everywhere = weight.size == 1
    for i in range(values.shape[0]):
        lanes[:] = 0
        if everywhere:
            # four counters, so that equal neighbours do not wait for each other
            for j in range(values.shape[1]):
                lanes[j & 3, values[i, j] + 128] += weight[0, 0]
        else:
            for j in range(values.shape[1]):
                lanes[j & 3, values[i, j] + 128] += weight[i, j]
        for code in range(256):
            total[code] += area[i] * (lanes[0, code] + lanes[1, code] + lanes[2, code] + lanes[3, code])
    return total
