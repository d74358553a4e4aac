"""GeoTIFFs that together hold an export: windows of the grid are read from them, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.windows import Window

from series.cubes.requests import PixelRequest
from series.cubes.tiles import Tile
from series.errors import BucketRefused

#: Memory for decoded blocks of GeoTIFFs, bytes.
CACHE = 64 * 2**20
#: Share of a cell by which the corner of a file may differ from a cell's corner: rounding.
OFF = 1e-3


@dataclass(frozen=True)
class GeoTiffs:
    """Open files, each with the window of the grid that it covers, and the type of their pixels."""

    files: tuple[tuple[Tile, Any], ...]
    dtype: str

    def window(self, request: PixelRequest) -> np.ndarray:
        """The pixels (image, y, x) of the window of a request.

        Raises BucketRefused where the files do not cover it, or have other bands or another type than was exported.
        """
        tile, images, dtype = request.tile, request.images, self.dtype
        pixels, cells = np.empty((images, tile.height, tile.width), dtype), 0
        for covered, file in self.files:
            if file.count != images or file.dtypes[0] != dtype:
                raise BucketRefused(
                    f"{file.name} has {file.count} bands of {file.dtypes[0]}, not {images} of {dtype}: it is not what "
                    f"was exported. Delete it from the bucket and run the same command again"
                )
            shared = tile.shared(covered)
            if shared is not None:
                rows, columns = shared.within(covered)
                read = file.read(window=Window.from_slices(rows, columns))
                pixels[(slice(None), *shared.within(tile))] = read
                cells += shared.height * shared.width
        if cells != tile.height * tile.width:
            raise BucketRefused(
                f"the files of the export ({', '.join(file.name for _, file in self.files)}) cover {cells} of the "
                f"{tile.height * tile.width} cells of a window; run the same command again"
            )
        return pixels


@contextmanager
def opened_files(paths: Sequence[Path], geobox: GeoBox, dtype: str) -> Iterator[GeoTiffs]:
    """Open the files of an export, each placed on the grid by its own transform.

    Raises BucketRefused for a file on another grid.
    """
    with rasterio.Env(GDAL_CACHEMAX=CACHE), ExitStack() as stack:
        files = [stack.enter_context(rasterio.open(path)) for path in paths]
        yield GeoTiffs(tuple((_place(file, geobox), file) for file in files), dtype)


def _place(file: Any, geobox: GeoBox) -> Tile:
    """The window of the grid that a file covers."""
    own, grid = file.transform, geobox.affine
    row, column = (own.f - grid.f) / grid.e, (own.c - grid.c) / grid.a
    same_cells = np.allclose([own.a, own.b, own.d, own.e], [grid.a, grid.b, grid.d, grid.e], rtol=1e-6, atol=1e-12)
    if not same_cells or abs(row - round(row)) > OFF or abs(column - round(column)) > OFF:
        raise BucketRefused(
            f"{file.name} is on another grid ({tuple(own)[:6]}) than was exported ({tuple(grid)[:6]}). Delete it from "
            f"the bucket and run the same command again"
        )
    return Tile(round(row), round(column), file.height, file.width)
