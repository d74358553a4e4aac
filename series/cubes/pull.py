"""Pull pixels into a cube: tile by tile through xee, resumable, and never twice.

A cube is a Zarr store named by the digest of all that it follows from: the source, the expression, the grid, the data
set and `FORMAT`. The version of the package is no part of it: a new release reads the cubes of the one before. The name
is computed without asking the server, so a cube that is there costs no request.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr
from odc.geo.geobox import GeoBox

from series.class_names import flags
from series.cubes.layout import CubeAxis, begin_cube, provenance
from series.cubes.naming import cube_digest
from series.cubes.shared_blocks import SIDE, from_blocks, is_small
from series.cubes.tiles import Tile, tiles
from series.datasets import Dataset
from series.errors import RequestFailed, TooBig, Unavailable
from series.exclusive import exclusive
from series.service.earth_engine import call

#: A tile this small that is still too big for the server cannot be helped.
SMALLEST = 8
Progress = Callable[[int, int], None]
_log = logging.getLogger("drylands")


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
        Folder of blocks that small grids are read from (see `series.cubes.shared_blocks`).

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
                target, name, CubeAxis.of(years, times), geobox, attrs, provenance(images, digest, dataset, origin)
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
