"""Gaps of a result: area of land-cover codes that the legend does not list."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from indicators.codes import NODATA


def unlisted(maps: xr.DataArray, classes: xr.DataArray, weight: np.ndarray) -> dict[int, float]:
    """Area of each code of maps (year, y, x) that has no class in `classes`, the same maps by a legend.

    `weight` (y, x) is the area of each cell. A cell counts once for a code, whatever the number of years.
    """
    lost = np.isfinite(maps.values) & (classes.values == NODATA)
    codes = np.unique(maps.values[lost])
    cells = {int(code): (lost & (maps.values == code)).any(axis=0) for code in codes}
    return {code: float(weight[here].sum()) for code, here in cells.items()}


def added(parts: list[Mapping[int, float]]) -> dict[int, float]:
    """Areas by code, added over blocks; the largest first."""
    total: dict[int, float] = {}
    for part in parts:
        for code, area in part.items():
            total[code] = total.get(code, 0.0) + area
    return dict(sorted(((code, area) for code, area in total.items() if area > 0), key=lambda item: -item[1]))
