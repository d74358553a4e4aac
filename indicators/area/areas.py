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
#: Classes that are no finding: not in the valid area.
UNJUDGED = {UNDETERMINED, WATER, BELOW_DETECTABILITY, NODATA}


def zone_area(south: Any, north: Any) -> Any:
    """Area in km² between two parallels (degrees), all the way round."""
    eccentricity = np.sqrt(1 - (SEMI_MINOR / SEMI_MAJOR) ** 2)

    def reach(latitude: Any) -> Any:
        sine = np.sin(np.radians(latitude))
        edge = eccentricity * sine
        return sine / (1 - edge**2) + np.log((1 + edge) / (1 - edge)) / (2 * eccentricity)

    return np.pi * SEMI_MINOR**2 * (reach(north) - reach(south))


def cell_area(grid: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """Area in km² of the cells of each row `y` of a regular grid in degrees (WGS84).

    A grid of one row or column needs square cells: the other side tells the size. Raises IndicatorError where the
    coordinates are no degrees or the size cannot be told.
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
        raise IndicatorError("the y coordinates are no latitudes; give the grid in EPSG:4326")
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
    """Area of every class in every zone: region, class, area_km2, valid_km2, total_km2, share.

    `zones` maps a region to the share of each cell (y, x) that it covers; without, the whole grid is `all`. A share
    may be a window of the grid, which its coordinates place. Every class of `meanings` has a row, no-data too, so that
    the rows of a region add up to `total_km2`. `valid_km2` leaves out the codes of `unjudged` (undetermined, water,
    below detectability, no-data); `share` is of it, NaN for those. Raises IndicatorError for a code without a meaning
    and a window that does not fit.
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
            top, left = _place(classes, share, region)
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
    """Classes as int8. Raises IndicatorError where a value is no such code."""
    with np.errstate(invalid="ignore"):
        codes = values.astype(np.int8)
    if not np.array_equal(codes, values):
        wrong = np.unique(values[codes != values])[:5].tolist()
        raise IndicatorError(f"class codes are whole numbers from -128 to 127; got {wrong}")
    return codes


def _place(classes: xr.DataArray, share: xr.DataArray, region: str) -> tuple[int, int]:
    """First row and column of a zone in the grid. Raises IndicatorError where it does not lie on its cells."""
    first = []
    for name in ("y", "x"):
        size, whole = share.sizes[name], classes.sizes[name]
        if size == whole:
            first.append(0)
            continue
        known = size and name in share.coords and name in classes.coords
        rows = classes.indexes[name].get_indexer(share[name].values) if known else np.array([-1])
        if (size and not (rows >= 0).all()) or (np.diff(rows) != 1).any():
            raise IndicatorError(f"zone {region!r} has {size} of {whole} cells along {name}, and not those of the grid")
        first.append(int(rows[0]) if size else 0)
    return first[0], first[1]


@compiled
def _weighted_count(values: Any, weight: Any, area: Any) -> Any:
    """Σ area·weight of each code −128 … 127; a weight of one cell holds everywhere."""
    total = np.zeros(256)
    lanes = np.zeros((4, 256))
    everywhere = weight.size == 1
    for i in range(values.shape[0]):
        lanes[:] = 0
        if everywhere:
            # four counters in turn: equal neighbours need not wait for each other
            for j in range(values.shape[1]):
                lanes[j & 3, values[i, j] + 128] += weight[0, 0]
        else:
            for j in range(values.shape[1]):
                lanes[j & 3, values[i, j] + 128] += weight[i, j]
        for code in range(256):
            total[code] += area[i] * (lanes[0, code] + lanes[1, code] + lanes[2, code] + lanes[3, code])
    return total
