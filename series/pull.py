"""Pull pixels into a cube: tile by tile through xee, resumable, and never twice.

A cube is a Zarr store named by the digest of all that it follows from: the source, the expression, the grid, the data
set and `FORMAT`. The version of the package is no part of it: a new release reads the cubes of the one before. The name
is computed without asking the server, so a cube that is there costs no request.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dask.array as da
import numpy as np
import xarray as xr
import zarr
from odc.geo.geobox import GeoBox

from series.class_names import flags
from series.datasets import Dataset
from series.earth_engine import call
from series.errors import CorruptCube, RequestFailed, TooBig, Unavailable
from series.exclusive import exclusive
from series.graphs import text_of
from series.origins import ORIGINS
from series.shared_blocks import SIDE, from_blocks, is_small

#: Number of the format of cubes. Raise it by hand when this module, or a library that it uses, writes other values,
#: dimensions, coordinates or attributes for the same expression: all cubes are then pulled again, once.
FORMAT = 2
#: Side of a tile in cells; 24 years of it stay well under the 48 MiB of one request.
TILE = 512
#: CF attributes of dimensions. A unit of 1 would be taken for a number by readers of netCDF.
AXES: dict[str, dict[str, str]] = {
    "y": {"standard_name": "latitude", "long_name": "latitude", "units": "degrees_north", "axis": "Y"},
    "x": {"standard_name": "longitude", "long_name": "longitude", "units": "degrees_east", "axis": "X"},
    "year": {"long_name": "calendar year", "units": "year"},
    "time": {"standard_name": "time", "long_name": "first day of the image", "axis": "T"},
}
#: A tile this small that is still too big for the server cannot be helped.
SMALLEST = 8
Progress = Callable[[int, int], None]
_log = logging.getLogger("drylands")


@dataclass(frozen=True)
class Tile:
    """A window of the grid, in cells."""

    y: int
    x: int
    height: int
    width: int

    def quarters(self) -> Iterator[Tile]:
        """The tile cut in up to four."""
        high, wide = -(-self.height // 2), -(-self.width // 2)
        for y in range(0, self.height, high):
            for x in range(0, self.width, wide):
                yield Tile(self.y + y, self.x + x, min(high, self.height - y), min(wide, self.width - x))

    @property
    def window(self) -> tuple[slice, slice]:
        """The tile as slices of (y, x)."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


@dataclass(frozen=True)
class CubeAxis:
    """The first dimension of a cube: its name and the value of every image."""

    name: str
    values: np.ndarray

    @classmethod
    def of(cls, years: tuple[int, ...] | None, times: tuple[date, ...] | None) -> CubeAxis | None:
        """The axis of years, or of times; None where neither is given."""
        if years is not None:
            return cls("year", np.array(years))
        return None if times is None else cls("time", np.array(times, "datetime64[ns]"))


def tiles(shape: tuple[int, int], side: int = TILE) -> list[Tile]:
    """The tiles of a grid, row by row; at most `side` cells high and wide."""
    height, width = shape
    return [
        Tile(y, x, min(side, height - y), min(side, width - x))
        for y in range(0, height, side)
        for x in range(0, width, side)
    ]


def cube_digest(images: Any, geobox: GeoBox, dataset: Dataset, origin: str, fingerprint: str = "") -> str:
    """The digest that names a cube: one expression over two sources makes two cubes.

    The Earth Engine client writes the expression; versions 1.5.0 to 1.7.50 write the same text.
    """
    identity = {
        "source": [origin, fingerprint],
        "graph": text_of(images),
        "grid": [str(geobox.crs), [round(v, 12) for v in tuple(geobox.affine)[:6]], list(geobox.shape)],
        "dataset": dataset.identity(),
        "format": FORMAT,
    }
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def cube_path(
    images: Any, *, name: str, geobox: GeoBox, dataset: Dataset, store: Path, origin: str, fingerprint: str = ""
) -> Path:
    """The path of the cube of a pull, whether it exists or not; no request is made."""
    return store / f"{name}-{cube_digest(images, geobox, dataset, origin, fingerprint)[:12]}.zarr"


def pull(
    images: Any,
    *,
    name: str,
    geobox: GeoBox,
    dataset: Dataset,
    store: Path,
    origin: str,
    fingerprint: str = "",
    years: tuple[int, ...] | None = None,
    times: tuple[date, ...] | None = None,
    progress: Progress | None = None,
    shared: Path | None = None,
) -> Path:
    """Pull an image collection of one band on a grid, and store it as a cube (Zarr).

    Tiles that a killed run has pulled are kept. If several runs request the same cube, one of them pulls it.

    Parameters
    ----------
    images
        Earth Engine collection with an image for each of `years` or `times`, or one image of a static variable.
    name
        Name of the variable and start of the name of the store.
    geobox
        Grid of the cube, EPSG:4326.
    dataset
        Catalogue entry: units, asset, licence and classes for the attributes.
    store
        Folder for the cube.
    origin, fingerprint
        Which source it is; they distinguish sources with the same assets.
    years, times
        Values of the first dimension.
    progress
        Called with the numbers of finished and of all tiles.
    shared
        Folder of blocks that small grids are read from (see `series.shared_blocks`).

    Returns
    -------
    Path
        Zarr store with the variable `name`: (year, y, x), (time, y, x) or (y, x), float32, NaN where masked.

    Raises
    ------
    TooBig
        Even the smallest tile is too big for the server. The other errors of the request layer pass, too.
    """
    digest = cube_digest(images, geobox, dataset, origin, fingerprint)
    target = store / f"{name}-{digest[:12]}.zarr"
    if target.exists():
        return target
    attrs = {
        "long_name": name.replace("_", " "),
        "units": dataset.units,
        "source": dataset.asset,
        "references": dataset.citation,
        "licence": dataset.licence,
        **flags(dataset),
    }
    with exclusive(store):
        if not target.exists():
            unfinished = begin_cube(
                target, name, CubeAxis.of(years, times), geobox, attrs, _provenance(images, digest, dataset, origin)
            )
            parts = store / f".{name}-{digest[:12]}.tiles"
            blocks = None
            if shared is not None and is_small(geobox):
                blocks = shared_pixels(images, geobox, dataset, (origin, fingerprint), shared)
            if blocks is None:
                _fill(unfinished / name, images, geobox, parts, progress)
            else:
                array = zarr.open_array(unfinished / name, mode="r+").with_config({"write_empty_chunks": True})
                array[...] = blocks if array.ndim == 3 else blocks[0]
            unfinished.replace(target)
            shutil.rmtree(parts, ignore_errors=True)
    return target


def shared_pixels(
    images: Any, geobox: GeoBox, dataset: Dataset, source: tuple[str, str], shared: Path
) -> np.ndarray | None:
    """The values (image, y, x) of a small grid from the blocks in `shared`; `source` is its origin and fingerprint.

    None where the server refuses a block: the grid alone may still be pulled.
    """

    def ask(block: GeoBox, home: Path) -> np.ndarray:
        return pulled_tile(images, block, Tile(0, 0, SIDE, SIDE), home)

    try:
        return from_blocks(geobox, shared, lambda block: cube_digest(images, block, dataset, *source)[:24], ask)
    except Unavailable:
        raise
    except RequestFailed as error:
        _log.info("a block of %s was refused (%s); pulling the region alone", dataset.variable, error)
        return None


def _fill(cube: Path, images: Any, geobox: GeoBox, parts: Path, progress: Progress | None) -> None:
    """Pull the tiles of a cube that is begun, each kept in the folder `parts` as well, for a run that is killed."""
    parts.mkdir(parents=True, exist_ok=True)
    wanted = tiles(tuple(geobox.shape))
    # An empty chunk is written, too: one that is missing is a sign of damage.
    array = zarr.open_array(cube, mode="r+").with_config({"write_empty_chunks": True})
    for done, tile in enumerate(wanted):
        if progress is not None:
            progress(done, len(wanted))
        values = pulled_tile(images, geobox, tile, parts)
        array[(..., *tile.window)] = values if array.ndim == 3 else values[0]
    if progress is not None:
        progress(len(wanted), len(wanted))


def pulled_tile(images: Any, geobox: GeoBox, tile: Tile, parts: Path) -> np.ndarray:
    """The values (image, y, x) of a tile: from its file if a run before left it, else from the server.

    A tile that is too big for the server is pulled in quarters.
    """
    path = parts / f"{tile.y}-{tile.x}-{tile.height}-{tile.width}.npy"
    if path.exists():
        return np.asarray(np.load(path))
    try:
        values = call(lambda: request_tile(images, geobox, tile))
    except TooBig:
        if min(tile.height, tile.width) <= SMALLEST:
            raise
        pieces = [(each, pulled_tile(images, geobox, each, parts)) for each in tile.quarters()]
        values = np.empty((len(pieces[0][1]), tile.height, tile.width), np.float32)
        for each, part in pieces:
            y, x = each.y - tile.y, each.x - tile.x
            values[:, y : y + each.height, x : x + each.width] = part
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        np.save(file, values)
    unfinished.replace(path)
    return values


def request_tile(images: Any, geobox: GeoBox, tile: Tile) -> np.ndarray:
    """One request through xee, which opens the collection on the tile's own grid."""
    window = geobox[tile.window]
    opened = xr.open_dataset(
        images,
        engine="ee",
        crs=str(geobox.crs),
        crs_transform=tuple(window.affine)[:6],
        shape_2d=(tile.width, tile.height),
        io_chunks=-1,
        getitem_kwargs={"max_retries": 0, "initial_delay": 1},
    )
    return np.asarray(opened["value"].transpose("time", "y", "x").values, np.float32)


def begin_cube(
    target: Path,
    name: str,
    axis: CubeAxis | None,
    geobox: GeoBox,
    attrs: dict[str, Any],
    provenance: dict[str, str],
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


def _provenance(images: Any, digest: str, dataset: Dataset, origin: str) -> dict[str, str]:
    tool = version("drylands")
    return {
        "Conventions": "CF-1.11",
        "origin": origin,
        "dataset": dataset.model_dump_json(),
        "graph": text_of(images),
        "digest": digest,
        "package_version": tool,
        "history": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} pulled by drylands {tool} from: {ORIGINS[origin]}",
    }


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


def has_chunks(array: Path) -> bool:
    """Whether the folder of a Zarr array, of format 2 or 3, has any chunk, apart from its metadata."""
    files = (file for file in array.rglob("*") if file.is_file())
    return any(not file.name.startswith(".") and file.name != "zarr.json" for file in files)


def damaged(path: Path, reason: str) -> str:
    """The message of a cube that cannot be used."""
    return f"{path}: the cube is damaged ({reason}); delete it and run the same command again to pull it again"
