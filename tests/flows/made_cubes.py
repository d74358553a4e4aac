"""Cubes of a made-up region, as a pull leaves them: declines, gaps, water, bare ground, changes of land cover."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
import zarr
from odc.geo.geobox import GeoBox
from shapely import Polygon

from flows.pull.pulled import Pulled
from regions.grid import geobox
from regions.model import Region
from series.cubes.layout import CubeAxis, begin_cube
from series.datasets import DATASETS

YEARS = tuple(range(2001, 2025))
CELL = 1 / 60
#: Cell size of rain and climate zones.
COARSE = 1 / 6


def region(rows: int = 40, columns: int = 50, name: str = "made") -> Region:
    """A region with a slanting side, so that some cells are outside and some in part."""
    west, south = 110.0, 44.0
    east, north = west + columns * CELL, south + rows * CELL
    outline = Polygon([(west, south), (east, south), (east, north), (west + (east - west) * 3 / 4, north)])
    return Region(id=name, name=name.title(), geometry=outline, source="made for tests")


def write_cube(store: Path, name: str, grid: GeoBox, values: np.ndarray, units: str = "1") -> Path:
    """One cube of (year, y, x) or (y, x)."""
    axis = CubeAxis.of("year", YEARS) if values.ndim == 3 else None
    target = store / f"{name.split('/')[0]}-{name.split('/')[-1]}.zarr"
    attrs = {"units": units, "long_name": name}
    unfinished = begin_cube(target, name.split("/")[0], axis, grid, attrs, {"origin": "simulated"})
    zarr.open_array(unfinished / name.split("/")[0], mode="r+")[...] = values
    unfinished.replace(target)
    return target


def confusion(cover: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Land cover (year, y, x) in which grassland and bare land are taken for each other, three years at a time."""
    seen = cover.copy()
    for year in range(-2, len(cover)):
        here = rng.random(cover.shape[1:]) < 0.012
        for old, new in ((10, 16), (16, 10)):
            spell = slice(max(year, 0), year + 3)
            seen[spell][:, here] = np.where(cover[spell][:, here] == old, new, seen[spell][:, here])
    return seen


def made(store: Path, where: Region, *, soil: bool = True, seed: int = 7, confused: bool = False) -> Pulled:
    """The cubes of a region, and what a pull says of them; with `confused`, land cover as a classifier sees it."""
    rng = np.random.default_rng(seed)
    grid, coarse = geobox(where, CELL), geobox(where, COARSE)
    shape = tuple(grid.shape)
    rain = 300 + 60 * rng.standard_normal((24, *coarse.shape))
    time = np.arange(24)[:, None, None]
    level = rng.uniform(0.05, 0.5, shape)
    trend = rng.choice([-0.02, -0.01, 0.0, 0.0, 0.01], shape)
    season = level * (1 + trend * time) + 0.02 * rng.standard_normal((24, *shape))
    season[rng.random(season.shape) < 0.06] = np.nan
    season[:, :3, :3] = np.nan
    calendar = 0.7 * season + 0.01 * rng.standard_normal(season.shape)
    cover = np.broadcast_to(rng.choice([10, 10, 12, 16, 17], shape), (24, *shape)).copy()
    changed = rng.random(shape) < 0.1
    cover[12:, changed] = 13
    if confused:
        cover = confusion(cover, np.random.default_rng(seed))
    kinds = {"season_mean": season, "calendar_mean": calendar}
    annual = {kind: write_cube(store, f"productivity/{kind}", grid, values) for kind, values in kinds.items()}
    annual["maximum"] = write_cube(store, "productivity_maximum/a", grid, 1.3 * season)
    cubes = {
        "productivity": annual["season_mean"],
        "land_cover": write_cube(store, "land_cover/a", grid, cover),
        "precipitation": write_cube(store, "precipitation/a", coarse, rain, "mm"),
        "climate_zone": write_cube(store, "climate_zone/a", coarse, np.full(tuple(coarse.shape), 4.0)),
        "soil_carbon": write_cube(store, "soil_carbon/a", coarse, rng.uniform(5, 60, tuple(coarse.shape)), "t/ha"),
    }
    if soil:
        cubes["soil_taxonomy"] = write_cube(store, "soil_taxonomy/a", grid, rng.integers(1, 5, shape).astype(float))
    keys = {
        "productivity": "mod13q1-ndvi",
        "land_cover": "mcd12q1-igbp",
        "precipitation": "era5-land-precipitation",
        "climate_zone": "era5-land-climate-zones",
        "soil_carbon": "soilgrids2-ocs",
        "soil_taxonomy": "openlandmap-great-groups",
    }
    return Pulled(cubes, {variable: DATASETS[keys[variable]] for variable in cubes}, None, annual)


def rasters_of(folder: Path) -> dict[str, np.ndarray]:
    """Every raster of a result, by file name."""
    import rasterio

    found = {}
    for path in sorted(folder.glob("*.tif")):
        with rasterio.open(path) as file:
            found[path.name] = file.read(1)
    return found


def layer(folder: Path, period: str, name: str) -> xr.DataArray:
    """One raster of a result (y, x)."""
    return xr.DataArray(rasters_of(folder)[f"{period}-{name}.tif"], dims=("y", "x"))
