"""What is computed of a region, and where: all that a worker needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flows.care import Care

if TYPE_CHECKING:
    from flows.climate import Climate
    from indicators.profiles import Profile
    from indicators.sdg15.periods import Period
    from regions.model import Region
    from series.blocks import CubeFile
    from series.pull import Tile

#: A share of a cell up to this is outside: an outline that touches a corner must not depend on how a window rounds.
SLIVER = 1e-6


@dataclass(frozen=True)
class Job:
    """All that a worker needs to know of a region.

    `annual`: productivity by kind; `cubes`: the other variables; `area`: km² of a cell of each row; `scratch`: folder
    for the measures, which every worker sees; `climate`: what the adjusted trajectory takes out, by kind.
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
    care: Care = field(default_factory=Care)
    climate: Mapping[str, Climate] = field(default_factory=dict)

    @property
    def grid(self) -> CubeFile:
        """The cube whose grid everything is computed on."""
        return next(iter(self.annual.values()))

    @property
    def years(self) -> dict[str, str]:
        """First and last year of the trend of each period, by its name."""
        return {each.name: "{}-{}".format(*each.trajectory) for each in self.periods}


def weights(job: Job, tile: Tile) -> np.ndarray:
    """Area (y, x) in km² of the part of each cell that lies in the region."""
    from regions.grid import coverage, geobox

    share = coverage(job.region, geobox(job.region, job.grid.cell_degrees)[tile.window]).values.astype(float)
    return np.where(share > SLIVER, share, 0.0) * job.area[tile.window[0]][:, None]
