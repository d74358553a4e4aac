"""The panel that evidence is computed from: cells of one region by year, with what they are matched on.

Arrays have every cell of the region's grid in one row (north to south, west to east), so that masks, shifts and
distances stay on the grid: `cell = row * columns + column`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.ndimage import distance_transform_edt

from practices.results.near import KM_PER_DEGREE

Array = np.ndarray[Any, Any]

#: Classes of the aridity index (UNEP 1992): hyper-arid, arid, semi-arid, dry sub-humid, humid.
ARIDITY_LIMITS = (0.05, 0.20, 0.50, 0.65)


@dataclass(frozen=True)
class Panel:
    """Annual productivity (year, cell) of a region, NaN where missing, and the covariates of its cells.

    `strata` numbers the combination of land cover, aridity class and soil unit, −1 where one is missing or the cell
    is not land of the region; `covariates` are static numbers by name (rain in mm, slope in degrees), NaN where
    missing; `rain` (year, cell) in mm, or None; `size_km` the height and width of a cell; `lacking` names what the
    region has no data of.
    """

    years: Array
    outcome: Array
    rain: Array | None
    strata: Array
    covariates: Mapping[str, Array]
    shape: tuple[int, int]
    size_km: tuple[float, float]
    units: str = "1"
    lacking: tuple[str, ...] = ()

    @property
    def cells(self) -> int:
        """How many cells the grid has."""
        return self.shape[0] * self.shape[1]

    @property
    def places_km(self) -> Array:
        """Where each cell lies (cell, 2): km south and east of the first."""
        return np.stack(np.divmod(np.arange(self.cells), self.shape[1]), axis=1) * self.size_km

    def blocks(self, side_km: float) -> Array:
        """Number of the square of `side_km` in which each cell lies; errors are clustered by it."""
        down, across = np.floor(self.places_km / side_km).astype(int).T
        return down * (int(across.max()) + 1) + across

    def within(self, mask: Array, distance_km: float) -> Array:
        """Cells of `mask` and all that lie within a distance of one of them."""
        if not mask.any():
            return mask.copy()
        away = distance_transform_edt(~mask.reshape(self.shape), sampling=self.size_km)
        return np.asarray(away <= distance_km).ravel()


def build(
    productivity: xr.DataArray,
    *,
    inside: xr.DataArray,
    land_cover: xr.DataArray | None = None,
    aridity_class: xr.DataArray | None = None,
    soil_unit: xr.DataArray | None = None,
    precipitation: xr.DataArray | None = None,
    elevation: xr.DataArray | None = None,
) -> Panel:
    """The panel of a region from layers on one grid (y north to south, x west to east; degrees).

    Parameters
    ----------
    productivity : xarray.DataArray (year, y, x)
        Annual productivity; NaN where missing; attribute `units`.
    inside : xarray.DataArray of bool (y, x)
        Cells of the region.
    land_cover : xarray.DataArray (y, x), optional
        UNCCD classes of the first year; water (7) and unknown cells are excluded.
    aridity_class, soil_unit : xarray.DataArray (y, x), optional
        Class numbers; NaN where missing.
    precipitation : xarray.DataArray (year, y, x), optional
        Annual rain, mm.
    elevation : xarray.DataArray (y, x), optional
        Height, m.

    Returns
    -------
    Panel
        Cells in one row. A layer that is missing, or has no value in most of the region, is not matched on; `lacking`
        names it.
    """
    size = _cell_km(productivity["y"])
    usable = np.asarray(inside, bool).ravel().copy()
    given = {"land_cover": land_cover, "aridity": aridity_class, "soil_unit": soil_unit}
    layers = {name: _reaching(layer, usable) for name, layer in given.items()}
    precipitation, elevation = _reaching(precipitation, usable), _reaching(elevation, usable)
    land_cover = layers["land_cover"]
    if land_cover is not None:
        classes = np.asarray(land_cover, float).ravel()
        usable &= (classes >= 1) & (classes <= 6)
    strata = numbered([np.asarray(layer, float).ravel() for layer in layers.values() if layer is not None], usable)
    rain = None if precipitation is None else _rows(precipitation)
    covariates = {} if rain is None else {"rainfall": rain.mean(axis=0)}
    if elevation is not None:
        covariates["slope"] = slope(np.asarray(elevation, float), size).ravel()
    lacking = tuple(name for name, layer in layers.items() if layer is None)
    lacking += tuple(name for name in ("rainfall", "slope") if name not in covariates)
    return Panel(
        years=np.asarray(productivity["year"].values, int),
        outcome=_rows(productivity),
        rain=rain,
        strata=strata,
        covariates=covariates,
        shape=(productivity.sizes["y"], productivity.sizes["x"]),
        size_km=size,
        units=str(productivity.attrs.get("units", "1")),
        lacking=lacking,
    )


def _cell_km(y: xr.DataArray) -> tuple[float, float]:
    """Height and width of a cell in the middle of a grid of degrees."""
    step = abs(float(y[0] - y[1])) if y.size > 1 else 1 / 120
    return step * KM_PER_DEGREE, step * KM_PER_DEGREE * float(np.cos(np.deg2rad(float(y.mean()))))


def _reaching(layer: xr.DataArray | None, usable: Array) -> xr.DataArray | None:
    """A layer that has values in half of the region at least, or None: heights of a radar end at 60 degrees north."""
    if layer is None:
        return None
    known = np.isfinite(np.asarray(layer, float)).reshape(-1, usable.size).any(axis=0)
    return layer if not usable.any() or known[usable].mean() >= 0.5 else None


def _rows(cube: xr.DataArray) -> Array:
    return np.asarray(cube.transpose("year", "y", "x").values, float).reshape(cube.sizes["year"], -1)


def numbered(layers: list[Array], usable: Array) -> Array:
    """The combination of classes of each cell as one number from 0; −1 where not usable or a class is missing."""
    known = usable & np.logical_and.reduce([np.isfinite(layer) for layer in layers] or [np.ones(usable.shape, bool)])
    found = np.full(usable.shape, -1)
    if layers:
        _, numbers = np.unique(np.stack(layers)[:, known], axis=1, return_inverse=True)
        found[known] = numbers.ravel()
    else:
        found[known] = 0
    return found


def aridity_classes(index: xr.DataArray) -> xr.DataArray:
    """Classes 0 (hyper-arid) … 4 (humid) of rain over potential evapotranspiration; NaN where that is missing."""
    classes = np.digitize(index.values, ARIDITY_LIMITS).astype(float)
    return index.copy(data=np.where(np.isfinite(index.values), classes, np.nan))


def slope(elevation: Array, size_km: tuple[float, float]) -> Array:
    """Slope in degrees of a grid of heights (m, north to south), by central differences."""
    if min(elevation.shape) < 2:
        return np.zeros(elevation.shape)
    down, across = np.gradient(elevation, size_km[0] * 1000, size_km[1] * 1000)
    return np.asarray(np.rad2deg(np.arctan(np.hypot(down, across))))


def rain_removed(outcome: Array, rain: Array, before: Array) -> Array:
    """Productivity with the effect of rain removed, cell by cell (RESTREND), at the mean rain of the record.

    Parameters
    ----------
    outcome : array (year, cell)
        Annual productivity; NaN where missing.
    rain : array (year, cell)
        Annual rain, mm; NaN where missing.
    before : array of bool (year)
        Years before the start. The slope on rain is that of these years, so that effects of the practice are never
        attributed to weather.

    Returns
    -------
    array (year, cell)
        In the units of `outcome`. Cells without a slope keep their values.

    References
    ----------
    Evans & Geerken (2004), doi:10.1016/S0140-1963(03)00121-6.
    """
    known = np.isfinite(outcome) & np.isfinite(rain)
    here = known & before[:, None]
    count = np.maximum(here.sum(axis=0), 1)
    x = np.where(here, rain - np.where(here, rain, 0).sum(axis=0) / count, 0)
    y = np.where(here, outcome - np.where(here, outcome, 0).sum(axis=0) / count, 0)
    spread = (x * x).sum(axis=0)
    on_rain = np.where(spread > 0, (x * y).sum(axis=0) / np.where(spread > 0, spread, 1), 0)
    mean = np.where(known, rain, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.asarray(outcome - on_rain * np.where(np.isfinite(rain), rain - mean, 0))
