"""Counts of people on another grid, and the number of people in each class.

A count is not a density: where cells are cut or joined, the sum must not change. On regular grids in degrees a target
cell gets of each source cell the share that it covers, by differences of the cumulative count along each axis in turn.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from indicators.codes import NODATA, REASONS, STATE_BIT
from indicators.errors import IndicatorError

LAND_COVER = next(bit for bit, name in REASONS.items() if name == "land_cover")


def edges(centres: np.ndarray) -> np.ndarray:
    """Edges of evenly spaced cells. Raises IndicatorError if they are single or uneven."""
    if len(centres) < 2:
        raise IndicatorError("a grid of one row or column has no cell size; give at least two")
    step = (centres[-1] - centres[0]) / (len(centres) - 1)
    if not np.allclose(np.diff(centres), step, rtol=1e-3):
        raise IndicatorError(f"the cells are not evenly spaced ({np.diff(centres)[:3]}); give a regular grid")
    return np.append(centres - step / 2, centres[-1] + step / 2)


def _along(counts: np.ndarray, axis: int, source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Counts between the edges of `target` along one axis, from those between the edges of `source`."""
    counts = np.moveaxis(counts, axis, 0)
    if source[0] > source[-1]:
        source, counts = source[::-1], counts[::-1]
    total = np.concatenate([np.zeros((1, *counts.shape[1:])), np.cumsum(counts, axis=0)])
    position = np.clip(np.interp(target, source, np.arange(len(source))), 0, len(source) - 1)
    low = np.minimum(position.astype(int), len(source) - 2)
    share = (position - low).reshape(-1, *[1] * (counts.ndim - 1))
    reached = total[low] + share * (total[low + 1] - total[low])
    return np.moveaxis(np.abs(np.diff(reached, axis=0)), 0, axis)


def conserved(counts: xr.DataArray, target: xr.DataArray | xr.Dataset) -> xr.DataArray:
    """`counts` (…, y, x) on the cells of `target`, the sum kept over the part that both cover; NaN counts as none.

    Within a source cell people are taken as evenly spread. Raises IndicatorError if a grid is not regular.
    """
    data = counts.transpose(..., "y", "x")
    values = np.nan_to_num(np.asarray(data, float))
    for axis, name in ((-2, "y"), (-1, "x")):
        old, new = (edges(grid[name].values.astype(float)) for grid in (data, target))
        values = _along(values, axis, old, new)
    kept = {name: coord for name, coord in data.coords.items() if not {"y", "x"} & set(coord.dims)}
    coords = {**kept, "y": target["y"], "x": target["x"]}
    return xr.DataArray(values, coords=coords, dims=data.dims, attrs=counts.attrs)


def by_cause(reason: xr.DataArray, heads: np.ndarray) -> dict[str, float]:
    """People on degraded land by the cause of degradation, from the bits of `reason`; a person may count in several.

    `heads`: people in each cell (y, x) inside the region. `land cover`: the land-cover class changed, as where a town
    grows; `state alone`: nothing but the last three years of productivity.
    """
    bits = np.asarray(reason.transpose("y", "x"))
    causes = {
        "land_cover": bits & LAND_COVER != 0,
        "state_alone": bits == STATE_BIT,
    }
    return {name: float(heads[there].sum()) for name, there in causes.items()}


def exposure(
    classes: xr.DataArray,
    people: xr.DataArray,
    meanings: dict[int, str],
    zones: dict[str, xr.DataArray] | None = None,
) -> pd.DataFrame:
    """People in every class of every zone: region, class, people, total_people, share.

    All grids are one; `zones` maps a region to the share of each cell that it covers. No-data has a row, so that the
    rows of a region add up to `total_people`; `share` is of the people with a class, NaN for no-data.
    """
    values = np.asarray(classes.transpose("y", "x"))
    heads = np.nan_to_num(np.asarray(people.transpose("y", "x"), float))
    if heads.shape != values.shape:
        raise IndicatorError(f"population {heads.shape} and classes {values.shape} differ; use `conserved` first")
    unknown = sorted(set(np.unique(values).tolist()) - set(meanings) - {NODATA})
    if unknown:
        raise IndicatorError(f"class codes {unknown} have no meaning; give them in `meanings`")
    rows = []
    for region, share in (zones or {"all": xr.ones_like(classes, float)}).items():
        weight = heads * np.nan_to_num(np.asarray(share.transpose("y", "x"), float))
        sums = np.bincount((values.astype(int) - NODATA).ravel(), weights=weight.ravel(), minlength=256)
        total = sums.sum()
        known = total - sums[0]
        for code, name in {**meanings, NODATA: "no data"}.items():
            count = sums[code - NODATA]
            judged = code != NODATA and known > 0
            rows.append((region, name, count, total, count / known if judged else np.nan))
    return pd.DataFrame(rows, columns=["region", "class", "people", "total_people", "share"])
