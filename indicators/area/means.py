"""Means without gaps. No warning where all values are missing: warnings cannot be silenced safely in threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from indicators.kernel import blocks
from indicators.kernel.compiling import compiled


def finite(data: xr.DataArray) -> xr.DataArray:
    """The data with NaN for infinite values."""
    return data.where(np.isfinite(data)) if data.dtype.kind == "f" else data


@compiled
def _mean(years: Any, result: Any) -> None:
    """Fill `result` (1, pixel) from `years` (year, pixel); summed in the precision of the data."""
    total, count = np.zeros_like(years[0]), np.zeros(years.shape[1])
    for i in range(len(years)):
        for p in range(years.shape[1]):
            if np.isfinite(years[i, p]):
                total[p] += years[i, p]
                count[p] += 1
    for p in range(years.shape[1]):
        result[0, p] = total[p] / count[p] if count[p] > 0 else np.nan


def known_mean(data: xr.DataArray, dim: str = "year") -> xr.DataArray:
    """Mean over `dim` of the finite values; NaN without any."""
    if not data.sizes[dim]:
        return xr.full_like(data.sum(dim), np.nan, dtype=float)
    return blocks.apply(dim, 1, _mean, data).isel(layer=0)
