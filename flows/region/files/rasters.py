"""Rasters for a desktop GIS: one Cloud Optimized GeoTIFF per layer and period, written window by window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import xarray as xr
from affine import Affine
from rasterio.shutil import copy
from rasterio.windows import Window

from flows.region.files.raster_classes import write_classes
from flows.region.result import LAYERS
from flows.run.workers import side_by_side
from series.cubes.tiles import Tile

if TYPE_CHECKING:
    from rasterio.io import DatasetWriter

#: Side of the blocks inside a file, cells; GDAL wants a multiple of 16.
BLOCK = 512
#: GDAL keeps this much of open files in memory, however many there are.
CACHE_BYTES = 64 * 2**20


@dataclass(frozen=True)
class Frame:
    """The grid of the rasters of a region: rows and columns, north-west corner, cell size (degrees)."""

    shape: tuple[int, int]
    corner: tuple[float, float]
    cell_degrees: float

    @classmethod
    def of(cls, y: np.ndarray, x: np.ndarray, cell_degrees: float) -> Frame:
        """The frame of cell centres, north to south and west to east."""
        return cls((len(y), len(x)), (float(x[0]) - cell_degrees / 2, float(y[0]) + cell_degrees / 2), cell_degrees)

    @property
    def transform(self) -> Affine:
        """From column and row to longitude and latitude."""
        return Affine(self.cell_degrees, 0, self.corner[0], 0, -self.cell_degrees, self.corner[1])


class Rasters:
    """The rasters of one result while they are written; `put` takes windows in any order.

    Only the windows at hand are in memory. Cells of windows that never come are no data.
    """

    def __init__(
        self, folder: Path, frame: Frame, tags: dict[str, str], years: Mapping[str, str], stack: ExitStack
    ) -> None:
        self._folder, self._frame, self._tags, self._years, self._stack = folder, frame, tags, years, stack
        self._open: dict[str, DatasetWriter] = {}
        self._classes: dict[str, dict[int, str]] = {}

    def put(self, tile: Tile, found: xr.Dataset) -> None:
        """Write every layer of `found` (period, y, x) into its files."""
        for layer in LAYERS:
            if layer not in found:
                continue
            for number, period in enumerate(found["period"].values):
                self.put_band(tile, str(period), layer, found[layer][number])

    def put_band(self, tile: Tile, period: str, layer: str, band: xr.DataArray) -> None:
        """Write one band (y, x) into the file of a period and layer; its `attrs` become tags when it is begun."""
        name = f"{period}-{layer}"
        if name not in self._open:
            self._open[name] = self._begin(name, band, {"period": period, "years": self._years[period], "layer": layer})
        self._open[name].write(band.values, 1, window=Window(tile.x, tile.y, tile.width, tile.height))

    def _begin(self, name: str, band: xr.DataArray, tags: dict[str, str]) -> DatasetWriter:
        height, width = self._frame.shape
        file = rasterio.open(
            self._folder / f".{name}.tif",
            "w",
            driver="GTiff",
            height=height,
            width=width,
            count=1,
            dtype=band.dtype,
            crs="EPSG:4326",
            transform=self._frame.transform,
            nodata=_nodata(band),
            tiled=True,
            blockxsize=BLOCK,
            blockysize=BLOCK,
            compress="zstd",
            zstd_level=1,
            bigtiff="IF_SAFER",
        )
        described = {key: _text(value) for key, value in band.attrs.items() if key != "_FillValue"}
        file.update_tags(**described, **self._tags, **tags)
        file.set_band_description(1, str(band.attrs.get("long_name", tags["layer"])))
        if "units" in band.attrs:
            file.set_band_unit(1, str(band.attrs["units"]))
        if "flag_values" in band.attrs:
            self._classes[name] = classes_of(band)
        self._stack.enter_context(file)
        return file

    def begun(self) -> list[tuple[str, dict[int, str]]]:
        """The names of the files that were begun, and the classes, code → name, of each that has any."""
        return [(name, self._classes.get(name, {})) for name in self._open]


@contextmanager
def rasters(folder: Path, frame: Frame, tags: dict[str, str], years: Mapping[str, str]) -> Iterator[Rasters]:
    """Write rasters into `folder` inside the `with` block; they are Cloud Optimized GeoTIFFs when it ends.

    `years`: those of each period. Class rasters keep their integer codes and no-data. The meaning of the codes, the
    units and `tags` go into the tags of the file; names and colours of classes into extra files
    (`flows.region.files.raster_classes`).
    """
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
        with ExitStack() as stack:
            writing = Rasters(folder, frame, tags, years, stack)
            yield writing
        side_by_side(partial(_optimise, folder), writing.begun())


def classes_of(band: xr.DataArray) -> dict[int, str]:
    """Code → name of a band with flag values."""
    return dict(zip(band.attrs["flag_values"], str(band.attrs["flag_meanings"]).split(), strict=True))


def _text(value: Any) -> str:
    """An attribute as a tag; several numbers in the form that rioxarray reads back as an array."""
    return "{" + ",".join(map(str, value)) + "}" if isinstance(value, list) else str(value)


def _optimise(folder: Path, begun: tuple[str, dict[int, str]]) -> None:
    """The finished draft of that name as a COG, with overviews that keep classes classes, and names and colours."""
    name, classes = begun
    draft, target = folder / f".{name}.tif", folder / f"{name}.tif"
    with rasterio.open(draft) as file:
        fractions = np.dtype(file.dtypes[0]).kind == "f"
    options: dict[str, Any] = {"overview_resampling": "average" if fractions else "mode"}
    # The default level takes five times as long, for files that are 4 % smaller.
    copy(draft, target, driver="COG", compress="deflate", level=3, blocksize=BLOCK, bigtiff="IF_SAFER", **options)
    draft.unlink()
    if classes:
        write_classes(target, classes)


def _nodata(band: xr.DataArray) -> float | None:
    """The no-data value; NaN in bands of fractions."""
    declared: float | None = band.attrs.get("_FillValue", band.encoding.get("_FillValue"))
    return float("nan") if declared is None and band.dtype.kind == "f" else declared
