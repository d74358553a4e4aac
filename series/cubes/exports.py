"""Pixels by batch exports: the windows of a cube, read from GeoTIFFs that the service wrote into a bucket.

A window has the same bytes as by a request: expression, packing and cells are the same.
"""

from __future__ import annotations

import logging
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ee

from series.cubes.geotiffs import opened_files
from series.cubes.naming import Cube
from series.cubes.packing import NO_FRACTION, NODATA, Packing
from series.cubes.requests import PixelRequest
from series.cubes.targets import ExportTarget
from series.cubes.tiles import Tile
from series.cubes.windows import dtype_of, file_of, grid_of, pulled_file
from series.errors import BucketRefused, RequestFailed, Unavailable
from series.service.batch import BatchTask, ended
from series.service.many import at_the_same_time
from series.service.storage import download, objects

#: Side of the tiles of a file in cells, as the service has it unless files are smaller.
TILE_SIDE = 256
#: Words of the service about a bucket that does not exist, or that an export may not write to.
OF_STORAGE = re.compile(r"\bbucket\b|storage\.(objects|buckets)|Cloud Storage|Exports are off", re.I)
_log = logging.getLogger("drylands")


@dataclass(frozen=True, eq=False)
class ExportGroup:
    """One export of a cube: the parts of the stack in it, the number of their images, and the windows it replaces.

    The images are those that a request has together (`series.cubes.requests`), over the whole grid.
    """

    cube: Cube
    target: ExportTarget
    counts: Sequence[int]
    scratch: Path
    parts: tuple[int, ...]
    requests: tuple[PixelRequest, ...]

    @property
    def images(self) -> int:
        """The number of bands."""
        return self.requests[0].images

    @property
    def left(self) -> list[PixelRequest]:
        """The windows that are not on disk yet."""
        return [each for each in self.requests if not file_of(self.scratch, each).exists()]

    @property
    def task(self) -> BatchTask:
        """Its task, not begun; the record has a name that a later run finds."""
        return BatchTask(self.scratch / f"export-{self.parts[0]}-{self.parts[-1]}.json", self.begin)

    def prefix(self, request: str) -> str:
        """The beginning of the names of its files: never the same for two attempts, whose files would mix."""
        return self.target.name(self.cube.path.stem, request)

    def begin(self, request: str) -> dict[str, Any]:
        """Start the export; the service's operation."""
        cube, (height, width) = self.cube, self.cube.geobox.shape
        body = {
            "expression": cube.packing.packed(cube.stack.bands(self.parts, self.counts)),
            "description": f"{cube.path.stem} {request}",
            "grid": grid_of(cube.geobox, Tile(0, 0, height, width)),
            "maxPixels": {"value": str(height * width * self.images)},
            "fileExportOptions": self._file_options(request),
        }
        return dict(ee.data.exportImage(request, body))

    def _file_options(self, request: str) -> dict[str, Any]:
        side = self.target.file_side
        number = NODATA if isinstance(self.cube.packing, Packing) else NO_FRACTION
        tiff: dict[str, Any] = {"cloudOptimized": True, "noData": {"floatValue": number}}
        if side is not None:
            tiff |= {"tileSize": {"value": min(side, TILE_SIDE)}, "tileDimensions": {"width": side, "height": side}}
        return {
            "fileFormat": "GEO_TIFF",
            "cloudStorageDestination": {"bucket": self.target.bucket, "filenamePrefix": self.prefix(request)},
            "geoTiffOptions": tiff,
        }

    def request_instead(self, done: Callable[[], None]) -> None:
        """Request the windows that are not on disk."""
        _log.warning("%s: the service cannot export this much together; it is requested", self.cube.path.name)
        for _ in at_the_same_time(lambda each: pulled_file(self.cube, self.counts, self.scratch, each), self.left):
            done()

    def read(self, request: str, done: Callable[[], None]) -> bool:
        """Write the windows that are not on disk from the files of the export; False if the bucket has none."""
        files = objects(self.target.bucket, self.prefix(request))
        if not files:
            return False
        folder = self.scratch / request
        folder.mkdir(exist_ok=True)
        paths = [download(each, folder / each.name.rpartition("/")[2]) for each in files]
        with opened_files(paths, self.cube.geobox, dtype_of(self.cube.packing)) as opened:
            for each in self.left:
                pulled_file(self.cube, self.counts, self.scratch, each, opened.window)
                done()
        shutil.rmtree(folder, ignore_errors=True)
        return True


@contextmanager
def _bucket_named() -> Iterator[None]:
    """Raise BucketRefused for a failure at the bucket: no variable may be left out of a run for that."""
    try:
        yield
    except Unavailable:
        raise
    except RequestFailed as error:
        if OF_STORAGE.search(str(error)):
            raise BucketRefused(
                f"{error}. Check --export-to; the account needs the role Storage Object User "
                f"(roles/storage.objectUser) on the bucket"
            ) from error
        raise


def groups_of(
    cube: Cube, target: ExportTarget, counts: Sequence[int], scratch: Path, requests: Sequence[PixelRequest]
) -> list[ExportGroup]:
    """The exports that replace requests: one for the parts that requests have together."""
    found: dict[tuple[int, ...], list[PixelRequest]] = {}
    for each in requests:
        found.setdefault(each.parts, []).append(each)
    return [ExportGroup(cube, target, counts, scratch, parts, tuple(own)) for parts, own in found.items()]


def export_windows(groups: Sequence[ExportGroup], done: Callable[[], None]) -> list[BatchTask]:
    """Write the files of all windows from exports; `done` is called for each. The tasks whose pixels were used.

    A killed run looks at the same operations and continues downloads. What is too big for an export is requested.
    Raises BucketRefused for a bucket that cannot be read, and the errors of the request layer.
    """
    by_task = {group.task: group for group in groups}
    for group in groups:
        for _ in range(len(group.requests) - len(group.left)):
            done()
    with _bucket_named():
        for task in ended([*by_task]):
            group = by_task[task]
            if task.too_big:
                group.request_instead(done)
            elif group.left and not group.read(task.request, done):
                task.again(f"gs://{group.target.bucket} does not have its files")
    return [task for task in by_task if not task.too_big]
