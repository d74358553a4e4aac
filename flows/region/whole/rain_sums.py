"""What the climate-adjusted trajectory takes out of a region: the sums of rain that explain its vegetation best.

The sum is chosen once for each climate cell, from the mean of all of the region's pixels in it. The pass that finds
those means has blocks of its own, so that the choice depends neither on the blocks of the assessment nor on pixels.
"""

from __future__ import annotations

from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr
import zarr

from flows.region.files.rasters import Frame, rasters
from flows.region.job import Climate, weights
from flows.run.progress import report
from flows.run.workers import in_order
from indicators.area.areas import cell_area
from indicators.breaks import CLIMATE_YEARS
from indicators.trends.rain_accumulation import best_accumulation, chosen_sums, legend_of_sums
from indicators.weather.drivers import seasonal
from regions.grid import coverage, geobox
from series.cubes.layout import CubeAxis, begin_cube
from series.cubes.stored import look, nearest, open_cube
from series.cubes.tiles import Tile, tiles

if TYPE_CHECKING:
    from flows.pull.pulled import Pulled
    from flows.region.job import Job
    from regions.model import Region
    from series.cubes.stored import CubeFile
    from series.cubes.tiles import Tile

NAME = "rain_sums"
#: Rows of climate cells among whose sums is chosen at a time.
ROWS = 32


def climates(job: Job, pulled: Pulled, workers: tuple[Executor, int]) -> dict[str, Climate]:
    """What is to be removed, by kind of annual value, for the profiles that want the best sum; {} without months."""
    kinds = dict.fromkeys(each.annual for each in job.profiles if each.trajectory.rain == "best-sum")
    if pulled.rain_months is None or not kinds:
        return {}
    rain = open_cube(pulled.rain_months)
    return {kind: climate(job, kind, rain, pulled, workers) for kind in kinds}


def climate(job: Job, kind: str, rain: xr.DataArray, pulled: Pulled, workers: tuple[Executor, int]) -> Climate:
    """Choose the sum of each climate cell, and store the rain of the chosen sums with the measures."""
    season = job.region.growing_season
    month = season[1] if kind == "season_mean" else 12
    means = cell_means(job, kind, rain, workers)
    parts = [slice(start, start + ROWS) for start in range(0, rain.sizes["y"], ROWS)]
    found = xr.concat(
        [best_accumulation(means.isel(y=part), rain.isel(y=part), month=month) for part in parts],
        "y",
        combine_attrs="override",
    )
    years = means["year"].values
    before = range(int(years[0]) - CLIMATE_YEARS + 1, int(years[0]))
    past = chosen_sums(found, rain, before, month=month)
    sums = found["rain"].transpose("year", "y", "x")
    cell = float(rain.attrs["cell_degrees"])
    temperature = temperature_of(pulled.monthly, season if kind == "season_mean" else (1, 12), means["year"])
    return Climate(
        rain=stored(job, kind, sums, cell, "chosen"),
        long_rain=stored(job, kind, xr.concat([past.transpose("year", "y", "x"), sums], "year"), cell, "long"),
        months=region_rain(job.region, rain),
        last_month=month,
        temperature=temperature,
        sums=found[["accumulation", "offset", "r2"]],
        chosen=summary_of(found, temperature is not None),
    )


def cell_means(job: Job, kind: str, rain: xr.DataArray, workers: tuple[Executor, int]) -> xr.DataArray:
    """Mean of the region's pixels in each climate cell (year, y, x); NaN without pixels."""
    cube = job.annual[kind]
    assert cube.years is not None
    shape = (len(cube.years), rain.sizes["y"], rain.sizes["x"])
    total, count = np.zeros(shape), np.zeros(shape)
    cells = rain["y"].values, rain["x"].values, float(rain.attrs["cell_degrees"])
    blocks = tiles(cube.shape)
    parts = in_order(workers, partial(block_sums, job, kind, cells), blocks)
    for done, (box, value, pixels) in enumerate(parts):
        report(job.region.id, "best sums of rain", done, len(blocks))
        total[(slice(None), *box)] += value
        count[(slice(None), *box)] += pixels
    means = np.divide(total, count, out=np.full(shape, np.nan), where=count > 0)
    return xr.DataArray(means, {"year": cube.years, "y": rain["y"], "x": rain["x"]}, ("year", "y", "x"))


def block_sums(
    job: Job, kind: str, cells: tuple[np.ndarray, np.ndarray, float], tile: Tile
) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
    """The climate cells that a block touches, and sums and numbers of its pixels in them (year, y, x)."""
    y, x = job.grid.y[tile.window[0]], job.grid.x[tile.window[1]]
    rows, columns = nearest(cells[0], y, cells[2]), nearest(cells[1], x, cells[2])
    box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    shape = box[0].stop - box[0].start, box[1].stop - box[1].start
    inside = weights(job, tile) > 0
    place = ((rows - rows.min())[:, None] * shape[1] + (columns - columns.min())[None, :])[inside]
    vi = job.annual[kind].window(tile).values[:, inside]
    sums, counts = np.zeros((len(vi), *shape)), np.zeros((len(vi), *shape))
    for year, values in enumerate(vi):
        known = np.isfinite(values)
        where = place[known]
        sums[year] = np.bincount(where, values[known], shape[0] * shape[1]).reshape(shape)
        counts[year] = np.bincount(where, minlength=shape[0] * shape[1]).reshape(shape)
    return box, sums, counts


def stored(job: Job, kind: str, sums: xr.DataArray, cell: float, name: str) -> CubeFile:
    """The chosen sums as a cube in the folder of the measures, from which blocks read the nearest cells."""
    target = job.scratch / kind / f"{NAME}-{name}.zarr"
    target.parent.mkdir(exist_ok=True)
    axis = CubeAxis.of("year", sums["year"].values)
    grid = geobox(job.region, cell)
    draft = begin_cube(target, NAME, axis, grid, {"units": "mm"}, {"origin": "chosen"}, dtype=float)
    array = zarr.open_array(draft / NAME, mode="r+").with_config({"write_empty_chunks": True})
    array[...] = sums.values
    draft.replace(target)
    return look(target)


def region_rain(region: Region, rain: xr.DataArray) -> xr.DataArray:
    """Mean monthly rain of the region (time); cells are weighted by their area inside the region."""
    share = coverage(region, geobox(region, float(rain.attrs["cell_degrees"]))).assign_coords(y=rain["y"], x=rain["x"])
    mean: xr.DataArray = rain.weighted((share * cell_area(rain)).fillna(0)).mean(("y", "x"))
    return mean.assign_attrs(units=rain.attrs.get("units", "mm"))


def temperature_of(monthly: Path | None, season: tuple[int, int], years: xr.DataArray) -> xr.DataArray | None:
    """The region's mean temperature of the season by year, from the table of its monthly series."""
    if monthly is None:
        return None
    table = pd.read_csv(monthly, parse_dates=["month"])
    own = table[table["variable"] == "temperature"].set_index("month")["value"]
    if own.empty:
        return None
    found = seasonal(own, season, "mean").reindex(years.values)
    return xr.DataArray(found.to_numpy(float), {"year": years.values}, "year")


def write_sums(climate: Climate, job: Job, tags: dict[str, str], folder: Path) -> None:
    """The chosen sums as rasters on the climate cells: months summed, months before, and how much rain explains."""
    layers = legend_of_sums(climate.sums)
    y, x = climate.sums["y"].values, climate.sums["x"].values
    frame = Frame.of(y, x, climate.rain.cell_degrees)
    with rasters(folder, frame, tags, job.years) as files:
        for name, band in layers.items():
            files.put_band(Tile(0, 0, len(y), len(x)), job.periods[0].name, f"rain_{name}", band)


def summary_of(found: xr.Dataset, warm: bool) -> dict[str, Any]:
    """The chosen sums for a summary: climate cells by months summed and by offset, and how much rain explains."""
    known = found["r2"].notnull().values

    def counts(name: str) -> dict[str, int]:
        values, numbers = np.unique(found[name].values[known].astype(int), return_counts=True)
        return {str(value): int(number) for value, number in zip(values, numbers, strict=True)}

    return {
        "rain": "best sum of months of each climate cell",
        "cells": int(known.sum()),
        "months_summed": counts("accumulation"),
        "months_before": counts("offset"),
        "median_r2": round(float(np.median(found["r2"].values[known])), 4) if known.any() else None,
        "temperature": "region's season mean, where its partial p is below 0.05" if warm else "none",
    }
