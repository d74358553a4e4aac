"""The pixels of a region that have a value, with their areas."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from indicators.errors import IndicatorError
from indicators.trends.theil_sen import Annual, series


def region_pixels(vi: Annual, weight: Any) -> tuple[NDArray[np.float64], NDArray[Any], NDArray[np.float64]]:
    """Values (year, pixel) of the pixels with a weight and a value, the years, and the weights."""
    vi = series(vi, "year")
    values = np.asarray(vi.transpose("year", ...), float).reshape(vi.sizes["year"], -1)
    values = np.where(np.isfinite(values), values, np.nan)
    area = np.ones(values.shape[1]) if weight is None else _flat(vi, weight)
    kept = (area > 0) & np.isfinite(values).any(axis=0)
    if not kept.any():
        raise IndicatorError(
            "no pixel of the region has a value; check the mask of the region and the years of the data"
        )
    return values[:, kept], vi["year"].values, area[kept]


def _flat(vi: xr.DataArray, weight: Any) -> NDArray[np.float64]:
    if isinstance(weight, xr.DataArray):
        weight = weight.transpose(*(name for name in vi.transpose("year", ...).dims if name != "year"))
    area = np.nan_to_num(np.asarray(weight, float).reshape(-1))
    expected = int(np.prod([size for name, size in vi.sizes.items() if name != "year"]))
    if len(area) != expected or (area < 0).any():
        raise IndicatorError(
            f"weight: {len(area)} values for {expected} pixels, or a negative value; give each pixel an area ≥ 0"
        )
    return area
