"""The cubes of a region straight from the simulated landscape, as they would be pulled: for scoring many landscapes.

Each cube has the grid, the units and the packing of the one that `flows.pull` stores, and values at the centres of its
cells. So at the native cells of the data sets the cubes are those of the offline engine; larger cells are native cells
that lie apart, not averages, and the truth of a cell is that of its centre.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import zarr

from flows.pull.pulled import Pulled
from flows.pull.region import USUAL_SINCE
from flows.region.landscape.zones import climate_zones
from indicators.sdg15.measures import PEAK
from offline.landscape import Scene, WorldName, of_geobox
from offline.landscape.annual import annual_kinds
from offline.model.assets import ImageAsset
from offline.sources.simulated import bands, open_maps
from offline.sources.simulated.source import SimulatedSource
from regions.grid import coverage, geobox
from series.climate_zones import ELEVATION
from series.composites import season_bounds
from series.cubes.layout import CubeAxis, begin_cube
from series.cubes.packing import MONTHS, NODATA, Packing, packing_of
from series.datasets import DATASETS, DEFAULTS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from odc.geo.geobox import GeoBox

    from offline.landscape.annual import Kind
    from offline.sources.simulated.bands import Stored
    from regions.model import Region
    from series.datasets import Dataset

Years = tuple[int, int]
ORIGIN = "simulated"


@dataclass(frozen=True)
class Place:
    """A region of one landscape: seed and world, first and last year, cell size in degrees, folder of its cubes."""

    region: Region
    seed: int
    world: WorldName
    years: Years
    cell: float
    folder: Path

    def scene(self, dataset: Dataset) -> tuple[GeoBox, Scene]:
        """The grid of a data set in the region, and the landscape at the centres of its cells."""
        grid = geobox(self.region, max(self.cell, dataset.resolution))
        return grid, of_geobox(grid, self.seed, world=self.world)


def soil_carbon(place: Place, dataset: Dataset) -> Stored:
    """Stocks of SoilGrids."""
    return bands.soil_carbon(place.scene(dataset)[1], date(2000, 1, 1))


def great_groups(place: Place, dataset: Dataset) -> Stored:
    """Soil units of OpenLandMap."""
    return open_maps.great_group(place.scene(dataset)[1], date(2000, 1, 1))


def climate_zone(place: Place, dataset: Dataset) -> Stored:
    """Climate zones of ERA5-Land; the height of a cell is that of its pixel in the pyramid of SRTM."""
    grid, scene = place.scene(dataset)
    return climate_zones(scene, (dataset.first_year, dataset.last_year), partial(relief, place, grid))


def relief(place: Place, grid: GeoBox) -> NDArray[np.float32]:
    """Metres above the sea of the cells of a grid; 0 at sea."""
    asset = SimulatedSource(place.seed, world=place.world).get(ELEVATION)
    assert isinstance(asset, ImageAsset)
    values, mask = asset.read("elevation", grid, "nearest")
    return np.where(mask > 0, values, 0).astype(np.float32)


#: What classes are computed from, besides productivity and rain: variable, and its values in a place.
STATIC: dict[str, Callable[[Place, Dataset], Stored]] = {
    "soil_carbon": soil_carbon,
    "soil_taxonomy": great_groups,
    "climate_zone": climate_zone,
}


def landscape_cubes(place: Place, kinds: Sequence[Kind]) -> Pulled:
    """Write the cubes of a region, productivity of these kinds (the first one leads), and its monthly temperature."""
    datasets = {variable: DATASETS[DEFAULTS[variable]] for variable in ("productivity", "land_cover", *STATIC)}
    rain = DATASETS[DEFAULTS["precipitation"]]
    annual = productivity(place, datasets["productivity"], kinds)
    months = rain_months(place, rain)
    cubes = {
        "productivity": annual[kinds[0]],
        "land_cover": land_cover(place, datasets["land_cover"]),
        **{variable: static(place, datasets[variable], field) for variable, field in STATIC.items()},
        "precipitation": months.season,
    }
    return Pulled(
        cubes,
        {**datasets, "precipitation": rain},
        temperature(place, DATASETS[DEFAULTS["temperature"]]),
        annual,
        rain_months=months.all,
    )


def productivity(place: Place, dataset: Dataset, kinds: Sequence[Kind]) -> dict[str, Path]:
    """The cube of each kind of annual value."""
    grid, scene = place.scene(dataset)
    first, last = place.years
    years = range(first, last + 1)
    found = annual_kinds(scene, years, place.region.growing_season, tuple(kinds))
    axis = CubeAxis.of("year", years)
    return {
        kind: stored(place, f"productivity_{PEAK}" if kind == PEAK else "productivity", dataset, grid, axis, values,
                     kind)
        for kind, values in found.items()
    }  # fmt: skip


def land_cover(place: Place, dataset: Dataset) -> Path:
    """The yearly maps as they are classified."""
    grid, scene = place.scene(dataset)
    years = range(place.years[0], place.years[1] + 1)
    maps = np.stack([known(bands.land_cover(scene, date(year, 1, 1))) for year in years])
    return stored(place, "land_cover", dataset, grid, CubeAxis.of("year", years), maps)


def static(place: Place, dataset: Dataset, field: Callable[[Place, Dataset], Stored]) -> Path:
    """A map without years."""
    grid, _ = place.scene(dataset)
    return stored(place, dataset.variable, dataset, grid, None, known(field(place, dataset)))


@dataclass(frozen=True)
class RainCubes:
    """Sums of the growing season by year, and all months since the year from which droughts are judged."""

    season: Path
    all: Path


def rain_months(place: Place, dataset: Dataset) -> RainCubes:
    """Rain as its product reports it."""
    grid, scene = place.scene(dataset)
    first, last = place.years
    days = [date(year, month, 1) for year in range(USUAL_SINCE, last + 1) for month in range(1, 13)]
    rain = np.stack([known(bands.precipitation(scene, day)) for day in days]) * dataset.scale
    sums = []
    for year in range(first, last + 1):
        opening, closing = season_bounds(year, place.region.growing_season)
        sums.append(rain[[opening <= day < closing for day in days]].sum(axis=0))
    season = stored(place, "precipitation", dataset, grid, CubeAxis.of("year", range(first, last + 1)), np.stack(sums))
    time = CubeAxis.of("time", days)
    return RainCubes(season, stored(place, "precipitation_months", dataset, grid, time, rain, MONTHS))


def temperature(place: Place, dataset: Dataset) -> Path:
    """The region's mean temperature by month, as a table."""
    grid, scene = place.scene(dataset)
    days = [date(y, m, 1) for y in range(place.years[0], place.years[1] + 1) for m in range(1, 13)]
    weight = coverage(place.region, grid).values * scene.land
    total = weight.sum()
    means = [float((bands.temperature(scene, day)[0] * weight).sum() / total) + dataset.offset for day in days]
    table = pd.DataFrame({"region": place.region.id, "variable": "temperature", "month": days, "value": means})
    path = place.folder / "monthly-landscape.csv"
    table.assign(units=dataset.units).to_csv(path, index=False)
    return path


def known(band: Stored) -> np.ndarray:
    """The values of a band, NaN where it has none."""
    values, valid = band
    return np.where(valid, values, np.nan).astype(np.float32)


def stored(
    place: Place, name: str, dataset: Dataset, grid: GeoBox, axis: CubeAxis | None, values: np.ndarray, kind: str = ""
) -> Path:
    """A cube of values in physical units, rounded as they are on the way from the service."""
    packing = packing_of(dataset, kind or None)
    if isinstance(packing, Packing):
        numbers = np.floor((values.astype(float) - packing.offset) / packing.step + 0.5)  # halves go up, as in Java
        values = packing.values(np.where(np.isfinite(numbers), numbers, NODATA))
    target = place.folder / f"{name}-{kind or 'landscape'}.zarr"
    draft = begin_cube(target, name, axis, grid, {"units": dataset.units}, {"origin": ORIGIN})
    zarr.open_array(draft / name, mode="r+")[...] = values.astype(np.float32)
    draft.replace(target)
    return target
