"""Assets from a folder of rasters and vectors that its `catalog.json` describes."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from odc.geo.geobox import GeoBox
from shapely.geometry import Polygon, shape
from shapely.geometry.base import BaseGeometry

from offline.model.assets import Asset, BandInfo, CollectionAsset, ImageAsset, TableAsset
from offline.model.geometry import to_crs
from offline.model.values import WGS84
from offline.sources.own_files import catalog as catalogue
from offline.sources.own_files import rasters
from offline.sources.own_files.catalog import (
    BandSpec,
    CatalogError,
    CollectionSpec,
    FileSpec,
    StackSpec,
    StillSpec,
    TableSpec,
)
from offline.sources.own_files.opened import Opened, Unreadable, code, opened
from offline.sources.own_files.rasters import Raster

ORIGIN = "offline-files"


class FileSource:
    """Assets of one folder. All files are opened (not read) when the source is made.

    Raises CatalogError, which names the catalogue, the key and the fix.
    """

    origin = ORIGIN

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        described = catalogue.read(self.folder)
        builder = _Builder(self.folder)
        self._top: dict[str, Asset] = {
            spec.id: builder.asset(spec, f"assets[{n}]") for n, spec in enumerate(described.assets)
        }
        self._inside: dict[str, ImageAsset] = {
            image.id: image
            for asset in self._top.values()
            if isinstance(asset, CollectionAsset)
            for image in asset.images
        }

    def describe(self) -> Mapping[str, Any]:
        """What this source is, for provenance."""
        return {"origin": self.origin}

    def get(self, asset_id: str) -> Asset | None:
        """An asset by id, images of collections included; None if there is none."""
        return self._top.get(asset_id) or self._inside.get(asset_id)

    def list(self, parent: str) -> list[Asset]:
        """What lies directly in a collection or a folder; "" lists what has no folder above it."""
        asset = self._top.get(parent)
        if isinstance(asset, CollectionAsset):
            return list[Asset](asset.images)
        folder = parent.rstrip("/") + "/" if parent else ""
        return [a for i, a in self._top.items() if i.startswith(folder) and "/" not in i[len(folder) :]]


class _Builder:
    """Turns entries of the catalogue into assets, opening each file once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._opened: dict[tuple[str, str | None, str | None], Opened] = {}

    def asset(self, spec: CollectionSpec | StillSpec | TableSpec, key: str) -> Asset:
        named = {**spec.properties, "drylands:origin": ORIGIN}
        if isinstance(spec, TableSpec):
            return self._table(spec, key, named)
        if isinstance(spec, StillSpec):
            named.setdefault("system:index", spec.id.rsplit("/", 1)[-1])
            return self._image(spec.id, spec.files, named, f"{key}.files")
        images = self._stack(spec, spec.stack, key) if spec.stack else self._images(spec, key)
        return CollectionAsset(spec.id, named, tuple(images))

    def _images(self, spec: CollectionSpec, key: str) -> list[ImageAsset]:
        order = sorted(range(len(spec.images)), key=lambda n: (spec.images[n].start, n))
        starts = [spec.images[n].start for n in order]
        ends = [spec.images[n].end for n in order]
        images = []
        for start, end, following, n in zip(starts, ends, [*starts[1:], None], order, strict=True):
            image = spec.images[n]
            stamp = _stamp(image.index, start, end or following or start + timedelta(days=1))
            named = {**image.properties, "drylands:origin": ORIGIN, **stamp}
            here = f"{key}.images[{n}].files"
            images.append(self._image(f"{spec.id}/{image.index}", image.files, named, here))
        return images

    def _stack(self, spec: CollectionSpec, stack: StackSpec, key: str) -> list[ImageAsset]:
        here = f"{key}.stack"
        paths = stack.paths or (stack.path or "",)
        files = [self._open(path, stack.variable, stack.crs, here) for path in paths]
        dates = self._dates(stack, files[0], here)
        layers = (
            [(file, stack.band.index - 1) for file in files]
            if stack.paths
            else [(files[0], n) for n in range(files[0].layers)]
        )
        if len(layers) != len(dates):
            raise self._error(
                here,
                f"{len(layers)} layers in {paths[0]} for {len(dates)} dates",
                "Give one date per layer",
            )
        ends = _ends(dates, stack.cadence_days)
        if ends is None:
            raise self._error(here, "one date without cadence_days", "Add cadence_days")
        images = []
        for (file, layer), start, end in zip(layers, dates, ends, strict=True):
            index = start.strftime("%Y_%m_%d")
            raster = self._raster(file, stack.band, layer, here)
            named = {"drylands:origin": ORIGIN, **_stamp(index, start, end)}
            images.append(_asset(f"{spec.id}/{index}", {stack.band.name: raster}, named))
        return images

    def _dates(self, stack: StackSpec, file: Opened, key: str) -> tuple[date, ...]:
        if stack.dates:
            return stack.dates
        if stack.dates_from == "descriptions" or (not file.times and stack.dates_from is None):
            try:
                dates = tuple(date.fromisoformat((text or "").strip()) for text in file.descriptions)
            except ValueError as error:
                problem = f"band descriptions of {file.path.name} are not dates ({error})"
                raise self._error(key, problem, 'List them as "dates"') from error
        else:
            dates = file.times
        if not dates:
            raise self._error(key, f"{file.path.name} states no dates", 'List them as "dates"')
        if any(b <= a for a, b in itertools.pairwise(dates)):
            raise self._error(key, f"dates of {file.path.name} do not rise", 'List them as "dates"')
        return dates

    def _image(self, identity: str, files: tuple[FileSpec, ...], named: Mapping[str, Any], key: str) -> ImageAsset:
        bands: dict[str, Raster] = {}
        for n, spec in enumerate(files):
            here = f"{key}[{n}]"
            file = self._open(spec.path, spec.variable, spec.crs, here)
            for band in spec.bands:
                if band.name in bands:
                    raise self._error(here, f"band {band.name} is given twice", "Rename one of them")
                bands[band.name] = self._raster(file, band, band.index - 1, here)
        scales = {f"{b.name}:scale": b.scale for f in files for b in f.bands if b.scale != 1}
        offsets = {f"{b.name}:offset": b.offset for f in files for b in f.bands if b.offset != 0}
        return _asset(identity, bands, {**scales, **offsets, **named})

    def _table(self, spec: TableSpec, key: str, named: Mapping[str, Any]) -> TableAsset:
        path = catalogue.locate(self._folder, spec.path)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            features = content.get("features", [content])
            rows = tuple((shape(f["geometry"]), f.get("properties") or {}) for f in features)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problem = f"{path.name} is not GeoJSON with geometries ({error!r})"
            fix = "Export it as GeoJSON in longitude and latitude"
            raise self._error(f"{key}.path", problem, fix) from error
        return TableAsset(spec.id, named, rows)

    def _raster(self, file: Opened, band: BandSpec, layer: int, key: str) -> Raster:
        if layer >= file.layers:
            problem = f"band {layer + 1} of {file.path.name}, which has {file.layers}"
            raise self._error(key, problem, "Correct index")
        try:
            dtype = np.dtype(band.dtype or file.dtype).name
        except TypeError as error:
            fix = "Use a numpy type such as int16, uint8 or float32"
            raise self._error(f"{key}.dtype", f"unknown type {band.dtype!r}", fix) from error
        return Raster(
            path=file.path,
            grid=file.grid,
            dtype=dtype,
            nodata=tuple(dict.fromkeys((*band.nodata, *file.nodata))),
            valid_range=band.valid_range,
            pyramiding=band.policy,
            load=partial(file.load, layer),
            unmasked=None if file.unmasked is None else partial(file.unmasked, layer),
        )

    def _open(self, path: str, variable: str | None, crs: str | None, key: str) -> Opened:
        if (path, variable, crs) not in self._opened:
            try:
                file = opened(catalogue.locate(self._folder, path), variable, crs)
                code(file.grid.crs)
            except Unreadable as error:
                raise self._error(key, f"{path}: {error}", error.fix) from error
            except RuntimeError as error:  # pyproj's CRSError
                raise self._error(f"{key}.crs", f"{path}: {error}", "Give a CRS PROJ knows") from error
            self._opened[path, variable, crs] = file
        return self._opened[path, variable, crs]

    def _error(self, key: str, problem: str, fix: str) -> CatalogError:
        return CatalogError(self._folder / catalogue.NAME, key, problem, fix)


def _asset(identity: str, bands: Mapping[str, Raster], named: Mapping[str, Any]) -> ImageAsset:
    infos = tuple(
        BandInfo(
            name=name,
            dtype=raster.dtype,
            crs=code(raster.grid.crs),
            transform=tuple(raster.grid.transform)[:6],
            shape=(raster.grid.shape[1], raster.grid.shape[0]),
            pyramiding=raster.pyramiding,
        )
        for name, raster in bands.items()
    )
    first = next(iter(bands.values()))
    return ImageAsset(identity, infos, dict(named), _footprint(first), Reading(identity, bands))


@dataclass(frozen=True)
class Reading:
    """The reader of an image: its bands as rasters."""

    identity: str
    bands: Mapping[str, Raster]

    def __call__(self, name: str, grid: GeoBox, resampling: str) -> tuple[np.ndarray, np.ndarray]:
        """Values and mask of a band on a grid. Raises KeyError for a band that is not there."""
        if name not in self.bands:
            raise KeyError(f"{self.identity} has no band {name!r}; it has {', '.join(self.bands)}")
        return rasters.read(self.bands[name], grid, resampling)


def _footprint(raster: Raster) -> BaseGeometry:
    """Outline of the file in longitude and latitude."""
    height, width = raster.grid.shape
    corners = [raster.grid.transform @ corner for corner in ((0, 0), (0, height), (width, height), (width, 0))]
    return to_crs(Polygon(corners), WGS84, source=raster.grid.crs)


def _stamp(index: str, start: date, end: date) -> dict[str, Any]:
    return {
        "system:index": index,
        "system:time_start": _milliseconds(start),
        "system:time_end": _milliseconds(end),
    }


def _milliseconds(day: date) -> int:
    return round(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def _ends(dates: tuple[date, ...], cadence_days: int | None) -> list[date] | None:
    """Day after the last of each step; None where a single date leaves it open."""
    if cadence_days is not None:
        return [day + timedelta(days=cadence_days) for day in dates]
    if len(dates) < 2:
        return None
    before, last = dates[-2:]
    if (before.month, before.day) == (last.month, last.day):
        final = last.replace(year=last.year + (last.year - before.year))
    elif before.day == last.day == 1 and 28 <= (last - before).days <= 31:
        final = (last + timedelta(days=32)).replace(day=1)
    else:
        final = last + (last - before)
    return [*dates[1:], final]
