"""What a block adds to the links of a region: carbon, patches of natural land, land inside and outside of areas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flows.region.blocks import to_classes
from flows.region.job import weights
from flows.region.links.zones import area_in
from flows.region.pixel_breaks import read_trajectory
from indicators.area.means import known_mean
from indicators.codes import DEGRADED, IMPROVED, STABLE, UNDETERMINED
from indicators.links import (
    CarbonChange,
    Lost,
    carbon_change,
    compared_terms,
    patches_of_tile,
    possible_losses,
)
from indicators.links.matched import strata
from indicators.links.natural import is_natural
from indicators.sdg15.cover_in_time import filtered
from indicators.sdg15.cover_in_time.rates import of_product
from indicators.sdg15.lookup import codes
from indicators.sdg15.measures import cover_of
from indicators.sdg15.soil_carbon import stock

if TYPE_CHECKING:
    import xarray as xr

    from flows.region.job import Job
    from flows.region.links.zones import ComparedZone
    from indicators.links import FactorDraws, TilePatches
    from indicators.profiles import Profile
    from indicators.sdg15.periods import Years
    from series.cubes.tiles import Tile

#: Codes of the land; shares are of it, as everywhere.
LAND_CODES = (DEGRADED, STABLE, IMPROVED, UNDETERMINED)


@dataclass(frozen=True)
class LinkPlan:
    """What is computed for every block: zones, draws of factors, and windows of years by period.

    `carbon` and `cover`: first and last year by period, of those whose maps exist.
    """

    zones: tuple[ComparedZone, ...]
    drawn: FactorDraws
    carbon: Mapping[str, Years]
    cover: Mapping[str, Years]

    @property
    def windows(self) -> dict[str, tuple[Years, Years]]:
        """Windows of carbon and of land cover by period; where one is missing, the other stands in and is not used."""
        names = dict.fromkeys([*self.carbon, *self.cover])
        return {
            name: (self.carbon.get(name) or self.cover[name], self.cover.get(name) or self.carbon[name])
            for name in names
        }

    @property
    def map_years(self) -> tuple[int, ...]:
        """The years of the maps whose patches are counted."""
        return tuple(sorted({year for window in self.cover.values() for year in window}))


@dataclass(frozen=True)
class LinkBlock:
    """Sums of a block: carbon by period, draws, patches by year, terms by zone and period."""

    carbon: Mapping[str, CarbonChange] = field(default_factory=dict)
    lost: Lost | None = None
    patches: Mapping[int, TilePatches] = field(default_factory=dict)
    terms: Mapping[tuple[str, str], pd.DataFrame] = field(default_factory=dict)


def link_block(job: Job, profile: Profile, folder: Path, plan: LinkPlan, tile: Tile) -> LinkBlock:
    """What a block adds; the classes of SDG 15.3.1 must be in `folder`."""
    weight = weights(job, tile)
    y, x = job.grid.y[tile.window[0]], job.grid.x[tile.window[1]]
    labels = to_classes(job.cubes["land_cover"].near(y, x), job.legend) if "land_cover" in job.cubes else None
    cover = None
    if labels is not None:
        cover = filtered(labels, profile.cover_filter, rates=job.cover_rates, product=job.cover_product)
    zone = job.cubes["climate_zone"].near(y, x) if "climate_zone" in job.cubes else None
    soil = job.cubes["soil_carbon"].near(y, x) if "soil_carbon" in job.cubes else None
    carbon: dict[str, CarbonChange] = {}
    if cover is not None and zone is not None and soil is not None:
        stocks = stock(soil, cover, zone)
        carbon = {name: carbon_change(stocks, years, weight) for name, years in plan.carbon.items()}
    return LinkBlock(
        carbon,
        None if labels is None or not plan.windows else _lost(job, profile, plan, labels, weight, soil, zone),
        {} if cover is None else {year: _patches(cover, year, weight, tile) for year in plan.map_years},
        _terms(job, folder, plan, tile, cover, weight) if plan.zones else {},
    )


def _lost(
    job: Job, profile: Profile, plan: LinkPlan, labels: xr.DataArray, weight: np.ndarray, soil: xr.DataArray | None,
    zone: xr.DataArray | None,
) -> Lost:  # fmt: skip
    """Draws of what was lost, by the order of `plan.windows`."""
    first, last = int(labels["year"].min()), int(labels["year"].max())
    every = labels.reindex(year=range(first, last + 1), fill_value=0).transpose("year", "y", "x")
    windows = [
        ((carbon[0] - first, carbon[1] - first), (cover[0] - first, cover[1] - first))
        for carbon, cover in plan.windows.values()
    ]
    return possible_losses(
        every.values,
        weight,
        (labels["y"].values, labels["x"].values),
        # the rates of the region are those of methods that filter: a result does not depend on what else was run
        (job.cover_rates if profile.cover_filter != "none" else None) or of_product(job.cover_product),
        plan.drawn,
        windows,
        first_stock=None if soil is None else soil.values,
        zone=None if zone is None else zone.values,
    )


def _patches(cover: xr.DataArray, year: int, weight: np.ndarray, tile: Tile) -> TilePatches:
    classes = codes(cover.sel(year=year).transpose("y", "x").values)
    known = (classes >= 1) & (classes <= 7)
    natural = is_natural(classes) & (weight > 0)
    return patches_of_tile(natural, weight, total=float(weight[known].sum()), top=tile.y, left=tile.x)


def _terms(
    job: Job, folder: Path, plan: LinkPlan, tile: Tile, cover: xr.DataArray | None, weight: np.ndarray
) -> dict[tuple[str, str], pd.DataFrame]:
    """Terms of the comparison of each zone in each period. Land that came into an area within it is never matched."""
    y, x = job.grid.y[tile.window[0]], job.grid.x[tile.window[1]]
    wetness, height = wetness_of(job, y, x), None
    if "elevation" in job.cubes:
        height = job.cubes["elevation"].near(y, x).values
    found = {}
    for period in job.periods:
        sdg = read_trajectory(folder / f"{period.name}-sdg.tif", tile)
        land, degraded = np.isin(sdg, LAND_CODES), sdg == DEGRADED
        map_ = cover_of(cover, plan.cover.get(period.name, period.land_cover)[0])
        alike = np.full(weight.shape, -1, np.int64)
        if map_ is not None:
            alike = strata(codes(map_.transpose("y", "x").values), wetness, height, y)
        for zone in plan.zones:
            inside = area_in(zone.inside[period.name], job, tile, weight)
            later = area_in(zone.later[period.name], job, tile, weight - inside)
            within, beyond, new = (np.where(land, each, 0.0) for each in (inside, weight - inside - later, later))
            parts = [compared_terms(degraded, within, beyond, alike, y, x)]
            if new.any():
                parts.append(compared_terms(degraded, np.zeros_like(new), new, np.full_like(alike, -1), y, x))
            found[zone.key, period.name] = pd.concat(parts)
    return found


def wetness_of(job: Job, y: np.ndarray, x: np.ndarray) -> np.ndarray | None:
    """The aridity index, or the mean rain of a year, of each cell; None where neither was pulled."""
    if "aridity" in job.cubes:
        return np.asarray(job.cubes["aridity"].near(y, x).values)
    if "precipitation" in job.cubes:
        return np.asarray(known_mean(job.cubes["precipitation"].near(y, x)).values)
    return None
