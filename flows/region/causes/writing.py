"""The patches of a result: rasters of their numbers and verdicts, a table, and statistics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import rasterio
import xarray as xr
from shapely.ops import unary_union

from flows.region.causes.borders import border_statistics, countries_of
from flows.region.causes.found_patches import found_patches
from flows.region.causes.gathering import MINES, Drivers, gather
from flows.region.causes.judging import verdicts
from flows.region.files.rasters import Frame, rasters
from flows.region.job import weights
from flows.run.progress import report
from indicators.causes.drivers import CAUSES, HUMAN, SEVERAL, UNDETERMINED
from indicators.causes.patches import LEAST_CELLS
from indicators.causes.verdict import DECIDED, FEWEST
from indicators.codes import NODATA, attributes
from practices.results.names import HEADLINE
from series.areas.stored import read_areas
from series.cubes.stored import look

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from flows.pull.pulled import Pulled
    from flows.region.causes.found_patches import FoundPatches
    from flows.region.measuring import Work
    from indicators.profiles import Profile

TABLE = "patches"
#: Codes of the raster of verdicts.
CODES: dict[int, str] = dict(enumerate((*CAUSES, SEVERAL, UNDETERMINED), start=1))
SOURCE = "before-after control-impact against matched land (Stewart-Oaten et al. 1986, doi:10.2307/1939815)"
NOTE = (
    "share of the degraded land in {patches} patches of at least {least} cells ({area:.0f} km2), by what their loss is "
    "associated with: {cause}; not a proof of cause"
)
NO_PATCH = "no degraded land hangs together over {least} cells or more, so that no patch was judged"
DECIDED_NOTE = (
    f"share of the degraded land in such patches whose loss goes with a known driver with a probability of at least "
    f"{100 * DECIDED:.0f} %"
)
HUMAN_NOTE = "share of the degraded land in such patches whose loss goes with herds, water, mines or fields"


def write_causes(work: Work, profile: Profile, pulled: Pulled, tags: dict[str, str], folder: Path) -> pd.DataFrame:
    """Find the degraded patches of a profile's whole record and what their loss goes with.

    The map of degradation must be in `folder`. Rasters: `patch`, the number of the patch, and `verdict`; table:
    `patches.csv`, a row for each patch. Returns statistics of the patches and of jumps of drivers at borders; none,
    and nothing is written, with fewer than 12 years.
    """
    job, period = work.job, work.job.periods[0].name
    years = job.annual[profile.annual].years
    if not job.options.patches or years is None or len(years) < FEWEST:
        return pd.DataFrame()
    report(job.region.id, f"causes by {profile.name}")
    with rasterio.open(folder / f"{period}-{HEADLINE}.tif") as file:
        classes = file.read(1)
    patches = found_patches(classes)
    drivers = Drivers({name: look(path) for name, path in pulled.drivers.items()}, mines_of(pulled))
    gathered = gather(work, profile, patches, drivers)
    table = verdicts(patches, gathered, job.grid.y, job.grid.x, countries_of(pulled))
    table.insert(0, "region", job.region.id)
    table.insert(1, "period", period)
    table.to_csv(folder / f"{TABLE}.csv", index=False)
    write_layers(work, patches, table, tags, folder)
    found = [statistics(table, period), border_statistics(job.region, pulled, period)]
    return pd.concat([each for each in found if len(each)], ignore_index=True)


def mines_of(pulled: Pulled) -> BaseGeometry | None:
    """The outlines of mines in and around a region; None where they were not read."""
    path = pulled.areas.get(MINES)
    return None if path is None else unary_union([each.geometry for each in read_areas(path)])


def write_layers(work: Work, patches: FoundPatches, table: pd.DataFrame, tags: dict[str, str], folder: Path) -> None:
    """Write the number of the patch at each cell, and its verdict."""
    job, period = work.job, work.job.periods[0].name
    code = {name: number for number, name in CODES.items()}
    of_patch = np.array([NODATA, *(code[cause] for cause in table["verdict"])], np.int8)
    described: dict[str, dict[str, Any]] = {
        "patch": {"long_name": "number of the degraded patch, 0: none", "units": "1", "_FillValue": -1},
        "verdict": attributes("what the loss of the patch goes with", CODES, SOURCE),
    }
    frame = Frame.of(job.grid.y, job.grid.x, job.grid.cell_degrees)
    with rasters(folder, frame, tags, job.years) as files:
        for tile in work.inside:
            # outside of the region, -1
            numbers = np.where(weights(job, tile) > 0, patches.numbers[tile.window], -1).astype(np.int32)
            for name, values in (("patch", numbers), ("verdict", of_patch[np.maximum(numbers, 0)])):
                files.put_band(tile, period, name, xr.DataArray(values, dims=("y", "x"), attrs=described[name]))


def statistics(table: pd.DataFrame, period: str) -> pd.DataFrame:
    """Shares of the area of the patches by verdict; without patches their area alone, which is 0."""
    total = float(table["area_km2"].sum())
    if total <= 0:
        none = {"name": "patches_area", "value": 0.0, "units": "km2", "note": NO_PATCH.format(least=LEAST_CELLS)}
        return pd.DataFrame([none]).assign(low=None, high=None, p=None, period=period)
    share = table.groupby("verdict")["area_km2"].sum() / total
    said = {"patches": len(table), "least": LEAST_CELLS, "area": total}
    rows = [
        {
            "name": f"patch_share_{cause.replace(' ', '_')}", "value": float(share.get(cause, 0.0)), "units": "1",
            "note": NOTE.format(cause=cause, **said),
        }
        for cause in (*CAUSES, SEVERAL, UNDETERMINED)
    ]  # fmt: skip
    human = sum(float(share.get(cause, 0.0)) for cause in HUMAN)
    decided = 1 - float(share.get(UNDETERMINED, 0.0))
    found = f"degraded land in {len(table)} patches of at least {LEAST_CELLS} cells"
    rows += [
        {"name": "patches_area", "value": total, "units": "km2", "note": found},
        {"name": "patches_decided", "value": decided, "units": "1", "note": DECIDED_NOTE},
        {"name": "patches_human", "value": human, "units": "1", "note": HUMAN_NOTE},
    ]
    return pd.DataFrame(rows).assign(low=None, high=None, p=None, period=period)
