"""The layers of a region of a simulated landscape as the product publishes them, computed in memory without a server.

`measured` and `find_block` make the classes in every run, and nothing is changed here. Only what no score needs is not
computed: field significance, detectability, rasters and tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from flows.pull.variables import annual_kinds, peak_kinds
from flows.region.blocks import find_block
from flows.region.job import weights
from flows.region.landscape.cubes import Place, landscape_cubes
from flows.region.measuring import measured
from flows.region.pixel_breaks import break_years
from flows.region.results import SIDE
from flows.request.assess import AssessRequest
from flows.request.choices import profiles_of
from series.datasets import DATASETS, DEFAULTS

if TYPE_CHECKING:
    from flows.region.measuring import Work

#: Regions that are said to be computed at the same time: then each has one thread, and processes are many.
ONE_THREAD = 32


@dataclass(frozen=True)
class PublishedLayers:
    """The layers of each profile (period, y, x), their breaks of pixels (y, x), and the work that they come from.

    `chances`: the expected areas of change, of the profiles that have probabilities.
    """

    work: Work
    layers: dict[str, xr.Dataset]
    breaks: dict[str, np.ndarray]
    chances: dict[str, pd.DataFrame]
    km2: np.ndarray


@contextmanager
def published(place: Place, names: Sequence[str]) -> Iterator[PublishedLayers]:
    """Assess one region of one landscape by the profiles named; `place.folder` holds the work while the block runs."""
    with TemporaryDirectory(dir=place.folder, prefix=f"{place.region.id}-{place.seed}-") as folder:
        own = replace(place, folder=Path(folder))
        request = AssessRequest(
            regions=(place.region.id,),
            years=place.years,
            profiles=tuple(names),
            resolution=place.cell,
            data=own.folder,
            world=place.world,
            seed=place.seed,
            workers=ONE_THREAD,
        )
        productivity = DATASETS[DEFAULTS["productivity"]]
        kinds: Any = (*annual_kinds(request), *peak_kinds(request, productivity))
        pulled = landscape_cubes(own, kinds)
        with measured(place.region, pulled, request, profiles_of(request), SIDE) as work:
            yield layers_of(work)


def layers_of(work: Work) -> PublishedLayers:
    """The layers of all profiles as they are published, put together from their blocks."""
    job = work.job
    shape = job.grid.shape
    km2 = np.zeros(shape)
    layers: dict[str, dict[str, xr.DataArray]] = {each.name: {} for each in job.profiles}
    breaks = {each.name: np.full(shape, -1, np.int16) for each in job.profiles}
    chances: dict[str, list[pd.DataFrame]] = {}
    for tile in work.inside:
        km2[tile.window] = weights(job, tile)
        trees: dict[tuple[str, str], np.ndarray] = {}  # profiles with the same series have the same breaks
        for profile in job.profiles:
            found = find_block(job, work.whole, profile, tile)
            block = found.layers
            if found.tables is not None and found.tables.chances is not None:
                chances.setdefault(profile.name, []).append(found.tables.chances)
            for name, layer in block.items():
                put(layers[profile.name], str(name), layer, tile.window, shape)
            if "step_year" in block:
                breaks[profile.name][tile.window] = block["step_year"].values[0]
            else:
                series = profile.annual, profile.trajectory.rain
                if series not in trees:
                    trees[series] = break_years(job, profile, tile)
                breaks[profile.name][tile.window] = trees[series]
    together = {name: xr.Dataset(own) for name, own in layers.items()}
    return PublishedLayers(work, together, breaks, {name: pd.concat(parts) for name, parts in chances.items()}, km2)


def put(
    into: dict[str, xr.DataArray], name: str, layer: xr.DataArray, window: tuple[slice, slice], shape: tuple[int, int]
) -> None:
    """Write the layer of a block into that of the region."""
    if name not in into:
        blank = layer.attrs.get("_FillValue", np.nan if layer.dtype.kind == "f" else 0)
        whole = np.full((*layer.shape[:-2], *shape), blank, layer.dtype)
        into[name] = xr.DataArray(whole, dims=layer.dims, attrs=layer.attrs)
    into[name].values[(..., *window)] = layer.values
