"""The layout of cubes: a Zarr store with CF attributes that xarray and GDAL read."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from series.cubes.tiles import TILE

#: CF attributes of dimensions. A unit of 1 would be taken for a number by readers of netCDF.
AXES: dict[str, dict[str, str]] = {
    "y": {"standard_name": "latitude", "long_name": "latitude", "units": "degrees_north", "axis": "Y"},
    "x": {"standard_name": "longitude", "long_name": "longitude", "units": "degrees_east", "axis": "X"},
    "year": {"long_name": "calendar year", "units": "year"},
    "time": {"standard_name": "time", "long_name": "first day of the image", "axis": "T"},
}


@dataclass(frozen=True)
class CubeAxis:
    """The first dimension of a cube: its name and the value of every image."""

    name: str
    values: np.ndarray

    @classmethod
    def of(cls, dimension: str | None, values: Iterable[Any]) -> CubeAxis | None:
        """The axis `year` with years, or `time` with days; None without a dimension."""
        if dimension is None:
            return None
        return cls(dimension, np.array([*values], "datetime64[ns]" if dimension == "time" else np.int64))


def begin_cube(
    target: Path,
    name: str,
    axis: CubeAxis | None,
    geobox: GeoBox,
    attrs: dict[str, Any],
    provenance: Mapping[str, Any],
    dtype: Any = np.float32,
) -> Path:
    """A cube without its pixels, beside `target`: what gets that name in one step when all of it is there.

    Zarr format 2: GDAL reads it, and it defines consolidated metadata, which format 3 does not.
    """
    import rioxarray  # noqa: F401

    coords = _coordinates(geobox)
    dims: tuple[str, ...] = ("y", "x")
    shape: tuple[int, ...] = tuple(geobox.shape)
    if axis is not None:
        coords[axis.name] = (axis.name, axis.values, AXES[axis.name])
        dims, shape = (axis.name, "y", "x"), (len(axis.values), *shape)
    chunks = tuple(min(TILE, size) if dim in ("y", "x") else size for dim, size in zip(dims, shape, strict=True))
    # dask holds no pixels, and none are computed: only the description is written
    blank = da.full(shape, np.nan, dtype=dtype, chunks=chunks)
    cube = xr.DataArray(blank, coords=coords, dims=dims, attrs=attrs).to_dataset(name=name)
    cube = cube.rio.write_crs(geobox.crs.to_wkt()).rio.write_transform(geobox.affine)
    # As an auxiliary coordinate, too: a plain `xr.open_zarr` then finds the grid mapping.
    cube[name].encoding |= {"chunks": chunks, "coordinates": "spatial_ref"}
    unfinished = target.with_name(f".{target.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    cube.assign_attrs(cell_degrees=abs(geobox.affine.a), **provenance).to_zarr(
        unfinished, mode="w", zarr_format=2, consolidated=True, compute=False
    )
    return unfinished


def _coordinates(geobox: GeoBox) -> dict[str, Any]:
    """Cell centres as CF coordinates `y` (north to south) and `x`."""
    a, _, c, _, e, f = tuple(geobox.affine)[:6]
    y, x = f + (np.arange(geobox.shape[0]) + 0.5) * e, c + (np.arange(geobox.shape[1]) + 0.5) * a
    return {"y": ("y", y, AXES["y"]), "x": ("x", x, AXES["x"])}
