"""Pull pixels into a cube: many requests at the same time, resumable, and never twice.

A cube that is there costs no request. Of one that is not, parts that another cube has are copied, and the others are
requested: window by window, each kept in a file of its own until the cube is complete.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import ee
import numpy as np
import zarr
from odc.geo.geobox import GeoBox

from series.class_names import flags
from series.cubes.layout import CubeAxis, begin_cube
from series.cubes.naming import Cube
from series.cubes.packing import FRACTIONS, Fractions, Packing
from series.cubes.provenance import provenance
from series.cubes.requests import PixelRequest, requests_of
from series.cubes.reuse import StoredPart, stored_parts
from series.cubes.shared_blocks import SIDE, from_blocks
from series.cubes.tiles import Tile, tiles
from series.errors import RequestFailed, TooBig, Unavailable
from series.exclusive import exclusive
from series.service.earth_engine import call
from series.service.many import at_the_same_time
from series.service.tally import counting

#: A window this small that is still too big for the server is requested for fewer images.
SMALLEST = 8
Progress = Callable[[int, int], None]
_log = logging.getLogger("drylands")


def pull(cube: Cube, progress: Progress | None = None) -> Path:
    """Pull a cube and store it (Zarr), if it is not stored yet.

    Windows that a killed run has pulled are kept. If several runs want the same cube, one of them pulls it.

    Parameters
    ----------
    cube
        What is wanted, and where.
    progress
        Called with the numbers of finished and of all requests.

    Returns
    -------
    Path
        Zarr store with the variable `cube.name`: (year, y, x), (time, y, x) or (y, x), float32, NaN where masked and
        where no request reached.

    Raises
    ------
    TooBig
        Even one image of the smallest window is too big for the server. The other errors of the request layer pass,
        too.
    """
    if not cube.path.exists():
        with exclusive(cube.store, cube.path.stem):
            if not cube.path.exists():
                with counting() as tally:
                    content = _content(cube, progress or _unseen)
                    made = provenance(cube, content.counts, len(content.stored), tally)
                _store(cube, content, made)
                shutil.rmtree(scratch_of(cube), ignore_errors=True)
    return cube.path


@dataclass(frozen=True)
class Content:
    """What a cube is put together from: the values of its first dimension by part, stored parts, and pulled pixels.

    `pulled` gives the pixels (image, y, x) of the requested parts in a window of the grid; None where none were.
    """

    values: Mapping[int, tuple[Any, ...]]
    stored: Mapping[int, StoredPart]
    pulled: Callable[[Tile], np.ndarray] | None

    @property
    def counts(self) -> list[int]:
        """The number of images of each part."""
        return [len(self.values[number]) for number in sorted(self.values)]


def scratch_of(cube: Cube) -> Path:
    """The folder of the pixels of a cube that is not complete."""
    return cube.store / f".{cube.name}-{cube.digest[:12]}.tiles"


def _unseen(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def _content(cube: Cube, progress: Progress) -> Content:
    """Everything that a cube consists of, all requests made."""
    stored = stored_parts(cube)
    missing = [number for number in range(len(cube.stack.parts)) if number not in stored]
    values = {number: part.values(str(cube.stack.dimension)) for number, part in stored.items()}
    if missing:
        asked = cube.stack.values()
        values |= {number: asked[number] for number in missing}
    missing = [number for number in missing if values[number]]
    if not missing:
        return Content(values, stored, None)
    counts = [len(values[number]) for number in sorted(values)]
    blocks = _from_shared_blocks(cube, missing, counts)
    if blocks is not None:
        return Content(values, stored, lambda tile: blocks[(slice(None), *tile.window)])
    wanted = requests_for(cube, missing, counts)
    scratch = scratch_of(cube)
    scratch.mkdir(parents=True, exist_ok=True)
    done = 0
    progress(done, len(wanted))
    for _ in at_the_same_time(partial(pulled_file, cube, counts, scratch), wanted):
        done += 1
        progress(done, len(wanted))
    return Content(values, stored, partial(_gathered, cube, scratch, wanted, missing, counts))


def requests_for(cube: Cube, missing: Sequence[int], counts: Sequence[int]) -> list[PixelRequest]:
    """The requests for the missing parts of a cube."""
    stack = cube.stack
    return requests_of(
        missing,
        counts,
        cube.geobox,
        cube.reach,
        read=stack.reads * stack.inside,
        value_bytes=cube.packing.bytes,
    )


def pulled_file(cube: Cube, counts: Sequence[int], scratch: Path, request: PixelRequest) -> Path:
    """The file with the pixels of a request; one that a run before left is kept."""
    path = scratch / f"{request.name}.npy"
    if not path.exists():
        numbers = _numbers(cube, counts, request)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.save(file, numbers)
        unfinished.replace(path)
    return path


def _numbers(cube: Cube, counts: Sequence[int], request: PixelRequest) -> np.ndarray:
    """The pixels (image, y, x) of a request, packed; as fractions where a value does not fit the packing."""
    bands = cube.stack.bands(request.parts, counts)
    numbers = _pixels(bands, request.images, cube.packing, cube.geobox, request.tile)
    if cube.packing.fits(numbers):
        return numbers
    return _pixels(bands, request.images, FRACTIONS, cube.geobox, request.tile)


def _pixels(
    bands: ee.Image, images: int, packing: Packing | Fractions, geobox: GeoBox, tile: Tile, first: int = 0
) -> np.ndarray:
    """Packed pixels (image, y, x) of the bands from `first` on, `images` of them; in pieces where it is too big."""
    chosen = bands.select([f"b{number}" for number in range(first, first + images)])
    parameters = {
        "expression": packing.packed(chosen),
        "fileFormat": "NUMPY_NDARRAY",
        "grid": _grid(geobox, tile),
    }

    def ask() -> np.ndarray:
        answer = ee.data.computePixels(parameters)
        numbers = np.stack([answer[name] for name in answer.dtype.names])
        if numbers.shape != (images, tile.height, tile.width):
            raise ValueError(f"pixels of shape {numbers.shape} in place of {(images, tile.height, tile.width)}")
        return numbers

    try:
        return call(ask)
    except TooBig:
        if min(tile.height, tile.width) > SMALLEST:
            whole = np.empty((images, tile.height, tile.width), _dtype(packing))
            for piece in tile.quarters():
                y, x = piece.y - tile.y, piece.x - tile.x
                values = _pixels(bands, images, packing, geobox, piece, first)
                whole[:, y : y + piece.height, x : x + piece.width] = values
            return whole
        if images == 1:
            raise
        half = images // 2
        parts = (first, half), (first + half, images - half)
        return np.concatenate([_pixels(bands, count, packing, geobox, tile, start) for start, count in parts])


def _dtype(packing: Packing | Fractions) -> str:
    return "float32" if packing is FRACTIONS else "int16"


def _grid(geobox: GeoBox, tile: Tile) -> dict[str, Any]:
    """The window of a grid as Earth Engine takes it."""
    a, b, c, d, e, f = tuple(geobox[tile.window].affine)[:6]
    return {
        "dimensions": {"width": tile.width, "height": tile.height},
        "affineTransform": {
            "scaleX": a, "shearX": b, "translateX": c, "shearY": d, "scaleY": e, "translateY": f,
        },
        "crsCode": str(geobox.crs),
    }  # fmt: skip


def _from_shared_blocks(cube: Cube, missing: Sequence[int], counts: Sequence[int]) -> np.ndarray | None:
    """The values (image, y, x) of the missing parts of a small grid, from blocks that its neighbours share.

    None for a larger grid, and where the server refuses a block: the grid alone may still be pulled.
    """
    if cube.shared is None or not cube.small:
        return None

    def ask(block: Cube, home: Path) -> np.ndarray:
        wanted = requests_for(block, missing, counts)
        for _ in at_the_same_time(partial(pulled_file, block, counts, home), wanted, len(wanted)):
            pass
        return _gathered(block, home, wanted, missing, counts, Tile(0, 0, SIDE, SIDE))

    try:
        return from_blocks(cube, missing, cube.shared, ask)
    except Unavailable:
        raise
    except RequestFailed as error:
        _log.info("a block of %s was refused (%s); pulling the region alone", cube.name, error)
        return None


def _gathered(
    cube: Cube,
    scratch: Path,
    requests: Iterable[PixelRequest],
    missing: Sequence[int],
    counts: Sequence[int],
    tile: Tile,
) -> np.ndarray:
    """The values (image, y, x) of the missing parts in a window of the grid, from the files of their requests."""
    starts = np.cumsum([0, *(counts[number] for number in missing)])
    begin = dict(zip(missing, starts, strict=False))
    values = np.full((starts[-1], tile.height, tile.width), np.nan, np.float32)
    for request in requests:
        shared = tile.shared(request.tile)
        if shared is None:
            continue
        numbers = np.load(scratch / f"{request.name}.npy", mmap_mode="r")
        packing = FRACTIONS if numbers.dtype == np.float32 else cube.packing
        first = begin[request.parts[0]]
        images = slice(first, first + request.images)
        values[(images, *shared.within(tile))] = packing.values(numbers[(slice(None), *shared.within(request.tile))])
    return values


def _store(cube: Cube, content: Content, attributes: Mapping[str, Any]) -> None:
    """Write a cube; it gets its name when it is complete."""
    dimension = cube.stack.dimension
    axis = CubeAxis.of(dimension, [value for number in sorted(content.values) for value in content.values[number]])
    described = {
        "long_name": cube.name.replace("_", " "),
        "units": cube.dataset.units,
        "source": cube.dataset.asset,
        "references": cube.dataset.citation,
        "licence": cube.dataset.licence,
        **flags(cube.dataset),
    }
    unfinished = begin_cube(cube.path, cube.name, axis, cube.geobox, described, attributes)
    # An empty chunk is written, too: one that is missing is a sign of damage.
    array = zarr.open_array(unfinished / cube.name, mode="r+").with_config({"write_empty_chunks": True})
    for tile in tiles(tuple(cube.geobox.shape)):
        pixels = _all_parts(content, tile)
        array[(..., *tile.window)] = pixels if dimension is not None else pixels[0]
    unfinished.replace(cube.path)


def _all_parts(content: Content, tile: Tile) -> np.ndarray:
    """The values (image, y, x) of all parts in a window."""
    if not content.stored and content.pulled is not None:
        return content.pulled(tile)
    pulled = None if content.pulled is None else content.pulled(tile)
    blocks, taken = [], 0
    for number in sorted(content.values):
        if number in content.stored:
            blocks.append(content.stored[number].read(tile.window))
        elif pulled is not None:
            count = len(content.values[number])
            blocks.append(pulled[taken : taken + count])
            taken += count
    return np.concatenate(blocks)
