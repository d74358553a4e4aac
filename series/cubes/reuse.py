"""Parts of cubes that are stored already: a new year of a record does not ask for the years before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
import zarr

from series.cubes.naming import Cube


@dataclass(frozen=True)
class StoredPart:
    """A part of a cube in another one: the store, and the positions of its images along the first dimension."""

    path: Path
    variable: str
    first: int
    count: int

    def values(self, dimension: str) -> tuple[Any, ...]:
        """Its values on the first dimension, as a stack has them."""
        with xr.open_zarr(self.path, consolidated=False, chunks=None) as cube:
            found = cube[dimension].values[self.first : self.first + self.count]
        return tuple(found.astype("datetime64[D]").tolist() if dimension == "time" else found.tolist())

    def read(self, window: tuple[slice, slice]) -> np.ndarray:
        """Its pixels (image, y, x) in a window of the grid."""
        array = zarr.open_array(self.path / self.variable, mode="r")
        return np.asarray(array[(slice(self.first, self.first + self.count), *window)])


def stored_parts(cube: Cube) -> Mapping[int, StoredPart]:
    """The parts of a cube that other cubes in its store have, by number. Stores that cannot be read have none."""
    if cube.stack.dimension is None:
        return {}
    wanted = {digest: number for number, digest in enumerate(cube.stack.digests)}
    found: dict[int, StoredPart] = {}
    for path in sorted(cube.store.glob(f"{cube.name}-*.zarr")):
        first = 0
        for digest, count in _parts_of(path, cube.base):
            if digest in wanted:
                found.setdefault(wanted[digest], StoredPart(path, cube.name, first, count))
            first += count
    return found


def _parts_of(path: Path, base: str) -> list[tuple[str, int]]:
    """Digests and numbers of images of the parts of a stored cube, if it has the same base."""
    try:
        attrs = json.loads((path / ".zattrs").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if attrs.get("base") != base:
        return []
    return [(digest, count) for digest, count in json.loads(attrs["parts"])]
