"""A region assessed block by block: what a worker does with one window of its grid.

First every block is measured and stored on disk; then its classes are found, with numbers of the whole region.
What goes back and forth are paths, sums and single windows, never the region.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from flows.region.corrections import BlockTables, with_corrections
from flows.region.job import Job, weights
from flows.region.sampling import Picked, pick
from indicators.area.tally import CODES, Sums, class_sums, transition_sums
from indicators.chance.false_discovery import Counted, counted
from indicators.sdg15.assessment import p_values
from indicators.sdg15.findings import Whole, agreement, find
from indicators.sdg15.land_cover import to_unccd
from indicators.sdg15.legends import translated
from indicators.sdg15.measures import Located, Measured, PixelInputs, cover_by_filter, measure
from indicators.sdg15.prais import extents
from indicators.sdg15.soil_carbon import stock
from regions.reference_areas import zone_numbers

if TYPE_CHECKING:
    from indicators.profiles import Profile
    from series.cubes.tiles import Tile

CARBON = "soil_organic_carbon"
LEVEL = "performance_level"
SLOPES = {"slope", "slope_adjusted"}
#: Indicators whose class areas are published.
TALLIED = ("sdg", "productivity", "land_cover", "land_cover_other_window", "soil_organic_carbon", "status")


@dataclass(frozen=True)
class BlockSums:
    """What a measured block adds to the whole: p-values, and sums of value × area and of area by year.

    What follows from land cover is kept by filter of land cover: `transitions` by filter, windows and number of the
    period, `extents` by filter, series of soil carbon with the filter in their names.
    """

    inside: bool
    p: dict[tuple[str, int, str], Counted]
    series: dict[str, tuple[np.ndarray, np.ndarray]]
    transitions: dict[tuple[str, str, int], Sums]
    extents: dict[str, list[pd.DataFrame]] = field(default_factory=dict)
    sample: list[Picked] = field(default_factory=list)


def measure_block(job: Job, tile: Tile) -> BlockSums:
    """Measure one window and store the measures; nothing to do if it is outside the region."""
    weight = weights(job, tile)
    if not weight.any():
        return BlockSums(False, {}, {}, {})
    pixels = read_pixels(job, tile)
    covers = cover_by_filter(pixels, job.profiles)
    pixels = replace(pixels, filtered_cover=covers)
    measured = measure(without_coordinates(pixels), job.periods, job.profiles)
    inside = weight > 0
    keep(job.scratch, tile, measured, inside)
    p = {
        (profile.name, number, suffix): counted(values, inside)
        for profile, number, suffix, values in p_values(measured, job.profiles)
    }
    soil = carbon_stocks(job, pixels)
    return BlockSums(
        True,
        p,
        annual_sums(job, pixels, weight, soil),
        cover_changes(job, pixels, weight),
        {name: [extents(cover, soil.get(name), weight, job.periods)] for name, cover in covers.items()},
        [pick(pixels, weight, tile, job.grid.shape)],
    )


def read_pixels(job: Job, tile: Tile) -> PixelInputs:
    """The pixels of a window, everything on the grid of productivity."""
    vi = {kind: cube.window(tile) for kind, cube in job.annual.items()}
    y, x = job.grid.y[tile.window[0]], job.grid.x[tile.window[1]]
    read = {name: cube.near(y, x) for name, cube in job.cubes.items()}
    cover = to_classes(read["land_cover"], job.legend) if "land_cover" in read else None
    like = next(iter(vi.values())).isel(year=0, drop=True)
    return PixelInputs(
        vi=vi,
        quantity=job.quantity,
        land_cover=cover,
        cover_rates=job.cover_rates,
        cover_product=job.cover_product,
        climate_zone=read.get("climate_zone"),
        precipitation=read.get("precipitation"),
        rain_sums={kind: each.rain.near(y, x) for kind, each in job.climate.items()},
        temperature={kind: each.temperature for kind, each in job.climate.items() if each.temperature is not None},
        soil_unit=read.get("soil_taxonomy"),
        zone=like.copy(data=zone_numbers(job.region, y, x)),
        change={kind: Located(model, y, x) for kind, model in job.change.items()},
    )


def without_coordinates(pixels: PixelInputs) -> PixelInputs:
    """The same pixels without coordinates: comparing those of a block at every step takes longer than many a step."""

    def bare(layers: Any) -> Any:
        if isinstance(layers, dict):
            return {name: bare(layer) for name, layer in layers.items()}
        return layers.drop_vars(["y", "x"], errors="ignore") if isinstance(layers, xr.DataArray) else layers

    return replace(pixels, **{each.name: bare(getattr(pixels, each.name)) for each in fields(pixels)})


def to_classes(cover: xr.DataArray, legend: str | dict[int, int]) -> xr.DataArray:
    """Land cover as UNCCD classes, by a named legend or the user's own."""
    found: xr.DataArray = to_unccd(cover, legend) if isinstance(legend, str) else translated(cover, legend)
    return found


def carbon_stocks(job: Job, pixels: PixelInputs) -> dict[str, xr.DataArray]:
    """Soil carbon (year, y, x) in t/ha by filter of land cover; {} without first stock, land cover or climate zones."""
    if pixels.climate_zone is None or "soil_carbon" not in job.cubes:
        return {}
    first = next(iter(pixels.vi.values()))
    soil = job.cubes["soil_carbon"].near(first["y"].values, first["x"].values)
    return {name: stock(soil, cover, pixels.climate_zone) for name, cover in pixels.filtered_cover.items()}


def annual_sums(
    job: Job, pixels: PixelInputs, weight: np.ndarray, soil: Mapping[str, xr.DataArray]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Sums over the block of value × area, and of area where there is a value, by year; productivity by kind."""
    found = {f"productivity/{kind}": vi for kind, vi in pixels.vi.items()}
    first = next(iter(pixels.vi.values()))
    y, x = first["y"].values, first["x"].values
    for name in ("precipitation", "soil_moisture"):
        if name in job.cubes:
            read = getattr(pixels, name, None)
            found[name] = job.cubes[name].near(y, x) if read is None else read
    found |= {f"{CARBON}/{name}": stocks for name, stocks in soil.items()}
    sums = {}
    for name, data in found.items():
        values = data.values
        known = np.isfinite(values)
        sums[name] = (
            np.einsum("tyx,yx->t", np.where(known, values, 0.0), weight, dtype=float),
            np.einsum("tyx,yx->t", known, weight, dtype=float),
        )
    return sums


def cover_changes(job: Job, pixels: PixelInputs, weight: np.ndarray) -> dict[tuple[str, str, int], Sums]:
    """Area from and to each land-cover class, by filter of land cover, kind of window and number of the period."""
    found: dict[tuple[str, str, int], Sums] = {}
    for name, windows in {(each.cover_filter, each.windows[0]) for each in job.profiles}:
        cover = pixels.filtered_cover.get(name)
        for number, period in enumerate(job.periods):
            years = period.cover_window(windows)
            if cover is not None and set(years) <= set(cover["year"].values.tolist()):
                first, last = (cover.sel(year=year).values for year in years)
                found[name, windows, number] = transition_sums(first, last, weight)
    return found


def keep(folder: Path, tile: Tile, measured: Measured, inside: np.ndarray) -> None:
    """Store the measures of a block, and which of its pixels are inside the region."""
    arrays = {"region/0/inside": inside}
    arrays |= {f"land/{n}/{name}": a.values for n, each in enumerate(measured.land) for name, a in each.items()}
    for method, found in measured.methods.items():
        arrays |= {f"{method}/{n}/{name}": a.values for n, each in enumerate(found) for name, a in each.items()}
    np.savez(_place_of(folder, tile), **arrays)  # type: ignore[arg-type]


def kept(folder: Path, tile: Tile, methods: Sequence[str]) -> Measured:
    """The measures of a block again, of the methods named; without coordinates."""
    found: dict[str, dict[int, dict[str, xr.DataArray]]] = {}
    with np.load(_place_of(folder, tile)) as stored:
        for key in stored.files:
            owner, number, name = key.split("/", 2)
            if owner == "land" or owner in methods:
                layer = xr.DataArray(stored[key], dims=("y", "x"))
                found.setdefault(owner, {}).setdefault(int(number), {})[name] = layer
    sets = {owner: tuple(xr.Dataset(periods[n]) for n in sorted(periods)) for owner, periods in found.items()}
    return Measured(sets.pop("land"), sets)


def means_of(folder: Path, tile: Tile, kind: str, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Means over a period's performance window, and labels of units, of a block's pixels in the region."""
    with np.load(_place_of(folder, tile)) as stored:
        inside = stored["region/0/inside"]
        return stored[f"land/{number}/mean_{kind}"][inside], stored[f"land/{number}/units"][inside]


def _place_of(folder: Path, tile: Tile) -> Path:
    return folder / f"{tile.y}-{tile.x}.npz"


@dataclass(frozen=True)
class FoundBlock:
    """The classes of a block by one profile, and the area of each class by indicator and period."""

    layers: xr.Dataset
    areas: dict[tuple[str, str], Sums]
    tables: BlockTables | None = None


def find_block(job: Job, whole: Whole, profile: Profile, tile: Tile) -> FoundBlock:
    """Find the classes of a block that was measured; its combined class stays aside for the agreement map."""
    y, x = job.grid.y[tile.window[0]], job.grid.x[tile.window[1]]
    measured = kept(job.scratch, tile, [profile.name])
    weight = weights(job, tile)
    found = outlined(find(measured, whole, job.periods, profile), weight > 0).assign_coords(y=y, x=x)
    for name in SLOPES & set(found):
        units = str(job.annual[profile.annual].attrs.get("units", "1"))
        found[name].attrs["units"] = "year-1" if units == "1" else f"{units} year-1"
    found, tables = with_corrections(job, profile, tile, found, measured, weight)
    areas = {
        (indicator, period.name): class_sums(found[indicator][number].values, weight)
        for indicator in (*TALLIED, LEVEL)
        if indicator in found
        for number, period in enumerate(job.periods)
    }
    np.save(_combined(job.scratch, profile.name, tile), found["sdg"].values)
    return FoundBlock(found, areas, tables)


def outlined(found: xr.Dataset, inside: np.ndarray) -> xr.Dataset:
    """Layers with no data (or 0, where they have no such code) outside the region, whatever block a cell is in."""

    def masked(layer: xr.DataArray) -> xr.DataArray:
        blank = layer.attrs.get("_FillValue", np.nan if layer.dtype.kind == "f" else 0)
        return layer.copy(data=np.where(inside, layer.values, np.asarray(blank, layer.dtype)))

    return found.map(masked, keep_attrs=True)


def agreed_block(job: Job, tile: Tile) -> FoundBlock:
    """How many profiles call the pixels of a block degraded, by period."""
    y, x = job.grid.y[tile.window[0]], job.grid.x[tile.window[1]]
    coords = {"period": [each.name for each in job.periods], "y": y, "x": x}
    stack = [
        xr.DataArray(np.load(_combined(job.scratch, each.name, tile)), coords=coords, dims=("period", "y", "x"))
        for each in job.profiles
    ]
    weight = weights(job, tile)
    found = outlined(agreement(stack).to_dataset(name="agreement"), weight > 0)["agreement"]
    areas = {("agreement", period.name): class_sums(found[n].values, weight) for n, period in enumerate(job.periods)}
    return FoundBlock(found.to_dataset(name="agreement"), areas)


def _combined(folder: Path, profile: str, tile: Tile) -> Path:
    return folder / f"{profile}-{tile.y}-{tile.x}.npy"


def added(parts: Sequence[Mapping[tuple[str, str], Sums]]) -> dict[tuple[str, str], Sums]:
    """Sums of blocks as sums of the whole."""
    total: dict[tuple[str, str], Sums] = {}
    for part in parts:
        for key, sums in part.items():
            total[key] = total.get(key, np.zeros(CODES)) + sums
    return total
