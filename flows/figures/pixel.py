"""The series of one pixel, and the results for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import rasterio
import xarray as xr

from flows.errors import FlowError
from flows.figures.canvas import most_disputed, raster_path
from flows.region.opening import method_of, newest_result, result_folders
from flows.region.result import RegionResult
from flows.request.assess import ALL_PROFILES
from flows.request.suggest import command
from practices.results.names import AGREEMENT
from series.cubes.stored import look

if TYPE_CHECKING:
    from series.cubes.stored import CubeFile


def series_at(
    data: Path, region: str, at: str | None
) -> tuple[xr.DataArray, tuple[float, float], list[RegionResult], str]:
    """The annual productivity of a pixel, where it lies, the results of the profiles there, and its units.

    Raises FlowError for a place that is not a longitude and latitude or lies outside the region, or if the cube is
    gone.
    """
    agreed = newest_result(data, region, AGREEMENT)
    where = most_disputed(agreed) if at is None else parse_longitude_latitude(at)
    computed = {method_of(folder) for folder in result_folders(data, region)}
    results = [newest_result(data, region, name, agreed.period) for name in ALL_PROFILES if name in computed]
    cube = cube_of(agreed, data)
    half = cube.cell_degrees / 2
    inside = (
        cube.x.min() - half <= where[0] <= cube.x.max() + half
        and cube.y.min() - half <= where[1] <= cube.y.max() + half
    )
    if not inside:
        raise FlowError(
            f"region {region}: {where[0]:g}, {where[1]:g} is outside the region; choose a point inside with --at"
        )
    near = cube.near(np.array([where[1]]), np.array([where[0]])).isel(y=0, x=0, drop=True)
    return near, where, results, str(cube.attrs["units"])


def cube_of(agreed: RegionResult, data: Path) -> CubeFile:
    """The productivity cube behind the agreement map: same origin, years and cell size.

    If several match, the oldest file is used. Raises FlowError if none matches.
    """
    with rasterio.open(raster_path(agreed, AGREEMENT, agreed.period)) as file:
        cell = file.transform.a
    folder = data / "cubes" / agreed.region
    for path in sorted(folder.glob("productivity-*.zarr"), key=lambda path: path.stat().st_mtime):
        cube = look(path)
        years = "" if cube.years is None else f"{cube.years[0]}-{cube.years[-1]}"
        same = cube.attrs["origin"] == agreed.origin and np.isclose(cube.cell_degrees, cell)
        if same and years == agreed.period:
            return cube
    raise FlowError(
        f"region {agreed.region}, {agreed.period}: the productivity that was judged is no longer in {folder}; pull it "
        f"again: {command('assess', agreed.region, '--profiles', 'all', '--years', agreed.period, data=data)}"
    )


def parse_longitude_latitude(text: str) -> tuple[float, float]:
    """`"112.5,43.2"` as longitude and latitude."""
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise FlowError(f"place {text!r} is not longitude,latitude; write it as 112.5,43.2") from None
    return x, y
