"""Areas of cells and of classes.

Area of a cell between two parallels on WGS84: a zone of the ellipsoid, b²π·[q(φ2) − q(φ1)]·Δλ/360 with
q(φ) = sin φ/(1 − e² sin²φ) + ln[(1 + e sin φ)/(1 − e sin φ)]/(2e).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from indicators.codes import BELOW_DETECTABILITY, MEANINGS, NODATA, UNDETERMINED, WATER
from indicators.errors import IndicatorError

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
) -> pd.DataFrame:
    """Area of every class in every zone: region, class, area_km2, valid_km2, total_km2, share.

    `zones` maps a region to the share of each cell (y, x) that it covers; without, the whole grid is `all`. Every
    class of `meanings` has a row, no-data too, so that the rows of a region add up to `total_km2`. `valid_km2`
    leaves out undetermined, water, below detectability and no-data; `share` is of it, NaN for classes outside it.
    """
    names = {**(meanings or MEANINGS), NODATA: "no data"}
    values = np.asarray(classes.transpose("y", "x"))
    unknown = sorted(set(np.unique(values).tolist()) - set(names))
    if unknown:
        raise IndicatorError(f"class codes {unknown} have no meaning; give them in `meanings`")
    area = np.broadcast_to(np.asarray(cell_area)[:, None], values.shape)
    rows = []
    for region, share in (zones or {"all": xr.ones_like(classes, float)}).items():
        weight = area * np.asarray(share.transpose("y", "x"), float)
        sums = {code: float(weight[values == code].sum()) for code in names}
        total = float(sum(sums.values()))
        valid = float(sum(value for code, value in sums.items() if code not in UNJUDGED))
        for code, name in names.items():
            judged = code not in UNJUDGED
            rows.append(
                {
                    "region": region,
                    "class": name,
                    "area_km2": sums[code],
                    "valid_km2": valid,
                    "total_km2": total,
                    "share": sums[code] / valid if judged and valid else np.nan,
                }
            )
    return pd.DataFrame(rows)
