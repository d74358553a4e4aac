"""Stored cubes: read whole, or in windows, so that memory does not grow with the region."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr

from series.cubes.tiles import Tile
from series.errors import CorruptCube

#: Tolerance for nearest cells, as a share of a cell: centres on an edge go the same way on every machine.
HAIR = 1e-6


def open_cube(path: Path) -> xr.DataArray:
    """Read the variable of a stored cube into memory.

    Parameters
    ----------
    path
        Zarr store that `pull` returned.

    Returns
    -------
    xr.DataArray
        Values (year or time, y, x), or (y, x) of a static variable; float64 in the units of `attrs["units"]`, no data
        as NaN. Attributes `cell_degrees` and `origin` are those of the cube.

    Raises
    ------
    CorruptCube
        The store cannot be read; the message names it and the fix.
    """
    name = path.name.rsplit("-", 1)[0]
    try:
        cube = xr.open_zarr(path, consolidated=False, chunks=None)
        array = cube[name].drop_vars("spatial_ref", errors="ignore").load().astype(float)
        empty = not has_chunks(path / name) and bool(np.isnan(array.values).all())
    except Exception as error:
        raise CorruptCube(damaged(path, f"{type(error).__name__}: {str(error)[:120]}")) from error
    if empty:
        raise CorruptCube(damaged(path, "no chunk of data is there"))
    array.attrs.pop("grid_mapping", None)
    return array.assign_attrs(cell_degrees=cube.attrs["cell_degrees"], origin=cube.attrs["origin"])


@dataclass(frozen=True)
class CubeFile:
    """A stored cube that is read window by window: its cell centres (y, x), years, and attributes.

    It is only a path and small arrays, so that it can be sent to a worker elsewhere that sees the same files.
    """

    path: Path
    y: np.ndarray
    x: np.ndarray
    years: np.ndarray | None
    attrs: dict[str, Any]

    @property
    def cell_degrees(self) -> float:
        """Size of a cell in degrees."""
        return float(self.attrs["cell_degrees"])

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.y), len(self.x)

    @cached_property
    def _array(self) -> zarr.Array:
        return zarr.open_array(self.path / _variable(self.path), mode="r")

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_array"}

    def window(self, tile: Tile) -> xr.DataArray:
        """A window of the cube, in memory. Raises CorruptCube naming the store and the fix."""
        return self._read(*tile.window, self.y[tile.window[0]], self.x[tile.window[1]])

    def near(self, y: np.ndarray, x: np.ndarray) -> xr.DataArray:
        """The cube on other cell centres: each takes the cell that it lies in, or the nearest at the edge."""
        rows, columns = nearest(self.y, y, self.cell_degrees), nearest(self.x, x, self.cell_degrees)
        box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
        read = self._read(*box, self.y[box[0]], self.x[box[1]])
        values = read.values
        for axis, places in ((-2, rows), (-1, columns)):
            inside = places - places.min()
            if not np.array_equal(inside, np.arange(values.shape[axis])):  # another grid
                values = np.take(values, inside, axis)
        return xr.DataArray(values, coords={**_years(self.years), "y": y, "x": x}, dims=read.dims, attrs=self.attrs)

    def _read(self, rows: slice, columns: slice, y: np.ndarray, x: np.ndarray) -> xr.DataArray:
        try:
            values = np.asarray(self._array[..., rows, columns], float)
        except Exception as error:
            raise CorruptCube(damaged(self.path, f"{type(error).__name__}: {str(error)[:120]}")) from error
        dims = ("y", "x") if self.years is None else ("year", "y", "x")
        return xr.DataArray(values, coords={**_years(self.years), "y": y, "x": x}, dims=dims, attrs=self.attrs)


def look(path: Path) -> CubeFile:
    """The cube stored at `path`, its pixels still on disk.

    Raises CorruptCube naming the store and the fix if it cannot be read or is empty.
    """
    name = _variable(path)
    try:
        cube = xr.open_zarr(path, consolidated=False, chunks=None)
        array = cube[name]
        years = array["year"].values if "year" in array.dims else None
        own = {key: value for key, value in array.attrs.items() if key != "grid_mapping"}
        attrs = {**own, "cell_degrees": cube.attrs["cell_degrees"], "origin": cube.attrs["origin"]}
        found = CubeFile(path, array["y"].values, array["x"].values, years, attrs)
    except Exception as error:
        raise CorruptCube(damaged(path, f"{type(error).__name__}: {str(error)[:120]}")) from error
    if not has_chunks(path / name) and _blank(found):
        raise CorruptCube(damaged(path, "no chunk of data is there"))
    return found


def _blank(cube: CubeFile) -> bool:
    return bool(np.isnan(cube.window(Tile(0, 0, 1, 1)).values).all())


def _variable(path: Path) -> str:
    return path.name.rsplit("-", 1)[0]


def _years(years: np.ndarray | None) -> dict[str, np.ndarray]:
    return {} if years is None else {"year": years}


def nearest(centres: np.ndarray, wanted: np.ndarray, cell: float) -> np.ndarray:
    """The number of the cell of `centres`, `cell` degrees apart, that each of `wanted` lies in, or the nearest."""
    step = cell if len(centres) < 2 or centres[1] > centres[0] else -cell
    place = np.floor((wanted - centres[0]) / step + 0.5 + HAIR).astype(int)
    return np.clip(place, 0, len(centres) - 1)


def has_chunks(array: Path) -> bool:
    """Whether the folder of a Zarr array, of format 2 or 3, has any chunk, apart from its metadata."""
    files = (file for file in array.rglob("*") if file.is_file())
    return any(not file.name.startswith(".") and file.name != "zarr.json" for file in files)


def damaged(path: Path, reason: str) -> str:
    """The message of a cube that cannot be used."""
    return f"{path}: the cube is damaged ({reason}); delete it and run the same command again to pull it again"
