"""Breaks of single pixels over the whole record, and what they make of the trend class: rasters, areas, statistics.

Blocks are read again one by one, so that memory does not grow with the region; a pixel's result is that of its own
series alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import rasterio
import xarray as xr
from rasterio.windows import Window

from flows.region.attribution import change_attributes, change_statistics, change_sums, changes
from flows.region.files.rasters import Frame, rasters
from flows.region.job import weights
from flows.run.progress import report
from flows.run.workers import in_order
from indicators.area.tally import class_rows, class_sums
from indicators.breaks import FLAGS, METHODS, flag_trend, tss_restrend_annual
from indicators.codes import DEGRADED, IMPROVED, NODATA, STABLE, attributes

if TYPE_CHECKING:
    from flows.region.job import Job
    from flows.region.measuring import Work
    from indicators.area.tally import Sums
    from indicators.profiles import Profile
    from series.cubes.stored import CubeFile
    from series.cubes.tiles import Tile

#: Years that the tree needs: four in each fifth of the record.
FEWEST_YEARS = 20
#: Pixels computed at the same time; the decision tree needs about thirty arrays of them by year.
AT_ONCE = 16_384
TABLE = "pixel_breaks"
YEAR_NODATA = -1
YEARS_OF = ("break_year", "break_low", "break_high")
SHARES = ("break_size", "break_before", "break_after")
SOURCE = "TSS-RESTREND, Burrell et al. 2017, doi:10.1016/j.rse.2017.05.018"
NOTE = (
    "share of the land with a trend class; productivity with the effect of rain removed broke in {area:.1f} km2; {what}"
)
MEANING = {
    "confirmed": "the change over the record goes the way of the class",
    "step": "most of the change was sudden: no gradual trend",
    "reversed": "the change over the record, or that since the break, goes against the class",
    "hidden": "the class is stable, but the land changed at the break",
}


@dataclass(frozen=True)
class BrokenBlock:
    """The layers (y, x) of a block, the area of each class of its coded layers, and what goes into means of others."""

    layers: xr.Dataset
    areas: dict[str, Sums]
    means: dict[str, Sums]


def write_breaks(work: Work, profile: Profile, tags: dict[str, str], folder: Path) -> pd.DataFrame:
    """Write the breaks of pixels as rasters of a profile's whole record, and the areas of their flags.

    The trajectory of the profile must be in `folder`. Rasters: `break_year` (first year after the break; 0: none)
    with its 95 % interval `break_low` … `break_high`, `break_p`, `break_size`, `break_before`, `break_after` (changes,
    shares of the mean), `break_method`, `break_flag`, `break_rain` (rain explains the vegetation and its changes), and
    `change_…`, the parts of the change over the record; table: `pixel_breaks.csv`. Rain is what the profile takes out:
    the best sum of months, else that of the season. Returns statistics: shares of the flags, means of the parts; none,
    and nothing is written, without yearly rain or with fewer than 20 years of both.
    """
    job, period = work.job, work.job.periods[0].name
    if len(common_years(job, profile)) < FEWEST_YEARS:
        return pd.DataFrame()
    frame = Frame.of(job.grid.y, job.grid.x, job.grid.cell_degrees)
    areas: dict[str, Sums] = {}
    means: dict[str, Sums] = {}
    fed = tags["origin"] != "simulated"  # the virtual landscape has no carbon dioxide
    report(job.region.id, f"breaks by {profile.name}", 0, len(work.inside))
    with rasters(folder, frame, tags, job.years) as files:
        blocks = in_order(work.workers, partial(break_block, job, profile, folder.absolute(), fed), work.inside)
        for done, (tile, block) in enumerate(zip(work.inside, blocks, strict=True), start=1):
            for name, layer in block.layers.items():
                files.put_band(tile, period, str(name), layer)
            areas = {name: areas.get(name, 0.0) + sums for name, sums in block.areas.items()}
            means = {name: means.get(name, 0.0) + sums for name, sums in block.means.items()}
            report(job.region.id, f"breaks by {profile.name}", done, len(work.inside))
    table = area_table(job.region.id, period, areas)
    table.to_csv(folder / f"{TABLE}.csv", index=False)
    return pd.concat([statistics(table, period), change_statistics(means, period)], ignore_index=True)


def rain_of(job: Job, profile: Profile) -> CubeFile | None:
    """The rain that the tree takes out: the best sums where the profile wants them, else the rain of the season."""
    climate = job.climate.get(profile.annual) if profile.trajectory.rain == "best-sum" else None
    return climate.long_rain if climate is not None else job.cubes.get("precipitation")


def common_years(job: Job, profile: Profile) -> np.ndarray:
    """Years that have both productivity and rain."""
    rain = rain_of(job, profile)
    years = job.annual[profile.annual].years
    if rain is None or rain.years is None or years is None:
        return np.array([], int)
    return np.intersect1d(years, rain.years)


def break_block(job: Job, profile: Profile, folder: Path, fed: bool, tile: Tile) -> BrokenBlock:
    """The breaks of one window, and what they make of the trajectory that was written into `folder`.

    `fed`: the vegetation answers to carbon dioxide.
    """
    weight = weights(job, tile)
    inside = weight > 0
    direction = read_trajectory(folder / f"{job.periods[0].name}-trajectory.tif", tile)
    described = {**layer_attributes(), **change_attributes()}
    parts, way = [empty_layers(0)], direction[inside]
    for some in together(job, profile, tile, inside):
        shares = changes(some.years, some.green, some.rain_years, some.rain, fed=fed, tree=some.tree)
        parts.append({**judged(some.vi, some.tree, way[some.place]), **shares})
    layers = xr.Dataset()
    for name in parts[-1]:
        values = np.concatenate([part[name] for part in parts if name in part])
        grid = np.full(inside.shape, described[name].get("_FillValue", np.nan), values.dtype)
        grid[inside] = values
        layers[name] = xr.DataArray(grid, dims=("y", "x"), attrs=described[name])
    coded = ("break_method", "break_flag")
    areas = {name: class_sums(layers[name].values, weight) for name in coded}
    return BrokenBlock(layers, areas, change_sums(layers, weight))


@dataclass(frozen=True)
class TreePixels:
    """Pixels of a block whose trees were computed together: their place among those of the region, and their series.

    `green` (year, pixel) over `years`, `rain` over `rain_years`, which begin earlier.
    """

    place: slice
    years: np.ndarray
    green: np.ndarray
    rain_years: np.ndarray
    rain: np.ndarray
    tree: xr.Dataset

    @property
    def vi(self) -> xr.DataArray:
        """The annual values (year, pixel)."""
        return xr.DataArray(self.green, dims=("year", "pixel"), coords={"year": self.years})


def together(job: Job, profile: Profile, tile: Tile, inside: np.ndarray) -> Iterator[TreePixels]:
    """The decision tree of the pixels of a window that are `inside` the region, so many at a time as memory allows."""
    years = common_years(job, profile)
    vi = job.annual[profile.annual].window(tile).sel(year=years)
    cube = rain_of(job, profile)
    assert cube is not None
    rain = cube.near(vi["y"].values, vi["x"].values)
    green, wet, wet_years = vi.values[:, inside], rain.values[:, inside], rain["year"].values
    own = np.isin(wet_years, years)
    for start in range(0, green.shape[1], AT_ONCE):
        some = slice(start, start + AT_ONCE)
        part = xr.DataArray(green[:, some], dims=("year", "pixel"), coords={"year": years})
        tree = tss_restrend_annual(part, part.copy(data=wet[own][:, some]))
        yield TreePixels(some, years, green[:, some], wet_years, wet[:, some], tree)


def break_years(job: Job, profile: Profile, tile: Tile) -> np.ndarray:
    """The layer `break_year` (y, x) of a window, as it is published; no data without enough years of rain."""
    inside = weights(job, tile) > 0
    found = np.full(inside.shape, YEAR_NODATA, np.int16)
    if len(common_years(job, profile)) < FEWEST_YEARS or not inside.any():
        return found
    parts = [
        judged(some.vi, some.tree, np.full(some.green.shape[1], STABLE, np.int8))["break_year"]
        for some in together(job, profile, tile, inside)
    ]
    found[inside] = np.concatenate(parts)
    return found


def layer_attributes() -> dict[str, dict[str, Any]]:
    """Content, codes and no-data value of each layer."""
    share = {"units": "1", "references": SOURCE}
    ends = "of the 95 % interval of the first year after the break (Bai 1997), 0: no break"
    return {
        "break_year": {
            "long_name": "first year after the break, 0: none",
            "units": "year",
            "_FillValue": YEAR_NODATA,
        },
        "break_low": {"long_name": f"first year {ends}", "units": "year", "_FillValue": YEAR_NODATA},
        "break_high": {"long_name": f"last year {ends}", "units": "year", "_FillValue": YEAR_NODATA},
        "break_p": {"long_name": "p of the Chow test of the break", "units": "1"},
        "break_size": {"long_name": "change at the break, share of the mean", **share},
        "break_before": {"long_name": "change up to the break, share of the mean", **share},
        "break_after": {"long_name": "change since the break, share of the mean", **share},
        "break_method": attributes("what the tree decided", dict(enumerate(METHODS)), SOURCE),
        "break_flag": attributes("what a break makes of the trend class", flag_meanings(), SOURCE),
        "break_rain": attributes("rain drives the vegetation, and no change is left", {0: "no", 1: "yes"}, SOURCE),
    }


def empty_layers(pixels: int) -> dict[str, np.ndarray]:
    """The layers of as many pixels, without data."""
    coded = ("break_method", "break_flag", "break_rain")
    return {
        **{name: np.full(pixels, YEAR_NODATA, np.int16) for name in YEARS_OF},
        **{name: np.full(pixels, np.nan, np.float32) for name in ("break_p", *SHARES)},
        **{name: np.full(pixels, NODATA, np.int8) for name in coded},
    }


def judged(vi: xr.DataArray, tree: xr.Dataset, way: np.ndarray) -> dict[str, np.ndarray]:
    """The layers for pixels (year, pixel) with their tree and a trajectory `way` (pixel)."""
    mean = vi.mean("year") if vi.sizes["pixel"] else vi.isel(year=0, drop=True)
    tried = tree["method"].values >= 0
    flag = flag_trend(xr.DataArray(way, dims="pixel"), tree, mean)["flag"].values
    broken = tried & tree["break_year"].notnull().values
    found = empty_layers(way.size)
    for name in YEARS_OF:
        found[name][tried] = np.nan_to_num(tree[name].values).astype(np.int16)[tried]
    with np.errstate(invalid="ignore", divide="ignore"):
        for name, field in zip(SHARES, ("at", "before", "after"), strict=True):
            found[name][broken] = (tree[field].values / mean.values)[broken]
    decided = tree["break_p"].fillna(tree["vpr_break_p"]).values
    found["break_p"][broken] = decided[broken]
    found["break_method"][tried] = tree["method"].values[tried]
    found["break_rain"][tried] = tree["explained_by_rain"].values[tried]
    marked = tried & np.isin(way, (DEGRADED, STABLE, IMPROVED))
    found["break_flag"] = np.where(marked, flag, NODATA).astype(np.int8)
    return found


def read_trajectory(path: Path, tile: Tile) -> np.ndarray:
    """A window (y, x) of a trajectory's raster."""
    with rasterio.open(path) as file:
        return np.asarray(file.read(1, window=Window(tile.x, tile.y, tile.width, tile.height)))


def flag_meanings() -> dict[int, str]:
    """Codes of the flag."""
    return dict(enumerate(FLAGS))


def area_table(region: str, period: str, areas: Mapping[str, Sums]) -> pd.DataFrame:
    """Areas by method of the tree and by flag; what has no class is a row, so that both close."""
    meanings = {"break_method": dict(enumerate(METHODS)), "break_flag": flag_meanings()}
    tables = [
        class_rows(areas[name], region, meanings[name], frozenset()).assign(period=period, indicator=name)
        for name in meanings
    ]
    return pd.concat(tables, ignore_index=True)


def statistics(table: pd.DataFrame, period: str) -> pd.DataFrame:
    """The share of each flag as a statistic, and that of the classes that do not show what happened."""
    own = table[table["indicator"] == "break_flag"].set_index("class")
    rows = [
        (f"break_share_{name}", own.loc[name, "share"], NOTE.format(area=own.loc[name, "area_km2"], what=what))
        for name, what in MEANING.items()
    ]
    denied = own.loc[["reversed", "hidden"]]
    words = NOTE.format(
        area=denied["area_km2"].sum(), what="reversed and hidden: the class alone does not show what happened"
    )
    rows.append(("break_share_invalidated", denied["share"].sum(min_count=2), words))
    found = pd.DataFrame(rows, columns=["name", "value", "note"])
    found["value"] = found["value"].astype(float)
    return found.assign(low=None, high=None, p=None, units="1", period=period)
