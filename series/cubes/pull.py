"""Pull pixels into a cube: many requests at the same time, resumable, and never twice.

A cube that is there costs no request. Of one that is not, parts that another cube has are copied, and the others are
requested: window by window, each kept in a file of its own until the cube is complete.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from series.class_names import flags
from series.cubes.delivery import Delivery
from series.cubes.exports import export_windows, groups_of
from series.cubes.layout import CubeAxis, begin_cube
from series.cubes.naming import Cube
from series.cubes.provenance import provenance
from series.cubes.requests import PixelRequest
from series.cubes.reuse import StoredPart, stored_parts
from series.cubes.shared_blocks import SIDE, from_blocks
from series.cubes.targets import ExportTarget
from series.cubes.tiles import Tile, tiles
from series.cubes.windows import gathered, pulled_file, requests_for, scratch_of
from series.errors import RequestFailed, Unavailable
from series.exclusive import exclusive
from series.service.batch import BatchTask
from series.service.many import at_the_same_time
from series.service.tally import counting

Progress = Callable[[int, int], None]
_log = logging.getLogger("drylands")


def pull(cube: Cube, progress: Progress | None = None, delivery: Delivery | None = None) -> Path:
    """Pull a cube and store it (Zarr), if it is not stored yet.

    Windows that a killed run has pulled are kept. If several runs want the same cube, one of them pulls it.

    Parameters
    ----------
    cube
        What is wanted, and where.
    progress
        Called with the numbers of finished and of all requests.
    delivery
        Which way the pixels come, without it by requests. The cube is the same.

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
                    content = _content(cube, progress or _unseen, (delivery or Delivery()).target_for(cube))
                    made = provenance(cube, content.counts, len(content.stored), tally, content.exports)
                _store(cube, content, made)
                shutil.rmtree(scratch_of(cube), ignore_errors=True)
    return cube.path


@dataclass(frozen=True)
class Content:
    """What a cube is put together from: the values of its first dimension by part, stored parts, and pulled pixels.

    `pulled` gives the pixels (image, y, x) of the requested parts in a window of the grid; None where none were.
    `exports` are the tasks that they came by; none if all were requested.
    """

    values: Mapping[int, tuple[Any, ...]]
    stored: Mapping[int, StoredPart]
    pulled: Callable[[Tile], np.ndarray] | None
    exports: Sequence[BatchTask] = ()

    @property
    def counts(self) -> list[int]:
        """The number of images of each part."""
        return [len(self.values[number]) for number in sorted(self.values)]


def _unseen(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def _content(cube: Cube, progress: Progress, target: ExportTarget | None) -> Content:
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
    exports = _all_windows(cube, counts, wanted, progress, target)
    return Content(values, stored, partial(gathered, cube, scratch_of(cube), wanted, missing, counts), exports)


def _all_windows(
    cube: Cube, counts: Sequence[int], wanted: Sequence[PixelRequest], progress: Progress, target: ExportTarget | None
) -> list[BatchTask]:
    """Have all windows on disk: by exports to a target, else by requests. The exports."""
    scratch, finished = scratch_of(cube), 0
    scratch.mkdir(parents=True, exist_ok=True)

    def done() -> None:
        nonlocal finished
        finished += 1
        progress(finished, len(wanted))

    progress(0, len(wanted))
    if target is not None:
        return export_windows(groups_of(cube, target, counts, scratch, wanted), done)
    for _ in at_the_same_time(partial(pulled_file, cube, counts, scratch), wanted):
        done()
    return []


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
        return gathered(block, home, wanted, missing, counts, Tile(0, 0, SIDE, SIDE))

    try:
        return from_blocks(cube, missing, cube.shared, ask)
    except Unavailable:
        raise
    except RequestFailed as error:
        _log.info("a block of %s was refused (%s); pulling the region alone", cube.name, error)
        return None


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
