"""A random sample of a region's pixels, drawn while its blocks are measured.

A cell is drawn by a number that follows from its row and column alone, so that the sample does not depend on how the
region is cut, nor on who reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from indicators.sdg15.measures import PixelInputs

if TYPE_CHECKING:
    from series.cubes.tiles import Tile

#: Most pixels of a sample.
PIXELS = 20_000
#: Cells kept of a grid of that many are some times more, for a region fills only a part of its grid.
SPARE = 4


@dataclass(frozen=True)
class Picked:
    """Pixels drawn: their lot (the smallest win), km² inside the region, and what is known of them along `x`."""

    lots: np.ndarray
    weight: np.ndarray
    place: PixelInputs


def lots(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """A number of 64 bits for every pair of row and column, as good as random (Steele et al. 2014, SplitMix64)."""
    with np.errstate(over="ignore"):
        state = (rows.astype(np.uint64) << np.uint64(32)) + columns.astype(np.uint64)
        state = state * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return state ^ (state >> np.uint64(31))


def pick(pixels: PixelInputs, weight: np.ndarray, tile: Tile, shape: tuple[int, int], size: int = PIXELS) -> Picked:
    """The cells of a block (`weight` above 0) that may be among the sample of the whole grid of `shape`."""
    rows, columns = np.nonzero(weight > 0)
    drawn = lots(rows + tile.y, columns + tile.x)
    share = min(SPARE * size / (shape[0] * shape[1]), 1.0)
    won = drawn <= np.uint64(share * (2**64 - 2**11))
    rows, columns = rows[won], columns[won]
    taken: dict[str, Any] = {
        each.name: _points(getattr(pixels, each.name), rows, columns) for each in fields(PixelInputs)
    }
    return Picked(drawn[won], weight[rows, columns], PixelInputs(**taken))


def _points(layers: Any, rows: np.ndarray, columns: np.ndarray) -> Any:
    if isinstance(layers, dict):
        return {name: _points(layer, rows, columns) for name, layer in layers.items()}
    if not isinstance(layers, xr.DataArray) or "x" not in layers.dims:
        return layers
    values = layers.values[..., rows, columns][..., None, :]
    years = {"year": layers["year"].values} if "year" in layers.dims else {}
    return xr.DataArray(values, coords=years, dims=(*years, "y", "x"), attrs=layers.attrs)


def gathered(parts: Sequence[Picked], pixels: int = PIXELS) -> Picked:
    """The sample of the region from what its blocks kept: the `pixels` smallest lots, in their order."""
    every = np.concatenate([part.lots for part in parts])
    order = np.argsort(every, kind="stable")[:pixels]
    weight = np.concatenate([part.weight for part in parts])[order]
    taken: dict[str, Any] = {
        each.name: _joined([getattr(part.place, each.name) for part in parts], order) for each in fields(PixelInputs)
    }
    return Picked(every[order], weight, PixelInputs(**taken))


def first(sample: Picked, pixels: int) -> Picked:
    """A smaller sample out of one."""
    return gathered([sample], pixels)


def _joined(layers: Sequence[Any], order: np.ndarray) -> Any:
    one = layers[0]
    if isinstance(one, dict):
        return {name: _joined([each[name] for each in layers], order) for name in one}
    if not isinstance(one, xr.DataArray) or "x" not in one.dims:
        return one
    return (xr.concat(layers, dim="x") if len(layers) > 1 else one).isel(x=order)
