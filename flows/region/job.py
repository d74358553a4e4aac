"""What is computed for a region, and where: the description that a worker gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from flows.request.options import RunOptions
from indicators.trends.rain_accumulation import best_accumulation
from indicators.trends.restrend import residual
from regions.covered import SLIVER
from regions.grid import coverage, geobox

if TYPE_CHECKING:
    from indicators.change import ChangeModel
    from indicators.profiles import Profile
    from indicators.sdg15.cover_in_time import Rates
    from indicators.sdg15.periods import Period
    from regions.model import Region
    from series.cubes.stored import CubeFile
    from series.cubes.tiles import Tile


@dataclass(frozen=True)
class Climate:
    """What is removed from one kind of annual value.

    `rain`: the sums chosen (year, y, x) on the climate cells, `long_rain`: the same and those of the 19 years
    before. `months`: mean rain of the region by month, and `last_month` in which the annual value is measured. `sums`:
    on the climate cells, what was chosen (months summed, months before, R²). `temperature`: mean of the region's
    season by year, None if there is none. `chosen`: which sums, as in the summary of a result.
    """

    rain: CubeFile
    long_rain: CubeFile
    months: xr.DataArray
    last_month: int
    temperature: xr.DataArray | None
    sums: xr.Dataset
    chosen: Mapping[str, Any] = field(default_factory=dict)

    def removed(self, annual: pd.Series) -> xr.DataArray | None:
        """The region's annual series (by year) without the best sum of its own rain; None if none is found."""
        vi = annual.rename_axis("year").to_xarray()
        rain = best_accumulation(vi, self.months, month=self.last_month)["rain"]
        warmth = None if self.temperature is None else self.temperature.reindex(year=vi["year"])
        rest = residual(vi, rain, warmth)
        return rest if bool(rest.notnull().any()) else None


@dataclass(frozen=True)
class Job:
    """All that a worker needs to know of a region.

    `annual`: productivity by kind; `cubes`: the other variables; `area`: km² of a cell of each row; `scratch`: folder
    for the measures, which every worker sees; `climate`: what the adjusted trajectory takes out, by kind; `change`: the
    model of change by kind, for the profiles that want a posterior probability; `cover_product`: the land-cover
    product, by which its confusion is known, and `cover_rates`: that of the region.
    """

    region: Region
    annual: Mapping[str, CubeFile]
    cubes: Mapping[str, CubeFile]
    quantity: str
    legend: str | dict[int, int]
    periods: tuple[Period, ...]
    profiles: tuple[Profile, ...]
    area: np.ndarray
    scratch: Path
    options: RunOptions = field(default_factory=RunOptions)
    climate: Mapping[str, Climate] = field(default_factory=dict)
    change: Mapping[str, ChangeModel] = field(default_factory=dict)
    cover_product: str = "generic"
    cover_rates: Rates | None = None

    @property
    def grid(self) -> CubeFile:
        """The cube whose grid everything is computed on."""
        return next(iter(self.annual.values()))

    @property
    def years(self) -> dict[str, str]:
        """First and last year of the trend of each period, by its name."""
        return {each.name: "{}-{}".format(*each.trajectory) for each in self.periods}


def weights(job: Job, tile: Tile) -> np.ndarray:
    """Area (y, x) in km² of the part of each cell inside the region."""
    share = coverage(job.region, geobox(job.region, job.grid.cell_degrees)[tile.window]).values.astype(float)
    return np.where(share > SLIVER, share, 0.0) * job.area[tile.window[0]][:, None]
