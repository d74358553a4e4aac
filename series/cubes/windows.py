"""The windows of a cube that is not complete: each is a file of packed pixels, requested once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import ee
import numpy as np
from odc.geo.geobox import GeoBox

from series.cubes.naming import Cube
from series.cubes.packing import FRACTIONS, Fractions, Packing
from series.cubes.requests import PixelRequest, requests_of
from series.cubes.tiles import Tile
from series.errors import TooBig
from series.service.earth_engine import call

#: A window this small that is still too big for the server is requested for fewer images.
SMALLEST = 8


def scratch_of(cube: Cube) -> Path:
    """The folder of the pixels of a cube that is not complete."""
    return cube.store / f".{cube.name}-{cube.digest[:12]}.tiles"


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


#: Gives the packed pixels (image, y, x) of a request.
Read = Callable[[PixelRequest], np.ndarray]


def file_of(scratch: Path, request: PixelRequest) -> Path:
    """The file with the pixels of a request, whether it exists or not."""
    return scratch / f"{request.name}.npy"


def pulled_file(
    cube: Cube, counts: Sequence[int], scratch: Path, request: PixelRequest, read: Read | None = None
) -> Path:
    """The file with the pixels of a request; one that a run before left is kept.

    `read` gives the packed pixels; without it they are requested. Where a value does not fit the packing, the window is
    requested as fractions.
    """
    path = file_of(scratch, request)
    if not path.exists():
        bands = cube.stack.bands(request.parts, counts)
        numbers = read(request) if read else _pixels(bands, request.images, cube.packing, cube.geobox, request.tile)
        if not cube.packing.fits(numbers):
            numbers = _pixels(bands, request.images, FRACTIONS, cube.geobox, request.tile)
        unfinished = path.with_suffix(".part")
        with unfinished.open("wb") as file:
            np.save(file, numbers)
        unfinished.replace(path)
    return path


def _pixels(
    bands: ee.Image, images: int, packing: Packing | Fractions, geobox: GeoBox, tile: Tile, first: int = 0
) -> np.ndarray:
    """Packed pixels (image, y, x) of the bands from `first` on, `images` of them; in pieces where it is too big."""
    chosen = bands.select([f"b{number}" for number in range(first, first + images)])
    parameters = {
        "expression": packing.packed(chosen),
        "fileFormat": "NUMPY_NDARRAY",
        "grid": grid_of(geobox, tile),
    }

    def ask() -> np.ndarray:
        answer = ee.data.computePixels(parameters)
        numbers = np.stack([answer[name] for name in answer.dtype.names])
        if numbers.shape != (images, tile.height, tile.width):
            raise ValueError(f"pixels of shape {numbers.shape} in place of {(images, tile.height, tile.width)}")
        return numbers

    small = min(tile.height, tile.width) <= SMALLEST
    try:
        # An image of the smallest window cannot be split: what is called too big there is an overloaded service.
        return call(ask, small=small and images == 1)
    except TooBig:
        if not small:
            whole = np.empty((images, tile.height, tile.width), dtype_of(packing))
            for piece in tile.quarters():
                y, x = piece.y - tile.y, piece.x - tile.x
                values = _pixels(bands, images, packing, geobox, piece, first)
                whole[:, y : y + piece.height, x : x + piece.width] = values
            return whole
        half = images // 2
        parts = (first, half), (first + half, images - half)
        return np.concatenate([_pixels(bands, count, packing, geobox, tile, start) for start, count in parts])


def dtype_of(packing: Packing | Fractions) -> str:
    """The type of packed pixels."""
    return "float32" if packing is FRACTIONS else "int16"


def grid_of(geobox: GeoBox, tile: Tile) -> dict[str, Any]:
    """The window of a grid as Earth Engine takes it."""
    a, b, c, d, e, f = tuple(geobox[tile.window].affine)[:6]
    return {
        "dimensions": {"width": tile.width, "height": tile.height},
        "affineTransform": {
            "scaleX": a, "shearX": b, "translateX": c, "shearY": d, "scaleY": e, "translateY": f,
        },
        "crsCode": str(geobox.crs),
    }  # fmt: skip


def gathered(
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
        numbers = np.load(file_of(scratch, request), mmap_mode="r")
        packing = FRACTIONS if numbers.dtype == np.float32 else cube.packing
        first = begin[request.parts[0]]
        images = slice(first, first + request.images)
        values[(images, *shared.within(tile))] = packing.values(numbers[(slice(None), *shared.within(request.tile))])
    return values
