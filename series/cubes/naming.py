"""A cube that is wanted, and its name: the digest of all that it follows from, computed without a request.

The version of the package is no part of the name: a new release reads the cubes of the one before.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from odc.geo.geobox import GeoBox
from shapely.geometry.base import BaseGeometry

from series.cubes.packing import Fractions, Packing, packing_of
from series.datasets import Dataset
from series.stack import Stack

#: Number of the format of cubes. Raise it by hand when `series.cubes` writes other values, dimensions, coordinates or
#: attributes for the same expression: all cubes are then pulled again, once.
FORMAT = 3
#: Longest side of a grid that is read from shared blocks, cells. Larger ones are pulled on their own.
LARGEST_SHARED = 128


@dataclass(frozen=True, eq=False)
class Cube:
    """A cube that is wanted, whether it is stored or not.

    `name` is that of its variable and the start of its file name; `geobox` its grid, EPSG:4326; `store` the folder for
    it. `origin` and `fingerprint` distinguish sources with the same assets; `kind` is the kind of annual value. Only
    cells within one cell of `outline` are pulled. A small grid is read from the blocks in the folder `shared` (see
    `series.cubes.shared_blocks`).
    """

    stack: Stack
    name: str
    geobox: GeoBox
    dataset: Dataset
    store: Path
    origin: str
    fingerprint: str = ""
    kind: str | None = None
    outline: BaseGeometry | None = None
    shared: Path | None = None

    @property
    def packing(self) -> Packing | Fractions:
        """How its values are sent."""
        return packing_of(self.dataset, self.kind)

    @property
    def reach(self) -> BaseGeometry | None:
        """The outline that requests follow; None where all cells are requested, as from shared blocks."""
        return None if self.small and self.shared is not None else self.outline

    @property
    def small(self) -> bool:
        """Whether the grid is small enough for shared blocks."""
        return max(self.geobox.shape) <= LARGEST_SHARED

    @cached_property
    def base(self) -> str:
        """The digest of what all cubes have in common that can take over parts from each other."""
        outline = "" if self.reach is None else hashlib.sha256(self.reach.wkb).hexdigest()
        identity = {
            "source": [self.origin, self.fingerprint],
            "grid": [str(self.geobox.crs), [round(v, 12) for v in tuple(self.geobox.affine)[:6]], [*self.geobox.shape]],
            "outline": outline,
            "dataset": self.dataset.identity(),
            "kind": self.kind,
            "format": FORMAT,
        }
        return _digest(identity)

    @cached_property
    def digest(self) -> str:
        """The digest that names it."""
        return _digest([self.base, *self.stack.digests])

    @property
    def path(self) -> Path:
        """Its Zarr store, whether it exists or not."""
        return self.store / f"{self.name}-{self.digest[:12]}.zarr"

    def on(self, geobox: GeoBox) -> Cube:
        """The same on another grid, all of its cells."""
        return replace(self, geobox=geobox, outline=None, shared=None)


def _digest(identity: Any) -> str:
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
