"""Corrections by experts in a block, and what it adds to tables: sums for PRAIS, recoded cells, people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

from flows.region.chances import chances_of
from flows.region.population import people_of
from indicators.sdg15.one_out_all_out import status
from indicators.sdg15.periods import is_baseline
from indicators.sdg15.prais import Layers, amounts
from indicators.sdg15.recoding import reasons, recode

if TYPE_CHECKING:
    from flows.region.job import Job
    from indicators.profiles import Profile
    from indicators.sdg15.measures import Measured
    from series.cubes.tiles import Tile

RECODE_COLUMNS = [
    "period", "name", "wrongly_shown_as", "should_be", "justification", "who", "date", "prais_term", "pixels",
    "area_km2", "before_km2",
]  # fmt: skip


@dataclass(frozen=True)
class BlockTables:
    """What a block adds to the tables of a result: sums for PRAIS tables, recoded cells, people by period.

    `chances`: expected areas of change by period and block of space (`flows.region.chances`); None without
    probabilities.
    """

    prais: pd.DataFrame
    recoded: pd.DataFrame
    people: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    chances: pd.DataFrame | None = None


def with_corrections(
    job: Job, profile: Profile, tile: Tile, found: xr.Dataset, measured: Measured, weight: np.ndarray
) -> tuple[xr.Dataset, BlockTables]:
    """The classes of a block with the experts' corrections put in, and what it adds to the tables."""
    found, recoded = corrected(job, found, weight)
    kind = profile.windows[0]
    ends = {
        period.name: (land[f"first_{kind}"].values, land[f"last_{kind}"].values)
        for period, land in zip(job.periods, measured.land, strict=True)
        if f"last_{kind}" in land
    }
    sums = amounts(Layers(found, weight, ends), job.periods)
    return found, BlockTables(sums, recoded, people_of(job, tile, found, weight), chances_of(job, found, weight))


def corrected(job: Job, found: xr.Dataset, weight: np.ndarray) -> tuple[xr.Dataset, pd.DataFrame]:
    """SDG 15.3.1 recoded by polygon, and with it the status and the reasons; what each area changed."""
    areas = job.options.areas
    if not areas:
        return found, pd.DataFrame(columns=RECODE_COLUMNS)
    masks = [area.mask(found["y"].values, found["x"].values) for area in areas]
    before = found["sdg"]
    after, table = recode(before, [area.correction for area in areas], masks, weight)
    layers = {"sdg": after, "reason": reasons(found["reason"], before, after)}
    layers["partial"] = found["partial"].where(after == before, 0).astype(found["partial"].dtype)
    if "status" in found:
        base = after.sel(period=next(each.name for each in job.periods if is_baseline(each.name)), drop=True)
        judged = [
            status(base, after.sel(period=each.name, drop=True)).values if each.reporting else found["status"][n].values
            for n, each in enumerate(job.periods)
        ]
        layers["status"] = found["status"].copy(data=np.stack(judged))
    kept = {name: layer.assign_attrs(found[name].attrs) for name, layer in layers.items()}
    return found.assign(kept), table
